//===- FrontendTests.cpp - Lexer, parser and imports on hostile text ------===//

#include "frontend/Imports.h"
#include "frontend/Lexer.h"
#include "frontend/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <set>
#include <sstream>

using namespace attune::frontend;
using ast::Expr;

namespace {

/// The codes of all messages, in order, separated by blanks.
std::string codes(const Diagnostics &diagnostics) {
  std::string all;
  for (const Diagnostic &diagnostic : diagnostics.all()) {
    if (!all.empty())
      all += ' ';
    all += allDiagnostics()[unsigned(diagnostic.id)].code;
  }
  return all;
}

/// A parsed text with all that its tree points into.
struct Parsed {
  explicit Parsed(std::string text) : diagnostics(sources) {
    uint32_t number = sources.add("t.attn", std::move(text));
    file = parse(sources, number, context, diagnostics);
  }
  std::string codes() const { return ::codes(diagnostics); }
  std::string printed() const {
    std::string text;
    llvm::raw_string_ostream os(text);
    diagnostics.print(os, /*color=*/false);
    return text;
  }
  Sources sources;
  ast::Context context;
  Diagnostics diagnostics;
  ast::File file;
};

/// An expression with every operation in parentheses.
std::string show(const Expr *expr) {
  switch (expr->kind) {
  case Expr::Kind::Integer:
    return std::to_string(expr->integer);
  case Expr::Kind::Name:
    return expr->text.str();
  case Expr::Kind::Unary:
    return "(" + spelling(expr->op).str() + show(expr->operands[0]) + ")";
  case Expr::Kind::Binary:
    return "(" + show(expr->operands[0]) + " " + spelling(expr->op).str() +
           " " + show(expr->operands[1]) + ")";
  case Expr::Kind::InRange:
    return "(" + show(expr->operands[0]) + " in " + show(expr->operands[1]) +
           (expr->boolean ? "..=" : "..") + show(expr->operands[2]) + ")";
  default:
    return "?";
  }
}

std::string showConst(const std::string &text) {
  Parsed parsed("const X = " + text);
  return parsed.diagnostics.hasErrors()
             ? parsed.codes()
             : show(parsed.file.declarations.at(0)->value);
}

std::string repeat(const std::string &text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i)
    all += text;
  return all;
}

std::string lexCodes(std::string text) {
  Sources sources;
  Diagnostics diagnostics(sources);
  uint32_t file = sources.add("t.attn", std::move(text));
  lex(sources, file, diagnostics);
  return codes(diagnostics);
}

TEST(Lexer, FloatNeedsADigitAfterItsPoint) {
  Sources sources;
  Diagnostics diagnostics(sources);
  uint32_t file = sources.add("t.attn", "0..7 1.5 2e3 4..=5");
  std::vector<TokenKind> kinds;
  for (const Token &token : lex(sources, file, diagnostics))
    kinds.push_back(token.kind);
  using K = TokenKind;
  EXPECT_EQ(kinds, (std::vector<K>{K::Integer, K::DotDot, K::Integer, K::Float,
                                   K::Float, K::Integer, K::DotDotEqual,
                                   K::Integer, K::End}));
  EXPECT_FALSE(diagnostics.hasErrors());
}

TEST(Lexer, RefusesWhatIsNotText) {
  EXPECT_EQ(lexCodes(std::string(1 << 20, ' ')), "");
  EXPECT_EQ(lexCodes(std::string((1 << 20) + 1, ' ')), "A0001");
  EXPECT_EQ(lexCodes("dim T \xff"), "A0002");
  EXPECT_EQ(lexCodes("dim \xc0\x80"), "A0002"); // overlong
  EXPECT_EQ(lexCodes(std::string("dim\0T", 5)), "A0003");
  EXPECT_EQ(lexCodes("dim T $"), "A0004");
  EXPECT_EQ(lexCodes("\xEF\xBB\xBF"
                     "dim T"),
            "");
}

