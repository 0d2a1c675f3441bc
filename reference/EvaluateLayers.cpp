//===- EvaluateLayers.cpp - Layers of the oracle, as their formulas -------===//

#include "reference/Evaluator.h"

#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::reference;

template <typename Real>
Real attune::reference::activate(Activation function, Real x) {
  switch (function) {
  case Activation::None:
    return x;
  case Activation::Relu:
    return std::isnan(x) ? x : std::max(x, Real(0));
  case Activation::Gelu:
    return Real(0.5) * x * (Real(1) + std::erf(x * Real(M_SQRT1_2)));
  case Activation::GeluTanh: {
    Real inner = Real(0.7978845608028654) * (x + Real(0.044715) * x * x * x);
    return Real(0.5) * x * (Real(1) + std::tanh(inner));
  }
  case Activation::Silu:
    return x / (Real(1) + std::exp(-x));
  case Activation::Tanh:
    return std::tanh(x);
  case Activation::Sigmoid:
    return Real(1) / (Real(1) + std::exp(-x));
  case Activation::Exp:
    return std::exp(x);
  case Activation::Exp2:
    return std::exp2(x);
  case Activation::Log:
    return std::log(x);
  case Activation::Sqrt:
    return std::sqrt(x);
  case Activation::Rsqrt:
    return Real(1) / std::sqrt(x);
  case Activation::Abs:
    return std::fabs(x);
  case Activation::Neg:
    return -x;
  case Activation::Not:
    return x; // booleans only
  }
  return x;
}

template <typename Real> llvm::Error Evaluator<Real>::runLinear(LinearOp op) {
  const Tensor<Real> &x = get(op.getInput()), &w = get(op.getWeight());
  const Tensor<Real> *bias = op.getBias() ? &get(op.getBias()) : nullptr;
  const Tensor<Real> *residual =
      op.getResidual() ? &get(op.getResidual()) : nullptr;
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  int64_t n = w.shape[0], k = w.shape[1];
  int64_t rows = n == 0 ? 0 : (*y)->size() / n;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < n; ++j) {
      Real sum = bias ? bias->reals[j] : Real(0);
      for (int64_t c = 0; c < k; ++c)
        sum += x.reals[i * k + c] * w.reals[j * k + c];
      sum = activate(op.getActivation(), sum);
      (*y)->reals[i * n + j] =
          residual ? sum + residual->reals[i * n + j] : sum;
    }
  return llvm::Error::success();
}

template <typename Real> llvm::Error Evaluator<Real>::runMatmul(MatmulOp op) {
  const Tensor<Real> &a = get(op.getLhs()), &b = get(op.getRhs());
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  ArrayRef<int64_t> shape = (*y)->shape;
  int64_t m = shape[shape.size() - 2], n = shape.back(), k = a.shape.back();
  ArrayRef<int64_t> batch = shape.drop_back(2);
  Shape aStrides =
      broadcastStrides(ArrayRef<int64_t>(a.shape).drop_back(2), batch);
  Shape bStrides =
      broadcastStrides(ArrayRef<int64_t>(b.shape).drop_back(2), batch);
  int64_t out = 0;
  forEachIndex(batch, [&](ArrayRef<int64_t> index) {
    int64_t aBase = 0, bBase = 0;
    for (size_t i = 0; i < index.size(); ++i) {
      aBase += index[i] * aStrides[i] * m * k;
      bBase += index[i] * bStrides[i] * k * n;
    }
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        Real sum = 0;
        for (int64_t c = 0; c < k; ++c)
          sum += a.reals[aBase + i * k + c] * b.reals[bBase + c * n + j];
        (*y)->reals[out++] = sum;
      }
  });
  return llvm::Error::success();
}

