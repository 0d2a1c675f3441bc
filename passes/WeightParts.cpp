//===- WeightParts.cpp - Weights that can be packed at load -----*- C++ -*-===//
#include "passes/WeightParts.h"
#include "dialect/Target.h"

#include "dialect/Extent.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attune;

static RankedTensorType getTensorType(ParamOp param) {
  return cast<RankedTensorType>(param.getResult().getType());
}

int64_t WeightRows::total() const {
  return getTensorType(ParamOp(param)).getDimSize(0);
}

bool WeightRows::isAligned(int64_t width) const {
  return first % width == 0 && (end % width == 0 || end == total());
}

std::optional<WeightRows> attune::getWeightRows(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() || type.getRank() == 0)
    return std::nullopt;
  int64_t first = 0;
  while (auto slice = value.getDefiningOp<SliceOp>()) {
    Extent offset = Extent::get(slice.getOffset());
    if (slice.getAxis() != 0 || !offset.isConstant() ||
        llvm::AddOverflow(first, *offset.asConstant(), first))
      return std::nullopt;
    value = slice.getInput();
  }
  auto param = value.getDefiningOp<ParamOp>();
  if (!param || !getTensorType(param).hasStaticShape())
    return std::nullopt;
  return WeightRows{param, first, first + type.getDimSize(0)};
}

bool attune::isPackableBias(Value bias, Value weight, int64_t width) {
  std::optional<WeightRows> biasRows = getWeightRows(bias);
  std::optional<WeightRows> rows = getWeightRows(weight);
  if (!biasRows || !rows)
    return false;
  return (biasRows->isAligned(width) && rows->isAligned(width)) ||
         (biasRows->first == rows->first && biasRows->end == rows->end &&
          biasRows->total() == rows->total());
}

Value attune::makeWeightRows(OpBuilder &builder, Location loc,
                             const WeightRows &rows) {
  ParamOp param = rows.param;
  if (rows.first == 0 && rows.end == rows.total())
    return param.getResult();
  RankedTensorType type = getTensorType(param);
  SmallVector<int64_t> shape(type.getShape());
  shape[0] = rows.end - rows.first;
  return SliceOp::create(
      builder, loc, RankedTensorType::get(shape, type.getElementType()),
      param.getResult(), /*axis=*/0,
      Extent::constant(rows.first).toAttr(builder.getContext()));
}

int64_t attune::getPanelWidth(Operation *op, int64_t fallback) {
  TargetAttr target = getTarget(op);
  return target && target.getVectorWidth() > 0 ? 2 * target.getVectorWidth()
                                               : fallback;
}
