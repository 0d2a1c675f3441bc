//===- ImportTensors.cpp - Operators on tensors, matmul -------------------===//

#include "frontend/Importer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;
using ast::Operator;

mlir::Value attune::frontend::emitExtent(OpBuilder &builder, Location loc,
                                         const Extent &extent, Type integer) {
  auto constant = [&](int64_t value) -> mlir::Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getIntegerAttr(integer, value));
  };
  mlir::Value sum;
  for (const auto &[factors, coefficient] : extent.getTerms()) {
    mlir::Value product;
    if (coefficient != 1 || factors.empty())
      product = constant(coefficient);
    for (const std::string &factor : factors) {
      mlir::Value dim = arith::IndexCastOp::create(
          builder, loc, integer, DimOp::create(builder, loc, factor));
      product =
          product
              ? arith::MulIOp::create(builder, loc, product, dim).getResult()
              : dim;
    }
    sum = sum ? arith::AddIOp::create(builder, loc, sum, product).getResult()
              : product;
  }
  return sum ? sum : constant(0);
}

mlir::Value Importer::scalarTensor(mlir::Value number, Type element,
                                   Location loc) {
  auto wide = RankedTensorType::get({}, builder.getI64Type());
  mlir::Value tensor =
      tensor::FromElementsOp::create(builder, loc, wide, number);
  if (element == wide.getElementType())
    return tensor;
  return CastOp::create(builder, loc,
                        TypeRange{RankedTensorType::get({}, element)}, tensor,
                        mlir::Value())
      .getResult();
}

/// A number that the run knows as a rank-0 tensor of `element`, which must hold
/// it: a polynomial in dims, or the step of a loop.
mlir::Value Importer::sizeTensor(const Value &value, Type element, Span span) {
  bool isStep = value.kind == Value::Kind::Step;
  Extent least = value.number, most = value.number;
  if (isStep) {
    auto loop =
        cast<ForOp>(cast<BlockArgument>(value.ir).getOwner()->getParentOp());
    least = Extent::constant(loop.getLower());
    most = Extent::constant(int64_t(loop.getUpper()) - 1);
  }
  if (element.isInteger(1)) {
    error(Diag::bad_operand, span, "an operator on bool", describe(value));
    return {};
  }
  if (isa<IntegerType>(element) && !element.isInteger(64)) {
    auto limit = [&](int64_t byte, int64_t word) {
      return Extent::constant(element.isInteger(8) ? byte : word);
    };
    if (!isProvablyLessEqual(limit(0, INT32_MIN), least, dimBounds) ||
        !isProvablyLessEqual(most, limit(255, INT32_MAX), dimBounds)) {
      error(Diag::size_overflow, span, isStep ? value.text : value.number.str(),
            elementText(element))
          .help("give it a smaller bound, or widen the tensor: "
                "`cast(x, i64)`");
      return {};
    }
  }
  Location loc = location(span);
  Type wide = builder.getI64Type();
  return scalarTensor(
      isStep
          ? arith::IndexCastOp::create(builder, loc, wide, value.ir).getResult()
          : emitExtent(builder, loc, value.number, wide),
      element, loc);
}

