//===- EvaluateArrays.cpp - Lines and made arrays of the oracle -----------===//

#include "reference/Evaluator.h"

#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::reference;

namespace {
/// An array seen as lines along one axis: element i of the line that starts at
/// `first` is at first + i * stride.
struct Lines {
  int64_t outer = 1, size, stride = 1;

  Lines(ArrayRef<int64_t> shape, int64_t axis) : size(shape[axis]) {
    for (int64_t extent : shape.take_front(axis))
      outer *= extent;
    for (int64_t extent : shape.drop_front(axis + 1))
      stride *= extent;
  }
  /// Calls body(line, first) for each line, row-major.
  void forEach(llvm::function_ref<void(int64_t, int64_t)> body) const {
    for (int64_t i = 0; i < outer; ++i)
      for (int64_t j = 0; j < stride; ++j)
        body(i * stride + j, i * size * stride + j);
  }
};
} // namespace

/// The index of the largest element, of the first NaN when there is one.
template <typename T>
static int64_t findLargest(const std::vector<T> &values, int64_t first,
                           const Lines &lines) {
  int64_t best = 0;
  for (int64_t i = 1; i < lines.size; ++i) {
    T value = values[first + i * lines.stride];
    T old = values[first + best * lines.stride];
    // NaN differs from itself.
    if (old == old && (value > old || value != value))
      best = i;
  }
  return best;
}

template <typename T>
static T reduceLine(ReduceKind kind, const std::vector<T> &values,
                    int64_t first, const Lines &lines) {
  if (kind == ReduceKind::Max)
    return values[first + findLargest(values, first, lines) * lines.stride];
  T sum = kind == ReduceKind::Min ? values[first] : T(0);
  for (int64_t i = 0; i < lines.size; ++i) {
    T value = values[first + i * lines.stride];
    if (kind != ReduceKind::Min)
      sum += value;
    else if (value != value || value < sum)
      sum = sum == sum ? value : sum;
  }
  return kind == ReduceKind::Mean ? sum / T(lines.size) : sum;
}

template <typename Real> llvm::Error Evaluator<Real>::runReduce(ReduceOp op) {
  const Tensor<Real> &x = get(op.getInput());
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  ReduceKind kind = op.getKind();
  Lines lines(x.shape, op.getAxis());
  bool isSum = kind == ReduceKind::Sum || kind == ReduceKind::Mean;
  if (lines.size == 0 && !isSum && (*y)->size() > 0)
    return llvm::createStringError("`%s` of no elements",
                                   stringifyReduceKind(kind).str().c_str());
  if (lines.size == 0 && !isSum)
    return llvm::Error::success();
  // Integers wrap, as they do in the compiled model.
  std::vector<uint64_t> bits(x.integers.begin(), x.integers.end());
  bool narrow =
      cast<ShapedType>(op.getResult().getType()).getElementType().isInteger(32);
  lines.forEach([&](int64_t line, int64_t first) {
    if (kind == ReduceKind::ArgMax)
      (*y)->integers[line] = x.isFloat ? findLargest(x.reals, first, lines)
                                       : findLargest(x.integers, first, lines);
    else if (x.isFloat)
      (*y)->reals[line] = reduceLine(kind, x.reals, first, lines);
    else {
      int64_t value = isSum ? int64_t(reduceLine(kind, bits, first, lines))
                            : reduceLine(kind, x.integers, first, lines);
      (*y)->integers[line] = narrow ? int32_t(value) : value;
    }
  });
  return llvm::Error::success();
}

template <typename Real> llvm::Error Evaluator<Real>::runSoftmax(SoftmaxOp op) {
  const Tensor<Real> &x = get(op.getInput());
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  Lines lines(x.shape, op.getAxis());
  if (lines.size == 0)
    return llvm::Error::success();
  lines.forEach([&](int64_t, int64_t first) {
    Real largest = reduceLine(ReduceKind::Max, x.reals, first, lines), sum = 0;
    for (int64_t i = 0; i < lines.size; ++i) {
      int64_t at = first + i * lines.stride;
      (*y)->reals[at] = std::exp(x.reals[at] - largest);
      sum += (*y)->reals[at];
    }
    for (int64_t i = 0; i < lines.size; ++i)
      (*y)->reals[first + i * lines.stride] /= sum;
  });
  return llvm::Error::success();
}

template <typename Real> llvm::Error Evaluator<Real>::runRmsNorm(RmsNormOp op) {
  const Tensor<Real> &x = get(op.getInput());
  const Tensor<Real> *gamma = op.getGamma() ? &get(op.getGamma()) : nullptr;
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  int64_t n = x.shape.back(), rows = n == 0 ? 0 : x.size() / n;
  for (int64_t i = 0; i < rows; ++i) {
    Real squares = 0;
    for (int64_t c = 0; c < n; ++c)
      squares += x.reals[i * n + c] * x.reals[i * n + c];
    Real root =
        std::sqrt(squares / Real(n) + Real(op.getEps().convertToDouble()));
    for (int64_t c = 0; c < n; ++c)
      (*y)->reals[i * n + c] =
          x.reals[i * n + c] / root * (gamma ? gamma->reals[c] : Real(1));
  }
  return llvm::Error::success();
}

static int64_t dotProduct(ArrayRef<int64_t> index, const Shape &strides) {
  int64_t sum = 0;
  for (size_t axis = 0; axis < index.size(); ++axis)
    sum += index[axis] * strides[axis];
  return sum;
}

