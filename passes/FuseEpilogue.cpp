//===- FuseEpilogue.cpp - Bias, activation and residual in linear -*- C++ -*-=//
#include "passes/Epilogues.h"
#include "passes/Passes.h"
#include "passes/WeightParts.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace attune {
#define GEN_PASS_DEF_FUSEEPILOGUEPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

static void reportFused(Location loc, StringRef what) {
  reportFused(loc, what, "linear");
}

static void reportMissed(Location loc, StringRef what, StringRef reason) {
  reportMissed(loc, what, "linear", reason);
}

/// Rebuilds `linear` in place of `replaced` with other operands: at its
/// position, so that everything it reads dominates it.
static void replaceWithLinear(PatternRewriter &rewriter, Operation *replaced,
                              LinearOp linear, Value bias, Value residual,
                              Activation activation) {
  rewriter.setInsertionPoint(replaced);
  // The epilogue's location is kept: an error or a remark may be about it.
  Location loc = rewriter.getFusedLoc({linear.getLoc(), replaced->getLoc()});
  auto fused = LinearOp::create(rewriter, loc, replaced->getResultTypes(),
                                linear.getInput(), linear.getWeight(), bias,
                                residual, /*init=*/Value(), activation);
  rewriter.replaceOp(replaced, fused->getResults());
  rewriter.eraseOp(linear);
}

namespace {

/// activation(linear(x)) -> linear(x) {activation}
struct FuseActivation : OpRewritePattern<ActivationOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ActivationOp op,
                                PatternRewriter &rewriter) const override {
    auto linear = op.getInput().getDefiningOp<LinearOp>();
    if (!linear || !op.getResult())
      return rewriter.notifyMatchFailure(op, "input is no linear");
    StringRef what = stringifyActivation(op.getFunction());
    auto miss = [&](StringRef reason) {
      reportMissed(op.getLoc(), what, reason);
      return rewriter.notifyMatchFailure(op, reason);
    };
    if (!isEpilogueActivation(op.getFunction()))
      return miss("no epilogue computes this function");
    if (linear.getActivation() != Activation::None || linear.getResidual())
      return miss("the linear has an activation or a residual already");
    if (!linear->hasOneUse())
      return miss("the linear's result has other uses");
    if (linear->getBlock() != op->getBlock())
      return miss("the linear is outside of the loop");
    reportFused(op.getLoc(), what);
    replaceWithLinear(rewriter, op, linear, linear.getBias(), Value(),
                      op.getFunction());
    return success();
  }
};

/// linear(x) + b -> linear(x) bias b; linear(x) + r -> linear(x) residual r.
struct FuseAddition : OpRewritePattern<ElementwiseOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ElementwiseOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getFunction() != Binary::Add || !op.getResult())
      return rewriter.notifyMatchFailure(op, "no addition of tensors");
    auto left = op.getLhs().getDefiningOp<LinearOp>();
    auto right = op.getRhs().getDefiningOp<LinearOp>();
    if (!left && !right)
      return rewriter.notifyMatchFailure(op, "no operand is a linear");
    std::string reason;
    // Of two linears the right one takes the left one as residual.
    if (right && succeeded(fuse(op, right, op.getLhs(), rewriter, reason)))
      return success();
    if (left && succeeded(fuse(op, left, op.getRhs(), rewriter, reason)))
      return success();
    reportMissed(op.getLoc(), "addition", reason);
    return rewriter.notifyMatchFailure(op, reason);
  }

private:
  static LogicalResult fuse(ElementwiseOp op, LinearOp linear, Value other,
                            PatternRewriter &rewriter, std::string &reason) {
    auto fail = [&](const char *text) {
      reason = text;
      return failure();
    };
    if (!linear->hasOneUse())
      return fail("the linear's result has other uses");
    if (linear->getBlock() != op->getBlock())
      return fail("the linear is outside of the loop");
    if (linear.getResidual())
      return fail("the linear has a residual already");
    Type type = op.getResult().getType();
    if (linear.getResult().getType() != type)
      return fail("the addition stretches the linear's result");
    if (isBias(other, linear)) {
      reportFused(op.getLoc(), "bias");
      replaceWithLinear(rewriter, op, linear, other, Value(), Activation::None);
      return success();
    }
    if (other.getType() != type)
      return fail("the other operand has another shape");
    if (!hasWholePanels(linear))
      return fail("the linear's rows of the weight are no whole panels");
    reportFused(op.getLoc(), "residual");
    replaceWithLinear(rewriter, op, linear, linear.getBias(), other,
                      linear.getActivation());
    return success();
  }

  // A weight as long as the linear is wide, which can be padded to panels when
  // it is loaded: alone, or widened together with the linear's weight.
  static bool isBias(Value other, LinearOp linear) {
    auto type = dyn_cast<RankedTensorType>(other.getType());
    auto result = cast<RankedTensorType>(linear.getResult().getType());
    return type && type.getRank() == 1 && !linear.getBias() &&
           linear.getActivation() == Activation::None &&
           type.getDimSize(0) == result.getShape().back() &&
           isPackableBias(other, linear.getWeight(),
                          getPanelWidth(linear, widestPanel));
  }

  /// False when the linear will be widened to whole panels: its result is then
  /// a part of an array that no residual has the shape of.
  static bool hasWholePanels(LinearOp linear) {
    std::optional<WeightRows> rows = getWeightRows(linear.getWeight());
    return !rows || rows->isAligned(getPanelWidth(linear, widestPanel));
  }
};

struct FuseEpiloguePass : attune::impl::FuseEpiloguePassBase<FuseEpiloguePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseActivation, FuseAddition>(&getContext());
    // One walk in program order: bias, then activation, then residual, each op
    // looked at once, so that each decision is reported once.
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
