//===- KernelOps.cpp - Verifiers and folds
//---------------------------------------===//

#include "dialect/Attune.h"

using namespace mlir;
using namespace attune;

LogicalResult KernelOp::verify() { return success(); }
