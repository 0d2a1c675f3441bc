//===- KeyIntervals.h - Intervals of keys in IR (internal) ------*- C++ -*-===//
#ifndef ATTUNE_PASSES_KEYINTERVALS_H
#define ATTUNE_PASSES_KEYINTERVALS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

namespace attune {

/// Keys [lo, hi), index values; empty when lo >= hi.
struct Interval {
  mlir::Value lo, hi;
};

/// Keys that some query may attend to, and keys that all do.
struct Part {
  Interval possible, certain;
};

/// One part, or two that do not overlap in the order of their keys; empty ones
/// anywhere.
using Decision = llvm::SmallVector<Part, 2>;

/// Emits arithmetic on intervals of the keys [0, nk).
struct KeyIntervals {
  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::Value nk;

  mlir::Value constant(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(builder, loc, value);
  }
  mlir::Value min(mlir::Value a, mlir::Value b) {
    return builder.createOrFold<mlir::arith::MinSIOp>(loc, a, b);
  }
  mlir::Value max(mlir::Value a, mlir::Value b) {
    return builder.createOrFold<mlir::arith::MaxSIOp>(loc, a, b);
  }

  Interval all() { return {constant(0), nk}; }
  bool isAll(Interval interval) {
    return mlir::getConstantIntValue(interval.lo) == 0 && interval.hi == nk;
  }
  Interval none() { return {constant(0), constant(0)}; }
  Interval intersect(Interval a, Interval b) {
    return {max(a.lo, b.lo), min(a.hi, b.hi)};
  }
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b) {
    return builder.createOrFold<mlir::arith::SelectOp>(loc, condition, a, b);
  }
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, mlir::Value a,
                      mlir::Value b) {
    return builder.createOrFold<mlir::arith::CmpIOp>(loc, predicate, a, b);
  }
  mlir::Value add(mlir::Value a, mlir::Value b) {
    return builder.createOrFold<mlir::arith::AddIOp>(loc, a, b);
  }
  mlir::Value scale(mlir::Value a, int64_t factor) {
    return factor == 1 ? a
                       : builder.createOrFold<mlir::arith::MulIOp>(
                             loc, a, constant(factor));
  }
  Part collapse(const Decision &decision);
  Decision unite(const Part &a, const Part &b);
  Interval hull(Interval a, Interval b);
  Interval join(Interval a, Interval b);
};

} // namespace attune

#endif // ATTUNE_PASSES_KEYINTERVALS_H
