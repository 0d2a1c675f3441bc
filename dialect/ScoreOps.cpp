//===- ScoreOps.cpp - Verifiers and folds
//---------------------------------------===//

#include "dialect/Attune.h"

using namespace mlir;
using namespace attune;

LogicalResult DotOp::verify() { return success(); }
LogicalResult CombineOp::verify() { return success(); }
LogicalResult ModifyOp::verify() { return success(); }
OpFoldResult CombineOp::fold(FoldAdaptor) { return {}; }
