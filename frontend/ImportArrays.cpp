//===- ImportArrays.cpp - Functions that make arrays ----------------------===//

#include "frontend/Importer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;

/// The sizes in the list `[..]` of argument `shape`.
std::optional<SmallVector<Extent>>
Importer::shapeArgument(const CallArguments &arguments) {
  const Expr *list = arguments.given.lookup("shape");
  if (list->kind != Expr::Kind::List) {
    error(Diag::expected_list, list->span, arguments.call->callee.text.str());
    return std::nullopt;
  }
  SmallVector<Extent> shape;
  for (const Expr *operand : list->operands) {
    std::optional<Extent> size = extent(operand, arguments.frame);
    if (!size)
      return std::nullopt;
    shape.push_back(*size);
  }
  if (!checkShape(shape, list->span))
    return std::nullopt;
  return shape;
}

OptionalValue Importer::filled(const CallArguments &arguments, double value) {
  auto shape = shapeArgument(arguments);
  if (!shape)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  mlir::Value number =
      asTensor(Value::ofReal(value), builder.getF32Type(), span);
  if (shape->empty())
    return Value::tensor(number);
  auto op =
      BroadcastOp::create(builder, location(span),
                          TypeRange{tensorType(*shape, builder.getF32Type())},
                          number, mlir::Value());
  return Value::tensor(op.getResult());
}

OptionalValue Importer::arange(const CallArguments &arguments) {
  std::optional<Extent> size = sizeArgument(arguments, "n");
  Span span = arguments.call->callee.span;
  if (!size || !checkShape(*size, span))
    return std::nullopt;
  auto op = ArangeOp::create(builder, location(span),
                             TypeRange{tensorType(*size, builder.getI64Type())},
                             mlir::Value());
  return Value::tensor(op.getResult());
}

OptionalValue Importer::repetition(const CallArguments &arguments,
                                   bool isTile) {
  mlir::Value x = tensorArgument(arguments, "x", /*f32Only=*/false);
  std::optional<Extent> times = x ? sizeArgument(arguments, "n") : std::nullopt;
  if (!times)
    return std::nullopt;
  auto type = cast<RankedTensorType>(x.getType());
  std::optional<int64_t> axis =
      axisArgument(arguments, type.getRank(), std::nullopt);
  if (!axis)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  Span timesSpan = arguments.given.lookup("n")->span;
  SmallVector<Extent> shape = symbolicShape(type);
  std::optional<Extent> size = shape[*axis] * *times;
  if (!size) {
    error(Diag::constant_overflow, timesSpan);
    return std::nullopt;
  }
  // Between reshapes the repetition is an axis of its own.
  SmallVector<Extent> stretched(shape);
  stretched.insert(stretched.begin() + *axis, *times);
  shape[*axis] = *size;
  if (!checkShape(stretched, timesSpan) || !checkShape(shape, timesSpan))
    return std::nullopt;
  RankedTensorType result = tensorType(shape, type.getElementType());
  IntegerAttr axisAttr = builder.getI64IntegerAttr(*axis);
  ExtentAttr timesAttr = times->toAttr(&context);
  if (isTile)
    return Value::tensor(TileAxisOp::create(builder, location(span), result, x,
                                            axisAttr, timesAttr));
  return Value::tensor(RepeatElementsOp::create(builder, location(span), result,
                                                x, axisAttr, timesAttr));
}

/// The table of angles: `[length, width]`.
mlir::Value Importer::angles(const CallArguments &arguments,
                             const Extent &length, int64_t width,
                             PairLayout layout) {
  std::optional<double> base = realArgument(arguments, "base", 10000);
  if (!base)
    return {};
  if (!(*base > 0) || std::isinf(*base)) {
    error(Diag::number_range, arguments.given.lookup("base")->span, "base",
          "positive and finite");
    return {};
  }
  std::optional<Extent> offset = Extent::constant(0);
  if (arguments.given.count("offset"))
    offset = sizeArgument(arguments, "offset");
  Span span = arguments.call->callee.span;
  SmallVector<Extent> shape = {length, Extent::constant(width)};
  if (!offset || !checkShape(shape, span))
    return {};
  return SinusoidOp::create(builder, location(span),
                            TypeRange{tensorType(shape, builder.getF32Type())},
                            layout, llvm::APFloat(*base),
                            offset->toAttr(&context), mlir::Value())
      .getResult();
}

OptionalValue Importer::sinusoid(const CallArguments &arguments) {
  std::optional<Extent> length = sizeArgument(arguments, "T");
  std::optional<int64_t> width =
      length ? constantArgument(arguments, "D", std::nullopt) : std::nullopt;
  auto layout =
      wordArgument(arguments, "layout", {"interleaved", "concatenated"});
  if (!width || !layout)
    return std::nullopt;
  if (*width < 0 || *width % 2 != 0) {
    error(Diag::odd_pairs, arguments.given.lookup("D")->span, "sinusoid",
          *width);
    return std::nullopt;
  }
  mlir::Value table = angles(arguments, *length, *width,
                             *layout == "interleaved" ? PairLayout::Interleaved
                                                      : PairLayout::Halves);
  return table ? OptionalValue(Value::tensor(table)) : std::nullopt;
}

