//===- GateOps.cpp - Verifier of the spatial gate -------------------------===//

#include "dialect/VerifyShapes.h"

using namespace mlir;
using namespace attune;

LogicalResult SpatialGateOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())))
    return failure();
  SmallVector<Value> arrays = {getWeight(), getInput(), getBias(), getAdded(),
                               getGate()};
  llvm::append_range(arrays, getNorm());
  if (failed(verifyF32(*this, arrays)))
    return failure();
  auto input = cast<ShapedType>(getInput().getType());
  Value made = madeArray(getResult(), getInit());
  for (Value value : {getInput(), getAdded(), getGate(), made}) {
    if (!value)
      continue;
    auto type = cast<ShapedType>(value.getType());
    bool fits = type.getRank() == 3 && input.getRank() == 3 &&
                type.getElementType().isF32();
    for (int64_t axis = 0; fits && axis < 3; ++axis)
      fits = !differ(type.getDimSize(axis), input.getDimSize(axis));
    if (!fits)
      return emitOpError("(C3) input, gate, added and result are f32 of one "
                         "shape of rank 3, not ")
             << input << " and " << type;
  }
  auto weight = cast<ShapedType>(getWeight().getType());
  int64_t positions = input.getDimSize(1), channels = input.getDimSize(2);
  bool square = weight.getRank() == 3 &&
                !differ(weight.getDimSize(1), positions) &&
                !differ(weight.getDimSize(2), positions);
  if (Value bias = getBias()) {
    auto type = cast<ShapedType>(bias.getType());
    square = square && type.getRank() == 2 &&
             !differ(type.getDimSize(0), weight.getDimSize(0)) &&
             !differ(type.getDimSize(1), positions);
  }
  if (!square)
    return emitOpError("(C4) weight is [G, T, T] and bias [G, T] for ")
           << positions << " positions, not " << weight;
  if (!dividesHeads(weight.getDimSize(0), channels))
    return emitOpError("(C5) ")
           << weight.getDimSize(0) << " groups do not divide " << channels
           << " channels";
  bool norm = getNorm().empty() || getNorm().size() == 2;
  for (Value value : getNorm()) {
    auto type = cast<ShapedType>(value.getType());
    norm = norm && type.getRank() == 1 && !differ(type.getDimSize(0), channels);
  }
  if (!norm || !(getEpsilon().convertToDouble() > 0))
    return emitOpError("(C6) norm is a scale and an offset of ")
           << channels << " channels, or nothing, and epsilon is positive";
  return success();
}
