//===- VectorExp2.cpp - Powers of two and of e ----------------------------===//

#include "codegen/cpu/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attune;

namespace {
/// 2^x = sum c[i] x^i on [-0.5, 0.5]: minimax of the relative error (Remez),
/// 7.5e-8 with coefficients and steps rounded to f32.
constexpr double kExp2[] = {1.0000000716546418,  0.6931469670652652,
                            0.2402211972396913,  0.05550713272875276,
                            0.00967554133102361, 0.0013276472167834048};
/// Adding 1.5 * 2^23 rounds to the nearest integer, which is then in the low
/// bits; the 127 more make it the exponent field of that power of two.
constexpr double kRound = 12582912.0 + 127.0;

class MathBuilder {
public:
  MathBuilder(OpBuilder &builder, Location loc, Value like)
      : builder(builder), loc(loc), type(like.getType()) {}

  Value constant(double value) {
    FloatAttr element = builder.getF32FloatAttr(value);
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(
          builder, loc, DenseElementsAttr::get(vector, element.getValue()));
    return arith::ConstantOp::create(builder, loc, element);
  }
  Type integerType() {
    if (auto vector = dyn_cast<VectorType>(type))
      return vector.clone(builder.getI32Type());
    return builder.getI32Type();
  }
  Value integer(int64_t value) {
    IntegerAttr element = builder.getI32IntegerAttr(value);
    if (auto vector = dyn_cast<VectorType>(integerType()))
      return arith::ConstantOp::create(
          builder, loc, DenseElementsAttr::get(vector, element.getValue()));
    return arith::ConstantOp::create(builder, loc, element);
  }
  Value fma(Value a, Value b, Value c) {
    if (isa<VectorType>(type))
      return vector::FMAOp::create(builder, loc, a, b, c);
    return arith::AddFOp::create(builder, loc,
                                 arith::MulFOp::create(builder, loc, a, b), c);
  }
  Value add(Value a, Value b) {
    return arith::AddFOp::create(builder, loc, a, b);
  }
  Value sub(Value a, Value b) {
    return arith::SubFOp::create(builder, loc, a, b);
  }
  Value mul(Value a, Value b) {
    return arith::MulFOp::create(builder, loc, a, b);
  }
  /// max(limit, x) that lets NaN through: one vmaxps.
  Value atLeast(double limit, Value x) {
    return clamp(arith::CmpFPredicate::OGT, limit, x);
  }
  Value atMost(double limit, Value x) {
    return clamp(arith::CmpFPredicate::OLT, limit, x);
  }
  Value polynomial(Value x) {
    Value sum = constant(kExp2[5]);
    for (int i = 4; i >= 0; --i)
      sum = fma(sum, x, constant(kExp2[i]));
    return sum;
  }
  /// The float whose exponent field is the low bits of `bits`.
  Value power(Value bits) {
    Value shifted = arith::ShLIOp::create(builder, loc, bits, integer(23));
    return arith::BitcastOp::create(builder, loc, type, shifted);
  }
  Value bits(Value x) {
    return arith::BitcastOp::create(builder, loc, integerType(), x);
  }

private:
  Value clamp(arith::CmpFPredicate predicate, double limit, Value x) {
    Value bound = constant(limit);
    Value beyond = arith::CmpFOp::create(builder, loc, predicate, bound, x);
    return arith::SelectOp::create(builder, loc, beyond, bound, x);
  }

  OpBuilder &builder;
  Location loc;
  Type type;
};
} // namespace

// The power of two is a factor, not added to the exponent bits: at n = -127
// the factor is 0, so the clamp alone makes -inf exactly 0, and a NaN with any
// payload stays NaN.
Value attune::buildExp2NonPositive(OpBuilder &builder, Location loc, Value x) {
  MathBuilder b(builder, loc, x);
  x = b.atLeast(-127.0, x);
  Value magic = b.constant(kRound);
  Value shifted = b.add(x, magic);
  Value fraction = b.sub(x, b.sub(shifted, magic));
  return b.mul(b.polynomial(fraction), b.power(b.bits(shifted)));
}

/// value * 2^n in two factors 2^(n / 2) and 2^(n - n / 2), each a normal number
/// for |n| < 252: overflow and underflow happen in the multiplications.
static Value scaleByPower(MathBuilder &b, OpBuilder &builder, Location loc,
                          Value value, Value n) {
  Value half = arith::ShRSIOp::create(builder, loc, n, b.integer(1));
  Value rest = arith::SubIOp::create(builder, loc, n, half);
  for (Value exponent : {half, rest}) {
    Value field = arith::AddIOp::create(builder, loc, exponent, b.integer(127));
    value = b.mul(value, b.power(field));
  }
  return value;
}

Value attune::buildExp2(OpBuilder &builder, Location loc, Value x) {
  MathBuilder b(builder, loc, x);
  x = b.atMost(129.0, b.atLeast(-151.0, x));
  Value magic = b.constant(12582912.0);
  Value shifted = b.add(x, magic);
  Value fraction = b.sub(x, b.sub(shifted, magic));
  Value n = arith::SubIOp::create(builder, loc, b.bits(shifted),
                                  b.integer(0x4B400000));
  return scaleByPower(b, builder, loc, b.polynomial(fraction), n);
}

// e^x = 2^n e^r with r = x - n ln 2, where ln 2 is split so that n times its
// first part is exact.
Value attune::buildExp(OpBuilder &builder, Location loc, Value x) {
  MathBuilder b(builder, loc, x);
  x = b.atMost(90.0, b.atLeast(-105.0, x));
  Value log2e = b.constant(1.4426950408889634);
  Value magic = b.constant(12582912.0);
  Value shifted = b.add(b.mul(x, log2e), magic);
  Value whole = b.sub(shifted, magic);
  Value r = b.fma(whole, b.constant(-0.693145751953125), x);
  r = b.fma(whole, b.constant(-1.42860682030942e-06), r);
  Value n = arith::SubIOp::create(builder, loc, b.bits(shifted),
                                  b.integer(0x4B400000));
  return scaleByPower(b, builder, loc, b.polynomial(b.mul(r, log2e)), n);
}
