//===- ImportCalls.cpp - Calls of blocks, masks and score functions -------===//

#include "frontend/Importer.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Decl;
using ast::Expr;

/// What `{name}` in the name of a weight says: an argument's value, or a step
/// with the number of its loop, since a loop around or inside may call its step
/// the same. Nothing for other names.
static std::optional<std::string> inBraces(const Binding &binding,
                                           const Frame &frame) {
  using Kind = frontend::Value::Kind;
  const frontend::Value &value = binding.value;
  if (value.kind == Kind::String)
    return value.text;
  if (value.kind == Kind::Number && value.number.isConstant())
    return value.number.str();
  if (value.kind == Kind::Step)
    for (auto [number, step] : llvm::enumerate(frame.steps))
      if (step.second == value.ir)
        return "{" + step.first + stepMark + std::to_string(number) + "}";
  return std::nullopt;
}

/// The text of a weight name with its braces filled in.
std::string Importer::weightText(StringRef text, const FramePtr &frame) {
  std::string result;
  while (true) {
    size_t open = text.find('{'), close = text.find('}', open);
    if (close == StringRef::npos)
      return result + text.str();
    result += text.take_front(open);
    StringRef braces = text.slice(open, close + 1);
    Binding *binding = frame->find(braces.drop_front().drop_back());
    std::optional<std::string> value =
        binding ? inBraces(*binding, *frame) : std::nullopt;
    if (value)
      binding->used = true;
    result += value.value_or(braces.str());
    text = text.drop_front(close + 1);
  }
}

/// The prefix inside a callee: the enclosing one and the `at`, with a dot.
std::string Importer::prefixAt(const std::optional<ast::Text> &at,
                               const FramePtr &frame) {
  if (!at)
    return frame->prefix;
  std::string own = weightText(at->value, frame);
  return frame->prefix.empty() ? own : frame->prefix + "." + own;
}

OptionalValue Importer::callExpr(const Expr *call, const FramePtr &frame) {
  FoundDecl found = lookUp(frame->file, call->callee.text,
                           /*asFunction=*/true, call->callee.span, true);
  if (found.isAmbiguous)
    return std::nullopt;
  if (!found.decl)
    return callBuiltin(call, frame);
  uint64_t readsBefore = weightReads;
  OptionalValue value;
  if (found.decl->kind == Decl::Kind::Block)
    value = callBlock(call, found, frame);
  else
    value = callGenerator(call, found, frame);
  if (value && call->at && weightReads == readsBefore)
    error(Diag::at_without_weights, call->at->span, call->callee.text.str());
  return value;
}

/// Evaluates the arguments in the caller's names and binds them in the
/// callee's, defaults included.
bool Importer::bindArguments(const Expr *call, FoundDecl found,
                             const FramePtr &caller, const FramePtr &callee) {
  ArrayRef<ast::Field> fields = found.decl->fields;
  SmallVector<const Expr *> given(fields.size());
  size_t position = 0;
  bool named = false;
  std::string function = call->callee.text.str();
  for (const ast::Argument &argument : call->arguments) {
    size_t index = position;
    if (argument.name) {
      named = true;
      index = llvm::find_if(fields,
                            [&](const ast::Field &field) {
                              return field.name.text == argument.name->text;
                            }) -
              fields.begin();
      if (index == fields.size()) {
        SmallVector<StringRef> names;
        for (const ast::Field &field : fields)
          names.push_back(field.name.text);
        suggest(error(Diag::unknown_argument, argument.name->span, function,
                      argument.name->text.str()),
                argument.name->text, names,
                hintForArgument(function, argument.name->text));
        return false;
      }
    } else if (named) {
      error(Diag::positional_after_named, argument.value->span);
      return false;
    } else if (position++ >= fields.size()) {
      error(Diag::too_many_arguments, argument.value->span, function,
            fields.size());
      return false;
    }
    if (given[index]) {
      error(Diag::argument_twice, argument.value->span, function,
            fields[index].name.text.str());
      return false;
    }
    given[index] = argument.value;
  }
  for (auto [index, field] : llvm::enumerate(fields)) {
    const Expr *source = given[index] ? given[index] : field.defaultValue;
    if (!source) {
      error(Diag::missing_argument, call->span, function, field.name.text.str())
          .note("declared here", field.name.span);
      return false;
    }
    // A default sees the names of the callee's file only.
    OptionalValue value = expr(source, given[index] ? caller : callee);
    if (!value)
      return false;
    bool wantsMask = field.type.name.text == "mask";
    if (wantsMask && value->kind == Value::Kind::ScoreFunction) {
      value->kind = Value::Kind::Mask;
      value->mask = asMask(*value->score);
    }
    if (!matchType(field, *value, source->span, callee))
      return false;
    Binding binding;
    binding.value = *value;
    binding.span = field.name.span;
    callee->names[field.name.text] = std::move(binding);
    callee->order.push_back(field.name.text.str());
  }
  return true;
}

OptionalValue Importer::callBlock(const Expr *call, FoundDecl found,
                                  const FramePtr &frame) {
  const Decl &block = *found.decl;
  auto callee = std::make_shared<Frame>();
  callee->file = found.file;
  callee->prefix = prefixAt(call->at, frame);
  callee->steps = frame->steps;
  for (const ast::Name &name : block.dimNames)
    callee->blockDims.insert(name.text);
  if (!bindArguments(call, found, frame, callee))
    return std::nullopt;
  Diagnostics::Within within(
      diagnostics, "in `" + call->callee.text.str() + "`, called here",
      call->span);
  if (!importBody(block.body, callee))
    return std::nullopt;
  if (block.returned.size() != block.results.size()) {
    error(Diag::result_count, block.returnSpan, block.returned.size(),
          block.results.size());
    return std::nullopt;
  }
  Value tuple;
  tuple.kind = Value::Kind::Tuple;
  for (auto [expression, type] : llvm::zip(block.returned, block.results)) {
    OptionalValue value = expr(expression, callee);
    if (!value)
      return std::nullopt;
    ast::Field field;
    field.name = {"result", expression->span};
    field.type = type;
    if (!matchType(field, *value, expression->span, callee))
      return std::nullopt;
    tuple.parts.push_back(*value);
  }
  warnUnused(callee);
  return tuple.parts.size() == 1 ? tuple.parts.front() : tuple;
}

/// A mask or score with arguments: bound now, instantiated by its attend.
OptionalValue Importer::callGenerator(const Expr *call, FoundDecl found,
                                      const FramePtr &frame) {
  auto names = std::make_shared<Frame>();
  names->file = found.file;
  for (const ast::Name &name : found.decl->dimNames)
    names->blockDims.insert(name.text);
  if (!bindArguments(call, found, frame, names))
    return std::nullopt;
  Value value;
  if (found.decl->kind == Decl::Kind::Mask) {
    value.kind = Value::Kind::Mask;
    value.mask = std::make_shared<MaskValue>();
    value.mask->kind = MaskValue::Kind::Body;
    value.mask->span = call->span;
    value.mask->body = found.decl->value;
    value.mask->frame = names;
  } else {
    value.kind = Value::Kind::ScoreFunction;
    value.score = std::make_shared<ScoreFunction>();
    value.score->span = call->span;
    value.score->body = found.decl->value;
    value.score->frame = names;
  }
  return value;
}
