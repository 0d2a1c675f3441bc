//===- MaskOps.cpp - Verifiers of masks -----------------------------------===//

#include "dialect/VerifyShapes.h"

using namespace mlir;
using namespace attune;

LogicalResult MaskOp::verify() {
  return verifyIndexRegion(*this, getBody(), /*hasScore=*/false,
                           /*yieldsNumber=*/false);
}

LogicalResult CaptureOp::verify() {
  if (int64_t(getIndices().size()) != rankOf(getArray()))
    return emitOpError("(C1) has one index an axis: ")
           << getIndices().size() << " for " << getArray().getType();
  Type stored = elementOf(getArray()), read = getElement().getType();
  bool fits = stored == read;
  if (stored.isInteger(8)) // booleans read as i1, u8 as i32
    fits = read.isInteger(1) || read.isInteger(32);
  if (!fits)
    return emitOpError("(C2) reads ") << stored << " as " << read;
  return success();
}
