//===- ViewOps.cpp - Verifiers and folds of views -------------------------===//

#include "dialect/VerifyShapes.h"

using namespace mlir;
using namespace attune;

/// (C1) of every view: the element type stays.
static LogicalResult verifyElements(Operation *op) {
  for (Value result : op->getResults())
    if (elementOf(result) != elementOf(op->getOperand(0)))
      return op->emitOpError("(C1) result has the input's element type");
  return success();
}

LogicalResult HeadSplitOp::verify() {
  if (failed(verifyElements(*this)))
    return failure();
  SmallVector<Extent> x = *tensorShape(getInput());
  int64_t heads = getHeads();
  if (x.size() < 2 || heads <= 0)
    return emitOpError("(C2) splits rank 2 or more into one head or more");
  std::optional<Extent> size =
      x.back().exactlyDividedBy(Extent::constant(heads));
  if (!size)
    return emitOpError("(C3) ")
           << heads << " heads do not divide " << x.back().str();
  Extent length = x[x.size() - 2];
  x.pop_back_n(2);
  x.append({Extent::constant(heads), length, *size});
  return verifySameShape(*this, "C4", "result", x, *tensorShape(getResult()));
}

LogicalResult HeadMergeOp::verify() {
  if (failed(verifyElements(*this)))
    return failure();
  SmallVector<Extent> x = *tensorShape(getInput());
  if (x.size() < 3)
    return emitOpError("(C2) merges rank 3 or more");
  std::optional<Extent> width = x[x.size() - 3] * x.back();
  if (!width)
    return emitOpError("(C3) the merged size overflows");
  Extent length = x[x.size() - 2];
  x.pop_back_n(3);
  x.append({length, *width});
  return verifySameShape(*this, "C4", "result", x, *tensorShape(getResult()));
}

static LogicalResult verifyAxis(Operation *op, int64_t axis, int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return op->emitOpError("(C2) axis ") << axis << " is not in 0.." << rank;
}

LogicalResult SliceOp::verify() {
  int64_t rank = rankOf(getInput()), axis = getAxis();
  if (failed(verifyElements(*this)) || failed(verifyAxis(*this, axis, rank)))
    return failure();
  SmallVector<Extent> x = *tensorShape(getInput());
  SmallVector<Extent> y = *tensorShape(getResult());
  if (y.size() == x.size())
    x[axis] = y[axis];
  if (failed(verifySameShape(*this, "C3", "result", x, y)))
    return failure();
  // Out of range for constants; symbolic ranges were proven by the front end.
  auto offset = Extent::get(getOffset()).asConstant();
  auto size = y[axis].asConstant();
  auto whole = (*tensorShape(getInput()))[axis].asConstant();
  if (offset && (*offset < 0 ||
                 (size && whole && (*size < 0 || *offset > *whole - *size))))
    return emitOpError("(C4) the slice leaves its axis");
  return success();
}

LogicalResult SplitOp::verify() {
  int64_t rank = rankOf(getInput()), axis = getAxis();
  if (failed(verifyElements(*this)) || failed(verifyAxis(*this, axis, rank)))
    return failure();
  if (getParts().empty())
    return emitOpError("(C3) has one part or more");
  SmallVector<Extent> x = *tensorShape(getInput());
  std::optional<Extent> size =
      x[axis].exactlyDividedBy(Extent::constant(getParts().size()));
  if (!size)
    return emitOpError("(C4) ")
           << getParts().size() << " parts do not divide " << x[axis].str();
  x[axis] = *size;
  for (Value part : getParts())
    if (failed(verifySameShape(*this, "C5", "part", x, *tensorShape(part))))
      return failure();
  return success();
}

LogicalResult TransposeOp::verify() {
  if (failed(verifyElements(*this)))
    return failure();
  SmallVector<Extent> x = *tensorShape(getInput()), y;
  SmallVector<bool> seen(x.size(), false);
  ArrayRef<int64_t> permutation = getPermutation();
  bool valid = permutation.size() == x.size();
  for (int64_t axis : permutation) {
    valid = valid && axis >= 0 && axis < int64_t(x.size()) && !seen[axis];
    if (!valid)
      break;
    seen[axis] = true;
    y.push_back(x[axis]);
  }
  if (!valid)
    return emitOpError("(C2) permutation must name each axis once");
  return verifySameShape(*this, "C3", "result", y, *tensorShape(getResult()));
}

static std::optional<Extent> countOf(ArrayRef<Extent> shape) {
  Extent product = Extent::constant(1);
  for (const Extent &extent : shape) {
    std::optional<Extent> next = product * extent;
    if (!next)
      return std::nullopt;
    product = *next;
  }
  return product;
}

LogicalResult ReshapeOp::verify() {
  if (failed(verifyElements(*this)))
    return failure();
  SmallVector<Extent> x = *tensorShape(getInput());
  SmallVector<Extent> y = *tensorShape(getResult());
  std::optional<Extent> from = countOf(x), to = countOf(y);
  if (!from || !to || !(*from == *to))
    return emitOpError() << "(C2) " << shapeText(x) << " and " << shapeText(y)
                         << " have different numbers of elements";
  return success();
}

//===----------------------------------------------------------------------===//
// Folds
//===----------------------------------------------------------------------===//

namespace {
/// Merging what was split gives back the input.
struct MergeOfSplit : OpRewritePattern<HeadMergeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(HeadMergeOp op,
                                PatternRewriter &rewriter) const override {
    auto split = op.getInput().getDefiningOp<HeadSplitOp>();
    if (!split || split.getInput().getType() != op.getResult().getType())
      return rewriter.notifyMatchFailure(op, "does not undo a split");
    rewriter.replaceOp(op, split.getInput());
    return success();
  }
};

/// Splitting what was merged gives back the input.
struct SplitOfMerge : OpRewritePattern<HeadSplitOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(HeadSplitOp op,
                                PatternRewriter &rewriter) const override {
    auto merge = op.getInput().getDefiningOp<HeadMergeOp>();
    if (!merge || merge.getInput().getType() != op.getResult().getType())
      return rewriter.notifyMatchFailure(op, "does not undo a merge");
    rewriter.replaceOp(op, merge.getInput());
    return success();
  }
};

/// One part is the whole.
struct SplitInOne : OpRewritePattern<SplitOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SplitOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getParts().size() != 1)
      return rewriter.notifyMatchFailure(op, "has several parts");
    rewriter.replaceOp(op, op.getInput());
    return success();
  }
};
} // namespace

void HeadMergeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<MergeOfSplit>(context);
}

void HeadSplitOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<SplitOfMerge>(context);
}

void SplitOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<SplitInOne>(context);
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  // Equal symbolic shapes: the whole axis.
  if (getInput().getType() == getResult().getType())
    return getInput();
  return {};
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  ArrayRef<int64_t> permutation = getPermutation();
  bool identity = true;
  for (auto [to, from] : llvm::enumerate(permutation))
    identity &= int64_t(to) == from;
  if (identity)
    return getInput();
  // Two in a row: one, in place.
  auto inner = getInput().getDefiningOp<TransposeOp>();
  if (!inner)
    return {};
  SmallVector<int64_t> composed;
  for (int64_t axis : permutation)
    composed.push_back(inner.getPermutation()[axis]);
  setPermutation(composed);
  getInputMutable().assign(inner.getInput());
  return getResult();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getResult().getType())
    return getInput();
  auto inner = getInput().getDefiningOp<ReshapeOp>();
  if (!inner)
    return {};
  getInputMutable().assign(inner.getInput());
  return getResult();
}
