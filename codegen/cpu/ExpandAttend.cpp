//===- ExpandAttend.cpp - The attend kernel as loops of tile ops ----------===//
//
// Heads are processed in groups whose packed keys and values fit workspace[0]:
// parallel loops transpose the keys of the group into panels and copy its
// values into strips, a third one computes the queries block by block
// (AttendTask.cpp). Blocks of one head follow each other, last block first, so
// that the tasks at the end are short under a causal mask.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/AttendPlan.h"
#include "codegen/cpu/ExpandKernels.h"
#include "codegen/cpu/VectorAccess.h"
#include "passes/BatchFolding.h"

using namespace mlir;
using namespace attune;

namespace {

/// Panels packed by one task.
constexpr int64_t kPanelsPerTask = 16;

/// Columns of V up to which a row is copied without a loop.
constexpr int64_t maxUnrolledColumns = 256;

class AttendExpander : LoopBuilder {
public:
  AttendExpander(OpBuilder &builder, KernelOp kernel)
      : LoopBuilder{builder, kernel.getLoc()}, kernel(kernel) {}

  LogicalResult expand();

private:
  LogicalResult check();
  void planSources();
  /// How many consecutive query heads one group takes.
  Value groupSize();
  void planValues(Value &perSlot);
  /// How many query heads share one of `heads` packed heads.
  Value headRatio(int64_t heads) {
    return div(plan.heads, constant(std::max<int64_t>(heads, 1)));
  }
  /// The matrix of `array` that packed head `head`, counted over the batch, of
  /// `heads` reads. A batch of 1 and shared heads stretch.
  Value headMatrix(Value array, Value head, int64_t heads);
  void parallelOverHeads(
      Value ratio, Value firstHead, Value lastHead, Value chunks,
      llvm::function_ref<void(Value slot, Value head, Value chunk)> body);
  void packValues(Value firstHead, Value lastHead);
  Value copyValues(Value matrix, Value packed, Value firstStrip, Value begin,
                   Value end, Value check);
  void pack(const AttendSource &source, Value firstHead, Value lastHead);
  void packLane(const AttendSource &source, Value matrix, Value packed,
                Value panel, Value lane);
  void packBias(const AttendSource &source, Value head, Value packed,
                Value panel);

  KernelOp kernel;
  AttendPlan plan;
  Value slotCount; // key heads of each source that fit the workspace
};

} // namespace

LogicalResult AttendExpander::check() {
  BlockingAttr blocking = kernel.getBlocking();
  if (kernel.getWorkspace().size() != 2)
    return kernel.emitOpError("attend needs two workspaces");
  if (blocking.getColumns() % 8 || blocking.getRows() < 1 ||
      blocking.getRowBlock() % blocking.getRows() ||
      blocking.getDepthBlock() % blocking.getColumns())
    return kernel.emitOpError("blocks must be multiples of the register block");
  if (kernel.getLhs().size() != kernel.getRhs().size() || !kernel.getValue())
    return kernel.emitOpError("attend needs queries, keys and values");
  for (Value key : kernel.getRhs())
    if (isInPanels(key) &&
        cast<MemRefType>(key.getType()).getDimSize(4) != blocking.getColumns())
      return kernel.emitOpError("panels of keys must be a register block wide");
  for (Value workspace : kernel.getWorkspace())
    if (!cast<MemRefType>(workspace.getType()).getLayout().isIdentity())
      return kernel.emitOpError("workspaces must be contiguous");
  return success();
}

/// The size of an axis of heads.
static int64_t headsOf(Value array, int64_t axis) {
  return cast<MemRefType>(array.getType()).getDimSize(axis);
}

