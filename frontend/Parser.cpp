//===- Parser.cpp - Files and error recovery ------------------------------===//

#include "frontend/Parser.h"

#include "frontend/Hints.h"
#include "frontend/ParserImpl.h"

using namespace attune::frontend;
using namespace attune::frontend::ast;

llvm::StringRef ast::spelling(Operator op) {
  static constexpr llvm::StringRef names[] = {
      "|",  "&", "!", "-", "==", "!=", "<", "<=", ">",
      ">=", "+", "-", "*", "/",  "%",  "@", ">>"};
  return names[unsigned(op)];
}

void Parser::reportExpected(llvm::StringRef what) {
  if (isStopped)
    return;
  std::string found = "the end of the file";
  if (!is(TokenKind::End)) {
    llvm::StringRef text = textOf(token());
    found = "`" + text.take_front(40).str() + (text.size() > 40 ? "...`" : "`");
  }
  auto message =
      diagnostics.report(Diag::expected, token().span, what.str(), found);
  // A lone `*` is no power.
  bool isPower = at > 0 && tokens[at - 1].kind == TokenKind::Star;
  llvm::StringRef hint;
  if (!is(TokenKind::Star) || isPower)
    hint = hintForToken(textOf(token()));
  if (hint.empty() && at > 0 && tokens[at - 1].kind == TokenKind::Name)
    hint = hintForToken(textOf(tokens[at - 1]));
  if (!hint.empty())
    message.help(hint.str());
}

bool Parser::expect(TokenKind kind, llvm::StringRef what) {
  if (consume(kind))
    return true;
  reportExpected(what);
  return false;
}

bool Parser::expectKeyword(llvm::StringRef word) {
  if (consumeKeyword(word))
    return true;
  reportExpected("`" + word.str() + "`");
  return false;
}

/// The only reserved words; every other keyword may also name something.
static bool isReserved(llvm::StringRef text) {
  return text == "in" || text == "at" || text == "true" || text == "false";
}

bool Parser::parseName(Name &name, llvm::StringRef what) {
  if (!is(TokenKind::Name) || isReserved(textOf(token()))) {
    reportExpected(what);
    return false;
  }
  name = {textOf(token()), token().span};
  advance();
  return true;
}

bool Parser::parseText(Text &text, llvm::StringRef what) {
  if (!is(TokenKind::String)) {
    reportExpected(what);
    return false;
  }
  text = {context.copy(llvm::StringRef(stringValue(textOf(token())))),
          token().span};
  advance();
  return true;
}

Span Parser::spanFrom(Span begin) const {
  return Span::join(begin, tokens[at == 0 ? 0 : at - 1].span);
}

bool Parser::startsDeclaration() const {
  if (!is(TokenKind::Name))
    return false;
  llvm::StringRef word = textOf(token());
  TokenKind after = next().kind;
  if (word == "import" || word == "test")
    return after == TokenKind::String;
  return (word == "dim" || word == "const" || word == "mask" ||
          word == "score" || word == "block" || word == "model") &&
         after == TokenKind::Name;
}

bool Parser::startsStatement() const {
  if (!is(TokenKind::Name) || !token().startsLine)
    return false;
  llvm::StringRef word = textOf(token());
  bool keyword = word == "option" || word == "input" || word == "param" ||
                 word == "let" || word == "for" || word == "output" ||
                 word == "return";
  return keyword && next().kind == TokenKind::Name;
}

/// Skips to where a statement or declaration starts, over matched brackets.
void Parser::recover(bool toDeclaration) {
  unsigned open = 0;
  while (!is(TokenKind::End)) {
    if (token().startsLine && startsDeclaration())
      return;
    if (!toDeclaration && open == 0 &&
        (startsStatement() || is(TokenKind::RBrace)))
      return;
    if (is(TokenKind::LBrace))
      ++open;
    else if (is(TokenKind::RBrace) && open)
      --open;
    advance();
  }
}

std::vector<const Decl *> Parser::parseFile() {
  std::vector<const Decl *> declarations;
  while (!is(TokenKind::End)) {
    size_t before = at;
    if (!parseDeclaration(declarations)) {
      if (at == before)
        advance();
      recover(/*toDeclaration=*/true);
    }
    if (declarations.size() > maxDeclarations) {
      diagnostics.report(Diag::too_many_declarations, token().span);
      break;
    }
    if (diagnostics.errorCount() > Diagnostics::limit)
      break;
  }
  return declarations;
}

File attune::frontend::parse(const Sources &sources, uint32_t file,
                             Context &context, Diagnostics &diagnostics) {
  return {file, Parser(sources, file, context, diagnostics).parseFile()};
}
