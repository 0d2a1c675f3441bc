//===- AttendTask.cpp - One block of queries of one head ------------------===//
//
// for each block of keys { for each tile of queries { scores of the panels in
// range; one exp pass over them; times V } }: the scores of a tile are the only
// scores that exist. Queries are copied to the worker's scratch first, scaled,
// with the rows after the last one repeating it, so that no inner loop knows
// about tails or strides.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/AttendPlan.h"
#include "codegen/cpu/EvaluateRegion.h"
#include "codegen/cpu/VectorMath.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <limits>

using namespace mlir;
using namespace attune;

namespace {

constexpr double kLog2E = 1.4426950408889634;
constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

class AttendTask {
public:
  AttendTask(LoopBuilder &loops, AttendPlan &plan, Value batch, Value head,
             Value queryBegin, ValueRange slots)
      : loops(loops), builder(loops.builder), loc(loops.loc), plan(plan),
        batch(batch), head(head), queryBegin(queryBegin), slots(slots) {}

  LogicalResult expand();

private:
  struct Range {
    Value low, fullLow, fullHigh, high;
  };

  void carveScratch();
  void copyQueries();
  void clearState();
  LogicalResult evaluateRange(Value first, Value last, Range &range);
  LogicalResult tile(Value tileIndex, Value blockBegin);
  LogicalResult scores(Value row, Value queryRow, Value blockBegin, Value panel,
                       bool masked);
  LogicalResult rewriteScores(Value row, Value queryRow, Value key,
                              Value column, bool masked);
  void exponentials(Value row, Value columnBegin, Value columnEnd);
  void rescale(Value stateRow, Value oldMax, Value newMax);
  void timesValues(Value row, Value blockBegin, Value keyBegin, Value keyEnd);
  void finish();

  TileType tileType(int64_t columns) {
    return TileType::get(builder.getContext(), plan.rows, columns,
                         builder.getF32Type());
  }
  Value infinity() { return loops.splat(kMinusInfinity, plan.width); }

  LoopBuilder &loops;
  OpBuilder &builder;
  Location loc;
  AttendPlan &plan;
  Value batch, head, queryBegin;
  ValueRange slots;

  Value zero;
  Value rowCount;  // queries of this block
  Value tileCount; // tiles of this block
  Value valueMatrix, outMatrix;
  SmallVector<Value> keyPanels;
  // Scratch: scores of a tile, queries, outputs, sums and maxima of rows lane
  // by lane, running maximum of rows.
  Value scoreBuffer, queryBuffer, outBuffer, sums, laneMax, rowMax;
};

} // namespace

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
  Value valueHeads = loops.extent(kernel.getValue(), 1);
  Value valueHead = loops.div(head, loops.div(plan.heads, valueHeads));
  valueMatrix = loops.matrixAt(kernel.getValue(), {batch, valueHead});
  outMatrix = loops.matrixAt(kernel.getOut(), {batch, head});
  for (auto [source, slot] : llvm::zip(plan.sources, slots))
    keyPanels.push_back(packedKeys(loops, plan, source, slot));
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
  finish();
  return result;
}

/// One tile of queries against one block of keys.
LogicalResult AttendTask::tile(Value tileIndex, Value blockBegin) {
  Value row = loops.mul(tileIndex, plan.rows);
  Value queryRow = loops.add(queryBegin, row);
  Value lastRow =
      loops.sub(loops.min(loops.add(queryRow, plan.rows), plan.queries),
                loops.constant(1));
  Range range;
  if (failed(evaluateRange(queryRow, lastRow, range)))
    return failure();
  Value keyBegin = loops.max(range.low, blockBegin);
  Value keyEnd = loops.min(range.high, loops.add(blockBegin, plan.keyBlock));
  LogicalResult result = success();
  loops.ifThen(loops.less(keyBegin, keyEnd), [&] {
    auto inBlock = [&](Value key) {
      return loops.max(loops.sub(key, blockBegin), zero);
    };
    Value first = loops.div(inBlock(keyBegin), plan.columns);
    Value last = loops.ceilDiv(inBlock(keyEnd), plan.columns);
    Value fullFirst = loops.ceilDiv(inBlock(range.fullLow), plan.columns);
    fullFirst = loops.min(loops.max(fullFirst, first), last);
    Value fullLast = loops.div(inBlock(range.fullHigh), plan.columns);
    fullLast = loops.min(loops.max(fullLast, fullFirst), last);

    loops.forEach(fullFirst, fullLast, 1, [&](Value panel) {
      if (failed(scores(row, queryRow, blockBegin, panel, false)))
        result = failure();
    });
    if (plan.hasMask() || !plan.keysFillPanels) {
      // The panels before and after the full ones, with one copy of the code.
      Value before = loops.sub(fullFirst, first);
      Value count = loops.add(before, loops.sub(last, fullLast));
      loops.forEach(zero, count, 1, [&](Value index) {
        Value after = loops.add(fullLast, loops.sub(index, before));
        Value panel =
            arith::SelectOp::create(builder, loc, loops.less(index, before),
                                    loops.add(first, index), after);
        if (failed(scores(row, queryRow, blockBegin, panel, true)))
          result = failure();
      });
    }
    exponentials(row, loops.mul(first, plan.columns),
                 loops.mul(last, plan.columns));
    timesValues(row, blockBegin, keyBegin, keyEnd);
  });
  return result;
}

