//===- ScoreOps.cpp - Verifiers and folds of scores -----------------------===//

#include "dialect/VerifyShapes.h"

#include <cmath>

using namespace mlir;
using namespace attune;

LogicalResult DotOp::verify() {
  auto q = cast<ShapedType>(getQuery().getType());
  auto k = cast<ShapedType>(getKey().getType());
  if (q.getRank() != 4 || k.getRank() != 4 || !q.getElementType().isF32() ||
      !k.getElementType().isF32())
    return emitOpError("(C1) query and key are f32 of rank 4, not ")
           << q << " and " << k;
  auto differ = [](int64_t a, int64_t b) {
    return a != b && !ShapedType::isDynamic(a) && !ShapedType::isDynamic(b);
  };
  if (differ(q.getDimSize(0), k.getDimSize(0)))
    return emitOpError("(C2) batches differ: ") << q << " and " << k;
  if (differ(q.getDimSize(3), k.getDimSize(3)))
    return emitOpError("(C3) head sizes differ: ") << q << " and " << k;
  int64_t heads = q.getDimSize(1), shared = k.getDimSize(1);
  if (!ShapedType::isDynamic(heads) && !ShapedType::isDynamic(shared) &&
      (shared <= 0 || heads % shared != 0))
    return emitOpError("(C4) ")
           << shared << " key heads do not divide " << heads << " query heads";
  if (!std::isfinite(getScale().convertToDouble()))
    return emitOpError("(C5) scale must be finite");
  int64_t expected[] = {q.getDimSize(0), heads, q.getDimSize(2),
                        k.getDimSize(2)};
  for (auto [size, given] :
       llvm::zip(expected, getScores().getType().getShape()))
    if (differ(size, given))
      return emitOpError("(C6) scores of ")
             << q << " and " << k << " cannot be " << getScores().getType();
  return success();
}

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
  ArrayRef<ExtentAttr> extents = getExtents().getExtents();
  ArrayRef<int64_t> shape = getScores().getType().getShape();
  bool fits = extents.size() == 4 && shape.size() == 4;
  for (size_t axis = 0; fits && axis < 4; ++axis) {
    std::optional<int64_t> known = Extent::get(extents[axis]).asConstant();
    fits = known.value_or(ShapedType::kDynamic) == shape[axis];
  }
  if (!fits)
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
