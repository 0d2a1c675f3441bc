//===- KeyRanges.cpp - Which keys a kernel's queries read -----------------===//

#include "codegen/cpu/KeyRanges.h"
#include "codegen/cpu/EvaluateRegion.h"

using namespace mlir;
using namespace attune;

FailureOr<KeyRangeList> attune::evaluateKeyRanges(LoopBuilder &loops,
                                                  KernelOp kernel, Value batch,
                                                  Value head, Value first,
                                                  Value last, Value queries,
                                                  Value keys) {
  Region &body = kernel.getRanges();
  if (body.empty()) {
    Value zero = loops.constant(0);
    // A mask without ranges is evaluated everywhere.
    bool hasMask = !kernel.getMask().empty();
    return KeyRangeList{{zero, zero, hasMask ? zero : keys, keys}};
  }
  RegionEvaluator region(loops, body, /*width=*/1, /*groups=*/0);
  Value arguments[] = {batch, head, first, last, queries, keys};
  for (auto [index, value] : llvm::enumerate(arguments))
    region.bind(index, value);
  if (failed(region.advance()))
    return failure();
  KeyRangeList ranges;
  unsigned bounds = body.front().getTerminator()->getNumOperands();
  for (unsigned i = 0; i < bounds; i += 4)
    ranges.push_back({region.scalarResult(i), region.scalarResult(i + 1),
                      region.scalarResult(i + 2), region.scalarResult(i + 3)});
  return ranges;
}
