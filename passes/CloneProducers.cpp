//===- CloneProducers.cpp - Mixing ops own scores and masks -*- C++ -*-==//
#include "passes/Passes.h"

#include "mlir/IR/PatternMatch.h"

namespace attune {
#define GEN_PASS_DEF_CLONEPRODUCERSPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// Ops that one mixing op may own. A score that is used twice in a chain is
/// cloned for each use, which may grow exponentially in hostile input.
static constexpr size_t maxChainLength = 4096;

/// Gives `mixing` clones of everything that makes its scores and mask.
static LogicalResult ownProducers(Operation *mixing) {
  SmallVector<OpOperand *> worklist;
  auto visit = [&](Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      if (isScoreOrMaskProducer(operand.get().getDefiningOp()))
        worklist.push_back(&operand);
  };
  visit(mixing);
  size_t length = 0;
  while (!worklist.empty()) {
    OpOperand *use = worklist.pop_back_val();
    Operation *producer = use->get().getDefiningOp();
    if (++length > maxChainLength)
      return mixing->emitOpError("has a score chain of more than ")
             << maxChainLength << " ops";
    // Users come after what they use: the clone of a producer stands in front
    // of the clone that uses it.
    if (!producer->hasOneUse() || producer->getBlock() != mixing->getBlock()) {
      OpBuilder builder(use->getOwner());
      unsigned result = cast<OpResult>(use->get()).getResultNumber();
      producer = builder.clone(*producer);
      use->set(producer->getResult(result));
    }
    visit(producer);
  }
  return success();
}

namespace {
struct CloneProducersPass
    : attune::impl::CloneProducersPassBase<CloneProducersPass> {
  void runOnOperation() override {
    SmallVector<Operation *> mixing;
    getOperation().walk([&](Operation *op) {
      if (isa<AttendOp, SpatialGateOp>(op))
        mixing.push_back(op);
    });
    for (Operation *op : mixing)
      if (failed(ownProducers(op)))
        return signalPassFailure();
    // The originals that nobody uses any more, users before producers.
    SmallVector<Operation *> producers;
    getOperation().walk([&](Operation *op) {
      if (isScoreOrMaskProducer(op))
        producers.push_back(op);
    });
    for (Operation *op : llvm::reverse(producers))
      if (op->use_empty())
        op->erase();
  }
};
} // namespace
