//===- RealizeRows.h - Parallel loops over rows ---------------------------===//

#ifndef ATTUNE_CODEGEN_CPU_REALIZEROWS_H
#define ATTUNE_CODEGEN_CPU_REALIZEROWS_H

#include "codegen/cpu/LoopBuilder.h"

namespace attune {

using RowBody = llvm::function_ref<void(mlir::ValueRange)>;

/// body(i0, i1, ...) for each index below `extents`, as tasks of several rows
/// of `rowElements` elements.
void buildRows(LoopBuilder &loops, llvm::ArrayRef<mlir::Value> extents,
               mlir::Value rowElements, RowBody body);

/// The memref with its last `count` axes, which are contiguous, as one.
mlir::Value collapseTrailing(LoopBuilder &loops, mlir::Value memref,
                             int64_t count);

/// A vector of any element type.
mlir::Value loadLanes(LoopBuilder &loops, mlir::Value memref,
                      mlir::ValueRange indices, int64_t lanes);

} // namespace attune

#endif
