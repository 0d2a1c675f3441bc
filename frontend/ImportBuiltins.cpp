//===- ImportBuiltins.cpp - Built-in functions and their arguments --------===//

#include "frontend/Importer.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;

std::optional<CallArguments>
Importer::matchArguments(const Expr *call, const FramePtr &frame,
                         ArrayRef<StringRef> parameters, unsigned required) {
  CallArguments result{call, {}, frame};
  std::string function = call->callee.text.str();
  size_t position = 0;
  bool named = false;
  for (const ast::Argument &argument : call->arguments) {
    StringRef name;
    if (argument.name) {
      named = true;
      name = argument.name->text;
      if (!llvm::is_contained(parameters, name)) {
        suggest(error(Diag::unknown_argument, argument.name->span, function,
                      name.str()),
                name, parameters, hintForArgument(function, name));
        return std::nullopt;
      }
    } else if (named) {
      error(Diag::positional_after_named, argument.value->span);
      return std::nullopt;
    } else if (position >= parameters.size()) {
      error(Diag::too_many_arguments, argument.value->span, function,
            parameters.size())
          .note("they are `" + llvm::join(parameters, "`, `") + "`");
      return std::nullopt;
    } else {
      name = parameters[position++];
    }
    if (!result.given.try_emplace(name, argument.value).second) {
      error(Diag::argument_twice, argument.value->span, function, name.str());
      return std::nullopt;
    }
  }
  for (StringRef name : parameters.take_front(required))
    if (!result.given.count(name)) {
      auto message =
          error(Diag::missing_argument, call->span, function, name.str());
      if (name == "axis")
        message.help("axes are always named: `" + function +
                     "(.., axis = -1)`");
      return std::nullopt;
    }
  return result;
}

mlir::Value Importer::tensorArgument(const CallArguments &arguments,
                                     StringRef name, bool f32Only) {
  OptionalValue value = expr(arguments.given.lookup(name), arguments.frame);
  return value ? tensorArgument(arguments, name, value, f32Only)
               : mlir::Value();
}

mlir::Value Importer::tensorArgument(const CallArguments &arguments,
                                     StringRef name, const OptionalValue &value,
                                     bool f32Only) {
  const Expr *expression = arguments.given.lookup(name);
  // Of the run: ids and numbers to convert stay exact.
  if (value->isOfRun())
    return sizeTensor(*value,
                      f32Only ? Type(builder.getF32Type())
                              : Type(builder.getI64Type()),
                      expression->span);
  if (value->kind == Value::Kind::Real || value->kind == Value::Kind::Number)
    if (mlir::Value tensor =
            asTensor(*value, builder.getF32Type(), expression->span))
      return tensor;
  if (value->kind != Value::Kind::Tensor) {
    auto message =
        error(Diag::expected_tensor, expression->span, describe(*value));
    if (value->kind == Value::Kind::Tuple)
      message.help("bind them all first: `let a, b = ...`");
    return {};
  }
  if (f32Only && !value->tensorType().getElementType().isF32()) {
    error(Diag::expected_f32, expression->span,
          arguments.call->callee.text.str(), typeText(value->tensorType()))
        .help("convert with `cast(x, f32)`");
    return {};
  }
  return value->ir;
}

std::optional<Extent> Importer::sizeArgument(const CallArguments &arguments,
                                             StringRef name) {
  return extent(arguments.given.lookup(name), arguments.frame);
}

std::optional<int64_t>
Importer::constantArgument(const CallArguments &arguments, StringRef name,
                           std::optional<int64_t> otherwise) {
  const Expr *expression = arguments.given.lookup(name);
  if (!expression)
    return otherwise;
  std::optional<Extent> size = extent(expression, arguments.frame);
  if (!size)
    return std::nullopt;
  std::optional<int64_t> constant = size->asConstant();
  if (!constant)
    error(Diag::not_constant, expression->span,
          "the run-time size " + size->str());
  return constant;
}