void AttendExpander::planSources() {
  BlockingAttr blocking = kernel.getBlocking();
  plan.kernel = kernel;
  plan.summary = summarizeMask(kernel.getMask());
  plan.rows = blocking.getRows();
  plan.columns = blocking.getColumns();
  plan.width = plan.columns / 2;
  plan.rowBlock = blocking.getRowBlock();
  plan.keyBlock = blocking.getDepthBlock();
  plan.batch = extent(kernel.getOut(), 0);
  plan.heads = extent(kernel.getOut(), 1);
  plan.queries = extent(kernel.getOut(), 2);
  plan.valueDepth = extent(kernel.getOut(), 3);
  plan.keys = extent(kernel.getValue(), 2);
  plan.panels = ceilDiv(plan.keys, plan.columns);
  plan.folded = foldBatches(kernel).count;
  plan.headColumns = roundUp(plan.valueDepth, plan.columns);
  plan.outColumns = mul(plan.headColumns, plan.folded);
  std::optional<int64_t> knownKeys = getConstantIntValue(plan.keys);
  plan.keysFillPanels = knownKeys && *knownKeys % plan.columns == 0;

  Value perSlot = constant(0), scratchColumn = constant(0);
  for (auto [m, query] : llvm::enumerate(kernel.getLhs())) {
    AttendSource source;
    source.query = query;
    source.key = kernel.getRhs()[m];
    source.scale = kernel.getScales() ? (*kernel.getScales())[m] : 1.0;
    int64_t weight =
        kernel.getWeightIndex() ? (*kernel.getWeightIndex())[m] : -1;
    if (weight >= 0)
      source.headWeight = kernel.getHeadWeights()[weight];
    auto optional = [m](std::optional<ArrayRef<int64_t>> indices,
                        OperandRange values) {
      return indices && (*indices)[m] >= 0 ? values[(*indices)[m]] : Value();
    };
    source.keyBias = optional(kernel.getBiasIndex(), kernel.getKeyBiases());
    source.vector = optional(kernel.getVectorIndex(), kernel.getVectors());
    source.depth = source.packedDepth = extent(query, 3);
    source.packedHeads = headsOf(source.key, 1);
    if (source.keyBias)
      source.biasScale = (*kernel.getBiasScales())[m];
    if (source.keyBias && !source.isLoadedInPanels()) {
      source.packedDepth = add(source.depth, 1);
      source.packedHeads =
          std::max(source.packedHeads, headsOf(source.keyBias, 0));
    }
    source.ratio = headRatio(source.packedHeads);
    source.headFloats =
        source.isLoadedInPanels()
            ? constant(0)
            : mul(plan.panels, mul(source.packedDepth, plan.columns));
    source.scratchColumn = scratchColumn;
    scratchColumn =
        add(scratchColumn, add(source.depth, source.keyBias ? 1 : 0));
    perSlot = add(perSlot, source.headFloats);
    plan.sources.push_back(source);
  }
  plan.queryColumns = roundUp(scratchColumn, 16);
  planValues(perSlot);

  slotCount =
      max(div(extent(kernel.getWorkspace()[0], 0), max(perSlot, constant(1))),
          constant(1));
  Value base = constant(0);
  for (AttendSource &source : plan.sources) {
    source.base = base;
    base = add(base, mul(slotCount, source.headFloats));
  }
  plan.values.base = base;
}

void AttendExpander::planValues(Value &perSlot) {
  AttendValues &values = plan.values;
  values.ratio = headRatio(headsOf(kernel.getValue(), 1));
  Value flags = roundUp(ceilDiv(plan.keys, valueChunkKeys), 16);
  values.headFloats = add(mul(plan.keys, plan.outColumns), flags);
  perSlot = add(perSlot, values.headFloats);
}

/// Query heads g to g + size - 1 (g a multiple of size) must touch at most
/// `slotCount` key and value heads: true for slotCount itself, and for
/// slotCount times the ratio when all sources share it.
Value AttendExpander::groupSize() {
  std::optional<int64_t> shared;
  SmallVector<Value> ratios{plan.values.ratio};
  for (AttendSource &source : plan.sources)
    if (!source.isLoadedInPanels())
      ratios.push_back(source.ratio);
  for (Value value : ratios) {
    std::optional<int64_t> ratio = getConstantIntValue(value);
    if (!ratio || *ratio < 1 || (shared && shared != ratio))
      return slotCount;
    shared = ratio;
  }
  return mul(slotCount, *shared);
}

Value AttendExpander::headMatrix(Value array, Value head, int64_t heads) {
  auto type = cast<MemRefType>(array.getType());
  Value batch = type.getDimSize(0) == 1 ? constant(0) : div(head, heads);
  Value own = rem(head, heads);
  if (int64_t shared = heads / std::max<int64_t>(type.getDimSize(1), 1);
      shared > 1)
    own = div(own, shared);
  return matrixAt(array, {batch, own});
}

