//===- Lexer.cpp - Characters to tokens -----------------------------------===//

#include "frontend/Lexer.h"
#include "frontend/Hints.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ConvertUTF.h"

#include <cmath>

using namespace attune::frontend;

namespace {

constexpr size_t maxFileBytes = 1 << 20;
constexpr size_t maxNameLength = 256;

class Lexer {
public:
  Lexer(const Sources &sources, uint32_t file, Diagnostics &diagnostics)
      : text(sources.text(file)), file(file), diagnostics(diagnostics) {}

  std::vector<Token> run() {
    if (checkText())
      while (lexOne())
        ;
    push(TokenKind::End, text.size(), text.size());
    return std::move(tokens);
  }

private:
  bool checkText();
  bool lexOne();
  void lexName();
  void lexNumber();
  void lexString();
  void skipStray();
  bool lexPunctuation();

  Span span(size_t begin, size_t end) const {
    return {file, uint32_t(begin), uint32_t(end)};
  }
  Token &push(TokenKind kind, size_t begin, size_t end) {
    tokens.push_back({kind, span(begin, end), atLineStart});
    atLineStart = false;
    return tokens.back();
  }
  char peek(size_t ahead = 0) const {
    return at + ahead < text.size() ? text[at + ahead] : '\0';
  }

  llvm::StringRef text;
  uint32_t file;
  Diagnostics &diagnostics;
  size_t at = 0;
  bool atLineStart = true;
  std::vector<Token> tokens;
};

bool isNameStart(char c) { return llvm::isAlpha(c) || c == '_'; }
bool isNameBody(char c) { return llvm::isAlnum(c) || c == '_'; }

} // namespace

/// Size, encoding and NUL bytes: one message each, then no tokens.
bool Lexer::checkText() {
  if (text.size() > maxFileBytes) {
    diagnostics.report(Diag::file_too_large, span(0, 0), text.size());
    return false;
  }
  if (text.starts_with("\xEF\xBB\xBF"))
    at = 3;
  size_t nul = text.find('\0');
  if (nul != llvm::StringRef::npos) {
    diagnostics.report(Diag::nul_byte, span(nul, nul + 1));
    return false;
  }
  auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.begin());
  auto *cursor = begin;
  auto *end = reinterpret_cast<const llvm::UTF8 *>(text.end());
  if (!llvm::isLegalUTF8String(&cursor, end)) {
    size_t bad = cursor - begin;
    diagnostics.report(Diag::invalid_utf8, span(bad, bad + 1), *cursor);
    return false;
  }
  return true;
}

/// Lexes one token or skips white space; false at the end.
bool Lexer::lexOne() {
  if (at >= text.size())
    return false;
  char c = peek();
  if (c == '\n') {
    atLineStart = true;
    ++at;
  } else if (c == ' ' || c == '\t' || c == '\r') {
    ++at;
  } else if (c == '/' && peek(1) == '/') {
    at = std::min(text.find('\n', at), text.size());
  } else if (isNameStart(c)) {
    lexName();
  } else if (llvm::isDigit(c)) {
    lexNumber();
  } else if (c == '"') {
    lexString();
  } else if (c == '.' && llvm::isDigit(peek(1))) {
    lexNumber();
  } else if (!lexPunctuation()) {
    skipStray();
  }
  return true;
}

/// A character that starts no token, with what is known to belong to it.
void Lexer::skipStray() {
  char c = peek();
  size_t length = llvm::getNumBytesForUTF8(uint8_t(c));
  auto message =
      diagnostics.report(Diag::stray_character, span(at, at + length),
                         escapeForDisplay(text.substr(at, length)));
  if (llvm::StringRef hint = hintForCharacter(c); !hint.empty())
    message.help(hint.str());
  size_t end = std::min(text.find('\n', at), text.size());
  size_t begin = at, close = text.find('\'', at + 1);
  if (c == '#') {
    at = end;
  } else if (c == '\'' && close < end) {
    at = close + 1;
    push(TokenKind::String, begin, at);
  } else {
    at += length;
  }
}

void Lexer::lexName() {
  size_t begin = at;
  while (isNameBody(peek()))
    ++at;
  if (at - begin > maxNameLength)
    diagnostics.report(Diag::name_too_long, span(begin, begin + maxNameLength),
                       at - begin);
  push(TokenKind::Name, begin, at);
}

