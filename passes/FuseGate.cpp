//===- FuseGate.cpp - What goes into a spatial gate -------------*- C++ -*-===//
#include "dialect/Shape.h"
#include "passes/Epilogues.h"
#include "passes/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace attune {
#define GEN_PASS_DEF_FUSEGATEPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

static constexpr StringRef target = "spatial_gate";

/// Whether a view only moves or drops an axis in front of positions and
/// channels: [T, B, C] <-> [B, T, C], [T, C] <-> [1, T, C].
static bool isLayout(Operation *op) {
  if (auto transpose = dyn_cast_or_null<TransposeOp>(op))
    return transpose.getPermutation() == ArrayRef<int64_t>{1, 0, 2};
  auto reshape = dyn_cast_or_null<ReshapeOp>(op);
  if (!reshape)
    return false;
  auto input = cast<ShapedType>(reshape.getInput().getType());
  auto result = cast<ShapedType>(reshape.getResult().getType());
  if (input.getRank() > result.getRank())
    std::swap(input, result);
  return input.getRank() == 2 && result.getRank() == 3 &&
         result.getDimSize(0) == 1 &&
         symbolicShape(cast<RankedTensorType>(input)).back() ==
             symbolicShape(cast<RankedTensorType>(result)).back();
}

/// The gate that makes `value`, and the change of layout between them or null.
static SpatialGateOp gateOf(Value value, Operation *&layout) {
  Operation *op = value.getDefiningOp();
  layout = isLayout(op) ? op : nullptr;
  return (layout ? layout->getOperand(0) : value)
      .getDefiningOp<SpatialGateOp>();
}

/// `array`, which has the layout that `layout` makes, in that of the gate.
static Value inGateLayout(PatternRewriter &rewriter, Location loc, Value array,
                          Operation *layout) {
  if (!layout)
    return array;
  Type type = layout->getOperand(0).getType();
  if (auto transpose = dyn_cast<TransposeOp>(layout))
    return TransposeOp::create(rewriter, loc, type, array,
                               transpose.getPermutationAttr());
  return ReshapeOp::create(rewriter, loc, type, array);
}

namespace {

/// The parts of a gate that a fusion changes.
struct GateParts {
  Value added, gate;
  Activation activation;
};

} // namespace

/// Rebuilds `gate` in place of `replaced`, which reads it through `layout`: at
/// its position, so that everything it reads dominates it.
static void replaceWithGate(PatternRewriter &rewriter, Operation *replaced,
                            SpatialGateOp gate, Operation *layout,
                            const GateParts &parts) {
  rewriter.setInsertionPoint(replaced);
  Location loc = rewriter.getFusedLoc({gate.getLoc(), replaced->getLoc()});
  Value result =
      SpatialGateOp::create(
          rewriter, loc, gate->getResultTypes(), gate.getWeight(),
          gate.getInput(), gate.getBias(), gate.getMask(), parts.added,
          parts.gate, gate.getNorm(), /*init=*/Value(),
          ActivationAttr::get(rewriter.getContext(), parts.activation),
          gate.getEpsilonAttr())
          .getResult();
  if (layout) {
    IRMapping mapping;
    mapping.map(layout->getOperand(0), result);
    result = rewriter.clone(*layout, mapping)->getResult(0);
  }
  rewriter.replaceOp(replaced, result);
  if (layout)
    rewriter.eraseOp(layout);
  rewriter.eraseOp(gate);
}

/// Why the result of a gate cannot be taken into it; empty when it can.
static StringRef whyShared(SpatialGateOp gate, Operation *layout,
                           Operation *user) {
  if (!gate->hasOneUse() || (layout && !layout->hasOneUse()))
    return "the gate's result has other uses";
  if (gate->getBlock() != user->getBlock())
    return "the gate is outside of the loop";
  return "";
}

