//===- MaskSummary.h - Masks that read arrays, block by block ---*- C++ -*-===//
//
// A mask like `doc[b, q] == doc[b, k]` has no closed form, but the least and
// the largest element of `doc` over a block of keys and over a tile of queries
// decide most blocks: no key of this one is attended to, or all are.
//
//===----------------------------------------------------------------------===//
#ifndef ATTUNE_PASSES_MASKSUMMARY_H
#define ATTUNE_PASSES_MASKSUMMARY_H

#include "dialect/Attune.h"

namespace attune {

/// Keys whose array elements are summarised together.
inline constexpr int64_t summaryKeys = 64;

/// The reads of a mask whose bounds decide it for a block of keys: element k of
/// integer or boolean arrays, whatever the query, and element q.
struct MaskSummary {
  llvm::SmallVector<CaptureOp, 2> ofKeys, ofQueries;

  bool empty() const { return ofKeys.empty() && ofQueries.empty(); }
};

/// Of a mask region; empty when bounds say nothing about the mask.
MaskSummary summarizeMask(mlir::Region &mask);

/// Bounds of the operands of `op` give bounds of its result.
bool carriesBounds(mlir::Operation &op);

/// Floats of per-worker scratch for the summaries of a block of keys: the class
/// of each chunk of keys, and the bounds of each read of keys in each chunk.
int64_t summaryFloats(const MaskSummary &summary, int64_t keyBlock);

} // namespace attune

#endif // ATTUNE_PASSES_MASKSUMMARY_H
