//===- VectorActivation.cpp - Activations on vectors ----------------------===//

#include "codegen/cpu/FloatBuilder.h"
#include "codegen/cpu/VectorMath.h"

using namespace mlir;
using namespace attune;

/// 1 / (1 + e^-x): e^-x = inf gives 0, so large |x| is safe.
static Value buildSigmoid(OpBuilder &builder, Location loc, Value x) {
  FloatBuilder b(builder, loc, x);
  Value one = b.constant(1.0);
  return b.div(one, b.add(one, buildExp(builder, loc, b.negate(x))));
}

Value attune::buildActivation(OpBuilder &builder, Location loc,
                              Activation function, Value x) {
  FloatBuilder b(builder, loc, x);
  auto halfTimes = [&](Value factor) {
    return b.mul(b.mul(x, b.constant(0.5)), b.add(factor, b.constant(1.0)));
  };
  switch (function) {
  case Activation::None:
    return x;
  case Activation::Relu: {
    // 0 > x ? 0 : x lets NaN through and is one vmaxps.
    Value zero = b.constant(0.0);
    return b.select(b.compare(arith::CmpFPredicate::OGT, zero, x), zero, x);
  }
  case Activation::Gelu:
    return halfTimes(
        buildErf(builder, loc, b.mul(x, b.constant(0.7071067811865476))));
  case Activation::GeluTanh: {
    // (1 + tanh u) / 2 = 1 / (1 + e^-2u), without the cancellation, with
    // u = sqrt(2 / pi) (x + 0.044715 x^3).
    Value cube = b.mul(b.mul(x, x), x);
    Value power = b.mul(b.fma(cube, b.constant(0.044715), x),
                        b.constant(-2 * 0.7978845608028654));
    return b.div(x, b.add(b.constant(1.0), buildExp(builder, loc, power)));
  }
  case Activation::Silu: {
    // x / (1 + e^-x), as its definition: -inf gives NaN there too.
    Value power = buildExp(builder, loc, b.negate(x));
    return b.div(x, b.add(b.constant(1.0), power));
  }
  case Activation::Sigmoid:
    return buildSigmoid(builder, loc, x);
  case Activation::Tanh:
    return buildTanh(builder, loc, x);
  case Activation::Exp:
    return buildExp(builder, loc, x);
  case Activation::Exp2:
    return buildExp2(builder, loc, x);
  case Activation::Log:
    return buildLog(builder, loc, x);
  case Activation::Sqrt:
    return b.apply<math::SqrtOp>(x);
  case Activation::Rsqrt:
    return b.div(b.constant(1.0), b.apply<math::SqrtOp>(x));
  case Activation::Abs:
    return b.absolute(x);
  case Activation::Neg:
    return b.negate(x);
  case Activation::Not:
    // Booleans only: the verifiers keep it away from floats.
    return x;
  }
  return x;
}
