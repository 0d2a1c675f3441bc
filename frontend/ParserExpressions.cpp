//===- ParserExpressions.cpp - Expressions by precedence ------------------===//

#include "frontend/ParserImpl.h"

using namespace attune::frontend;
using namespace attune::frontend::ast;

Parser::Nesting::Nesting(Parser &parser) : parser(parser) {
  ok = ++parser.depth <= maxDepth;
  if (ok || parser.isStopped)
    return;
  parser.diagnostics.report(Diag::nesting_too_deep, parser.token().span);
  // What follows would be reported once for each level: nothing is read on.
  parser.isStopped = true;
  parser.at = parser.tokens.size() - 1;
}

const Expr *Parser::binary(Operator op, Span opSpan, const Expr *lhs,
                           const Expr *rhs) {
  Expr expr{Expr::Kind::Binary, Span::join(lhs->span, rhs->span)};
  expr.op = op;
  expr.opSpan = opSpan;
  const Expr *operands[] = {lhs, rhs};
  expr.operands = context.copy(llvm::ArrayRef<const Expr *>(operands));
  return finish(expr);
}

const Expr *Parser::finish(Expr &expr) {
  auto cover = [&](const Expr *child) {
    if (child)
      expr.height = std::max(expr.height, child->height + 1);
  };
  for (const Expr *operand : expr.operands)
    cover(operand);
  for (const Slice &slice : expr.slices) {
    cover(slice.index);
    cover(slice.begin);
    cover(slice.end);
  }
  for (const Argument &argument : expr.arguments)
    cover(argument.value);
  // Long chains inside nested parentheses pass both other limits, and yet make
  // a tree of 256,000 levels.
  if (expr.height <= maxHeight)
    return context.make(expr);
  diagnostics.report(Diag::expression_too_long, expr.span, unsigned(maxHeight));
  return nullptr;
}

namespace {
/// Left-associative levels, loosest first; comparisons and `!` sit between
/// level 2 and level 3.
enum Level : unsigned {
  LevelThen,
  LevelOr,
  LevelAnd,
  LevelSum,
  LevelMul,
  LevelMat
};

std::optional<Operator> operatorAt(unsigned level, TokenKind kind) {
  switch (level) {
  case LevelThen:
    return kind == TokenKind::ShiftRight ? std::optional(Operator::Then)
                                         : std::nullopt;
  case LevelOr:
    return kind == TokenKind::Pipe ? std::optional(Operator::Or) : std::nullopt;
  case LevelAnd:
    return kind == TokenKind::Amp ? std::optional(Operator::And) : std::nullopt;
  case LevelSum:
    return kind == TokenKind::Plus    ? std::optional(Operator::Add)
           : kind == TokenKind::Minus ? std::optional(Operator::Subtract)
                                      : std::nullopt;
  case LevelMul:
    return kind == TokenKind::Star      ? std::optional(Operator::Multiply)
           : kind == TokenKind::Slash   ? std::optional(Operator::Divide)
           : kind == TokenKind::Percent ? std::optional(Operator::Remainder)
                                        : std::nullopt;
  default:
    return kind == TokenKind::At ? std::optional(Operator::MatMul)
                                 : std::nullopt;
  }
}
} // namespace

const Expr *Parser::parseExpr() { return parseLevel(LevelThen); }

const Expr *Parser::parseSum() { return parseLevel(LevelSum); }

const Expr *Parser::parseLevel(unsigned level) {
  auto parseOperand = [&]() -> const Expr * {
    if (level == LevelAnd)
      return parseComparison();
    if (level == LevelMat)
      return parsePrefix();
    return parseLevel(level + 1);
  };
  const Expr *lhs = parseOperand();
  unsigned chain = 0;
  while (lhs) {
    std::optional<Operator> op = operatorAt(level, token().kind);
    if (!op)
      return lhs;
    if (++chain > maxChain) {
      diagnostics.report(Diag::expression_too_long, token().span,
                         unsigned(maxChain));
      return nullptr;
    }
    if (*op == Operator::Subtract && token().startsLine)
      diagnostics.report(Diag::continues_line, token().span);
    Span opSpan = advance();
    const Expr *rhs = parseOperand();
    lhs = rhs ? binary(*op, opSpan, lhs, rhs) : nullptr;
  }
  return nullptr;
}

