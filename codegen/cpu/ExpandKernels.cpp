//===- ExpandKernels.cpp - attune.kernel to loops of tile ops -------------===//

#include "codegen/cpu/ExpandKernels.h"
#include "codegen/cpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"

#define DEBUG_TYPE "attune-cpu-expand-kernels"

using namespace mlir;
using namespace attune;

namespace {
struct ExpandKernelsPass
    : PassWrapper<ExpandKernelsPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandKernelsPass)

  StringRef getArgument() const final { return DEBUG_TYPE; }
  StringRef getDescription() const final {
    return "Expand attune.kernel to parallel loops of tile ops";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect,
                    math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
                    vector::VectorDialect>();
  }

  void runOnOperation() final {
    SmallVector<KernelOp> kernels;
    getOperation().walk([&](KernelOp kernel) { kernels.push_back(kernel); });
    if (!kernels.empty())
      declareWorker();
    for (KernelOp kernel : kernels) {
      if (failed(expandKernel(kernel)))
        return signalPassFailure();
    }
  }

private:
  static LogicalResult expandKernel(KernelOp kernel) {
    switch (kernel.getKind()) {
    case KernelKind::Gemm:
      return expandGemm(kernel);
    case KernelKind::Attend:
      return expandAttend(kernel);
    case KernelKind::Gate:
      return expandGate(kernel);
    }
    return kernel.emitOpError("is of an unknown kind");
  }

  /// The index of the worker that runs a task, known at the lower stage.
  void declareWorker() {
    ModuleOp module = getOperation();
    if (module.lookupSymbol("attune_worker"))
      return;
    auto builder = OpBuilder::atBlockBegin(module.getBody());
    func::FuncOp::create(
        builder, module.getLoc(), "attune_worker",
        builder.getFunctionType(TypeRange(), builder.getIndexType()))
        .setPrivate();
  }
};
} // namespace

std::unique_ptr<Pass> attune::createExpandKernelsPass() {
  return std::make_unique<ExpandKernelsPass>();
}

void attune::registerCPUKernelPasses() {
  registerPass([] { return createExpandKernelsPass(); });
  registerPass([] { return createLowerTilesPass(); });
  registerPass([] { return createExpandMathPass(); });
}