std::optional<double> Importer::realArgument(const CallArguments &arguments,
                                             StringRef name,
                                             std::optional<double> otherwise) {
  const Expr *expression = arguments.given.lookup(name);
  if (!expression)
    return otherwise;
  OptionalValue value = expr(expression, arguments.frame);
  if (!value)
    return std::nullopt;
  if (value->kind == Value::Kind::Real)
    return value->real;
  if (value->kind == Value::Kind::Number)
    if (std::optional<int64_t> constant = value->number.asConstant())
      return double(*constant);
  error(Diag::not_constant, expression->span, describe(*value));
  return std::nullopt;
}

std::optional<bool> Importer::boolArgument(const CallArguments &arguments,
                                           StringRef name, bool otherwise) {
  const Expr *expression = arguments.given.lookup(name);
  if (!expression)
    return otherwise;
  OptionalValue value = expr(expression, arguments.frame);
  if (!value)
    return std::nullopt;
  if (value->kind == Value::Kind::Bool)
    return value->boolean;
  error(Diag::expected_bool, expression->span, name.str());
  return std::nullopt;
}

/// An enumerator: a plain name that stands for itself.
std::optional<std::string>
Importer::wordArgument(const CallArguments &arguments, StringRef name,
                       ArrayRef<StringRef> words) {
  const Expr *expression = arguments.given.lookup(name);
  if (!expression)
    return words.front().str();
  if (expression->kind == Expr::Kind::Name &&
      llvm::is_contained(words, expression->text))
    return expression->text.str();
  std::string list;
  for (StringRef word : words)
    list += (list.empty() ? "`" : ", `") + word.str() + "`";
  error(Diag::expected_word, expression->span, name.str(), list);
  return std::nullopt;
}

std::optional<int64_t>
Importer::axisArgument(const CallArguments &arguments, int64_t rank,
                       std::optional<int64_t> otherwise) {
  std::optional<int64_t> axis = constantArgument(arguments, "axis", otherwise);
  if (!axis)
    return std::nullopt;
  if (*axis < -rank || *axis >= rank) {
    const Expr *expression = arguments.given.lookup("axis");
    error(Diag::bad_axis, expression ? expression->span : arguments.call->span,
          *axis, rank);
    return std::nullopt;
  }
  return *axis < 0 ? *axis + rank : *axis;
}

/// The weight `suffix` below the frame's prefix. Uses of one name agree.
mlir::Value Importer::param(StringRef suffix, ArrayRef<Extent> shape,
                            const FramePtr &frame, Span span) {
  ++weightReads;
  std::string marked =
      frame->prefix.empty() ? suffix.str() : frame->prefix + "." + suffix.str();
  // `{i}` names the steps it depends on, in order; weightText() said which of
  // several loops that call their step so.
  SmallVector<mlir::Value> steps;
  std::string name;
  StringRef rest = marked;
  while (true) {
    size_t open = rest.find('{');
    name += rest.take_front(open);
    if (open == StringRef::npos)
      break;
    rest = rest.drop_front(open + 1);
    auto [step, number] =
        rest.take_until([](char c) { return c == '}'; }).split(stepMark);
    size_t index = frame->steps.size();
    if (number.getAsInteger(10, index))
      while (index-- > 0 && frame->steps[index].first != step)
        ;
    bool isOpen = !rest.contains('}');
    if (isOpen || index >= frame->steps.size() ||
        frame->steps[index].first != step) {
      error(Diag::unknown_step, span, name + "{" + rest.str(),
            isOpen ? "" : step.str());
      return {};
    }
    steps.push_back(frame->steps[index].second);
    name += "{" + step.str() + "}";
    rest = rest.drop_front(rest.find('}') + 1);
  }
  std::string text = shapeText(shape);
  auto [known, isNew] = weights.try_emplace(name, WeightUse{text, span});
  if (!isNew && known->second.shape != text) {
    error(Diag::weight_shape_clash, span, name, text, known->second.shape)
        .note("the other use is here", known->second.span);
    return {};
  }
  return ParamOp::create(builder, location(span),
                         tensorType(shape, builder.getF32Type()), name, steps,
                         PackAttr(), IntegerAttr(), DenseI64ArrayAttr());
}
