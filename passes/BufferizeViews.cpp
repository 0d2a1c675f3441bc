//===- BufferizeViews.cpp - Views between tensors as memory views -*- C++ -*-=//
#include "dialect/Shape.h"
#include "passes/Bufferizer.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attune;

bool attune::isView(Operation *op) {
  return isa<HeadSplitOp, HeadMergeOp, SliceOp, SplitOp, TransposeOp,
             ReshapeOp>(op);
}

static SmallVector<Extent> shapeOf(Value value) {
  return symbolicShape(cast<RankedTensorType>(value.getType()));
}

std::optional<ArrayView> attune::applyView(Operation *op,
                                           const ArrayView &input) {
  return llvm::TypeSwitch<Operation *, std::optional<ArrayView>>(op)
      .Case(
          [&](HeadSplitOp split) { return input.headSplit(split.getHeads()); })
      .Case([&](HeadMergeOp) { return input.headMerged(); })
      .Case([&](SliceOp slice) {
        return input.sliced(slice.getAxis(), Extent::get(slice.getOffset()),
                            shapeOf(slice.getResult())[slice.getAxis()]);
      })
      .Case([&](TransposeOp transpose) {
        return input.transposed(transpose.getPermutation());
      })
      .Case([&](ReshapeOp reshape) {
        return input.reshaped(shapeOf(reshape.getResult()));
      })
      .Default([](Operation *) { return std::nullopt; });
}

std::optional<ArrayView> attune::invertView(Operation *op,
                                            const ArrayView &result) {
  return llvm::TypeSwitch<Operation *, std::optional<ArrayView>>(op)
      .Case([&](HeadSplitOp) { return result.headMerged(); })
      .Case([&](HeadMergeOp merge) -> std::optional<ArrayView> {
        auto type = cast<RankedTensorType>(merge.getInput().getType());
        int64_t heads = type.getDimSize(type.getRank() - 3);
        if (ShapedType::isDynamic(heads) || heads == 0)
          return std::nullopt;
        return result.headSplit(heads);
      })
      .Case([&](TransposeOp transpose) {
        ArrayRef<int64_t> permutation = transpose.getPermutation();
        SmallVector<int64_t> inverse(permutation.size());
        for (auto [i, axis] : llvm::enumerate(permutation))
          inverse[axis] = static_cast<int64_t>(i);
        return result.transposed(inverse);
      })
      .Case([&](ReshapeOp reshape) {
        return result.reshaped(shapeOf(reshape.getInput()));
      })
      .Default([](Operation *) { return std::nullopt; });
}

Operation *attune::findLastReader(Value value, Block *block) {
  Operation *last = nullptr;
  SmallVector<Value> worklist = {value};
  llvm::SmallDenseSet<Value> seen;
  while (!worklist.empty()) {
    Value read = worklist.pop_back_val();
    if (!seen.insert(read).second)
      continue;
    for (Operation *user : read.getUsers()) {
      Operation *ancestor = block->findAncestorOpInBlock(*user);
      if (!ancestor)
        continue;
      if (!last || last->isBeforeInBlock(ancestor))
        last = ancestor;
      // These read nothing themselves: whoever uses their results does.
      if (isView(ancestor) || isScoreOrMaskProducer(ancestor))
        llvm::append_range(worklist, ancestor->getResults());
    }
  }
  return last;
}