template <typename Real>
llvm::Error Evaluator<Real>::runLayerNorm(LayerNormOp op) {
  const Tensor<Real> &x = get(op.getInput());
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  int64_t n = x.shape.back(), rows = n == 0 ? 0 : x.size() / n;
  for (int64_t i = 0; i < rows; ++i) {
    const Real *row = &x.reals[i * n];
    Real sum = 0, squares = 0;
    for (int64_t c = 0; c < n; ++c)
      sum += row[c];
    Real mean = sum / Real(n);
    for (int64_t c = 0; c < n; ++c)
      squares += (row[c] - mean) * (row[c] - mean);
    Real deviation =
        std::sqrt(squares / Real(n) + Real(op.getEps().convertToDouble()));
    for (int64_t c = 0; c < n; ++c) {
      Real value = (row[c] - mean) / deviation;
      if (op.getGamma())
        value *= get(op.getGamma()).reals[c];
      if (op.getBeta())
        value += get(op.getBeta()).reals[c];
      (*y)->reals[i * n + c] = value;
    }
  }
  return llvm::Error::success();
}

template <typename Real>
llvm::Error Evaluator<Real>::runRows(Operation *op, Value tableValue,
                                     Value idsValue, Value result) {
  const Tensor<Real> &table = get(tableValue), &ids = get(idsValue);
  auto y = make(result);
  if (!y)
    return y.takeError();
  int64_t rows = table.shape[0];
  int64_t width = rows == 0 ? 0 : table.size() / rows;
  for (int64_t i = 0; i < ids.size(); ++i) {
    int64_t id = ids.integers[i];
    if (id < 0 || id >= rows)
      return llvm::createStringError(
          "id %lld at position %lld is not in 0..%lld", (long long)id,
          (long long)i, (long long)rows);
    for (int64_t c = 0; c < width; ++c)
      if (table.isFloat)
        (*y)->reals[i * width + c] = table.reals[id * width + c];
      else
        (*y)->integers[i * width + c] = table.integers[id * width + c];
  }
  return llvm::Error::success();
}

template <typename Real>
llvm::Error Evaluator<Real>::runActivation(ActivationOp op) {
  const Tensor<Real> &x = get(op.getInput());
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  for (int64_t i = 0; i < x.size(); ++i)
    if (x.isFloat)
      (*y)->reals[i] = activate(op.getFunction(), x.reals[i]);
    else if (op.getFunction() == Activation::Not)
      (*y)->integers[i] = !x.integers[i];
    else if (op.getFunction() == Activation::Neg)
      (*y)->integers[i] = int64_t(-uint64_t(x.integers[i]));
    else if (op.getFunction() == Activation::Abs)
      (*y)->integers[i] =
          x.integers[i] < 0 ? int64_t(-uint64_t(x.integers[i])) : x.integers[i];
    else
      return llvm::createStringError("an activation of integers");
  return llvm::Error::success();
}

template <typename Real>
static Real applyReal(Binary function, Real a, Real b) {
  switch (function) {
  case Binary::Add:
    return a + b;
  case Binary::Sub:
    return a - b;
  case Binary::Mul:
    return a * b;
  case Binary::Div:
    return a / b;
  case Binary::Rem:
    return a - std::floor(a / b) * b;
  case Binary::Min:
    return std::isnan(a) || std::isnan(b) ? Real(NAN) : std::min(a, b);
  case Binary::Max:
    return std::isnan(a) || std::isnan(b) ? Real(NAN) : std::max(a, b);
  default:
    return Real(NAN);
  }
}

template <typename T> static int64_t compare(Binary function, T a, T b) {
  switch (function) {
  case Binary::Eq:
    return a == b;
  case Binary::Ne:
    return a != b;
  case Binary::Lt:
    return a < b;
  case Binary::Le:
    return a <= b;
  case Binary::Gt:
    return a > b;
  case Binary::Ge:
    return a >= b;
  default:
    return 0;
  }
}

static int64_t applyInteger(Binary function, int64_t a, int64_t b) {
  auto floored = [](int64_t a, int64_t b) -> int64_t {
    if (b == 0)
      return 0;
    if (b == -1)
      return int64_t(-uint64_t(a));
    return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
  };
  switch (function) {
  case Binary::Add:
    return int64_t(uint64_t(a) + uint64_t(b));
  case Binary::Sub:
    return int64_t(uint64_t(a) - uint64_t(b));
  case Binary::Mul:
    return int64_t(uint64_t(a) * uint64_t(b));
  case Binary::Div:
    return floored(a, b);
  case Binary::Rem:
    return b == 0
               ? 0
               : int64_t(uint64_t(a) - uint64_t(floored(a, b)) * uint64_t(b));
  case Binary::Min:
    return std::min(a, b);
  case Binary::Max:
    return std::max(a, b);
  case Binary::And:
    return a & b;
  case Binary::Or:
    return a | b;
  default:
    return 0;
  }
}

