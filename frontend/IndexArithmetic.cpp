//===- IndexArithmetic.cpp - Integers, conditions and reals in regions ----===//

#include "frontend/IndexEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;
using ast::Operator;
using Kind = IndexValue::Kind;

/// The run-time value of a polynomial in dims, i32.
std::optional<IndexValue> IndexEmitter::extentValue(const Extent &extent,
                                                    Span span) {
  Result checked =
      checkRange({Kind::Integer, {}, Interval::point(extent)}, span);
  if (!checked)
    return std::nullopt;
  for (const auto &[factors, coefficient] : extent.getTerms())
    if (coefficient > INT32_MAX || coefficient < INT32_MIN) {
      importer.error(Diag::index_overflow, span, extent.str());
      return std::nullopt;
    }
  return IndexValue{Kind::Integer,
                    emitExtent(builder, loc, extent, builder.getI32Type()),
                    Interval::point(extent)};
}

IndexValue IndexEmitter::toReal(const IndexValue &value) {
  if (value.kind == Kind::Real)
    return value;
  return {
      Kind::Real,
      arith::SIToFPOp::create(builder, loc, builder.getF32Type(), value.value),
      {}};
}

mlir::Value IndexEmitter::toInteger64(mlir::Value value) {
  Type wide = builder.getI64Type();
  if (value.getType() == wide)
    return value;
  return arith::ExtSIOp::create(builder, loc, wide, value);
}

void IndexEmitter::unify(IndexValue &a, IndexValue &b) {
  Type wide = builder.getI64Type();
  if (a.value.getType() == b.value.getType())
    return;
  IndexValue &narrow = a.value.getType() == wide ? b : a;
  narrow.value = arith::ExtSIOp::create(builder, loc, wide, narrow.value);
}

/// Index arithmetic is 32-bit: an integer of known range must fit.
std::optional<IndexValue> IndexEmitter::checkRange(IndexValue value,
                                                   Span span) {
  const Interval &range = value.range;
  if (value.kind != Kind::Integer || !range.lo || !range.hi)
    return value;
  if (value.value && value.value.getType().isInteger(64))
    return value;
  if (isProvablyLessEqual(Extent::constant(INT32_MIN), *range.lo,
                          importer.dimBounds) &&
      isProvablyLessEqual(*range.hi, Extent::constant(INT32_MAX),
                          importer.dimBounds))
    return value;
  importer.error(Diag::index_overflow, span, range.str())
      .help("give the dims smaller bounds: `dim T <= 4096`");
  return std::nullopt;
}

std::optional<IndexValue> IndexEmitter::requireInteger(const Result &value,
                                                       const Expr *expr) {
  if (value && value->kind == Kind::Integer)
    return value;
  if (value)
    importer.error(Diag::expected_integer, expr->span);
  return std::nullopt;
}

std::optional<IndexValue> IndexEmitter::emitUnary(const Expr *expr,
                                                  const FramePtr &frame) {
  Result operand = emit(expr->operands[0], frame);
  if (!operand)
    return std::nullopt;
  loc = importer.location(expr->span);
  if (expr->op == Operator::Not) {
    if (operand->kind != Kind::Bool) {
      importer.error(Diag::expected_condition, expr->operands[0]->span);
      return std::nullopt;
    }
    return IndexValue{Kind::Bool,
                      arith::XOrIOp::create(builder, loc, operand->value,
                                            boolean(true).value),
                      {}};
  }
  if (operand->kind == Kind::Bool) {
    importer.error(Diag::expected_number, expr->operands[0]->span);
    return std::nullopt;
  }
  if (operand->kind == Kind::Real)
    return IndexValue{
        Kind::Real, arith::NegFOp::create(builder, loc, operand->value), {}};
  return arithmetic(Operator::Subtract, integer(0), *operand, expr);
}

std::optional<IndexValue> IndexEmitter::compare(Operator op, IndexValue a,
                                                IndexValue b, Span span) {
  if (a.kind == Kind::Real || b.kind == Kind::Real) {
    a = toReal(a);
    b = toReal(b);
    auto predicate = op == Operator::Equal       ? arith::CmpFPredicate::OEQ
                     : op == Operator::NotEqual  ? arith::CmpFPredicate::UNE
                     : op == Operator::Less      ? arith::CmpFPredicate::OLT
                     : op == Operator::LessEqual ? arith::CmpFPredicate::OLE
                     : op == Operator::Greater   ? arith::CmpFPredicate::OGT
                                                 : arith::CmpFPredicate::OGE;
    return IndexValue{
        Kind::Bool,
        arith::CmpFOp::create(builder, loc, predicate, a.value, b.value),
        {}};
  }
  unify(a, b);
  auto predicate = op == Operator::Equal       ? arith::CmpIPredicate::eq
                   : op == Operator::NotEqual  ? arith::CmpIPredicate::ne
                   : op == Operator::Less      ? arith::CmpIPredicate::slt
                   : op == Operator::LessEqual ? arith::CmpIPredicate::sle
                   : op == Operator::Greater   ? arith::CmpIPredicate::sgt
                                               : arith::CmpIPredicate::sge;
  return IndexValue{
      Kind::Bool,
      arith::CmpIOp::create(builder, loc, predicate, a.value, b.value),
      {}};
}

