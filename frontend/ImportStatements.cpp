//===- ImportStatements.cpp - Statements of models, blocks, loops ---------===//

#include "frontend/Importer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Stmt;

bool Importer::bind(const FramePtr &frame, ast::Name name, Value value,
                    bool isLet) {
  if (Binding *existing = frame->find(name.text)) {
    error(Diag::rebinding, name.span, name.text.str())
        .note("it is bound here", existing->span)
        .help("choose another name; inside `for`, assign to a name that a "
              "`let` outside the loop bound: `" +
              name.text.str() + " = ...`");
    return false;
  }
  Binding binding;
  binding.value = std::move(value);
  binding.span = name.span;
  binding.loopDepth = frame->loopDepth;
  binding.isLet = isLet;
  frame->names[name.text] = std::move(binding);
  frame->order.push_back(name.text.str());
  return true;
}

void Importer::announce(const FramePtr &frame, StringRef kind, ast::Name name,
                        const Value &value) {
  if (!options.onName || !frame->isModel)
    return;
  std::string type = value.kind == Value::Kind::Tensor
                         ? typeText(value.tensorType())
                         : describe(value);
  options.onName(modelName, kind, name.text, type);
}

/// Binds names whose value is in error, so that one error does not make many.
void Importer::poison(const FramePtr &frame, ArrayRef<ast::Name> names) {
  for (const ast::Name &name : names) {
    if (frame->find(name.text))
      continue;
    Binding binding;
    binding.value.kind = Value::Kind::Tuple; // no parts
    binding.span = name.span;
    binding.used = true;
    frame->names[name.text] = binding;
  }
}

bool Importer::importBody(ArrayRef<const Stmt *> body, const FramePtr &frame) {
  bool ok = true;
  for (const Stmt *stmt : body)
    ok &= importStatement(*stmt, frame);
  return ok;
}

bool Importer::importStatement(const Stmt &stmt, const FramePtr &frame) {
  switch (stmt.kind) {
  case Stmt::Kind::Input:
    return true; // imported before the body, in order of declaration
  case Stmt::Kind::Option: {
    StringRef name = stmt.names.front().text;
    if (name != "accumulate") {
      error(Diag::unknown_option, stmt.names.front().span, name.str());
      return false;
    }
    if (stmt.value->kind != ast::Expr::Kind::Name ||
        stmt.value->text != "f32") {
      notSupported(stmt.value->span, "an accumulation type other than `f32`");
      return false;
    }
    return true;
  }
  case Stmt::Kind::Param: {
    bool ok = true;
    for (const ast::Field &field : stmt.fields)
      if (!importParam(field, frame)) {
        poison(frame, field.name);
        ok = false;
      }
    return ok;
  }
  case Stmt::Kind::Let:
    return importLet(stmt, frame);
  case Stmt::Kind::Assign:
    return importAssign(stmt, frame);
  case Stmt::Kind::For:
    return importFor(stmt, frame);
  case Stmt::Kind::Output:
    // In a model's `for` the steps are stacked; blocks have no outputs.
    if (!frame->isModel) {
      error(Diag::only_in_model, stmt.span, "output");
      return false;
    }
    return importOutput(stmt, frame);
  }
  return false;
}

bool Importer::importParam(const ast::Field &field, const FramePtr &frame) {
  Type element = elementType(field.type.name);
  if (!element) {
    unknownType(field.type.name.span, field.type.name.text);
    return false;
  }
  if (!element.isF32()) {
    notSupported(field.type.name.span, "a param of type `" +
                                           field.type.name.text.str() +
                                           "`: weights of f16 and bf16 files "
                                           "widen to f32, so declare f32");
    return false;
  }
  auto shape = shapeOf(field.type, frame);
  if (!shape)
    return false;
  for (auto [size, expression] : llvm::zip(*shape, field.type.shape))
    if (!size.isConstant()) {
      error(Diag::dynamic_param, expression->span, field.name.text.str(),
            size.str())
          .help("give the param its largest size and slice it: `param W: "
                "f32[L, L]`, `W[0:" +
                size.str() + ", ...]`, with `dim " + size.str() + " <= L`");
      return false;
    }
  std::string suffix = field.name.text.str();
  if (field.at)
    suffix = weightText(field.at->value, frame);
  mlir::Value value = param(suffix, *shape, frame, field.name.span);
  if (!value)
    return false;
  announce(frame, "param", field.name, Value::tensor(value));
  return bind(frame, field.name, Value::tensor(value), /*isLet=*/false);
}

