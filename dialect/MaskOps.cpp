//===- MaskOps.cpp - Verifiers of masks and captures ----------------------===//

#include "dialect/Verify.h"

using namespace mlir;
using namespace attune;

LogicalResult MaskOp::verify() {
  Block &body = getBody().front();
  if (body.getNumArguments() != 8 ||
      !llvm::all_of(body.getArgumentTypes(),
                    [](Type type) { return type.isInteger(32); }))
    return emitOpError(
        "(C1) the region takes (b, h, q, k, nb, nh, nq, nk: i32)");
  Operation *yield = body.getTerminator();
  if (yield->getNumOperands() != 1 ||
      !yield->getOperand(0).getType().isInteger(1))
    return emitOpError("(C2) the region yields one i1");
  return success();
}

LogicalResult CaptureOp::verify() {
  return checkRank(*this, "C1", "the array", getArray().getType(),
                   getIndices().size());
}