OptionalValue Importer::rope(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x");
  std::optional<int64_t> turned =
      x ? constantArgument(arguments, "dims", std::nullopt) : std::nullopt;
  auto layout = wordArgument(arguments, "layout", {"half", "interleaved"});
  if (!turned || !layout)
    return std::nullopt;
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<Extent> shape = symbolicShape(type);
  if (shape.size() < 2 || !shape.back().isConstant()) {
    error(Diag::bad_layer_input, arguments.call->callee.span, "rope",
          typeText(type));
    return std::nullopt;
  }
  Span dimsSpan = arguments.given.lookup("dims")->span;
  if (*turned < 0 || *turned % 2 != 0) {
    error(Diag::odd_pairs, dimsSpan, "rope", *turned);
    return std::nullopt;
  }
  if (*turned > *shape.back().asConstant()) {
    error(Diag::number_range, dimsSpan, "dims",
          "at most the last size, " + shape.back().str());
    return std::nullopt;
  }
  PairLayout pairs =
      *layout == "half" ? PairLayout::Halves : PairLayout::Interleaved;
  mlir::Value table =
      angles(arguments, shape[shape.size() - 2], *turned, pairs);
  if (!table)
    return std::nullopt;
  auto op = RopeOp::create(builder, location(arguments.call->callee.span),
                           TypeRange{type}, pairs, x, table, mlir::Value());
  return Value::tensor(op.getResult());
}

/// min(max(x, low), high): NaN stays NaN.
OptionalValue Importer::clamp(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x", /*f32Only=*/false);
  if (!x)
    return std::nullopt;
  const Expr *source = arguments.given.lookup("x");
  auto type = cast<RankedTensorType>(x.getType());
  if (type.getElementType().isInteger(1)) {
    error(Diag::bad_operand, source->span, "clamp", typeText(type))
        .help("booleans are 0 and 1 already: `cast(x, f32)`");
    return std::nullopt;
  }
  std::pair<StringRef, Binary> limits[] = {{"low", Binary::Max},
                                           {"high", Binary::Min}};
  for (auto [name, function] : limits) {
    const Expr *limit = arguments.given.lookup(name);
    OptionalValue bound = expr(limit, arguments.frame);
    if (!bound)
      return std::nullopt;
    auto both = unify(Value::tensor(x), *bound, builder.getF32Type(),
                      source->span, limit->span, arguments.call->callee.span);
    x = both ? elementwise(function, both->first, both->second, limit->span)
             : mlir::Value();
    if (!x)
      return std::nullopt;
  }
  return Value::tensor(x);
}

/// Beside a mask, `{ expr }` is one.
static void asBeside(const frontend::Value &other, frontend::Value &value) {
  using Kind = frontend::Value::Kind;
  if (other.kind != Kind::Mask || value.kind != Kind::ScoreFunction)
    return;
  value.kind = Kind::Mask;
  value.mask = asMask(*value.score);
}

/// Whether a flag may pick one of the two.
static bool isOneType(const frontend::Value &a, const frontend::Value &b) {
  using Kind = frontend::Value::Kind;
  if (a.kind == Kind::Tensor && b.kind == Kind::Tensor)
    return a.tensorType() == b.tensorType();
  auto isNumber = [](const frontend::Value &value) {
    return value.kind == Kind::Real || value.kind == Kind::Number;
  };
  return a.kind == b.kind || (isNumber(a) && isNumber(b));
}

OptionalValue Importer::where(const CallArguments &arguments) {
  OptionalValue given = expr(arguments.given.lookup("c"), arguments.frame);
  if (!given)
    return std::nullopt;
  bool isFlag = given->kind == Value::Kind::Bool;
  mlir::Value condition;
  if (!isFlag) {
    condition = tensorArgument(arguments, "c", given, /*f32Only=*/false);
    if (!condition)
      return std::nullopt;
    auto type = cast<RankedTensorType>(condition.getType());
    if (!type.getElementType().isInteger(1)) {
      error(Diag::expected_condition_tensor, arguments.given.lookup("c")->span,
            typeText(type))
          .help("compare: `x != 0`");
      return std::nullopt;
    }
  }
  const Expr *lhs = arguments.given.lookup("a");
  const Expr *rhs = arguments.given.lookup("b");
  OptionalValue a = expr(lhs, arguments.frame);
  OptionalValue b = a ? expr(rhs, arguments.frame) : std::nullopt;
  if (!b)
    return std::nullopt;
  // A flag of a block picks one side as it is: what only the other side reads,
  // a weight for one, is not read.
  if (isFlag) {
    asBeside(*a, *b);
    asBeside(*b, *a);
    if (isOneType(*a, *b))
      return given->boolean ? a : b;
    error(Diag::shape_mismatch, arguments.call->callee.span, describe(*a),
          describe(*b))
        .note("a flag picks one of two values of one type");
    return std::nullopt;
  }
  // Two numbers: f32 unless both are integers.
  Type element = builder.getF32Type();
  if (a->kind != Value::Kind::Real && b->kind != Value::Kind::Real)
    element = builder.getI64Type();
  std::optional<std::pair<mlir::Value, mlir::Value>> both =
      unify(*a, *b, element, lhs->span, rhs->span, arguments.call->callee.span);
  if (!both)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  auto aType = cast<RankedTensorType>(both->first.getType());
  auto bType = cast<RankedTensorType>(both->second.getType());
  OptionalShape shape =
      broadcastShapes(symbolicShape(aType), symbolicShape(bType));
  if (!shape) {
    error(Diag::shape_mismatch, span, typeText(aType), typeText(bType))
        .note("only a literal size 1 stretches");
    return std::nullopt;
  }
  RankedTensorType chosen = tensorType(*shape, aType.getElementType());
  auto type = cast<RankedTensorType>(condition.getType());
  shape = broadcastShapes(symbolicShape(type), *shape);
  if (!shape) {
    error(Diag::shape_mismatch, span, typeText(type), typeText(chosen))
        .note("only a literal size 1 stretches");
    return std::nullopt;
  }
  if (!checkShape(*shape, span))
    return std::nullopt;
  auto op =
      WhereOp::create(builder, location(span),
                      TypeRange{tensorType(*shape, aType.getElementType())},
                      condition, both->first, both->second, mlir::Value());
  return Value::tensor(op.getResult());
}
