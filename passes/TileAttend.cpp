//===- TileAttend.cpp - attend becomes a kernel ---------------------------===//
//
// The score producers of an attend become sources and a score region
// (ScoreExpression.cpp); its mask becomes the kernel's key ranges and
// predicate.
//
//===----------------------------------------------------------------------===//

#include "dialect/Target.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "passes/BatchFolding.h"
#include "passes/KernelScratch.h"
#include "passes/MaskAnalysis.h"
#include "passes/TileKernels.h"

using namespace mlir;
using namespace attune;

/// A block of keys and values, read once for each tile of queries, stays in
/// half the second-level cache: 512 keys of 64 + 64 columns in 512 KiB.
BlockingAttr TileKernels::attendBlocking(int64_t queryColumns,
                                         int64_t valueColumns) const {
  BlockingAttr block = blocking();
  int64_t budget = target.getL2() / 2;
  int64_t keys =
      budget / (4 * std::max<int64_t>(queryColumns + valueColumns, 1));
  keys = std::clamp<int64_t>(keys, 128, 512);
  return BlockingAttr::get(
      context, block.getRows(), block.getColumns(), block.getRowBlock(),
      keys / (2 * block.getColumns()) * (2 * block.getColumns()));
}

/// Fills the kernel's `ranges` and `mask` regions and says how the mask was
/// decided.
void TileKernels::fillMask(MaskOp mask, KernelOp kernel) {
  Location loc = mask.getLoc();
  KeyRanges ranges = emitKeyRanges(kernel.getRanges(), mask);
  IRMapping mapping;
  mask.getBody().cloneInto(&kernel.getMask(), mapping);

  auto options = remark::RemarkOpts::name("mask-ranges").category("mask");
  if (ranges.closedForm)
    remark::passed(loc, options)
        << remark::add("key ranges in closed form: empty tiles are skipped, "
                       "full tiles carry no mask code");
  else if (!isCuda(target) && !summarizeMask(mask.getBody()).empty())
    remark::passed(ranges.undecided, options)
        << remark::add("bounds of the arrays over blocks of keys decide where "
                       "there is no closed form: empty blocks are skipped, "
                       "full ones carry no mask code");
  else
    remark::missed(ranges.undecided, options)
        << "mask evaluated per element where undecided: " + ranges.reason;
}

/// Fills the kernel's `score` region.
void TileKernels::fillScore(ScoreExpression &scores, KernelOp kernel) {
  OpBuilder builder(context);
  Location loc = kernel.getLoc();
  SmallVector<Type> types(9, builder.getI32Type());
  types[0] = builder.getF32Type();
  Block *block = builder.createBlock(&kernel.getScore(), {}, types,
                                     SmallVector<Location>(9, loc));
  SmallVector<Value> indices(block->getArguments().drop_front());
  Value score = scores.emit(builder, loc, block->getArgument(0), indices);
  YieldOp::create(builder, loc, ValueRange{score});
}

