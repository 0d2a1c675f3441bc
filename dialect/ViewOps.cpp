//===- ViewOps.cpp - Verifiers and folds
//---------------------------------------===//

#include "dialect/Attune.h"

using namespace mlir;
using namespace attune;

LogicalResult HeadSplitOp::verify() { return success(); }
LogicalResult HeadMergeOp::verify() { return success(); }
LogicalResult SliceOp::verify() { return success(); }
LogicalResult SplitOp::verify() { return success(); }
LogicalResult TransposeOp::verify() { return success(); }
LogicalResult ReshapeOp::verify() { return success(); }
void HeadSplitOp::getCanonicalizationPatterns(RewritePatternSet &,
                                              MLIRContext *) {}
void HeadMergeOp::getCanonicalizationPatterns(RewritePatternSet &,
                                              MLIRContext *) {}
void SplitOp::getCanonicalizationPatterns(RewritePatternSet &, MLIRContext *) {}
OpFoldResult SliceOp::fold(FoldAdaptor) { return {}; }
OpFoldResult TransposeOp::fold(FoldAdaptor) { return {}; }
OpFoldResult ReshapeOp::fold(FoldAdaptor) { return {}; }