bool Importer::importLet(const Stmt &stmt, const FramePtr &frame) {
  OptionalValue value = expr(stmt.value, frame);
  if (!value) {
    poison(frame, stmt.names);
    return false;
  }
  bool isTuple = value->kind == Value::Kind::Tuple;
  size_t count = isTuple ? value->parts.size() : 1;
  if (count != stmt.names.size()) {
    error(Diag::result_count, stmt.value->span, count, stmt.names.size());
    poison(frame, stmt.names);
    return false;
  }
  bool ok = true;
  for (auto [index, name] : llvm::enumerate(stmt.names)) {
    const Value &part = isTuple ? value->parts[index] : *value;
    announce(frame, "let", name, part);
    ok &= bind(frame, name, part, /*isLet=*/true);
  }
  return ok;
}

bool Importer::importAssign(const Stmt &stmt, const FramePtr &frame) {
  bool ok = true;
  for (const ast::Name &name : stmt.names) {
    Binding *target = frame->find(name.text);
    if (!target) {
      auto message = error(Diag::assign_unbound, name.span, name.text.str());
      message.help("write `let " + name.text.str() + " = ...`");
      ok = false;
    } else if (frame->loopDepth == 0 || !target->isLet ||
               target->loopDepth >= frame->loopDepth) {
      error(Diag::assign_not_carried, name.span, name.text.str())
          .note("it is bound here", target->span);
      ok = false;
    }
  }
  if (!ok)
    return false;
  OptionalValue value = expr(stmt.value, frame);
  if (!value)
    return false;
  bool isTuple = value->kind == Value::Kind::Tuple;
  size_t count = isTuple ? value->parts.size() : 1;
  if (count != stmt.names.size()) {
    error(Diag::result_count, stmt.value->span, count, stmt.names.size());
    return false;
  }
  for (auto [index, name] : llvm::enumerate(stmt.names)) {
    Value part = isTuple ? value->parts[index] : *value;
    Binding *target = frame->find(name.text);
    if (target->value.kind == Value::Kind::Tensor &&
        part.kind != Value::Kind::Tensor)
      if (mlir::Value tensor =
              asTensor(part, target->value.tensorType().getElementType(),
                       stmt.value->span))
        part = Value::tensor(tensor);
    if (target->value.kind != Value::Kind::Tensor ||
        part.kind != Value::Kind::Tensor ||
        part.ir.getType() != target->value.ir.getType()) {
      error(Diag::carried_type, stmt.value->span, name.text.str(),
            describe(target->value), describe(part));
      return false;
    }
    target->value = part;
    target->used = true;
  }
  return true;
}

/// The names that a loop body assigns, in order of first assignment.
static void collectAssigned(ArrayRef<const Stmt *> body,
                            SmallVectorImpl<ast::Name> &names) {
  for (const Stmt *stmt : body) {
    if (stmt->kind == Stmt::Kind::Assign)
      for (const ast::Name &name : stmt->names)
        if (llvm::none_of(names, [&](const ast::Name &other) {
              return other.text == name.text;
            }))
          names.push_back(name);
    collectAssigned(stmt->body, names);
  }
}

