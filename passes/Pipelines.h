//===- Pipelines.h - The stages as pass pipelines ---------------*- C++ -*-===//
#ifndef ATTUNE_PASSES_PIPELINES_H
#define ATTUNE_PASSES_PIPELINES_H

#include "mlir/Pass/PassManager.h"

namespace attune {

/// Each appends one stage to a module's pass manager; what must hold after each
/// stands in docs/lowering.md. Stages realize and lower are in codegen.
void buildImportStage(mlir::OpPassManager &manager);
void buildNormalizeStage(mlir::OpPassManager &manager);
void buildFuseStage(mlir::OpPassManager &manager);
void buildBufferizeStage(mlir::OpPassManager &manager);
void buildPlanStage(mlir::OpPassManager &manager);
void buildTileStage(mlir::OpPassManager &manager);

/// Registers a stage, which takes no options, as the pipeline `flag`.
void registerStage(llvm::StringRef flag, llvm::StringRef text,
                   void (*build)(mlir::OpPassManager &));

/// Registers `attune-stage-<stage>` for the stages above.
void registerPipelines();

} // namespace attune

#endif // ATTUNE_PASSES_PIPELINES_H