/// A number as a rank-0 tensor of `element`.
mlir::Value Importer::asTensor(const Value &value, Type element, Span span) {
  if (value.kind == Value::Kind::Tensor)
    return value.ir;
  if (value.isOfRun())
    return sizeTensor(value, element, span);
  Location loc = location(span);
  auto type = RankedTensorType::get({}, element);
  std::optional<double> real;
  if (value.kind == Value::Kind::Real)
    real = value.real;
  std::optional<int64_t> integer;
  if (value.kind == Value::Kind::Number)
    integer = value.number.asConstant();
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

mlir::Value Importer::elementwise(Binary function, mlir::Value a, mlir::Value b,
                                  Span span) {
  auto aType = cast<RankedTensorType>(a.getType());
  auto bType = cast<RankedTensorType>(b.getType());
  OptionalShape shape =
      broadcastShapes(symbolicShape(aType), symbolicShape(bType));
  if (!shape) {
    error(Diag::shape_mismatch, span, typeText(aType), typeText(bType))
        .note("only a literal size 1 stretches");
    return {};
  }
  if (!checkShape(*shape, span))
    return {};
  bool compares = function >= Binary::Eq && function <= Binary::Ge;
  Type element = compares ? Type(builder.getI1Type()) : aType.getElementType();
  return ElementwiseOp::create(builder, location(span),
                               TypeRange{tensorType(*shape, element)}, function,
                               a, b, mlir::Value())
      .getResult();
}

std::optional<std::pair<mlir::Value, mlir::Value>>
Importer::unify(const Value &a, const Value &b, Type numbers, Span aSpan,
                Span bSpan, Span span) {
  // Integers with reals give f32.
  auto elementFor = [&](const Value &value, const Value &other) -> Type {
    if (value.kind == Value::Kind::Tensor)
      return value.tensorType().getElementType();
    if (other.kind != Value::Kind::Tensor)
      return numbers;
    Type element = other.tensorType().getElementType();
    if (value.kind == Value::Kind::Real && isa<IntegerType>(element))
      return builder.getF32Type();
    return element;
  };
  mlir::Value x = asTensor(a, elementFor(a, b), aSpan);
  mlir::Value y = x ? asTensor(b, elementFor(b, a), bSpan) : mlir::Value();
  if (!y)
    return std::nullopt;
  auto elementOf = [](mlir::Value value) {
    return mlir::cast<RankedTensorType>(value.getType()).getElementType();
  };
  Type xElement = elementOf(x), yElement = elementOf(y);
  if (xElement == yElement)
    return std::pair(x, y);
  if (xElement.isInteger(1) || yElement.isInteger(1)) {
    error(Diag::element_mismatch, span, elementText(xElement),
          elementText(yElement))
        .help("convert one side with `cast(x, dtype)`");
    return std::nullopt;
  }
  bool xFloat = isa<FloatType>(xElement), yFloat = isa<FloatType>(yElement);
  bool toX = xFloat != yFloat ? xFloat
                              : xElement.getIntOrFloatBitWidth() >=
                                    yElement.getIntOrFloatBitWidth();
  auto castTo = [&](mlir::Value value, Type element) -> mlir::Value {
    auto type = mlir::cast<RankedTensorType>(value.getType());
    return CastOp::create(builder, location(span),
                          TypeRange{tensorType(symbolicShape(type), element)},
                          value, mlir::Value())
        .getResult();
  };
  if (toX)
    y = castTo(y, xElement);
  else
    x = castTo(x, yElement);
  return std::pair(x, y);
}

OptionalValue Importer::tensorBinary(const Expr *expr, const Value &a,
                                     const Value &b) {
  bool logical = expr->op == Operator::And || expr->op == Operator::Or;
  auto isTensor = [](const Value &value) {
    return value.kind == Value::Kind::Tensor;
  };
  auto element = [](const Value &value) {
    return value.tensorType().getElementType();
  };
  Span aSpan = expr->operands[0]->span, bSpan = expr->operands[1]->span;
  if (isTensor(a) && isTensor(b)) {
    if (expr->op == Operator::MatMul)
      return matmul(expr, a.ir, b.ir);
    if (logical && element(a) != element(b)) {
      error(Diag::element_mismatch, expr->opSpan, elementText(element(a)),
            elementText(element(b)))
          .help("convert one side with `cast(x, dtype)`");
      return std::nullopt;
    }
  }
  bool hasReal = a.kind == Value::Kind::Real || b.kind == Value::Kind::Real;
  Type numbers =
      hasReal ? Type(builder.getF32Type()) : Type(builder.getI64Type());
  auto both = unify(a, b, numbers, aSpan, bSpan, expr->opSpan);
  if (!both)
    return std::nullopt;
  auto [x, y] = *both;
  if (expr->op == Operator::MatMul)
    return matmul(expr, x, y);
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
  Type made = cast<RankedTensorType>(x.getType()).getElementType();
  bool isBool = made.isInteger(1);
  bool equality = function == Binary::Eq || function == Binary::Ne;
  if (isBool != logical && !(isBool && equality)) {
    error(Diag::bad_operand, expr->opSpan, ast::spelling(expr->op).str(),
          "a tensor of " + elementText(made));
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
  OptionalShape shape =
      broadcastShapes(ArrayRef(x).drop_back(2), ArrayRef(y).drop_back(2));
  if (!shape)
    return mismatch("the leading sizes do not agree");
  shape->push_back(x[x.size() - 2]);
  shape->push_back(columns);
  auto op = MatmulOp::create(
      builder, location(expr->opSpan),
      TypeRange{tensorType(*shape, builder.getF32Type())}, a, b, mlir::Value());
  return Value::tensor(op.getResult());
}
