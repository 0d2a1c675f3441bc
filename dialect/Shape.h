//===- Shape.h - Symbolic shapes of tensor types ----------------*- C++ -*-===//
#ifndef ATTUNE_DIALECT_SHAPE_H
#define ATTUNE_DIALECT_SHAPE_H

#include "dialect/Extent.h"
#include "llvm/ADT/SmallVector.h"

namespace attune {

/// The extents of a tensor type: its static sizes, and for dynamic ones the
/// `#attune.shape` encoding. A dynamic extent without encoding is the dim `?`.
llvm::SmallVector<Extent> symbolicShape(mlir::RankedTensorType type);

/// The extents of a shape attribute.
llvm::SmallVector<Extent> symbolicShape(ShapeAttr shape);

/// The tensor type of these extents: constants are static, and the encoding is
/// there iff some extent is not constant.
mlir::RankedTensorType makeTensorType(llvm::ArrayRef<Extent> extents,
                                      mlir::Type element,
                                      mlir::MLIRContext *context);

/// The shape attribute of these extents.
ShapeAttr makeShapeAttr(llvm::ArrayRef<Extent> extents,
                        mlir::MLIRContext *context);

using OptionalShape = std::optional<llvm::SmallVector<Extent>>;

/// numpy broadcasting of two shapes: only a literal 1 stretches, never a dim
/// that may be 1. Nothing when they do not fit.
OptionalShape broadcastShapes(llvm::ArrayRef<Extent> a,
                              llvm::ArrayRef<Extent> b);

/// "[B, T, 48]".
std::string shapeText(llvm::ArrayRef<Extent> extents);

} // namespace attune

#endif // ATTUNE_DIALECT_SHAPE_H
