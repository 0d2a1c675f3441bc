//===- ImportNumbers.cpp - Operators on compile-time numbers --------------===//

#include "frontend/Importer.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;
using ast::Operator;

/// What a comparison of two numbers gives; nothing for another operator.
template <typename Number>
static std::optional<bool> compare(Operator op, Number x, Number y) {
  switch (op) {
  case Operator::Equal:
    return x == y;
  case Operator::NotEqual:
    return x != y;
  case Operator::Less:
    return x < y;
  case Operator::LessEqual:
    return x <= y;
  case Operator::Greater:
    return x > y;
  case Operator::GreaterEqual:
    return x >= y;
  default:
    return std::nullopt;
  }
}

OptionalValue Importer::numberBinary(const Expr *expr, const Value &a,
                                     const Value &b) {
  // Sizes have exact arithmetic of their own; all else is left to the run.
  bool areSizes = a.kind == Value::Kind::Number &&
                  b.kind == Value::Kind::Number &&
                  !compare<int64_t>(expr->op, 0, 0);
  if ((a.isOfRun() || b.isOfRun()) && !areSizes)
    return tensorBinary(expr, a, b);
  auto boolean = [](bool result) {
    Value value;
    value.kind = Value::Kind::Bool;
    value.boolean = result;
    return value;
  };
  if (a.kind == Value::Kind::Real || b.kind == Value::Kind::Real) {
    auto real = [](const Value &value) {
      return value.kind == Value::Kind::Real
                 ? value.real
                 : double(*value.number.asConstant());
    };
    double x = real(a), y = real(b);
    if (std::optional<bool> result = compare(expr->op, x, y))
      return boolean(*result);
    double result;
    switch (expr->op) {
    case Operator::Add:
      result = x + y;
      break;
    case Operator::Subtract:
      result = x - y;
      break;
    case Operator::Multiply:
      result = x * y;
      break;
    case Operator::Divide:
      if (y == 0) {
        error(Diag::division_by_zero, expr->opSpan);
        return std::nullopt;
      }
      result = x / y;
      break;
    default:
      error(Diag::bad_operand, expr->opSpan, ast::spelling(expr->op).str(),
            "a number");
      return std::nullopt;
    }
    if (!std::isfinite(result)) {
      error(Diag::constant_overflow, expr->span);
      return std::nullopt;
    }
    return Value::ofReal(result);
  }
  std::optional<Extent> result;
  std::optional<int64_t> x = a.number.asConstant(), y = b.number.asConstant();
  switch (expr->op) {
  case Operator::Add:
    result = a.number + b.number;
    break;
  case Operator::Subtract:
    result = a.number - b.number;
    break;
  case Operator::Multiply:
    result = a.number * b.number;
    break;
  case Operator::Divide:
  case Operator::Remainder: {
    if (y && *y == 0) {
      error(Diag::division_by_zero, expr->opSpan);
      return std::nullopt;
    }
    if (x && y) {
      if (*x == INT64_MIN && *y == -1)
        break;
      int64_t quotient = llvm::divideFloorSigned(*x, *y);
      result = Extent::constant(
          expr->op == Operator::Divide ? quotient : *x - quotient * *y);
      break;
    }
    std::optional<Extent> exact = a.number.exactlyDividedBy(b.number);
    if (!exact) {
      error(Diag::inexact_division, expr->span, a.number.str(), b.number.str())
          .help("for a number, not a size, divide tensors: `cast(" +
                a.number.str() + ", i64) " + ast::spelling(expr->op).str() +
                " ...`");
      return std::nullopt;
    }
    result = expr->op == Operator::Divide ? *exact : Extent::constant(0);
    break;
  }
  case Operator::Equal:
  case Operator::NotEqual:
  case Operator::Less:
  case Operator::LessEqual:
  case Operator::Greater:
  case Operator::GreaterEqual:
    return boolean(*compare(expr->op, *x, *y));
  default:
    error(Diag::bad_operand, expr->opSpan, ast::spelling(expr->op).str(),
          "an integer");
    return std::nullopt;
  }
  if (!result) {
    error(Diag::constant_overflow, expr->span);
    return std::nullopt;
  }
  return Value::ofNumber(*result);
}
