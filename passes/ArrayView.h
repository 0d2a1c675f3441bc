//===- ArrayView.h - A strided view of a buffer -----------------*- C++ -*-===//
#ifndef ATTUNE_PASSES_ARRAYVIEW_H
#define ATTUNE_PASSES_ARRAYVIEW_H

#include "dialect/Extent.h"
#include "passes/ExtentValues.h"

#include <optional>

namespace attune {

/// A view of a contiguous buffer: element (i, j, ...) is at offset +
/// strides[0] * i + strides[1] * j + ... elements, all of them symbolic.
struct ArrayView {
  /// A memref without a layout (C-contiguous), and its shape.
  mlir::Value base;
  llvm::SmallVector<Extent> baseShape;
  llvm::SmallVector<Extent> shape;
  Extent offset;
  llvm::SmallVector<Extent> strides;

  /// All of `base`, which holds `shape`; nothing on overflow.
  static std::optional<ArrayView> all(mlir::Value base,
                                      llvm::ArrayRef<Extent> shape);

  /// Axis i of the result is axis permutation[i] of this.
  ArrayView transposed(llvm::ArrayRef<int64_t> permutation) const;

  /// `size` elements of `axis` from `first` on; nothing on overflow.
  std::optional<ArrayView> sliced(int64_t axis, const Extent &first,
                                  const Extent &size) const;

  /// The same elements in row-major order with another shape of the same
  /// product; nothing when no strides describe it.
  std::optional<ArrayView> reshaped(llvm::ArrayRef<Extent> newShape) const;

  /// [.., T, H * E] -> [.., H, T, E].
  std::optional<ArrayView> headSplit(int64_t heads) const;

  /// [.., H, T, E] -> [.., T, H * E]; nothing when no strides describe it.
  std::optional<ArrayView> headMerged() const;

  /// True when neighbours along the last axis are neighbours in memory.
  bool hasUnitInnerStride() const;

  bool operator==(const ArrayView &other) const;

  /// The view as a memref: `base` itself when it is all of it, else a
  /// `memref.reinterpret_cast` at the builder's position.
  mlir::Value materialize(mlir::OpBuilder &builder, mlir::Location loc,
                          ExtentValues &extents) const;
};

/// The strides of a contiguous array; nothing on overflow.
std::optional<llvm::SmallVector<Extent>>
contiguousStrides(llvm::ArrayRef<Extent> shape);

} // namespace attune

#endif // ATTUNE_PASSES_ARRAYVIEW_H
