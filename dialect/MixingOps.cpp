//===- MixingOps.cpp - Verifiers of token mixing --------------------------===//

#include "dialect/VerifyShapes.h"

using namespace mlir;
using namespace attune;

LogicalResult AttendOp::verify() {
  if (failed(verifyDestination(
          *this, getResult().empty() ? Value() : getResult().front(),
          getInit().empty() ? Value() : getInit().front())))
    return failure();
  SmallVector<Value> arrays = getArrays();
  size_t wanted = 1 + getProbs() + getLse();
  if (arrays.size() != wanted)
    return emitOpError("(C6) has ")
           << arrays.size() << " results or destinations, not " << wanted;
  if (getNoSoftmax() &&
      (getProbs() || getLse() || getEmptyRow() != EmptyRow::Zero))
    return emitOpError(
        "(C7) without softmax there are no probs and no lse, and "
        "empty rows are zero");
  auto v = cast<ShapedType>(getValue().getType());
  if (v.getRank() != 4 || !v.getElementType().isF32())
    return emitOpError("(C2) value is f32 of rank 4, not ") << v;
  ArrayRef<int64_t> scores = getScores().getType().getShape();
  if (differ(scores[0], v.getDimSize(0)) || differ(scores[3], v.getDimSize(2)))
    return emitOpError("(C3) scores ")
           << getScores().getType() << " do not fit values " << v;
  if (!dividesHeads(v.getDimSize(1), scores[1]))
    return emitOpError("(C4) ")
           << v.getDimSize(1) << " value heads do not divide " << scores[1]
           << " heads of scores";
  SmallVector<SmallVector<int64_t, 4>> shapes = {
      {scores[0], scores[1], scores[2], v.getDimSize(3)}};
  if (getProbs())
    shapes.emplace_back(scores);
  if (getLse())
    shapes.emplace_back(scores.drop_back());
  for (auto [array, expected] : llvm::zip_equal(arrays, shapes)) {
    auto type = cast<ShapedType>(array.getType());
    bool fits = type.getRank() == int64_t(expected.size()) &&
                type.getElementType().isF32();
    for (int64_t axis = 0; fits && axis < type.getRank(); ++axis)
      fits = !differ(expected[axis], type.getDimSize(axis));
    if (!fits)
      return emitOpError("(C5) a result of ")
             << getScores().getType() << " and " << v << " cannot be " << type;
  }
  return success();
}
