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

/// workspace[0]: a group of packed items, such as the keys and values of a
/// head. Its size is min(all items, budget + one item), so that at least one
/// item fits and a group is size / item.
LogicalResult TileKernels::allocatePacked(Operation *op, const PackedItems &all,
                                          int64_t budget, OpBuilder &builder,
                                          Value &buffer) {
  Location loc = op->getLoc();
  std::optional<Extent> bytes = all.itemFloats * Extent::constant(4), total,
                        cap;
  if (bytes) {
    total = *bytes * all.count;
    cap = *bytes + Extent::constant(budget * 4);
  }
  if (!total || !cap)
    return op->emitError("the packed arrays of this op are too large");
  if (!slots.packedKeys) {
    slots.packedKeys = slots.attributes.size();
    slots.attributes.push_back(nullptr);
  }
  slots.packedBytes.push_back(total->toAttr(context));
  slots.packedCaps.push_back(cap->toAttr(context));
  Value size = createMin(
      builder, loc,
      builder.createOrFold<arith::MulIOp>(loc, all.countValue, all.itemValue),
      builder.createOrFold<arith::AddIOp>(
          loc, all.itemValue,
          arith::ConstantIndexOp::create(builder, loc, budget)));
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

/// An item is what one slot of heads needs: keys, values and their flags.
LogicalResult TileKernels::addPackedArrays(AttendOp attend,
                                           const ScoreExpression &scores,
                                           int64_t keyColumns,
                                           int64_t foldedBatches,
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
  int64_t slotHeads = valueType.getDimSize(1);
  for (const ScoreSource &source : scores.getSources()) {
    if (isInPanels(source.key))
      continue;
    auto type = cast<MemRefType>(source.key.getType());
    slotHeads = std::max(slotHeads, type.getDimSize(1));
    if (source.keyBias)
      slotHeads = std::max(
          slotHeads, cast<MemRefType>(source.keyBias.getType()).getDimSize(0));
  }
  int64_t valueColumns =
      foldedBatches * llvm::alignTo(valueType.getDimSize(3), columns);
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
  // All items are counted as if each batch element had its own.
  Value headsValue =
      builder.createOrFold<arith::MulIOp>(loc, extent(0), constant(slotHeads));
  Value headValue = builder.createOrFold<arith::AddIOp>(
      loc,
      builder.createOrFold<arith::MulIOp>(loc, extent(2), constant(perKey)),
      constant(perSlot));
  return allocatePacked(attend, {*heads, *headFloats, headsValue, headValue},
                        packedKeysBudget, builder, buffer);
}

/// An item is one batch element: the panels of its channels, group by group,
/// [T, columns] each, then mean and scale of each row.
LogicalResult TileKernels::addPackedChannels(SpatialGateOp gate,
                                             OpBuilder &builder,
                                             Value &buffer) {
  Location loc = gate.getLoc();
  int64_t columns = blocking().getColumns();
  auto shape = gate->getAttrOfType<ShapeAttr>("attune.value_shape");
  if (!shape || shape.getExtents().size() != 3)
    return gate.emitError("expects a bufferized input with its shape");
  auto weightType = cast<MemRefType>(gate.getWeight().getType());
  int64_t groups = weightType.getDimSize(0);
  if (ShapedType::isDynamic(groups) || groups < 1)
    return gate.emitError("expects a constant number of channel groups");
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  auto extent = [&](int64_t axis) {
    return builder.createOrFold<memref::DimOp>(loc, gate.getInput(), axis);
  };
  Extent positions = Extent::get(shape.getExtents()[1]),
         channels = Extent::get(shape.getExtents()[2]);
  // Floats of a row, at most: each group ends in a panel of its own.
  std::optional<Extent> perRow = channels + Extent::constant(columns + 2);
  Value perRowValue = builder.createOrFold<arith::AddIOp>(
      loc, extent(2), constant(columns + 2));
  if (std::optional<int64_t> known = channels.asConstant()) {
    int64_t floats = groups * llvm::alignTo(*known / groups, columns) + 2;
    perRow = Extent::constant(floats);
    perRowValue = constant(floats);
  } else if (groups != 1) {
    return gate.emitError("channel groups of a run-time dim are not supported "
                          "yet");
  }
  std::optional<Extent> floats;
  if (perRow)
    floats = positions * *perRow;
  if (floats)
    floats = *floats + Extent::constant(maxVectorLanes);
  if (!floats)
    return gate.emitError("the packed channels are too large");
  Value floatsValue = builder.createOrFold<arith::AddIOp>(
      loc, builder.createOrFold<arith::MulIOp>(loc, extent(1), perRowValue),
      constant(maxVectorLanes));
  return allocatePacked(
      gate,
      {Extent::get(shape.getExtents()[0]), *floats, extent(0), floatsValue},
      packedChannelsBudget, builder, buffer);
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
