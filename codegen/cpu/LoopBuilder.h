//===- LoopBuilder.h - Short hand for loops and index arithmetic ----------===//

#ifndef ATTUNE_CODEGEN_CPU_LOOPBUILDER_H
#define ATTUNE_CODEGEN_CPU_LOOPBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace attune {

/// Builds index arithmetic (folded while built), loops and vector memory
/// access at the builder's insertion point. Indices are signed and small enough
/// not to overflow: they count elements of arrays that exist.
struct LoopBuilder {
  mlir::OpBuilder &builder;
  mlir::Location loc;

  using Value = mlir::Value;
  using Body = llvm::function_ref<void(Value)>;
  using CarryBody =
      llvm::function_ref<llvm::SmallVector<Value>(Value, mlir::ValueRange)>;

  Value constant(int64_t value);
  Value add(Value lhs, Value rhs);
  Value add(Value lhs, int64_t rhs) { return add(lhs, constant(rhs)); }
  Value sub(Value lhs, Value rhs);
  Value mul(Value lhs, Value rhs);
  Value mul(Value lhs, int64_t rhs) { return mul(lhs, constant(rhs)); }
  /// Quotients and remainders of operands that are not negative.
  Value div(Value lhs, Value rhs);
  Value div(Value lhs, int64_t rhs) { return div(lhs, constant(rhs)); }
  Value rem(Value lhs, Value rhs);
  Value rem(Value lhs, int64_t rhs) { return rem(lhs, constant(rhs)); }
  Value ceilDiv(Value lhs, Value rhs);
  Value ceilDiv(Value lhs, int64_t rhs) { return ceilDiv(lhs, constant(rhs)); }
  Value roundUp(Value value, int64_t multiple) {
    return mul(ceilDiv(value, multiple), multiple);
  }
  Value min(Value lhs, Value rhs);
  Value max(Value lhs, Value rhs);
  Value compare(mlir::arith::CmpIPredicate predicate, Value lhs, Value rhs);
  Value less(Value lhs, Value rhs) {
    return compare(mlir::arith::CmpIPredicate::slt, lhs, rhs);
  }
  Value select(Value condition, Value then, Value otherwise) {
    return mlir::arith::SelectOp::create(builder, loc, condition, then,
                                         otherwise);
  }
  /// An index as i32, as mask and score regions see it.
  Value toI32(Value index);

  /// for i in [lower, upper) by step.
  void forEach(Value lower, Value upper, int64_t step, Body body);
  llvm::SmallVector<Value> forEach(Value lower, Value upper, int64_t step,
                                   mlir::ValueRange inits, CarryBody body);
  /// A parallel loop over tasks [0, count).
  void parallel(Value count, Body body);
  void ifThen(Value condition, llvm::function_ref<void()> body);
  void ifThenElse(Value condition, llvm::function_ref<void()> then,
                  llvm::function_ref<void()> otherwise);

  /// The extent of a dimension of a memref: a constant when it is static.
  Value extent(Value memref, int64_t axis);
  /// The rank-2 view of the last two dimensions at `leading` indices.
  Value matrixAt(Value memref, mlir::ValueRange leading);
  /// The view of the last dimensions, as many as `sizes`, that starts at
  /// `origin` (one index for each dimension). The address of its first element
  /// is computed here, not where elements are read.
  Value window(Value memref, mlir::ValueRange origin,
               llvm::ArrayRef<mlir::OpFoldResult> sizes);
  /// A view of `sizes` elements, row-major, that starts `offset` elements after
  /// the base of the contiguous `memref`.
  Value carve(Value memref, Value offset,
              llvm::ArrayRef<mlir::OpFoldResult> sizes);
  /// The first element of the running worker's row of `scratch`, [workers, n].
  Value workerOffset(Value scratch);

  mlir::VectorType vectorType(int64_t width) {
    return mlir::VectorType::get({width}, builder.getF32Type());
  }
  Value scalar(double value);
  Value splat(double value, int64_t width);
  Value broadcast(Value value, int64_t width);
  /// 0, 1, ..., width - 1 as i32.
  Value lanes(int64_t width);
  Value loadVector(Value memref, mlir::ValueRange indices, int64_t width);
  void storeVector(Value vector, Value memref, mlir::ValueRange indices);
  Value load(Value memref, mlir::ValueRange indices);
  void store(Value value, Value memref, mlir::ValueRange indices);
  /// rhs > lhs ? rhs : lhs, one instruction on x86; a NaN in rhs is ignored.
  Value maximum(Value lhs, Value rhs);
};

/// Whether the last dimension of `memref` is known to be contiguous.
bool hasUnitStride(mlir::MemRefType type);

} // namespace attune

#endif
