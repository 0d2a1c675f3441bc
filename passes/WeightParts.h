//===- WeightParts.h - Weights that can be packed at load -------*- C++ -*-===//
#ifndef ATTUNE_PASSES_WEIGHTPARTS_H
#define ATTUNE_PASSES_WEIGHTPARTS_H

#include "dialect/Attune.h"

#include <optional>

namespace attune {

/// Rows [first, end) of a weight along its first axis.
struct WeightRows {
  ParamOp param;
  int64_t first = 0, end = 0;

  /// Rows of the whole weight.
  int64_t total() const;
  /// True when the rows start and end where panels of `width` rows do; the last
  /// panel may be short.
  bool isAligned(int64_t width) const;
};

/// What `value` is when it is a static tensor that plan can have packed when
/// weights are loaded: an `attune.param`, or rows of one (a slice of slices).
std::optional<WeightRows> getWeightRows(mlir::Value value);

/// True when `bias` can be padded to the panels of `weight` when weights are
/// loaded: whole panels both, or the same rows of two weights.
bool isPackableBias(mlir::Value bias, mlir::Value weight, int64_t width);

/// These rows as a tensor: the param itself, or a slice of it.
mlir::Value makeWeightRows(mlir::OpBuilder &builder, mlir::Location loc,
                           const WeightRows &rows);

/// The width of the GEMM panels that `op`'s module packs weights into: two
/// vectors of its `attune.target`, or `fallback` when it has none.
int64_t getPanelWidth(mlir::Operation *op, int64_t fallback);

/// A multiple of every target's panel width: what whole panels are before the
/// target is known.
inline constexpr int64_t widestPanel = 64;

} // namespace attune

#endif // ATTUNE_PASSES_WEIGHTPARTS_H
