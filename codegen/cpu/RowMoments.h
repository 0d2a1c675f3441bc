//===- RowMoments.h - Mean and scale of a layer norm's row ----------------===//

#ifndef ATTUNE_CODEGEN_CPU_ROWMOMENTS_H
#define ATTUNE_CODEGEN_CPU_ROWMOMENTS_H

#include "codegen/cpu/LineBuilder.h"

namespace attune {

/// A layer norm is (x - mean) * scale * gamma + beta.
struct RowMoments {
  mlir::Value mean;
  mlir::Value scale; // 1 / sqrt(variance + eps)
};

/// The number of elements of a line as f32.
mlir::Value lineSize(LoopBuilder &loops, LineBuilder &rows);

/// Two passes over `row`, which has `count` elements: the mean, then the sum
/// and the squares of the differences. The sum of the differences, zero without
/// rounding, corrects mean and variance.
RowMoments buildMoments(LoopBuilder &loops, LineBuilder &rows,
                        const LineBuilder::Line &row, mlir::Value count,
                        double eps);

} // namespace attune

#endif
