//===- ScoreExpression.h - The scores of an attend, for a kernel *- C++ -*-===//
//
// A kernel sums products of queries and keys into one number for each pair,
// and hands it to its `score` region. So a score expression is a linear sum
// that has all products, and what is made of it: score functions, factors and
// further terms that only read arrays at indices.
//
//===----------------------------------------------------------------------===//
#ifndef ATTUNE_PASSES_SCOREEXPRESSION_H
#define ATTUNE_PASSES_SCOREEXPRESSION_H

#include "dialect/Attune.h"

namespace attune {

/// One source that reads queries and keys.
struct ScoreSource {
  mlir::Operation *op; // dot or additive
  mlir::Value query, key;
  double scale;           // of the product or sum
  mlir::Value keyBias;    // null: none
  double biasScale;       // of the key bias
  mlir::Value vector;     // of additive attention, else null
  mlir::Value headWeight; // null: none
};

/// One term that does not.
struct IndexTerm {
  mlir::Value scores;
  double coefficient;
  mlir::Value headWeight; // null: none
};

/// The scores of an attend after normalize.
class ScoreExpression {
public:
  /// Reads the ops that make `scores`; an error says which one a kernel cannot
  /// compute.
  mlir::LogicalResult read(mlir::Value scores);

  /// The products of the innermost sum.
  llvm::ArrayRef<ScoreSource> getSources() const { return sources; }
  /// The sum of the products is not all there is.
  bool needsRegion() const { return root != core || !terms.empty(); }
  /// Emits what follows the sum of the products `sum` at the indices b, h, q,
  /// k, nb, nh, nq, nk, and returns the score. Without products `sum` is not
  /// read.
  mlir::Value emit(mlir::OpBuilder &builder, mlir::Location loc,
                   mlir::Value sum, mlir::ValueRange indices);

private:
  bool hasProducts(mlir::Value scores);
  mlir::Value findCore(mlir::Value scores);
  mlir::LogicalResult flatten(mlir::Value scores, double coefficient,
                              mlir::Value headWeight);

  mlir::Value root, core;
  llvm::SmallVector<ScoreSource> sources;
  llvm::SmallVector<IndexTerm> terms;
  llvm::DenseMap<mlir::Value, bool> products;
};

} // namespace attune

#endif // ATTUNE_PASSES_SCOREEXPRESSION_H
