//===- NormalizeViews.cpp - Products and weights, splits -*- C++ -*-===//
#include "dialect/Shape.h"
#include "passes/Passes.h"
#include "passes/WeightParts.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace attune {
#define GEN_PASS_DEF_NORMALIZEVIEWSPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

namespace {

/// x @ transpose(W) -> linear(x, W): packed when it is loaded.
struct ProductToLinear : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getResult())
      return rewriter.notifyMatchFailure(op, "on memrefs");
    auto transpose = op.getRhs().getDefiningOp<TransposeOp>();
    if (!transpose || transpose.getPermutation() != ArrayRef<int64_t>{1, 0})
      return rewriter.notifyMatchFailure(op, "rhs is no transposed matrix");
    Value weight = transpose.getInput();
    if (!getWeightRows(weight))
      return rewriter.notifyMatchFailure(op, "rhs is no packable weight");
    if (!cast<RankedTensorType>(weight.getType()).getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "rhs is not f32");
    rewriter.replaceOpWithNewOp<LinearOp>(
        op, op->getResultTypes(), op.getLhs(), weight, /*bias=*/Value(),
        /*residual=*/Value(), /*init=*/Value(), Activation::None);
    return success();
  }
};

/// linear(x, w, b) -> x @ transpose(w) + b when w is computed in the run; only
/// the bias leaves when it is the one that cannot be packed.
struct LinearToProduct : OpRewritePattern<LinearOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LinearOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getResult() || op.getResidual() ||
        op.getActivation() != Activation::None)
      return rewriter.notifyMatchFailure(op, "an epilogue is fused already");
    Value weight = op.getWeight(), bias = op.getBias();
    bool isPackable = getWeightRows(weight).has_value();
    if (isPackable &&
        (!bias || isPackableBias(bias, weight, getPanelWidth(op, widestPanel))))
      return rewriter.notifyMatchFailure(op, "weight and bias can be packed");
    Type type = op.getResult().getType();
    Value product;
    if (isPackable) {
      product = LinearOp::create(rewriter, op.getLoc(), type, op.getInput(),
                                 weight, /*bias=*/Value(), /*residual=*/Value(),
                                 /*init=*/Value(), Activation::None)
                    .getResult();
    } else {
      auto weightType = cast<RankedTensorType>(weight.getType());
      SmallVector<Extent> shape = symbolicShape(weightType);
      std::swap(shape[0], shape[1]);
      Value transposed = TransposeOp::create(
          rewriter, op.getLoc(),
          makeTensorType(shape, weightType.getElementType(), getContext()),
          weight, ArrayRef<int64_t>{1, 0});
      product = MatmulOp::create(rewriter, op.getLoc(), type, op.getInput(),
                                 transposed, /*init=*/Value())
                    .getResult();
    }
    if (bias)
      product = ElementwiseOp::create(rewriter, op.getLoc(), type, Binary::Add,
                                      product, bias, /*init=*/Value())
                    .getResult();
    rewriter.replaceOp(op, product);
    return success();
  }
};

/// The parts of a split are slices, which are views with an offset.
struct SplitToSlices : OpRewritePattern<SplitOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SplitOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> parts;
    std::optional<Extent> offset = Extent::constant(0);
    for (Value part : op.getParts()) {
      if (!offset)
        return rewriter.notifyMatchFailure(op, "an offset overflows");
      parts.push_back(SliceOp::create(rewriter, op.getLoc(), part.getType(),
                                      op.getInput(), op.getAxis(),
                                      offset->toAttr(getContext())));
      offset =
          *offset +
          symbolicShape(cast<RankedTensorType>(part.getType()))[op.getAxis()];
    }
    rewriter.replaceOp(op, parts);
    return success();
  }
};

struct NormalizeViewsPass
    : attune::impl::NormalizeViewsPassBase<NormalizeViewsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LinearToProduct, ProductToLinear, SplitToSlices>(
        &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