/// `0..7` is a range, so a float has a digit after its point.
void Lexer::lexNumber() {
  size_t begin = at;
  bool isFloat = false;
  while (llvm::isDigit(peek()))
    ++at;
  // `1.` and `.5` are no floats here, though they mean one.
  bool isOpen = at == begin ||
                (peek() == '.' && peek(1) != '.' && !llvm::isDigit(peek(1)));
  if (peek() == '.' && (isOpen || llvm::isDigit(peek(1)))) {
    isFloat = true;
    ++at;
    while (llvm::isDigit(peek()))
      ++at;
  }
  if (peek() == 'e' || peek() == 'E') {
    size_t sign = peek(1) == '+' || peek(1) == '-';
    if (llvm::isDigit(peek(1 + sign))) {
      isFloat = true;
      at += 1 + sign;
      while (llvm::isDigit(peek()))
        ++at;
    }
  }
  bool junk = isNameStart(peek());
  while (isNameBody(peek()))
    ++at;
  llvm::StringRef digits = text.slice(begin, at);
  Token &token =
      push(isFloat ? TokenKind::Float : TokenKind::Integer, begin, at);
  llvm::StringRef shown = digits.take_front(40);
  if (isOpen && !junk)
    diagnostics
        .report(Diag::bad_number, token.span, shown.str(),
                "a float has digits on both sides of its point")
        .help("write `" + std::string(digits.front() == '.' ? "0" : "") +
              shown.str() + (digits.back() == '.' ? "0`" : "`"));
  else if (junk)
    diagnostics.report(Diag::bad_number, token.span, shown.str(),
                       "letters follow its digits");
  else if (!isFloat && digits.getAsInteger(10, token.integer))
    diagnostics.report(Diag::bad_number, token.span, shown.str(),
                       "it does not fit 64 bits");
  else if (isFloat &&
           (digits.getAsDouble(token.real) || !std::isfinite(token.real)))
    diagnostics.report(Diag::bad_number, token.span, shown.str(),
                       "it is too large");
}

void Lexer::lexString() {
  size_t begin = at++;
  while (true) {
    char c = peek();
    if (at >= text.size() || c == '\n') {
      diagnostics.report(Diag::unterminated_string, span(begin, begin + 1));
      break;
    }
    ++at;
    if (c == '"')
      break;
    if (c == '\\') {
      if (peek() != '"' && peek() != '\\')
        diagnostics.report(Diag::bad_escape, span(at - 1, at + 1),
                           escapeForDisplay(text.substr(
                               at, llvm::getNumBytesForUTF8(uint8_t(peek())))));
      if (peek() != '\n' && at < text.size())
        ++at;
    }
  }
  push(TokenKind::String, begin, at);
}

bool Lexer::lexPunctuation() {
  // Longer spellings first.
  static constexpr std::pair<llvm::StringRef, TokenKind> table[] = {
      {"..=", TokenKind::DotDotEqual},
      {"..", TokenKind::DotDot},
      {"->", TokenKind::Arrow},
      {">>", TokenKind::ShiftRight},
      {"==", TokenKind::EqualEqual},
      {"!=", TokenKind::NotEqual},
      {"<=", TokenKind::LessEqual},
      {">=", TokenKind::GreaterEqual},
      {"(", TokenKind::LParen},
      {")", TokenKind::RParen},
      {"[", TokenKind::LBracket},
      {"]", TokenKind::RBracket},
      {"{", TokenKind::LBrace},
      {"}", TokenKind::RBrace},
      {",", TokenKind::Comma},
      {":", TokenKind::Colon},
      {"=", TokenKind::Assign},
      {"~", TokenKind::Tilde},
      {"|", TokenKind::Pipe},
      {"&", TokenKind::Amp},
      {"!", TokenKind::Bang},
      {"<", TokenKind::Less},
      {">", TokenKind::Greater},
      {"+", TokenKind::Plus},
      {"-", TokenKind::Minus},
      {"*", TokenKind::Star},
      {"/", TokenKind::Slash},
      {"%", TokenKind::Percent},
      {"@", TokenKind::At},
  };
  llvm::StringRef rest = text.drop_front(at);
  for (const auto &[spelling, kind] : table)
    if (rest.starts_with(spelling)) {
      push(kind, at, at + spelling.size());
      at += spelling.size();
      return true;
    }
  return false;
}

std::vector<Token> attune::frontend::lex(const Sources &sources, uint32_t file,
                                         Diagnostics &diagnostics) {
  return Lexer(sources, file, diagnostics).run();
}

std::string attune::frontend::stringValue(llvm::StringRef tokenText) {
  llvm::StringRef inner = tokenText.drop_front();
  inner.consume_back("\"");
  std::string value;
  for (size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] == '\\' && i + 1 < inner.size())
      ++i;
    value += inner[i];
  }
  return value;
}
