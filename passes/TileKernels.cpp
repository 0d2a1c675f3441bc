//===- TileKernels.cpp - Mixing and GEMM ops become kernels ---------------===//
//
// attend (TileAttend.cpp), spatial_gate (TileGate.cpp), linear and matmul
// become one `attune.kernel` each.
//
//===----------------------------------------------------------------------===//

#include "passes/TileKernels.h"
#include "dialect/Target.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "passes/Passes.h"

namespace attune {
#define GEN_PASS_DEF_TILEKERNELSPASS
#include "passes/Passes.h.inc"
} // namespace attune

#define DEBUG_TYPE "attune-tile-kernels"

using namespace mlir;
using namespace attune;

/// The register block must leave registers for one operand row and a
/// broadcast: 12 x 2 vectors of 32 registers, 6 x 2 of 16.
BlockingAttr attune::registerBlocking(TargetAttr target) {
  int64_t rows = target.getRegisters() >= 32 ? 12 : 6;
  return BlockingAttr::get(target.getContext(), rows,
                           2 * target.getVectorWidth(),
                           /*row_block=*/48, /*depth_block=*/512);
}

void TileKernels::tileLinear(LinearOp linear) {
  OpBuilder builder(linear);
  KernelOp::create(
      builder, linear.getLoc(), KernelKind::Gemm, ValueRange{linear.getInput()},
      ValueRange{linear.getWeight()}, linear.getBias(), linear.getResidual(),
      linear.getInit(), blocking(), linear.getActivation(), /*rhs_rows=*/false);
  linear.erase();
}

void TileKernels::tileMatmul(MatmulOp matmul) {
  OpBuilder builder(matmul);
  KernelOp::create(builder, matmul.getLoc(), KernelKind::Gemm,
                   ValueRange{matmul.getLhs()}, ValueRange{matmul.getRhs()},
                   /*bias=*/Value(), /*residual=*/Value(), matmul.getInit(),
                   blocking(), Activation::None, /*rhs_rows=*/true);
  matmul.erase();
}

LogicalResult TileKernels::run() {
  if (auto existing = function->getAttrOfType<ArrayAttr>("attune.slots"))
    llvm::append_range(slots.attributes, existing);
  SmallVector<Operation *> work, producers;
  WalkResult walked = function.walk([&](Operation *op) {
    auto isTensor = [](Type type) { return isa<TensorType>(type); };
    if (llvm::any_of(op->getOperandTypes(), isTensor) ||
        llvm::any_of(op->getResultTypes(), isTensor)) {
      op->emitError("expects bufferized operands and results");
      return WalkResult::interrupt();
    }
    if (isa<AttendOp, SpatialGateOp, LinearOp, MatmulOp>(op))
      work.push_back(op);
    if (isScoreOrMaskProducer(op))
      producers.push_back(op);
    return WalkResult::advance();
  });
  if (walked.wasInterrupted())
    return failure();
  for (Operation *op : work) {
    if (auto attend = dyn_cast<AttendOp>(op)) {
      if (failed(tileAttend(attend)))
        return failure();
    } else if (auto gate = dyn_cast<SpatialGateOp>(op)) {
      if (failed(tileGate(gate)))
        return failure();
    } else if (auto linear = dyn_cast<LinearOp>(op)) {
      tileLinear(linear);
    } else {
      tileMatmul(cast<MatmulOp>(op));
    }
  }
  for (Operation *op : llvm::reverse(producers))
    if (op->use_empty())
      op->erase();
  if (slots.packedKeys)
    slots.attributes[*slots.packedKeys] =
        SlotAttr::get(context, slots.packedBytes, slots.packedCaps);
  if (slots.scratch)
    slots.attributes[*slots.scratch] =
        SlotAttr::get(context, slots.scratchBytes, {});
  if (!slots.attributes.empty())
    function->setAttr("attune.slots",
                      ArrayAttr::get(context, slots.attributes));
  return success();
}

namespace {
struct TileKernelsPass
    : public attune::impl::TileKernelsPassBase<TileKernelsPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    TargetAttr target = getTarget(function);
    if (!target) {
      function.emitError("expects a module with an `attune.target` attribute");
      return signalPassFailure();
    }
    if (failed(TileKernels(function, target).run()))
      signalPassFailure();
  }
};
} // namespace
