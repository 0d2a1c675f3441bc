//===- ParserDeclarations.cpp - Declarations and statements ---------------===//

#include "frontend/ParserImpl.h"

using namespace attune::frontend;
using namespace attune::frontend::ast;

bool Parser::parseDeclaration(std::vector<const Decl *> &out) {
  Span begin = token().span;
  const Decl *decl = nullptr;
  if (consumeKeyword("import")) {
    Decl import{Decl::Kind::Import, begin};
    if (!parseText(import.text, "the path of a file, as a string"))
      return false;
    import.span = spanFrom(begin);
    decl = context.make(import);
  } else if (consumeKeyword("dim")) {
    return parseDims(out, begin);
  } else if (consumeKeyword("const")) {
    return parseConsts(out, begin);
  } else if (consumeKeyword("mask")) {
    decl = parseMaskOrScore(Decl::Kind::Mask, begin);
  } else if (consumeKeyword("score")) {
    decl = parseMaskOrScore(Decl::Kind::Score, begin);
  } else if (consumeKeyword("block")) {
    decl = parseBlock(begin);
  } else if (consumeKeyword("model")) {
    decl = parseModel(begin);
  } else if (consumeKeyword("test")) {
    decl = parseTest(begin);
  } else {
    reportExpected("a declaration (`import`, `dim`, `const`, `mask`, `score`, "
                   "`block`, `model` or `test`)");
  }
  if (!decl)
    return false;
  out.push_back(decl);
  return true;
}

bool Parser::parseDims(std::vector<const Decl *> &out, Span begin) {
  do {
    Decl dim{Decl::Kind::Dim, begin};
    if (!parseName(dim.name, "the name of a dim"))
      return false;
    if (consume(TokenKind::LessEqual) && !(dim.value = parseSum()))
      return false;
    dim.span = spanFrom(begin);
    out.push_back(context.make(dim));
    begin = token().span;
  } while (consume(TokenKind::Comma));
  return true;
}

bool Parser::parseConsts(std::vector<const Decl *> &out, Span begin) {
  do {
    Decl constant{Decl::Kind::Const, begin};
    if (!parseName(constant.name, "the name of a const") ||
        !expect(TokenKind::Assign, "`=`") || !(constant.value = parseExpr()))
      return false;
    constant.span = spanFrom(begin);
    out.push_back(context.make(constant));
    begin = token().span;
  } while (consume(TokenKind::Comma));
  return true;
}

/// `[B, T]`: the dimension names that each call binds, if there are any.
bool Parser::parseDimNames(llvm::ArrayRef<Name> &result) {
  if (!consume(TokenKind::LBracket))
    return true;
  llvm::SmallVector<Name> names;
  do {
    Name name;
    if (!parseName(name, "the name of a dimension"))
      return false;
    names.push_back(name);
  } while (consume(TokenKind::Comma));
  result = context.copy(llvm::ArrayRef<Name>(names));
  return expect(TokenKind::RBracket, "`]`");
}

const Decl *Parser::parseMaskOrScore(Decl::Kind kind, Span begin) {
  Decl decl{kind, begin};
  if (!parseName(decl.name, kind == Decl::Kind::Mask ? "the name of a mask"
                                                     : "the name of a score") ||
      !parseDimNames(decl.dimNames))
    return nullptr;
  if (consume(TokenKind::LParen) &&
      !parseFields(decl.fields, /*isParam=*/false, TokenKind::RParen))
    return nullptr;
  if (!expect(TokenKind::Assign, "`=`") || !(decl.value = parseExpr()))
    return nullptr;
  decl.span = spanFrom(begin);
  return context.make(decl);
}

