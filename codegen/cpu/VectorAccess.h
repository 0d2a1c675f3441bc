//===- VectorAccess.h - Vectors of an array with a bound on columns -------===//

#ifndef ATTUNE_CODEGEN_CPU_VECTORACCESS_H
#define ATTUNE_CODEGEN_CPU_VECTORACCESS_H

#include "codegen/cpu/LoopBuilder.h"

namespace attune {

/// Reads or writes vectors of one array with an optional bound on columns.
class VectorAccess {
public:
  VectorAccess(LoopBuilder &loops, mlir::Value memref, int64_t width,
               mlir::Value bound)
      : loops(loops), memref(memref), width(width), bound(bound),
        contiguous(
            hasUnitStride(llvm::cast<mlir::MemRefType>(memref.getType()))) {}

  mlir::Value load(llvm::ArrayRef<mlir::Value> indices);
  void store(mlir::Value vector, llvm::ArrayRef<mlir::Value> indices);
  /// How many of the lanes from `column` on lie below the bound, if known.
  std::optional<int64_t> knownLanes(mlir::Value column) const {
    if (!bound)
      return width;
    auto first = mlir::getConstantIntValue(column),
         limit = mlir::getConstantIntValue(bound);
    if (!first || !limit)
      return std::nullopt;
    return std::clamp<int64_t>(*limit - *first, 0, width);
  }
  /// The mask of the lanes below the bound, null when all are.
  mlir::Value mask(mlir::Value column);
  mlir::Value load(llvm::ArrayRef<mlir::Value> indices, mlir::Value mask);

private:
  mlir::Value zero() { return loops.splat(0.0, width); }

  LoopBuilder &loops;
  mlir::Value memref;
  int64_t width;
  mlir::Value bound;
  bool contiguous;
};

} // namespace attune

#endif
