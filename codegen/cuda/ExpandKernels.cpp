//===- ExpandKernels.cpp - attune.kernel to device functions --------------===//

#include "codegen/cuda/KernelOutline.h"
#include "codegen/cuda/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/Pass.h"

#define DEBUG_TYPE "attune-cuda-expand-kernels"

using namespace mlir;
using namespace attune;

namespace {
struct CudaExpandKernelsPass
    : PassWrapper<CudaExpandKernelsPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CudaExpandKernelsPass)

  StringRef getArgument() const final { return DEBUG_TYPE; }
  StringRef getDescription() const final {
    return "Expand attune.kernel to gpu.func and its launch";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, gpu::GPUDialect, LLVM::LLVMDialect,
                    math::MathDialect, memref::MemRefDialect, NVVM::NVVMDialect,
                    scf::SCFDialect, vector::VectorDialect>();
  }

  void runOnOperation() final {
    ModuleOp module = getOperation();
    SmallVector<KernelOp> kernels;
    module.walk([&](KernelOp kernel) { kernels.push_back(kernel); });
    if (kernels.empty())
      return;
    module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                    UnitAttr::get(&getContext()));
    auto builder = OpBuilder::atBlockEnd(module.getBody());
    auto device =
        gpu::GPUModuleOp::create(builder, module.getLoc(), "attune_kernels");
    llvm::DenseMap<Operation *, unsigned> counts;
    for (KernelOp kernel : kernels) {
      auto model = kernel->getParentOfType<func::FuncOp>();
      std::optional<std::string> problem = cudaKernelProblem(kernel);
      if (!model || problem) {
        kernel.emitOpError(problem ? *problem : "expects to stand in a model");
        return signalPassFailure();
      }
      bool gemm = kernel.getKind() == KernelKind::Gemm;
      std::string name = (model.getSymName() + "_" + Twine(counts[model]++) +
                          (gemm ? "_gemm" : "_attend"))
                             .str();
      gemm ? expandCudaGemm(kernel, device, name)
           : expandCudaAttend(kernel, device, name);
    }
  }
};
} // namespace

std::unique_ptr<Pass> attune::createCudaExpandKernelsPass() {
  return std::make_unique<CudaExpandKernelsPass>();
}
