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

using namespace mlir;
using namespace attune;

void AttendTask::carveScratch() {
  Value scratch = plan.kernel.getWorkspace()[1];
  Value offset = loops.workerOffset(scratch);
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
  if (plan.summary.empty())
    return;
  int64_t chunks = llvm::divideCeil(plan.keyBlock, summaryKeys);
  Value table =
      take(1 + 2 * int64_t(plan.summary.ofKeys.size()), loops.constant(chunks));
  SmallVector<Value> indices, sizes;
  for (Value index : {batch, head})
    indices.push_back(loops.toI32(index));
  for (Value size : {plan.batch, plan.heads, plan.queries, plan.keys})
    sizes.push_back(loops.toI32(size));
  summary.emplace(loops, plan.kernel.getMask(), plan.summary, plan.width, table,
                  indices, sizes);
}

/// Scales by everything that multiplies a dot product.
void AttendTask::copyQueries() {
  int64_t width = plan.width;
  for (AttendSource &source : plan.sources) {
    Value matrix = queryMatrix(source);
    // tanh is not linear: its factor comes after the sum.
    Value factor =
        source.vector ? loops.scalar(1.0) : sourceFactor(source, source.scale);
    Value biasFactor =
        source.keyBias ? sourceFactor(source, source.biasScale) : Value();
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
      if (biasFactor)
        loops.store(biasFactor, queryBuffer,
                    {row, loops.add(source.scratchColumn, source.depth)});
    });
  }
}

/// Queries of this task; a batch of 1 and shared heads stretch.
Value AttendTask::queryMatrix(const AttendSource &source) {
  auto type = cast<MemRefType>(source.query.getType());
  Value ownBatch = type.getDimSize(0) == 1 ? zero : batch;
  int64_t ownHeads = std::max<int64_t>(type.getDimSize(1), 1);
  Value ownHead = loops.div(head, loops.div(plan.heads, ownHeads));
  return loops.matrixAt(source.query, {ownBatch, ownHead});
}

/// `scale` times the weight of the head; in units of log 2 when no score region
/// follows and a softmax does.
Value AttendTask::sourceFactor(const AttendSource &source, double scale) {
  bool isLog2 = !plan.hasScore() && plan.hasSoftmax();
  Value factor = loops.scalar(scale * (isLog2 ? kLog2E : 1.0));
  Value weight = source.headWeight;
  if (!weight)
    return factor;
  SmallVector<Value> at;
  if (cast<MemRefType>(weight.getType()).getRank() == 1)
    at.push_back(head);
  return arith::MulFOp::create(builder, loc, factor, loops.load(weight, at));
}

void AttendTask::clearState() {
  Value zeros = loops.splat(0.0, plan.width);
  loops.forEach(zero, loops.mul(tileCount, plan.rows), 1, [&](Value row) {
    loops.forEach(zero, ownColumns, plan.width, [&](Value column) {
      loops.storeVector(zeros, outBuffer, {row, column});
    });
    if (!plan.hasSoftmax())
      return;
    loops.storeVector(zeros, sums, {row, zero});
    loops.storeVector(infinity(), laneMax, {row, zero});
    loops.store(loops.scalar(kMinusInfinity), rowMax, {row, zero});
  });
}

Value AttendTask::lastQueryOf(Value row) {
  Value end = loops.add(loops.add(queryBegin, row), plan.rows);
  return loops.sub(loops.min(end, plan.queries), loops.constant(1));
}

FailureOr<KeyRangeList> AttendTask::tileRanges(Value row) {
  return rangesOf(loops.add(queryBegin, row), lastQueryOf(row));
}

KeyRange AttendTask::hullOf(ArrayRef<KeyRange> ranges) {
  KeyRange hull = ranges.front();
  for (const KeyRange &range : ranges.drop_front()) {
    hull.high = loops.select(loops.less(range.low, range.high),
                             loops.max(hull.high, range.high), hull.high);
  }
  return hull;
}

void AttendTask::forEachSegment(
    ArrayRef<KeyRange> ranges,
    llvm::function_ref<void(Value, const KeyRange &)> body) {
  if (ranges.size() == 1)
    return body(Value(), ranges.front());
  loops.forEach(zero, loops.constant(2), 1, [&](Value segment) {
    Value isFirst = loops.less(segment, loops.constant(1));
    auto select = [&](Value a, Value b) -> Value {
      return loops.select(isFirst, a, b);
    };
    const KeyRange &a = ranges[0], &b = ranges[1];
    body(isFirst, {select(a.low, b.low), select(a.fullLow, b.fullLow),
                   select(a.fullHigh, b.fullHigh), select(a.high, b.high)});
  });
}

