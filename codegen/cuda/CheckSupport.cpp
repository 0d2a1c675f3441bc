//===- CheckSupport.cpp - What cannot run on CUDA yet ---------------------===//

#include "codegen/cuda/CheckSupport.h"
#include "codegen/cuda/KernelOutline.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace attune;

/// Whether the host does all the op says without touching an element.
static bool isHostOnly(Operation *op) {
  return isa<DimOp, ParamOp, KernelOp, YieldOp, func::FuncOp, func::ReturnOp,
             ModuleOp, memref::AllocOp, memref::DeallocOp, memref::DimOp,
             memref::ExtractStridedMetadataOp, ViewLikeOpInterface>(op) ||
         isa_and_nonnull<arith::ArithDialect, scf::SCFDialect>(
             op->getDialect());
}

static std::string describe(Operation *op) {
  StringRef name = op->getName().getStringRef();
  if (name == "memref.copy")
    return "a copy of an array";
  name.consume_front("attune.");
  return ("`" + name + "`").str();
}

SmallVector<CudaProblem> attune::findCudaProblems(ModuleOp module) {
  SmallVector<CudaProblem> problems;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!isHostOnly(op)) {
      problems.push_back(
          {op->getLoc(), describe(op) + " has no CUDA kernel yet"});
      return WalkResult::skip();
    }
    auto kernel = dyn_cast<KernelOp>(op);
    if (!kernel)
      return WalkResult::advance();
    if (std::optional<std::string> text = cudaKernelProblem(kernel))
      problems.push_back({op->getLoc(), *text});
    // Its regions run on the device.
    return WalkResult::skip();
  });
  return problems;
}
