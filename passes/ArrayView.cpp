//===- ArrayView.cpp - A strided view of a buffer ---------------*- C++ -*-===//
#include "passes/ArrayView.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace attune;

static bool isConstant(const Extent &extent, int64_t value) {
  return extent.isConstant() && *extent.asConstant() == value;
}

static int64_t staticOrDynamic(const Extent &extent) {
  return extent.isConstant() ? *extent.asConstant() : ShapedType::kDynamic;
}

std::optional<SmallVector<Extent>>
attune::contiguousStrides(ArrayRef<Extent> shape) {
  SmallVector<Extent> strides(shape.size());
  Extent stride = Extent::constant(1);
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    std::optional<Extent> next = stride * shape[i];
    if (!next)
      return std::nullopt;
    stride = *next;
  }
  return strides;
}

std::optional<ArrayView> ArrayView::all(Value base, ArrayRef<Extent> shape) {
  std::optional<SmallVector<Extent>> strides = contiguousStrides(shape);
  if (!strides)
    return std::nullopt;
  return ArrayView{base, llvm::to_vector(shape), llvm::to_vector(shape),
                   Extent::constant(0), std::move(*strides)};
}

ArrayView ArrayView::transposed(ArrayRef<int64_t> permutation) const {
  ArrayView result{base, baseShape, {}, offset, {}};
  for (int64_t axis : permutation) {
    result.shape.push_back(shape[axis]);
    result.strides.push_back(strides[axis]);
  }
  return result;
}

std::optional<ArrayView> ArrayView::sliced(int64_t axis, const Extent &first,
                                           const Extent &size) const {
  std::optional<Extent> skipped = first * strides[axis];
  std::optional<Extent> newOffset;
  if (skipped)
    newOffset = offset + *skipped;
  if (!newOffset)
    return std::nullopt;
  ArrayView result = *this;
  result.offset = *newOffset;
  result.shape[axis] = size;
  return result;
}

// numpy's rule on polynomials: runs of old axes and runs of new axes with equal
// products are matched from the left; the axes of an old run must be contiguous
// among themselves. Extents that are equal only for some values of the dims do
// not match: the caller copies.
std::optional<ArrayView> ArrayView::reshaped(ArrayRef<Extent> newShape) const {
  if (newShape == ArrayRef<Extent>(shape))
    return *this;
  ArrayView result{base, baseShape, llvm::to_vector(newShape), offset, {}};
  std::optional<SmallVector<Extent>> contiguous = contiguousStrides(newShape);
  if (contiguousStrides(shape) == strides && contiguous) {
    result.strides = *contiguous;
    return result;
  }
  SmallVector<Extent> oldShape, oldStrides;
  for (auto [extent, stride] : llvm::zip(shape, strides)) {
    // Nothing is ever read through the strides of an empty array.
    if (isConstant(extent, 0) && contiguous) {
      result.strides = *contiguous;
      return result;
    }
    if (isConstant(extent, 1))
      continue;
    oldShape.push_back(extent);
    oldStrides.push_back(stride);
  }

  result.strides.assign(newShape.size(), Extent::constant(1));
  size_t i = 0, j = 0;
  while (j < newShape.size()) {
    if (isConstant(newShape[j], 1)) {
      ++j;
      continue;
    }
    if (i == oldShape.size())
      return std::nullopt;
    size_t oldEnd = i + 1, newEnd = j + 1;
    Extent oldProduct = oldShape[i], newProduct = newShape[j];
    while (!(oldProduct == newProduct)) {
      // The new run grows while it divides the old one, else the old one grows.
      bool growNew = newEnd < newShape.size() &&
                     oldProduct.exactlyDividedBy(newProduct).has_value();
      std::optional<Extent> product;
      if (growNew)
        product = newProduct * newShape[newEnd];
      else if (oldEnd < oldShape.size())
        product = oldProduct * oldShape[oldEnd];
      if (!product)
        return std::nullopt;
      (growNew ? newProduct : oldProduct) = *product;
      ++(growNew ? newEnd : oldEnd);
    }
    for (size_t axis = i; axis + 1 < oldEnd; ++axis) {
      std::optional<Extent> step = oldShape[axis + 1] * oldStrides[axis + 1];
      if (!step || !(*step == oldStrides[axis]))
        return std::nullopt;
    }
    Extent stride = oldStrides[oldEnd - 1];
    for (size_t axis = newEnd; axis-- > j;) {
      result.strides[axis] = stride;
      std::optional<Extent> next = stride * newShape[axis];
      if (!next)
        return std::nullopt;
      stride = *next;
    }
    i = oldEnd;
    j = newEnd;
  }
  // Left over: only axes of extent 1, which were dropped above.
  return i == oldShape.size() ? std::optional<ArrayView>(result) : std::nullopt;
}

