//===- ImportTensors.cpp - Operators on tensors, matmul -------------------===//

#include "frontend/Importer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;
using ast::Operator;

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
