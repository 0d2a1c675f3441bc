//===- LayerOps.cpp - Verifiers and folds of layers -----------------------===//

#include "dialect/VerifyShapes.h"

#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace attune;

LogicalResult LinearOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())) ||
      failed(verifyF32(*this, {getInput(), getWeight(), getBias(),
                               getResidual(), getResult(), getInit()})))
    return failure();
  OptionalShape x = tensorShape(getInput()), w = tensorShape(getWeight());
  if (!x || !w || !getResult())
    return success();
  if (x->empty() || w->size() != 2 || !(w->back() == x->back()))
    return emitOpError() << "(C3) input " << shapeText(*x) << " and weight "
                         << shapeText(*w) << " must agree: [..., K] and [N, K]";
  SmallVector<Extent> expected(*x);
  expected.back() = w->front();
  if (getBias())
    if (OptionalShape bias = tensorShape(getBias()))
      if (failed(verifySameShape(*this, "C4", "bias", {w->front()}, *bias)))
        return failure();
  if (getResidual())
    if (OptionalShape residual = tensorShape(getResidual()))
      if (failed(verifySameShape(*this, "C5", "residual", expected, *residual)))
        return failure();
  return verifySameShape(*this, "C6", "result", expected,
                         *tensorShape(getResult()));
}

LogicalResult MatmulOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())) ||
      failed(verifyF32(*this, {getLhs(), getRhs(), getResult(), getInit()})))
    return failure();
  if (rankOf(getLhs()) < 2 || rankOf(getRhs()) < 2)
    return emitOpError("(C3) operands have rank 2 or more");
  OptionalShape a = tensorShape(getLhs()), b = tensorShape(getRhs());
  if (a && b && !(a->back() == (*b)[b->size() - 2]))
    return emitOpError() << "(C4) lhs " << shapeText(*a) << " and rhs "
                         << shapeText(*b)
                         << " must agree: [..., M, K] and [..., K, N]";
  return success();
}

LogicalResult LayerNormOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())) ||
      failed(verifyF32(
          *this, {getInput(), getGamma(), getBeta(), getResult(), getInit()})))
    return failure();
  if (rankOf(getInput()) < 1)
    return emitOpError("(C3) input has rank 1 or more");
  if (!(getEps().convertToDouble() >= 0))
    return emitOpError("(C4) eps must not be negative");
  OptionalShape x = tensorShape(getInput());
  for (auto [what, value] :
       {std::pair("gamma", getGamma()), std::pair("beta", getBeta())})
    if (value && x)
      if (OptionalShape shape = tensorShape(value))
        if (failed(verifySameShape(*this, "C5", what, {x->back()}, *shape)))
          return failure();
  if (getResult() && x)
    return verifySameShape(*this, "C6", "result", *x,
                           *tensorShape(getResult()));
  return success();
}

/// [V, ...] and ids [...] give [ids..., ...].
static LogicalResult verifyRows(Operation *op, Value table, Value ids,
                                Value result) {
  Type element = elementOf(ids);
  if (!element.isInteger(32) && !element.isInteger(64))
    return op->emitOpError("(C2) ids are i32 or i64, not ") << element;
  if (rankOf(table) < 1)
    return op->emitOpError("(C3) table has rank 1 or more");
  OptionalShape rows = tensorShape(table), shape = tensorShape(ids);
  if (!rows || !shape || !result)
    return success();
  if (elementOf(result) != elementOf(table))
    return op->emitOpError("(C4) result has the element type of the table");
  llvm::append_range(*shape, ArrayRef(*rows).drop_front());
  return verifySameShape(op, "C5", "result", *shape, *tensorShape(result));
}

LogicalResult EmbeddingOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())))
    return failure();
  return verifyRows(*this, getTable(), getIds(), getResult());
}

LogicalResult GatherOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())))
    return failure();
  return verifyRows(*this, getTable(), getIds(), getResult());
}

LogicalResult ActivationOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())))
    return failure();
  Type element = elementOf(getInput());
  bool fits;
  switch (getFunction()) {
  case Activation::None:
    fits = true;
    break;
  case Activation::Not:
    fits = element.isInteger(1) || element.isInteger(8);
    break;
  case Activation::Neg:
  case Activation::Abs:
    fits = isa<FloatType>(element) || element.isInteger(32) ||
           element.isInteger(64);
    break;
  default:
    fits = isa<FloatType>(element);
    break;
  }
  if (!fits)
    return emitOpError("(C2) `") << stringifyActivation(getFunction())
                                 << "` does not take " << element;
  if (getResult() && getResult().getType() != getInput().getType())
    return emitOpError("(C3) result has the type of the input");
  return success();
}

