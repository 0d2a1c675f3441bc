//===- ImportDeclarations.cpp - The names of files ------------------------===//

#include "frontend/Importer.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Decl;
using ast::Expr;

using DeclKind = Decl::Kind;

static bool isNamed(const Decl &decl) {
  return decl.kind != DeclKind::Import && decl.kind != DeclKind::Test;
}

/// Functions and values have separate name spaces; a mask or score without
/// arguments is a value.
static bool isFunction(const Decl &decl) {
  if (decl.kind == DeclKind::Block)
    return true;
  return (decl.kind == DeclKind::Mask || decl.kind == DeclKind::Score) &&
         !decl.fields.empty();
}

std::string Importer::suggestion(StringRef name,
                                 ArrayRef<StringRef> candidates) {
  StringRef best;
  unsigned bestDistance = 1 + std::min<unsigned>(name.size() / 3 + 1, 4);
  for (StringRef candidate : candidates) {
    unsigned distance = name.edit_distance(candidate, true, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best.str();
}

void Importer::suggest(DiagnosticBuilder message, StringRef name,
                       ArrayRef<StringRef> candidates, StringRef hint) {
  std::string near = hint.empty() ? suggestion(name, candidates) : "";
  if (!hint.empty())
    message.help(hint.str());
  else if (!near.empty())
    message.help("did you mean `" + near + "`?");
}

/// Names are bound once in each file and each name space.
bool Importer::checkDeclarations() {
  size_t total = 0;
  for (const LoadedFile &file : program.files) {
    llvm::StringMap<Span> functions, values, models;
    total += file.tree.declarations.size();
    for (const Decl *decl : file.tree.declarations) {
      if (!isNamed(*decl))
        continue;
      auto &space = decl->kind == DeclKind::Model ? models
                    : isFunction(*decl)           ? functions
                                                  : values;
      auto [first, isNew] = space.try_emplace(decl->name.text, decl->name.span);
      if (!isNew)
        error(Diag::redefinition, decl->name.span, decl->name.text.str())
            .note("it is already declared here", first->second);
    }
  }
  if (total > 10000)
    error(Diag::too_many_declarations, Span{});
  return !diagnostics.hasErrors();
}

FoundDecl Importer::lookUp(size_t file, StringRef name, bool asFunction,
                           Span use, bool report) {
  auto findIn = [&](size_t index) -> const Decl * {
    for (const Decl *decl : program.files[index].tree.declarations)
      if (isNamed(*decl) && decl->kind != DeclKind::Model &&
          decl->name.text == name && isFunction(*decl) == asFunction)
        return decl;
    return nullptr;
  };
  FoundDecl found;
  if (const Decl *own = findIn(file)) {
    found = {own, file};
  } else {
    for (const LoadedFile::Import &import : program.files[file].imports) {
      const Decl *decl = findIn(import.index);
      if (!decl || decl == found.decl)
        continue;
      if (found.decl) {
        if (report)
          error(Diag::ambiguous_import, use, name.str())
              .note("one is declared here", found.decl->name.span)
              .note("the other here", decl->name.span);
        return {nullptr, 0, /*isAmbiguous=*/true};
      }
      found = {decl, import.index};
    }
  }
  if (found.decl)
    usedDecls.insert(found.decl);
  return found;
}

std::vector<StringRef> Importer::visibleNames(const FramePtr &frame,
                                              bool functions) {
  std::vector<StringRef> names;
  if (!functions)
    for (Frame *scope = frame.get(); scope; scope = scope->parent.get())
      for (const auto &entry : scope->names)
        names.push_back(entry.first());
  auto addFile = [&](size_t index) {
    for (const Decl *decl : program.files[index].tree.declarations)
      if (isNamed(*decl) && decl->kind != DeclKind::Model &&
          isFunction(*decl) == functions)
        names.push_back(decl->name.text);
  };
  addFile(frame->file);
  for (const LoadedFile::Import &import : program.files[frame->file].imports)
    addFile(import.index);
  std::sort(names.begin(), names.end());
  return names;
}

OptionalValue Importer::valueOfConst(FoundDecl found, Span use) {
  int &state = constantState[found.decl];
  if (state == 2)
    return constants.lookup(found.decl);
  if (state == 3)
    return std::nullopt;
  if (state == 1) {
    error(Diag::declaration_cycle, use, found.decl->name.text.str());
    return std::nullopt;
  }
  state = 1;
  auto frame = std::make_shared<Frame>();
  frame->file = found.file;
  OptionalValue value = expr(found.decl->value, frame);
  constantState[found.decl] = value ? 2 : 3; // 3: reported already
  if (!value)
    return std::nullopt;
  bool isConstant =
      (value->kind == Value::Kind::Number && value->number.isConstant()) ||
      value->kind == Value::Kind::Real || value->kind == Value::Kind::Bool ||
      value->kind == Value::Kind::String;
  if (!isConstant) {
    error(Diag::not_constant, found.decl->value->span, describe(*value));
    constantState[found.decl] = 3;
    return std::nullopt;
  }
  constants[found.decl] = *value;
  return value;
}

std::optional<int64_t> Importer::boundOfDim(FoundDecl found) {
  constexpr int64_t defaultBound = int64_t(1) << 20;
  if (!found.decl->value)
    return defaultBound;
  if (constantState[found.decl] == 1) {
    error(Diag::declaration_cycle, found.decl->name.span,
          found.decl->name.text.str());
    return std::nullopt;
  }
  constantState[found.decl] = 1;
  auto frame = std::make_shared<Frame>();
  frame->file = found.file;
  std::optional<Extent> bound = extent(found.decl->value, frame);
  constantState[found.decl] = 0;
  if (!bound)
    return std::nullopt;
  std::optional<int64_t> constant = bound->asConstant();
  if (!constant) {
    error(Diag::not_constant, found.decl->value->span, "a run-time size");
    return std::nullopt;
  }
  if (*constant < 0 || *constant > (int64_t(1) << 40)) {
    error(Diag::bad_bound, found.decl->value->span, *constant);
    return std::nullopt;
  }
  return constant;
}

//===----------------------------------------------------------------------===//
// Counting before expanding
//===----------------------------------------------------------------------===//

static constexpr uint64_t maxOperations = 100000;

/// The operations of an expression with every block expanded, saturating. An
/// explicit stack: chains are long.
uint64_t Importer::countExpr(const Expr *root, size_t file, bool &ok) {
  uint64_t count = 0;
  SmallVector<const Expr *> stack{root};
  while (!stack.empty() && ok) {
    const Expr *expr = stack.pop_back_val();
    if (!expr)
      continue;
    count = llvm::SaturatingAdd(count, uint64_t(1));
    for (const Expr *operand : expr->operands)
      stack.push_back(operand);
    for (const ast::Slice &slice : expr->slices)
      for (const Expr *part : {slice.index, slice.begin, slice.end})
        stack.push_back(part);
    if (expr->kind != Expr::Kind::Call)
      continue;
    for (const ast::Argument &argument : expr->arguments)
      stack.push_back(argument.value);
    FoundDecl found = lookUp(file, expr->callee.text, /*asFunction=*/true,
                             expr->span, /*report=*/false);
    uint64_t inner = 0;
    if (found.decl && found.decl->kind == DeclKind::Block) {
      if (countState[found.decl] == 1) {
        error(Diag::recursion, expr->callee.span, expr->callee.text.str());
        ok = false;
        return count;
      }
      ok &= countOperations(found, inner);
    }
    count = llvm::SaturatingAdd(count, inner);
  }
  return count;
}

uint64_t Importer::countBody(ArrayRef<const ast::Stmt *> body, size_t file,
                             bool &ok) {
  uint64_t count = 0;
  for (const ast::Stmt *stmt : body) {
    if (stmt->value)
      count = llvm::SaturatingAdd(count, countExpr(stmt->value, file, ok));
    if (ok)
      count = llvm::SaturatingAdd(count, countBody(stmt->body, file, ok));
    if (!ok)
      break;
  }
  return count;
}

bool Importer::countOperations(FoundDecl found, uint64_t &count) {
  auto known = operationCounts.find(found.decl);
  if (known != operationCounts.end()) {
    count = known->second;
    return true;
  }
  countState[found.decl] = 1;
  bool ok = true;
  uint64_t total = countBody(found.decl->body, found.file, ok);
  for (const Expr *value : found.decl->returned)
    if (ok)
      total = llvm::SaturatingAdd(total, countExpr(value, found.file, ok));
  countState[found.decl] = 2;
  operationCounts[found.decl] = total;
  if (ok && found.decl->kind == DeclKind::Model && total > maxOperations) {
    error(Diag::too_many_operations, found.decl->name.span,
          found.decl->name.text.str(),
          total == UINT64_MAX ? std::string("more than 2^63")
                              : std::to_string(total))
        .help("put repeated layers into a `for`: its body counts once");
    ok = false;
  }
  count = total;
  return ok;
}
