//===- KernelWorkspace.cpp - Workspace of an attend kernel ----------------===//

#include "dialect/Extent.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "passes/KernelScratch.h"
#include "passes/TileKernels.h"

using namespace mlir;
using namespace attune;

static Value createMin(OpBuilder &builder, Location loc, Value a, Value b) {
  return builder.createOrFold<arith::MinSIOp>(loc, a, b);
}

/// workspace[0]: the packed keys and values of a group of heads. Its size is
/// min(all heads, budget + one head), so that at least one head fits and a
/// group is size / head.
LogicalResult TileKernels::addPackedArrays(AttendOp attend,
                                           const FlatScores &flat,
                                           OpBuilder &builder, Value &buffer) {
  Location loc = attend.getLoc();
  int64_t columns = blocking().getColumns();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  auto overflow = [&] {
    return attend.emitError("the packed keys and values are too large");
  };
  auto shape = attend->getAttrOfType<ShapeAttr>("attune.value_shape");
  auto valueType = cast<MemRefType>(attend.getValue().getType());
  if (!shape || shape.getExtents().size() != 4)
    return attend.emitError("expects a bufferized value with its shape");
  // A slot: the panels of one key head of each source, [Tk + columns] * E; the
  // strips of a value head; a flag for each chunk of its keys.
  int64_t slotHeads = valueType.getDimSize(1), keyColumns = 0;
  for (const ScoreSource &source : flat.sources) {
    auto type = dyn_cast<MemRefType>(source.key.getType());
    if (!type || type.getRank() != 4)
      return source.op->emitError("expects a bufferized key");
    if (type.isDynamicDim(1) || type.isDynamicDim(3))
      return source.op->emitError("a number of heads or head size that is a "
                                  "run-time dim is not supported yet");
    slotHeads = std::max(slotHeads, type.getDimSize(1));
    keyColumns += type.getDimSize(3);
    if (source.keyBias) {
      // A bias is one more row of each panel.
      ++keyColumns;
      slotHeads = std::max(
          slotHeads, cast<MemRefType>(source.keyBias.getType()).getDimSize(0));
    }
  }
  int64_t valueColumns = llvm::alignTo(valueType.getDimSize(3), columns);
  int64_t perKey = keyColumns + valueColumns + 1;
  int64_t perSlot = keyColumns * columns + maxVectorLanes;
  std::optional<Extent> heads =
      Extent::get(shape.getExtents()[0]) * Extent::constant(slotHeads);
  std::optional<Extent> headFloats =
      Extent::get(shape.getExtents()[2]) * Extent::constant(perKey);
  if (headFloats)
    headFloats = *headFloats + Extent::constant(perSlot);
  if (!heads || !headFloats)
    return overflow();
  auto extent = [&](int64_t axis) {
    return builder.createOrFold<memref::DimOp>(loc, attend.getValue(), axis);
  };
  Value headsValue =
      builder.createOrFold<arith::MulIOp>(loc, extent(0), constant(slotHeads));
  Value headValue = builder.createOrFold<arith::AddIOp>(
      loc,
      builder.createOrFold<arith::MulIOp>(loc, extent(2), constant(perKey)),
      constant(perSlot));
  std::optional<Extent> bytes = *headFloats * Extent::constant(4), total, cap;
  if (bytes) {
    total = *bytes * *heads;
    cap = *bytes + Extent::constant(packedKeysBudget * 4);
  }
  if (!total || !cap)
    return overflow();
  if (!slots.packedKeys) {
    slots.packedKeys = slots.attributes.size();
    slots.attributes.push_back(nullptr);
  }
  slots.packedBytes.push_back(total->toAttr(context));
  slots.packedCaps.push_back(cap->toAttr(context));
  Value size =
      createMin(builder, loc,
                builder.createOrFold<arith::MulIOp>(loc, headsValue, headValue),
                builder.createOrFold<arith::AddIOp>(
                    loc, headValue, constant(packedKeysBudget)));
  // A constant size belongs into the type: canonicalization would put it there
  // with an op of its own and lose the slot.
  auto dynamic = MemRefType::get({ShapedType::kDynamic}, builder.getF32Type());
  std::optional<int64_t> whole = total->asConstant(),
                         capped = cap->asConstant();
  bool isStatic = whole && capped;
  memref::AllocOp alloc;
  if (isStatic)
    alloc = memref::AllocOp::create(
        builder, loc,
        MemRefType::get({std::min(*whole, *capped) / 4}, builder.getF32Type()));
  else
    alloc = memref::AllocOp::create(builder, loc, dynamic, ValueRange{size});
  alloc->setAttr("attune.slot", builder.getI64IntegerAttr(*slots.packedKeys));
  buffer =
      isStatic
          ? memref::CastOp::create(builder, loc, dynamic, alloc).getResult()
          : alloc.getResult();
  return success();
}

/// workspace[1]: a row of scratch for each worker.
Value TileKernels::addScratch(OpBuilder &builder, Location loc,
                              int64_t floats) {
  if (!slots.scratch) {
    slots.scratch = slots.attributes.size();
    slots.attributes.push_back(nullptr);
  }
  slots.scratchBytes.push_back(
      Extent::constant(floats * 4 * maxWorkers).toAttr(context));
  auto alloc = memref::AllocOp::create(
      builder, loc,
      MemRefType::get({maxWorkers, floats}, builder.getF32Type()));
  alloc->setAttr("attune.slot", builder.getI64IntegerAttr(*slots.scratch));
  return alloc;
}
