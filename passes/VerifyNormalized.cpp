//===- VerifyNormalized.cpp - What normalize promises -----------*- C++ -*-===//
#include "passes/Passes.h"

namespace attune {
#define GEN_PASS_DEF_VERIFYNORMALIZEDPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

static LogicalResult verifyOwned(Operation *mixing) {
  SmallVector<Operation *> worklist = {mixing};
  while (!worklist.empty()) {
    for (Value operand : worklist.pop_back_val()->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      if (!isa<ScoresType, MaskType>(operand.getType()))
        continue;
      if (!producer || producer->getBlock() != mixing->getBlock() ||
          !operand.hasOneUse()) {
        InFlightDiagnostic error =
            mixing->emitOpError("does not own its scores and mask");
        if (producer)
          error.attachNote(producer->getLoc())
              << "this one is shared, or outside of its user's block";
        return error;
      }
      worklist.push_back(producer);
    }
  }
  return success();
}

namespace {
struct VerifyNormalizedPass
    : attune::impl::VerifyNormalizedPassBase<VerifyNormalizedPass> {
  void runOnOperation() override {
    WalkResult result = getOperation().walk([](Operation *op) -> WalkResult {
      if (isa<AttendOp, SpatialGateOp>(op))
        return verifyOwned(op);
      if (isa<SplitOp>(op))
        return op->emitOpError("is left after normalize");
      if (auto combine = dyn_cast<CombineOp>(op))
        for (auto [source, coefficient] :
             llvm::zip(combine.getSources(), combine.getCoefficients()))
          if (auto dot = source.getDefiningOp<DotOp>();
              dot && !dot.getKeyBias() && coefficient != 1.0)
            return op->emitOpError(
                "has a factor that belongs in a dot's scale");
      return success();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
