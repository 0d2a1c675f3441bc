//===- ImportExpressions.cpp - Operators and names ------------------------===//

#include "frontend/IndexEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;
using ast::Operator;

OptionalValue Importer::expr(const Expr *expr, const FramePtr &frame) {
  switch (expr->kind) {
  case Expr::Kind::Integer:
    return Value::ofNumber(Extent::constant(expr->integer));
  case Expr::Kind::Float:
    return Value::ofReal(expr->real);
  case Expr::Kind::Bool: {
    Value value;
    value.kind = Value::Kind::Bool;
    value.boolean = expr->boolean;
    return value;
  }
  case Expr::Kind::String: {
    Value value;
    value.kind = Value::Kind::String;
    value.text = expr->text.str();
    return value;
  }
  case Expr::Kind::Name:
    return nameExpr(expr, frame);
  case Expr::Kind::Unary:
    return unaryExpr(expr, frame);
  case Expr::Kind::Binary:
    return binaryExpr(expr, frame);
  case Expr::Kind::InRange:
    error(Diag::index_only, expr->opSpan, "in");
    return std::nullopt;
  case Expr::Kind::Index:
    return indexExpr(expr, frame);
  case Expr::Kind::Call:
    return callExpr(expr, frame);
  case Expr::Kind::List:
    error(Diag::list_misplaced, expr->span);
    return std::nullopt;
  case Expr::Kind::Braced: {
    // A mask or a score, by what its consumer asks for: masks and score
    // functions share one form, an expression and the names it reads.
    Value value;
    value.kind = Value::Kind::ScoreFunction;
    value.score = std::make_shared<ScoreFunction>();
    value.score->span = expr->span;
    value.score->body = expr->operands[0];
    value.score->frame = frame;
    return value;
  }
  }
  return std::nullopt;
}

OptionalValue Importer::nameExpr(const Expr *expr, const FramePtr &frame) {
  StringRef name = expr->text;
  if (Binding *binding = frame->find(name)) {
    binding->used = true;
    if (binding->value.kind == Value::Kind::Tuple)
      return std::nullopt; // an error that was already reported
    return binding->value;
  }
  auto own = frame->dims.find(name);
  if (own != frame->dims.end())
    return Value::ofNumber(own->second);
  if (frame->blockDims.contains(name)) {
    error(Diag::unbound_block_dim, expr->span, name.str())
        .help("let an argument have `" + name.str() +
              "` alone as one of its sizes");
    return std::nullopt;
  }
  FoundDecl found =
      lookUp(frame->file, name, /*asFunction=*/false, expr->span, true);
  if (found.decl) {
    switch (found.decl->kind) {
    case ast::Decl::Kind::Dim:
      if (!useDim(found))
        return std::nullopt;
      return Value::ofNumber(Extent::dim(name));
    case ast::Decl::Kind::Const:
      return valueOfConst(found, expr->span);
    default: {
      auto names = std::make_shared<Frame>();
      names->file = found.file;
      Value value;
      if (found.decl->kind == ast::Decl::Kind::Mask) {
        value.kind = Value::Kind::Mask;
        value.mask = std::make_shared<MaskValue>();
        value.mask->kind = MaskValue::Kind::Body;
        value.mask->span = expr->span;
        value.mask->body = found.decl->value;
        value.mask->frame = names;
      } else {
        value.kind = Value::Kind::ScoreFunction;
        value.score = std::make_shared<ScoreFunction>();
        value.score->span = expr->span;
        value.score->body = found.decl->value;
        value.score->frame = names;
      }
      return value;
    }
    }
  }
  auto builtinMask = [&](MaskValue::Kind kind) {
    Value value;
    value.kind = Value::Kind::Mask;
    value.mask = std::make_shared<MaskValue>();
    value.mask->kind = kind;
    value.mask->span = expr->span;
    return value;
  };
  if (name == "full")
    return builtinMask(MaskValue::Kind::Full);
  if (name == "none")
    return builtinMask(MaskValue::Kind::None);
  if (name == "causal")
    return builtinMask(MaskValue::Kind::Causal);
  std::vector<StringRef> candidates = visibleNames(frame, false);
  candidates.insert(candidates.end(), {"full", "none", "causal"});
  auto message = error(Diag::unknown_name, expr->span, name.str());
  std::string near = suggestion(name, candidates);
  if (!near.empty())
    message.help("did you mean `" + near + "`?");
  else if (name == "b" || name == "h" || name == "q" || name == "k")
    message.note("`" + name.str() +
                 "` is an index only inside masks, scores and `{ }`");
  return std::nullopt;
}

