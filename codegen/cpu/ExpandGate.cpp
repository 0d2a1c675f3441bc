//===- ExpandGate.cpp - The gate kernel as loops of tile ops --------------===//
//
// Batch elements are processed in groups whose packed channels fit
// workspace[0]. A parallel loop computes mean and scale of each row, if there
// is a norm. Then one task is some panels of channels of one batch element: it
// packs them, normed, so that they lie in the second-level cache, and computes
// all positions tile by tile (GateTask.cpp).
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/ExpandKernels.h"
#include "codegen/cpu/GateTask.h"
#include "codegen/cpu/RowMoments.h"
#include "codegen/cpu/VectorAccess.h"
#include "dialect/Target.h"
#include "passes/KernelScratch.h"

using namespace mlir;
using namespace attune;

namespace {

/// Second-level cache where no target is known.
constexpr int64_t kDefaultL2 = int64_t(1) << 20;
/// Tasks wanted when few channels give fewer.
constexpr int64_t kWantedTasks = 16;
/// Rows whose moments one task computes.
constexpr int64_t kMomentRows = 16;
/// How many rows ahead of the packing channels are asked for.
constexpr int64_t kPrefetchRows = 8;

class GateExpander : LoopBuilder {
public:
  GateExpander(OpBuilder &builder, KernelOp kernel)
      : LoopBuilder{builder, kernel.getLoc()}, kernel(kernel) {}

  LogicalResult expand();

private:
  LogicalResult check();
  void makePlan();
  int64_t taskFloats();
  Value slotBase(Value slot) { return mul(slot, slotFloats); }
  /// Mean and scale of each row of the batch element in `slot`: [T, 2].
  Value momentsOf(Value slot);
  void computeMoments(Value firstBatch, Value count);
  Value pack(Value batch, Value slot, const GatePanels &panels);

  KernelOp kernel;
  GatePlan plan;
  Value allPanels, slotFloats, slotCount;
};

} // namespace

LogicalResult GateExpander::check() {
  BlockingAttr blocking = kernel.getBlocking();
  if (kernel.getWorkspace().size() != 2)
    return kernel.emitOpError("gate needs two workspaces");
  if (blocking.getColumns() % 8 || blocking.getDepthBlock() % 16)
    return kernel.emitOpError("blocks must be multiples of the register block");
  for (Value workspace : kernel.getWorkspace())
    if (!cast<MemRefType>(workspace.getType()).getLayout().isIdentity())
      return kernel.emitOpError("workspaces must be contiguous");
  auto scratch = cast<MemRefType>(kernel.getWorkspace()[1].getType());
  if (scratch.getRank() != 2 || scratch.isDynamicDim(1) ||
      scratch.getDimSize(1) < gateScratchFloats(blocking))
    return kernel.emitOpError("gate needs more scratch");
  auto weight = cast<MemRefType>(kernel.getLhs()[0].getType());
  if (weight.isDynamicDim(0) || weight.getDimSize(0) < 1)
    return kernel.emitOpError("gate needs a constant number of groups");
  if (!kernel.getNorm().empty() && !kernel.getEpsilon())
    return kernel.emitOpError("a norm needs an epsilon");
  return success();
}

void GateExpander::makePlan() {
  BlockingAttr blocking = kernel.getBlocking();
  plan.kernel = kernel;
  plan.rows = blocking.getRows();
  plan.columns = blocking.getColumns();
  plan.width = plan.columns / 2;
  plan.keyBlock = blocking.getDepthBlock();
  plan.groups = cast<MemRefType>(kernel.getLhs()[0].getType()).getDimSize(0);
  plan.batch = extent(kernel.getOut(), 0);
  plan.positions = extent(kernel.getOut(), 1);
  plan.groupChannels = div(extent(kernel.getOut(), 2), plan.groups);
  plan.groupPanels = ceilDiv(plan.groupChannels, plan.columns);
  std::optional<int64_t> known = getConstantIntValue(plan.groupChannels);
  plan.channelsFillPanels = known && *known % plan.columns == 0;
  allPanels = mul(plan.groupPanels, plan.groups);
  slotFloats = add(mul(mul(allPanels, plan.positions), plan.columns),
                   roundUp(mul(plan.positions, 2), 16));
  slotCount = max(
      div(extent(kernel.getWorkspace()[0], 0), max(slotFloats, constant(1))),
      constant(1));
}

/// Floats of packed channels that one task keeps near: a quarter of the
/// second-level cache, through which weights and gates pass meanwhile.
int64_t GateExpander::taskFloats() {
  TargetAttr target = getTarget(kernel);
  return (target ? target.getL2() : kDefaultL2) / 4 / sizeof(float);
}

Value GateExpander::momentsOf(Value slot) {
  Value offset =
      add(slotBase(slot), mul(mul(allPanels, plan.positions), plan.columns));
  return carve(kernel.getWorkspace()[0], offset,
               {getAsOpFoldResult(plan.positions), builder.getIndexAttr(2)});
}

