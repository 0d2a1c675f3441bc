//===- VectorActivation.cpp - Activations on vectors ----------------------===//

#include "codegen/cpu/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attune;

namespace {
/// Arithmetic on values of one float type, scalar or vector.
class MathBuilder {
public:
  MathBuilder(OpBuilder &builder, Location loc, Type type)
      : builder(builder), loc(loc), type(type) {}

  Value constant(double value) {
    FloatAttr element = builder.getF32FloatAttr(value);
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(
          builder, loc, DenseElementsAttr::get(vector, element.getValue()));
    return arith::ConstantOp::create(builder, loc, element);
  }
  template <typename Op> Value apply(Value a) {
    return Op::create(builder, loc, a);
  }
  template <typename Op> Value apply(Value a, Value b) {
    return Op::create(builder, loc, a, b);
  }
  Value mul(Value a, Value b) { return apply<arith::MulFOp>(a, b); }
  Value add(Value a, Value b) { return apply<arith::AddFOp>(a, b); }

  /// 1 / (1 + e^-x): e^-x = inf gives 0, so large |x| is safe.
  Value sigmoid(Value x) {
    Value exponential = buildExp(builder, loc, apply<arith::NegFOp>(x));
    return apply<arith::DivFOp>(constant(1.0), add(constant(1.0), exponential));
  }

private:
  OpBuilder &builder;
  Location loc;
  Type type;
};
} // namespace

Value attune::buildActivation(OpBuilder &builder, Location loc,
                              Activation function, Value x) {
  MathBuilder b(builder, loc, x.getType());
  switch (function) {
  case Activation::None:
    return x;
  case Activation::Relu: {
    // 0 > x ? 0 : x lets NaN through and is one vmaxps.
    Value zero = b.constant(0.0);
    Value negative =
        arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, zero, x);
    return arith::SelectOp::create(builder, loc, negative, zero, x);
  }
  case Activation::Gelu: {
    Value erf = b.apply<math::ErfOp>(b.mul(x, b.constant(0.7071067811865476)));
    return b.mul(b.mul(x, b.constant(0.5)), b.add(erf, b.constant(1.0)));
  }
  case Activation::GeluTanh: {
    // sqrt(2 / pi) (x + 0.044715 x^3)
    Value cube = b.mul(b.mul(x, x), x);
    Value inner = b.mul(b.add(x, b.mul(cube, b.constant(0.044715))),
                        b.constant(0.7978845608028654));
    Value tanh = b.apply<math::TanhOp>(inner);
    return b.mul(b.mul(x, b.constant(0.5)), b.add(tanh, b.constant(1.0)));
  }
  case Activation::Silu:
    return b.mul(x, b.sigmoid(x));
  case Activation::Sigmoid:
    return b.sigmoid(x);
  case Activation::Tanh:
    return b.apply<math::TanhOp>(x);
  case Activation::Exp:
    return buildExp(builder, loc, x);
  case Activation::Exp2:
    return buildExp2(builder, loc, x);
  case Activation::Log:
    return b.apply<math::LogOp>(x);
  case Activation::Sqrt:
    return b.apply<math::SqrtOp>(x);
  case Activation::Rsqrt:
    return b.apply<arith::DivFOp>(b.constant(1.0), b.apply<math::SqrtOp>(x));
  case Activation::Abs:
    return b.apply<math::AbsFOp>(x);
  case Activation::Neg:
    return b.apply<arith::NegFOp>(x);
  case Activation::Not:
    // Booleans only: the verifiers keep it away from floats.
    return x;
  }
  return x;
}
