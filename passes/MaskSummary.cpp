//===- MaskSummary.cpp - Masks that read arrays, block by block -----------===//

#include "passes/MaskSummary.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/KernelScratch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attune;

bool attune::carriesBounds(Operation &op) {
  // As numbers, conditions are 0 and 1 or 0 and -1: only logic is for them.
  if (isa<arith::CmpIOp, arith::ExtSIOp>(op) &&
      op.getOperand(0).getType().isInteger(1))
    return false;
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    switch (compare.getPredicate()) {
    case arith::CmpIPredicate::ult:
    case arith::CmpIPredicate::ule:
    case arith::CmpIPredicate::ugt:
    case arith::CmpIPredicate::uge:
      return false;
    default:
      return true;
    }
  // Sums in i64 might wrap in the bounds as well.
  if (isa<arith::AddIOp, arith::SubIOp>(op))
    return op.getResult(0).getType().isInteger(32);
  if (isa<arith::AndIOp, arith::OrIOp, arith::XOrIOp>(op))
    return op.getResult(0).getType().isInteger(1);
  return isa<arith::ExtSIOp>(op);
}

namespace {
/// Walks from the result of a mask to the reads that decide it.
class Summarizer {
public:
  explicit Summarizer(Region &mask) : mask(mask) {}

  bool isBounded(Value value);

  MaskSummary summary;

private:
  bool isBoundedRead(CaptureOp capture);
  /// Does not depend on the query or the key.
  bool isUniform(Value value);

  Region &mask;
  DenseMap<Value, bool> known;
};
} // namespace

/// Arguments of a mask: b, h, q, k and four sizes.
static constexpr unsigned queryArgument = 2, keyArgument = 3;

bool Summarizer::isUniform(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return argument.getOwner() != &mask.front() ||
           (argument.getArgNumber() != queryArgument &&
            argument.getArgNumber() != keyArgument);
  Operation *op = value.getDefiningOp();
  return !mask.isAncestor(op->getParentRegion()) ||
         llvm::all_of(op->getOperands(), [&](Value v) { return isUniform(v); });
}

bool Summarizer::isBoundedRead(CaptureOp capture) {
  Value key = mask.getArgument(keyArgument),
        query = mask.getArgument(queryArgument);
  Value varying;
  for (Value index : capture.getIndices()) {
    if (isUniform(index))
      continue;
    if (varying || (index != key && index != query))
      return false;
    varying = index;
  }
  (varying == key ? summary.ofKeys : summary.ofQueries).push_back(capture);
  return true;
}

bool Summarizer::isBounded(Value value) {
  if (!value.getType().isIntOrIndex())
    return false;
  Operation *op = value.getDefiningOp();
  if (!op || isUniform(value))
    return true;
  auto [entry, isNew] = known.try_emplace(value, false);
  if (!isNew)
    return entry->second;
  bool bounded;
  if (auto capture = dyn_cast<CaptureOp>(op))
    bounded = isBoundedRead(capture);
  else
    bounded =
        carriesBounds(*op) &&
        llvm::all_of(op->getOperands(), [&](Value v) { return isBounded(v); });
  return known[value] = bounded;
}

/// Both sides of a conjunction or disjunction need not be bounded: one alone
/// can make a block empty or full.
static bool decides(Summarizer &summarizer, Value condition) {
  Operation *op = condition.getDefiningOp();
  if (op && isa<arith::AndIOp, arith::OrIOp>(op)) {
    bool left = decides(summarizer, op->getOperand(0));
    bool right = decides(summarizer, op->getOperand(1));
    return left || right;
  }
  return summarizer.isBounded(condition);
}

MaskSummary attune::summarizeMask(Region &mask) {
  if (mask.empty())
    return {};
  Summarizer summarizer(mask);
  if (!decides(summarizer, mask.front().getTerminator()->getOperand(0)))
    return {};
  return std::move(summarizer.summary);
}

int64_t attune::summaryFloats(const MaskSummary &summary, int64_t keyBlock) {
  if (summary.empty())
    return 0;
  int64_t chunks = llvm::divideCeil(keyBlock, summaryKeys);
  return llvm::alignTo(chunks * (1 + 2 * summary.ofKeys.size()),
                       maxVectorLanes);
}
