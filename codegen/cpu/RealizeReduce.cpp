//===- RealizeReduce.cpp - Reductions and softmax to loops of vectors -----===//

#include "codegen/cpu/LineBuilder.h"
#include "codegen/cpu/RealizeOps.h"
#include "codegen/cpu/VectorMath.h"

#include "mlir/IR/TypeUtilities.h"

#include <limits>

using namespace mlir;
using namespace attune;
using vector::CombiningKind;
using Values = LineBuilder::Values;
using Line = LineBuilder::Line;

static int64_t lanesFor(Value memref, int64_t vectorBytes) {
  unsigned bits = cast<MemRefType>(memref.getType()).getElementTypeBitWidth();
  return std::max<int64_t>(vectorBytes * 8 / bits, 1);
}

/// The number that changes nothing, a scalar of `element`.
static Value neutral(LoopBuilder &loops, ReduceKind kind, Type element) {
  TypedAttr attr;
  bool isSum = kind == ReduceKind::Sum || kind == ReduceKind::Mean;
  if (isa<FloatType>(element)) {
    double infinity = std::numeric_limits<double>::infinity();
    attr = FloatAttr::get(element, isSum                     ? 0
                                   : kind == ReduceKind::Min ? infinity
                                                             : -infinity);
  } else {
    unsigned width = element.getIntOrFloatBitWidth();
    attr = IntegerAttr::get(element, isSum ? APInt::getZero(width)
                                     : kind == ReduceKind::Min
                                         ? APInt::getSignedMaxValue(width)
                                         : APInt::getSignedMinValue(width));
  }
  return arith::ConstantOp::create(loops.builder, loops.loc, attr);
}

/// How two results are combined. NaN in one of two is NaN.
static CombiningKind combiningKind(ReduceKind kind, bool isFloat) {
  switch (kind) {
  case ReduceKind::Sum:
  case ReduceKind::Mean:
    return CombiningKind::ADD;
  case ReduceKind::Min:
    return isFloat ? CombiningKind::MINIMUMF : CombiningKind::MINSI;
  case ReduceKind::Max:
  case ReduceKind::ArgMax:
    return isFloat ? CombiningKind::MAXIMUMF : CombiningKind::MAXSI;
  }
  return CombiningKind::ADD;
}

/// The first position whose element is `largest`; where that is NaN, the first
/// NaN.
static Value buildFirst(LoopBuilder &loops, LineBuilder &lines,
                        const Line &line, Value largest) {
  OpBuilder &builder = loops.builder;
  Location loc = loops.loc;
  Value none = neutral(loops, ReduceKind::Min, builder.getI64Type());
  return lines.fold(line, CombiningKind::MINSI, none, [&](Value x, Value i) {
    Value most = lines.like(largest, x);
    Value found;
    if (isa<FloatType>(getElementTypeOrSelf(x.getType()))) {
      Value equal = arith::CmpFOp::create(builder, loc,
                                          arith::CmpFPredicate::OEQ, x, most);
      Value isNaN =
          arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO, x, x);
      found = arith::OrIOp::create(builder, loc, equal, isNaN);
    } else {
      found = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, x,
                                    most);
    }
    Value position = lines.positions(i, x);
    return Values{arith::SelectOp::create(builder, loc, found, position,
                                          lines.like(none, x))};
  })[0];
}

LogicalResult attune::realizeReduce(ReduceOp op, int64_t vectorBytes) {
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  Value in = op.getInput(), out = op.getInit();
  ReduceKind kind = op.getKind();
  Type element = cast<MemRefType>(in.getType()).getElementType();
  // Along the last axis results are written one by one.
  bool isAlong =
      int64_t(op.getAxis()) + 1 == cast<MemRefType>(in.getType()).getRank();
  LineBuilder lines(loops, in, op.getAxis(), lanesFor(in, vectorBytes),
                    isAlong ? ValueRange() : ValueRange(out));
  lines.forEach([&](const Line &line) {
    Value result =
        lines.fold(line, combiningKind(kind, isa<FloatType>(element)),
                   neutral(loops, kind, element),
                   [](Value x, Value) { return Values{x}; })[0];
    if (kind == ReduceKind::Mean) {
      Value count = arith::SIToFPOp::create(
          builder, loops.loc, element,
          arith::IndexCastOp::create(builder, loops.loc, builder.getI64Type(),
                                     lines.size()));
      result = arith::DivFOp::create(builder, loops.loc, result,
                                     lines.like(count, result));
    }
    if (kind == ReduceKind::ArgMax)
      result = buildFirst(loops, lines, line, result);
    lines.storeResult(line, result, out);
  });
  op.erase();
  return success();
}

// The largest element, then the powers and their sum, then the quotients: the
// powers wait in the result.
LogicalResult attune::realizeSoftmax(SoftmaxOp op, int64_t vectorBytes) {
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  Value in = op.getInput(), out = op.getInit();
  Type element = builder.getF32Type();
  int64_t lanes = lanesFor(in, vectorBytes);
  LineBuilder lines(loops, in, op.getAxis(), lanes, out);
  LineBuilder powers(loops, out, op.getAxis(), lanes, in);
  lines.forEach([&](const Line &line) {
    Value largest = lines.fold(line, CombiningKind::MAXIMUMF,
                               neutral(loops, ReduceKind::Max, element),
                               [](Value x, Value) { return Values{x}; })[0];
    lines.map(line, out, [&](Value x, Value) {
      Value difference =
          arith::SubFOp::create(builder, loops.loc, x, lines.like(largest, x));
      return buildExp(builder, loops.loc, difference);
    });
    Value sum = powers.fold(line, CombiningKind::ADD, loops.scalar(0.0),
                            [](Value x, Value) { return Values{x}; })[0];
    Value one = lines.like(loops.scalar(1.0), sum);
    Value scale = arith::DivFOp::create(builder, loops.loc, one, sum);
    powers.map(line, out, [&](Value x, Value) -> Value {
      return arith::MulFOp::create(builder, loops.loc, x,
                                   powers.like(scale, x));
    });
  });
  op.erase();
  return success();
}