/// not = { "!" } cmp ; cmp = sum [ relation sum | "in" range ].
const Expr *Parser::parseComparison() {
  if (is(TokenKind::Bang)) {
    Nesting nesting(*this);
    if (!nesting)
      return nullptr;
    Span opSpan = advance();
    const Expr *operand = parseComparison();
    if (!operand)
      return nullptr;
    Expr expr{Expr::Kind::Unary, Span::join(opSpan, operand->span)};
    expr.op = Operator::Not;
    expr.opSpan = opSpan;
    expr.operands = context.copy(llvm::ArrayRef<const Expr *>(operand));
    return finish(expr);
  }
  const Expr *lhs = parseSum();
  if (!lhs)
    return nullptr;
  static constexpr std::pair<TokenKind, Operator> relations[] = {
      {TokenKind::EqualEqual, Operator::Equal},
      {TokenKind::NotEqual, Operator::NotEqual},
      {TokenKind::Less, Operator::Less},
      {TokenKind::LessEqual, Operator::LessEqual},
      {TokenKind::Greater, Operator::Greater},
      {TokenKind::GreaterEqual, Operator::GreaterEqual}};
  for (auto [kind, op] : relations)
    if (is(kind)) {
      Span opSpan = advance();
      const Expr *rhs = parseSum();
      return rhs ? binary(op, opSpan, lhs, rhs) : nullptr;
    }
  if (isKeyword("in")) {
    Expr expr{Expr::Kind::InRange, lhs->span};
    expr.opSpan = advance();
    const Expr *operands[] = {lhs, nullptr, nullptr};
    if (!parseRange(operands[1], operands[2], expr.boolean))
      return nullptr;
    expr.operands = context.copy(llvm::ArrayRef<const Expr *>(operands));
    expr.span = spanFrom(lhs->span);
    return finish(expr);
  }
  return lhs;
}

bool Parser::parseRange(const Expr *&begin, const Expr *&end, bool &closed) {
  if (!(begin = parseSum()))
    return false;
  closed = is(TokenKind::DotDotEqual);
  if (!closed && !is(TokenKind::DotDot)) {
    reportExpected("`..` or `..=`");
    return false;
  }
  advance();
  return (end = parseSum());
}

const Expr *Parser::parsePrefix() {
  if (!is(TokenKind::Minus))
    return parsePostfix();
  Nesting nesting(*this);
  if (!nesting)
    return nullptr;
  Span opSpan = advance();
  const Expr *operand = parsePrefix();
  if (!operand)
    return nullptr;
  Expr expr{Expr::Kind::Unary, Span::join(opSpan, operand->span)};
  expr.op = Operator::Negate;
  expr.opSpan = opSpan;
  expr.operands = context.copy(llvm::ArrayRef<const Expr *>(operand));
  return finish(expr);
}

const Expr *Parser::parsePostfix() {
  const Expr *base = parsePrimary();
  // `x[0]` once: a second index would be ambiguous with the next statement.
  if (base && is(TokenKind::LBracket)) {
    if (token().startsLine)
      diagnostics.report(Diag::continues_line, token().span);
    return parseIndex(base);
  }
  return base;
}

const Expr *Parser::parseIndex(const Expr *base) {
  Nesting nesting(*this);
  if (!nesting)
    return nullptr;
  advance();
  llvm::SmallVector<Slice> slices;
  do {
    Slice slice;
    Span begin = token().span;
    const Expr *first = nullptr;
    if (!is(TokenKind::Colon) && !(first = parseExpr()))
      return nullptr;
    if (consume(TokenKind::Colon)) {
      slice.begin = first;
      if (!is(TokenKind::Comma) && !is(TokenKind::RBracket) &&
          !(slice.end = parseExpr()))
        return nullptr;
    } else {
      slice.index = first;
    }
    slice.span = spanFrom(begin);
    slices.push_back(slice);
  } while (consume(TokenKind::Comma));
  if (!expect(TokenKind::RBracket, "`,` or `]`"))
    return nullptr;
  Expr expr{Expr::Kind::Index, spanFrom(base->span)};
  expr.operands = context.copy(llvm::ArrayRef<const Expr *>(base));
  expr.slices = context.copy(llvm::ArrayRef<Slice>(slices));
  return finish(expr);
}

