//===- SynthesizerOps.cpp - Score sources of Synthesizers -----------------===//
//
// Verifiers, and how each source is said with `dot` and `index_scores`.
//
//===----------------------------------------------------------------------===//

#include "dialect/LeadingOnes.h"
#include "dialect/VerifyShapes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace attune;

/// The scores type has the four sizes `extents`.
static bool isF32(ShapedType type, int64_t rank) {
  return type.getRank() == rank && type.getElementType().isF32();
}

LogicalResult DenseOp::verify() {
  auto input = cast<ShapedType>(getInput().getType());
  auto weight = cast<ShapedType>(getWeight().getType());
  auto bias = getBias() ? cast<ShapedType>(getBias().getType()) : ShapedType();
  if (!isF32(input, 4) || !isF32(weight, 3) || (bias && !isF32(bias, 2)))
    return emitOpError("(C1) input is f32 of rank 4, weight of rank 3, bias of "
                       "rank 2, not ")
           << input << " and " << weight;
  if (!dividesHeads(weight.getDimSize(0), input.getDimSize(1)) ||
      (bias && !dividesHeads(bias.getDimSize(0), input.getDimSize(1))))
    return emitOpError("(C2) the heads of weight and bias do not divide ")
           << input.getDimSize(1) << " heads";
  ArrayRef<int64_t> scores = getScores().getType().getShape();
  if (differ(scores[0], input.getDimSize(0)) ||
      differ(scores[1], input.getDimSize(1)) ||
      differ(scores[2], input.getDimSize(2)) ||
      differ(scores[3], weight.getDimSize(1)) ||
      (bias && differ(scores[3], bias.getDimSize(1))) ||
      differ(input.getDimSize(3), weight.getDimSize(2)))
    return emitOpError("(C3) scores of ")
           << input << " and " << weight << " cannot be "
           << getScores().getType();
  return success();
}

ShapeAttr DenseOp::getSizes() {
  auto x = symbolicShape(cast<RankedTensorType>(getInput().getType()));
  auto w = symbolicShape(cast<RankedTensorType>(getWeight().getType()));
  return makeShapeAttr({x[0], x[1], x[2], w[1]}, getContext());
}

Value DenseOp::expand(OpBuilder &builder) {
  return DotOp::create(builder, getLoc(), getScores().getType(), getInput(),
                       withLeadingOnes(builder, getLoc(), getWeight(), 4),
                       getBias(), builder.getF64FloatAttr(1.0));
}

LogicalResult RandomOp::verify() {
  auto table = cast<ShapedType>(getTable().getType());
  if (!isF32(table, 3))
    return emitOpError("(C1) table is f32 of rank 3, not ") << table;
  ArrayRef<int64_t> scores = getScores().getType().getShape();
  if (!dividesHeads(table.getDimSize(0), scores[1]))
    return emitOpError("(C2) ")
           << table.getDimSize(0) << " heads of the table do not divide "
           << scores[1] << " heads";
  if (!hasSizes(getScores().getType(), getExtents()) ||
      differ(scores[2], table.getDimSize(1)) ||
      differ(scores[3], table.getDimSize(2)))
    return emitOpError("(C3) scores of ")
           << table << " with sizes " << getExtents() << " cannot be "
           << getScores().getType();
  return success();
}

ShapeAttr RandomOp::getSizes() { return getExtents(); }

namespace {
/// Builds the body of an `index_scores` that reads arrays at its own indices.
class IndexBody {
public:
  IndexBody(OpBuilder &builder, Location loc, ScoresType type,
            ShapeAttr extents)
      : guard(builder), builder(builder), loc(loc), type(type) {
    op = IndexScoresOp::create(builder, loc, type, extents);
    block = builder.createBlock(&op.getBody(), {},
                                SmallVector<Type>(8, builder.getI32Type()),
                                SmallVector<Location>(8, loc));
  }

  Value index(unsigned argument) { return block->getArgument(argument); }
  Value constant(int64_t value) {
    return arith::ConstantIntOp::create(builder, loc, builder.getI32Type(),
                                        value);
  }
  /// The head that serves head h, of `heads`.
  Value head(int64_t heads) {
    int64_t shared = type.getShape()[1] / std::max<int64_t>(heads, 1);
    if (heads == 1)
      return constant(0);
    return shared == 1 ? index(1)
                       : Value(arith::DivUIOp::create(builder, loc, index(1),
                                                      constant(shared)));
  }
  Value capture(Value array, ValueRange indices) {
    return CaptureOp::create(builder, loc, builder.getF32Type(), array,
                             indices);
  }
  Value finish(Value score) {
    YieldOp::create(builder, loc, ValueRange{score});
    return op.getScores();
  }

private:
  OpBuilder::InsertionGuard guard;
  OpBuilder &builder;
  Location loc;
  ScoresType type;
  IndexScoresOp op;
  Block *block;
};
} // namespace

