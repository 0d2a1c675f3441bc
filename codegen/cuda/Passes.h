//===- Passes.h - Passes of the CUDA target -------------------------------===//

#ifndef ATTUNE_CODEGEN_CUDA_PASSES_H
#define ATTUNE_CODEGEN_CUDA_PASSES_H

#include "mlir/Pass/PassManager.h"
#include <memory>

namespace attune {

/// attune-cuda-expand-kernels: `attune.kernel` to a gpu.func and its launch.
std::unique_ptr<mlir::Pass> createCudaExpandKernelsPass();

/// attune-cuda-lower-math: math ops and fused multiply-adds to intrinsics that
/// every GPU has, in a gpu.module. What would become a call of libdevice is an
/// error.
std::unique_ptr<mlir::Pass> createCudaLowerMathPass();

/// attune-cuda-lower-launch: gpu.launch_func to calls of attune_cuda_launch, in
/// models of the type attune_body.
std::unique_ptr<mlir::Pass> createCudaLowerLaunchPass();

/// Registers the passes above with the flags that name them.
void registerCudaPasses();

/// Kernels become device functions, the model a sequence of launches.
void buildCudaRealizeStage(mlir::OpPassManager &manager);

/// Device functions to the NVVM dialect, the model to the LLVM dialect.
void buildCudaLowerStage(mlir::OpPassManager &manager);

} // namespace attune

#endif
