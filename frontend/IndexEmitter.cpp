//===- IndexEmitter.cpp - Masks and score functions to regions ------------===//

#include "frontend/IndexEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;
using ast::Operator;
using Kind = IndexValue::Kind;

IndexEmitter::IndexEmitter(Importer &importer, OpBuilder &builder,
                           const AttendSizes &sizes, ValueRange arguments,
                           bool hasScore)
    : importer(importer), builder(builder), sizes(sizes),
      arguments(hasScore ? arguments.drop_front() : arguments),
      scoreArgument(hasScore ? arguments.front() : mlir::Value()),
      loc(builder.getUnknownLoc()) {}

IndexValue IndexEmitter::integer(int64_t value) {
  return {
      Kind::Integer,
      arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(value)),
      Interval::point(Extent::constant(value))};
}

IndexValue IndexEmitter::real(double value) {
  return {Kind::Real,
          arith::ConstantOp::create(builder, loc,
                                    builder.getF32FloatAttr(float(value))),
          {}};
}

IndexValue IndexEmitter::boolean(bool value) {
  return {Kind::Bool,
          arith::ConstantOp::create(builder, loc, builder.getBoolAttr(value)),
          {}};
}

/// What `span`, the name or call of a declared mask or score, says of errors in
/// its body; nothing for one that is written in place.
std::optional<Diagnostics::Within> IndexEmitter::within(Span span,
                                                        const Expr *body) {
  if (span.file == body->span.file && span.begin <= body->span.begin &&
      body->span.end <= span.end)
    return std::nullopt;
  return std::optional<Diagnostics::Within>(
      std::in_place, importer.diagnostics,
      "in `" + importer.sources.text(span).str() + "`, used here", span);
}

mlir::Value IndexEmitter::score(const ScoreFunction &function) {
  loc = importer.location(function.span);
  auto use = within(function.span, function.body);
  Result result = emit(function.body, function.frame);
  if (!result)
    return {};
  if (result->kind == Kind::Bool) {
    importer.error(Diag::score_is_condition, function.body->span);
    return {};
  }
  return toReal(*result).value;
}

std::optional<IndexValue> IndexEmitter::causal(const MaskValue &mask) {
  IndexValue q{Kind::Integer, arguments[2], {}};
  IndexValue k{Kind::Integer, arguments[3], {}};
  if (mask.kind == MaskValue::Kind::Causal && !(sizes.queries == sizes.keys)) {
    importer
        .error(Diag::causal_needs_alignment, mask.span, sizes.queries.str(),
               sizes.keys.str())
        .note("`start` lines up the first query with the first key; `end` the "
              "last with the last")
        .help("write `causal(align = start)` or `causal(align = end)`");
    return std::nullopt;
  }
  if (mask.kind == MaskValue::Kind::CausalEnd) {
    // k <= q + nk - nq
    mlir::Value sum =
        arith::AddIOp::create(builder, loc, arguments[2], arguments[7]);
    q.value = arith::SubIOp::create(builder, loc, sum, arguments[6]);
  }
  return compare(Operator::LessEqual, k, q, mask.span);
}

mlir::Value IndexEmitter::mask(const MaskValue &mask) {
  if (!count(mask.span))
    return {};
  loc = importer.location(mask.span);
  switch (mask.kind) {
  case MaskValue::Kind::Full:
    return boolean(true).value;
  case MaskValue::Kind::None:
    return boolean(false).value;
  case MaskValue::Kind::Causal:
  case MaskValue::Kind::CausalStart:
  case MaskValue::Kind::CausalEnd: {
    Result result = causal(mask);
    return result ? result->value : mlir::Value();
  }
  case MaskValue::Kind::Window: {
    // q - left <= k <= q + right
    auto shifted = [&](int64_t by) -> mlir::Value {
      return arith::AddIOp::create(builder, loc, arguments[2],
                                   integer(by).value);
    };
    mlir::Value low =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge,
                              arguments[3], shifted(-mask.left));
    mlir::Value high =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle,
                              arguments[3], shifted(mask.right));
    return arith::AndIOp::create(builder, loc, low, high);
  }
  case MaskValue::Kind::Body: {
    if (llvm::is_contained(active, mask.body)) {
      importer.error(Diag::declaration_cycle, mask.span,
                     importer.sources.text(mask.span).str());
      return {};
    }
    active.push_back(mask.body);
    auto use = within(mask.span, mask.body);
    Result result = emit(mask.body, mask.frame);
    active.pop_back();
    if (!result)
      return {};
    if (result->kind != Kind::Bool) {
      importer.error(Diag::mask_is_number, mask.body->span);
      return {};
    }
    return result->value;
  }
  case MaskValue::Kind::And:
  case MaskValue::Kind::Or: {
    mlir::Value a = this->mask(*mask.lhs);
    mlir::Value b = a ? this->mask(*mask.rhs) : a;
    if (!b)
      return {};
    loc = importer.location(mask.span);
    if (mask.kind == MaskValue::Kind::And)
      return arith::AndIOp::create(builder, loc, a, b);
    return arith::OrIOp::create(builder, loc, a, b);
  }
  case MaskValue::Kind::Not: {
    mlir::Value a = this->mask(*mask.lhs);
    if (!a)
      return {};
    return arith::XOrIOp::create(builder, loc, a, boolean(true).value);
  }
  }
  return {};
}

