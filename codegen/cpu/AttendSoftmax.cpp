//===- AttendSoftmax.cpp - Online softmax and the product with V ----------===//

#include "codegen/cpu/AttendTask.h"
#include "codegen/cpu/VectorMath.h"

using namespace mlir;
using namespace attune;

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
    Value newMax = loops.select(higher, blockMax, oldMax);
    loops.ifThen(higher, [&] { rescale(stateRow, oldMax, newMax); });

    // No key yet: any finite maximum keeps -inf - maximum from being NaN.
    Value none = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ,
                                       newMax, loops.scalar(kMinusInfinity));
    Value maximum =
        loops.broadcast(loops.select(none, loops.scalar(0.0), newMax), width);
    Value zeros = loops.splat(0.0, width);
    auto vectors = [&](int64_t count) {
      return [&, count](Value column, ValueRange carried) {
        SmallVector<Value> next(carried);
        for (int64_t index = 0; index < count; ++index) {
          SmallVector<Value> at{i, loops.add(column, index * width)};
          Value difference = arith::SubFOp::create(
              builder, loc, loops.loadVector(scoreBuffer, at, width), maximum);
          Value power = buildExp2NonPositive(builder, loc, difference);
          loops.storeVector(power, scoreBuffer, at);
          next[index % 2] =
              arith::AddFOp::create(builder, loc, next[index % 2], power);
        }
        return next;
      };
    };
    // Two panels at a time: the constants of the polynomial do not all fit the
    // registers.
    Value pairsEnd = loops.add(
        columnBegin, loops.mul(loops.div(loops.sub(columnEnd, columnBegin),
                                         2 * plan.columns),
                               2 * plan.columns));
    SmallVector<Value> parts =
        loops.forEach(columnBegin, pairsEnd, 2 * plan.columns,
                      ValueRange{zeros, zeros}, vectors(4));
    parts = loops.forEach(pairsEnd, columnEnd, plan.columns, parts, vectors(2));
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
  loops.forEach(zero, ownColumns, width,
                [&](Value column) { scale(outBuffer, column); });
  loops.store(newMax, rowMax, {stateRow, zero});
}

/// Whether a chunk of values that holds keys of [keyBegin, keyEnd) has one that
/// is not finite.
Value AttendTask::notFinite(Value keyBegin, Value keyEnd) {
  Value sum = loops.forEach(
      loops.div(keyBegin, valueChunkKeys),
      loops.ceilDiv(keyEnd, valueChunkKeys), 1, ValueRange{loops.scalar(0.0)},
      [&](Value chunk, ValueRange carried) {
        return SmallVector<Value>{arith::AddFOp::create(
            builder, loc, carried[0], loops.load(flags, {chunk}))};
      })[0];
  return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO, sum,
                               sum);
}

/// outputs += exponentials * V over exactly the keys of `part`.
void AttendTask::timesValues(Value row, Value blockBegin,
                             const BlockRange &part, bool skipZeros) {
  Value firstColumn = loops.sub(part.keyBegin, blockBegin);
  Value depth = loops.sub(part.keyEnd, part.keyBegin);
  auto strip = [&](Value index, int64_t columns) {
    Value column = loops.mul(index, plan.columns);
    TileType type = tileType(columns);
    Value acc = TileLoadOp::create(builder, loc, type, outBuffer, row, column,
                                   Value(), Value());
    acc = TileContractOp::create(
        builder, loc, type, acc, scoreBuffer, zero, firstColumn, valueStrips,
        ValueRange{index, part.keyBegin, zero}, depth, Value(), skipZeros);
    TileStoreOp::create(builder, loc, acc, outBuffer, row, column, Value());
  };
  if (plan.isFolded())
    return loops.forEach(zero, loops.div(ownColumns, plan.columns), 1,
                         [&](Value index) { strip(index, plan.columns); });
  Value whole = loops.div(plan.valueDepth, plan.columns);
  loops.forEach(zero, whole, 1,
                [&](Value index) { strip(index, plan.columns); });
  std::optional<int64_t> known = getConstantIntValue(plan.valueDepth);
  if (!known)
    return loops.ifThen(
        loops.less(loops.mul(whole, plan.columns), plan.valueDepth),
        [&] { strip(whole, plan.columns); });
  // Columns after the last one are zero in the strips.
  if (int64_t rest = *known % plan.columns)
    strip(whole, rest > plan.width ? plan.columns : plan.width);
}
