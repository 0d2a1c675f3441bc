//===- Scope.h - Values of the language and their names ---------*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_SCOPE_H
#define ATTUNE_FRONTEND_SCOPE_H

#include "dialect/Shape.h"
#include "frontend/AST.h"
#include "frontend/Diagnostics.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <functional>
#include <memory>

namespace attune::frontend {

struct Frame;
struct MaskValue;
struct ScoreFunction;

/// The sizes of an attend.
struct AttendSizes {
  Extent batch, heads, queries, keys;
};

/// Where in scores are products of queries and keys: nowhere, in sums alone, or
/// below a score function.
enum class ScoreProducts { None, Linear, Modified };

/// What the operands of a score source say about an attend; the rest comes from
/// what the scores are added to, or from the values.
struct PartialSizes {
  std::optional<Extent> batch, heads, queries;
  /// What either says; of two numbers of heads the larger.
  PartialSizes merge(const PartialSizes &other) const;
};

struct PendingScores;

/// What an expression means. Tensors and scores are IR values; numbers are
/// known at compile time; masks and score functions are generators that each
/// attend instantiates on its own queries and keys.
struct Value {
  enum class Kind {
    Tensor,
    Scores,
    Number,
    Real,
    Bool,
    String,
    Step,
    Mask,
    ScoreFunction,
    Tuple
  };
  Kind kind = Kind::Number;
  mlir::Value ir;       ///< Tensor, Scores, Step
  Extent number;        ///< Number: constant or polynomial in dims
  double real = 0;      ///< Real
  bool boolean = false; ///< Bool
  std::string text;     ///< String; Step: the step's name
  std::shared_ptr<MaskValue> mask;
  std::shared_ptr<ScoreFunction> score;
  std::shared_ptr<PendingScores> pending; ///< Scores without `ir` yet
  std::vector<Value> parts;               ///< Tuple: several results of a call

  static Value tensor(mlir::Value value) {
    Value result;
    result.kind = Kind::Tensor;
    result.ir = value;
    return result;
  }
  static Value scores(mlir::Value value) {
    Value result;
    result.kind = Kind::Scores;
    result.ir = value;
    return result;
  }
  static Value ofNumber(Extent number) {
    Value result;
    result.number = std::move(number);
    return result;
  }
  static Value ofReal(double real) {
    Value result;
    result.kind = Kind::Real;
    result.real = real;
    return result;
  }
  /// A number that only the run knows: a polynomial in dims, or a step.
  bool isOfRun() const {
    return kind == Kind::Step || (kind == Kind::Number && !number.isConstant());
  }
  mlir::RankedTensorType tensorType() const {
    return mlir::cast<mlir::RankedTensorType>(ir.getType());
  }
};

/// "a tensor f32[B, T]", "a number", "a mask"...
std::string describe(const Value &value);
/// "f32[B, T, 48]" of a tensor type.
std::string typeText(mlir::RankedTensorType type);
/// "f32", "i64", "bool", "u8".
std::string elementText(mlir::Type element);

/// A mask as written: a leaf with the names it may read, or a combination.
struct MaskValue {
  enum class Kind {
    Full,
    None,
    Causal,
    CausalStart,
    CausalEnd,
    Window,
    Body,
    And,
    Or,
    Not
  };
  Kind kind;
  Span span;
  int64_t left = 0, right = 0;         ///< Window
  const ast::Expr *body = nullptr;     ///< Body
  std::shared_ptr<Frame> frame;        ///< Body: its names
  std::shared_ptr<MaskValue> lhs, rhs; ///< And, Or; Not: lhs
};

/// A score function as written.
struct ScoreFunction {
  Span span;
  const ast::Expr *body = nullptr;
  std::shared_ptr<Frame> frame;
};

/// `{ expr }` where a mask is meant.
inline std::shared_ptr<MaskValue> asMask(const ScoreFunction &function) {
  auto mask = std::make_shared<MaskValue>();
  mask->kind = MaskValue::Kind::Body;
  mask->span = function.span;
  mask->body = function.body;
  mask->frame = function.frame;
  return mask;
}

/// Scores whose sizes come from what they are added to or attended with:
/// `scores(...)`, Synthesizer sources, and what is made of them alone.
struct PendingScores {
  PartialSizes known;
  /// Emits the scores for these sizes; nothing after an error.
  std::function<std::optional<Value>(const AttendSizes &)> emit;
  Diagnostics::Calls calls; ///< in which they are written
};

/// A bound name, with the loop depth at which it was bound.
struct Binding {
  Value value;
  Span span;
  unsigned loopDepth = 0;
  bool isLet = false;
  bool used = false;
};

/// The names of one body being expanded: a model, a block call, or the
/// arguments of a mask or score.
struct Frame {
  size_t file = 0;               ///< whose declarations it sees
  std::shared_ptr<Frame> parent; ///< enclosing body of a `for`, or null
  llvm::StringMap<Binding> names;
  std::vector<std::string> order; ///< of binding, for warnings
  llvm::StringMap<Extent> dims;   ///< a block's own dimension names
  llvm::StringSet<> blockDims;    ///< declared, bound or not yet
  std::string prefix;             ///< of weight names, without the last dot
  unsigned loopDepth = 0;
  bool isModel = false; ///< the body of a model, or of a `for` in it
  /// Steps of the enclosing loops whose `{i}` the prefix may hold.
  std::vector<std::pair<std::string, mlir::Value>> steps;

  Binding *find(llvm::StringRef name) {
    for (Frame *frame = this; frame; frame = frame->parent.get())
      if (auto found = frame->names.find(name); found != frame->names.end())
        return &found->second;
    return nullptr;
  }
};

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_SCOPE_H
