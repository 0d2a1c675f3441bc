//===- Lexer.h - Characters to tokens ---------------------------*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_LEXER_H
#define ATTUNE_FRONTEND_LEXER_H

#include "frontend/Diagnostics.h"
#include "llvm/ADT/SmallVector.h"

namespace attune::frontend {

enum class TokenKind {
  End,
  Name,
  Integer,
  Float,
  String,
  // Punctuation; the token's text says which.
  LParen,
  RParen,
  LBracket,
  RBracket,
  LBrace,
  RBrace,
  Comma,
  Colon,
  Assign,
  Tilde,
  Arrow,
  DotDot,
  DotDotEqual,
  ShiftRight,
  Pipe,
  Amp,
  Bang,
  EqualEqual,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Plus,
  Minus,
  Star,
  Slash,
  Percent,
  At,
};

struct Token {
  TokenKind kind;
  Span span;
  bool startsLine = false; ///< first token of its line
  int64_t integer = 0;     ///< Integer
  double real = 0;         ///< Float
};

/// The tokens of a file, ended by End. Bad characters are reported and left
/// out; a file that is not text gives End alone.
std::vector<Token> lex(const Sources &sources, uint32_t file,
                       Diagnostics &diagnostics);

/// The value of a string token: without quotes, escapes replaced.
std::string stringValue(llvm::StringRef tokenText);

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_LEXER_H
