//===- LowerMath.cpp - Math on the device without libdevice ---------------===//
//
// convert-gpu-to-nvvm turns math ops, arith.maximumf and their kin into calls
// of NVIDIA's libdevice, which is linked only where a toolkit is installed.
// Whatever a kernel may hold is replaced by intrinsics first.
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

#define DEBUG_TYPE "attune-cuda-lower-math"

using namespace mlir;
using namespace attune;

namespace {
/// convert-gpu-to-nvvm holds the LLVM dialect's own ops for these illegal, but
/// lets a call of the intrinsic pass.
template <typename From> struct CallIntrinsic : OpRewritePattern<From> {
  CallIntrinsic(MLIRContext *context, StringRef name)
      : OpRewritePattern<From>(context), name(name) {}

  LogicalResult matchAndRewrite(From op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<LLVM::CallIntrinsicOp>(
        op, op->getResult(0).getType(), rewriter.getStringAttr(name),
        op->getOperands());
    return success();
  }
  StringRef name;
};

struct CudaLowerMathPass
    : PassWrapper<CudaLowerMathPass, OperationPass<gpu::GPUModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CudaLowerMathPass)

  StringRef getArgument() const final { return DEBUG_TYPE; }
  StringRef getDescription() const final {
    return "Replace math ops of kernels by intrinsics of every GPU";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<LLVM::LLVMDialect>();
  }

  void runOnOperation() final {
    RewritePatternSet patterns(&getContext());
    MLIRContext *context = &getContext();
    patterns.add<CallIntrinsic<math::AbsFOp>>(context, "llvm.fabs");
    patterns.add<CallIntrinsic<math::CeilOp>>(context, "llvm.ceil");
    patterns.add<CallIntrinsic<math::FloorOp>>(context, "llvm.floor");
    patterns.add<CallIntrinsic<math::RoundEvenOp>>(context, "llvm.roundeven");
    patterns.add<CallIntrinsic<math::SqrtOp>>(context, "llvm.sqrt");
    patterns.add<CallIntrinsic<math::TruncOp>>(context, "llvm.trunc");
    patterns.add<CallIntrinsic<math::CopySignOp>>(context, "llvm.copysign");
    patterns.add<CallIntrinsic<math::FmaOp>>(context, "llvm.fma");
    patterns.add<CallIntrinsic<arith::MaximumFOp>>(context, "llvm.maximum");
    patterns.add<CallIntrinsic<arith::MinimumFOp>>(context, "llvm.minimum");
    patterns.add<CallIntrinsic<arith::MaxNumFOp>>(context, "llvm.maxnum");
    patterns.add<CallIntrinsic<arith::MinNumFOp>>(context, "llvm.minnum");
    walkAndApplyPatterns(getOperation(), std::move(patterns));
    WalkResult result = getOperation()->walk([](Operation *op) {
      bool isMath = isa_and_nonnull<math::MathDialect>(op->getDialect());
      if (isMath || isa<arith::RemFOp>(op)) {
        op->emitOpError("has no code on this target");
        return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> attune::createCudaLowerMathPass() {
  return std::make_unique<CudaLowerMathPass>();
}
