//===- ScoreOps.cpp - Verifiers and folds of scores -----------------------===//

#include "dialect/VerifyShapes.h"

#include <cmath>

using namespace mlir;
using namespace attune;

/// A size of 1 stretches.
static bool stretches(int64_t given, int64_t size) {
  return given == 1 || !differ(given, size);
}

bool attune::isInPanels(Value key) {
  auto type = dyn_cast<MemRefType>(key.getType());
  return type && type.getRank() == 5 && type.hasStaticShape() &&
         type.getDimSize(0) == 1;
}

/// What dot and additive share: query and key of rank 4. The key of a dot may
/// be in panels.
static LogicalResult verifyPair(Operation *op, Value query, Value key) {
  auto q = cast<ShapedType>(query.getType());
  auto k = cast<ShapedType>(key.getType());
  bool isKey = k.getRank() == 4 || (isa<DotOp>(op) && isInPanels(key));
  if (q.getRank() != 4 || !isKey || !q.getElementType().isF32() ||
      !k.getElementType().isF32())
    return op->emitOpError("(C1) query and key are f32 of rank 4, not ")
           << q << " and " << k;
  if (!stretches(q.getDimSize(0), k.getDimSize(0)) &&
      !stretches(k.getDimSize(0), q.getDimSize(0)))
    return op->emitOpError("(C2) batches differ: ") << q << " and " << k;
  if (differ(q.getDimSize(3), k.getDimSize(3)))
    return op->emitOpError("(C3) head sizes differ: ") << q << " and " << k;
  if (!dividesHeads(k.getDimSize(1), q.getDimSize(1)))
    return op->emitOpError("(C4) ")
           << k.getDimSize(1) << " key heads do not divide " << q.getDimSize(1)
           << " query heads";
  return success();
}

/// Whether query and key make scores of this type.
static bool makeScores(Value query, Value key, ScoresType type) {
  auto q = cast<ShapedType>(query.getType());
  auto k = cast<ShapedType>(key.getType());
  ArrayRef<int64_t> scores = type.getShape();
  return stretches(q.getDimSize(0), scores[0]) &&
         stretches(k.getDimSize(0), scores[0]) &&
         dividesHeads(q.getDimSize(1), scores[1]) &&
         !differ(q.getDimSize(2), scores[2]) &&
         (isInPanels(key) || !differ(k.getDimSize(2), scores[3]));
}

/// [B, H, Tq, Tk] of two operands of rank 4.
static ShapeAttr sizesOfPair(Value query, Value key, MLIRContext *context) {
  auto q = symbolicShape(cast<RankedTensorType>(query.getType()));
  auto k = symbolicShape(cast<RankedTensorType>(key.getType()));
  Extent batch = q[0] == Extent::constant(1) ? k[0] : q[0];
  return makeShapeAttr({batch, q[1], q[2], k[2]}, context);
}

LogicalResult DotOp::verify() {
  if (failed(verifyPair(*this, getQuery(), getKey())))
    return failure();
  if (!makeScores(getQuery(), getKey(), getScores().getType()))
    return emitOpError("(C6) scores of ")
           << getQuery().getType() << " and " << getKey().getType()
           << " cannot be " << getScores().getType();
  if (!std::isfinite(getScale().convertToDouble()))
    return emitOpError("(C5) scale must be finite");
  if (!getKeyBias())
    return success();
  auto bias = cast<ShapedType>(getKeyBias().getType());
  ArrayRef<int64_t> scores = getScores().getType().getShape();
  if (bias.getRank() != 2 || !bias.getElementType().isF32() ||
      differ(bias.getDimSize(1), scores[3]) ||
      !dividesHeads(bias.getDimSize(0), scores[1]))
    return emitOpError("(C7) the key bias of ")
           << getScores().getType() << " cannot be " << bias;
  return success();
}

ShapeAttr DotOp::getSizes() {
  return sizesOfPair(getQuery(), getKey(), getContext());
}

LogicalResult AdditiveOp::verify() {
  if (failed(verifyPair(*this, getQuery(), getKey())))
    return failure();
  if (!makeScores(getQuery(), getKey(), getScores().getType()))
    return emitOpError("(C5) scores of ")
           << getQuery().getType() << " and " << getKey().getType()
           << " cannot be " << getScores().getType();
  auto weight = cast<ShapedType>(getWeight().getType());
  int64_t size = cast<ShapedType>(getQuery().getType()).getDimSize(3);
  if (weight.getRank() != 1 || !weight.getElementType().isF32() ||
      differ(weight.getDimSize(0), size))
    return emitOpError("(C3) the weight of heads of ")
           << size << " cannot be " << weight;
  return success();
}

ShapeAttr AdditiveOp::getSizes() {
  return sizesOfPair(getQuery(), getKey(), getContext());
}

ShapeAttr IndexScoresOp::getSizes() { return getExtents(); }

LogicalResult CombineOp::verify() {
  size_t count = getSources().size();
  if (count == 0)
    return emitOpError("(C1) has one source or more");
  if (getCoefficients().size() != count || getWeightIndex().size() != count)
    return emitOpError(
        "(C2) has one coefficient and one weight index a source");
  for (int64_t index : getWeightIndex())
    if (index < -1 || index >= int64_t(getWeights().size()))
      return emitOpError("(C3) weight index ")
             << index << " is not in -1.." << getWeights().size();
  for (Value source : getSources())
    if (source.getType() != getScores().getType())
      return emitOpError("(C4) sources have the type of the result, not ")
             << source.getType();
  for (Value weight : getWeights()) {
    auto type = cast<ShapedType>(weight.getType());
    int64_t heads = getScores().getType().getShape()[1];
    if (!type.getElementType().isF32() || type.getRank() > 1 ||
        (type.getRank() == 1 && type.getDimSize(0) != heads))
      return emitOpError("(C5) weights are f32 of shape [] or [H], not ")
             << type;
  }
  return success();
}

LogicalResult ModifyOp::verify() {
  if (getInput().getType() != getScores().getType())
    return emitOpError("(C3) result has the type of the input");
  return verifyIndexRegion(*this, getBody(), /*hasScore=*/true,
                           /*yieldsNumber=*/true);
}

LogicalResult IndexScoresOp::verify() {
  if (failed(verifyIndexRegion(*this, getBody(), /*hasScore=*/false,
                               /*yieldsNumber=*/true)))
    return failure();
  if (!hasSizes(getScores().getType(), getExtents()))
    return emitOpError("(C3) scores ")
           << getScores().getType() << " do not have the sizes "
           << getExtents();
  return success();
}

OpFoldResult CombineOp::fold(FoldAdaptor) {
  // 1 * s.
  if (getSources().size() == 1 && getCoefficients()[0] == 1.0 &&
      getWeightIndex()[0] < 0)
    return getSources().front();
  return {};
}
