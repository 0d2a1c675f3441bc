//===- NormalizeLoops.cpp - Drop values nobody reads ------------*- C++ -*-===//
#include "passes/Passes.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/BitVector.h"

namespace attune {
#define GEN_PASS_DEF_NORMALIZELOOPSPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// Which results matter: those that are used, and the carried ones that the
/// next value of one that matters is computed from.
static llvm::BitVector findLive(ForOp loop) {
  Block &body = loop.getBody().front();
  Operation *yield = body.getTerminator();
  llvm::BitVector live(loop.getNumResults());
  SmallVector<Value> worklist;
  auto keep = [&](unsigned k) {
    if (!live.test(k)) {
      live.set(k);
      worklist.push_back(yield->getOperand(k));
    }
  };
  for (OpResult result : loop.getResults())
    if (!result.use_empty())
      keep(result.getResultNumber());
  // An op with effects (none exists on tensors) keeps what it reads.
  for (Operation &op : body.without_terminator())
    if (!isMemoryEffectFree(&op))
      worklist.append(op.operand_begin(), op.operand_end());

  llvm::SmallDenseSet<Operation *> seen;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      if (argument.getOwner() == &body && argument.getArgNumber() > 0)
        keep(argument.getArgNumber() - 1);
      continue;
    }
    Operation *op = value.getDefiningOp();
    if (!loop->isProperAncestor(op) || !seen.insert(op).second)
      continue;
    op->walk([&](Operation *nested) {
      worklist.append(nested->operand_begin(), nested->operand_end());
    });
  }
  return live;
}

namespace {

struct DropCarried : OpRewritePattern<ForOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ForOp loop,
                                PatternRewriter &rewriter) const override {
    unsigned numCarried = loop.getInits().size();
    if (loop.getUpper() <= loop.getLower() &&
        loop.getNumResults() == numCarried) {
      rewriter.replaceOp(loop, loop.getInits());
      return success();
    }
    Block &body = loop.getBody().front();
    Operation *yield = body.getTerminator();
    llvm::BitVector keep = findLive(loop);
    SmallVector<Value> replacements(loop.getNumResults());
    for (unsigned k = 0; k < numCarried; ++k) {
      BlockArgument argument = body.getArgument(k + 1);
      if (yield->getOperand(k) == argument) {
        keep.reset(k);
        rewriter.replaceAllUsesWith(argument, loop.getInits()[k]);
        replacements[k] = loop.getInits()[k];
      }
    }
    if (keep.all())
      return rewriter.notifyMatchFailure(loop, "every carried value is read");

    SmallVector<Value> inits, yielded;
    SmallVector<Type> types;
    llvm::BitVector dropped(body.getNumArguments());
    for (unsigned k = 0; k < loop.getNumResults(); ++k) {
      if (keep.test(k)) {
        if (k < numCarried)
          inits.push_back(loop.getInits()[k]);
        yielded.push_back(yield->getOperand(k));
        types.push_back(loop.getResultTypes()[k]);
        continue;
      }
      if (k >= numCarried)
        continue; // a stack without uses
      dropped.set(k + 1);
      if (!replacements[k])
        replacements[k] = loop.getInits()[k]; // of a result without uses
    }
    auto slim =
        ForOp::create(rewriter, loop.getLoc(), types, loop.getIvNameAttr(),
                      loop.getLowerAttr(), loop.getUpperAttr(), inits);
    rewriter.modifyOpInPlace(yield, [&] { yield->setOperands(yielded); });
    // What only fed the dropped values goes before their arguments go.
    SmallVector<Operation *> ops;
    for (Operation &op : body.without_terminator())
      ops.push_back(&op);
    for (Operation *op : llvm::reverse(ops))
      if (op->use_empty() && isMemoryEffectFree(op))
        rewriter.eraseOp(op);
    for (unsigned k = 0; k < numCarried; ++k)
      if (dropped.test(k + 1))
        rewriter.replaceAllUsesWith(body.getArgument(k + 1),
                                    loop.getInits()[k]);
    body.eraseArguments(dropped);
    rewriter.inlineRegionBefore(loop.getBody(), slim.getBody(),
                                slim.getBody().end());
    unsigned next = 0;
    for (unsigned k = 0; k < keep.size(); ++k)
      if (keep.test(k))
        replacements[k] = slim.getResult(next++);
    for (OpResult result : loop.getResults())
      if (Value value = replacements[result.getResultNumber()])
        rewriter.replaceAllUsesWith(result, value);
    rewriter.eraseOp(loop);
    return success();
  }
};

/// Probabilities and log-sum-exps that nobody reads, as those of a library
/// block that gives them always: without them no Tq x Tk array is stored.
struct DropAttendArrays : OpRewritePattern<AttendOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AttendOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumResults() < 2)
      return rewriter.notifyMatchFailure(op, "it gives one array");
    Value probs = op.getProbs() ? op.getResult()[1] : Value();
    Value lse = op.getLse() ? op.getResult().back() : Value();
    bool keepProbs = probs && !probs.use_empty();
    bool keepLse = lse && !lse.use_empty();
    if (keepProbs == op.getProbs() && keepLse == op.getLse())
      return rewriter.notifyMatchFailure(op, "every array is read");
    SmallVector<Type> types = {op.getResult()[0].getType()};
    if (keepProbs)
      types.push_back(probs.getType());
    if (keepLse)
      types.push_back(lse.getType());
    auto slim = AttendOp::create(rewriter, op.getLoc(), types, op.getScores(),
                                 op.getValue(), op.getMask(), op.getInit(),
                                 op.getEmptyRow(), keepProbs, keepLse,
                                 op.getNoSoftmax());
    rewriter.replaceAllUsesWith(op.getResult()[0], slim.getResult()[0]);
    if (keepProbs)
      rewriter.replaceAllUsesWith(probs, slim.getResult()[1]);
    if (keepLse)
      rewriter.replaceAllUsesWith(lse, slim.getResult().back());
    rewriter.eraseOp(op);
    return success();
  }
};

struct NormalizeLoopsPass
    : attune::impl::NormalizeLoopsPassBase<NormalizeLoopsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<DropCarried, DropAttendArrays>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
