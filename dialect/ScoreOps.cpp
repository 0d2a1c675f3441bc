//===- ScoreOps.cpp - Verifiers and folds of score sources ----------------===//

#include "dialect/Verify.h"

using namespace mlir;
using namespace attune;

LogicalResult DotOp::verify() {
  if (failed(checkRank(*this, "C1", "q", getQuery().getType(), 4)) ||
      failed(checkRank(*this, "C1", "k", getKey().getType(), 4)) ||
      failed(checkRank(*this, "C1", "scores", getScores().getType(), 4)))
    return failure();
  if (!onTensors(*this))
    return success();
  SmallVector<Extent> query = extentsOf(getQuery().getType());
  SmallVector<Extent> key = extentsOf(getKey().getType());
  if (failed(checkShape(*this, "C2", "k", key,
                        {query[0], key[1], key[2], query[3]})) ||
      failed(checkHeads(*this, "C3", query[1], key[1])))
    return failure();
  return checkShape(*this, "C4", "the scores", extentsOf(getScores().getType()),
                    {query[0], query[1], query[2], key[2]});
}

LogicalResult CombineOp::verify() {
  size_t count = getSources().size();
  if (count == 0 || getCoefficients().size() != count ||
      getWeightIndex().size() != count)
    return emitOpError() << "(C1) has " << count << " sources, "
                         << getCoefficients().size() << " coefficients and "
                         << getWeightIndex().size() << " weight indices";
  for (int64_t index : getWeightIndex())
    if (index < -1 || index >= int64_t(getWeights().size()))
      return emitOpError() << "(C2) weight index " << index
                           << " is outside [-1, " << getWeights().size() << ")";
  SmallVector<Extent> scores = extentsOf(getScores().getType());
  for (Value source : getSources())
    if (failed(checkShape(*this, "C3", "a source", extentsOf(source.getType()),
                          scores)))
      return failure();
  return success();
}

/// One source with coefficient 1 and no weight is that source.
OpFoldResult CombineOp::fold(FoldAdaptor) {
  if (getSources().size() == 1 && getCoefficients()[0] == 1.0 &&
      getWeightIndex()[0] == -1 &&
      getSources()[0].getType() == getScores().getType())
    return getSources()[0];
  return {};
}

LogicalResult ModifyOp::verify() {
  if (failed(checkShape(*this, "C1", "the result",
                        extentsOf(getScores().getType()),
                        extentsOf(getInput().getType()))))
    return failure();
  Block &body = getBody().front();
  if (body.getNumArguments() != 9 || !body.getArgument(0).getType().isF32() ||
      !llvm::all_of(llvm::drop_begin(body.getArgumentTypes()),
                    [](Type type) { return type.isInteger(32); }))
    return emitOpError("(C2) the region takes (s: f32, b, h, q, k, nb, nh, nq, "
                       "nk: i32)");
  Operation *yield = body.getTerminator();
  if (yield->getNumOperands() != 1 || !yield->getOperand(0).getType().isF32())
    return emitOpError("(C3) the region yields one f32");
  return success();
}
