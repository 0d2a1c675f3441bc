//===- ImportTypes.cpp - Types, extents and conditions --------------------===//

#include "frontend/Hints.h"
#include "frontend/Importer.h"
#include "frontend/MaskHelp.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;

std::string attune::frontend::elementText(Type element) {
  if (element.isInteger(1))
    return "bool";
  if (element.isUnsignedInteger(8))
    return "u8";
  std::string text;
  llvm::raw_string_ostream(text) << element;
  return text;
}

std::string attune::frontend::typeText(RankedTensorType type) {
  return elementText(type.getElementType()) + shapeText(symbolicShape(type));
}

std::string attune::frontend::describe(const Value &value) {
  switch (value.kind) {
  case Value::Kind::Tensor:
    return "a tensor " + typeText(value.tensorType());
  case Value::Kind::Scores:
    return "scores";
  case Value::Kind::Number:
    return "the integer " + value.number.str();
  case Value::Kind::Real:
    return "a number";
  case Value::Kind::Bool:
    return value.boolean ? "`true`" : "`false`";
  case Value::Kind::String:
    return "a string";
  case Value::Kind::Step:
    return "the step of a loop";
  case Value::Kind::Mask:
    return "a mask";
  case Value::Kind::ScoreFunction:
    return "a score function";
  case Value::Kind::Tuple:
    return std::to_string(value.parts.size()) + " results";
  }
  return "a value";
}

Location Importer::location(Span span) {
  LineColumn place = sources.lineColumn(span.file, span.begin);
  return FileLineColLoc::get(&context, sources.name(span.file), place.line,
                             place.column);
}

OptionalValue Importer::notSupported(Span span, StringRef what) {
  error(Diag::not_supported, span, what.str());
  return std::nullopt;
}

/// The element type of a tensor; null for other type names.
Type Importer::elementType(const ast::Name &name) {
  return llvm::StringSwitch<Type>(name.text)
      .Case("f64", builder.getF64Type())
      .Case("f32", builder.getF32Type())
      .Case("f16", builder.getF16Type())
      .Case("bf16", builder.getBF16Type())
      .Case("i64", builder.getI64Type())
      .Case("i32", builder.getI32Type())
      .Case("u8", builder.getIntegerType(8, /*isSigned=*/false))
      .Case("bool", builder.getI1Type())
      .Default(Type());
}

void Importer::unknownType(Span span, StringRef text) {
  auto message = error(Diag::unknown_type, span, text.str());
  if (StringRef hint = hintForType(text); !hint.empty())
    message.help(hint.str());
}

bool Importer::useDim(FoundDecl found) {
  std::string name = found.decl->name.text.str();
  for (const auto &[known, span] : usedDims)
    if (known == name)
      return true;
  std::optional<int64_t> bound = boundOfDim(found);
  if (!bound)
    return false;
  usedDims.push_back({name, found.decl->name.span});
  dimBounds[name] = *bound;
  return true;
}

/// A size: an integer polynomial in dims.
std::optional<Extent> Importer::extent(const Expr *expression,
                                       const FramePtr &frame) {
  OptionalValue value = expr(expression, frame);
  return value ? asExtent(*value, expression->span) : std::nullopt;
}

std::optional<Extent> Importer::asExtent(const Value &value, Span span) {
  if (value.kind == Value::Kind::Step) {
    error(Diag::step_in_shape, span, value.text);
    return std::nullopt;
  }
  if (value.kind != Value::Kind::Number) {
    error(Diag::expected_size, span, describe(value));
    return std::nullopt;
  }
  return value.number;
}

/// Rank, known signs and the product of the static sizes.
bool Importer::checkShape(ArrayRef<Extent> shape, Span span) {
  if (shape.size() > 8) {
    error(Diag::rank_too_large, span, shape.size());
    return false;
  }
  constexpr int64_t limit = int64_t(1) << 47;
  int64_t product = 1;
  for (const Extent &size : shape) {
    std::optional<int64_t> constant = size.asConstant();
    if (constant && *constant < 0) {
      auto message =
          error(Diag::negative_size, span, shapeText(shape), *constant);
      if (*constant == -1)
        message.help("sizes are written out: `T * 16`, say");
      return false;
    }
    if (constant && *constant != 0 &&
        (llvm::MulOverflow(product, *constant, product) || product > limit)) {
      error(Diag::shape_too_large, span, shapeText(shape));
      return false;
    }
    if (!constant && !requireNonNegative(size, span, size.str() + " >= 0"))
      return false;
  }
  return true;
}