/// The scores of one panel into the score buffer, and the maxima of its rows.
LogicalResult AttendTask::scores(Value row, Value queryRow, Value blockBegin,
                                 Value panel, bool masked) {
  Value column = loops.mul(panel, plan.columns);
  Value key = loops.add(blockBegin, column);
  Value panelIndex = loops.div(key, plan.columns);
  TileType type = tileType(plan.columns);
  Value acc = TileFillOp::create(builder, loc, type, loops.scalar(0.0));
  for (auto [source, panels] : llvm::zip(plan.sources, keyPanels))
    acc = TileContractOp::create(
        builder, loc, type, acc, queryBuffer, row, source.scratchColumn, panels,
        ValueRange{panelIndex, zero, zero}, source.depth, Value());
  TileStoreOp::create(builder, loc, acc, scoreBuffer, zero, column, Value());
  if (masked || plan.hasScore())
    return rewriteScores(row, queryRow, key, column, masked);
  TileFoldMaxOp::create(builder, loc, acc, laneMax, row);
  return success();
}

/// Score and mask expressions on one panel in the score buffer, row by row.
/// Lanes after the last key are evaluated as the last key, rows after the last
/// query as the last query, so that captures stay inside their arrays.
LogicalResult AttendTask::rewriteScores(Value row, Value queryRow, Value key,
                                        Value column, bool masked) {
  int64_t width = plan.width, groups = plan.columns / width;
  auto i32Vector = VectorType::get({width}, builder.getI32Type());
  SmallVector<int32_t> lanes;
  for (int64_t lane = 0; lane < width; ++lane)
    lanes.push_back(lane);
  Value iota = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(i32Vector, ArrayRef(lanes)));
  Value lastKey = loops.broadcast(
      loops.toI32(loops.sub(plan.keys, loops.constant(1))), width);
  SmallVector<Value> keys, inRange;
  for (int64_t group = 0; group < groups; ++group) {
    Value base =
        loops.broadcast(loops.toI32(loops.add(key, group * width)), width);
    Value index = arith::AddIOp::create(builder, loc, iota, base);
    if (masked && !plan.keysFillPanels) {
      inRange.push_back(arith::CmpIOp::create(
          builder, loc, arith::CmpIPredicate::sle, index, lastKey));
      index = arith::MinSIOp::create(builder, loc, index, lastKey);
    }
    keys.push_back(index);
  }

  KernelOp kernel = plan.kernel;
  bool evaluateMask = masked && plan.hasMask();
  RegionEvaluator score(loops, kernel.getScore(), width, groups);
  RegionEvaluator mask(loops, kernel.getMask(), width, groups);
  SmallVector<Value> sizes;
  for (Value size :
       {batch, head, plan.batch, plan.heads, plan.queries, plan.keys})
    sizes.push_back(loops.toI32(size));
  auto bindAll = [&](RegionEvaluator &region, unsigned first) {
    region.bind(first, sizes[0]);
    region.bind(first + 1, sizes[1]);
    region.bind(first + 3, keys);
    for (unsigned i = 0; i < 4; ++i)
      region.bind(first + 4 + i, sizes[2 + i]);
    return region.advance();
  };
  if ((plan.hasScore() && failed(bindAll(score, 1))) ||
      (evaluateMask && failed(bindAll(mask, 0))))
    return failure();

  LogicalResult result = success();
  Value lastQuery = loops.sub(plan.queries, loops.constant(1));
  loops.forEach(zero, loops.constant(plan.rows), 1, [&](Value i) {
    Value query = loops.toI32(loops.min(loops.add(queryRow, i), lastQuery));
    SmallVector<Value> values;
    for (int64_t group = 0; group < groups; ++group)
      values.push_back(loops.loadVector(
          scoreBuffer, {i, loops.add(column, group * width)}, width));
    if (plan.hasScore()) {
      score.bind(0, values);
      score.bind(3, query);
      if (failed(score.advance()))
        result = failure();
      else
        for (int64_t group = 0; group < groups; ++group)
          values[group] =
              arith::MulFOp::create(builder, loc, score.vectorResult(0, group),
                                    loops.splat(kLog2E, width));
    }
    if (evaluateMask) {
      mask.bind(2, query);
      if (failed(mask.advance()))
        result = failure();
      else
        for (int64_t group = 0; group < groups; ++group)
          values[group] =
              arith::SelectOp::create(builder, loc, mask.vectorResult(0, group),
                                      values[group], infinity());
    }
    Value stateRow = loops.add(row, i);
    Value highest = loops.loadVector(laneMax, {stateRow, zero}, width);
    for (int64_t group = 0; group < groups; ++group) {
      if (!inRange.empty())
        values[group] = arith::SelectOp::create(builder, loc, inRange[group],
                                                values[group], infinity());
      loops.storeVector(values[group], scoreBuffer,
                        {i, loops.add(column, group * width)});
      highest = loops.maximum(highest, values[group]);
    }
    loops.storeVector(highest, laneMax, {stateRow, zero});
  });
  return result;
}

