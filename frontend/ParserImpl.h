//===- ParserImpl.h - State of the parser (internal) ------------*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_PARSERIMPL_H
#define ATTUNE_FRONTEND_PARSERIMPL_H

#include "frontend/AST.h"
#include "frontend/Lexer.h"

namespace attune::frontend {

/// Recursive descent with one token of look-ahead, and one more for `name =` in
/// calls. Functions return null after an error that was reported.
class Parser {
public:
  Parser(const Sources &sources, uint32_t file, ast::Context &context,
         Diagnostics &diagnostics)
      : sources(sources), context(context), diagnostics(diagnostics),
        tokens(lex(sources, file, diagnostics)) {}

  std::vector<const ast::Decl *> parseFile();

private:
  // Tokens (Parser.cpp).
  const Token &token() const { return tokens[at]; }
  const Token &next() const {
    return tokens[std::min(at + 1, tokens.size() - 1)];
  }
  bool is(TokenKind kind) const { return token().kind == kind; }
  bool isKeyword(llvm::StringRef word) const {
    return is(TokenKind::Name) && textOf(token()) == word;
  }
  llvm::StringRef textOf(const Token &token) const {
    return sources.text(token.span);
  }
  Span advance() { return tokens[at < tokens.size() - 1 ? at++ : at].span; }
  bool consume(TokenKind kind) { return is(kind) && (advance(), true); }
  bool consumeKeyword(llvm::StringRef word) {
    return isKeyword(word) && (advance(), true);
  }
  bool expect(TokenKind kind, llvm::StringRef what);
  bool expectKeyword(llvm::StringRef word);
  bool parseName(ast::Name &name, llvm::StringRef what);
  bool parseText(ast::Text &text, llvm::StringRef what);
  void reportExpected(llvm::StringRef what);
  void recover(bool toDeclaration);
  bool startsDeclaration() const;
  bool startsStatement() const;
  Span spanFrom(Span begin) const;

  // Declarations and statements (ParserDeclarations.cpp).
  bool parseDeclaration(std::vector<const ast::Decl *> &out);
  bool parseDims(std::vector<const ast::Decl *> &out, Span begin);
  bool parseConsts(std::vector<const ast::Decl *> &out, Span begin);
  bool parseDimNames(llvm::ArrayRef<ast::Name> &result);
  const ast::Decl *parseMaskOrScore(ast::Decl::Kind kind, Span begin);
  const ast::Decl *parseBlock(Span begin);
  const ast::Decl *parseModel(Span begin);
  const ast::Decl *parseTest(Span begin);
  bool parseFields(llvm::ArrayRef<ast::Field> &fields, bool isParam,
                   TokenKind close);
  bool parseType(ast::Type &type);
  bool parseBody(llvm::ArrayRef<const ast::Stmt *> &body, bool isModelLevel,
                 bool hasReturn);
  const ast::Stmt *parseStatement(bool isModelLevel);
  bool parseNamesAndValue(ast::Stmt &stmt);

  // Expressions (ParserExpressions.cpp).
  const ast::Expr *parseExpr();
  const ast::Expr *parseLevel(unsigned level);
  const ast::Expr *parseComparison();
  const ast::Expr *parseSum();
  const ast::Expr *parsePrefix();
  const ast::Expr *parsePostfix();
  const ast::Expr *parsePrimary();
  const ast::Expr *parseCall();
  const ast::Expr *parseIndex(const ast::Expr *base);
  bool parseExprList(llvm::ArrayRef<const ast::Expr *> &list, TokenKind close);
  bool parseRange(const ast::Expr *&begin, const ast::Expr *&end, bool &closed);
  /// Puts a node into the arena; null when its tree is too high.
  const ast::Expr *finish(ast::Expr &expr);
  const ast::Expr *binary(ast::Operator op, Span opSpan, const ast::Expr *lhs,
                          const ast::Expr *rhs);

  /// Counts nesting; reports and is false beyond the limit.
  class Nesting {
  public:
    explicit Nesting(Parser &parser);
    ~Nesting() { --parser.depth; }
    explicit operator bool() const { return ok; }

  private:
    Parser &parser;
    bool ok;
  };

  static constexpr unsigned maxDepth = 256;
  static constexpr unsigned maxChain = 1000;
  static constexpr unsigned maxHeight = 2000;
  static constexpr size_t maxDeclarations = 10000;

  const Sources &sources;
  ast::Context &context;
  Diagnostics &diagnostics;
  std::vector<Token> tokens;
  size_t at = 0;
  unsigned depth = 0;
  bool isStopped = false; ///< at a nesting that is too deep
};

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_PARSERIMPL_H
