//===- KeyRanges.h - Which keys a kernel's queries read -------------------===//

#ifndef ATTUNE_CODEGEN_CPU_KEYRANGES_H
#define ATTUNE_CODEGEN_CPU_KEYRANGES_H

#include "codegen/cpu/LoopBuilder.h"
#include "dialect/Attune.h"

namespace attune {

/// One segment of keys: queries read none outside [low, high), and those in
/// [fullLow, fullHigh) without a mask.
struct KeyRange {
  mlir::Value low, fullLow, fullHigh, high;
};

/// One range for each segment of the mask.
using KeyRangeList = llvm::SmallVector<KeyRange, 2>;

/// Computes the `ranges` region of `kernel` for the queries [first, last] of
/// one batch element and head (or channel group); all keys when it is empty.
mlir::FailureOr<KeyRangeList>
evaluateKeyRanges(LoopBuilder &loops, KernelOp kernel, mlir::Value batch,
                  mlir::Value head, mlir::Value first, mlir::Value last,
                  mlir::Value queries, mlir::Value keys);

} // namespace attune

#endif
