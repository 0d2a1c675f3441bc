//===- ProgramOps.cpp - Verifiers and folds
//---------------------------------------===//

#include "dialect/Attune.h"

using namespace mlir;
using namespace attune;

LogicalResult ParamOp::verify() { return success(); }
LogicalResult ForOp::verify() { return success(); }
