//===- ArrayOps.cpp - Verifiers and folds of made arrays ------------------===//

#include "dialect/VerifyShapes.h"

#include <cmath>

using namespace mlir;
using namespace attune;

LogicalResult BroadcastOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())))
    return failure();
  if (elementOf(madeArray(getResult(), getInit())) != elementOf(getInput()))
    return emitOpError("(C2) result has the input's element type");
  OptionalShape x = tensorShape(getInput());
  if (!x || !getResult())
    return success();
  SmallVector<Extent> y = *tensorShape(getResult());
  OptionalShape both = broadcastShapes(*x, y);
  if (!both || x->size() > y.size() || !llvm::equal(*both, y))
    return emitOpError() << "(C3) shape " << shapeText(*x)
                         << " does not stretch to " << shapeText(y);
  return success();
}

/// The rules that repeat_elements and tile_axis share.
static LogicalResult verifyRepetition(Operation *op, Value input, Value result,
                                      int64_t axis, ExtentAttr times) {
  SmallVector<Extent> shape = *tensorShape(input);
  if (axis < 0 || axis >= rankOf(input))
    return op->emitOpError("(C1) axis ")
           << axis << " is not in 0.." << rankOf(input);
  if (elementOf(result) != elementOf(input))
    return op->emitOpError("(C2) result has the input's element type");
  std::optional<Extent> size = shape[axis] * Extent::get(times);
  if (!size)
    return op->emitOpError("(C3) the size along the axis overflows");
  shape[axis] = *size;
  return verifySameShape(op, "C3", "result", shape, *tensorShape(result));
}

LogicalResult RepeatElementsOp::verify() {
  return verifyRepetition(*this, getInput(), getResult(), getAxis(),
                          getTimes());
}

LogicalResult TileAxisOp::verify() {
  return verifyRepetition(*this, getInput(), getResult(), getAxis(),
                          getTimes());
}

LogicalResult WhereOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())))
    return failure();
  Type condition = elementOf(getCondition()), element = elementOf(getLhs());
  // Booleans are bytes in memory.
  bool isBool = condition.isInteger(1) || (getInit() && condition.isInteger(8));
  if (!isBool || elementOf(getRhs()) != element ||
      elementOf(madeArray(getResult(), getInit())) != element)
    return emitOpError("(C2) takes an i1 and two of one element type");
  if (!getResult())
    return success();
  SmallVector<Extent> c = *tensorShape(getCondition()),
                      a = *tensorShape(getLhs()), b = *tensorShape(getRhs());
  OptionalShape shape = broadcastShapes(a, b);
  if (shape)
    shape = broadcastShapes(c, *shape);
  if (!shape)
    return emitOpError() << "(C3) shapes " << shapeText(c) << ", "
                         << shapeText(a) << " and " << shapeText(b)
                         << " do not broadcast";
  return verifySameShape(*this, "C4", "result", *shape,
                         *tensorShape(getResult()));
}

LogicalResult ArangeOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())))
    return failure();
  Value made = madeArray(getResult(), getInit());
  if (rankOf(made) != 1 || !elementOf(made).isInteger(64))
    return emitOpError("(C2) makes an array of rank 1 and elements i64");
  return success();
}

LogicalResult SinusoidOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())))
    return failure();
  auto made = cast<ShapedType>(madeArray(getResult(), getInit()).getType());
  if (made.getRank() != 2 || !made.getElementType().isF32() ||
      made.isDynamicDim(1) || made.getDimSize(1) % 2 != 0)
    return emitOpError("(C2) makes [T, D] of f32 with a static, even D");
  double base = getBase().convertToDouble();
  if (!(base > 0) || std::isinf(base))
    return emitOpError("(C3) base must be positive and finite");
  return success();
}

LogicalResult RopeOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())) ||
      failed(
          verifyF32(*this, {getInput(), getTable(), getResult(), getInit()})))
    return failure();
  auto x = cast<ShapedType>(getInput().getType());
  auto table = cast<ShapedType>(getTable().getType());
  if (x.getRank() < 2 || table.getRank() != 2)
    return emitOpError("(C3) takes rank 2 or more and a table of rank 2");
  int64_t width = x.getShape().back(), turned = table.getDimSize(1);
  if (ShapedType::isDynamic(width) || ShapedType::isDynamic(turned) ||
      turned > width || turned % 2 != 0)
    return emitOpError("(C4) turns an even, static number of channels, not ")
           << turned << " of " << width;
  if (!getResult())
    return success();
  SmallVector<Extent> shape = *tensorShape(getInput());
  if (!(shape[shape.size() - 2] == tensorShape(getTable())->front()))
    return emitOpError("(C4) the table has a row for each position");
  return verifySameShape(*this, "C5", "result", shape,
                         *tensorShape(getResult()));
}

//===----------------------------------------------------------------------===//
// Folds
//===----------------------------------------------------------------------===//

namespace {

/// A stretch to the shape that the input has.
struct DropStretch : OpRewritePattern<BroadcastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BroadcastOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getResult() || op.getResult().getType() != op.getInput().getType())
      return rewriter.notifyMatchFailure(op, "changes the shape");
    rewriter.replaceOp(op, op.getInput());
    return success();
  }
};

/// [.., T, ..] -> [.., T, 1, ..] -> [.., T, n, ..] -> [.., T * n, ..]; for a
/// tile the new axis is in front of T.
template <typename Op> struct RepetitionToBroadcast : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    bool isTile = std::is_same_v<Op, TileAxisOp>;
    auto type = cast<RankedTensorType>(op.getInput().getType());
    SmallVector<Extent> shape = symbolicShape(type);
    auto made = [&](ArrayRef<Extent> extents) {
      return makeTensorType(extents, type.getElementType(), op.getContext());
    };
    Location loc = op.getLoc();
    size_t place = op.getAxis() + (isTile ? 0 : 1);
    shape.insert(shape.begin() + place, Extent::constant(1));
    Value x = ReshapeOp::create(rewriter, loc, made(shape), op.getInput());
    shape[place] = Extent::get(op.getTimes());
    x = BroadcastOp::create(rewriter, loc, TypeRange{made(shape)}, x, Value())
            .getResult();
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getResult().getType(), x);
    return success();
  }
};

} // namespace

void BroadcastOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<DropStretch>(context);
}

void RepeatElementsOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                   MLIRContext *context) {
  patterns.add<RepetitionToBroadcast<RepeatElementsOp>>(context);
}

void TileAxisOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                             MLIRContext *context) {
  patterns.add<RepetitionToBroadcast<TileAxisOp>>(context);
}
