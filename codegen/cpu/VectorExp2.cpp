//===- VectorExp2.cpp - Powers of two and of e ----------------------------===//

#include "codegen/cpu/FloatBuilder.h"
#include "codegen/cpu/VectorMath.h"

using namespace mlir;
using namespace attune;

/// 2^x on [-0.5, 0.5], highest power first: least relative error, 9.3e-8 with
/// coefficients rounded to f32, among those that are 1 at 0. A row of one key
/// has the sum 1 then and `lse` its score, and a row whose maximum does not
/// rise keeps its sum to the last bit.
static constexpr double kExp2[] = {0.0013269521296024323, 0.009671291336417198,
                                   0.0555071085691452,    0.24022246897220612,
                                   0.6931470036506653,    1.0};

/// Adding 1.5 * 2^23 rounds to the nearest integer, which is then in the low
/// bits; the 127 more make it the exponent field of that power of two.
static constexpr double kRound = 12582912.0 + 127.0;

/// The float whose exponent field is the low bits of `bits`.
static Value powerOf(FloatBuilder &b, Value bits) {
  return b.fromBits(b.apply<arith::ShLIOp>(bits, b.integer(23)));
}

// The power of two is a factor, not added to the exponent bits: at n = -127
// the factor is 0, so the clamp alone makes -inf exactly 0, and a NaN with any
// payload stays NaN.
Value attune::buildExp2NonPositive(OpBuilder &builder, Location loc, Value x) {
  FloatBuilder b(builder, loc, x);
  x = b.atLeast(-127.0, x);
  Value magic = b.constant(kRound);
  Value shifted = b.add(x, magic);
  Value fraction = b.sub(x, b.sub(shifted, magic));
  return b.mul(b.polynomial(fraction, kExp2), powerOf(b, b.toBits(shifted)));
}

/// value * 2^n in two factors 2^(n / 2) and 2^(n - n / 2), each a normal number
/// for |n| < 252: overflow and underflow happen in the multiplications.
static Value scaleByPower(FloatBuilder &b, Value value, Value n) {
  Value half = b.apply<arith::ShRSIOp>(n, b.integer(1));
  Value rest = b.apply<arith::SubIOp>(n, half);
  for (Value exponent : {half, rest})
    value = b.mul(value,
                  powerOf(b, b.apply<arith::AddIOp>(exponent, b.integer(127))));
  return value;
}

Value attune::buildExp2(OpBuilder &builder, Location loc, Value x) {
  FloatBuilder b(builder, loc, x);
  x = b.atMost(129.0, b.atLeast(-151.0, x));
  Value magic = b.constant(12582912.0);
  Value shifted = b.add(x, magic);
  Value fraction = b.sub(x, b.sub(shifted, magic));
  Value n = b.apply<arith::SubIOp>(b.toBits(shifted), b.integer(0x4B400000));
  return scaleByPower(b, b.polynomial(fraction, kExp2), n);
}

// e^x = 2^n e^r with r = x - n ln 2, where ln 2 is split so that n times its
// first part is exact.
Value attune::buildExp(OpBuilder &builder, Location loc, Value x) {
  FloatBuilder b(builder, loc, x);
  x = b.atMost(90.0, b.atLeast(-105.0, x));
  Value log2e = b.constant(1.4426950408889634);
  Value magic = b.constant(12582912.0);
  Value shifted = b.add(b.mul(x, log2e), magic);
  Value whole = b.sub(shifted, magic);
  Value r = b.fma(whole, b.constant(-0.693145751953125), x);
  r = b.fma(whole, b.constant(-1.42860682030942e-06), r);
  Value n = b.apply<arith::SubIOp>(b.toBits(shifted), b.integer(0x4B400000));
  return scaleByPower(b, b.polynomial(b.mul(r, log2e), kExp2), n);
}
