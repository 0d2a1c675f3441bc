//===- VectorFunctions.cpp - tanh, erf and log on vectors -----------------===//
//
// Error bounds: test/unit/VectorMathTests.cpp measures them over all floats.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/FloatBuilder.h"
#include "codegen/cpu/VectorMath.h"

using namespace mlir;
using namespace attune;
using arith::CmpFPredicate;

// x P(x^2) / Q(x^2) of degrees 13 and 6, the approximation of Eigen and others:
// short, since additive attention computes one for each score and hidden
// channel. It wanders around 1 from 8.3 on and is above it at 9.75, so cutting
// it off at 1 makes it monotone enough and exact for all that is larger.
Value attune::buildTanh(OpBuilder &builder, Location loc, Value x) {
  FloatBuilder b(builder, loc, x);
  auto clamp = [&](Value value, double limit) {
    value = b.atMost(limit, value);
    return b.atLeast(-limit, value);
  };
  x = clamp(x, 9.75);
  Value square = b.mul(x, x);
  Value p = b.polynomial(square, {-2.76076847742355e-16, 2.00018790482477e-13,
                                  -8.60467152213735e-11, 5.12229709037114e-08,
                                  1.48572235717979e-05, 6.37261928875436e-04,
                                  4.89352455891786e-03});
  Value q = b.polynomial(square, {1.19825839466702e-06, 1.18534705686654e-04,
                                  2.26843463243900e-03, 4.89352518554385e-03});
  // The quotient first: x P would lose the bits of denormal numbers.
  return clamp(b.mul(b.div(p, q), x), 1.0);
}

// x + x P(x^2) near zero, else 1 - e^-Q(|x|). The published f32 minimax
// polynomials of N. Juffa's erff.
Value attune::buildErf(OpBuilder &builder, Location loc, Value x) {
  FloatBuilder b(builder, loc, x);
  Value square = b.mul(x, x), t = b.absolute(x);
  Value high = b.polynomial(t, {-1.72853470e-5, 3.83197126e-4});
  Value low = b.polynomial(t, {-3.88396438e-3, 2.42546219e-2});
  Value q = b.fma(high, square, low);
  for (double coefficient : {-1.06777877e-1, -6.34846687e-1, -1.28717512e-1})
    q = b.fma(q, t, b.constant(coefficient));
  q = b.fma(q, t, b.negate(t));
  Value large = b.sub(b.constant(1.0), buildExp(builder, loc, q));
  // At infinity the polynomial is inf - inf.
  Value isHuge = b.compare(CmpFPredicate::OGT, t, b.constant(4.0));
  large = b.select(isHuge, b.constant(1.0), large);
  Value p =
      b.polynomial(square, {-5.96761703e-4, 4.99119423e-3, -2.67681349e-2,
                            1.12819925e-1, -3.76125336e-1, 1.28379166e-1});
  Value small = b.fma(p, x, x);
  Value isLarge = b.compare(CmpFPredicate::OGT, t, b.constant(0.927734375));
  return b.copySign(b.select(isLarge, large, small), x);
}

// x = 2^e m with m in [sqrt(1/2), sqrt(2)), log x = e log 2 + log m, with log 2
// in two parts. Coefficients: Cephes, logf.
Value attune::buildLog(OpBuilder &builder, Location loc, Value x) {
  FloatBuilder b(builder, loc, x);
  constexpr int32_t rootHalf = 0x3f3504f3;
  Value isTiny = b.compare(CmpFPredicate::OLT, x, b.constant(1.17549435e-38));
  Value normal = b.select(isTiny, b.mul(x, b.constant(8388608.0)), x);
  Value bits = b.apply<arith::SubIOp>(b.toBits(normal), b.integer(rootHalf));
  Value exponent = b.toFloat(b.apply<arith::ShRSIOp>(bits, b.integer(23)));
  exponent =
      b.sub(exponent, b.select(isTiny, b.constant(23.0), b.constant(0.0)));
  Value mantissa = b.apply<arith::AddIOp>(
      b.apply<arith::AndIOp>(bits, b.integer(0x7fffff)), b.integer(rootHalf));
  Value f = b.sub(b.fromBits(mantissa), b.constant(1.0));
  Value square = b.mul(f, f);
  Value y =
      b.polynomial(f, {7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1,
                       -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
                       2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1});
  y = b.mul(b.mul(y, f), square);
  y = b.fma(exponent, b.constant(-2.12194440e-4), y);
  y = b.fma(square, b.constant(-0.5), y);
  Value result = b.fma(exponent, b.constant(0.693359375), b.add(f, y));

  constexpr double infinity = std::numeric_limits<double>::infinity();
  Value zero = b.constant(0.0);
  auto replace = [&](CmpFPredicate predicate, Value bound, Value by) {
    result = b.select(b.compare(predicate, x, bound), by, result);
  };
  replace(CmpFPredicate::OEQ, zero, b.constant(-infinity));
  replace(CmpFPredicate::OLT, zero,
          b.constant(std::numeric_limits<double>::quiet_NaN()));
  // Infinity and NaN are their own logarithms.
  replace(CmpFPredicate::UEQ, b.constant(infinity), x);
  return result;
}
