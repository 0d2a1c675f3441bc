//===- GateTask.cpp - Some channels of one batch element ------------------===//
//
// for each tile of rows { keys that no row masks: weights times each panel; for
// each block of other keys in range { weights to scratch, masked; times each
// panel }; epilogue }. Rows after the last one repeat it and are not stored.
// Keys that the mask excludes for a whole tile are never read: a causal gate
// computes half.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/GateTask.h"
#include "codegen/cpu/EvaluateRegion.h"
#include "codegen/cpu/KeyRanges.h"
#include "codegen/cpu/StreamingStore.h"
#include "codegen/cpu/VectorAccess.h"
#include "codegen/cpu/VectorMath.h"
#include "passes/KernelScratch.h"

using namespace mlir;
using namespace attune;

void attune::forEachPanel(LoopBuilder &loops, GatePlan &plan,
                          const GatePanels &panels,
                          llvm::function_ref<void(Value, Value, Value)> body) {
  Value groupBegin = loops.mul(panels.group, plan.groupChannels);
  auto column = [&](Value panel) {
    return loops.add(groupBegin,
                     loops.mul(loops.add(panels.begin, panel), plan.columns));
  };
  Value zero = loops.constant(0);
  if (plan.channelsFillPanels) {
    loops.forEach(zero, panels.count, 1,
                  [&](Value panel) { body(panel, column(panel), Value()); });
    return;
  }
  Value whole =
      loops.sub(loops.div(plan.groupChannels, plan.columns), panels.begin);
  whole = loops.min(whole, panels.count);
  loops.forEach(zero, whole, 1,
                [&](Value panel) { body(panel, column(panel), Value()); });
  loops.ifThen(loops.less(whole, panels.count), [&] {
    body(whole, column(whole), loops.add(groupBegin, plan.groupChannels));
  });
}

void attune::prefetchRow(LoopBuilder &loops, GatePlan &plan,
                         const GatePanels &panels, Value matrix, Value row) {
  constexpr int64_t lineFloats = 16;
  forEachPanel(loops, plan, panels, [&](Value, Value column, Value bound) {
    if (bound)
      return;
    for (int64_t c = 0; c < plan.columns; c += lineFloats)
      memref::PrefetchOp::create(loops.builder, loops.loc, matrix,
                                 ValueRange{row, loops.add(column, c)},
                                 /*isWrite=*/false, /*localityHint=*/3,
                                 /*isDataCache=*/true);
  });
}

namespace {

class GateTask {
public:
  GateTask(LoopBuilder &loops, GatePlan &plan, Value batch,
           const GatePanels &panels)
      : loops(loops), builder(loops.builder), loc(loops.loc), plan(plan),
        kernel(plan.kernel), batch(batch), panels(panels),
        zero(loops.constant(0)) {}

  LogicalResult expand();

private:
  struct Range {
    Value low, fullLow, fullHigh, high;
  };

  void carveScratch();
  LogicalResult tile();
  void prefetchGate();
  void startSums();
  LogicalResult addRange(const KeyRange &range);
  void ifSome(Value begin, Value end, llvm::function_ref<void()> body) {
    loops.ifThen(loops.less(begin, end), body);
  }
  void timesChannels(Value factors, Value firstRow, Value firstColumn,
                     Value key, Value depth);
  LogicalResult addKeys(const KeyRange &range, Value begin);
  void copyWeights(Value begin, Value end);
  LogicalResult maskWeights(const KeyRange &range, Value begin, Value end);
  void finish();
  /// Position `i` of the tile; those after the last position repeat it.
  Value position(Value i) {
    return loops.min(loops.add(row, i),
                     loops.sub(plan.positions, loops.constant(1)));
  }
  Value matrix(Value array) {
    return array ? loops.matrixAt(array, {batch}) : array;
  }

  LoopBuilder &loops;
  OpBuilder &builder;
  Location loc;
  GatePlan &plan;
  KernelOp kernel;
  Value batch;
  const GatePanels &panels;
  Value zero;
  Value weight, out, added, gate; // matrices of this task
  Value weights, sums;            // scratch
  Value row, rowCount;            // of the tile
  std::optional<StreamingStore> results;
};

} // namespace

void GateTask::carveScratch() {
  Value scratch = kernel.getWorkspace()[1];
  Value offset = loops.workerOffset(scratch);
  int64_t length = plan.keyBlock + maxVectorLanes;
  weights = loops.carve(
      scratch, offset,
      {builder.getIndexAttr(plan.rows), builder.getIndexAttr(length)});
  offset = loops.add(offset, llvm::alignTo(plan.rows * length, maxVectorLanes));
  sums = loops.carve(scratch, offset,
                     {builder.getIndexAttr(maxGatePanels * plan.rows),
                      builder.getIndexAttr(plan.columns)});
}

