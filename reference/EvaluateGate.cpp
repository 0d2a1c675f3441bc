//===- EvaluateGate.cpp - The spatial gate, weight by weight --------------===//

#include "reference/Evaluator.h"

#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::reference;

/// The layer norm of each row of `x`.
template <typename Real>
static std::vector<Real> normed(const Tensor<Real> &x,
                                const Tensor<Real> &gamma,
                                const Tensor<Real> &beta, Real epsilon) {
  std::vector<Real> result;
  int64_t n = x.shape.back();
  for (int64_t first = 0; first < x.size(); first += n) {
    Real mean = 0, variance = 0;
    for (int64_t c = 0; c < n; ++c)
      mean += x.reals[first + c] / Real(n);
    for (int64_t c = 0; c < n; ++c)
      variance += std::pow(x.reals[first + c] - mean, 2) / Real(n);
    for (int64_t c = 0; c < n; ++c)
      result.push_back((x.reals[first + c] - mean) /
                           std::sqrt(variance + epsilon) * gamma.reals[c] +
                       beta.reals[c]);
  }
  return result;
}

template <typename Real>
llvm::Error Evaluator<Real>::runSpatialGate(SpatialGateOp op) {
  const Tensor<Real> &w = get(op.getWeight()), &x = get(op.getInput());
  auto y = make(op.getResult());
  if (!y)
    return y.takeError();
  int64_t nb = x.shape[0], nt = x.shape[1], nc = x.shape[2];
  int64_t groups = w.shape[0];
  if (w.shape[1] != nt || w.shape[2] != nt || groups == 0 || nc % groups != 0)
    return llvm::createStringError("the weights of a gate do not fit");
  auto mask = maskOf(op.getMask(), {nb, groups, nt, nt});
  if (!mask)
    return mask.takeError();
  std::vector<Real> rows =
      op.getNorm().empty()
          ? x.reals
          : normed(x, get(op.getNorm()[0]), get(op.getNorm()[1]),
                   Real(op.getEpsilon().convertToDouble()));
  int64_t out = 0;
  forEachIndex({nb, nt, nc}, [&](ArrayRef<int64_t> index) {
    int64_t b = index[0], i = index[1], c = index[2];
    int64_t g = c / (nc / groups);
    Real sum = op.getBias() ? get(op.getBias()).reals[g * nt + i] : Real(0);
    for (int64_t j = 0; j < nt; ++j) {
      if ((*mask)(b, g, i, j))
        sum += w.reals[(g * nt + i) * nt + j] * rows[(b * nt + j) * nc + c];
    }
    if (op.getAdded())
      sum += get(op.getAdded()).reals[out];
    sum = activate(op.getActivation(), sum);
    if (op.getGate())
      sum *= get(op.getGate()).reals[out];
    (*y)->reals[out++] = sum;
  });
  return llvm::Error::success();
}

template llvm::Error Evaluator<double>::runSpatialGate(SpatialGateOp);
template llvm::Error Evaluator<float>::runSpatialGate(SpatialGateOp);
