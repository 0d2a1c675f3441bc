//===- RealizeOps.cpp - Layer ops to loops of vectors ---------------------===//

#include "codegen/cpu/RealizeOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/TypeSwitch.h"

#define DEBUG_TYPE "attune-cpu-realize"

using namespace mlir;
using namespace attune;

static LogicalResult realizeCopy(memref::CopyOp op, int64_t vectorBytes) {
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  buildMap(loops, op.getSource(), op.getTarget(), vectorBytes,
           [](LoopBuilder &, ValueRange elements) { return elements[0]; });
  op.erase();
  return success();
}

static LogicalResult realize(Operation *op, int64_t vectorBytes) {
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](memref::CopyOp copy) { return realizeCopy(copy, vectorBytes); })
      .Case([&](ActivationOp op) { return realizeActivation(op, vectorBytes); })
      .Case(
          [&](ElementwiseOp op) { return realizeElementwise(op, vectorBytes); })
      .Case([&](CastOp op) { return realizeCast(op, vectorBytes); })
      .Case([&](ConcatOp op) { return realizeConcat(op, vectorBytes); })
      .Case([&](LayerNormOp op) { return realizeLayerNorm(op, vectorBytes); })
      .Case([&](RmsNormOp op) { return realizeRmsNorm(op, vectorBytes); })
      .Case([&](ReduceOp op) { return realizeReduce(op, vectorBytes); })
      .Case([&](SoftmaxOp op) { return realizeSoftmax(op, vectorBytes); })
      .Case([&](BroadcastOp op) { return realizeBroadcast(op, vectorBytes); })
      .Case([&](WhereOp op) { return realizeWhere(op, vectorBytes); })
      .Case([&](ArangeOp op) { return realizeArange(op, vectorBytes); })
      .Case([&](SinusoidOp op) { return realizeSinusoid(op, vectorBytes); })
      .Case([&](RopeOp op) { return realizeRope(op, vectorBytes); })
      .Case([&](GatherOp op) { return realizeGather(op, vectorBytes); })
      .Case([&](EmbeddingOp op) { return realizeEmbedding(op, vectorBytes); })
      .Default([](Operation *op) {
        return op->emitOpError("is not supported yet on this target");
      });
}

/// Array operands only: an op that was not bufferized is the pipeline's fault.
static bool hasMemRefsOnly(Operation *op) {
  return op->getNumResults() == 0 &&
         llvm::all_of(op->getOperandTypes(), llvm::IsaPred<MemRefType>);
}

namespace {
struct RealizePass : PassWrapper<RealizePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(RealizePass)

  StringRef getArgument() const final { return DEBUG_TYPE; }
  StringRef getDescription() const final {
    return "Turn layer ops and copies on memrefs into loops of vectors";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect,
                    math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
                    vector::VectorDialect>();
  }

  void runOnOperation() final {
    ModuleOp module = getOperation();
    int64_t vectorBytes = 32;
    if (auto target = module->getAttrOfType<TargetAttr>("attune.target"))
      vectorBytes = target.getVectorWidth() * 4;
    SmallVector<Operation *> work;
    module.walk([&](Operation *op) {
      bool isOurs = isa_and_nonnull<AttuneDialect>(op->getDialect()) &&
                    !isa<DimOp, ParamOp>(op);
      if (isOurs || isa<memref::CopyOp>(op))
        work.push_back(op);
    });
    for (Operation *op : work) {
      if (!hasMemRefsOnly(op)) {
        op->emitOpError("cannot be realized: it has operands or results that "
                        "are no memrefs");
        return signalPassFailure();
      }
      if (failed(realize(op, vectorBytes)))
        return signalPassFailure();
    }
  }
};
} // namespace

std::unique_ptr<Pass> attune::createRealizePass() {
  return std::make_unique<RealizePass>();
}

void attune::registerCPURealizePasses() {
  registerPass([] { return createRealizePass(); });
}