/// Calls `body` in a parallel loop for each chunk of each packed head that
/// query heads [firstHead, lastHead] read, `ratio` of them one.
void AttendExpander::parallelOverHeads(
    Value ratio, Value firstHead, Value lastHead, Value chunks,
    llvm::function_ref<void(Value, Value, Value)> body) {
  ratio = max(ratio, constant(1));
  Value first = div(firstHead, ratio);
  Value count = add(sub(div(lastHead, ratio), first), 1);
  parallel(mul(count, chunks), [&](Value task) {
    Value slot = div(task, chunks), chunk = rem(task, chunks);
    body(slot, add(first, slot), chunk);
  });
}

/// Copies the values of the heads that query heads [first, last] read, strip by
/// strip of columns, so that the product with V reads consecutive memory
/// however far apart the rows of V are. Columns after the last one are zero.
/// The sum of 0 * value is 0 or, when one of them is not finite, NaN.
void AttendExpander::packValues(Value firstHead, Value lastHead) {
  Value chunks = ceilDiv(plan.keys, valueChunkKeys);
  int64_t heads = headsOf(kernel.getValue(), 1);
  parallelOverHeads(
      plan.values.ratio, firstHead, lastHead, chunks,
      [&](Value slot, Value head, Value chunk) {
        Value packed = packedValues(*this, plan, slot);
        Value begin = mul(chunk, valueChunkKeys);
        Value end = min(add(begin, valueChunkKeys), plan.keys);
        Value check = splat(0.0, plan.width);
        if (!plan.isFolded()) {
          check = copyValues(headMatrix(kernel.getValue(), head, heads), packed,
                             constant(0), begin, end, check);
        } else {
          Value group = div(head, heads);
          Value strips = div(plan.headColumns, plan.columns);
          check =
              forEach(constant(0), plan.foldedIn(*this, group), 1,
                      ValueRange{check}, [&](Value member, ValueRange carried) {
                        Value batch = add(mul(group, plan.folded), member);
                        Value matrix = matrixAt(kernel.getValue(),
                                                {batch, rem(head, heads)});
                        return SmallVector<Value>{
                            copyValues(matrix, packed, mul(member, strips),
                                       begin, end, carried[0])};
                      })[0];
        }
        Value flag = vector::ReductionOp::create(
            builder, loc, vector::CombiningKind::ADD, check,
            arith::FastMathFlags::reassoc);
        store(flag, valueFlags(*this, plan, slot), {chunk});
      });
}

/// Copies the keys [begin, end) of `matrix` into the strips of `packed` from
/// `firstStrip` on, and returns `check` with 0 * value added to its lanes.
Value AttendExpander::copyValues(Value matrix, Value packed, Value firstStrip,
                                 Value begin, Value end, Value check) {
  VectorAccess access(*this, matrix, plan.width, plan.valueDepth);
  Value zeros = splat(0.0, plan.width);
  auto copyVector = [&](Value key, Value column, Value sum) -> Value {
    Value value = access.load({key, column});
    storeVector(value, packed,
                {add(firstStrip, div(column, plan.columns)), key,
                 rem(column, plan.columns)});
    return vector::FMAOp::create(builder, loc, value, zeros, sum);
  };
  return forEach(
      begin, end, 1, ValueRange{check},
      [&](Value key, ValueRange carried) -> SmallVector<Value> {
        Value next = carried[0];
        // Constant columns need no mask where they are whole.
        if (std::optional<int64_t> known =
                getConstantIntValue(plan.headColumns);
            known && *known <= maxUnrolledColumns) {
          for (int64_t column = 0; column < *known; column += plan.width)
            next = copyVector(key, constant(column), next);
          return {next};
        }
        return forEach(constant(0), plan.headColumns, plan.width,
                       ValueRange{next}, [&](Value column, ValueRange sum) {
                         return SmallVector<Value>{
                             copyVector(key, column, sum[0])};
                       });
      })[0];
}