const Decl *Parser::parseBlock(Span begin) {
  Decl decl{Decl::Kind::Block, begin};
  if (!parseName(decl.name, "the name of a block"))
    return nullptr;
  if (!parseDimNames(decl.dimNames))
    return nullptr;
  if (!expect(TokenKind::LParen, "`(`"))
    return nullptr;
  if (!consume(TokenKind::RParen) &&
      !parseFields(decl.fields, /*isParam=*/false, TokenKind::RParen))
    return nullptr;
  if (!expect(TokenKind::Arrow, "`->` and the type of the result"))
    return nullptr;
  llvm::SmallVector<Type> results;
  bool several = consume(TokenKind::LParen);
  do {
    Type type;
    if (!parseType(type))
      return nullptr;
    results.push_back(type);
  } while (several && consume(TokenKind::Comma));
  if (several && !expect(TokenKind::RParen, "`)`"))
    return nullptr;
  decl.results = context.copy(llvm::ArrayRef<Type>(results));
  if (!expect(TokenKind::LBrace, "`{`") ||
      !parseBody(decl.body, /*isModelLevel=*/false, /*hasReturn=*/true))
    return nullptr;
  decl.returnSpan = token().span;
  if (!expectKeyword("return"))
    return nullptr;
  llvm::SmallVector<const Expr *> returned;
  do {
    const Expr *value = parseExpr();
    if (!value)
      return nullptr;
    returned.push_back(value);
  } while (consume(TokenKind::Comma));
  decl.returned = context.copy(llvm::ArrayRef<const Expr *>(returned));
  if (!expect(TokenKind::RBrace, "`}` after `return`"))
    return nullptr;
  decl.span = spanFrom(begin);
  return context.make(decl);
}

const Decl *Parser::parseModel(Span begin) {
  Decl decl{Decl::Kind::Model, begin};
  if (!parseName(decl.name, "the name of a model") ||
      !expect(TokenKind::LBrace, "`{`") ||
      !parseBody(decl.body, /*isModelLevel=*/true, /*hasReturn=*/false) ||
      !expect(TokenKind::RBrace, "a statement or `}`"))
    return nullptr;
  decl.span = spanFrom(begin);
  return context.make(decl);
}

const Decl *Parser::parseTest(Span begin) {
  Decl decl{Decl::Kind::Test, begin};
  if (!parseText(decl.text, "the name of the test, as a string") ||
      !expect(TokenKind::LBrace, "`{`"))
    return nullptr;
  llvm::SmallVector<TestItem> items;
  while (!is(TokenKind::RBrace) && !is(TokenKind::End)) {
    TestItem item;
    item.isExpect = isKeyword("expect") && next().kind == TokenKind::Name;
    if (item.isExpect)
      advance();
    if (!parseName(item.name, "a name or `expect`") ||
        !expect(item.isExpect ? TokenKind::Tilde : TokenKind::Assign,
                item.isExpect ? "`~`" : "`=`") ||
        !(item.value = parseExpr()))
      return nullptr;
    if (item.isExpect && consumeKeyword("tol") &&
        !(item.tolerance = parseExpr()))
      return nullptr;
    items.push_back(item);
  }
  if (!expect(TokenKind::RBrace, "`}`"))
    return nullptr;
  decl.items = context.copy(llvm::ArrayRef<TestItem>(items));
  decl.span = spanFrom(begin);
  return context.make(decl);
}

/// Fields up to `close`; TokenKind::End: up to where no comma follows.
bool Parser::parseFields(llvm::ArrayRef<Field> &fields, bool isParam,
                         TokenKind close) {
  llvm::SmallVector<Field> list;
  do {
    Field field;
    if (!parseName(field.name, "the name of an argument") ||
        !expect(TokenKind::Colon, "`:` and a type") || !parseType(field.type))
      return false;
    if (isParam) {
      if (consumeKeyword("at")) {
        Text text;
        if (!parseText(text, "the name of a weight, as a string"))
          return false;
        field.at = text;
      }
    } else if (consume(TokenKind::Assign)) {
      if (!(field.defaultValue = parseExpr()))
        return false;
    }
    list.push_back(field);
  } while (consume(TokenKind::Comma));
  fields = context.copy(llvm::ArrayRef<Field>(list));
  return close == TokenKind::End || expect(close, "`,` or `)`");
}

bool Parser::parseType(Type &type) {
  Span begin = token().span;
  if (!parseName(type.name, "a type such as `f32[B, T]`"))
    return false;
  if (is(TokenKind::LBracket) && !token().startsLine) {
    advance();
    type.hasShape = true;
    llvm::SmallVector<const Expr *> shape;
    if (!is(TokenKind::RBracket))
      do {
        const Expr *extent = parseSum();
        if (!extent)
          return false;
        shape.push_back(extent);
      } while (consume(TokenKind::Comma));
    if (!expect(TokenKind::RBracket, "`,` or `]`"))
      return false;
    type.shape = context.copy(llvm::ArrayRef<const Expr *>(shape));
  }
  type.span = spanFrom(begin);
  return true;
}