template <typename Real>
llvm::Error Evaluator<Real>::runElementwise(ElementwiseOp op) {
  const Tensor<Real> &a = get(op.getLhs()), &b = get(op.getRhs());
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  Shape aStrides = broadcastStrides(a.shape, (*y)->shape);
  Shape bStrides = broadcastStrides(b.shape, (*y)->shape);
  Binary function = op.getFunction();
  bool narrow =
      cast<ShapedType>(op.getResult().getType()).getElementType().isInteger(32);
  int64_t out = 0;
  forEachIndex((*y)->shape, [&](ArrayRef<int64_t> index) {
    int64_t i = 0, j = 0;
    for (size_t axis = 0; axis < index.size(); ++axis) {
      i += index[axis] * aStrides[axis];
      j += index[axis] * bStrides[axis];
    }
    if ((*y)->isFloat)
      (*y)->reals[out++] = applyReal(function, a.reals[i], b.reals[j]);
    else if (function >= Binary::Eq && function <= Binary::Ge)
      (*y)->integers[out++] =
          a.isFloat ? compare(function, a.reals[i], b.reals[j])
                    : compare(function, a.integers[i], b.integers[j]);
    else {
      int64_t value = applyInteger(function, a.integers[i], b.integers[j]);
      (*y)->integers[out++] = narrow ? int32_t(value) : value;
    }
  });
  return llvm::Error::success();
}

template <typename Real> llvm::Error Evaluator<Real>::runCast(CastOp op) {
  const Tensor<Real> &x = get(op.getInput());
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  Type to = cast<ShapedType>(op.getResult().getType()).getElementType();
  for (int64_t i = 0; i < x.size(); ++i) {
    if ((*y)->isFloat) {
      (*y)->reals[i] = x.isFloat ? x.reals[i] : Real(x.integers[i]);
      continue;
    }
    if (to.isInteger(1)) {
      (*y)->integers[i] = x.isFloat ? x.reals[i] != 0 : x.integers[i] != 0;
      continue;
    }
    // Out of range saturates, NaN gives 0: no undefined conversion.
    unsigned width = to.getIntOrFloatBitWidth();
    int64_t value;
    if (!x.isFloat)
      value = x.integers[i];
    else if (std::isnan(x.reals[i]))
      value = 0;
    else {
      double least = width == 8 ? 0 : -std::ldexp(1.0, width - 1);
      double most = width == 8 ? 255 : std::ldexp(1.0, width - 1);
      double real = x.reals[i];
      if (width == 64 && real >= most)
        value = INT64_MAX;
      else
        value = int64_t(std::min(std::max(real, least),
                                 width == 64 ? most : most - (width != 8)));
    }
    (*y)->integers[i] = width == 32  ? int32_t(value)
                        : width == 8 ? uint8_t(value)
                                     : value;
  }
  return llvm::Error::success();
}

#define INSTANTIATE(REAL)                                                      \
  template REAL attune::reference::activate(Activation, REAL);                 \
  template llvm::Error Evaluator<REAL>::runLinear(LinearOp);                   \
  template llvm::Error Evaluator<REAL>::runMatmul(MatmulOp);                   \
  template llvm::Error Evaluator<REAL>::runLayerNorm(LayerNormOp);             \
  template llvm::Error Evaluator<REAL>::runRows(Operation *, Value, Value,     \
                                                Value);                        \
  template llvm::Error Evaluator<REAL>::runActivation(ActivationOp);           \
  template llvm::Error Evaluator<REAL>::runElementwise(ElementwiseOp);         \
  template llvm::Error Evaluator<REAL>::runCast(CastOp);
INSTANTIATE(double)
INSTANTIATE(float)