TEST(Lexer, RefusesBadTokens) {
  EXPECT_EQ(lexCodes("\"open\n"), "A0005");
  EXPECT_EQ(lexCodes("\"open\\"), "A0006 A0005");
  EXPECT_EQ(lexCodes("\"\\n\""), "A0006");
  EXPECT_EQ(lexCodes("\"\\\" \\\\\""), "");
  EXPECT_EQ(lexCodes("9223372036854775807"), "");
  EXPECT_EQ(lexCodes("9223372036854775808"), "A0007");
  EXPECT_EQ(lexCodes("1e999"), "A0007");
  EXPECT_EQ(lexCodes("12abc"), "A0007");
  EXPECT_EQ(lexCodes(std::string(256, 'n')), "");
  EXPECT_EQ(lexCodes(std::string(257, 'n')), "A0008");
  EXPECT_EQ(lexCodes(std::string(1000000, 'n')), "A0008");
}

TEST(Parser, Precedence) {
  EXPECT_EQ(showConst("1 - 2 - 3"), "((1 - 2) - 3)");
  EXPECT_EQ(showConst("a + b * c @ d"), "(a + (b * (c @ d)))");
  EXPECT_EQ(showConst("-a @ b"), "((-a) @ b)");
  EXPECT_EQ(showConst("a | b & !c < d"), "(a | (b & (!(c < d))))");
  EXPECT_EQ(showConst("q - k in 0..w + 1"), "((q - k) in 0..(w + 1))");
  EXPECT_EQ(showConst("a >> f >> g | h"), "((a >> f) >> (g | h))");
}

TEST(Parser, KeywordsAreNamesElsewhere) {
  Parsed parsed("dim dim, model, test\nconst let = model * test");
  EXPECT_EQ(parsed.codes(), "");
  EXPECT_EQ(parsed.file.declarations.size(), 4u);
  EXPECT_EQ(showConst("in + 1"), "A0101");
  EXPECT_EQ(showConst("at"), "A0101");
}

TEST(Parser, RecoversAtTheNextDeclarationAndStatement) {
  Parsed parsed(
      "const A = *\nmodel m {\n  let x = )\n  let y = 1\n  let z = ]\n"
      "}\nconst B = 2\n");
  EXPECT_EQ(parsed.codes(), "A0101 A0101 A0101");
  EXPECT_EQ(parsed.file.declarations.back()->name.text, "B");
}

TEST(Parser, StopsAfterTwentyErrors) {
  Parsed parsed(repeat("const A = *\n", 1000));
  EXPECT_EQ(parsed.diagnostics.all().size(), 20u);
  EXPECT_NE(parsed.printed().find("too many errors"), std::string::npos);
}

TEST(Parser, WarnsOfLinesThatContinueTheStatementAbove) {
  for (const char *text : {"const A = 1\n- 2", "const A = x\n[0]"}) {
    Parsed parsed(text);
    EXPECT_FALSE(parsed.diagnostics.hasErrors());
    ASSERT_EQ(parsed.diagnostics.all().size(), 1u);
    EXPECT_EQ(parsed.diagnostics.all()[0].id, Diag::continues_line);
  }
}

TEST(Parser, NestingHasOneMessage) {
  EXPECT_EQ(showConst(repeat("(", 256) + "1" + repeat(")", 256)), "1");
  EXPECT_EQ(showConst(repeat("(", 50000) + "1" + repeat(")", 50000)), "A0102");
  EXPECT_EQ(showConst(repeat("-", 100000) + "1"), "A0102");
  EXPECT_EQ(showConst(repeat("!", 100000) + "1"), "A0102");
  EXPECT_EQ(showConst(repeat("[", 100000)), "A0102");
  EXPECT_EQ(showConst(repeat("{", 100000)), "A0102");
  EXPECT_EQ(showConst(repeat("f(", 100000)), "A0102");
  EXPECT_EQ(showConst(repeat("x[", 100000)), "A0102");
}

TEST(Parser, LongChainsHaveOneMessage) {
  EXPECT_EQ(showConst("1" + repeat("+1", 100000)), "A0104");
  // 250 parentheses and chains of 999 pass each limit alone; the tree of
  // 250,000 levels would overflow the stack of whoever walks it.
  std::string text = "1";
  for (int i = 0; i < 250; ++i)
    text = "(" + text + ")" + repeat("+1", 999);
  EXPECT_EQ(showConst(text), "A0104");
}

TEST(Parser, CountsDeclarations) {
  EXPECT_EQ(Parsed(repeat("dim A\n", 10000)).codes(), "");
  EXPECT_EQ(Parsed(repeat("dim A\n", 10001)).codes(), "A0103");
}