LogicalResult TileKernels::tileAttend(AttendOp attend) {
  Location loc = attend.getLoc();
  ScoreExpression scores;
  if (failed(scores.read(attend.getScores())))
    return failure();
  auto valueType = cast<MemRefType>(attend.getValue().getType());
  if (valueType.isDynamicDim(3))
    return attend.emitError(
        "a value size that is a run-time dim is not supported yet");

  OpBuilder builder(attend);
  SmallVector<Value> queries, keys, headWeights, keyBiases, vectors;
  SmallVector<double> scales, biasScales;
  SmallVector<int64_t> weightIndex, biasIndex, vectorIndex;
  auto pushOptional = [](Value value, SmallVector<Value> &values,
                         SmallVector<int64_t> &indices) {
    indices.push_back(value ? int64_t(values.size()) : -1);
    if (value)
      values.push_back(value);
  };
  for (const ScoreSource &source : scores.getSources()) {
    queries.push_back(source.query);
    keys.push_back(source.key);
    scales.push_back(source.scale);
    biasScales.push_back(source.biasScale);
    pushOptional(source.headWeight, headWeights, weightIndex);
    pushOptional(source.keyBias, keyBiases, biasIndex);
    pushOptional(source.vector, vectors, vectorIndex);
  }
  SmallVector<Value> arrays = attend.getArrays();
  auto kernel = KernelOp::create(
      builder, loc, KernelKind::Attend, queries, keys, headWeights, keyBiases,
      vectors, attend.getValue(), /*bias=*/Value(), /*residual=*/Value(),
      /*gate=*/Value(), /*norm=*/ValueRange(), arrays.front(),
      attend.getProbs() ? arrays[1] : Value(),
      attend.getLse() ? arrays.back() : Value(), /*workspace=*/ValueRange(),
      blocking(), builder.getDenseF64ArrayAttr(scales),
      builder.getDenseI64ArrayAttr(weightIndex), nullptr, nullptr, nullptr,
      attend.getEmptyRow(), Activation::None, /*epsilon=*/nullptr,
      /*rhs_rows=*/false, attend.getNoSoftmax());
  if (!keyBiases.empty()) {
    kernel.setBiasScales(biasScales);
    kernel.setBiasIndex(biasIndex);
  }
  if (!vectors.empty())
    kernel.setVectorIndex(vectorIndex);
  if (Value mask = attend.getMask()) {
    auto maskOp = mask.getDefiningOp<MaskOp>();
    if (!maskOp)
      return attend.emitError("expects its own mask op");
    fillMask(maskOp, kernel);
  }
  if (scores.needsRegion())
    fillScore(scores, kernel);
  if (failed(planMemory(attend, scores, kernel)))
    return failure();
  attend.erase();
  return success();
}

/// The blocks of keys, and for CPUs the workspace.
LogicalResult TileKernels::planMemory(AttendOp attend,
                                      const ScoreExpression &scores,
                                      KernelOp kernel) {
  // A key bias is one more row of each panel, so one more column of queries.
  int64_t queryColumns = 0, packedColumns = 0;
  for (const ScoreSource &source : scores.getSources()) {
    auto type = dyn_cast<MemRefType>(source.key.getType());
    if (!type || (type.getRank() != 4 && !isInPanels(source.key)))
      return source.op->emitError("expects a bufferized key");
    if (type.isDynamicDim(1) || type.isDynamicDim(3))
      return source.op->emitError("a number of heads or head size that is a "
                                  "run-time dim is not supported yet");
    int64_t columns = type.getDimSize(3) + (source.keyBias ? 1 : 0);
    queryColumns += columns;
    if (!isInPanels(source.key))
      packedColumns += columns;
  }
  int64_t valueColumns =
      cast<MemRefType>(attend.getValue().getType()).getDimSize(3);
  if (isCuda(target)) {
    kernel.setBlockingAttr(attendBlocking(queryColumns, valueColumns));
    return success();
  }
  BatchFolding folding = foldBatches(kernel);
  auto options = remark::RemarkOpts::name("fold-batch").category("fuse");
  if (folding.count > 1) {
    remark::passed(attend.getLoc(), options)
        << remark::add("the scores do not depend on the batch: up to {0} batch "
                       "elements share one softmax",
                       folding.count);
    valueColumns =
        folding.count *
        llvm::alignTo(valueColumns, kernel.getBlocking().getColumns());
  } else if (!folding.reason.empty()) {
    remark::missed(attend.getLoc(), options)
        << "the scores do not depend on the batch, but are computed for each "
           "element: " +
               folding.reason.str();
  }
  BlockingAttr block = attendBlocking(queryColumns, valueColumns);
  kernel.setBlockingAttr(block);
  OpBuilder builder(kernel);
  Value packed;
  if (failed(addPackedArrays(attend, scores, packedColumns, folding.count,
                             builder, packed)))
    return failure();
  int64_t floats = attendScratchFloats(block, queryColumns, valueColumns,
                                       summarizeMask(kernel.getMask()));
  kernel.getWorkspaceMutable().append(
      {packed, addScratch(builder, kernel.getLoc(), floats)});
  return success();
}
