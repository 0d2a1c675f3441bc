//===- FloatBuilder.h - Arithmetic on f32 scalars and vectors -------------===//

#ifndef ATTUNE_CODEGEN_CPU_FLOATBUILDER_H
#define ATTUNE_CODEGEN_CPU_FLOATBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace attune {

/// Builds f32 arithmetic for values of one type, scalar or vector, with the
/// same roundings for both.
class FloatBuilder {
public:
  using Value = mlir::Value;

  FloatBuilder(mlir::OpBuilder &builder, mlir::Location loc, Value like)
      : builder(builder), loc(loc), type(like.getType()) {}

  Value constant(double value) { return splat(builder.getF32FloatAttr(value)); }
  Value integer(int32_t value) {
    return splat(builder.getI32IntegerAttr(value));
  }
  template <typename Op> Value apply(Value a) {
    return Op::create(builder, loc, a);
  }
  template <typename Op> Value apply(Value a, Value b) {
    return Op::create(builder, loc, a, b);
  }
  Value add(Value a, Value b) { return apply<mlir::arith::AddFOp>(a, b); }
  Value sub(Value a, Value b) { return apply<mlir::arith::SubFOp>(a, b); }
  Value mul(Value a, Value b) { return apply<mlir::arith::MulFOp>(a, b); }
  Value div(Value a, Value b) { return apply<mlir::arith::DivFOp>(a, b); }
  Value negate(Value a) { return apply<mlir::arith::NegFOp>(a); }
  Value absolute(Value a) { return apply<mlir::math::AbsFOp>(a); }
  Value copySign(Value magnitude, Value sign) {
    return apply<mlir::math::CopySignOp>(magnitude, sign);
  }
  /// a b + c, rounded once where the target can.
  Value fma(Value a, Value b, Value c) {
    if (mlir::isa<mlir::VectorType>(type))
      return mlir::vector::FMAOp::create(builder, loc, a, b, c);
    return mlir::LLVM::FMulAddOp::create(builder, loc, a, b, c);
  }
  Value compare(mlir::arith::CmpFPredicate predicate, Value a, Value b) {
    return mlir::arith::CmpFOp::create(builder, loc, predicate, a, b);
  }
  Value select(Value condition, Value a, Value b) {
    return mlir::arith::SelectOp::create(builder, loc, condition, a, b);
  }
  /// max(limit, x) that lets NaN through: one vmaxps.
  Value atLeast(double limit, Value x) {
    return clamp(mlir::arith::CmpFPredicate::OGT, limit, x);
  }
  Value atMost(double limit, Value x) {
    return clamp(mlir::arith::CmpFPredicate::OLT, limit, x);
  }
  /// coefficients[0] x^n + ... + coefficients[n], by Horner's rule.
  Value polynomial(Value x, llvm::ArrayRef<double> coefficients) {
    Value sum = constant(coefficients.front());
    for (double coefficient : coefficients.drop_front())
      sum = fma(sum, x, constant(coefficient));
    return sum;
  }
  Value toBits(Value x) {
    return mlir::arith::BitcastOp::create(builder, loc, integerType(), x);
  }
  Value fromBits(Value bits) {
    return mlir::arith::BitcastOp::create(builder, loc, type, bits);
  }
  Value toFloat(Value integer) {
    return mlir::arith::SIToFPOp::create(builder, loc, type, integer);
  }

private:
  Value clamp(mlir::arith::CmpFPredicate predicate, double limit, Value x) {
    Value bound = constant(limit);
    return select(compare(predicate, bound, x), bound, x);
  }
  mlir::Type integerType() {
    auto vector = mlir::dyn_cast<mlir::VectorType>(type);
    mlir::Type i32 = builder.getI32Type();
    return vector ? mlir::Type(vector.clone(i32)) : i32;
  }
  Value splat(mlir::TypedAttr element) {
    if (auto vector = mlir::dyn_cast<mlir::VectorType>(type))
      element = mlir::DenseElementsAttr::get(vector.clone(element.getType()),
                                             mlir::Attribute(element));
    return mlir::arith::ConstantOp::create(builder, loc, element);
  }

  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::Type type;
};

} // namespace attune

#endif
