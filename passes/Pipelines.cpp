//===- Pipelines.cpp - The stages as pass pipelines -------------*- C++ -*-===//
#include "passes/Pipelines.h"

#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace attune;

// The front end makes this stage; here it only has to verify.
void attune::buildImportStage(OpPassManager &manager) {}

void attune::buildNormalizeStage(OpPassManager &manager) {
  OpPassManager &func = manager.nest<func::FuncOp>();
  // Folds first: they show which products read a weight and which sums are of
  // scores.
  func.addPass(createCanonicalizerPass());
  func.addPass(createNormalizeScoresPass());
  func.addPass(createNormalizeViewsPass());
  func.addPass(createNormalizeLoopsPass());
  // Equal weights, scores and masks become one, then each attend gets its own
  // clones. CSE would undo that: none may run from here to the tile stage.
  func.addPass(createCSEPass());
  func.addPass(createCanonicalizerPass());
  func.addPass(createCloneProducersPass());
  func.addPass(createVerifyNormalizedPass());
}

void attune::buildFuseStage(OpPassManager &manager) {
  // First: what it makes for the time of loading is fused as well.
  manager.addPass(createHoistProbabilitiesPass());
  OpPassManager &func = manager.nest<func::FuncOp>();
  // Gates before linears: a linear that is added to one would take it as its
  // residual.
  func.addPass(createFuseGatePass());
  // Biases first: linears are merged together with theirs. Merging before
  // widening: neighbours need no whole panels of their own.
  func.addPass(createFuseEpiloguePass());
  func.addPass(createMergeProjectionsPass());
  func.addPass(createAlignProjectionsPass());
  // Drops the weights and rows that nobody reads any more. No CSE: see
  // normalize.
  func.addPass(createCanonicalizerPass());
}

void attune::buildBufferizeStage(OpPassManager &manager) {
  manager.addPass(createBufferizePass());
  // Drops the views that nobody reads and the constants that were folded into
  // types. No CSE: see normalize.
  manager.nest<func::FuncOp>().addPass(createCanonicalizerPass());
}

void attune::buildPlanStage(OpPassManager &manager) {
  OpPassManager &func = manager.nest<func::FuncOp>();
  // Weights first: packing does not allocate, so that the order is free, but
  // an arena plan is then the last word on memory before kernels add theirs.
  func.addPass(createPlanWeightsPass());
  func.addPass(createPlanArenaPass());
}

void attune::buildTileStage(OpPassManager &manager) {
  manager.nest<func::FuncOp>().addPass(createTileKernelsPass());
}

void attune::registerStage(StringRef flag, StringRef text,
                           void (*build)(OpPassManager &)) {
  mlir::registerPassPipeline(
      flag, text,
      [build](OpPassManager &manager, StringRef options,
              function_ref<LogicalResult(const Twine &)> error) {
        if (!options.empty())
          return error("a stage takes no options");
        build(manager);
        return success();
      },
      [](function_ref<void(const mlir::detail::PassOptions &)>) {});
}

void attune::registerPipelines() {
  registerStage("attune-stage-import", "Verify what the front end made",
                buildImportStage);
  registerStage("attune-stage-normalize",
                "Bring programs into the form that fuse reads",
                buildNormalizeStage);
  registerStage("attune-stage-fuse", "Fuse epilogues into linears",
                buildFuseStage);
  registerStage("attune-stage-bufferize", "Tensors become memrefs",
                buildBufferizeStage);
  registerStage("attune-stage-plan", "Place weights and buffers",
                buildPlanStage);
  registerStage("attune-stage-tile", "Mixing and GEMM ops become kernels",
                buildTileStage);
}
