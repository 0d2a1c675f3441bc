//===- BatchFolding.cpp - One softmax for several batch elements ----------===//

#include "passes/BatchFolding.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attune;

/// Columns of values that one task takes: more would push the values of a block
/// of keys out of the second-level cache.
static constexpr int64_t maxColumns = 256;

static bool isSame(Value array) {
  return cast<MemRefType>(array.getType()).getDimSize(0) == 1;
}

/// Whether a region reads its argument `b`.
static bool readsBatch(Region &region, unsigned argument) {
  return !region.empty() && !region.getArgument(argument).use_empty();
}

BatchFolding attune::foldBatches(KernelOp kernel) {
  auto out = cast<MemRefType>(kernel.getOut().getType());
  if (out.getDimSize(0) == 1 || isSame(kernel.getValue()))
    return {};
  if (!llvm::all_of(kernel.getLhs(), isSame) ||
      !llvm::all_of(kernel.getRhs(), isSame) ||
      readsBatch(kernel.getScore(), 1))
    return {};
  // The key ranges come from the mask alone.
  if (readsBatch(kernel.getMask(), 0))
    return {1, "the mask depends on the batch"};
  if (kernel.getProbs() || kernel.getLse())
    return {1, "probabilities or log-sum-exp are written for each element"};
  int64_t columns =
      llvm::alignTo(out.getDimSize(3), kernel.getBlocking().getColumns());
  int64_t count = columns > 0 ? maxColumns / columns : 1;
  if (!out.isDynamicDim(0))
    count = std::min(count, out.getDimSize(0));
  if (count <= 1)
    return {1, "the values have too many columns"};
  return {count, {}};
}
