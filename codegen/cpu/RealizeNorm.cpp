//===- RealizeNorm.cpp - Layer norm and RMS norm to loops of vectors ------===//
//
// Passes over a row that stays in the first cache. Layer norm: the mean, then
// the sum and the squares of the differences, then the result. The sum of the
// differences, zero without rounding, corrects mean and variance.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LineBuilder.h"
#include "codegen/cpu/RealizeOps.h"
#include "codegen/cpu/RowMoments.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attune;

using Values = LineBuilder::Values;

static Values sum(LoopBuilder &loops, LineBuilder &rows,
                  const LineBuilder::Line &row, unsigned count,
                  function_ref<Values(Value)> make) {
  return rows.fold(row, vector::CombiningKind::ADD,
                   Values(count, loops.scalar(0.0)),
                   [&](Value x, Value) { return make(x); });
}

/// 1 / sqrt(square + eps).
static Value scaleOf(LoopBuilder &loops, Value square, double eps) {
  square = arith::AddFOp::create(loops.builder, loops.loc, square,
                                 loops.scalar(eps));
  Value root = math::SqrtOp::create(loops.builder, loops.loc, square);
  return arith::DivFOp::create(loops.builder, loops.loc, loops.scalar(1.0),
                               root);
}

Value attune::lineSize(LoopBuilder &loops, LineBuilder &rows) {
  Value i64 = arith::IndexCastOp::create(
      loops.builder, loops.loc, loops.builder.getI64Type(), rows.size());
  return arith::UIToFPOp::create(loops.builder, loops.loc,
                                 loops.builder.getF32Type(), i64);
}

RowMoments attune::buildMoments(LoopBuilder &loops, LineBuilder &rows,
                                const LineBuilder::Line &row, Value count,
                                double eps) {
  auto quotient = [&](Value sum) -> Value {
    return arith::DivFOp::create(loops.builder, loops.loc, sum, count);
  };
  auto difference = [&](Value a, Value b) -> Value {
    return arith::SubFOp::create(loops.builder, loops.loc, a, b);
  };
  auto square = [&](Value x) -> Value {
    return arith::MulFOp::create(loops.builder, loops.loc, x, x);
  };
  Value total = sum(loops, rows, row, 1, [](Value x) { return Values{x}; })[0];
  Value mean = quotient(total);
  Values sums = sum(loops, rows, row, 2, [&](Value x) {
    Value off = difference(x, rows.like(mean, x));
    return Values{off, square(off)};
  });
  Value correction = quotient(sums[0]);
  mean = arith::AddFOp::create(loops.builder, loops.loc, mean, correction);
  Value variance = difference(quotient(sums[1]), square(correction));
  // Rounding must not make it negative; NaN stays.
  Value zero = loops.scalar(0.0);
  Value negative = arith::CmpFOp::create(
      loops.builder, loops.loc, arith::CmpFPredicate::OLT, variance, zero);
  variance = arith::SelectOp::create(loops.builder, loops.loc, negative, zero,
                                     variance);
  return {mean, scaleOf(loops, variance, eps)};
}

namespace {

/// The rows of one norm.
class NormBuilder {
public:
  NormBuilder(LoopBuilder &loops, Value in, Value gamma, Value beta, Value out,
              double eps, int64_t lanes)
      : loops(loops), in(in), gamma(gamma), beta(beta), out(out), eps(eps),
        rows(loops, in, cast<MemRefType>(in.getType()).getRank() - 1, lanes,
             arrays()) {}
  void buildLayerNorm();
  void buildRmsNorm();

private:
  using Line = LineBuilder::Line;

  Values arrays() const {
    Values all{out};
    for (Value memref : {gamma, beta})
      if (memref)
        all.push_back(memref);
    return all;
  }
  template <typename Op> Value apply(Value a, Value b) {
    return Op::create(loops.builder, loops.loc, a, b);
  }
  /// (x - mean) * scale * gamma + beta; without a mean x * scale * gamma.
  void buildResult(const Line &row, Value mean, Value scale);

  LoopBuilder &loops;
  Value in, gamma, beta, out;
  double eps;
  LineBuilder rows;
};

} // namespace

void NormBuilder::buildLayerNorm() {
  Value count = lineSize(loops, rows);
  rows.forEach([&](const Line &row) {
    RowMoments moments = buildMoments(loops, rows, row, count, eps);
    buildResult(row, moments.mean, moments.scale);
  });
}

void NormBuilder::buildRmsNorm() {
  Value count = lineSize(loops, rows);
  rows.forEach([&](const Line &row) {
    Value squares = sum(loops, rows, row, 1, [&](Value x) {
      return Values{apply<arith::MulFOp>(x, x)};
    })[0];
    Value mean = apply<arith::DivFOp>(squares, count);
    buildResult(row, Value(), scaleOf(loops, mean, eps));
  });
}

void NormBuilder::buildResult(const Line &row, Value mean, Value scale) {
  rows.map(row, out, [&](Value x, Value i) {
    Value y = mean ? apply<arith::SubFOp>(x, rows.like(mean, x)) : x;
    y = apply<arith::MulFOp>(y, rows.like(scale, x));
    if (gamma)
      y = apply<arith::MulFOp>(y, rows.loadBeside(gamma, i, x));
    if (beta)
      y = apply<arith::AddFOp>(y, rows.loadBeside(beta, i, x));
    return y;
  });
}

LogicalResult attune::realizeLayerNorm(LayerNormOp op, int64_t vectorBytes) {
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  NormBuilder(loops, op.getInput(), op.getGamma(), op.getBeta(), op.getInit(),
              op.getEps().convertToDouble(), vectorBytes / 4)
      .buildLayerNorm();
  op.erase();
  return success();
}

LogicalResult attune::realizeRmsNorm(RmsNormOp op, int64_t vectorBytes) {
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  NormBuilder(loops, op.getInput(), op.getGamma(), Value(), op.getInit(),
              op.getEps().convertToDouble(), vectorBytes / 4)
      .buildRmsNorm();
  op.erase();
  return success();
}
