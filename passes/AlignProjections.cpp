//===- AlignProjections.cpp - Linears of whole panels -----------*- C++ -*-===//
#include "dialect/Shape.h"
#include "passes/Passes.h"
#include "passes/WeightParts.h"

#include "llvm/Support/MathExtras.h"

namespace attune {
#define GEN_PASS_DEF_ALIGNPROJECTIONSPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// Widens a linear to the panels that its rows lie in; its result becomes some
/// columns of the wider one.
static LogicalResult widen(LinearOp linear, const WeightRows &rows,
                           int64_t width) {
  if (linear.getResidual())
    return linear.emitOpError("has a residual and a weight that is no run of "
                              "whole panels of ")
           << width << " rows";
  WeightRows wide = rows;
  wide.first = rows.first / width * width;
  wide.end = std::min<int64_t>(llvm::alignTo(rows.end, width), rows.total());
  OpBuilder builder(linear);
  Location loc = linear.getLoc();
  Value bias;
  if (linear.getBias()) {
    std::optional<WeightRows> biasRows = getWeightRows(linear.getBias());
    if (!biasRows)
      return linear.emitOpError("has a bias that is no weight");
    // The bias lies at the weight's rows of a longer array, or is as long as
    // the rows: then there is nothing to widen it with.
    int64_t shift = biasRows->first - rows.first;
    WeightRows wideBias{biasRows->param, wide.first + shift, wide.end + shift};
    if (shift % width != 0 || wideBias.first < 0 ||
        wideBias.end > wideBias.total())
      return linear.emitOpError("has a bias apart from its weight, which is no "
                                "run of whole panels of ")
             << width << " rows";
    bias = makeWeightRows(builder, loc, wideBias);
  }
  auto type = cast<RankedTensorType>(linear.getResult().getType());
  SmallVector<Extent> shape = symbolicShape(type);
  shape.back() = Extent::constant(wide.end - wide.first);
  auto wider = LinearOp::create(
      builder, loc,
      makeTensorType(shape, type.getElementType(), type.getContext()),
      linear.getInput(), makeWeightRows(builder, loc, wide), bias,
      /*residual=*/Value(), /*init=*/Value(), linear.getActivation());
  Value columns = SliceOp::create(
      builder, loc, type, wider.getResult(), type.getRank() - 1,
      Extent::constant(rows.first - wide.first).toAttr(type.getContext()));
  linear.getResult().replaceAllUsesWith(columns);
  linear->erase();
  return success();
}

namespace {
struct AlignProjectionsPass
    : attune::impl::AlignProjectionsPassBase<AlignProjectionsPass> {
  void runOnOperation() override {
    int64_t width = getPanelWidth(getOperation(), widestPanel);
    SmallVector<LinearOp> linears;
    getOperation().walk([&](LinearOp linear) { linears.push_back(linear); });
    for (LinearOp linear : linears) {
      std::optional<WeightRows> rows = getWeightRows(linear.getWeight());
      if (rows && linear.getResult() && !rows->isAligned(width) &&
          failed(widen(linear, *rows, width)))
        return signalPassFailure();
    }
  }
};
} // namespace
