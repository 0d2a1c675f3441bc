//===- Tests.cpp - The `test` blocks of a spec ----------------------------===//

#include "frontend/Tests.h"

#include "frontend/AST.h"
#include "frontend/Parser.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace attune::frontend;
using ast::Expr;
using llvm::StringRef;

namespace {
class TestReader {
public:
  TestReader(const Sources &sources, Diagnostics &diagnostics)
      : sources(sources), diagnostics(diagnostics) {}

  std::optional<SpecTest> read(const ast::Decl &decl);

private:
  std::optional<TestValue> readValue(const Expr &expr, bool isExpect);
  std::optional<TestValue> readCall(const Expr &call, bool isExpect);
  bool isLiteral(const Expr &expr) const;
  std::string literalText(const Expr &expr) const;
  std::nullopt_t refuse(Span span) {
    diagnostics.report(Diag::bad_test_value, span)
        .help("write a number, a list such as `[[1, 0], [0, 1]]`, a string, "
              "`npy(\"x.npy\")`, `random(seed)` or, after `~`, `reference()`");
    return std::nullopt;
  }
  const Sources &sources;
  Diagnostics &diagnostics;
};
} // namespace

/// A number, also a negative one, a truth value, or a list of such. The parser
/// bounds the height of trees.
bool TestReader::isLiteral(const Expr &expr) const {
  switch (expr.kind) {
  case Expr::Kind::Integer:
  case Expr::Kind::Float:
  case Expr::Kind::Bool:
    return true;
  case Expr::Kind::Unary:
    return expr.op == ast::Operator::Negate && isLiteral(*expr.operands[0]) &&
           expr.operands[0]->kind != Expr::Kind::List;
  case Expr::Kind::Name:
    return expr.text == "inf" || expr.text == "nan";
  case Expr::Kind::List:
    return llvm::all_of(expr.operands,
                        [&](const Expr *part) { return isLiteral(*part); });
  default:
    return false;
  }
}

/// A literal without the white space and comments that the file has in it.
std::string TestReader::literalText(const Expr &expr) const {
  if (expr.kind == Expr::Kind::Unary)
    return "-" + literalText(*expr.operands[0]);
  if (expr.kind != Expr::Kind::List)
    return sources.text(expr.span).str();
  std::string text = "[";
  for (const Expr *part : expr.operands)
    text += (text.size() > 1 ? ", " : "") + literalText(*part);
  return text + "]";
}

std::optional<TestValue> TestReader::readCall(const Expr &call, bool isExpect) {
  StringRef name = call.callee.text;
  size_t count = call.arguments.size();
  const Expr *first = count > 0 ? call.arguments[0].value : nullptr;
  if (name == "npy" && count == 1 && first->kind == Expr::Kind::String)
    return TestValue{TestValue::Kind::File, first->text.str()};
  if (name == "reference" && count == 0 && isExpect)
    return TestValue{TestValue::Kind::Reference, ""};
  if (name == "random" && !isExpect && count == 0)
    return TestValue{TestValue::Kind::Random, "1"};
  if (name == "random" && !isExpect && count == 1 &&
      first->kind == Expr::Kind::Integer)
    return TestValue{TestValue::Kind::Random, std::to_string(first->integer)};
  return refuse(call.span);
}

std::optional<TestValue> TestReader::readValue(const Expr &expr,
                                               bool isExpect) {
  if (expr.kind == Expr::Kind::String)
    return TestValue{TestValue::Kind::String, expr.text.str()};
  if (expr.kind == Expr::Kind::Call)
    return readCall(expr, isExpect);
  if (!isLiteral(expr))
    return refuse(expr.span);
  return TestValue{TestValue::Kind::Literal, literalText(expr)};
}

std::optional<SpecTest> TestReader::read(const ast::Decl &decl) {
  SpecTest test{decl.text.value.str(), decl.span, {}};
  bool ok = true;
  for (const ast::TestItem &item : decl.items) {
    SpecTest::Item read;
    read.isExpect = item.isExpect;
    read.name = item.name.text.str();
    read.span = item.name.span;
    std::optional<TestValue> value = readValue(*item.value, item.isExpect);
    if (value)
      read.value = *value;
    if (const Expr *tolerance = item.tolerance) {
      bool isNumber = tolerance->kind == Expr::Kind::Integer ||
                      tolerance->kind == Expr::Kind::Float;
      if (!isNumber)
        value = refuse(tolerance->span);
      read.tolerance = tolerance->kind == Expr::Kind::Integer
                           ? double(tolerance->integer)
                           : tolerance->real;
    }
    ok &= value.has_value();
    test.items.push_back(std::move(read));
  }
  if (ok && llvm::none_of(test.items, [](const SpecTest::Item &item) {
        return item.isExpect;
      })) {
    diagnostics.report(Diag::test_without_expect, decl.text.span, test.name);
    ok = false;
  }
  return ok ? std::optional(test) : std::nullopt;
}

std::vector<SpecTest> attune::frontend::readTests(StringRef path,
                                                  Sources &sources,
                                                  Diagnostics &diagnostics) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) {
    diagnostics.report(Diag::import_unreadable, std::nullopt, path.str(),
                       buffer.getError().message());
    return {};
  }
  uint32_t file = sources.add(path.str(), (*buffer)->getBuffer().str());
  ast::Context context;
  ast::File tree = parse(sources, file, context, diagnostics);
  std::vector<SpecTest> tests;
  TestReader reader(sources, diagnostics);
  for (const ast::Decl *decl : tree.declarations)
    if (decl->kind == ast::Decl::Kind::Test)
      if (std::optional<SpecTest> test = reader.read(*decl))
        tests.push_back(std::move(*test));
  return tests;
}
