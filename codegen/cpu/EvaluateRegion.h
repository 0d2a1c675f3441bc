//===- EvaluateRegion.h - Mask and score expressions on vectors -----------===//

#ifndef ATTUNE_CODEGEN_CPU_EVALUATEREGION_H
#define ATTUNE_CODEGEN_CPU_EVALUATEREGION_H

#include "codegen/cpu/LoopBuilder.h"
#include "dialect/Attune.h"

namespace attune {

/// What the region of `capture` sees of an element as it is stored, or of a
/// vector of them: bytes become booleans or, of u8, numbers.
mlir::Value fromMemory(mlir::OpBuilder &builder, mlir::Location loc,
                       CaptureOp capture, mlir::Value stored);

/// The element of `capture`'s array at `indices` (of type index), as the region
/// sees it.
mlir::Value captureElement(LoopBuilder &loops, CaptureOp capture,
                           mlir::ValueRange indices);

/// Clones the body of a mask, score or ranges region at the insertion point,
/// with each argument bound to a scalar (uniform) or to one vector for each of
/// several groups of lanes.
///
/// Arguments are bound in steps: `advance` clones what can be evaluated by now,
/// so that values which do not depend on the query are computed once, outside
/// the loop over rows.
class RegionEvaluator {
public:
  /// `groups` vectors of `width` lanes each.
  RegionEvaluator(LoopBuilder &loops, mlir::Region &region, int64_t width,
                  int64_t groups)
      : loops(loops), region(region), width(width), groups(groups) {}

  void bind(unsigned argument, mlir::Value scalar);
  void bind(unsigned argument, mlir::ArrayRef<mlir::Value> vectors);
  /// Binds lanes that count up from `first`, a multiple of the width, through
  /// all groups, so that arrays indexed by them are read as vectors. `valid`:
  /// for each group the lanes up to `last`, or empty when all are.
  void bindLanes(unsigned argument, mlir::ArrayRef<mlir::Value> vectors,
                 mlir::Value first, mlir::Value last,
                 mlir::ArrayRef<mlir::Value> valid);

  /// Clones each operation whose operands are known and that is not cloned yet.
  mlir::LogicalResult advance();

  /// What the region yields; all arguments must be bound and advanced over.
  mlir::Value scalarResult(unsigned index);
  mlir::Value vectorResult(unsigned index, int64_t group);

private:
  /// A value of the region: one scalar, or a vector for each group.
  struct Known {
    mlir::Value scalar;
    llvm::SmallVector<mlir::Value, 2> vectors;
  };

  bool isKnown(mlir::Value value) const;
  bool isUniform(mlir::Value value) const;
  mlir::Value scalarOf(mlir::Value value) const;
  mlir::Value vectorOf(mlir::Value value, int64_t group);
  mlir::LogicalResult evaluate(mlir::Operation &op);
  void evaluateCapture(CaptureOp capture);
  mlir::Value captureLanes(CaptureOp capture, int64_t group);
  /// An index in one group: one for all lanes, or counting up from `first`.
  struct LaneIndex {
    mlir::Value first;
    bool countsUp;
  };
  std::optional<LaneIndex> laneIndex(mlir::Value index, int64_t group);
  /// One element or consecutive ones as a vector, or null when they are
  /// neither.
  mlir::Value captureVector(CaptureOp capture, int64_t group);

  LoopBuilder &loops;
  mlir::Region &region;
  int64_t width, groups;
  llvm::DenseMap<mlir::Value, Known> known;
  mlir::Value laneArgument, laneBegin, laneLast;
  llvm::SmallVector<mlir::Value, 2> validLanes;
  llvm::DenseSet<mlir::Operation *> done;
};

} // namespace attune

#endif
