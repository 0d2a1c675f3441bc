//===- BatchFolding.h - One softmax for several batch elements --*- C++ -*-===//
//
// The scores of `random` and `factorized_random` are the same for each batch
// element. Where nothing else depends on the batch either, the values of
// several batch elements stand side by side as columns of one product.
//
//===----------------------------------------------------------------------===//
#ifndef ATTUNE_PASSES_BATCHFOLDING_H
#define ATTUNE_PASSES_BATCHFOLDING_H

#include "dialect/Attune.h"

namespace attune {

/// How many batch elements of an attend kernel share their probabilities.
struct BatchFolding {
  /// Batch elements that one task takes; 1: none share.
  int64_t count = 1;
  /// Where the scores are the same for the whole batch, but cannot be shared:
  /// why not. Else empty.
  llvm::StringRef reason;
};

/// Of a kernel with its operands, mask and score, but maybe no workspace yet.
BatchFolding foldBatches(KernelOp kernel);

} // namespace attune

#endif // ATTUNE_PASSES_BATCHFOLDING_H