OptionalValue Importer::unaryExpr(const Expr *expr, const FramePtr &frame) {
  OptionalValue operand = this->expr(expr->operands[0], frame);
  if (!operand)
    return std::nullopt;
  bool negate = expr->op == Operator::Negate;
  switch (operand->kind) {
  case Value::Kind::Number:
    if (negate) {
      std::optional<Extent> negated = Extent::constant(0) - operand->number;
      if (negated)
        return Value::ofNumber(*negated);
      error(Diag::constant_overflow, expr->span);
      return std::nullopt;
    }
    break;
  case Value::Kind::Real:
    if (negate)
      return Value::ofReal(-operand->real);
    break;
  case Value::Kind::Bool:
    if (!negate) {
      operand->boolean = !operand->boolean;
      return operand;
    }
    break;
  case Value::Kind::Mask:
    if (!negate) {
      Value value;
      value.kind = Value::Kind::Mask;
      value.mask = std::make_shared<MaskValue>();
      value.mask->kind = MaskValue::Kind::Not;
      value.mask->span = expr->span;
      value.mask->lhs = operand->mask;
      return value;
    }
    break;
  case Value::Kind::Scores:
    if (negate) {
      auto op =
          CombineOp::create(builder, location(expr->span),
                            operand->ir.getType(), ValueRange{operand->ir},
                            ValueRange{}, builder.getDenseF64ArrayAttr({-1.0}),
                            builder.getDenseI64ArrayAttr({-1}));
      return Value::scores(op.getScores());
    }
    break;
  case Value::Kind::Tensor: {
    bool isBool = operand->tensorType().getElementType().isInteger(1);
    bool isUnsigned =
        operand->tensorType().getElementType().isUnsignedInteger();
    if (isBool == negate || isUnsigned)
      break;
    auto op = ActivationOp::create(
        builder, location(expr->span), operand->ir.getType(),
        negate ? Activation::Neg : Activation::Not, operand->ir, mlir::Value());
    return Value::tensor(op.getResult());
  }
  default:
    break;
  }
  error(Diag::bad_operand, expr->opSpan, ast::spelling(expr->op).str(),
        describe(*operand));
  return std::nullopt;
}

OptionalValue Importer::binaryExpr(const Expr *expr, const FramePtr &frame) {
  OptionalValue a = this->expr(expr->operands[0], frame);
  OptionalValue b = this->expr(expr->operands[1], frame);
  if (!a || !b)
    return std::nullopt;
  auto isNumber = [](const Value &value) {
    return value.kind == Value::Kind::Number || value.kind == Value::Kind::Real;
  };
  if (expr->op == Operator::Then)
    return applyScore(*a, *b, expr->opSpan);
  if (a->kind == Value::Kind::Scores || b->kind == Value::Kind::Scores)
    return scoresBinary(expr, *a, *b);
  // `{ }` beside a mask is a mask.
  if (a->kind == Value::Kind::Mask || b->kind == Value::Kind::Mask)
    return maskBinary(expr, *a, *b);
  if (isNumber(*a) && isNumber(*b))
    return numberBinary(expr, *a, *b);
  if (a->kind == Value::Kind::ScoreFunction &&
      b->kind == Value::Kind::ScoreFunction)
    return maskBinary(expr, *a, *b);
  bool aTensor = a->kind == Value::Kind::Tensor;
  bool bTensor = b->kind == Value::Kind::Tensor;
  if ((aTensor || isNumber(*a)) && (bTensor || isNumber(*b)))
    return tensorBinary(expr, *a, *b);
  const Value &bad = (aTensor || isNumber(*a)) ? *b : *a;
  error(Diag::bad_operand, expr->opSpan, ast::spelling(expr->op).str(),
        describe(bad));
  return std::nullopt;
}