Value RandomOp::expand(OpBuilder &builder) {
  IndexBody body(builder, getLoc(), getScores().getType(), getExtents());
  int64_t heads = cast<ShapedType>(getTable().getType()).getDimSize(0);
  return body.finish(body.capture(
      getTable(), {body.head(heads), body.index(2), body.index(3)}));
}

LogicalResult FactorizedRandomOp::verify() {
  auto left = cast<ShapedType>(getLeft().getType());
  auto right = cast<ShapedType>(getRight().getType());
  if (!isF32(left, 3) || !isF32(right, 3))
    return emitOpError("(C1) left and right are f32 of rank 3, not ")
           << left << " and " << right;
  ArrayRef<int64_t> scores = getScores().getType().getShape();
  if (!dividesHeads(left.getDimSize(0), scores[1]) ||
      !dividesHeads(right.getDimSize(0), left.getDimSize(0)))
    return emitOpError("(C2) the heads of ")
           << left << " and " << right << " do not divide " << scores[1]
           << " heads";
  if (!hasSizes(getScores().getType(), getExtents()) ||
      differ(scores[2], left.getDimSize(1)) ||
      differ(scores[3], right.getDimSize(1)) ||
      differ(left.getDimSize(2), right.getDimSize(2)))
    return emitOpError("(C3) scores of ")
           << left << " and " << right << " with sizes " << getExtents()
           << " cannot be " << getScores().getType();
  return success();
}

ShapeAttr FactorizedRandomOp::getSizes() { return getExtents(); }

Value FactorizedRandomOp::expand(OpBuilder &builder) {
  return DotOp::create(builder, getLoc(), getScores().getType(),
                       withLeadingOnes(builder, getLoc(), getLeft(), 4),
                       withLeadingOnes(builder, getLoc(), getRight(), 4),
                       Value(), builder.getF64FloatAttr(1.0));
}

LogicalResult FactorizedDenseOp::verify() {
  auto left = cast<ShapedType>(getLeft().getType());
  auto right = cast<ShapedType>(getRight().getType());
  if (!isF32(left, 4) || !isF32(right, 4))
    return emitOpError("(C1) left and right are f32 of rank 4, not ")
           << left << " and " << right;
  ArrayRef<int64_t> scores = getScores().getType().getShape();
  for (ShapedType type : {left, right})
    if (!dividesHeads(type.getDimSize(1), scores[1]))
      return emitOpError("(C2) ")
             << type.getDimSize(1) << " heads of a factor do not divide "
             << scores[1] << " heads";
  bool fits = hasSizes(getScores().getType(), getExtents());
  for (ShapedType type : {left, right})
    fits = fits && !differ(scores[0], type.getDimSize(0)) &&
           !differ(scores[2], type.getDimSize(2)) && !type.isDynamicDim(3);
  if (!fits)
    return emitOpError("(C3) scores of ")
           << left << " and " << right << " with sizes " << getExtents()
           << " cannot be " << getScores().getType();
  return success();
}

ShapeAttr FactorizedDenseOp::getSizes() { return getExtents(); }

Value FactorizedDenseOp::expand(OpBuilder &builder) {
  Location loc = getLoc();
  IndexBody body(builder, loc, getScores().getType(), getExtents());
  int64_t n = cast<ShapedType>(getLeft().getType()).getDimSize(3);
  int64_t m = cast<ShapedType>(getRight().getType()).getDimSize(3);
  auto repeat = [&](int64_t times) -> Value {
    return arith::DivUIOp::create(builder, loc, body.index(3),
                                  body.constant(times));
  };
  auto tile = [&](int64_t size) -> Value {
    return arith::RemUIOp::create(builder, loc, body.index(3),
                                  body.constant(size));
  };
  FactorPattern pattern = getPattern();
  bool repeatsLeft = pattern == FactorPattern::RepeatTile ||
                     pattern == FactorPattern::RepeatRepeat;
  bool tilesRight = pattern == FactorPattern::RepeatTile ||
                    pattern == FactorPattern::TileTile;
  Value leftAt = repeatsLeft ? repeat(m) : tile(n);
  Value rightAt = tilesRight ? tile(m) : repeat(n);
  auto at = [&](Value array, Value column) {
    int64_t heads = cast<ShapedType>(array.getType()).getDimSize(1);
    return body.capture(
        array, {body.index(0), body.head(heads), body.index(2), column});
  };
  return body.finish(arith::MulFOp::create(builder, loc, at(getLeft(), leftAt),
                                           at(getRight(), rightAt)));
}
