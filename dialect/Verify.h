//===- Verify.h - Shape checks that verifiers share -------------*- C++ -*-===//
#ifndef ATTUNE_DIALECT_VERIFY_H
#define ATTUNE_DIALECT_VERIFY_H

#include "dialect/Shape.h"

namespace attune {

/// The extents of a tensor, memref or scores type; an unknown one is the dim
/// `?`.
llvm::SmallVector<Extent> extentsOf(mlir::Type type);

/// False where two extents differ as polynomials; an unknown one agrees with
/// every other.
bool agree(const Extent &a, const Extent &b);

/// Whether all arrays of an op are tensors: true up to bufferize. Layouts are
/// free after it (packed weights, views), so shapes are checked on tensors.
bool onTensors(mlir::Operation *op);

/// An error naming constraint `label`, unless `actual` agrees with `expected`
/// in rank and in each extent.
mlir::LogicalResult checkShape(mlir::Operation *op, llvm::StringRef label,
                               llvm::StringRef what,
                               llvm::ArrayRef<Extent> actual,
                               llvm::ArrayRef<Extent> expected);

/// An error unless `type` has `rank` axes.
mlir::LogicalResult checkRank(mlir::Operation *op, llvm::StringRef label,
                              llvm::StringRef what, mlir::Type type,
                              int64_t rank);

/// An error unless `heads` is a multiple of `groups`, where both are constant.
mlir::LogicalResult checkHeads(mlir::Operation *op, llvm::StringRef label,
                               const Extent &heads, const Extent &groups);

} // namespace attune

#endif // ATTUNE_DIALECT_VERIFY_H
