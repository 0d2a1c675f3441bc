//===- Pipelines.h - The stages of code generation ------------------------===//

#ifndef ATTUNE_CODEGEN_PIPELINES_H
#define ATTUNE_CODEGEN_PIPELINES_H

#include "mlir/Pass/PassManager.h"

namespace attune {

/// Kernels and layer ops become scf, vector and memref: of the attune dialect
/// only `attune.dim` and `attune.param` are left.
void buildRealizeStage(mlir::OpPassManager &manager);

/// To the LLVM dialect: models are functions of the type attune_body, parallel
/// loops are calls of attune_parallel_for.
void buildLowerStage(mlir::OpPassManager &manager);

/// Appends what ends the lower stage of every target: loops, vectors, scalar
/// code, memrefs and functions of the host to the LLVM dialect.
void addConversionsToLLVM(mlir::OpPassManager &manager);

/// Registers `attune-stage-realize`, `attune-stage-lower` and the passes of the
/// CPU target.
void registerCodegenPipelines();

} // namespace attune

#endif