LogicalResult GateTask::expand() {
  weight = loops.matrixAt(kernel.getLhs()[0], {panels.group});
  out = matrix(kernel.getOut());
  added = matrix(kernel.getResidual());
  gate = matrix(kernel.getGate());
  carveScratch();
  results.emplace(loops, kernel.getOut(), plan.width);
  LogicalResult result = success();
  loops.forEach(zero, plan.positions, plan.rows, [&](Value first) {
    row = first;
    rowCount =
        loops.min(loops.constant(plan.rows), loops.sub(plan.positions, row));
    result = tile();
  });
  results->finish();
  return result;
}

LogicalResult GateTask::tile() {
  Value last = loops.sub(loops.add(row, rowCount), loops.constant(1));
  FailureOr<KeyRangeList> ranges =
      evaluateKeyRanges(loops, kernel, batch, panels.group, row, last,
                        plan.positions, plan.positions);
  if (failed(ranges))
    return failure();
  prefetchGate();
  startSums();
  LogicalResult result = success();
  for (const KeyRange &range : *ranges)
    if (failed(addRange(range)))
      result = failure();
  finish();
  return result;
}

/// What the epilogue multiplies by comes from far away: it is asked for before
/// the products begin.
void GateTask::prefetchGate() {
  if (gate)
    loops.forEach(zero, rowCount, 1, [&](Value i) {
      prefetchRow(loops, plan, panels, gate, loops.add(row, i));
    });
}

/// The sums of all panels start with the bias of their rows.
void GateTask::startSums() {
  loops.forEach(zero, loops.constant(plan.rows), 1, [&](Value i) {
    Value first = loops.scalar(0.0);
    if (Value bias = kernel.getBias())
      first = loops.load(bias, {panels.group, position(i)});
    Value vector = loops.broadcast(first, plan.width);
    loops.forEach(zero, panels.count, 1, [&](Value panel) {
      Value at = loops.add(loops.mul(panel, plan.rows), i);
      for (int64_t c = 0; c < plan.columns; c += plan.width)
        loops.storeVector(vector, sums, {at, loops.constant(c)});
    });
  });
}

/// Adds the keys of a range: those that no row masks straight from the weights,
/// the others through scratch. Rows after the last one exist in scratch only.
LogicalResult GateTask::addRange(const KeyRange &range) {
  Value isWhole = loops.compare(arith::CmpIPredicate::eq, rowCount,
                                loops.constant(plan.rows));
  Value directLow = loops.min(loops.max(range.fullLow, range.low), range.high);
  Value directHigh =
      loops.max(loops.min(range.fullHigh, range.high), directLow);
  directHigh = loops.select(isWhole, directHigh, directLow);
  ifSome(directLow, directHigh, [&] {
    timesChannels(weight, row, directLow, directLow,
                  loops.sub(directHigh, directLow));
  });
  LogicalResult result = success();
  loops.forEach(zero, loops.constant(2), 1, [&](Value part) {
    Value isFirst = loops.less(part, loops.constant(1));
    KeyRange rest = {loops.select(isFirst, range.low, directHigh),
                     range.fullLow, range.fullHigh,
                     loops.select(isFirst, directLow, range.high)};
    ifSome(rest.low, rest.high, [&] {
      loops.forEach(loops.mul(loops.div(rest.low, plan.width), plan.width),
                    rest.high, plan.keyBlock, [&](Value begin) {
                      if (failed(addKeys(rest, begin)))
                        result = failure();
                    });
    });
  });
  return result;
}

/// The sums of all panels += factors[firstRow...][firstColumn...] times the
/// channels of the keys from `key` on, `depth` of them.
void GateTask::timesChannels(Value factors, Value firstRow, Value firstColumn,
                             Value key, Value depth) {
  auto type = TileType::get(builder.getContext(), plan.rows, plan.columns,
                            builder.getF32Type());
  loops.forEach(zero, panels.count, 1, [&](Value panel) {
    Value at = loops.mul(panel, plan.rows);
    Value tile = TileLoadOp::create(builder, loc, type, sums, at, zero, Value(),
                                    Value());
    tile = TileContractOp::create(builder, loc, type, tile, factors, firstRow,
                                  firstColumn, panels.packed,
                                  ValueRange{panel, key, zero}, depth, Value());
    TileStoreOp::create(builder, loc, tile, sums, at, zero, Value());
  });
}

/// Adds a block of keys, from the multiple `begin` of the width on. Keys before
/// the range are in scratch, but not in the products.
LogicalResult GateTask::addKeys(const KeyRange &range, Value begin) {
  Value end = loops.min(loops.add(begin, plan.keyBlock), range.high);
  copyWeights(begin, end);
  if (plan.hasMask() && failed(maskWeights(range, begin, end)))
    return failure();
  Value first = loops.max(begin, range.low);
  timesChannels(weights, zero, loops.sub(first, begin), first,
                loops.sub(end, first));
  return success();
}