namespace {

/// spatial_gate(w, layer_norm(x)) -> spatial_gate(w, x) norm.
struct FuseNorm : OpRewritePattern<SpatialGateOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SpatialGateOp gate,
                                PatternRewriter &rewriter) const override {
    Operation *layout = gate.getInput().getDefiningOp();
    if (!isLayout(layout))
      layout = nullptr;
    auto norm = (layout ? layout->getOperand(0) : gate.getInput())
                    .getDefiningOp<LayerNormOp>();
    if (!norm || !gate.getResult())
      return rewriter.notifyMatchFailure(gate, "input is no layer norm");
    auto miss = [&](StringRef reason) {
      reportMissed(norm.getLoc(), "layer norm", target, reason);
      return rewriter.notifyMatchFailure(gate, reason);
    };
    if (!gate.getNorm().empty())
      return miss("the gate has a norm already");
    if (!norm.getGamma() || !norm.getBeta())
      return miss("it lacks a scale or an offset");
    if (!norm->hasOneUse() || (layout && !layout->hasOneUse()))
      return miss("the norm's result has other uses");
    if (norm->getBlock() != gate->getBlock())
      return miss("the norm is outside of the loop");
    reportFused(norm.getLoc(), "layer norm", target);
    rewriter.modifyOpInPlace(gate, [&] {
      if (!layout)
        gate.getInputMutable().assign(norm.getInput());
      gate.getNormMutable().assign(ValueRange{norm.getGamma(), norm.getBeta()});
      gate.setEpsilonAttr(norm.getEpsAttr());
    });
    if (layout)
      rewriter.modifyOpInPlace(layout,
                               [&] { layout->setOperand(0, norm.getInput()); });
    rewriter.eraseOp(norm);
    return success();
  }
};

/// activation(gate) -> gate {activation}
struct FuseActivation : OpRewritePattern<ActivationOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ActivationOp op,
                                PatternRewriter &rewriter) const override {
    Operation *layout;
    SpatialGateOp gate = gateOf(op.getInput(), layout);
    if (!gate || !op.getResult())
      return rewriter.notifyMatchFailure(op, "input is no gate");
    StringRef what = stringifyActivation(op.getFunction());
    auto miss = [&](StringRef reason) {
      reportMissed(op.getLoc(), what, target, reason);
      return rewriter.notifyMatchFailure(op, reason);
    };
    if (!isEpilogueActivation(op.getFunction()))
      return miss("no epilogue computes this function");
    if (gate.getActivation() != Activation::None || gate.getGate())
      return miss("the gate has an activation or a product already");
    if (StringRef reason = whyShared(gate, layout, op); !reason.empty())
      return miss(reason);
    reportFused(op.getLoc(), what, target);
    replaceWithGate(rewriter, op, gate, layout,
                    {gate.getAdded(), Value(), op.getFunction()});
    return success();
  }
};

/// gate + a -> gate added a; gate * z -> gate gate z.
struct FuseBinary : OpRewritePattern<ElementwiseOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ElementwiseOp op,
                                PatternRewriter &rewriter) const override {
    bool isSum = op.getFunction() == Binary::Add;
    if ((!isSum && op.getFunction() != Binary::Mul) || !op.getResult())
      return rewriter.notifyMatchFailure(op, "no sum or product of tensors");
    Value other = op.getRhs();
    Operation *layout;
    SpatialGateOp gate = gateOf(op.getLhs(), layout);
    if (!gate) {
      other = op.getLhs();
      gate = gateOf(op.getRhs(), layout);
    }
    if (!gate)
      return rewriter.notifyMatchFailure(op, "no operand is a gate");
    auto miss = [&](StringRef reason) {
      reportMissed(op.getLoc(), isSum ? "addition" : "product", target, reason);
      return rewriter.notifyMatchFailure(op, reason);
    };
    if (gate.getGate())
      return miss("the gate has a product already");
    if (isSum && (gate.getAdded() || gate.getActivation() != Activation::None))
      return miss("the gate has an addition or an activation already");
    if (StringRef reason = whyShared(gate, layout, op); !reason.empty())
      return miss(reason);
    if (other.getType() != op.getResult().getType() ||
        op.getLhs().getType() != op.getRhs().getType())
      return miss("the other operand has another shape");
    reportFused(op.getLoc(), isSum ? "addition" : "product", target);
    rewriter.setInsertionPoint(op);
    Value array = inGateLayout(rewriter, op.getLoc(), other, layout);
    replaceWithGate(rewriter, op, gate, layout,
                    {isSum ? array : gate.getAdded(), isSum ? Value() : array,
                     gate.getActivation()});
    return success();
  }
};

struct FuseGatePass : attune::impl::FuseGatePassBase<FuseGatePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseNorm, FuseActivation, FuseBinary>(&getContext());
    // One walk in program order: norm, then sum, activation and product.
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