/// Statements up to `}` or, in a block, `return`; neither is consumed. Errors
/// inside one statement do not end the body.
bool Parser::parseBody(llvm::ArrayRef<const Stmt *> &body, bool isModelLevel,
                       bool hasReturn) {
  llvm::SmallVector<const Stmt *> list;
  auto atReturn = [&] {
    return hasReturn && isKeyword("return") &&
           next().kind != TokenKind::Assign && next().kind != TokenKind::Comma;
  };
  while (!is(TokenKind::RBrace) && !is(TokenKind::End) && !atReturn()) {
    size_t before = at;
    if (const Stmt *stmt = parseStatement(isModelLevel)) {
      list.push_back(stmt);
      continue;
    }
    if (at == before)
      advance();
    recover(/*toDeclaration=*/false);
    if (token().startsLine && startsDeclaration())
      return false;
  }
  body = context.copy(llvm::ArrayRef<const Stmt *>(list));
  return true;
}

bool Parser::parseNamesAndValue(Stmt &stmt) {
  llvm::SmallVector<Name> names;
  do {
    Name name;
    if (!parseName(name, "a name"))
      return false;
    names.push_back(name);
  } while (consume(TokenKind::Comma));
  stmt.names = context.copy(llvm::ArrayRef<Name>(names));
  return expect(TokenKind::Assign, "`=`") && (stmt.value = parseExpr());
}

const Stmt *Parser::parseStatement(bool isModelLevel) {
  Span begin = token().span;
  Stmt stmt{Stmt::Kind::Assign, begin};
  // A keyword is one only when a name follows: a carried name may equal one.
  bool nameFollows = next().kind == TokenKind::Name;
  llvm::StringRef word = is(TokenKind::Name) ? textOf(token()) : "";
  if (nameFollows && (word == "option" || word == "input")) {
    if (!isModelLevel)
      diagnostics.report(Diag::only_in_model, begin, word.str());
    advance();
    if (word == "option") {
      stmt.kind = Stmt::Kind::Option;
      if (!parseNamesAndValue(stmt))
        return nullptr;
    } else {
      stmt.kind = Stmt::Kind::Input;
      if (!parseFields(stmt.fields, /*isParam=*/false, TokenKind::End))
        return nullptr;
    }
  } else if (nameFollows && word == "param") {
    advance();
    stmt.kind = Stmt::Kind::Param;
    if (!parseFields(stmt.fields, /*isParam=*/true, TokenKind::End))
      return nullptr;
  } else if (nameFollows && word == "let") {
    advance();
    stmt.kind = Stmt::Kind::Let;
    if (!parseNamesAndValue(stmt))
      return nullptr;
  } else if (nameFollows && word == "for") {
    advance();
    stmt.kind = Stmt::Kind::For;
    Name name;
    Nesting nesting(*this);
    if (!nesting || !parseName(name, "the name of the loop's step") ||
        !expectKeyword("in") ||
        !parseRange(stmt.begin, stmt.end, stmt.closed) ||
        !expect(TokenKind::LBrace, "`{`") ||
        !parseBody(stmt.body, /*isModelLevel=*/false, /*hasReturn=*/false) ||
        !expect(TokenKind::RBrace, "a statement or `}`"))
      return nullptr;
    stmt.names = context.copy(llvm::ArrayRef<Name>(name));
  } else if (nameFollows && word == "output") {
    advance();
    stmt.kind = Stmt::Kind::Output;
    Name name;
    if (!parseName(name, "the name of an output"))
      return nullptr;
    stmt.names = context.copy(llvm::ArrayRef<Name>(name));
    if (consume(TokenKind::Colon)) {
      Type type;
      if (!parseType(type))
        return nullptr;
      stmt.type = type;
    }
    if (!expect(TokenKind::Assign, "`=`") || !(stmt.value = parseExpr()))
      return nullptr;
  } else if (is(TokenKind::Name) && (next().kind == TokenKind::Assign ||
                                     next().kind == TokenKind::Comma)) {
    if (!parseNamesAndValue(stmt))
      return nullptr;
  } else {
    reportExpected("a statement (`let`, `param`, `for`, `output`...) or `}`");
    return nullptr;
  }
  stmt.span = spanFrom(begin);
  return context.make(stmt);
}
