//===- NormalizeScores.cpp - Fold score algebra -----------------*- C++ -*-===//
#include "passes/Passes.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace attune {
#define GEN_PASS_DEF_NORMALIZESCORESPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// Sums are flattened up to this many terms: flattening is quadratic.
static constexpr size_t maxTerms = 256;

namespace {

/// coefficient * weight[h] * source; no weight when it is null.
struct Term {
  Value source;
  Value weight;
  double coefficient;
};

} // namespace

static SmallVector<Term> getTerms(CombineOp op) {
  SmallVector<Term> terms;
  for (auto [source, coefficient, index] :
       llvm::zip(op.getSources(), op.getCoefficients(), op.getWeightIndex()))
    terms.push_back(
        {source, index < 0 ? Value() : op.getWeights()[index], coefficient});
  return terms;
}

static void replaceWithTerms(PatternRewriter &rewriter, CombineOp op,
                             ArrayRef<Term> terms) {
  SmallVector<Value> sources, weights;
  SmallVector<double> coefficients;
  SmallVector<int64_t> indices;
  for (const Term &term : terms) {
    sources.push_back(term.source);
    coefficients.push_back(term.coefficient);
    int64_t index = -1;
    if (term.weight) {
      index = llvm::find(weights, term.weight) - weights.begin();
      if (index == static_cast<int64_t>(weights.size()))
        weights.push_back(term.weight);
    }
    indices.push_back(index);
  }
  rewriter.replaceOpWithNewOp<CombineOp>(
      op, op.getScores().getType(), sources, weights,
      rewriter.getDenseF64ArrayAttr(coefficients),
      rewriter.getDenseI64ArrayAttr(indices));
}

/// The product of two head weights, of shape [] or [H]; either may be null.
static Value multiplyWeights(OpBuilder &builder, Location loc, Value a,
                             Value b) {
  if (!a || !b)
    return a ? a : b;
  auto type = cast<RankedTensorType>(a.getType());
  if (type.getRank() == 0)
    type = cast<RankedTensorType>(b.getType());
  return ElementwiseOp::create(builder, loc, TypeRange{type}, Binary::Mul, a, b,
                               /*init=*/Value())
      .getResult();
}

namespace {

/// sum_m a_m (sum_n b_n S_n) -> sum_mn a_m b_n S_n. Sums of one score twice are
/// added up, so that doubling a score many times stays small.
struct FlattenCombine : OpRewritePattern<CombineOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CombineOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Term> terms;
    bool changed = false;
    auto add = [&](const Term &term) {
      auto *known = llvm::find_if(terms, [&](const Term &other) {
        return other.source == term.source && other.weight == term.weight;
      });
      if (known == terms.end()) {
        terms.push_back(term);
        return;
      }
      known->coefficient += term.coefficient;
      changed = true;
    };
    for (const Term &outer : getTerms(op)) {
      auto inner = outer.source.getDefiningOp<CombineOp>();
      if (!inner) {
        add(outer);
        continue;
      }
      changed = true;
      if (terms.size() + inner.getSources().size() > 2 * maxTerms)
        return rewriter.notifyMatchFailure(op, "the sum has too many terms");
      for (const Term &term : getTerms(inner))
        add({term.source,
             multiplyWeights(rewriter, op.getLoc(), outer.weight, term.weight),
             outer.coefficient * term.coefficient});
    }
    if (!changed)
      return rewriter.notifyMatchFailure(op, "no source is a combine");
    if (terms.size() > maxTerms)
      return rewriter.notifyMatchFailure(op, "the sum has too many terms");
    replaceWithTerms(rewriter, op, terms);
    return success();
  }
};

/// c * dot(q, k) -> dot(q, k) with c in its scale.
struct FoldIntoScale : OpRewritePattern<CombineOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CombineOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Term> terms = getTerms(op);
    bool changed = false;
    for (Term &term : terms) {
      auto dot = term.source.getDefiningOp<DotOp>();
      if (!dot || dot.getKeyBias() || term.coefficient == 1.0)
        continue;
      APFloat scale = dot.getScale();
      scale.multiply(APFloat(term.coefficient), APFloat::rmNearestTiesToEven);
      term.source =
          DotOp::create(rewriter, dot.getLoc(), dot.getScores().getType(),
                        dot.getQuery(), dot.getKey(), Value(),
                        rewriter.getF64FloatAttr(scale.convertToDouble()));
      term.coefficient = 1.0;
      changed = true;
    }
    if (!changed)
      return rewriter.notifyMatchFailure(op, "no dot has a factor");
    replaceWithTerms(rewriter, op, terms);
    return success();
  }
};

/// Sources that are said with others: dense and factorized_random with dot,
/// random and factorized_dense with index_scores.
struct ExpandSource : OpInterfaceRewritePattern<ScoreSourceInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(ScoreSourceInterface op,
                                PatternRewriter &rewriter) const override {
    Value scores = op.expand(rewriter);
    if (!scores)
      return rewriter.notifyMatchFailure(op, "kernels know it");
    rewriter.replaceOp(op, scores);
    return success();
  }
};

/// 1 * S -> S.
struct DropTrivialCombine : OpRewritePattern<CombineOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CombineOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Term> terms = getTerms(op);
    if (terms.size() != 1 || terms[0].weight || terms[0].coefficient != 1.0 ||
        terms[0].source.getType() != op.getScores().getType())
      return rewriter.notifyMatchFailure(op, "it changes its scores");
    rewriter.replaceOp(op, terms[0].source);
    return success();
  }
};

struct NormalizeScoresPass
    : attune::impl::NormalizeScoresPassBase<NormalizeScoresPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns
        .add<ExpandSource, FlattenCombine, FoldIntoScale, DropTrivialCombine>(
            &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