bool Parser::parseExprList(llvm::ArrayRef<const Expr *> &list,
                           TokenKind close) {
  llvm::SmallVector<const Expr *> items;
  if (!is(close))
    do {
      const Expr *item = parseExpr();
      if (!item)
        return false;
      items.push_back(item);
    } while (consume(TokenKind::Comma));
  list = context.copy(llvm::ArrayRef<const Expr *>(items));
  return expect(close, "`,` or `]`");
}

const Expr *Parser::parseCall() {
  Expr expr{Expr::Kind::Call, token().span};
  Span begin = token().span;
  expr.callee = {textOf(token()), token().span};
  advance();
  advance(); // the parenthesis
  Nesting nesting(*this);
  if (!nesting)
    return nullptr;
  llvm::SmallVector<Argument> arguments;
  if (!is(TokenKind::RParen))
    do {
      Argument argument;
      if (is(TokenKind::Name) && next().kind == TokenKind::Assign) {
        argument.name = Name{textOf(token()), token().span};
        advance();
        advance();
      }
      if (!(argument.value = parseExpr()))
        return nullptr;
      arguments.push_back(argument);
    } while (consume(TokenKind::Comma));
  if (!expect(TokenKind::RParen, "`,` or `)`"))
    return nullptr;
  expr.arguments = context.copy(llvm::ArrayRef<Argument>(arguments));
  if (consumeKeyword("at")) {
    Text text;
    if (!parseText(text, "a prefix of weight names, as a string"))
      return nullptr;
    expr.at = text;
  }
  expr.span = spanFrom(begin);
  return finish(expr);
}

const Expr *Parser::parsePrimary() {
  Expr expr{Expr::Kind::Integer, token().span};
  switch (token().kind) {
  case TokenKind::Integer:
    expr.integer = token().integer;
    advance();
    return finish(expr);
  case TokenKind::Float:
    expr.kind = Expr::Kind::Float;
    expr.real = token().real;
    advance();
    return finish(expr);
  case TokenKind::String: {
    Text text;
    parseText(text, "a string");
    expr.kind = Expr::Kind::String;
    expr.text = text.value;
    return finish(expr);
  }
  case TokenKind::Name: {
    llvm::StringRef word = textOf(token());
    if (word == "true" || word == "false") {
      expr.kind = Expr::Kind::Bool;
      expr.boolean = word == "true";
      advance();
      return finish(expr);
    }
    if (word == "in" || word == "at")
      break;
    if (next().kind == TokenKind::LParen)
      return parseCall();
    expr.kind = Expr::Kind::Name;
    expr.text = word;
    advance();
    return finish(expr);
  }
  case TokenKind::LParen: {
    Nesting nesting(*this);
    if (!nesting)
      return nullptr;
    advance();
    const Expr *inner = parseExpr();
    if (!inner || !expect(TokenKind::RParen, "`)`"))
      return nullptr;
    return inner;
  }
  case TokenKind::LBracket: {
    Nesting nesting(*this);
    if (!nesting)
      return nullptr;
    Span begin = advance();
    expr.kind = Expr::Kind::List;
    if (!parseExprList(expr.operands, TokenKind::RBracket))
      return nullptr;
    expr.span = spanFrom(begin);
    return finish(expr);
  }
  case TokenKind::LBrace: {
    Nesting nesting(*this);
    if (!nesting)
      return nullptr;
    Span begin = advance();
    const Expr *inner = parseExpr();
    if (!inner || !expect(TokenKind::RBrace, "`}`"))
      return nullptr;
    expr.kind = Expr::Kind::Braced;
    expr.operands = context.copy(llvm::ArrayRef<const Expr *>(inner));
    expr.span = spanFrom(begin);
    return finish(expr);
  }
  default:
    break;
  }
  reportExpected("an expression");
  return nullptr;
}
