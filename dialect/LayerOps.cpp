//===- LayerOps.cpp - Verifiers and folds
//---------------------------------------===//

#include "dialect/Attune.h"

using namespace mlir;
using namespace attune;

LogicalResult LinearOp::verify() { return success(); }
LogicalResult MatmulOp::verify() { return success(); }
LogicalResult LayerNormOp::verify() { return success(); }
LogicalResult EmbeddingOp::verify() { return success(); }
LogicalResult GatherOp::verify() { return success(); }
LogicalResult ActivationOp::verify() { return success(); }
LogicalResult ElementwiseOp::verify() { return success(); }
LogicalResult CastOp::verify() { return success(); }
LogicalResult ConcatOp::verify() { return success(); }
void EmbeddingOp::getCanonicalizationPatterns(RewritePatternSet &,
                                              MLIRContext *) {}
void ActivationOp::getCanonicalizationPatterns(RewritePatternSet &,
                                               MLIRContext *) {}
void ElementwiseOp::getCanonicalizationPatterns(RewritePatternSet &,
                                                MLIRContext *) {}
void CastOp::getCanonicalizationPatterns(RewritePatternSet &, MLIRContext *) {}
