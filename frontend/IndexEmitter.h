//===- IndexEmitter.h - Masks and score functions to regions ----*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_INDEXEMITTER_H
#define ATTUNE_FRONTEND_INDEXEMITTER_H

#include "frontend/Importer.h"

namespace attune::frontend {

/// The sizes of a score expression: those of its first source.
std::optional<AttendSizes> sizesOf(mlir::Value scores);

/// The type of f32 scores of these sizes.
ScoresType scoresType(const AttendSizes &sizes, mlir::MLIRContext *context);
/// The sizes as an attribute.
ShapeAttr sizesAttr(const AttendSizes &sizes, mlir::MLIRContext *context);

/// A number or condition inside a region, with the interval of an integer.
struct IndexValue {
  enum class Kind { Integer, Real, Bool };
  Kind kind;
  mlir::Value value; ///< i32 or i64; f32; i1
  Interval range;    ///< Integer only
};

/// Emits the body of one `attune.mask` or `attune.modify` region, checking that
/// every captured tensor is indexed inside its bounds.
class IndexEmitter {
public:
  /// `arguments` are the region's: [s,] b, h, q, k, nb, nh, nq, nk.
  IndexEmitter(Importer &importer, mlir::OpBuilder &builder,
               const AttendSizes &sizes, mlir::ValueRange arguments,
               bool hasScore);

  /// The condition of a mask; null after an error that was reported.
  mlir::Value mask(const MaskValue &mask);
  /// The new score.
  mlir::Value score(const ScoreFunction &function);

private:
  using Result = std::optional<IndexValue>;

  std::optional<Diagnostics::Within> within(Span span, const ast::Expr *body);
  Result emit(const ast::Expr *expr, const FramePtr &frame);
  Result emitName(const ast::Expr *expr, const FramePtr &frame);
  Result emitUnary(const ast::Expr *expr, const FramePtr &frame);
  Result emitBinary(const ast::Expr *expr, const FramePtr &frame);
  Result emitInRange(const ast::Expr *expr, const FramePtr &frame);
  Result emitCapture(const ast::Expr *expr, const FramePtr &frame);
  Result emitCall(const ast::Expr *expr, const FramePtr &frame);
  Result arithmetic(ast::Operator op, IndexValue a, IndexValue b,
                    const ast::Expr *expr);
  Result compare(ast::Operator op, IndexValue a, IndexValue b, Span span);
  Result fromValue(const Value &value, Span span);
  /// One element of an array; u8 reads as a number of 32 bits.
  IndexValue capture(mlir::Value array, mlir::ValueRange indices);
  Result causal(const MaskValue &mask);

  IndexValue integer(int64_t value);
  IndexValue real(double value);
  IndexValue boolean(bool value);
  Result extentValue(const Extent &extent, Span span);
  IndexValue toReal(const IndexValue &value);
  mlir::Value toInteger64(mlir::Value value);
  /// Widens to i64 where one of the two is.
  void unify(IndexValue &a, IndexValue &b);
  Result checkRange(IndexValue value, Span span);
  Result requireInteger(const Result &value, const ast::Expr *expr);
  bool checkIndex(const ast::Expr *expr, size_t axis, const Interval &range,
                  llvm::ArrayRef<Extent> shape);
  /// Counts one more operation; false when there are too many.
  bool count(Span span);
  /// The numbers between which an interval lies for all legal dims.
  std::optional<std::pair<int64_t, int64_t>> numbers(const Interval &range);

  Importer &importer;
  mlir::OpBuilder &builder;
  AttendSizes sizes;
  llvm::SmallVector<mlir::Value> arguments; // b, h, q, k, nb, nh, nq, nk
  mlir::Value scoreArgument;
  mlir::Location loc;
  /// Bodies being emitted: a mask that uses itself never ends.
  llvm::SmallVector<const ast::Expr *> active;
};

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_INDEXEMITTER_H
