//===- Pipelines.cpp - The stages of code generation for CUDA -------------===//

#include "codegen/Pipelines.h"
#include "codegen/cpu/LowerPasses.h"
#include "codegen/cpu/Passes.h"
#include "codegen/cuda/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace attune;

void attune::buildCudaRealizeStage(OpPassManager &manager) {
  manager.addPass(createCudaExpandKernelsPass());
  OpPassManager &device = manager.nest<gpu::GPUModuleOp>();
  // Masks and score functions may use math ops.
  device.addPass(createExpandMathPass());
  device.addPass(createCudaLowerMathPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

void attune::buildCudaLowerStage(OpPassManager &manager) {
  OpPassManager &device = manager.nest<gpu::GPUModuleOp>();
  device.addPass(createLoopInvariantCodeMotionPass());
  // Rounded divisions of mask expressions.
  device.addPass(arith::createArithExpandOpsPass());
  device.addPass(createSCFToControlFlowPass());
  // Indices have 32 bits; offsets into arrays were made i64 before.
  ConvertGpuOpsToNVVMOpsOptions options;
  options.indexBitwidth = 32;
  options.useBarePtrCallConv = true;
  device.addPass(createConvertGpuOpsToNVVMOps(options));
  device.addPass(createCanonicalizerPass());
  device.addPass(createCSEPass());
  device.addPass(createConvertNVVMToLLVMPass());
  device.addPass(createReconcileUnrealizedCastsPass());

  manager.addPass(createLowerAbiPass());
  manager.addPass(createCudaLowerLaunchPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  addConversionsToLLVM(manager);
}

void attune::registerCudaPasses() {
  registerPass([] { return createCudaExpandKernelsPass(); });
  registerPass([] { return createCudaLowerMathPass(); });
  registerPass([] { return createCudaLowerLaunchPass(); });
}