std::optional<SmallVector<Extent>> Importer::shapeOf(const ast::Type &type,
                                                     const FramePtr &frame) {
  SmallVector<Extent> shape;
  for (const Expr *expression : type.shape) {
    std::optional<Extent> size = extent(expression, frame);
    if (!size)
      return std::nullopt;
    shape.push_back(*size);
  }
  if (!checkShape(shape, type.span))
    return std::nullopt;
  return shape;
}

RankedTensorType Importer::tensorType(ArrayRef<Extent> shape, Type element) {
  return makeTensorType(shape, element, &context);
}

/// value >= 0: proven now, checked at entry, or refused when never true.
bool Importer::requireNonNegative(const Extent &value, Span span,
                                  std::string text) {
  Extent zero = Extent::constant(0);
  if (isProvablyLessEqual(zero, value, dimBounds))
    return true;
  std::optional<Extent> above = value + Extent::constant(1);
  if (above && isProvablyLessEqual(*above, zero, dimBounds)) {
    error(Diag::condition_never_holds, span, text);
    return false;
  }
  for (const auto &[known, knownText] : conditions)
    if (known == value)
      return true;
  conditions.push_back({value, std::move(text)});
  return true;
}

/// Checks an argument against its declared type; a block's own dimension names
/// that stand alone and are not bound yet take the argument's size.
bool Importer::matchType(const ast::Field &field, const Value &value, Span span,
                         const FramePtr &callee) {
  StringRef name = field.type.name.text;
  auto mismatch = [&](StringRef expected) {
    auto message = error(Diag::argument_type, span, field.name.text.str(),
                         expected.str(), describe(value))
                       .note("declared here", field.type.span);
    if (name == "mask")
      helpWithMask(message, value, sources.text(span));
    return false;
  };
  if (name == "mask")
    return value.kind == Value::Kind::Mask || mismatch("a mask");
  if (name == "scores")
    return value.kind == Value::Kind::Scores || mismatch("scores");
  if (name == "int")
    return value.kind == Value::Kind::Number ||
           value.kind == Value::Kind::Step || mismatch("an integer");
  if (name == "float")
    return value.kind == Value::Kind::Real ||
           (value.kind == Value::Kind::Number && value.number.isConstant()) ||
           mismatch("a number");
  if (name == "str")
    return value.kind == Value::Kind::String || mismatch("a string");
  if (name == "bool" && !field.type.hasShape && value.kind == Value::Kind::Bool)
    return true;
  Type element = elementType(field.type.name);
  if (!element) {
    unknownType(field.type.name.span, name);
    return false;
  }
  if (value.kind != Value::Kind::Tensor)
    return mismatch("a tensor");
  RankedTensorType type = value.tensorType();
  SmallVector<Extent> given = symbolicShape(type);
  bool fits = type.getElementType() == element &&
              given.size() == field.type.shape.size();
  for (size_t axis = 0; fits && axis < given.size(); ++axis) {
    const Expr *expression = field.type.shape[axis];
    if (expression->kind == Expr::Kind::Name &&
        callee->blockDims.contains(expression->text) &&
        !callee->dims.count(expression->text)) {
      callee->dims[expression->text] = given[axis];
      continue;
    }
    std::optional<Extent> expected = extent(expression, callee);
    if (!expected)
      return false;
    fits = *expected == given[axis];
  }
  if (fits)
    return true;
  // Name the shape that was asked for as far as it is known.
  std::string expected = elementText(element) + "[";
  for (const Expr *expression : field.type.shape) {
    if (expected.back() != '[')
      expected += ", ";
    expected += sources.text(expression->span).str();
    if (expression->kind == Expr::Kind::Name)
      if (auto bound = callee->dims.find(expression->text);
          bound != callee->dims.end() &&
          bound->second.str() != expression->text)
        expected += " = " + bound->second.str();
  }
  return mismatch(expected + "]");
}