bool Importer::importFor(const Stmt &stmt, const FramePtr &frame) {
  auto bound = [&](const ast::Expr *expression) -> std::optional<int64_t> {
    std::optional<Extent> value = extent(expression, frame);
    if (!value)
      return std::nullopt;
    std::optional<int64_t> constant = value->asConstant();
    if (!constant)
      error(Diag::loop_bound, expression->span, value->str());
    return constant;
  };
  std::optional<int64_t> lower = bound(stmt.begin), upper = bound(stmt.end);
  if (!lower || !upper)
    return false;
  int64_t end = *upper + (stmt.closed ? 1 : 0);
  if (*lower < 0 || end - *lower > 100000) {
    error(Diag::loop_range, stmt.begin->span, *lower, end);
    return false;
  }
  ast::Name step = stmt.names.front();
  SmallVector<ast::Name> assigned;
  collectAssigned(stmt.body, assigned);
  // What no `let` outside binds is reported at its assignment.
  SmallVector<Binding *> carried;
  SmallVector<mlir::Value> inits;
  SmallVector<Type> types;
  for (const ast::Name &name : assigned)
    if (Binding *target = frame->find(name.text))
      if (target->value.kind == Value::Kind::Tensor && target->isLet) {
        carried.push_back(target);
        inits.push_back(target->value.ir);
        types.push_back(target->value.ir.getType());
      }
  auto loop = ForOp::create(
      builder, location(stmt.span), types, builder.getStringAttr(step.text),
      builder.getI64IntegerAttr(*lower), builder.getI64IntegerAttr(end), inits);
  SmallVector<Type> argumentTypes{builder.getIndexType()};
  llvm::append_range(argumentTypes, types);
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(
      &loop.getBody(), {}, argumentTypes,
      SmallVector<Location>(argumentTypes.size(), location(stmt.span)));
  auto inner = std::make_shared<Frame>();
  inner->file = frame->file;
  inner->parent = frame;
  inner->dims = frame->dims;
  inner->blockDims = frame->blockDims;
  inner->prefix = frame->prefix;
  inner->isModel = frame->isModel;
  inner->loopDepth = frame->loopDepth + 1;
  inner->steps = frame->steps;
  inner->steps.push_back({step.text.str(), block->getArgument(0)});
  for (auto [index, binding] : llvm::enumerate(carried))
    binding->value = Value::tensor(block->getArgument(index + 1));
  Value stepValue;
  stepValue.kind = Value::Kind::Step;
  stepValue.text = step.text.str();
  stepValue.ir = block->getArgument(0);
  bool ok = bind(inner, step, stepValue, /*isLet=*/false);
  if (ok)
    inner->names[step.text].used = true;
  size_t firstOutput = outputs.size();
  ok = ok && importBody(stmt.body, inner);
  SmallVector<mlir::Value> yielded;
  for (Binding *binding : carried)
    yielded.push_back(binding->value.ir);
  // Outputs of the body: stacked along a new first axis.
  for (Output &output :
       llvm::MutableArrayRef(outputs).drop_front(firstOutput)) {
    auto type = cast<RankedTensorType>(output.value.getType());
    SmallVector<Extent> shape = {
        Extent::constant(std::max<int64_t>(end - *lower, 0))};
    llvm::append_range(shape, symbolicShape(type));
    ok = ok && checkShape(shape, output.name.span);
    yielded.push_back(output.value);
    types.push_back(tensorType(shape, type.getElementType()));
  }
  YieldOp::create(builder, location(stmt.span), yielded);
  if (types.size() > carried.size()) {
    builder.setInsertionPoint(loop);
    auto stacking =
        ForOp::create(builder, location(stmt.span), types, loop.getIvNameAttr(),
                      loop.getLowerAttr(), loop.getUpperAttr(), inits);
    stacking.getBody().takeBody(loop.getBody());
    loop.erase();
    loop = stacking;
  }
  for (auto [index, binding] : llvm::enumerate(carried))
    binding->value = Value::tensor(loop.getResult(index));
  for (auto [index, output] :
       llvm::enumerate(llvm::MutableArrayRef(outputs).drop_front(firstOutput)))
    output.value = loop.getResult(carried.size() + index);
  if (frame->loopDepth == 0)
    for (const Output &output : ArrayRef(outputs).drop_front(firstOutput))
      ok = ok && checkOutput(output, frame);
  if (ok)
    warnUnused(inner);
  return ok;
}

bool Importer::importOutput(const Stmt &stmt, const FramePtr &frame) {
  ast::Name name = stmt.names.front();
  auto [known, isNew] = interfaceNames.try_emplace(name.text, name.span);
  if (!isNew) {
    error(Diag::interface_name_clash, name.span, name.text.str())
        .note("the other is here", known->second);
    return false;
  }
  OptionalValue value = expr(stmt.value, frame);
  if (!value)
    return false;
  if (value->kind == Value::Kind::Number || value->kind == Value::Kind::Real) {
    mlir::Value tensor =
        asTensor(*value, builder.getF32Type(), stmt.value->span);
    if (!tensor)
      return false;
    value = Value::tensor(tensor);
  }
  if (value->kind != Value::Kind::Tensor) {
    error(Diag::expected_tensor, stmt.value->span, describe(*value));
    return false;
  }
  outputs.push_back(
      {name, value->ir, stmt.type ? &*stmt.type : nullptr, stmt.value->span});
  // The declared type is that of the stack: checked after the loop.
  return frame->loopDepth > 0 || checkOutput(outputs.back(), frame);
}

bool Importer::checkOutput(const Output &output, const FramePtr &frame) {
  if (!output.type)
    return true;
  Type element = elementType(output.type->name);
  if (!element) {
    unknownType(output.type->name.span, output.type->name.text);
    return false;
  }
  auto shape = shapeOf(*output.type, frame);
  if (!shape)
    return false;
  RankedTensorType type = tensorType(*shape, element);
  if (type == output.value.getType())
    return true;
  error(Diag::output_type, output.span, output.name.text.str(), typeText(type),
        typeText(cast<RankedTensorType>(output.value.getType())))
      .note("declared here", output.type->span);
  return false;
}
