//===- KernelOps.cpp - Verifier of the kernel op --------------------------===//

#include "dialect/VerifyShapes.h"

using namespace mlir;
using namespace attune;

static LogicalResult verifyRanges(KernelOp op) {
  Region &region = op.getRanges();
  if (op.getMask().empty())
    return region.empty()
               ? success()
               : op.emitOpError("(C1) has key ranges without a mask");
  // Without ranges the mask is evaluated on all keys.
  if (region.empty())
    return verifyIndexRegion(op, op.getMask(), /*hasScore=*/false,
                             /*yieldsNumber=*/false);
  Block &block = region.front();
  bool fits = block.getNumArguments() == 6;
  for (BlockArgument argument : block.getArguments())
    fits &= argument.getType().isIndex();
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  fits = fits && yield && !yield.getValues().empty() &&
         yield.getValues().size() % 4 == 0;
  if (fits)
    for (Value value : yield.getValues())
      fits &= value.getType().isIndex();
  if (!fits)
    return op.emitOpError("(C2) ranges takes (b, h, q_first, q_last, nq, nk: "
                          "index) and yields (lo, full_lo, full_hi, hi: "
                          "index) for each segment");
  return verifyIndexRegion(op, op.getMask(), /*hasScore=*/false,
                           /*yieldsNumber=*/false);
}

static LogicalResult verifyAttend(KernelOp op) {
  size_t sources = op.getLhs().size();
  if ((sources == 0 && op.getScore().empty()) ||
      op.getRhs().size() != sources || !op.getValue() || !op.getScales() ||
      op.getScales()->size() != sources || !op.getWeightIndex() ||
      op.getWeightIndex()->size() != sources)
    return op.emitOpError("(C3) attend has one query, key, scale and weight "
                          "index a source, a source or a score, and a value");
  ArrayRef<int64_t> weightIndex = *op.getWeightIndex();
  for (int64_t index : weightIndex)
    if (index < -1 || index >= int64_t(op.getHeadWeights().size()))
      return op.emitOpError("(C4) weight index ")
             << index << " is not in -1.." << op.getHeadWeights().size();
  auto indexes = [&](std::optional<ArrayRef<int64_t>> indices, size_t count) {
    return !indices || (indices->size() == sources &&
                        llvm::all_of(*indices, [&](int64_t index) {
                          return index >= -1 && index < int64_t(count);
                        }));
  };
  if (!indexes(op.getBiasIndex(), op.getKeyBiases().size()) ||
      !indexes(op.getVectorIndex(), op.getVectors().size()) ||
      (op.getBiasIndex() &&
       (!op.getBiasScales() || op.getBiasScales()->size() != sources)))
    return op.emitOpError("(C11) a bias or vector index is -1 or that of a key "
                          "bias or vector, one a source");
  if (op.getWorkspace().size() != 2 && !op.getWorkspace().empty())
    return op.emitOpError("(C5) attend has two workspaces, packed keys and "
                          "scratch, or none");
  SmallVector<Value> arrays(op.getLhs());
  for (Value key : op.getRhs())
    if (!isInPanels(key) || !elementOf(key).isF32())
      arrays.push_back(key);
  arrays.push_back(op.getValue());
  arrays.push_back(op.getOut());
  if (op.getProbs())
    arrays.push_back(op.getProbs());
  for (Value array : arrays)
    if (rankOf(array) != 4 || !elementOf(array).isF32())
      return op.emitOpError("(C6) attend takes f32 arrays of rank 4, not ")
             << array.getType();
  if (op.getLse() &&
      (rankOf(op.getLse()) != 3 || !elementOf(op.getLse()).isF32()))
    return op.emitOpError("(C6) lse is f32 of rank 3, not ")
           << op.getLse().getType();
  if (!op.getScore().empty() &&
      failed(verifyIndexRegion(op, op.getScore(), /*hasScore=*/true,
                               /*yieldsNumber=*/true)))
    return failure();
  return verifyRanges(op);
}

static LogicalResult verifyGemm(KernelOp op) {
  if (op.getLhs().size() != 1 || op.getRhs().size() != 1 || op.getValue())
    return op.emitOpError("(C7) gemm has one lhs and one rhs");
  if (!op.getRanges().empty() || !op.getScore().empty() ||
      !op.getMask().empty() || op.getProbs() || op.getLse())
    return op.emitOpError("(C8) gemm has no regions, probs or lse");
  if (!op.getRhsRows() && rankOf(op.getRhs().front()) != 3)
    return op.emitOpError("(C9) gemm takes packed panels of rank 3, not ")
           << op.getRhs().front().getType();
  return success();
}

static LogicalResult verifyGate(KernelOp op) {
  if (op.getLhs().size() != 1 || op.getRhs().size() != 1 ||
      rankOf(op.getLhs().front()) != 3 || rankOf(op.getRhs().front()) != 3 ||
      !op.getScore().empty() || op.getProbs() || op.getLse() ||
      op.getWorkspace().size() != 2)
    return op.emitOpError(
        "(C12) gate has one weight of rank 3, one rhs of rank "
        "3, no score, probs or lse, and two workspaces");
  return verifyRanges(op);
}

LogicalResult KernelOp::verify() {
  BlockingAttr blocking = getBlocking();
  if (blocking.getRows() <= 0 || blocking.getColumns() <= 0 ||
      blocking.getRowBlock() <= 0 || blocking.getDepthBlock() <= 0)
    return emitOpError("(C10) block sizes must be positive");
  bool isGate = getKind() == KernelKind::Gate;
  if (!isGate && (getGate() || !getNorm().empty()))
    return emitOpError("(C13) only a gate has `gate` and `norm`");
  if (getNoSoftmax() && (getKind() != KernelKind::Attend || getProbs() ||
                         getLse() || getEmptyRow() != EmptyRow::Zero))
    return emitOpError("(C14) only an attend without probs and lse has "
                       "`no_softmax`, and its empty rows are zero");
  if (isGate)
    return verifyGate(*this);
  return getKind() == KernelKind::Attend ? verifyAttend(*this)
                                         : verifyGemm(*this);
}