/// Scores [columnBegin, columnEnd) of each row become 2^(score - maximum).
void AttendTask::exponentials(Value row, Value columnBegin, Value columnEnd) {
  int64_t width = plan.width;
  loops.forEach(zero, loops.constant(plan.rows), 1, [&](Value i) {
    Value stateRow = loops.add(row, i);
    // Lane maxima are never NaN, so that nnan loses nothing.
    Value blockMax = vector::ReductionOp::create(
        builder, loc, vector::CombiningKind::MAXNUMF,
        loops.loadVector(laneMax, {stateRow, zero}, width),
        arith::FastMathFlags::nnan | arith::FastMathFlags::nsz);
    loops.storeVector(infinity(), laneMax, {stateRow, zero});
    Value oldMax = loops.load(rowMax, {stateRow, zero});
    Value higher = arith::CmpFOp::create(
        builder, loc, arith::CmpFPredicate::OGT, blockMax, oldMax);
    Value newMax =
        arith::SelectOp::create(builder, loc, higher, blockMax, oldMax);
    loops.ifThen(higher, [&] { rescale(stateRow, oldMax, newMax); });

    // No key yet: any finite maximum keeps -inf - maximum from being NaN.
    Value none = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ,
                                       newMax, loops.scalar(kMinusInfinity));
    Value maximum = loops.broadcast(
        arith::SelectOp::create(builder, loc, none, loops.scalar(0.0), newMax),
        width);
    Value zeros = loops.splat(0.0, width);
    SmallVector<Value> parts = loops.forEach(
        columnBegin, columnEnd, plan.columns, ValueRange{zeros, zeros},
        [&](Value column, ValueRange carried) {
          SmallVector<Value> next(carried);
          for (int64_t group = 0; group < 2; ++group) {
            SmallVector<Value> at{i, loops.add(column, group * width)};
            Value difference = arith::SubFOp::create(
                builder, loc, loops.loadVector(scoreBuffer, at, width),
                maximum);
            Value power = buildExp2NonPositive(builder, loc, difference);
            loops.storeVector(power, scoreBuffer, at);
            next[group] =
                arith::AddFOp::create(builder, loc, next[group], power);
          }
          return next;
        });
    Value sum = arith::AddFOp::create(builder, loc, parts[0], parts[1]);
    sum = arith::AddFOp::create(
        builder, loc, loops.loadVector(sums, {stateRow, zero}, width), sum);
    loops.storeVector(sum, sums, {stateRow, zero});
  });
}

