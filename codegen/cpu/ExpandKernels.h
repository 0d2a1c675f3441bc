//===- ExpandKernels.h - attune.kernel to loops of tile ops ---------------===//

#ifndef ATTUNE_CODEGEN_CPU_EXPANDKERNELS_H
#define ATTUNE_CODEGEN_CPU_EXPANDKERNELS_H

#include "dialect/Attune.h"

namespace attune {

/// Replaces a `gemm` kernel by a parallel loop over blocks of rows and groups
/// of panels. Erases the op.
mlir::LogicalResult expandGemm(KernelOp kernel);

/// Replaces an `attend` kernel by packing and computing loops for each group of
/// heads whose packed keys fit workspace[0]. Erases the op.
mlir::LogicalResult expandAttend(KernelOp kernel);

/// Replaces a `gate` kernel by loops that compute the rows' moments, pack and
/// multiply, for each group of batch elements that fit workspace[0]. Erases the
/// op.
mlir::LogicalResult expandGate(KernelOp kernel);

} // namespace attune

#endif
