//===- TileGate.cpp - spatial_gate becomes a kernel -----------------------===//

#include "passes/KernelScratch.h"
#include "passes/TileKernels.h"

using namespace mlir;
using namespace attune;

LogicalResult TileKernels::tileGate(SpatialGateOp gate) {
  OpBuilder builder(gate);
  Location loc = gate.getLoc();
  BlockingAttr block = blocking();
  Value packed;
  if (failed(addPackedChannels(gate, builder, packed)))
    return failure();
  Value scratch = addScratch(builder, loc, gateScratchFloats(block));
  FloatAttr epsilon =
      gate.getNorm().empty()
          ? FloatAttr()
          : builder.getF64FloatAttr(gate.getEpsilon().convertToDouble());
  auto kernel = KernelOp::create(
      builder, loc, KernelKind::Gate, ValueRange{gate.getWeight()},
      ValueRange{gate.getInput()}, /*head_weights=*/ValueRange(),
      /*key_biases=*/ValueRange(), /*vectors=*/ValueRange(), /*value=*/Value(),
      gate.getBias(), /*residual=*/gate.getAdded(), gate.getGate(),
      gate.getNorm(), gate.getInit(), /*probs=*/Value(), /*lse=*/Value(),
      ValueRange{packed, scratch}, block, /*scales=*/nullptr,
      /*weight_index=*/nullptr, /*bias_scales=*/nullptr,
      /*bias_index=*/nullptr, /*vector_index=*/nullptr, EmptyRow::Zero,
      gate.getActivation(), epsilon, /*rhs_rows=*/false,
      /*no_softmax=*/false);
  if (Value mask = gate.getMask()) {
    auto maskOp = mask.getDefiningOp<MaskOp>();
    if (!maskOp)
      return gate.emitError("expects its own mask op");
    fillMask(maskOp, kernel);
  }
  gate.erase();
  return success();
}
