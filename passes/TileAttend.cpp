//===- TileAttend.cpp - attend becomes a kernel ---------------------------===//
//
// The score producers of an attend are flattened to a weighted sum of dot
// sources and index expressions, followed by one chain of score functions; its
// mask becomes the kernel's key ranges and predicate.
//
//===----------------------------------------------------------------------===//

#include "dialect/Target.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
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

LogicalResult TileKernels::flatten(Value scores, double coefficient,
                                   Value headWeight, FlatScores &flat) {
  Operation *op = scores.getDefiningOp();
  if (auto dot = dyn_cast_or_null<DotOp>(op)) {
    flat.sources.push_back({dot, dot.getQuery(), dot.getKey(),
                            coefficient * dot.getScale().convertToDouble(),
                            dot.getKeyBias(), coefficient, Value(),
                            headWeight});
    return success();
  }
  if (auto additive = dyn_cast_or_null<AdditiveOp>(op)) {
    flat.sources.push_back({additive, additive.getQuery(), additive.getKey(),
                            coefficient, Value(), 0.0, additive.getWeight(),
                            headWeight});
    return success();
  }
  if (auto index = dyn_cast_or_null<IndexScoresOp>(op)) {
    flat.terms.push_back({index, coefficient, headWeight});
    return success();
  }
  if (auto combine = dyn_cast_or_null<CombineOp>(op)) {
    for (auto [index, source] : llvm::enumerate(combine.getSources())) {
      int64_t weightIndex = combine.getWeightIndex()[index];
      Value weight = headWeight;
      if (weightIndex >= 0) {
        if (weight)
          return combine.emitError(
              "a product of two run-time score weights is not supported yet");
        weight = combine.getWeights()[weightIndex];
      }
      if (failed(flatten(source, coefficient * combine.getCoefficients()[index],
                         weight, flat)))
        return failure();
    }
    return success();
  }
  if (!op)
    return emitError(scores.getLoc(), "scores must be made in this function");
  return op->emitError("a sum with a modified score, or this score source, is "
                       "not supported yet on this target");
}

/// Fills the kernel's `ranges` and `mask` regions and says how the mask was
/// decided.
void TileKernels::fillMask(MaskOp mask, KernelOp kernel) {
  OpBuilder builder(context);
  Type index = builder.getIndexType();
  Location loc = mask.getLoc();
  Block *block =
      builder.createBlock(&kernel.getRanges(), {}, SmallVector<Type>(6, index),
                          SmallVector<Location>(6, loc));
  auto arguments = block->getArguments();
  KeyRanges ranges = emitKeyRanges(builder, mask,
                                   {arguments[0], arguments[1], arguments[2],
                                    arguments[3], arguments[4], arguments[5]});
  SmallVector<Value> bounds;
  for (const KeySegment &segment : ranges.segments)
    bounds.append({segment.lo, segment.fullLo, segment.fullHi, segment.hi});
  YieldOp::create(builder, loc, bounds);
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

/// Clones the body of a score function or index expression; returns what it
/// yields.
static Value cloneBody(OpBuilder &builder, Region &region,
                       ValueRange arguments) {
  Block &body = region.front();
  IRMapping mapping;
  mapping.map(body.getArguments(), arguments);
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);
  return mapping.lookupOrDefault(
      cast<YieldOp>(body.getTerminator()).getValues().front());
}

/// Fills the kernel's `score` region: the index expressions are added to the
/// sum of the dot products, then come the functions, innermost first.
void TileKernels::fillScore(FlatScores &flat, KernelOp kernel) {
  OpBuilder builder(context);
  Location loc = kernel.getLoc();
  SmallVector<Type> types(9, builder.getI32Type());
  types[0] = builder.getF32Type();
  Block *block = builder.createBlock(&kernel.getScore(), {}, types,
                                     SmallVector<Location>(9, loc));
  SmallVector<Value> indices(block->getArguments().drop_front());
  Value score = block->getArgument(0);
  for (IndexTerm &term : flat.terms) {
    Value value = cloneBody(builder, term.scores.getBody(), indices);
    if (term.coefficient != 1.0)
      value = arith::MulFOp::create(
          builder, loc, value,
          arith::ConstantOp::create(
              builder, loc, builder.getF32FloatAttr(float(term.coefficient))));
    if (Value weight = term.headWeight) {
      SmallVector<Value> at;
      if (cast<ShapedType>(weight.getType()).getRank() == 1)
        at.push_back(indices[1]);
      value = arith::MulFOp::create(
          builder, loc, value,
          CaptureOp::create(builder, loc, builder.getF32Type(), weight, at));
    }
    score = arith::AddFOp::create(builder, loc, score, value);
  }
  for (ModifyOp function : flat.functions) {
    SmallVector<Value> arguments = {score};
    llvm::append_range(arguments, indices);
    score = cloneBody(builder, function.getBody(), arguments);
  }
  YieldOp::create(builder, loc, ValueRange{score});
}

LogicalResult TileKernels::tileAttend(AttendOp attend) {
  Location loc = attend.getLoc();
  FlatScores flat;
  Value scores = attend.getScores();
  while (auto modify = scores.getDefiningOp<ModifyOp>()) {
    flat.functions.push_back(modify);
    scores = modify.getInput();
  }
  std::reverse(flat.functions.begin(), flat.functions.end());
  if (failed(flatten(scores, 1.0, nullptr, flat)))
    return failure();
  auto valueType = cast<MemRefType>(attend.getValue().getType());
  if (valueType.isDynamicDim(3))
    return attend.emitError(
        "a value size that is a run-time dim is not supported yet");

  OpBuilder builder(attend);
  SmallVector<Value> workspace;
  if (!isCuda(target)) {
    Value packed;
    if (failed(addPackedArrays(attend, flat, builder, packed)))
      return failure();
    workspace.push_back(packed);
  }
  int64_t queryColumns =
      0; // addPackedArrays checked that head sizes are static
  for (ScoreSource source : flat.sources)
    queryColumns += cast<MemRefType>(source.key.getType()).getDimSize(3) +
                    (source.keyBias ? 1 : 0);
  BlockingAttr block = attendBlocking(queryColumns, valueType.getDimSize(3));
  MaskSummary summary;
  if (auto mask = attend.getMask())
    if (auto maskOp = mask.getDefiningOp<MaskOp>(); maskOp && !isCuda(target))
      summary = summarizeMask(maskOp.getBody());
  if (!isCuda(target))
    workspace.push_back(
        addScratch(builder, loc,
                   attendScratchFloats(block, queryColumns,
                                       valueType.getDimSize(3), summary)));

  SmallVector<Value> queries, keys, headWeights, keyBiases, vectors;
  SmallVector<double> scales, biasScales;
  SmallVector<int64_t> weightIndex, biasIndex, vectorIndex;
  auto pushOptional = [](Value value, SmallVector<Value> &values,
                         SmallVector<int64_t> &indices) {
    indices.push_back(value ? int64_t(values.size()) : -1);
    if (value)
      values.push_back(value);
  };
  for (ScoreSource source : flat.sources) {
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
      attend.getLse() ? arrays.back() : Value(), workspace, block,
      builder.getDenseF64ArrayAttr(scales),
      builder.getDenseI64ArrayAttr(weightIndex), nullptr, nullptr, nullptr,
      attend.getEmptyRow(), Activation::None, /*epsilon=*/nullptr,
      /*rhs_rows=*/false);
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
  if (!flat.functions.empty() || !flat.terms.empty())
    fillScore(flat, kernel);
  attend.erase();
  return success();
}
