//===- EvaluateSources.cpp - Score sources, score by score ----------------===//
//
// Each source straight from its formula, without the rewrites of the compiler.
//
//===----------------------------------------------------------------------===//

#include "reference/Evaluator.h"

#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::reference;

/// Element [b, h', i, e] of an array [B, Hx, T, E] for head h of `heads`; a
/// batch of 1 stretches. Arrays of rank 3 have no batch, those of rank 2 no E
/// either.
template <typename Real>
static Real element(const Tensor<Real> &array, int64_t heads, int64_t b,
                    int64_t h, int64_t i, int64_t e) {
  bool batched = array.shape.size() == 4;
  size_t headAxis = batched ? 1 : 0;
  int64_t own = array.shape[headAxis];
  int64_t row = h / (heads / own);
  if (batched)
    row += (array.shape[0] == 1 ? 0 : b) * own;
  row = row * array.shape[headAxis + 1] + i;
  return array.shape.size() == 2 ? array.reals[row]
                                 : array.reals[row * array.shape.back() + e];
}

template <typename Real>
typename Evaluator<Real>::ScoreFunction
Evaluator<Real>::sourceOf(Operation *op, int64_t heads) {
  auto productOf = [this, heads](Value left, Value right, Real scale,
                                 Value bias) {
    TensorPtr x = values[left], y = values[right];
    TensorPtr z = bias ? values[bias] : nullptr;
    return ScoreFunction([=](int64_t b, int64_t h, int64_t i, int64_t j) {
      Real sum = 0;
      for (int64_t e = 0; e < x->shape.back(); ++e)
        sum += element(*x, heads, b, h, i, e) * element(*y, heads, b, h, j, e);
      sum *= scale;
      return z ? sum + element(*z, heads, b, h, j, 0) : sum;
    });
  };
  return llvm::TypeSwitch<Operation *, ScoreFunction>(op)
      .Case([&](DotOp dot) {
        return productOf(dot.getQuery(), dot.getKey(),
                         Real(dot.getScale().convertToDouble()),
                         dot.getKeyBias());
      })
      .Case([&](DenseOp dense) {
        return productOf(dense.getInput(), dense.getWeight(), Real(1),
                         dense.getBias());
      })
      .Case([&](FactorizedRandomOp random) {
        return productOf(random.getLeft(), random.getRight(), Real(1), Value());
      })
      .Case([&](AdditiveOp additive) {
        TensorPtr x = values[additive.getQuery()],
                  y = values[additive.getKey()],
                  w = values[additive.getWeight()];
        return ScoreFunction([=](int64_t b, int64_t h, int64_t i, int64_t j) {
          Real sum = 0;
          for (int64_t e = 0; e < w->shape[0]; ++e)
            sum += w->reals[e] * std::tanh(element(*x, heads, b, h, i, e) +
                                           element(*y, heads, b, h, j, e));
          return sum;
        });
      })
      .Case([&](RandomOp random) {
        TensorPtr table = values[random.getTable()];
        return ScoreFunction([=](int64_t b, int64_t h, int64_t i, int64_t j) {
          return element(*table, heads, b, h, i, j);
        });
      })
      .Case([&](FactorizedDenseOp dense) {
        TensorPtr x = values[dense.getLeft()], y = values[dense.getRight()];
        int64_t n = x->shape.back(), m = y->shape.back();
        FactorPattern pattern = dense.getPattern();
        return ScoreFunction([=](int64_t b, int64_t h, int64_t i, int64_t j) {
          int64_t left = j / m, right = j % m; // repeat_tile
          if (pattern == FactorPattern::TileTile ||
              pattern == FactorPattern::TileRepeat)
            left = j % n;
          if (pattern == FactorPattern::RepeatRepeat ||
              pattern == FactorPattern::TileRepeat)
            right = j / n;
          return element(*x, heads, b, h, i, left) *
                 element(*y, heads, b, h, i, right);
        });
      })
      .Default([](Operation *) { return ScoreFunction(); });
}

template Evaluator<double>::ScoreFunction
Evaluator<double>::sourceOf(Operation *, int64_t);
template Evaluator<float>::ScoreFunction Evaluator<float>::sourceOf(Operation *,
                                                                    int64_t);