LogicalResult AttendTask::expand() {
  zero = loops.constant(0);
  rowCount = loops.min(loops.constant(plan.rowBlock),
                       loops.sub(plan.queries, queryBegin));
  tileCount = loops.ceilDiv(rowCount, plan.rows);
  ownColumns = plan.outColumns;
  if (plan.isFolded())
    ownColumns = loops.mul(plan.foldedIn(loops, batch), plan.headColumns);
  for (auto [source, slot] : llvm::zip(plan.sources, slots.drop_back()))
    keyPanels.push_back(packedKeys(loops, plan, source, slot));
  valueStrips = packedValues(loops, plan, slots.back());
  flags = valueFlags(loops, plan, slots.back());
  carveScratch();
  copyQueries();
  clearState();

  Value lastQuery =
      loops.sub(loops.add(queryBegin, rowCount), loops.constant(1));
  FailureOr<KeyRangeList> all = rangesOf(queryBegin, lastQuery);
  if (failed(all))
    return failure();
  // Segments begin and end with whole panels, so that none is in two.
  auto panelEnd = [&](Value key) {
    return loops.mul(loops.ceilDiv(key, plan.columns), plan.columns);
  };
  LogicalResult result = success();
  forEachSegment(*all, [&](Value isFirst, const KeyRange &range) {
    Value begin = loops.mul(loops.div(range.low, plan.columns), plan.columns);
    if (isFirst)
      begin = loops.select(isFirst, begin,
                           loops.max(begin, panelEnd(all->front().high)));
    Value end = isFirst ? panelEnd(range.high) : range.high;
    loops.forEach(begin, range.high, plan.keyBlock, [&](Value blockBegin) {
      Value blockEnd = loops.add(blockBegin, plan.keyBlock);
      if (isFirst)
        blockEnd = loops.min(blockEnd, end);
      if (summary)
        summary->summarizeKeys(blockBegin, loops.min(blockEnd, plan.keys));
      loops.forEach(zero, tileCount, 1, [&](Value index) {
        result = tile(index, blockBegin, blockEnd);
      });
    });
  });
  if (plan.kernel.getProbs() && failed(probabilities()))
    return failure();
  finish();
  return result;
}

AttendTask::BlockRange AttendTask::rangeInBlock(const KeyRange &range,
                                                Value blockBegin,
                                                Value blockEnd) {
  BlockRange part;
  part.keyBegin = loops.max(range.low, blockBegin);
  part.keyEnd = loops.min(range.high, blockEnd);
  auto inBlock = [&](Value key) {
    return loops.max(loops.sub(key, blockBegin), zero);
  };
  part.first = loops.div(inBlock(part.keyBegin), plan.columns);
  part.last = loops.ceilDiv(inBlock(part.keyEnd), plan.columns);
  Value fullFirst = loops.ceilDiv(inBlock(range.fullLow), plan.columns);
  part.fullFirst = loops.min(loops.max(fullFirst, part.first), part.last);
  Value fullLast = loops.div(inBlock(range.fullHigh), plan.columns);
  part.fullLast = loops.min(loops.max(fullLast, part.fullFirst), part.last);
  return part;
}

/// The second of two segments of a tile may begin in the last panel of the
/// first, which then computes all of that panel, masked.
void AttendTask::keepPanelsApart(BlockRange &part, Value isFirst,
                                 const KeyRange &first, Value blockBegin,
                                 Value blockEnd) {
  Value firstEnd =
      loops.max(loops.sub(loops.min(first.high, blockEnd), blockBegin), zero);
  Value taken =
      loops.select(isFirst, zero, loops.ceilDiv(firstEnd, plan.columns));
  part.first = loops.max(part.first, taken);
  part.last = loops.max(part.last, part.first);
  part.fullFirst = loops.min(loops.max(part.fullFirst, part.first), part.last);
  part.fullLast =
      loops.min(loops.max(part.fullLast, part.fullFirst), part.last);
  auto keyOf = [&](Value panel) {
    return loops.add(blockBegin, loops.mul(panel, plan.columns));
  };
  part.keyBegin = loops.max(part.keyBegin, keyOf(part.first));
  // The masked rest of the last panel has probability zero.
  part.keyEnd =
      loops.select(loops.less(part.keyBegin, part.keyEnd),
                   loops.min(keyOf(part.last), plan.keys), part.keyEnd);
}

/// One tile of queries against one block of keys.
LogicalResult AttendTask::tile(Value tileIndex, Value blockBegin,
                               Value blockEnd) {
  Value row = loops.mul(tileIndex, plan.rows);
  FailureOr<KeyRangeList> ranges = tileRanges(row);
  if (failed(ranges))
    return failure();
  LogicalResult result = success();
  forEachSegment(*ranges, [&](Value isFirst, const KeyRange &range) {
    BlockRange part = rangeInBlock(range, blockBegin, blockEnd);
    if (isFirst)
      keepPanelsApart(part, isFirst, ranges->front(), blockBegin, blockEnd);
    loops.ifThen(loops.less(part.keyBegin, part.keyEnd), [&] {
      result = summary ? attendToRuns(row, blockBegin, blockEnd, part)
                       : attendTo(row, blockBegin, part);
    });
  });
  return result;
}

/// Scores, their exponentials in a softmax, and the products with the values of
/// the keys of `part`.
LogicalResult AttendTask::attendTo(Value row, Value blockBegin,
                                   const BlockRange &part) {
  if (failed(tileScores(row, blockBegin, part)))
    return failure();
  if (plan.hasSoftmax())
    exponentials(row, loops.mul(part.first, plan.columns),
                 loops.mul(part.last, plan.columns));
  if (!plan.hasZeros()) {
    timesValues(row, blockBegin, part, /*skipZeros=*/false);
    return success();
  }
  Value dirty = notFinite(part.keyBegin, part.keyEnd);
  loops.ifThenElse(
      dirty, [&] { timesValues(row, blockBegin, part, /*skipZeros=*/true); },
      [&] { timesValues(row, blockBegin, part, /*skipZeros=*/false); });
  return success();
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
    Value panel = loops.select(loops.less(index, before),
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