void GateTask::copyWeights(Value begin, Value end) {
  Value length = loops.sub(end, begin);
  Value whole = loops.mul(loops.div(length, plan.width), plan.width);
  loops.forEach(zero, loops.constant(plan.rows), 1, [&](Value i) {
    Value from = position(i);
    auto copy = [&](Value k, Value bound) {
      VectorAccess access(loops, weight, plan.width, bound);
      loops.storeVector(access.load({from, loops.add(begin, k)}), weights,
                        {i, k});
    };
    loops.forEach(zero, whole, plan.width, [&](Value k) { copy(k, Value()); });
    loops.ifThen(loops.less(whole, length), [&] { copy(whole, end); });
  });
}

/// Zeroes the weights of masked keys where neither all nor no rows have them:
/// before and after the full range. Vectors may reach into it, where the mask
/// holds, and over `end`, which nobody reads.
LogicalResult GateTask::maskWeights(const KeyRange &range, Value begin,
                                    Value end) {
  int64_t width = plan.width;
  Value fullLow = loops.max(loops.min(range.fullLow, end), begin);
  Value fullHigh = loops.min(loops.max(range.fullHigh, fullLow), end);
  fullHigh = loops.mul(loops.div(fullHigh, width), width);
  Value before = loops.ceilDiv(loops.sub(fullLow, begin), width);
  Value count =
      loops.add(before, loops.ceilDiv(loops.sub(end, fullHigh), width));
  Value last = loops.toI32(loops.sub(plan.positions, loops.constant(1)));
  Value lastKey = loops.broadcast(last, width);
  SmallVector<Value> sizes;
  for (Value size :
       {batch, panels.group, plan.batch, loops.constant(plan.groups),
        plan.positions, plan.positions})
    sizes.push_back(loops.toI32(size));
  LogicalResult result = success();
  loops.forEach(zero, count, 1, [&](Value index) {
    Value after =
        loops.add(fullHigh, loops.mul(loops.sub(index, before), width));
    Value key = loops.select(loops.less(index, before),
                             loops.add(begin, loops.mul(index, width)), after);
    Value lanes =
        arith::AddIOp::create(builder, loc, loops.lanes(width),
                              loops.broadcast(loops.toI32(key), width));
    Value valid = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle,
                                        lanes, lastKey);
    lanes = arith::MinSIOp::create(builder, loc, lanes, lastKey);
    RegionEvaluator mask(loops, kernel.getMask(), width, 1);
    mask.bind(0, sizes[0]);
    mask.bind(1, sizes[1]);
    mask.bindLanes(3, lanes, loops.toI32(key), last, valid);
    for (unsigned i = 0; i < 4; ++i)
      mask.bind(4 + i, sizes[2 + i]);
    if (failed(mask.advance())) {
      result = failure();
      return;
    }
    loops.forEach(zero, loops.constant(plan.rows), 1, [&](Value i) {
      mask.bind(2, loops.toI32(position(i)));
      if (failed(mask.advance())) {
        result = failure();
        return;
      }
      Value at[] = {i, loops.sub(key, begin)};
      Value kept = loops.select(mask.vectorResult(0, 0),
                                loops.loadVector(weights, at, width),
                                loops.splat(0.0, width));
      loops.storeVector(kept, weights, at);
    });
  });
  return result;
}

/// activation(sum + added) * gate.
void GateTask::finish() {
  loops.forEach(zero, rowCount, 1, [&](Value i) {
    Value from = loops.add(row, i);
    forEachPanel(
        loops, plan, panels, [&](Value panel, Value column, Value bound) {
          for (int64_t c = 0; c < plan.columns; c += plan.width) {
            Value at[] = {from, loops.add(column, c)};
            auto read = [&](Value array) {
              return VectorAccess(loops, array, plan.width, bound).load(at);
            };
            Value x = loops.loadVector(
                sums,
                {loops.add(loops.mul(panel, plan.rows), i), loops.constant(c)},
                plan.width);
            if (added)
              x = arith::AddFOp::create(builder, loc, x, read(added));
            if (kernel.getActivation() != Activation::None)
              x = buildActivation(builder, loc, kernel.getActivation(), x);
            if (gate)
              x = arith::MulFOp::create(builder, loc, x, read(gate));
            if (bound)
              VectorAccess(loops, out, plan.width, bound).store(x, at);
            else
              results->store(x, out, at);
          }
        });
  });
}

LogicalResult attune::expandGateTask(LoopBuilder &loops, GatePlan &plan,
                                     Value batch, const GatePanels &panels) {
  return GateTask(loops, plan, batch, panels).expand();
}