void GateExpander::computeMoments(Value firstBatch, Value count) {
  LineBuilder rows(*this, kernel.getRhs()[0], /*axis=*/2, plan.width, {});
  Value size = lineSize(*this, rows);
  double epsilon = kernel.getEpsilon()->convertToDouble();
  Value chunks = ceilDiv(plan.positions, kMomentRows);
  parallel(mul(count, chunks), [&](Value task) {
    Value slot = div(task, chunks);
    Value moments = momentsOf(slot);
    Value begin = mul(rem(task, chunks), kMomentRows);
    Value end = min(add(begin, kMomentRows), plan.positions);
    forEach(begin, end, 1, [&](Value row) {
      LineBuilder::Line line;
      line.indices = {add(firstBatch, slot), row, Value()};
      RowMoments made = buildMoments(*this, rows, line, size, epsilon);
      store(made.mean, moments, {row, constant(0)});
      store(made.scale, moments, {row, constant(1)});
    });
  });
}

/// Packs the channels of a task: [panel][position][column].
Value GateExpander::pack(Value batch, Value slot, const GatePanels &panels) {
  Value first = add(mul(panels.group, plan.groupPanels), panels.begin);
  Value packed =
      carve(kernel.getWorkspace()[0],
            add(slotBase(slot), mul(mul(first, plan.positions), plan.columns)),
            {getAsOpFoldResult(panels.count), getAsOpFoldResult(plan.positions),
             builder.getIndexAttr(plan.columns)});
  Value input = matrixAt(kernel.getRhs()[0], {batch});
  bool hasNorm = !kernel.getNorm().empty();
  Value moments = hasNorm ? momentsOf(slot) : Value();
  forEach(constant(0), plan.positions, 1, [&](Value row) {
    // The hardware does not follow rows that are pages apart.
    prefetchRow(*this, plan, panels, input,
                min(add(row, kPrefetchRows), sub(plan.positions, constant(1))));
    Value mean, scale;
    if (hasNorm) {
      mean = broadcast(load(moments, {row, constant(0)}), plan.width);
      scale = broadcast(load(moments, {row, constant(1)}), plan.width);
    }
    forEachPanel(
        *this, plan, panels, [&](Value panel, Value column, Value bound) {
          auto read = [&](Value array, ArrayRef<Value> at) {
            return VectorAccess(*this, array, plan.width, bound).load(at);
          };
          for (int64_t c = 0; c < plan.columns; c += plan.width) {
            Value at = add(column, c);
            Value x = read(input, {row, at});
            if (hasNorm) {
              x = arith::SubFOp::create(builder, loc, x, mean);
              x = arith::MulFOp::create(builder, loc, x, scale);
              x = vector::FMAOp::create(builder, loc, x,
                                        read(kernel.getNorm()[0], {at}),
                                        read(kernel.getNorm()[1], {at}));
            }
            storeVector(x, packed, {panel, row, constant(c)});
          }
        });
  });
  return packed;
}

LogicalResult GateExpander::expand() {
  if (failed(check()))
    return failure();
  makePlan();
  // Panels of a task: what stays near, but not so many that tasks are few.
  Value panelFloats = max(mul(plan.positions, plan.columns), constant(1));
  Value near = min(max(div(constant(taskFloats()), panelFloats), constant(1)),
                   constant(maxGatePanels));
  Value perGroup = ceilDiv(constant(kWantedTasks),
                           max(mul(plan.batch, plan.groups), constant(1)));
  Value taskPanels =
      max(min(near, div(plan.groupPanels, perGroup)), constant(1));
  Value chunks = ceilDiv(plan.groupPanels, taskPanels);
  LogicalResult result = success();
  forEach(constant(0), ceilDiv(plan.batch, slotCount), 1, [&](Value index) {
    Value firstBatch = mul(index, slotCount);
    Value count = min(slotCount, sub(plan.batch, firstBatch));
    if (!kernel.getNorm().empty())
      computeMoments(firstBatch, count);
    Value perBatch = mul(chunks, plan.groups);
    parallel(mul(count, perBatch), [&](Value task) {
      Value slot = div(task, perBatch), rest = rem(task, perBatch);
      Value batch = add(firstBatch, slot);
      GatePanels panels;
      panels.group = div(rest, chunks);
      panels.begin = mul(rem(rest, chunks), taskPanels);
      panels.count = min(taskPanels, sub(plan.groupPanels, panels.begin));
      panels.packed = pack(batch, slot, panels);
      result = expandGateTask(*this, plan, batch, panels);
    });
  });
  if (failed(result))
    return failure();
  kernel.erase();
  return success();
}

LogicalResult attune::expandGate(KernelOp kernel) {
  OpBuilder builder(kernel);
  return GateExpander(builder, kernel).expand();
}