LogicalResult ElementwiseOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())))
    return failure();
  if (elementOf(getLhs()) != elementOf(getRhs()))
    return emitOpError("(C2) operands have one element type, not ")
           << elementOf(getLhs()) << " and " << elementOf(getRhs());
  OptionalShape a = tensorShape(getLhs()), b = tensorShape(getRhs());
  if (!a || !b || !getResult())
    return success();
  OptionalShape shape = broadcastShapes(*a, *b);
  if (!shape)
    return emitOpError() << "(C3) shapes " << shapeText(*a) << " and "
                         << shapeText(*b) << " do not broadcast";
  bool compares = getFunction() >= Binary::Eq && getFunction() <= Binary::Ge;
  Type element = elementOf(getResult());
  if (compares ? !element.isInteger(1) : element != elementOf(getLhs()))
    return emitOpError("(C4) result has element type ")
           << element << ": comparisons give i1, the rest the operands' type";
  return verifySameShape(*this, "C5", "result", *shape,
                         *tensorShape(getResult()));
}

LogicalResult CastOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())))
    return failure();
  OptionalShape x = tensorShape(getInput());
  if (x && getResult())
    return verifySameShape(*this, "C2", "result", *x,
                           *tensorShape(getResult()));
  return success();
}

LogicalResult ConcatOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())))
    return failure();
  if (getInputs().empty())
    return emitOpError("(C2) has one input or more");
  int64_t rank = rankOf(getInputs().front());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= rank)
    return emitOpError("(C3) axis ") << axis << " is not in 0.." << rank;
  SmallVector<Extent> sum;
  for (Value input : getInputs()) {
    if (rankOf(input) != rank ||
        elementOf(input) != elementOf(getInputs().front()))
      return emitOpError("(C4) inputs have one rank and element type");
    OptionalShape shape = tensorShape(input);
    if (!shape)
      return success();
    if (sum.empty()) {
      sum = *shape;
      continue;
    }
    for (int64_t i = 0; i < rank; ++i)
      if (i != axis && !(sum[i] == (*shape)[i]))
        return emitOpError()
               << "(C5) inputs " << shapeText(sum) << " and "
               << shapeText(*shape) << " differ in another axis than " << axis;
    if (std::optional<Extent> total = sum[axis] + (*shape)[axis])
      sum[axis] = *total;
  }
  if (getResult())
    return verifySameShape(*this, "C6", "result", sum,
                           *tensorShape(getResult()));
  return success();
}

//===----------------------------------------------------------------------===//
// Folds
//===----------------------------------------------------------------------===//

namespace {
/// One op does the work: an embedding is a gather from a weight.
struct EmbeddingToGather : OpRewritePattern<EmbeddingOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(EmbeddingOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getResult())
      return rewriter.notifyMatchFailure(op, "already bufferized");
    rewriter.replaceOpWithNewOp<GatherOp>(op, op->getResultTypes(),
                                          op.getTable(), op.getIds(), Value(),
                                          StringAttr());
    return success();
  }
};

/// A conversion to the type it has, or no function at all.
template <typename Op> struct DropIdentity : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if constexpr (std::is_same_v<Op, ActivationOp>)
      if (op.getFunction() != Activation::None)
        return rewriter.notifyMatchFailure(op, "computes something");
    if (!op.getResult() || op.getResult().getType() != op.getInput().getType())
      return rewriter.notifyMatchFailure(op, "changes the type");
    rewriter.replaceOp(op, op.getInput());
    return success();
  }
};
} // namespace

void EmbeddingOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<EmbeddingToGather>(context);
}

void ActivationOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                               MLIRContext *context) {
  patterns.add<DropIdentity<ActivationOp>>(context);
}

namespace {
/// x - 0, x * 1 and x / 1 with a constant on the right. (x + 0 turns -0 into
/// 0, so it stays.)
struct DropNeutral : OpRewritePattern<ElementwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ElementwiseOp op,
                                PatternRewriter &rewriter) const override {
    DenseFPElementsAttr constant;
    if (!op.getResult() || !matchPattern(op.getRhs(), m_Constant(&constant)) ||
        !constant.isSplat() ||
        op.getResult().getType() != op.getLhs().getType())
      return rewriter.notifyMatchFailure(op, "is not neutral");
    double value = constant.getSplatValue<APFloat>().convertToDouble();
    Binary function = op.getFunction();
    bool neutral =
        (function == Binary::Sub && value == 0 && !std::signbit(value)) ||
        ((function == Binary::Mul || function == Binary::Div) && value == 1);
    if (!neutral)
      return rewriter.notifyMatchFailure(op, "is not neutral");
    rewriter.replaceOp(op, op.getLhs());
    return success();
  }
};
} // namespace

void ElementwiseOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                MLIRContext *context) {
  patterns.add<DropNeutral>(context);
}

void CastOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<DropIdentity<CastOp>>(context);
}
