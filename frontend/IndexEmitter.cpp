//===- IndexEmitter.cpp - Masks and score functions to regions ------------===//

#include "frontend/IndexEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

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

/// The run-time value of a polynomial in dims, i32.
std::optional<IndexValue> IndexEmitter::extentValue(const Extent &extent,
                                                    Span span) {
  mlir::Value sum;
  Type i32 = builder.getI32Type();
  auto constant = [&](int64_t value) -> mlir::Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getI32IntegerAttr(value));
  };
  Result checked =
      checkRange({Kind::Integer, {}, Interval::point(extent)}, span);
  if (!checked)
    return std::nullopt;
  for (const auto &[factors, coefficient] : extent.getTerms()) {
    if (coefficient > INT32_MAX || coefficient < INT32_MIN) {
      importer.error(Diag::index_overflow, span, extent.str());
      return std::nullopt;
    }
    mlir::Value product;
    if (coefficient != 1 || factors.empty())
      product = constant(coefficient);
    for (const std::string &factor : factors) {
      mlir::Value dim = arith::IndexCastOp::create(
          builder, loc, i32, DimOp::create(builder, loc, factor));
      product =
          product
              ? arith::MulIOp::create(builder, loc, product, dim).getResult()
              : dim;
    }
    sum = sum ? arith::AddIOp::create(builder, loc, sum, product).getResult()
              : product;
  }
  if (!sum)
    sum = constant(0);
  return IndexValue{Kind::Integer, sum, Interval::point(extent)};
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

mlir::Value IndexEmitter::score(const ScoreFunction &function) {
  loc = importer.location(function.span);
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

/// A compile-time value used inside a region.
std::optional<IndexValue> IndexEmitter::fromValue(const Value &value,
                                                  Span span) {
  switch (value.kind) {
  case Value::Kind::Number:
    return extentValue(value.number, span);
  case Value::Kind::Real:
    return real(value.real);
  case Value::Kind::Bool:
    return boolean(value.boolean);
  case Value::Kind::Mask: {
    mlir::Value condition = mask(*value.mask);
    if (!condition)
      return std::nullopt;
    return IndexValue{Kind::Bool, condition, {}};
  }
  case Value::Kind::Step: {
    auto loop = dyn_cast_or_null<ForOp>(
        mlir::Value(value.ir).getParentBlock()->getParentOp());
    if (!loop || loop.getUpper() > INT32_MAX) {
      importer.error(Diag::not_in_index, span);
      return std::nullopt;
    }
    return IndexValue{Kind::Integer,
                      arith::IndexCastOp::create(
                          builder, loc, builder.getI32Type(), value.ir),
                      {Extent::constant(loop.getLower()),
                       Extent::constant(loop.getUpper() - 1)}};
  }
  case Value::Kind::Tensor:
    if (value.tensorType().getElementType().isInteger(8)) {
      importer.notSupported(span, "a u8 tensor in a mask or score function");
      return std::nullopt;
    }
    if (value.tensorType().getRank() == 0) {
      Type element = value.tensorType().getElementType();
      mlir::Value captured =
          CaptureOp::create(builder, loc, element, value.ir, ValueRange{});
      Kind kind = isa<FloatType>(element) ? Kind::Real
                  : element.isInteger(1)  ? Kind::Bool
                                          : Kind::Integer;
      return IndexValue{kind, captured, {}};
    }
    importer.error(Diag::tensor_without_index, span, describe(value));
    return std::nullopt;
  default:
    importer.error(Diag::not_in_index, span);
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

std::optional<IndexValue> IndexEmitter::emitCapture(const Expr *expr,
                                                    const FramePtr &frame) {
  OptionalValue base = importer.expr(expr->operands[0], frame);
  if (!base)
    return std::nullopt;
  if (base->kind != Value::Kind::Tensor) {
    importer.error(Diag::expected_tensor, expr->operands[0]->span,
                   describe(*base));
    return std::nullopt;
  }
  RankedTensorType type = base->tensorType();
  SmallVector<Extent> shape = symbolicShape(type);
  if (expr->slices.size() != shape.size()) {
    importer.error(Diag::capture_rank, expr->span, typeText(type), shape.size(),
                   expr->slices.size());
    return std::nullopt;
  }
  if (type.getElementType().isInteger(8))
    return fromValue(*base, expr->operands[0]->span); // says why not
  SmallVector<mlir::Value> indices;
  for (auto [axis, slice] : llvm::enumerate(expr->slices)) {
    if (!slice.index) {
      importer.error(Diag::slice_in_index, slice.span);
      return std::nullopt;
    }
    Result index = requireInteger(emit(slice.index, frame), slice.index);
    if (!index)
      return std::nullopt;
    loc = importer.location(expr->span);
    if (!checkIndex(expr, axis, index->range, shape))
      return std::nullopt;
    mlir::Value value = index->value;
    if (value.getType().isInteger(64))
      value =
          arith::TruncIOp::create(builder, loc, builder.getI32Type(), value);
    indices.push_back(value);
  }
  Type element = type.getElementType();
  mlir::Value captured =
      CaptureOp::create(builder, loc, element, base->ir, indices);
  if (element.isInteger(1))
    return IndexValue{Kind::Bool, captured, {}};
  if (isa<FloatType>(element))
    return IndexValue{Kind::Real, captured, {}};
  return IndexValue{Kind::Integer, captured, {}};
}
