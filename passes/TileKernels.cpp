//===- TileKernels.cpp - Mixing and GEMM ops become kernels ---------------===//
//
// attend, linear and matmul become one `attune.kernel` each. An attend's score
// producers are flattened to a weighted sum of dot sources followed by one
// score region; its mask becomes the kernel's key ranges and predicate.
//
//===----------------------------------------------------------------------===//

#include "passes/TileKernels.h"
#include "dialect/Target.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "passes/KernelScratch.h"
#include "passes/MaskAnalysis.h"
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
BlockingAttr TileKernels::blocking() const {
  int64_t rows = target.getRegisters() >= 32 ? 12 : 6;
  return BlockingAttr::get(context, rows, 2 * target.getVectorWidth(),
                           /*row_block=*/48, /*depth_block=*/512);
}

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
    flat.sources.push_back({dot, coefficient, headWeight});
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
  YieldOp::create(
      builder, loc,
      ValueRange{ranges.lo, ranges.fullLo, ranges.fullHi, ranges.hi});
  IRMapping mapping;
  mask.getBody().cloneInto(&kernel.getMask(), mapping);

  auto options = remark::RemarkOpts::name("mask-ranges").category("mask");
  if (ranges.closedForm)
    remark::passed(loc, options)
        << remark::add("key ranges in closed form: empty tiles are skipped, "
                       "full tiles carry no mask code");
  else
    remark::missed(ranges.undecided, options)
        << "mask evaluated per element where undecided: " + ranges.reason;
}

/// Fills the kernel's `score` region with the functions, innermost first.
void TileKernels::fillScore(MutableArrayRef<ModifyOp> functions,
                            KernelOp kernel) {
  OpBuilder builder(context);
  Block &first = functions.front().getBody().front();
  SmallVector<Location> locations(first.getNumArguments(), kernel.getLoc());
  Block *block = builder.createBlock(&kernel.getScore(), {},
                                     first.getArgumentTypes(), locations);
  Value score = block->getArgument(0);
  for (ModifyOp function : functions) {
    Block &body = function.getBody().front();
    IRMapping mapping;
    mapping.map(body.getArgument(0), score);
    for (unsigned i = 1; i < body.getNumArguments(); ++i)
      mapping.map(body.getArgument(i), block->getArgument(i));
    for (Operation &op : body.without_terminator())
      builder.clone(op, mapping);
    score = mapping.lookupOrDefault(
        cast<YieldOp>(body.getTerminator()).getValues().front());
  }
  YieldOp::create(builder, kernel.getLoc(), ValueRange{score});
}

LogicalResult TileKernels::tileAttend(AttendOp attend) {
  Location loc = attend.getLoc();
  if (attend.getEmptyRow() != EmptyRow::Zero)
    return attend.emitError(
        "`empty_row` other than `zero` is not supported yet on this target");
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
    if (failed(addPackedKeys(attend, flat, builder, packed)))
      return failure();
    workspace.push_back(packed);
  }
  int64_t queryColumns = 0; // addPackedKeys checked that head sizes are static
  for (ScoreSource source : flat.sources)
    queryColumns +=
        cast<MemRefType>(source.dot.getKey().getType()).getDimSize(3);
  BlockingAttr block = attendBlocking(queryColumns, valueType.getDimSize(3));
  if (!isCuda(target))
    workspace.push_back(addScratch(
        builder, loc,
        attendScratchFloats(block, queryColumns, valueType.getDimSize(3))));

  SmallVector<Value> queries, keys, headWeights;
  SmallVector<double> scales;
  SmallVector<int64_t> weightIndex;
  for (ScoreSource source : flat.sources) {
    queries.push_back(source.dot.getQuery());
    keys.push_back(source.dot.getKey());
    scales.push_back(source.coefficient *
                     source.dot.getScale().convertToDouble());
    weightIndex.push_back(source.headWeight ? int64_t(headWeights.size()) : -1);
    if (source.headWeight)
      headWeights.push_back(source.headWeight);
  }
  auto kernel = KernelOp::create(
      builder, loc, KernelKind::Attend, queries, keys, headWeights,
      attend.getValue(), /*bias=*/Value(), /*residual=*/Value(),
      attend.getInit(), workspace, block, builder.getDenseF64ArrayAttr(scales),
      builder.getDenseI64ArrayAttr(weightIndex), attend.getEmptyRow(),
      Activation::None, /*rhs_rows=*/false);
  if (Value mask = attend.getMask()) {
    auto maskOp = mask.getDefiningOp<MaskOp>();
    if (!maskOp)
      return attend.emitError("expects its own mask op");
    fillMask(maskOp, kernel);
  }
  if (!flat.functions.empty())
    fillScore(flat.functions, kernel);
  attend.erase();
  return success();
}

void TileKernels::tileLinear(LinearOp linear) {
  OpBuilder builder(linear);
  KernelOp::create(
      builder, linear.getLoc(), KernelKind::Gemm, ValueRange{linear.getInput()},
      ValueRange{linear.getWeight()}, ValueRange{}, /*value=*/Value(),
      linear.getBias(), linear.getResidual(), linear.getInit(), ValueRange{},
      blocking(), /*scales=*/nullptr, /*weight_index=*/nullptr, EmptyRow::Zero,
      linear.getActivation(), /*rhs_rows=*/false);
  linear.erase();
}

void TileKernels::tileMatmul(MatmulOp matmul) {
  OpBuilder builder(matmul);
  KernelOp::create(builder, matmul.getLoc(), KernelKind::Gemm,
                   ValueRange{matmul.getLhs()}, ValueRange{matmul.getRhs()},
                   ValueRange{}, /*value=*/Value(), /*bias=*/Value(),
                   /*residual=*/Value(), matmul.getInit(), ValueRange{},
                   blocking(), /*scales=*/nullptr, /*weight_index=*/nullptr,
                   EmptyRow::Zero, Activation::None, /*rhs_rows=*/true);
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
    if (isa<AttendOp, LinearOp, MatmulOp>(op))
      work.push_back(op);
    if (isa<DotOp, CombineOp, ModifyOp, MaskOp>(op))
      producers.push_back(op);
    return WalkResult::advance();
  });
  if (walked.wasInterrupted())
    return failure();
  for (Operation *op : work) {
    if (auto attend = dyn_cast<AttendOp>(op)) {
      if (failed(tileAttend(attend)))
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
    auto module = function->getParentOfType<ModuleOp>();
    auto target = module ? module->getAttrOfType<TargetAttr>("attune.target")
                         : TargetAttr();
    if (!target) {
      function.emitError("expects a module with an `attune.target` attribute");
      return signalPassFailure();
    }
    if (failed(TileKernels(function, target).run()))
      signalPassFailure();
  }
};
} // namespace