std::optional<IndexValue> IndexEmitter::emit(const Expr *expr,
                                             const FramePtr &frame) {
  if (!count(expr->span))
    return std::nullopt;
  loc = importer.location(expr->span);
  switch (expr->kind) {
  case Expr::Kind::Integer:
    if (expr->integer > INT32_MAX) {
      importer.error(Diag::index_overflow, expr->span,
                     std::to_string(expr->integer));
      return std::nullopt;
    }
    return integer(expr->integer);
  case Expr::Kind::Float:
    return real(expr->real);
  case Expr::Kind::Bool:
    return boolean(expr->boolean);
  case Expr::Kind::Name:
    return emitName(expr, frame);
  case Expr::Kind::Unary:
    return emitUnary(expr, frame);
  case Expr::Kind::Binary:
    return emitBinary(expr, frame);
  case Expr::Kind::InRange:
    return emitInRange(expr, frame);
  case Expr::Kind::Index:
    return emitCapture(expr, frame);
  case Expr::Kind::Call:
    return emitCall(expr, frame);
  case Expr::Kind::Braced:
    return emit(expr->operands[0], frame);
  default:
    importer.error(Diag::not_in_index, expr->span);
    return std::nullopt;
  }
}

std::optional<IndexValue> IndexEmitter::emitName(const Expr *expr,
                                                 const FramePtr &frame) {
  static constexpr StringRef indices[] = {"b",  "h",  "q",  "k",
                                          "nb", "nh", "nq", "nk"};
  const Extent *extents[] = {&sizes.batch, &sizes.heads, &sizes.queries,
                             &sizes.keys};
  for (auto [position, name] : llvm::enumerate(indices)) {
    if (expr->text != name)
      continue;
    const Extent &extent = *extents[position % 4];
    if (position >= 4)
      return IndexValue{Kind::Integer, arguments[position],
                        Interval::point(extent)};
    return IndexValue{Kind::Integer,
                      arguments[position],
                      {Extent::constant(0), extent - Extent::constant(1)}};
  }
  if (expr->text == "s") {
    if (scoreArgument)
      return IndexValue{Kind::Real, scoreArgument, {}};
    importer.error(Diag::score_in_mask, expr->span);
    return std::nullopt;
  }
  OptionalValue value = importer.nameExpr(expr, frame);
  if (!value)
    return std::nullopt;
  return fromValue(*value, expr->span);
}

std::optional<IndexValue> IndexEmitter::emitInRange(const Expr *expr,
                                                    const FramePtr &frame) {
  Result value =
      requireInteger(emit(expr->operands[0], frame), expr->operands[0]);
  Result low =
      requireInteger(emit(expr->operands[1], frame), expr->operands[1]);
  Result high =
      requireInteger(emit(expr->operands[2], frame), expr->operands[2]);
  if (!value || !low || !high)
    return std::nullopt;
  loc = importer.location(expr->span);
  Result above = compare(Operator::GreaterEqual, *value, *low, expr->span);
  Result below = compare(expr->boolean ? Operator::LessEqual : Operator::Less,
                         *value, *high, expr->span);
  return IndexValue{
      Kind::Bool,
      arith::AndIOp::create(builder, loc, above->value, below->value),
      {}};
}
