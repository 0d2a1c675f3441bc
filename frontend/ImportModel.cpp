//===- ImportModel.cpp - Models -------------------------------------------===//

#include "frontend/Importer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Decl;
using ast::Stmt;

OwningOpRef<ModuleOp> attune::frontend::importSpec(StringRef path,
                                                   const ImportOptions &options,
                                                   MLIRContext &context,
                                                   Sources &sources,
                                                   Diagnostics &diagnostics) {
  context.loadDialect<AttuneDialect, func::FuncDialect, arith::ArithDialect,
                      math::MathDialect, tensor::TensorDialect>();
  ast::Context trees;
  Program program =
      loadProgram(path, options.libraryDirectory, sources, trees, diagnostics);
  if (diagnostics.hasErrors())
    return {};
  return Importer(program, context, sources, diagnostics, options)
      .run(options.model);
}

OwningOpRef<ModuleOp> Importer::run(StringRef onlyModel) {
  if (!checkDeclarations())
    return {};
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  const LoadedFile &spec = program.files.front();
  bool any = false;
  std::vector<StringRef> models;
  for (const Decl *decl : spec.tree.declarations) {
    if (decl->kind != Decl::Kind::Model)
      continue;
    models.push_back(decl->name.text);
    if (!onlyModel.empty() && decl->name.text != onlyModel)
      continue;
    any = true;
    builder.setInsertionPointToEnd(module->getBody());
    importModel(*decl, 0);
    if (diagnostics.errorCount() > Diagnostics::limit)
      break;
  }
  if (!onlyModel.empty() && !any) {
    auto message =
        diagnostics.report(Diag::unknown_model, std::nullopt, onlyModel.str());
    std::string near = suggestion(onlyModel, models);
    if (!near.empty())
      message.help("did you mean `" + near + "`?");
  }
  // A file without models is a library: its masks and consts are checked where
  // a model uses them, its consts here.
  for (const Decl *decl : spec.tree.declarations)
    if (decl->kind == Decl::Kind::Const)
      valueOfConst({decl, 0}, decl->name.span);
    else if (decl->kind == Decl::Kind::Dim)
      boundOfDim({decl, 0});
  // An error leaves names unread: only clean specs get these warnings.
  for (const Decl *decl : spec.tree.declarations)
    if (!diagnostics.hasErrors() && !models.empty() && onlyModel.empty() &&
        !usedDecls.contains(decl) &&
        (decl->kind == Decl::Kind::Const || decl->kind == Decl::Kind::Dim ||
         decl->kind == Decl::Kind::Mask || decl->kind == Decl::Kind::Score))
      error(Diag::unused_name, decl->name.span, decl->name.text.str());
  if (diagnostics.hasErrors())
    return {};
  // The import makes valid IR only; a failure here is a defect of ours and
  // shows as one.
  if (failed(verify(*module)))
    return {};
  return module;
}

/// C identifiers that a symbol prefix must not be.
static bool isCKeyword(StringRef name) {
  static constexpr StringRef words[] = {
      "auto",     "break",    "case",     "char",   "const",   "continue",
      "default",  "do",       "double",   "else",   "enum",    "extern",
      "float",    "for",      "goto",     "if",     "inline",  "int",
      "long",     "register", "restrict", "return", "short",   "signed",
      "sizeof",   "static",   "struct",   "switch", "typedef", "union",
      "unsigned", "void",     "volatile", "while",  "class",   "new"};
  return llvm::is_contained(words, name);
}

bool Importer::importModel(const Decl &model, size_t file) {
  weights.clear();
  usedDims.clear();
  dimBounds.clear();
  outputs.clear();
  interfaceNames.clear();
  conditions.clear();
  indexOperations = 0;
  modelName = model.name.text.str();
  uint64_t count = 0;
  FoundDecl found{&model, file};
  if (!countOperations(found, count))
    return false;
  if (isCKeyword(model.name.text))
    error(Diag::reserved_model_name, model.name.span, model.name.text.str());
  auto frame = std::make_shared<Frame>();
  frame->file = file;
  frame->isModel = true;
  auto function =
      func::FuncOp::create(builder, location(model.name.span), model.name.text,
                           builder.getFunctionType({}, {}));
  function->setAttr("attune.model", builder.getUnitAttr());
  Block *entry = function.addEntryBlock();
  builder.setInsertionPointToEnd(entry);
  bool ok = importInputs(model, frame, function);
  builder.setInsertionPointToEnd(entry);
  ok = ok && importBody(model.body, frame);
  ok = ok && finishModel(function, model);
  if (!ok)
    function.erase();
  else
    warnUnused(frame);
  return ok;
}

