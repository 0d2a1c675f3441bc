//===- LowerPasses.h - Passes of the CPU's lower stage --------------------===//

#ifndef ATTUNE_CODEGEN_CPU_LOWERPASSES_H
#define ATTUNE_CODEGEN_CPU_LOWERPASSES_H

#include "mlir/Pass/Pass.h"
#include <memory>

namespace attune {

/// attune-lower-abi: model functions get the signature of attune_body.
std::unique_ptr<mlir::Pass> createLowerAbiPass();

/// attune-outline-parallel: each scf.parallel becomes a function and a call of
/// attune_parallel_for.
std::unique_ptr<mlir::Pass> createOutlineParallelPass();

/// attune-merge-tasks: of those functions, equal ones become one.
std::unique_ptr<mlir::Pass> createMergeTasksPass();

/// attune-lower-checks: a model returns when attune_check_ids says no.
std::unique_ptr<mlir::Pass> createLowerChecksPass();

/// Registers the passes above with the flags that name them.
void registerCPULowerPasses();

/// Functions of the runtime (runtime/abi.h).
inline constexpr llvm::StringLiteral checkIdsName = "attune_check_ids";
inline constexpr llvm::StringLiteral parallelForName = "attune_parallel_for";

/// Functions that the realize stage calls and this stage replaces:
/// () -> index, the worker that runs the task, and
/// (ids: index, count: index, limit: index) -> (), where ids is an address and
/// the call's attribute `attune.ids_name` names the tensor in errors.
inline constexpr llvm::StringLiteral workerMarker = "attune_worker";
inline constexpr llvm::StringLiteral checkIds32Marker = "attune_check_ids_i32";
inline constexpr llvm::StringLiteral checkIds64Marker = "attune_check_ids_i64";

} // namespace attune

#endif
