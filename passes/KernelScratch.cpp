//===- KernelScratch.cpp - Workspace of a kernel --------------------------===//

#include "passes/KernelScratch.h"

#include "llvm/Support/MathExtras.h"

using namespace attune;

int64_t attune::attendScratchFloats(BlockingAttr blocking, int64_t queryColumns,
                                    int64_t valueColumns,
                                    const MaskSummary &summary) {
  int64_t rows = llvm::alignTo(blocking.getRowBlock(), blocking.getRows());
  int64_t columns =
      llvm::alignTo(queryColumns, maxVectorLanes) +
      llvm::alignTo(llvm::alignTo(valueColumns, blocking.getColumns()),
                    maxVectorLanes);
  int64_t scores =
      llvm::alignTo(blocking.getRows() * blocking.getDepthBlock(), 16);
  int64_t rowState =
      2 * rows * maxVectorLanes + llvm::alignTo(rows, maxVectorLanes);
  return scores + rows * columns + rowState +
         summaryFloats(summary, blocking.getDepthBlock());
}

int64_t attune::gateScratchFloats(BlockingAttr blocking) {
  int64_t weights =
      blocking.getRows() * (blocking.getDepthBlock() + maxVectorLanes);
  int64_t sums = maxGatePanels * blocking.getRows() * blocking.getColumns();
  return llvm::alignTo(weights, maxVectorLanes) + sums;
}