bool Importer::importInputs(const Decl &model, const FramePtr &frame,
                            func::FuncOp function) {
  bool ok = true;
  for (const Stmt *stmt : model.body) {
    if (stmt->kind != Stmt::Kind::Input)
      continue;
    for (const ast::Field &field : stmt->fields) {
      if (field.defaultValue) {
        error(Diag::input_default, field.defaultValue->span,
              field.name.text.str());
        ok = false;
        continue;
      }
      Type element = elementType(field.type.name);
      if (!element) {
        unknownType(field.type.name.span, field.type.name.text);
        ok = false;
        continue;
      }
      if (element.isF64() || element.isF16() || element.isBF16()) {
        notSupported(field.type.name.span,
                     "an input of type `" + field.type.name.text.str() + "`");
        ok = false;
        continue;
      }
      auto shape = shapeOf(field.type, frame);
      if (!shape) {
        ok = false;
        continue;
      }
      auto [known, isNew] =
          interfaceNames.try_emplace(field.name.text, field.name.span);
      if (!isNew) {
        error(Diag::interface_name_clash, field.name.span,
              field.name.text.str())
            .note("the other is here", known->second);
        ok = false;
        continue;
      }
      unsigned index = function.getNumArguments();
      if (failed(function.insertArgument(index, tensorType(*shape, element), {},
                                         location(field.name.span))))
        return false;
      function.setArgAttr(index, "attune.name",
                          builder.getStringAttr(field.name.text));
      ok &= bind(frame, field.name, Value::tensor(function.getArgument(index)),
                 /*isLet=*/false);
    }
  }
  return ok;
}

/// Erases params that no output depends on, of the sides that flags did not
/// pick say, and what is made of them: the weight file need not have them.
static void eraseUnreadParams(func::FuncOp function) {
  llvm::SetVector<Operation *> live;
  function.walk([&](Operation *op) {
    if (op->getNumRegions() || op->hasTrait<OpTrait::IsTerminator>() ||
        !isMemoryEffectFree(op))
      live.insert(op);
  });
  for (size_t next = 0; next < live.size(); ++next)
    for (mlir::Value operand : live[next]->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        live.insert(producer);
  llvm::SetVector<Operation *> dead;
  function.walk([&](ParamOp param) {
    if (!live.contains(param))
      dead.insert(param);
  });
  for (size_t next = 0; next < dead.size(); ++next)
    for (Operation *user : dead[next]->getUsers())
      dead.insert(user);
  for (Operation *op : dead)
    op->dropAllUses();
  for (Operation *op : dead)
    op->erase();
}

/// Result types, dims with where they are read, conditions.
bool Importer::finishModel(func::FuncOp function, const Decl &model) {
  if (outputs.empty()) {
    error(Diag::no_output, model.name.span, model.name.text.str());
    return false;
  }
  SmallVector<mlir::Value> results;
  SmallVector<Type> types;
  for (const Output &output : outputs) {
    results.push_back(output.value);
    types.push_back(output.value.getType());
  }
  func::ReturnOp::create(builder, location(model.name.span), results);
  eraseUnreadParams(function);
  function.setFunctionType(
      builder.getFunctionType(function.getArgumentTypes(), types));
  for (auto [index, output] : llvm::enumerate(outputs))
    function.setResultAttr(index, "attune.name",
                           builder.getStringAttr(output.name.text));

  // Dims in the order of their declaration.
  SmallVector<Attribute> dims;
  bool ok = true;
  auto addDim = [&](const std::string &name, Span span) {
    SmallVector<Type> arguments(function.getArgumentTypes());
    llvm::append_range(arguments, types);
    for (auto [index, type] : llvm::enumerate(arguments))
      for (auto [axis, size] :
           llvm::enumerate(symbolicShape(cast<RankedTensorType>(type))))
        if (size == Extent::dim(name)) {
          dims.push_back(DimAttr::get(&context, builder.getStringAttr(name),
                                      dimBounds[name], index, axis));
          return;
        }
    error(Diag::dim_not_found, span, name)
        .help("give the model an input that has `" + name +
              "` as one of its sizes");
    ok = false;
  };
  llvm::SmallVector<std::pair<std::string, Span>> sorted(usedDims.begin(),
                                                         usedDims.end());
  llvm::sort(sorted, [](const auto &a, const auto &b) {
    return std::tie(a.second.file, a.second.begin) <
           std::tie(b.second.file, b.second.begin);
  });
  for (const auto &[name, span] : sorted)
    addDim(name, span);
  if (!ok)
    return false;
  function->setAttr("attune.dims", builder.getArrayAttr(dims));
  SmallVector<Attribute> attributes;
  for (const auto &[value, text] : conditions)
    attributes.push_back(ConditionAttr::get(&context, value.toAttr(&context),
                                            builder.getStringAttr(text)));
  if (!attributes.empty())
    function->setAttr("attune.conditions", builder.getArrayAttr(attributes));
  return true;
}

void Importer::warnUnused(const FramePtr &frame) {
  for (const std::string &name : frame->order) {
    const Binding &binding = frame->names[name];
    if (!binding.used && !StringRef(name).starts_with("_"))
      error(Diag::unused_name, binding.span, name);
  }
}
