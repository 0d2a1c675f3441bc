//===- AST.h - The syntax tree of a spec ------------------------*- C++ -*-===//
//
// Nodes live in an arena and hold views of the source text and of arena arrays,
// so they are never destroyed one by one: a deep tree costs no recursion.
//
//===----------------------------------------------------------------------===//
#ifndef ATTUNE_FRONTEND_AST_H
#define ATTUNE_FRONTEND_AST_H

#include "frontend/Source.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Allocator.h"

#include <cstring>

namespace attune::frontend::ast {

/// A name and where it stands.
struct Name {
  llvm::StringRef text;
  Span span;
};

/// A string literal: its value (escapes replaced) and where it stands.
struct Text {
  llvm::StringRef value;
  Span span;
};

enum class Operator {
  Or,
  And,
  Not,
  Negate,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Add,
  Subtract,
  Multiply,
  Divide,
  Remainder,
  MatMul,
  Then, // scores >> score function
};

/// The spelling of an operator.
llvm::StringRef spelling(Operator op);

struct Expr;

/// `name = value` or `value` in a call.
struct Argument {
  std::optional<Name> name;
  const Expr *value;
};

/// One axis of `x[...]`: an index, or a slice with optional ends.
struct Slice {
  const Expr *index = nullptr; ///< not a slice: removes the axis
  const Expr *begin = nullptr, *end = nullptr;
  Span span;
};

struct Expr {
  enum class Kind {
    Integer, ///< integer
    Float,   ///< real
    String,  ///< text
    Bool,    ///< boolean
    Name,    ///< text
    Unary,   ///< op, operands[0]
    Binary,  ///< op, operands[0], operands[1]
    InRange, ///< operands[0] in operands[1] .. operands[2]; closed
    Index,   ///< operands[0] [ slices ]
    Call,    ///< callee, arguments, at
    List,    ///< [ operands ]
    Braced,  ///< { operands[0] }: an inline mask or score expression
  };
  Expr(Kind kind, Span span) : kind(kind), span(span) {}
  Kind kind;
  Span span;
  /// Levels of the tree below and with this node. The parser bounds it, so that
  /// walkers may recurse.
  unsigned height = 1;
  Operator op = Operator::Or;
  Span opSpan;
  int64_t integer = 0;
  double real = 0;
  bool boolean = false; ///< Bool; InRange: closed (`..=`)
  llvm::StringRef text;
  llvm::ArrayRef<const Expr *> operands;
  llvm::ArrayRef<Slice> slices;
  Name callee;
  llvm::ArrayRef<Argument> arguments;
  std::optional<Text> at;
};

/// `f32[B, T]`, `f32`, `scores`, `mask`, `int`...
struct Type {
  Name name;
  bool hasShape = false;
  llvm::ArrayRef<const Expr *> shape;
  Span span;
};

/// `name: type [= default]`, and for params `[at "..."]`.
struct Field {
  Name name;
  Type type;
  const Expr *defaultValue = nullptr;
  std::optional<Text> at;
};

struct Stmt {
  enum class Kind {
    Option, ///< names[0] = value
    Input,  ///< fields
    Param,  ///< fields
    Let,    ///< names = value
    Assign, ///< names = value
    For,    ///< names[0] in begin .. end { body }; closed
    Output, ///< names[0] [: type] = value
  };
  Stmt(Kind kind, Span span) : kind(kind), span(span) {}
  Kind kind;
  Span span;
  llvm::ArrayRef<Name> names;
  llvm::ArrayRef<Field> fields;
  const Expr *value = nullptr;
  const Expr *begin = nullptr, *end = nullptr;
  bool closed = false;
  llvm::ArrayRef<const Stmt *> body;
  std::optional<Type> type;
};

/// A statement of a `test`: `name = value`, or `expect name ~ value [tol t]`.
struct TestItem {
  bool isExpect = false;
  Name name;
  const Expr *value = nullptr;
  const Expr *tolerance = nullptr;
};

struct Decl {
  enum class Kind {
    Import, ///< text
    Dim,    ///< name [<= value]
    Const,  ///< name = value
    Mask,   ///< name(fields) = value
    Score,  ///< name(fields) = value
    Block,  ///< name[dimNames](fields) -> results { body return returned }
    Model,  ///< name { body }
    Test,   ///< text { items }
  };
  Decl(Kind kind, Span span) : kind(kind), span(span) {}
  Kind kind;
  Span span;
  Name name;
  Text text;
  const Expr *value = nullptr;
  llvm::ArrayRef<Name> dimNames;
  llvm::ArrayRef<Field> fields;
  llvm::ArrayRef<Type> results;
  llvm::ArrayRef<const Stmt *> body;
  llvm::ArrayRef<const Expr *> returned;
  Span returnSpan;
  llvm::ArrayRef<TestItem> items;
};

/// A parsed file.
struct File {
  uint32_t file = 0;
  std::vector<const Decl *> declarations;
};

/// Owns the nodes of all files of a compilation.
class Context {
public:
  template <typename T> T *make(const T &value) {
    return new (allocator.Allocate<T>()) T(value);
  }
  template <typename T> llvm::ArrayRef<T> copy(llvm::ArrayRef<T> list) {
    T *memory = allocator.Allocate<T>(list.size());
    std::uninitialized_copy(list.begin(), list.end(), memory);
    return {memory, list.size()};
  }
  llvm::StringRef copy(llvm::StringRef text) {
    char *memory = allocator.Allocate<char>(text.size());
    std::memcpy(memory, text.data(), text.size());
    return {memory, text.size()};
  }

private:
  llvm::BumpPtrAllocator allocator;
};

} // namespace attune::frontend::ast

#endif // ATTUNE_FRONTEND_AST_H