/// Transposes the keys of the heads that query heads [first, last] (counted
/// over the batch) read from one source.
void AttendExpander::pack(const AttendSource &source, Value firstHead,
                          Value lastHead) {
  Value chunks = ceilDiv(plan.panels, kPanelsPerTask);
  parallelOverHeads(
      source.ratio, firstHead, lastHead, chunks,
      [&](Value slot, Value head, Value chunk) {
        Value matrix = headMatrix(source.key, head, source.packedHeads);
        Value packed =
            carve(kernel.getWorkspace()[0],
                  add(source.base, mul(slot, source.headFloats)),
                  {getAsOpFoldResult(mul(plan.panels, source.packedDepth)),
                   builder.getIndexAttr(plan.columns)});
        Value begin = mul(chunk, kPanelsPerTask);
        Value end = min(add(begin, kPanelsPerTask), plan.panels);
        forEach(begin, end, 1, [&](Value panel) {
          forEach(constant(0), constant(plan.columns), plan.width,
                  [&](Value lane) {
                    packLane(source, matrix, packed, panel, lane);
                  });
          if (source.keyBias)
            packBias(source, head, packed, panel);
        });
      });
}

/// The bias of the keys of a panel is its last row, which the queries multiply
/// by the scale of the bias alone.
void AttendExpander::packBias(const AttendSource &source, Value head,
                              Value packed, Value panel) {
  Value own = rem(head, source.packedHeads);
  own = div(own, source.packedHeads /
                     std::max<int64_t>(headsOf(source.keyBias, 0), 1));
  Value row = add(mul(panel, source.packedDepth), source.depth);
  Value last = sub(plan.keys, constant(1));
  forEach(constant(0), constant(plan.columns), 1, [&](Value lane) {
    Value key = min(add(mul(panel, plan.columns), lane), last);
    store(load(source.keyBias, {own, key}), packed, {row, lane});
  });
}

/// A vector of keys over their whole depth: squares, then single columns. Keys
/// after the last one repeat it: the mask of the last panel makes them -inf.
void AttendExpander::packLane(const AttendSource &source, Value matrix,
                              Value packed, Value panel, Value lane) {
  auto type = TileType::get(builder.getContext(), plan.width, plan.width,
                            builder.getF32Type());
  Value key = add(mul(panel, plan.columns), lane);
  Value firstRow = mul(panel, source.packedDepth);
  Value whole = mul(div(source.depth, plan.width), plan.width);
  Value bound = plan.keysFillPanels ? Value() : plan.keys;
  forEach(constant(0), whole, plan.width, [&](Value depth) {
    Value tile = TileLoadOp::create(builder, loc, type, matrix, key, depth,
                                    bound, Value());
    Value turned = TileTransposeOp::create(builder, loc, type, tile);
    TileStoreOp::create(builder, loc, turned, packed, add(firstRow, depth),
                        lane, Value());
  });
  forEach(whole, source.depth, 1, [&](Value depth) {
    forEach(constant(0), constant(plan.width), 1, [&](Value i) {
      Value from = min(add(key, i), sub(plan.keys, constant(1)));
      store(load(matrix, {from, depth}), packed,
            {add(firstRow, depth), add(lane, i)});
    });
  });
}

LogicalResult AttendExpander::expand() {
  if (failed(check()))
    return failure();
  planSources();
  Value group = groupSize();
  Value allHeads = mul(ceilDiv(plan.batch, plan.folded), plan.heads);
  LogicalResult result = success();
  forEach(constant(0), ceilDiv(allHeads, group), 1, [&](Value index) {
    Value first = mul(index, group);
    Value count = min(group, sub(allHeads, first));
    Value last = sub(add(first, count), constant(1));
    for (const AttendSource &source : plan.sources)
      if (!source.isLoadedInPanels())
        pack(source, first, last);
    packValues(first, last);

    Value blocks = ceilDiv(plan.queries, plan.rowBlock);
    parallel(mul(count, blocks), [&](Value task) {
      Value allHead = add(first, div(task, blocks));
      Value block = sub(sub(blocks, constant(1)), rem(task, blocks));
      SmallVector<Value> slots;
      for (const AttendSource &source : plan.sources)
        slots.push_back(
            source.isLoadedInPanels()
                ? div(rem(allHead, plan.heads), source.ratio)
                : sub(div(allHead, source.ratio), div(first, source.ratio)));
      slots.push_back(
          sub(div(allHead, plan.values.ratio), div(first, plan.values.ratio)));
      result = expandAttendTask(*this, plan, div(allHead, plan.heads),
                                rem(allHead, plan.heads),
                                mul(block, plan.rowBlock), slots);
    });
  });
  if (failed(result))
    return failure();
  kernel.erase();
  return success();
}

LogicalResult attune::expandAttend(KernelOp kernel) {
  OpBuilder builder(kernel);
  return AttendExpander(builder, kernel).expand();
}