OptionalValue Importer::numberBinary(const Expr *expr, const Value &a,
                                     const Value &b) {
  auto boolean = [](bool result) {
    Value value;
    value.kind = Value::Kind::Bool;
    value.boolean = result;
    return value;
  };
  if (a.kind == Value::Kind::Real || b.kind == Value::Kind::Real) {
    auto real = [&](const Value &value) -> std::optional<double> {
      if (value.kind == Value::Kind::Real)
        return value.real;
      if (std::optional<int64_t> constant = value.number.asConstant())
        return double(*constant);
      error(Diag::not_constant, expr->span, "a run-time size in a number");
      return std::nullopt;
    };
    std::optional<double> x = real(a), y = real(b);
    if (!x || !y)
      return std::nullopt;
    double result;
    switch (expr->op) {
    case Operator::Add:
      result = *x + *y;
      break;
    case Operator::Subtract:
      result = *x - *y;
      break;
    case Operator::Multiply:
      result = *x * *y;
      break;
    case Operator::Divide:
      if (*y == 0) {
        error(Diag::division_by_zero, expr->opSpan);
        return std::nullopt;
      }
      result = *x / *y;
      break;
    case Operator::Equal:
      return boolean(*x == *y);
    case Operator::NotEqual:
      return boolean(*x != *y);
    case Operator::Less:
      return boolean(*x < *y);
    case Operator::LessEqual:
      return boolean(*x <= *y);
    case Operator::Greater:
      return boolean(*x > *y);
    case Operator::GreaterEqual:
      return boolean(*x >= *y);
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
      error(Diag::inexact_division, expr->span, a.number.str(), b.number.str());
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
    if (!x || !y) {
      error(Diag::not_constant, expr->span, "a comparison of run-time sizes");
      return std::nullopt;
    }
    switch (expr->op) {
    case Operator::Equal:
      return boolean(*x == *y);
    case Operator::NotEqual:
      return boolean(*x != *y);
    case Operator::Less:
      return boolean(*x < *y);
    case Operator::LessEqual:
      return boolean(*x <= *y);
    case Operator::Greater:
      return boolean(*x > *y);
    default:
      return boolean(*x >= *y);
    }
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

/// A number as a rank-0 tensor of `element`.
mlir::Value Importer::asTensor(const Value &value, Type element, Span span) {
  if (value.kind == Value::Kind::Tensor)
    return value.ir;
  Location loc = location(span);
  auto type = RankedTensorType::get({}, element);
  std::optional<double> real;
  if (value.kind == Value::Kind::Real)
    real = value.real;
  std::optional<int64_t> integer;
  if (value.kind == Value::Kind::Number) {
    integer = value.number.asConstant();
    if (!integer) {
      notSupported(span, "a run-time size as a tensor");
      return {};
    }
  }
  if (isa<FloatType>(element)) {
    if (integer)
      real = double(*integer);
    if (real)
      return arith::ConstantOp::create(
          builder, loc, DenseElementsAttr::get(type, float(*real)));
  } else if (integer && isa<IntegerType>(element) && !element.isInteger(1)) {
    unsigned width = element.getIntOrFloatBitWidth();
    bool fits = element.isUnsignedInteger()
                    ? *integer >= 0 && *integer <= 255
                    : width == 64 || llvm::isIntN(width, *integer);
    if (!fits) {
      error(Diag::constant_overflow, span);
      return {};
    }
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(type, APInt(width, *integer, /*isSigned=*/true,
                                           /*implicitTrunc=*/true)));
  }
  error(Diag::bad_operand, span, "an operator on " + elementText(element),
        describe(value));
  return {};
}

/// numpy broadcasting: only a literal 1 stretches.
static std::optional<SmallVector<Extent>> broadcast(ArrayRef<Extent> a,
                                                    ArrayRef<Extent> b) {
  Extent one = Extent::constant(1);
  SmallVector<Extent> shape(std::max(a.size(), b.size()));
  for (size_t i = 0; i < shape.size(); ++i) {
    const Extent &x = i < a.size() ? a[a.size() - 1 - i] : one;
    const Extent &y = i < b.size() ? b[b.size() - 1 - i] : one;
    if (!(x == y) && !(x == one) && !(y == one))
      return std::nullopt;
    shape[shape.size() - 1 - i] = x == one ? y : x;
  }
  return shape;
}

mlir::Value Importer::elementwise(Binary function, mlir::Value a, mlir::Value b,
                                  Span span) {
  auto aType = cast<RankedTensorType>(a.getType());
  auto bType = cast<RankedTensorType>(b.getType());
  auto shape = broadcast(symbolicShape(aType), symbolicShape(bType));
  if (!shape) {
    error(Diag::shape_mismatch, span, typeText(aType), typeText(bType))
        .note("only a literal size 1 stretches");
    return {};
  }
  bool compares = function >= Binary::Eq && function <= Binary::Ge;
  Type element = compares ? Type(builder.getI1Type()) : aType.getElementType();
  return ElementwiseOp::create(builder, location(span),
                               TypeRange{tensorType(*shape, element)}, function,
                               a, b, mlir::Value())
      .getResult();
}

OptionalValue Importer::tensorBinary(const Expr *expr, const Value &a,
                                     const Value &b) {
  // Integers with reals give f32.
  auto elementOf = [&](const Value &value, const Value &other) -> Type {
    if (value.kind == Value::Kind::Tensor)
      return value.tensorType().getElementType();
    Type element = other.tensorType().getElementType();
    if (value.kind == Value::Kind::Real && isa<IntegerType>(element))
      return builder.getF32Type();
    return element;
  };
  mlir::Value x = asTensor(a, elementOf(a, b), expr->operands[0]->span);
  mlir::Value y = asTensor(b, elementOf(b, a), expr->operands[1]->span);
  if (!x || !y)
    return std::nullopt;
  auto cast = [&](mlir::Value value, Type element) -> mlir::Value {
    auto type = mlir::cast<RankedTensorType>(value.getType());
    return CastOp::create(builder, location(expr->span),
                          TypeRange{tensorType(symbolicShape(type), element)},
                          value, mlir::Value())
        .getResult();
  };
  auto element = [](mlir::Value value) {
    return mlir::cast<RankedTensorType>(value.getType()).getElementType();
  };
  if (expr->op == Operator::MatMul)
    return matmul(expr, x, y);
  bool logical = expr->op == Operator::And || expr->op == Operator::Or;
  if (element(x) != element(y)) {
    bool xFloat = isa<FloatType>(element(x)),
         yFloat = isa<FloatType>(element(y));
    bool anyBool = element(x).isInteger(1) || element(y).isInteger(1);
    if (anyBool || logical) {
      error(Diag::element_mismatch, expr->opSpan, elementText(element(x)),
            elementText(element(y)))
          .help("convert one side with `cast(x, dtype)`");
      return std::nullopt;
    }
    if (xFloat != yFloat) {
      if (xFloat)
        y = cast(y, element(x));
      else
        x = cast(x, element(y));
    } else if (element(x).getIntOrFloatBitWidth() <
               element(y).getIntOrFloatBitWidth()) {
      x = cast(x, element(y));
    } else {
      y = cast(y, element(x));
    }
  }
  Binary function;
  switch (expr->op) {
  case Operator::Add:
    function = Binary::Add;
    break;
  case Operator::Subtract:
    function = Binary::Sub;
    break;
  case Operator::Multiply:
    function = Binary::Mul;
    break;
  case Operator::Divide:
    function = Binary::Div;
    break;
  case Operator::Remainder:
    function = Binary::Rem;
    break;
  case Operator::Equal:
    function = Binary::Eq;
    break;
  case Operator::NotEqual:
    function = Binary::Ne;
    break;
  case Operator::Less:
    function = Binary::Lt;
    break;
  case Operator::LessEqual:
    function = Binary::Le;
    break;
  case Operator::Greater:
    function = Binary::Gt;
    break;
  case Operator::GreaterEqual:
    function = Binary::Ge;
    break;
  case Operator::And:
    function = Binary::And;
    break;
  default:
    function = Binary::Or;
    break;
  }
  bool isBool = element(x).isInteger(1);
  bool equality = function == Binary::Eq || function == Binary::Ne;
  if (isBool != logical && !(isBool && equality)) {
    error(Diag::bad_operand, expr->opSpan, ast::spelling(expr->op).str(),
          "a tensor of " + elementText(element(x)));
    return std::nullopt;
  }
  mlir::Value result = elementwise(function, x, y, expr->opSpan);
  return result ? OptionalValue(Value::tensor(result)) : std::nullopt;
}

OptionalValue Importer::matmul(const Expr *expr, mlir::Value a, mlir::Value b) {
  auto aType = cast<RankedTensorType>(a.getType());
  auto bType = cast<RankedTensorType>(b.getType());
  SmallVector<Extent> x = symbolicShape(aType), y = symbolicShape(bType);
  auto mismatch = [&](StringRef why) -> OptionalValue {
    error(Diag::matmul_mismatch, expr->opSpan, typeText(aType), typeText(bType),
          why.str());
    return std::nullopt;
  };
  if (!aType.getElementType().isF32() || !bType.getElementType().isF32())
    return mismatch("both sides are f32");
  if (x.size() < 2 || y.size() < 2)
    return mismatch("both sides have rank 2 or more");
  if (!(x.back() == y[y.size() - 2]))
    return mismatch("the columns on the left are not the rows on the right");
  Extent columns = y.back();
  auto shape = broadcast(ArrayRef(x).drop_back(2), ArrayRef(y).drop_back(2));
  if (!shape)
    return mismatch("the leading sizes do not agree");
  shape->push_back(x[x.size() - 2]);
  shape->push_back(columns);
  auto op = MatmulOp::create(
      builder, location(expr->opSpan),
      TypeRange{tensorType(*shape, builder.getF32Type())}, a, b, mlir::Value());
  return Value::tensor(op.getResult());
}

/// s + s, s - s, c * s, s * c, s / c; c: a number, or a tensor of shape [] or
/// [H].
OptionalValue Importer::scoresBinary(const Expr *expr, Value a, Value b) {
  Location loc = location(expr->opSpan);
  bool both = a.kind == Value::Kind::Scores && b.kind == Value::Kind::Scores;
  bool additive = expr->op == Operator::Add || expr->op == Operator::Subtract;
  if (both && additive) {
    auto x = cast<ScoresType>(a.ir.getType());
    auto y = cast<ScoresType>(b.ir.getType());
    // Two run-time sizes are both `?` in the type: compare them by name.
    std::optional<AttendSizes> aSizes = sizesOf(a.ir), bSizes = sizesOf(b.ir);
    bool fits = x == y && aSizes && bSizes && aSizes->batch == bSizes->batch &&
                aSizes->heads == bSizes->heads &&
                aSizes->queries == bSizes->queries &&
                aSizes->keys == bSizes->keys;
    if (!fits) {
      error(Diag::scores_mismatch, expr->opSpan);
      return std::nullopt;
    }
    double sign = expr->op == Operator::Add ? 1 : -1;
    return Value::scores(
        CombineOp::create(builder, loc, x, ValueRange{a.ir, b.ir}, ValueRange{},
                          builder.getDenseF64ArrayAttr({1.0, sign}),
                          builder.getDenseI64ArrayAttr({-1, -1}))
            .getScores());
  }
  bool scales = expr->op == Operator::Multiply ||
                (expr->op == Operator::Divide && a.kind == Value::Kind::Scores);
  if (both || !scales) {
    error(Diag::bad_operand, expr->opSpan, ast::spelling(expr->op).str(),
          describe(both                            ? a
                   : a.kind == Value::Kind::Scores ? b
                                                   : a))
        .help("scores take `s + s`, `s - s`, `c * s`, `s / c` and `s >> f`");
    return std::nullopt;
  }
  const Value &scores = a.kind == Value::Kind::Scores ? a : b;
  const Value &factor = a.kind == Value::Kind::Scores ? b : a;
  std::optional<double> constant;
  if (factor.kind == Value::Kind::Real)
    constant = factor.real;
  else if (factor.kind == Value::Kind::Number)
    if (std::optional<int64_t> integer = factor.number.asConstant())
      constant = double(*integer);
  if (constant && expr->op == Operator::Divide) {
    if (*constant == 0) {
      error(Diag::division_by_zero, expr->opSpan);
      return std::nullopt;
    }
    constant = 1 / *constant;
  }
  SmallVector<mlir::Value> weights;
  if (!constant) {
    auto type = cast<ScoresType>(scores.ir.getType());
    RankedTensorType tensor;
    if (factor.kind == Value::Kind::Tensor)
      tensor = factor.tensorType();
    bool fits =
        tensor && tensor.getElementType().isF32() &&
        (tensor.getRank() == 0 ||
         (tensor.getRank() == 1 && tensor.getDimSize(0) == type.getShape()[1] &&
          !tensor.isDynamicDim(0)));
    if (!fits) {
      error(Diag::score_weight, expr->opSpan, describe(factor));
      return std::nullopt;
    }
    mlir::Value weight = factor.ir;
    if (expr->op == Operator::Divide) {
      mlir::Value one =
          asTensor(Value::ofReal(1), builder.getF32Type(), expr->opSpan);
      weight = elementwise(Binary::Div, one, weight, expr->opSpan);
    }
    weights.push_back(weight);
  }
  auto op = CombineOp::create(
      builder, loc, scores.ir.getType(), ValueRange{scores.ir}, weights,
      builder.getDenseF64ArrayAttr({constant.value_or(1.0)}),
      builder.getDenseI64ArrayAttr({constant ? -1 : 0}));
  return Value::scores(op.getScores());
}

OptionalValue Importer::maskBinary(const Expr *expr, const Value &a,
                                   const Value &b) {
  auto asMask = [&](const Value &value) -> std::shared_ptr<MaskValue> {
    if (value.kind == Value::Kind::Mask)
      return value.mask;
    if (value.kind != Value::Kind::ScoreFunction)
      return nullptr;
    auto mask = std::make_shared<MaskValue>();
    mask->kind = MaskValue::Kind::Body;
    mask->span = value.score->span;
    mask->body = value.score->body;
    mask->frame = value.score->frame;
    return mask;
  };
  std::shared_ptr<MaskValue> x = asMask(a), y = asMask(b);
  if (!x || !y || (expr->op != Operator::And && expr->op != Operator::Or)) {
    error(Diag::bad_operand, expr->opSpan, ast::spelling(expr->op).str(),
          describe(!y ? b : a))
        .help("masks combine with `&`, `|` and `!`");
    return std::nullopt;
  }
  Value value;
  value.kind = Value::Kind::Mask;
  value.mask = std::make_shared<MaskValue>();
  value.mask->kind =
      expr->op == Operator::And ? MaskValue::Kind::And : MaskValue::Kind::Or;
  value.mask->span = expr->span;
  value.mask->lhs = x;
  value.mask->rhs = y;
  return value;
}

/// x[a:b], x[i]: slices of sizes over dims and constants.
OptionalValue Importer::indexExpr(const Expr *expr, const FramePtr &frame) {
  OptionalValue base = this->expr(expr->operands[0], frame);
  if (!base)
    return std::nullopt;
  if (base->kind != Value::Kind::Tensor) {
    error(Diag::expected_tensor, expr->operands[0]->span, describe(*base));
    return std::nullopt;
  }
  mlir::Value value = base->ir;
  RankedTensorType type = base->tensorType();
  if (int64_t(expr->slices.size()) > type.getRank()) {
    error(Diag::too_many_indices, expr->span, expr->slices.size(),
          typeText(type));
    return std::nullopt;
  }
  SmallVector<Extent> shape = symbolicShape(type), kept;
  for (auto [axis, slice] : llvm::enumerate(expr->slices)) {
    Extent begin = Extent::constant(0), end = shape[axis];
    const Expr *first = slice.index ? slice.index : slice.begin;
    if (first) {
      auto size = extent(first, frame);
      if (!size)
        return std::nullopt;
      begin = *size;
    }
    if (slice.index) {
      auto next = begin + Extent::constant(1);
      if (!next)
        return std::nullopt;
      end = *next;
    } else if (slice.end) {
      auto size = extent(slice.end, frame);
      if (!size)
        return std::nullopt;
      end = *size;
    }
    std::optional<Extent> length = end - begin, rest = shape[axis] - end;
    if (!length || !rest) {
      error(Diag::constant_overflow, slice.span);
      return std::nullopt;
    }
    Extent zero = Extent::constant(0);
    auto constantBegin = begin.asConstant();
    if (constantBegin && *constantBegin < 0) {
      error(Diag::negative_index, slice.span, begin.str());
      return std::nullopt;
    }
    // A slice of a weight of baked length must be proven in range now: the
    // bound of the dim is where the author says so.
    if (!isProvablyLessEqual(end, shape[axis], dimBounds)) {
      bool baked = shape[axis].isConstant();
      if (baked) {
        auto message = error(Diag::slice_out_of_range, slice.span, begin.str(),
                             end.str(), shape[axis].str(), typeText(type));
        if (auto dim = end.asDim())
          message.help("declare `dim " + *dim + " <= " + shape[axis].str() +
                       "`");
        return std::nullopt;
      }
    }
    if (!requireNonNegative(begin, slice.span, begin.str() + " >= 0") ||
        !requireNonNegative(*length, slice.span,
                            begin.str() + " <= " + end.str()) ||
        !requireNonNegative(*rest, slice.span,
                            end.str() + " <= " + shape[axis].str()))
      return std::nullopt;
    if (!(begin == zero) || !(end == shape[axis])) {
      shape[axis] = *length;
      value = SliceOp::create(builder, location(slice.span),
                              tensorType(shape, type.getElementType()), value,
                              builder.getI64IntegerAttr(axis),
                              begin.toAttr(&context));
    }
    if (!slice.index)
      kept.push_back(shape[axis]);
  }
  for (size_t axis = expr->slices.size(); axis < shape.size(); ++axis)
    kept.push_back(shape[axis]);
  if (kept.size() != shape.size())
    value = ReshapeOp::create(builder, location(expr->span),
                              tensorType(kept, type.getElementType()), value);
  return Value::tensor(value);
}
