//===- AttendFinish.cpp - The results of a block of queries ---------------===//

#include "codegen/cpu/AttendTask.h"
#include "codegen/cpu/VectorAccess.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attune;

/// The sum of the exponentials of a row, relative to its maximum.
Value AttendTask::sumOf(Value row) {
  return vector::ReductionOp::create(
      builder, loc, vector::CombiningKind::ADD,
      loops.loadVector(sums, {row, zero}, plan.width),
      arith::FastMathFlags::reassoc);
}

/// Divides by the sums of a softmax and writes the rows that exist.
void AttendTask::finish() {
  auto write = [&](Value element, Value firstColumn) {
    outMatrix = loops.matrixAt(plan.kernel.getOut(), {element, head});
    loops.forEach(zero, rowCount, 1,
                  [&](Value row) { finishRow(row, firstColumn); });
  };
  if (!plan.isFolded())
    return write(batch, zero);
  loops.forEach(zero, plan.foldedIn(loops, batch), 1, [&](Value member) {
    write(loops.add(loops.mul(batch, plan.folded), member),
          loops.mul(member, plan.headColumns));
  });
}

void AttendTask::finishRow(Value row, Value firstColumn) {
  EmptyRow policy = plan.kernel.getEmptyRow();
  Value sum, empty, inverses;
  if (plan.hasSoftmax()) {
    sum = sumOf(row);
    empty = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ, sum,
                                  loops.scalar(0.0));
    inverses = loops.broadcast(
        arith::DivFOp::create(builder, loc, loops.scalar(1.0), sum),
        plan.width);
  }
  Value fill = loops.splat(
      policy == EmptyRow::NaN ? std::numeric_limits<double>::quiet_NaN() : 0.0,
      plan.width);
  Value target = loops.add(queryBegin, row);
  auto write = [&](Value column, Value bound) {
    Value value = loops.loadVector(
        outBuffer, {row, loops.add(firstColumn, column)}, plan.width);
    if (inverses) {
      value = arith::MulFOp::create(builder, loc, value, inverses);
      value = loops.select(empty, fill, value);
    }
    VectorAccess(loops, outMatrix, plan.width, bound)
        .store(value, {target, column});
  };
  Value whole = loops.mul(loops.div(plan.valueDepth, plan.width), plan.width);
  loops.forEach(zero, whole, plan.width,
                [&](Value column) { write(column, Value()); });
  loops.ifThen(loops.less(whole, plan.valueDepth),
               [&] { write(whole, plan.valueDepth); });
  if (policy == EmptyRow::Uniform)
    loops.ifThen(empty, [&] { writeMean(target, firstColumn); });
  if (plan.kernel.getLse())
    writeLogSumExp(row, sum, empty);
}

/// The mean of all values, masked or not, zero when there are none.
void AttendTask::writeMean(Value queryRow, Value firstColumn) {
  VectorAccess out(loops, outMatrix, plan.width, plan.valueDepth);
  Value keys = arith::SIToFPOp::create(builder, loc, builder.getF32Type(),
                                       loops.toI32(plan.keys));
  Value inverse = arith::DivFOp::create(builder, loc, loops.scalar(1.0), keys);
  Value none = loops.less(plan.keys, loops.constant(1));
  inverse = loops.select(none, loops.scalar(0.0), inverse);
  Value inverses = loops.broadcast(inverse, plan.width);
  loops.forEach(zero, plan.valueDepth, plan.width, [&](Value column) {
    Value packed = loops.add(firstColumn, column);
    Value strip = loops.div(packed, plan.columns);
    Value lane = loops.rem(packed, plan.columns);
    Value sum = loops.forEach(
        zero, plan.keys, 1, ValueRange{loops.splat(0.0, plan.width)},
        [&](Value key, ValueRange carried) {
          Value value =
              loops.loadVector(valueStrips, {strip, key, lane}, plan.width);
          return SmallVector<Value>{
              arith::AddFOp::create(builder, loc, carried[0], value)};
        })[0];
    out.store(arith::MulFOp::create(builder, loc, sum, inverses),
              {queryRow, column});
  });
}

/// ln 2 * maximum + ln sum: scores are in units of ln 2.
void AttendTask::writeLogSumExp(Value row, Value sum, Value empty) {
  Value maximum = arith::MulFOp::create(
      builder, loc, loops.load(rowMax, {row, zero}), loops.scalar(1 / kLog2E));
  Value value = arith::AddFOp::create(builder, loc, maximum,
                                      math::LogOp::create(builder, loc, sum));
  value = loops.select(empty, loops.scalar(kMinusInfinity), value);
  loops.store(value, plan.kernel.getLse(),
              {batch, head, loops.add(queryBegin, row)});
}
