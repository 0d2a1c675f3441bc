//===- Pipelines.cpp - The stages of code generation ----------------------===//

#include "codegen/Pipelines.h"

#include "codegen/cpu/LowerPasses.h"
#include "codegen/cpu/Passes.h"
#include "codegen/cpu/RealizeOps.h"
#include "codegen/cuda/Passes.h"
#include "passes/Pipelines.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace attune;

void attune::buildRealizeStage(OpPassManager &manager) {
  manager.addPass(createExpandKernelsPass());
  manager.nest<func::FuncOp>().addPass(createLowerTilesPass());
  manager.addPass(createRealizePass());
  // Masks and score functions may use math ops.
  manager.addPass(createExpandMathPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

void attune::addConversionsToLLVM(OpPassManager &manager) {
  // Functions are lowered side by side.
  OpPassManager &functions = manager.nest<func::FuncOp>();
  functions.addPass(memref::createExpandStridedMetadataPass());
  functions.addPass(createLowerAffinePass());
  functions.addPass(createSCFToControlFlowPass());
  // Rounded divisions of mask expressions.
  functions.addPass(arith::createArithExpandOpsPass());
  functions.addPass(createConvertVectorToLLVMPass());
  functions.addPass(createConvertMathToLLVMPass());
  functions.addPass(createArithToLLVMConversionPass());
  functions.addPass(createConvertIndexToLLVMPass());
  manager.addPass(createFinalizeMemRefToLLVMConversionPass());
  manager.addPass(createConvertFuncToLLVMPass());
  manager.addPass(createConvertControlFlowToLLVMPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
  OpPassManager &lowered = manager.nest<LLVM::LLVMFuncOp>();
  lowered.addPass(createCanonicalizerPass());
  lowered.addPass(createCSEPass());
}

void attune::buildLowerStage(OpPassManager &manager) {
  manager.addPass(createLowerAbiPass());
  manager.addPass(createOutlineParallelPass());
  // Before anything else has to look at every task.
  manager.addPass(createMergeTasksPass());
  OpPassManager &functions = manager.nest<func::FuncOp>();
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
  functions.addPass(createLoopInvariantCodeMotionPass());
  functions.addPass(createConvertVectorToSCFPass());
  addConversionsToLLVM(manager);
  manager.addPass(createLowerChecksPass());
}

void attune::registerCodegenPipelines() {
  registerCPUKernelPasses();
  registerCPURealizePasses();
  registerCPULowerPasses();
  registerCudaPasses();
  registerStage("attune-stage-realize",
                "Kernels and layer ops become loops of vectors",
                buildRealizeStage);
  registerStage("attune-stage-lower", "To the LLVM dialect", buildLowerStage);
  registerStage("attune-stage-realize-cuda", "Kernels become device functions",
                buildCudaRealizeStage);
  registerStage("attune-stage-lower-cuda", "To the NVVM and LLVM dialects",
                buildCudaLowerStage);
}
