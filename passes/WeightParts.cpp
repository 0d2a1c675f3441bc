//===- WeightParts.cpp - Weights that can be packed at load -----*- C++ -*-===//
#include "passes/WeightParts.h"

#include "dialect/Attune.h"
#include "dialect/Extent.h"

using namespace mlir;
using namespace attune;

bool attune::isPackableWeight(Value value) {
  if (value.getDefiningOp<ParamOp>())
    return true;
  auto slice = value.getDefiningOp<SliceOp>();
  if (!slice || slice.getAxis() != 0 ||
      !slice.getInput().getDefiningOp<ParamOp>())
    return false;
  auto whole = cast<RankedTensorType>(slice.getInput().getType());
  auto part = cast<RankedTensorType>(slice.getResult().getType());
  Extent offset = Extent::get(slice.getOffset());
  if (!whole.hasStaticShape() || !part.hasStaticShape() || !offset.isConstant())
    return false;
  int64_t first = *offset.asConstant();
  int64_t end = first + part.getDimSize(0);
  return first % rowGranule == 0 &&
         (end % rowGranule == 0 || end == whole.getDimSize(0));
}