/// What a row has summed so far was relative to the old maximum.
void AttendTask::rescale(Value stateRow, Value oldMax, Value newMax) {
  int64_t width = plan.width;
  Value factor = buildExp2NonPositive(
      builder, loc,
      loops.broadcast(arith::SubFOp::create(builder, loc, oldMax, newMax),
                      width));
  auto scale = [&](Value memref, Value column) {
    Value value = loops.loadVector(memref, {stateRow, column}, width);
    loops.storeVector(arith::MulFOp::create(builder, loc, value, factor),
                      memref, {stateRow, column});
  };
  scale(sums, zero);
  loops.forEach(zero, plan.outColumns, width,
                [&](Value column) { scale(outBuffer, column); });
  loops.store(newMax, rowMax, {stateRow, zero});
}

/// outputs += exponentials * V over exactly the keys [keyBegin, keyEnd).
void AttendTask::timesValues(Value row, Value blockBegin, Value keyBegin,
                             Value keyEnd) {
  Value firstColumn = loops.sub(keyBegin, blockBegin);
  Value depth = loops.sub(keyEnd, keyBegin);
  auto part = [&](Value column, int64_t columns, Value bound) {
    TileType type = tileType(columns);
    Value acc = TileLoadOp::create(builder, loc, type, outBuffer, row, column,
                                   Value(), Value());
    acc = TileContractOp::create(builder, loc, type, acc, scoreBuffer, zero,
                                 firstColumn, valueMatrix,
                                 ValueRange{keyBegin, column}, depth, bound);
    TileStoreOp::create(builder, loc, acc, outBuffer, row, column, Value());
  };
  Value whole =
      loops.mul(loops.div(plan.valueDepth, plan.columns), plan.columns);
  loops.forEach(zero, whole, plan.columns,
                [&](Value column) { part(column, plan.columns, Value()); });
  std::optional<int64_t> known = getConstantIntValue(plan.valueDepth);
  if (known) {
    int64_t rest = *known % plan.columns;
    if (rest)
      part(whole, rest > plan.width ? plan.columns : plan.width,
           rest % plan.width ? plan.valueDepth : Value());
    return;
  }
  loops.ifThen(loops.less(whole, plan.valueDepth),
               [&] { part(whole, plan.columns, plan.valueDepth); });
}

/// Divides by the sums and writes the rows that exist.
void AttendTask::finish() {
  int64_t width = plan.width;
  bool vectors = hasUnitStride(cast<MemRefType>(outMatrix.getType()));
  Value whole =
      vectors ? loops.mul(loops.div(plan.valueDepth, width), width) : zero;
  loops.forEach(zero, rowCount, 1, [&](Value row) {
    Value sum =
        vector::ReductionOp::create(builder, loc, vector::CombiningKind::ADD,
                                    loops.loadVector(sums, {row, zero}, width),
                                    arith::FastMathFlags::reassoc);
    Value empty = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ,
                                        sum, loops.scalar(0.0));
    Value inverse = arith::DivFOp::create(builder, loc, loops.scalar(1.0), sum);
    Value inverses = loops.broadcast(inverse, width);
    Value target = loops.add(queryBegin, row);
    Value zeros = loops.splat(0.0, width);
    if (vectors)
      loops.forEach(zero, whole, width, [&](Value column) {
        Value value = arith::MulFOp::create(
            builder, loc, loops.loadVector(outBuffer, {row, column}, width),
            inverses);
        value = arith::SelectOp::create(builder, loc, empty, zeros, value);
        loops.storeVector(value, outMatrix, {target, column});
      });
    loops.forEach(whole, plan.valueDepth, 1, [&](Value column) {
      Value value = arith::MulFOp::create(
          builder, loc, loops.load(outBuffer, {row, column}), inverse);
      value = arith::SelectOp::create(builder, loc, empty, loops.scalar(0.0),
                                      value);
      loops.store(value, outMatrix, {target, column});
    });
  });
}

LogicalResult attune::expandAttendTask(LoopBuilder &loops, AttendPlan &plan,
                                       Value batch, Value head,
                                       Value queryBegin, ValueRange slots) {
  return AttendTask(loops, plan, batch, head, queryBegin, slots).expand();
}
