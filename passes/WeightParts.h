//===- WeightParts.h - Weights that can be packed at load -------*- C++ -*-===//
#ifndef ATTUNE_PASSES_WEIGHTPARTS_H
#define ATTUNE_PASSES_WEIGHTPARTS_H

#include "mlir/IR/Value.h"

namespace attune {

/// Leading extents of slices of weights that are multiples of this start and
/// end where panels do, whatever the target's panel width (at most 64).
inline constexpr int64_t rowGranule = 64;

/// True when `value` is a tensor that plan can have packed when weights are
/// loaded: an `attune.param`, or whole panels of one along the first axis.
bool isPackableWeight(mlir::Value value);

} // namespace attune

#endif // ATTUNE_PASSES_WEIGHTPARTS_H
