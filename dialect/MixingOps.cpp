//===- MixingOps.cpp - The verifier of attend -----------------------------===//

#include "dialect/Verify.h"

using namespace mlir;
using namespace attune;

LogicalResult AttendOp::verify() {
  if (!onTensors(*this))
    return success();
  if (failed(checkRank(*this, "C1", "v", getValue().getType(), 4)) ||
      failed(checkRank(*this, "C1", "scores", getScores().getType(), 4)))
    return failure();
  SmallVector<Extent> scores = extentsOf(getScores().getType());
  SmallVector<Extent> value = extentsOf(getValue().getType());
  if (failed(checkShape(*this, "C2", "v", value,
                        {scores[0], value[1], scores[3], value[3]})) ||
      failed(checkHeads(*this, "C3", scores[1], value[1])))
    return failure();
  if (!getResult())
    return success();
  return checkShape(*this, "C4", "the result", extentsOf(getResult().getType()),
                    {scores[0], scores[1], scores[2], value[3]});
}
