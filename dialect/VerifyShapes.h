//===- VerifyShapes.h - What the verifiers share (internal) -----*- C++ -*-===//
#ifndef ATTUNE_DIALECT_VERIFYSHAPES_H
#define ATTUNE_DIALECT_VERIFYSHAPES_H

#include "dialect/Shape.h"

namespace attune {

/// The symbolic shape of a tensor; nothing for a memref, whose symbols are
/// gone: rules on shapes hold at the import stage and are kept by the passes.
OptionalShape tensorShape(mlir::Value value);

/// The rank of a tensor or memref.
int64_t rankOf(mlir::Value value);

/// The element type of a tensor or memref.
mlir::Type elementOf(mlir::Value value);

/// (C2) of ops that compute in f32: all values are f32 arrays, or absent.
mlir::LogicalResult verifyF32(mlir::Operation *op,
                              llvm::ArrayRef<mlir::Value> values);

/// (C1) of every array op: one result on tensors, a destination on memrefs.
mlir::LogicalResult verifyDestination(mlir::Operation *op, mlir::Value result,
                                      mlir::Value init);

/// What an array op makes: its result, or its destination.
inline mlir::Value madeArray(mlir::Value result, mlir::Value init) {
  return result ? result : init;
}

/// Fails at `op` unless the two shapes are equal, naming both.
mlir::LogicalResult verifySameShape(mlir::Operation *op,
                                    llvm::StringRef constraint,
                                    llvm::StringRef what,
                                    llvm::ArrayRef<Extent> expected,
                                    llvm::ArrayRef<Extent> given);

/// Both sizes are known and differ.
inline bool differ(int64_t a, int64_t b) {
  return a != b && !mlir::ShapedType::isDynamic(a) &&
         !mlir::ShapedType::isDynamic(b);
}

/// `part` heads share `heads` heads evenly, as far as both are known.
inline bool dividesHeads(int64_t part, int64_t heads) {
  return mlir::ShapedType::isDynamic(part) ||
         mlir::ShapedType::isDynamic(heads) || (part > 0 && heads % part == 0);
}

/// The scores have the sizes [B, H, Tq, Tk] of `extents`, dynamic ones unknown.
bool hasSizes(ScoresType scores, ShapeAttr extents);

/// The region of a mask (no score) or of a score function: the types of its
/// arguments and of what it yields.
mlir::LogicalResult verifyIndexRegion(mlir::Operation *op, mlir::Region &region,
                                      bool hasScore, bool yieldsNumber);

} // namespace attune

#endif // ATTUNE_DIALECT_VERIFYSHAPES_H
