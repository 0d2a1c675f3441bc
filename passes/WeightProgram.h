//===- WeightProgram.h - What weights alone determine -----------*- C++ -*-===//
//
// The ops that make scores and a mask from weights and constants, and copies of
// them for the function that runs once, when the weights are finished.
//
//===----------------------------------------------------------------------===//
#ifndef ATTUNE_PASSES_WEIGHTPROGRAM_H
#define ATTUNE_PASSES_WEIGHTPROGRAM_H

#include "dialect/Attune.h"
#include "dialect/Extent.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

namespace attune {

/// A size of the model that copies take at its bound.
struct FixedDim {
  std::string name;
  int64_t value;
};

/// A program without inputs.
class WeightProgram {
public:
  /// Adds the ops that make `value`; false when it depends on an input, a
  /// run-time size or the batch.
  bool add(mlir::Value value);
  /// Whether some weight is read.
  bool hasWeights() const { return weightFloats > 0; }
  /// Floats of the weights that it reads.
  int64_t getWeightFloats() const { return weightFloats; }
  /// Whether an element of what it makes is the same whatever the run-time
  /// sizes are: parts that begin at constant places, and functions of elements.
  bool isSameForAllSizes() const;
  /// Whether a mask or score region reads one of its arguments `first` to
  /// `first + 1` behind (b, h, q, k): 0 is nb, 2 is nq.
  bool readsSizes(unsigned first) const;
  /// The loops that the names of its weights run over, the outermost first.
  llvm::SmallVector<ForOp> getLoops() const;

  /// Copies the ops to `builder`; the dim `fixed` takes its value in all types.
  /// The batch of scores is 1. False when another dim is left.
  bool clone(mlir::OpBuilder &builder, mlir::IRMapping &mapping,
             const std::optional<FixedDim> &fixed) const;

private:
  llvm::SetVector<mlir::Operation *> ops;
  int64_t weightFloats = 0;
};

} // namespace attune

#endif // ATTUNE_PASSES_WEIGHTPROGRAM_H