template <typename Real>
llvm::Error Evaluator<Real>::runBroadcast(BroadcastOp op) {
  const Tensor<Real> &x = get(op.getInput());
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  Shape strides = broadcastStrides(x.shape, (*y)->shape);
  int64_t out = 0;
  forEachIndex((*y)->shape, [&](ArrayRef<int64_t> index) {
    (*y)->copyElement(out++, x, dotProduct(index, strides));
  });
  return llvm::Error::success();
}

template <typename Real>
llvm::Error Evaluator<Real>::runRepetition(Operation *op, int64_t axis) {
  const Tensor<Real> &x = get(op->getOperand(0));
  auto y = make(op->getResult(0));
  if (!y)
    return y.takeError();
  bool isTile = isa<TileAxisOp>(op);
  Lines from(x.shape, axis), to((*y)->shape, axis);
  int64_t times = from.size == 0 ? 0 : to.size / from.size;
  for (int64_t i = 0; i < to.outer; ++i)
    for (int64_t j = 0; j < to.size; ++j)
      for (int64_t c = 0; c < to.stride; ++c)
        (*y)->copyElement(
            (i * to.size + j) * to.stride + c, x,
            (i * from.size + (isTile ? j % from.size : j / times)) *
                    from.stride +
                c);
  return llvm::Error::success();
}

template <typename Real> llvm::Error Evaluator<Real>::runWhere(WhereOp op) {
  const Tensor<Real> &condition = get(op.getCondition());
  const Tensor<Real> &a = get(op.getLhs()), &b = get(op.getRhs());
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  Shape cStrides = broadcastStrides(condition.shape, (*y)->shape);
  Shape aStrides = broadcastStrides(a.shape, (*y)->shape);
  Shape bStrides = broadcastStrides(b.shape, (*y)->shape);
  int64_t out = 0;
  forEachIndex((*y)->shape, [&](ArrayRef<int64_t> index) {
    bool isLhs = condition.integers[dotProduct(index, cStrides)] != 0;
    (*y)->copyElement(out++, isLhs ? a : b,
                      dotProduct(index, isLhs ? aStrides : bStrides));
  });
  return llvm::Error::success();
}

template <typename Real> llvm::Error Evaluator<Real>::runArange(ArangeOp op) {
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  for (int64_t i = 0; i < (*y)->size(); ++i)
    (*y)->integers[i] = i;
  return llvm::Error::success();
}

template <typename Real>
llvm::Error Evaluator<Real>::runSinusoid(SinusoidOp op) {
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  llvm::Expected<int64_t> offset = evaluate(op.getOffset());
  if (!offset)
    return offset.takeError();
  int64_t rows = (*y)->shape[0], width = (*y)->shape[1], pairs = width / 2;
  bool isInterleaved = op.getLayout() == PairLayout::Interleaved;
  Real base = Real(op.getBase().convertToDouble());
  for (int64_t p = 0; p < rows; ++p)
    for (int64_t i = 0; i < pairs; ++i) {
      Real angle =
          Real(p + *offset) / std::pow(base, Real(2 * i) / Real(width));
      int64_t first = p * width + (isInterleaved ? 2 * i : i);
      (*y)->reals[first] = std::sin(angle);
      (*y)->reals[first + (isInterleaved ? 1 : pairs)] = std::cos(angle);
    }
  return llvm::Error::success();
}

template <typename Real> llvm::Error Evaluator<Real>::runRope(RopeOp op) {
  const Tensor<Real> &x = get(op.getInput()), &table = get(op.getTable());
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  int64_t width = x.shape.back(), turned = table.shape[1], pairs = turned / 2;
  bool isInterleaved = op.getLayout() == PairLayout::Interleaved;
  int64_t rows = width == 0 ? 0 : x.size() / width;
  (*y)->reals = x.reals;
  for (int64_t row = 0; row < rows; ++row) {
    const Real *angles = &table.reals[row % table.shape[0] * turned];
    const Real *in = &x.reals[row * width];
    Real *out = &(*y)->reals[row * width];
    for (int64_t i = 0; i < pairs; ++i) {
      int64_t first = isInterleaved ? 2 * i : i;
      int64_t second = isInterleaved ? 2 * i + 1 : i + pairs;
      Real sine = angles[first], cosine = angles[second];
      out[first] = in[first] * cosine - in[second] * sine;
      out[second] = in[second] * cosine + in[first] * sine;
    }
  }
  return llvm::Error::success();
}

#define INSTANTIATE(REAL)                                                      \
  template llvm::Error Evaluator<REAL>::runReduce(ReduceOp);                   \
  template llvm::Error Evaluator<REAL>::runSoftmax(SoftmaxOp);                 \
  template llvm::Error Evaluator<REAL>::runRmsNorm(RmsNormOp);                 \
  template llvm::Error Evaluator<REAL>::runBroadcast(BroadcastOp);             \
  template llvm::Error Evaluator<REAL>::runRepetition(Operation *, int64_t);   \
  template llvm::Error Evaluator<REAL>::runWhere(WhereOp);                     \
  template llvm::Error Evaluator<REAL>::runArange(ArangeOp);                   \
  template llvm::Error Evaluator<REAL>::runSinusoid(SinusoidOp);               \
  template llvm::Error Evaluator<REAL>::runRope(RopeOp);
INSTANTIATE(double)
INSTANTIATE(float)
