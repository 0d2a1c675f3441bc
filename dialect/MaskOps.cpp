//===- MaskOps.cpp - Verifiers and folds
//---------------------------------------===//

#include "dialect/Attune.h"

using namespace mlir;
using namespace attune;

LogicalResult MaskOp::verify() { return success(); }
LogicalResult CaptureOp::verify() { return success(); }