std::optional<ArrayView> ArrayView::headSplit(int64_t heads) const {
  size_t rank = shape.size();
  std::optional<Extent> width =
      shape[rank - 1].exactlyDividedBy(Extent::constant(heads));
  std::optional<Extent> headStride;
  if (width)
    headStride = *width * strides[rank - 1];
  if (!headStride)
    return std::nullopt;
  ArrayView result = *this;
  result.shape[rank - 1] = *width;
  result.shape.insert(result.shape.begin() + (rank - 2),
                      Extent::constant(heads));
  result.strides.insert(result.strides.begin() + (rank - 2), *headStride);
  return result;
}

std::optional<ArrayView> ArrayView::headMerged() const {
  // [.., H, T, E] -> [.., T, H, E] -> [.., T, H * E].
  size_t rank = shape.size();
  SmallVector<int64_t> permutation =
      llvm::to_vector(llvm::seq<int64_t>(0, static_cast<int64_t>(rank)));
  std::swap(permutation[rank - 3], permutation[rank - 2]);
  ArrayView swapped = transposed(permutation);
  std::optional<Extent> width = shape[rank - 3] * shape[rank - 1];
  if (!width)
    return std::nullopt;
  SmallVector<Extent> merged(swapped.shape.begin(), swapped.shape.end() - 2);
  merged.push_back(*width);
  return swapped.reshaped(merged);
}

bool ArrayView::hasUnitInnerStride() const {
  return shape.empty() || isConstant(shape.back(), 1) ||
         isConstant(strides.back(), 1);
}

bool ArrayView::operator==(const ArrayView &other) const {
  return base == other.base && shape == other.shape && offset == other.offset &&
         strides == other.strides;
}

Value ArrayView::materialize(OpBuilder &builder, Location loc,
                             ExtentValues &extents) const {
  auto baseType = cast<MemRefType>(base.getType());
  SmallVector<int64_t> sizes = llvm::map_to_vector(shape, staticOrDynamic);
  std::optional<SmallVector<Extent>> contiguous = contiguousStrides(shape);
  bool isPlain = isConstant(offset, 0) && contiguous && *contiguous == strides;
  if (isPlain && shape == baseShape)
    return base;
  SmallVector<OpFoldResult> foldedSizes, foldedStrides;
  for (const Extent &extent : shape)
    foldedSizes.push_back(extents.getFolded(extent));
  for (const Extent &stride : strides)
    foldedStrides.push_back(extents.getFolded(stride));
  MemRefType type;
  if (isPlain)
    type = MemRefType::get(sizes, baseType.getElementType());
  else
    type = MemRefType::get(
        sizes, baseType.getElementType(),
        StridedLayoutAttr::get(builder.getContext(), staticOrDynamic(offset),
                               llvm::map_to_vector(strides, staticOrDynamic)));
  return memref::ReinterpretCastOp::create(builder, loc, type, base,
                                           extents.getFolded(offset),
                                           foldedSizes, foldedStrides);
}
