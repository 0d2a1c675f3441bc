//===- EvaluateShapes.cpp - Shape ops of the oracle -----------------------===//

#include "reference/Evaluator.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attune;
using namespace attune::reference;

static Shape rowMajor(ArrayRef<int64_t> shape) {
  Shape strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

template <typename Real> llvm::Error Evaluator<Real>::runConcat(ConcatOp op) {
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  int64_t axis = op.getAxis(), offset = 0;
  Shape strides = rowMajor((*y)->shape);
  for (Value input : op.getInputs()) {
    const Tensor<Real> &x = get(input);
    int64_t in = 0;
    forEachIndex(x.shape, [&](ArrayRef<int64_t> index) {
      int64_t out = offset * strides[axis];
      for (size_t i = 0; i < index.size(); ++i)
        out += index[i] * strides[i];
      (*y)->copyElement(out, x, in++);
    });
    offset += x.shape[axis];
  }
  return llvm::Error::success();
}

/// Every view reads its input at an index computed from the result's index.
template <typename Real> llvm::Error Evaluator<Real>::runView(Operation *op) {
  const Tensor<Real> &x = get(op->getOperand(0));
  Shape strides = rowMajor(x.shape);
  size_t rank = x.shape.size();
  int64_t sliceOffset = 0;
  if (auto slice = dyn_cast<SliceOp>(op)) {
    llvm::Expected<int64_t> offset = evaluate(slice.getOffset());
    if (!offset)
      return offset.takeError();
    sliceOffset = *offset;
  }
  for (auto [part, result] : llvm::enumerate(op->getResults())) {
    auto y = make(result);
    if (!y)
      return y.takeError();
    if (isa<ReshapeOp>(op) && (*y)->size() != x.size())
      return llvm::createStringError(
          "a reshape changes the number of elements");
    auto split = dyn_cast<SplitOp>(op);
    if (split)
      sliceOffset = int64_t(part) * (*y)->shape[split.getAxis()];
    int64_t axis = split ? int64_t(split.getAxis()) : -1;
    if (auto slice = dyn_cast<SliceOp>(op))
      axis = slice.getAxis();
    if (axis >= 0 &&
        (sliceOffset < 0 || sliceOffset + (*y)->shape[axis] > x.shape[axis]))
      return llvm::createStringError("a slice leaves its array");
    int64_t out = 0;
    forEachIndex((*y)->shape, [&](ArrayRef<int64_t> index) {
      int64_t in = 0;
      if (isa<ReshapeOp>(op)) {
        in = out;
      } else if (isa<HeadSplitOp>(op)) {
        // result [.., h, t, e] reads [.., t, h * E + e].
        int64_t size = (*y)->shape.back();
        for (size_t i = 0; i + 3 < index.size(); ++i)
          in += index[i] * strides[i];
        size_t last = index.size() - 1;
        in += index[last - 1] * strides[rank - 2] + index[last - 2] * size +
              index[last];
      } else if (isa<HeadMergeOp>(op)) {
        // result [.., t, h * E + e] reads [.., h, t, e].
        int64_t size = x.shape.back();
        size_t last = index.size() - 1;
        for (size_t i = 0; i < last - 1; ++i)
          in += index[i] * strides[i];
        in += index[last] / size * strides[rank - 3] +
              index[last - 1] * strides[rank - 2] + index[last] % size;
      } else if (auto transpose = dyn_cast<TransposeOp>(op)) {
        for (auto [i, from] : llvm::enumerate(transpose.getPermutation()))
          in += index[i] * strides[from];
      } else {
        for (size_t i = 0; i < index.size(); ++i)
          in +=
              (index[i] + (int64_t(i) == axis ? sliceOffset : 0)) * strides[i];
      }
      (*y)->copyElement(out++, x, in);
    });
  }
  return llvm::Error::success();
}

#define INSTANTIATE(REAL)                                                      \
  template llvm::Error Evaluator<REAL>::runConcat(ConcatOp);                   \
  template llvm::Error Evaluator<REAL>::runView(Operation *);
INSTANTIATE(double)
INSTANTIATE(float)
