//===- AttendScores.cpp - The scores of a tile of queries -----------------===//

#include "codegen/cpu/AttendTask.h"
#include "codegen/cpu/EvaluateRegion.h"

using namespace mlir;
using namespace attune;

/// The scores of one panel into the score buffer, and the maxima of its rows.
LogicalResult AttendTask::scores(Value row, Value queryRow, Value blockBegin,
                                 Value panel, bool masked) {
  Value column = loops.mul(panel, plan.columns);
  Value key = loops.add(blockBegin, column);
  Value panelIndex = loops.div(key, plan.columns);
  TileType type = tileType(plan.columns);
  Value acc = TileFillOp::create(builder, loc, type, loops.scalar(0.0));
  for (auto [source, panels] : llvm::zip(plan.sources, keyPanels)) {
    if (source.vector)
      continue;
    acc = TileContractOp::create(
        builder, loc, type, acc, queryBuffer, row, source.scratchColumn, panels,
        ValueRange{panelIndex, zero, zero}, source.packedDepth, Value());
    if (source.keyBias && source.isLoadedInPanels())
      acc = addKeyBias(source, acc, row, key, masked);
  }
  if (!plan.sources.empty())
    TileStoreOp::create(builder, loc, acc, scoreBuffer, zero, column, Value());
  for (auto [source, panels] : llvm::zip(plan.sources, keyPanels))
    if (source.vector)
      addAdditive(source, panels, row, panelIndex, column);
  if (masked || plan.hasScore())
    return rewriteScores(row, queryRow, key, column, masked);
  if (!plan.hasSoftmax())
    return success();
  if (plan.hasAdditive())
    acc = TileLoadOp::create(builder, loc, type, scoreBuffer, zero, column,
                             Value(), Value());
  TileFoldMaxOp::create(builder, loc, acc, laneMax, row);
  return success();
}

/// The bias of keys that are loaded in panels is one more step of the product:
/// the queries hold its scale behind their last column.
Value AttendTask::addKeyBias(const AttendSource &source, Value acc, Value row,
                             Value key, bool masked) {
  int64_t heads = cast<MemRefType>(source.keyBias.getType()).getDimSize(0);
  Value own =
      loops.div(head, loops.div(plan.heads, std::max<int64_t>(heads, 1)));
  bool hangsOver = masked && !plan.keysFillPanels;
  return TileContractOp::create(
      builder, loc, tileType(plan.columns), acc, queryBuffer, row,
      loops.add(source.scratchColumn, source.depth), source.keyBias,
      ValueRange{own, key}, loops.constant(1), hangsOver ? plan.keys : Value());
}

/// Score and mask expressions on one panel in the score buffer, row by row.
/// Lanes after the last key are evaluated as the last key, rows after the last
/// query as the last query, so that captures stay inside their arrays.
LogicalResult AttendTask::rewriteScores(Value row, Value queryRow, Value key,
                                        Value column, bool masked) {
  int64_t width = plan.width, groups = plan.columns / width;
  Value iota = loops.lanes(width);
  Value lastKeyIndex = loops.toI32(loops.sub(plan.keys, loops.constant(1)));
  Value lastKey = loops.broadcast(lastKeyIndex, width);
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
    region.bindLanes(first + 3, keys, loops.toI32(key), lastKeyIndex, inRange);
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
    // Without products the score region does not read their sum.
    SmallVector<Value> values(groups, loops.splat(0.0, width));
    if (!plan.sources.empty())
      for (int64_t group = 0; group < groups; ++group)
        values[group] = loops.loadVector(
            scoreBuffer, {i, loops.add(column, group * width)}, width);
    if (plan.hasScore()) {
      score.bind(0, values);
      score.bind(3, query);
      if (failed(score.advance()))
        result = failure();
      else
        for (int64_t group = 0; group < groups; ++group)
          values[group] = plan.hasSoftmax()
                              ? arith::MulFOp::create(
                                    builder, loc, score.vectorResult(0, group),
                                    loops.splat(kLog2E, width))
                              : score.vectorResult(0, group);
    }
    if (evaluateMask) {
      mask.bind(2, query);
      if (failed(mask.advance()))
        result = failure();
      else
        for (int64_t group = 0; group < groups; ++group)
          values[group] = loops.select(mask.vectorResult(0, group),
                                       values[group], maskedScore());
    }
    Value stateRow = loops.add(row, i);
    Value highest;
    if (plan.hasSoftmax())
      highest = loops.loadVector(laneMax, {stateRow, zero}, width);
    for (int64_t group = 0; group < groups; ++group) {
      if (!inRange.empty())
        values[group] =
            loops.select(inRange[group], values[group], maskedScore());
      loops.storeVector(values[group], scoreBuffer,
                        {i, loops.add(column, group * width)});
      if (highest)
        highest = loops.maximum(highest, values[group]);
    }
    if (highest)
      loops.storeVector(highest, laneMax, {stateRow, zero});
  });
  return result;
}