std::optional<IndexValue> IndexEmitter::emitBinary(const Expr *expr,
                                                   const FramePtr &frame) {
  Result a = emit(expr->operands[0], frame);
  Result b = a ? emit(expr->operands[1], frame) : std::nullopt;
  if (!a || !b)
    return std::nullopt;
  loc = importer.location(expr->span);
  bool logical = expr->op == Operator::And || expr->op == Operator::Or;
  bool equality = expr->op == Operator::Equal || expr->op == Operator::NotEqual;
  bool bothBool = a->kind == Kind::Bool && b->kind == Kind::Bool;
  if (logical) {
    for (auto [side, operand] :
         {std::pair(&*a, expr->operands[0]), {&*b, expr->operands[1]}})
      if (side->kind != Kind::Bool) {
        importer.error(Diag::expected_condition, operand->span);
        return std::nullopt;
      }
    mlir::Value value =
        expr->op == Operator::And
            ? arith::AndIOp::create(builder, loc, a->value, b->value)
                  .getResult()
            : arith::OrIOp::create(builder, loc, a->value, b->value)
                  .getResult();
    return IndexValue{Kind::Bool, value, {}};
  }
  if (equality && bothBool)
    return compare(expr->op, *a, *b, expr->span);
  for (auto [side, operand] :
       {std::pair(&*a, expr->operands[0]), {&*b, expr->operands[1]}})
    if (side->kind == Kind::Bool) {
      importer.error(Diag::expected_number, operand->span);
      return std::nullopt;
    }
  switch (expr->op) {
  case Operator::Equal:
  case Operator::NotEqual:
  case Operator::Less:
  case Operator::LessEqual:
  case Operator::Greater:
  case Operator::GreaterEqual:
    return compare(expr->op, *a, *b, expr->span);
  case Operator::Add:
  case Operator::Subtract:
  case Operator::Multiply:
  case Operator::Divide:
  case Operator::Remainder:
    return arithmetic(expr->op, *a, *b, expr);
  default:
    importer.error(Diag::not_in_index, expr->opSpan);
    return std::nullopt;
  }
}

std::optional<IndexValue> IndexEmitter::arithmetic(Operator op, IndexValue a,
                                                   IndexValue b,
                                                   const Expr *expr) {
  const DimBounds &bounds = importer.dimBounds;
  if (a.kind == Kind::Real || b.kind == Kind::Real) {
    a = toReal(a);
    b = toReal(b);
    mlir::Value value;
    if (op == Operator::Add)
      value = arith::AddFOp::create(builder, loc, a.value, b.value);
    else if (op == Operator::Subtract)
      value = arith::SubFOp::create(builder, loc, a.value, b.value);
    else if (op == Operator::Multiply)
      value = arith::MulFOp::create(builder, loc, a.value, b.value);
    else if (op == Operator::Divide)
      value = arith::DivFOp::create(builder, loc, a.value, b.value);
    else {
      importer.error(Diag::expected_integer, expr->span);
      return std::nullopt;
    }
    return IndexValue{Kind::Real, value, {}};
  }
  // A captured integer can be anything: 64 bits hold what is made of it.
  if (!a.range.lo || !a.range.hi || !b.range.lo || !b.range.hi)
    a.value = toInteger64(a.value);
  unify(a, b);
  IndexValue result{Kind::Integer, {}, {}};
  switch (op) {
  case Operator::Add:
    result.range = add(a.range, b.range);
    result.value = arith::AddIOp::create(builder, loc, a.value, b.value);
    break;
  case Operator::Subtract:
    result.range = subtract(a.range, b.range);
    result.value = arith::SubIOp::create(builder, loc, a.value, b.value);
    break;
  case Operator::Multiply:
    result.range = multiply(a.range, b.range, bounds);
    result.value = arith::MulIOp::create(builder, loc, a.value, b.value);
    break;
  default: {
    std::optional<int64_t> divisor;
    if (b.range.lo && b.range.hi && *b.range.lo == *b.range.hi)
      divisor = b.range.lo->asConstant();
    if (divisor && *divisor == 0) {
      importer.error(Diag::division_by_zero, expr->opSpan);
      return std::nullopt;
    }
    if (!divisor || *divisor < 0) {
      importer.error(Diag::index_divisor, expr->operands[1]->span);
      return std::nullopt;
    }
    mlir::Value quotient =
        arith::FloorDivSIOp::create(builder, loc, a.value, b.value);
    if (op == Operator::Divide) {
      result.range = divideFloor(a.range, *divisor, bounds);
      result.value = quotient;
      break;
    }
    result.range = modulo(a.range, *divisor, bounds);
    mlir::Value multiple =
        arith::MulIOp::create(builder, loc, quotient, b.value);
    result.value = arith::SubIOp::create(builder, loc, a.value, multiple);
    break;
  }
  }
  return checkRange(result, expr->span);
}
