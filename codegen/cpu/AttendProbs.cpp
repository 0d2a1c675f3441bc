//===- AttendProbs.cpp - Probabilities as an output -----------------------===//
//
// A second pass over the keys, when maxima and sums are known: the scores of a
// tile are made once more, and its probabilities go straight to the output.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/AttendTask.h"
#include "codegen/cpu/VectorAccess.h"
#include "codegen/cpu/VectorMath.h"

using namespace mlir;
using namespace attune;

LogicalResult AttendTask::probabilities() {
  LogicalResult result = success();
  loops.forEach(zero, plan.keys, plan.keyBlock, [&](Value blockBegin) {
    loops.forEach(zero, tileCount, 1, [&](Value tileIndex) {
      result = tileProbabilities(loops.mul(tileIndex, plan.rows), blockBegin);
    });
  });
  return result;
}

/// The probabilities of a tile of queries and a block of keys, the ones outside
/// of the tile's range too.
LogicalResult AttendTask::tileProbabilities(Value row, Value blockBegin) {
  FailureOr<KeyRangeList> ranges = tileRanges(row);
  if (failed(ranges))
    return failure();
  BlockRange part = rangeInBlock(hullOf(*ranges), blockBegin,
                                 loops.add(blockBegin, plan.keyBlock));
  LogicalResult result = success();
  Value any = loops.less(part.keyBegin, part.keyEnd);
  loops.ifThen(any, [&] { result = tileScores(row, blockBegin, part); });

  Value matrix = loops.matrixAt(plan.kernel.getProbs(), {batch, head});
  VectorAccess out(loops, matrix, plan.width,
                   plan.keysFillPanels ? Value() : plan.keys);
  Value size = loops.min(loops.constant(plan.keyBlock),
                         loops.sub(plan.keys, blockBegin));
  Value first = loops.select(any, loops.mul(part.first, plan.columns), size);
  Value last = loops.select(any, loops.mul(part.last, plan.columns), size);
  Value rows = loops.min(loops.constant(plan.rows), loops.sub(rowCount, row));
  loops.forEach(zero, rows, 1, [&](Value i) {
    Value stateRow = loops.add(row, i);
    Value target = loops.add(queryBegin, stateRow);
    Value sum = sumOf(stateRow);
    Value empty = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ,
                                        sum, loops.scalar(0.0));
    Value fill = loops.scalar(0.0);
    if (plan.kernel.getEmptyRow() == EmptyRow::NaN)
      fill = loops.scalar(std::numeric_limits<double>::quiet_NaN());
    if (plan.kernel.getEmptyRow() == EmptyRow::Uniform)
      fill = arith::DivFOp::create(
          builder, loc, loops.scalar(1.0),
          arith::SIToFPOp::create(builder, loc, builder.getF32Type(),
                                  loops.toI32(plan.keys)));
    Value outside = loops.broadcast(
        loops.select(empty, fill, loops.scalar(0.0)), plan.width);
    Value inverse = loops.broadcast(
        arith::DivFOp::create(builder, loc, loops.scalar(1.0), sum),
        plan.width);
    Value maximum = loops.load(rowMax, {stateRow, zero});
    maximum = loops.broadcast(loops.select(empty, loops.scalar(0.0), maximum),
                              plan.width);
    auto write = [&](Value value, Value column) {
      out.store(value, {target, loops.add(blockBegin, column)});
    };
    auto writeOutside = [&](Value column) { write(outside, column); };
    loops.forEach(zero, first, plan.width, writeOutside);
    loops.forEach(first, last, plan.width, [&](Value column) {
      Value difference = arith::SubFOp::create(
          builder, loc, loops.loadVector(scoreBuffer, {i, column}, plan.width),
          maximum);
      Value value = arith::MulFOp::create(
          builder, loc, buildExp2NonPositive(builder, loc, difference),
          inverse);
      write(loops.select(empty, outside, value), column);
    });
    loops.forEach(last, size, plan.width, writeOutside);
  });
  return result;
}
