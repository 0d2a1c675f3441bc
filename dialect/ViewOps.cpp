//===- ViewOps.cpp - Verifiers and folds of views -------------------------===//

#include "dialect/Verify.h"

using namespace mlir;
using namespace attune;

LogicalResult HeadSplitOp::verify() {
  SmallVector<Extent> input = extentsOf(getInput().getType());
  if (getHeads() <= 0 || input.size() < 2)
    return emitOpError() << "(C1) cannot split " << shapeText(input) << " into "
                         << getHeads() << " heads";
  Extent heads = Extent::constant(getHeads());
  std::optional<int64_t> width = input.back().asConstant();
  if (width && *width % getHeads() != 0)
    return emitOpError() << "(C2) the last extent of " << shapeText(input)
                         << " is no multiple of " << getHeads() << " heads";
  SmallVector<Extent> expected(input.begin(), input.end() - 2);
  expected.push_back(heads);
  expected.push_back(input[input.size() - 2]);
  expected.push_back(
      input.back().exactlyDividedBy(heads).value_or(Extent::dim("?")));
  return checkShape(*this, "C3", "the result", extentsOf(getResult().getType()),
                    expected);
}

LogicalResult HeadMergeOp::verify() {
  SmallVector<Extent> input = extentsOf(getInput().getType());
  size_t rank = input.size();
  if (rank < 3)
    return emitOpError() << "(C1) cannot merge the heads of "
                         << shapeText(input);
  SmallVector<Extent> expected(input.begin(), input.end() - 3);
  expected.push_back(input[rank - 2]);
  expected.push_back(
      (input[rank - 3] * input[rank - 1]).value_or(Extent::dim("?")));
  return checkShape(*this, "C2", "the result", extentsOf(getResult().getType()),
                    expected);
}

/// An error unless `axis` is one of the axes of `extents`.
static LogicalResult checkAxis(Operation *op, int64_t axis,
                               ArrayRef<Extent> extents) {
  if (axis >= 0 && axis < int64_t(extents.size()))
    return success();
  return op->emitOpError() << "(C1) axis " << axis << " is outside "
                           << shapeText(extents);
}

LogicalResult SliceOp::verify() {
  SmallVector<Extent> input = extentsOf(getInput().getType());
  SmallVector<Extent> result = extentsOf(getResult().getType());
  if (failed(checkAxis(*this, getAxis(), input)))
    return failure();
  SmallVector<Extent> expected = input;
  if (result.size() == input.size())
    expected[getAxis()] = result[getAxis()];
  if (failed(checkShape(*this, "C2", "the result", result, expected)))
    return failure();
  std::optional<int64_t> size = input[getAxis()].asConstant();
  std::optional<int64_t> count = result[getAxis()].asConstant();
  std::optional<int64_t> offset = Extent::get(getOffset()).asConstant();
  // Written so that no sum overflows.
  if ((offset && *offset < 0) ||
      (size && count && offset && (*count > *size || *offset > *size - *count)))
    return emitOpError() << "(C3) " << shapeText(result) << " from offset "
                         << *offset << " leaves " << shapeText(input);
  return success();
}

LogicalResult SplitOp::verify() {
  SmallVector<Extent> input = extentsOf(getInput().getType());
  if (failed(checkAxis(*this, getAxis(), input)))
    return failure();
  if (getParts().empty())
    return emitOpError("(C2) has no parts");
  Extent count = Extent::constant(int64_t(getParts().size()));
  std::optional<Extent> part = input[getAxis()].exactlyDividedBy(count);
  if (!part && agree(input[getAxis()], count) == false &&
      input[getAxis()].isConstant())
    return emitOpError() << "(C3) " << shapeText(input)
                         << " does not divide into " << getParts().size()
                         << " parts";
  SmallVector<Extent> expected = input;
  expected[getAxis()] = part.value_or(Extent::dim("?"));
  for (Value result : getParts())
    if (failed(checkShape(*this, "C4", "a part", extentsOf(result.getType()),
                          expected)))
      return failure();
  return success();
}

LogicalResult TransposeOp::verify() {
  SmallVector<Extent> input = extentsOf(getInput().getType());
  ArrayRef<int64_t> order = getPermutation();
  SmallVector<bool> seen(input.size(), false);
  bool valid = order.size() == input.size();
  SmallVector<Extent> expected;
  for (int64_t axis : order) {
    valid = valid && axis >= 0 && axis < int64_t(input.size()) && !seen[axis];
    if (!valid)
      break;
    seen[axis] = true;
    expected.push_back(input[axis]);
  }
  if (!valid)
    return emitOpError() << "(C1) the permutation does not reorder the axes of "
                         << shapeText(input);
  return checkShape(*this, "C2", "the result", extentsOf(getResult().getType()),
                    expected);
}

LogicalResult ReshapeOp::verify() {
  SmallVector<Extent> input = extentsOf(getInput().getType());
  SmallVector<Extent> result = extentsOf(getResult().getType());
  std::optional<Extent> before = Extent::constant(1), after = before;
  for (const Extent &extent : input)
    before = before ? *before * extent : before;
  for (const Extent &extent : result)
    after = after ? *after * extent : after;
  if (before && after && !agree(*before, *after))
    return emitOpError() << "(C1) " << shapeText(input) << " and "
                         << shapeText(result)
                         << " differ in their number of elements";
  return success();
}

void HeadSplitOp::getCanonicalizationPatterns(RewritePatternSet &,
                                              MLIRContext *) {}
void HeadMergeOp::getCanonicalizationPatterns(RewritePatternSet &,
                                              MLIRContext *) {}
void SplitOp::getCanonicalizationPatterns(RewritePatternSet &, MLIRContext *) {}

/// A slice of everything is its input: equal types leave no other offset.
OpFoldResult SliceOp::fold(FoldAdaptor) {
  RankedTensorType type = getInput().getType();
  std::optional<int64_t> offset = Extent::get(getOffset()).asConstant();
  bool unknown = llvm::any_of(extentsOf(type), [](const Extent &extent) {
    return llvm::is_contained(extent.dims(), "?");
  });
  if (type == getResult().getType() && offset && *offset == 0 && !unknown)
    return getInput();
  return {};
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getResult().getType() &&
      llvm::is_sorted(getPermutation()))
    return getInput();
  return {};
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  RankedTensorType type = getInput().getType();
  bool unknown = llvm::any_of(extentsOf(type), [](const Extent &extent) {
    return llvm::is_contained(extent.dims(), "?");
  });
  if (type == getResult().getType() && !unknown)
    return getInput();
  return {};
}