TEST(Diagnostics, ShowsTheLineWithCaretsAndEscapes) {
  EXPECT_EQ(Parsed("const A = * // \x1b[31m \xE2\x80\xAE").printed(),
            "error[A0101]: expected an expression, found `*`\n"
            "  --> t.attn:1:11\n"
            "1 | const A = * // \\u{1b}[31m \\u{202e}\n"
            "  |           ^\n");
}

TEST(Diagnostics, TableHasUniqueCodesAndExplanations) {
  std::set<std::string> seen;
  for (const DiagnosticInfo &info : allDiagnostics()) {
    EXPECT_TRUE(seen.insert(info.code.str()).second) << info.code.str();
    EXPECT_FALSE(info.explanation.empty()) << info.code.str();
    EXPECT_EQ(findDiagnostic(info.code), &info);
  }
  EXPECT_EQ(findDiagnostic("A9999"), nullptr);
}

/// A folder of files that goes away with the test.
class Imports : public testing::Test {
protected:
  void SetUp() override {
    llvm::SmallString<128> path;
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("attune-imports", path));
    root = path.str().str();
    ASSERT_FALSE(llvm::sys::fs::create_directories(root + "/work/sub"));
    ASSERT_FALSE(llvm::sys::fs::create_directories(root + "/lib"));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(root); }

  void write(const std::string &name, const std::string &text) {
    std::ofstream(root + "/" + name) << text;
  }
  /// The codes after `main` is loaded; `files` counts what was read.
  std::string load(const std::string &main) {
    write("work/main.attn", main);
    Sources sources;
    ast::Context context;
    Diagnostics diagnostics(sources);
    files = loadProgram(root + "/work/main.attn", root + "/lib", sources,
                        context, diagnostics)
                .files.size();
    return codes(diagnostics);
  }
  std::string code(Diag id) {
    return allDiagnostics()[unsigned(id)].code.str();
  }

  std::string root;
  size_t files = 0;
};

TEST_F(Imports, ReadsEachFileOnce) {
  write("lib/masks.attn", "dim S");
  write("work/sub/a.attn", "import \"std/masks\"\ndim A");
  EXPECT_EQ(load("import \"sub/a\"\nimport \"std/masks\""), "");
  EXPECT_EQ(files, 3u);
}

TEST_F(Imports, RefusesPathsThatLeave) {
  write("out.attn", "dim O");
  ASSERT_FALSE(
      llvm::sys::fs::create_link(root + "/out.attn", root + "/work/l.attn"));
  std::string escapes = code(Diag::import_escapes);
  for (const char *name :
       {"../out", "/etc/passwd", "sub/../../out", "./a", "", "std/../out", "l"})
    EXPECT_EQ(load("import \"" + std::string(name) + "\""), escapes) << name;
}

TEST_F(Imports, RefusesMissingFilesAndCycles) {
  EXPECT_EQ(load("import \"gone\""), code(Diag::import_not_found));
  EXPECT_EQ(load("import \"main\""), code(Diag::import_cycle));
}

TEST(Mutations, NeverCrashTheParser) {
  std::ifstream in(ATTUNE_SOURCE_DIR "/frontend/lib/torch.attn");
  std::stringstream buffer;
  buffer << in.rdbuf();
  const std::string seed = buffer.str();
  ASSERT_FALSE(seed.empty());
  EXPECT_EQ(Parsed(seed).codes(), "");
  const std::string pieces[] = {
      "(",   ")",   "[",  "]",  "{",    "}",       "=",         ",",
      "-",   "\"",  "..", ">>", "let ", "return ", "model m {", "\n",
      "at ", "in ", "9",  "1e", "\\",   "\xff",    "!"};
  std::mt19937 random(7); // the same mutations in each run
  size_t refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = seed;
    for (unsigned edits = random() % 4 + 1; edits; --edits) {
      size_t at = random() % text.size();
      if (random() % 2)
        text.insert(at, pieces[random() % std::size(pieces)]);
      else
        text.erase(at, random() % 8 + 1);
    }
    Parsed parsed(text);
    refused += parsed.diagnostics.hasErrors();
    parsed.printed();
  }
  EXPECT_GT(refused, 1000u); // the mutations do reach the parser
}

} // namespace
