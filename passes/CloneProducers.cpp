//===- CloneProducers.cpp - Each attend owns its scores and mask -*- C++ -*-==//
#include "passes/Passes.h"

#include "mlir/IR/PatternMatch.h"

namespace attune {
#define GEN_PASS_DEF_CLONEPRODUCERSPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// Ops that one attend may own. A score that is used twice in a chain is cloned
/// for each use, which may grow exponentially in hostile input.
static constexpr size_t maxChainLength = 4096;

/// Gives `attend` clones of everything that makes its scores and mask.
static LogicalResult ownProducers(AttendOp attend) {
  SmallVector<OpOperand *> worklist;
  auto visit = [&](Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      if (isScoreOrMaskProducer(operand.get().getDefiningOp()))
        worklist.push_back(&operand);
  };
  visit(attend);
  size_t length = 0;
  while (!worklist.empty()) {
    OpOperand *use = worklist.pop_back_val();
    Operation *producer = use->get().getDefiningOp();
    if (++length > maxChainLength)
      return attend.emitOpError("has a score chain of more than ")
             << maxChainLength << " ops";
    // Users come after what they use: the clone of a producer stands in front
    // of the clone that uses it.
    if (!producer->hasOneUse() || producer->getBlock() != attend->getBlock()) {
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
    SmallVector<AttendOp> attends;
    getOperation().walk([&](AttendOp attend) { attends.push_back(attend); });
    for (AttendOp attend : attends)
      if (failed(ownProducers(attend)))
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
