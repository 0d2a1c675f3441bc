//===- RegionBounds.h - What a mask can be over ranges of its indices -----===//

#ifndef ATTUNE_CODEGEN_CPU_REGIONBOUNDS_H
#define ATTUNE_CODEGEN_CPU_REGIONBOUNDS_H

#include "codegen/cpu/LoopBuilder.h"
#include "dialect/Attune.h"
#include <optional>

namespace attune {

/// A value of a mask region for some range of its arguments: an integer (i64)
/// between `low` and `high`; a condition (i1) that surely holds if `low` and
/// may hold if `high`.
struct Bounds {
  mlir::Value low, high;
};

/// Computes at the insertion point of `loops` what the body of a mask yields
/// for ranges of its arguments, by interval arithmetic on the ops that
/// carriesBounds() of passes/MaskSummary.h names.
class RegionBounds {
public:
  RegionBounds(LoopBuilder &loops, mlir::Region &region)
      : loops(loops), region(region) {}

  /// Evaluates what depends only on arguments that are one number.
  void evaluateScalars();
  /// The index of `capture` that is none of those: the query or the key.
  mlir::Value varyingIndexOf(CaptureOp capture);
  /// The indices of `capture`, with `varying` for that one.
  llvm::SmallVector<mlir::Value> indicesOf(CaptureOp capture,
                                           mlir::Value varying);

  /// An argument that is one number, i32.
  void bind(unsigned argument, mlir::Value scalar);
  /// An argument between `low` and `high`, i32.
  void bind(unsigned argument, mlir::Value low, mlir::Value high);
  /// What an array has at the indices in question, i32; booleans as 0 and 1;
  /// of an array of i64 the bounds that are the limits of i32 are open.
  void bind(CaptureOp capture, mlir::Value low, mlir::Value high);

  /// Of the condition that the region yields.
  Bounds evaluate();

private:
  std::optional<mlir::Value> scalarOf(mlir::Value value);
  std::optional<Bounds> boundsOf(mlir::Value value);
  /// Of a condition, which always has some.
  Bounds conditionOf(mlir::Value value);
  bool evaluateScalar(mlir::Operation &op);
  std::optional<Bounds> combine(mlir::Operation &op);
  Bounds compare(mlir::arith::CmpIPredicate predicate, Bounds a, Bounds b);
  Bounds add(Bounds a, Bounds b);
  mlir::Value widen(mlir::Value value);
  mlir::Value logicalNot(mlir::Value value);
  mlir::Value integer(int64_t value);
  mlir::Value flag(bool value);
  template <typename Op> mlir::Value make(mlir::Value a, mlir::Value b) {
    return loops.builder.createOrFold<Op>(loops.loc, a, b);
  }

  LoopBuilder &loops;
  mlir::Region &region;
  llvm::DenseMap<mlir::Value, mlir::Value> scalars;
  llvm::DenseMap<mlir::Value, Bounds> known;
};

} // namespace attune

#endif
