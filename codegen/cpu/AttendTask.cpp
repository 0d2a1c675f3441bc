//===- AttendTask.cpp - One block of queries of one head ------------------===//
//
// for each block of keys { for each tile of queries { scores of the panels in
// range; one exp pass over them; times V } }: the scores of a tile are the only
// scores that exist. Queries are copied to the worker's scratch first, scaled,
// with the rows after the last one repeating it, so that no inner loop knows
// about tails or strides.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/AttendTask.h"
#include "codegen/cpu/EvaluateRegion.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace attune;

void AttendTask::carveScratch() {
  Value scratch = plan.kernel.getWorkspace()[1];
  Value worker = func::CallOp::create(builder, loc, "attune_worker",
                                      TypeRange{builder.getIndexType()})
                     .getResult(0);
  Value offset = loops.mul(worker, loops.extent(scratch, 1));
  auto take = [&](int64_t rows, Value columns) {
    Value part =
        loops.carve(scratch, offset,
                    {builder.getIndexAttr(rows), getAsOpFoldResult(columns)});
    offset = loops.add(offset, loops.mul(columns, rows));
    return part;
  };
  scoreBuffer = take(plan.rows, loops.constant(plan.keyBlock));
  queryBuffer = take(plan.rowBlock, plan.queryColumns);
  outBuffer = take(plan.rowBlock, plan.outColumns);
  sums = take(plan.rowBlock, loops.constant(plan.width));
  laneMax = take(plan.rowBlock, loops.constant(plan.width));
  rowMax = take(plan.rowBlock, loops.constant(1));
}

/// Scales by everything that multiplies a dot product; log2(e) too, when no
/// score region follows.
void AttendTask::copyQueries() {
  int64_t width = plan.width;
  for (AttendSource &source : plan.sources) {
    Value matrix = loops.matrixAt(source.query, {batch, head});
    Value factor =
        loops.scalar(source.scale * (plan.hasScore() ? 1.0 : kLog2E));
    if (Value weight = source.headWeight) {
      SmallVector<Value> at;
      if (cast<MemRefType>(weight.getType()).getRank() == 1)
        at.push_back(head);
      factor =
          arith::MulFOp::create(builder, loc, factor, loops.load(weight, at));
    }
    bool vectors = hasUnitStride(cast<MemRefType>(matrix.getType()));
    Value whole =
        vectors ? loops.mul(loops.div(source.depth, width), width) : zero;
    Value factors = loops.broadcast(factor, width);
    Value last = loops.sub(plan.queries, loops.constant(1));
    loops.forEach(zero, loops.mul(tileCount, plan.rows), 1, [&](Value row) {
      Value from = loops.min(loops.add(queryBegin, row), last);
      if (vectors)
        loops.forEach(zero, whole, width, [&](Value column) {
          Value value = loops.loadVector(matrix, {from, column}, width);
          value = arith::MulFOp::create(builder, loc, value, factors);
          loops.storeVector(value, queryBuffer,
                            {row, loops.add(source.scratchColumn, column)});
        });
      loops.forEach(whole, source.depth, 1, [&](Value column) {
        Value value = arith::MulFOp::create(
            builder, loc, loops.load(matrix, {from, column}), factor);
        loops.store(value, queryBuffer,
                    {row, loops.add(source.scratchColumn, column)});
      });
    });
  }
}

void AttendTask::clearState() {
  Value zeros = loops.splat(0.0, plan.width);
  loops.forEach(zero, loops.mul(tileCount, plan.rows), 1, [&](Value row) {
    loops.forEach(zero, plan.outColumns, plan.width, [&](Value column) {
      loops.storeVector(zeros, outBuffer, {row, column});
    });
    loops.storeVector(zeros, sums, {row, zero});
    loops.storeVector(infinity(), laneMax, {row, zero});
    loops.store(loops.scalar(kMinusInfinity), rowMax, {row, zero});
  });
}

LogicalResult AttendTask::evaluateRange(Value first, Value last, Range &range) {
  if (plan.kernel.getRanges().empty()) {
    range = {zero, zero, plan.keys, plan.keys};
    if (plan.hasMask())
      range.fullHigh = zero;
    return success();
  }
  RegionEvaluator region(loops, plan.kernel.getRanges(), plan.width, 0);
  Value arguments[] = {batch, head, first, last, plan.queries, plan.keys};
  for (auto [index, value] : llvm::enumerate(arguments))
    region.bind(index, value);
  if (failed(region.advance()))
    return failure();
  range = {region.scalarResult(0), region.scalarResult(1),
           region.scalarResult(2), region.scalarResult(3)};
  return success();
}

