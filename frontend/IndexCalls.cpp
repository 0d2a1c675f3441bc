//===- IndexCalls.cpp - Functions inside masks and score functions --------===//

#include "frontend/IndexEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;
using ast::Operator;
using Kind = IndexValue::Kind;

std::optional<IndexValue> IndexEmitter::emitCall(const Expr *expr,
                                                 const FramePtr &frame) {
  StringRef name = expr->callee.text;
  unsigned count = llvm::StringSwitch<unsigned>(name)
                       .Cases({"abs", "exp", "exp2", "log", "tanh"}, 1)
                       .Cases({"min", "max"}, 2)
                       .Cases({"clamp", "where"}, 3)
                       .Default(0);
  FoundDecl found = importer.lookUp(frame->file, name, /*asFunction=*/true,
                                    expr->callee.span, /*report=*/true);
  if (found.isAmbiguous)
    return std::nullopt;
  if (found.decl || count == 0) {
    // A mask with arguments is a condition here.
    OptionalValue value = importer.callExpr(expr, frame);
    if (!value)
      return std::nullopt;
    return fromValue(*value, expr->span);
  }
  if (expr->arguments.size() != count || expr->at ||
      llvm::any_of(expr->arguments,
                   [](const ast::Argument &a) { return a.name; })) {
    importer.error(Diag::index_call_arguments, expr->span, name.str(), count);
    return std::nullopt;
  }
  SmallVector<IndexValue> values;
  for (const ast::Argument &argument : expr->arguments) {
    Result value = emit(argument.value, frame);
    if (!value)
      return std::nullopt;
    bool wantsCondition = name == "where" && values.empty();
    if ((value->kind == Kind::Bool) != wantsCondition) {
      importer.error(wantsCondition ? Diag::expected_condition
                                    : Diag::expected_number,
                     argument.value->span);
      return std::nullopt;
    }
    values.push_back(*value);
  }
  loc = importer.location(expr->span);
  const DimBounds &bounds = importer.dimBounds;
  auto anyReal = [&](ArrayRef<IndexValue> list) {
    return llvm::any_of(
        list, [](const IndexValue &v) { return v.kind == Kind::Real; });
  };
  auto minMax = [&](IndexValue a, IndexValue b, bool isMin) -> IndexValue {
    if (anyReal({a, b})) {
      a = toReal(a);
      b = toReal(b);
      mlir::Value value =
          isMin ? arith::MinimumFOp::create(builder, loc, a.value, b.value)
                      .getResult()
                : arith::MaximumFOp::create(builder, loc, a.value, b.value)
                      .getResult();
      return {Kind::Real, value, {}};
    }
    unify(a, b);
    mlir::Value value =
        isMin
            ? arith::MinSIOp::create(builder, loc, a.value, b.value).getResult()
            : arith::MaxSIOp::create(builder, loc, a.value, b.value)
                  .getResult();
    return {Kind::Integer, value,
            isMin ? minimum(a.range, b.range, bounds)
                  : maximum(a.range, b.range, bounds)};
  };
  if (name == "min" || name == "max")
    return minMax(values[0], values[1], name == "min");
  if (name == "clamp")
    return minMax(minMax(values[0], values[1], /*isMin=*/false), values[2],
                  /*isMin=*/true);
  if (name == "where") {
    IndexValue a = values[1], b = values[2];
    if (anyReal({a, b})) {
      a = toReal(a);
      b = toReal(b);
    } else {
      unify(a, b);
    }
    return IndexValue{a.kind,
                      arith::SelectOp::create(builder, loc, values[0].value,
                                              a.value, b.value),
                      a.kind == Kind::Integer ? hull(a.range, b.range, bounds)
                                              : Interval()};
  }
  if (name == "abs") {
    IndexValue a = values[0];
    if (a.kind == Kind::Real)
      return IndexValue{
          Kind::Real, math::AbsFOp::create(builder, loc, a.value), {}};
    Interval zero = Interval::point(Extent::constant(0));
    Interval negated = subtract(zero, a.range);
    Interval range = maximum(zero, hull(a.range, negated, bounds), bounds);
    // 0 even where the larger end may be below it, as in 1 - T..T - 1.
    range.lo = zero.lo;
    return IndexValue{Kind::Integer,
                      math::AbsIOp::create(builder, loc, a.value), range};
  }
  mlir::Value x = toReal(values[0]).value;
  mlir::Value value;
  if (name == "exp")
    value = math::ExpOp::create(builder, loc, x);
  else if (name == "exp2")
    value = math::Exp2Op::create(builder, loc, x);
  else if (name == "log")
    value = math::LogOp::create(builder, loc, x);
  else
    value = math::TanhOp::create(builder, loc, x);
  return IndexValue{Kind::Real, value, {}};
}