LogicalResult AttendTask::expand() {
  zero = loops.constant(0);
  rowCount = loops.min(loops.constant(plan.rowBlock),
                       loops.sub(plan.queries, queryBegin));
  tileCount = loops.ceilDiv(rowCount, plan.rows);
  KernelOp kernel = plan.kernel;
  outMatrix = loops.matrixAt(kernel.getOut(), {batch, head});
  for (auto [source, slot] : llvm::zip(plan.sources, slots.drop_back()))
    keyPanels.push_back(packedKeys(loops, plan, source, slot));
  valueStrips = packedValues(loops, plan, slots.back());
  flags = valueFlags(loops, plan, slots.back());
  carveScratch();
  copyQueries();
  clearState();

  Range all;
  if (failed(evaluateRange(
          queryBegin,
          loops.sub(loops.add(queryBegin, rowCount), loops.constant(1)), all)))
    return failure();
  Value begin = loops.mul(loops.div(all.low, plan.columns), plan.columns);
  LogicalResult result = success();
  loops.forEach(begin, all.high, plan.keyBlock, [&](Value blockBegin) {
    loops.forEach(zero, tileCount, 1,
                  [&](Value index) { result = tile(index, blockBegin); });
  });
  if (plan.kernel.getProbs() && failed(probabilities()))
    return failure();
  finish();
  return result;
}

LogicalResult AttendTask::rangeInBlock(Value row, Value blockBegin,
                                       BlockRange &part) {
  Value queryRow = loops.add(queryBegin, row);
  Value lastRow =
      loops.sub(loops.min(loops.add(queryRow, plan.rows), plan.queries),
                loops.constant(1));
  Range range;
  if (failed(evaluateRange(queryRow, lastRow, range)))
    return failure();
  part.keyBegin = loops.max(range.low, blockBegin);
  part.keyEnd = loops.min(range.high, loops.add(blockBegin, plan.keyBlock));
  auto inBlock = [&](Value key) {
    return loops.max(loops.sub(key, blockBegin), zero);
  };
  part.first = loops.div(inBlock(part.keyBegin), plan.columns);
  part.last = loops.ceilDiv(inBlock(part.keyEnd), plan.columns);
  Value fullFirst = loops.ceilDiv(inBlock(range.fullLow), plan.columns);
  part.fullFirst = loops.min(loops.max(fullFirst, part.first), part.last);
  Value fullLast = loops.div(inBlock(range.fullHigh), plan.columns);
  part.fullLast = loops.min(loops.max(fullLast, part.fullFirst), part.last);
  return success();
}

/// One tile of queries against one block of keys.
LogicalResult AttendTask::tile(Value tileIndex, Value blockBegin) {
  Value row = loops.mul(tileIndex, plan.rows);
  BlockRange part;
  if (failed(rangeInBlock(row, blockBegin, part)))
    return failure();
  LogicalResult result = success();
  loops.ifThen(loops.less(part.keyBegin, part.keyEnd), [&] {
    result = tileScores(row, blockBegin, part);
    exponentials(row, loops.mul(part.first, plan.columns),
                 loops.mul(part.last, plan.columns));
    if (!plan.hasZeros())
      return timesValues(row, blockBegin, part, /*skipZeros=*/false);
    Value dirty = notFinite(part.keyBegin, part.keyEnd);
    loops.ifThenElse(
        dirty, [&] { timesValues(row, blockBegin, part, /*skipZeros=*/true); },
        [&] { timesValues(row, blockBegin, part, /*skipZeros=*/false); });
  });
  return result;
}

/// The scores of the panels of `part`.
LogicalResult AttendTask::tileScores(Value row, Value blockBegin,
                                     const BlockRange &part) {
  Value queryRow = loops.add(queryBegin, row);
  LogicalResult result = success();
  loops.forEach(part.fullFirst, part.fullLast, 1, [&](Value panel) {
    if (failed(scores(row, queryRow, blockBegin, panel, false)))
      result = failure();
  });
  if (!plan.hasMask() && plan.keysFillPanels)
    return result;
  // The panels before and after the full ones, with one copy of the code.
  Value before = loops.sub(part.fullFirst, part.first);
  Value count = loops.add(before, loops.sub(part.last, part.fullLast));
  loops.forEach(zero, count, 1, [&](Value index) {
    Value after = loops.add(part.fullLast, loops.sub(index, before));
    Value panel =
        arith::SelectOp::create(builder, loc, loops.less(index, before),
                                loops.add(part.first, index), after);
    if (failed(scores(row, queryRow, blockBegin, panel, true)))
      result = failure();
  });
  return result;
}

LogicalResult attune::expandAttendTask(LoopBuilder &loops, AttendPlan &plan,
                                       Value batch, Value head,
                                       Value queryBegin, ValueRange slots) {
  return AttendTask(loops, plan, batch, head, queryBegin, slots).expand();
}
