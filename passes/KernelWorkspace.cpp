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
  // One head: sum over sources of (Tk + columns) * E floats.
  Extent headFloats = Extent::constant(0);
  Extent heads = Extent::constant(0);
  Extent keyCountExtent = Extent::constant(0);
  Value headValue = constant(0), headsValue;
  for (ScoreSource source : flat.sources) {
    auto shape = source.dot->getAttrOfType<ShapeAttr>("attune.key_shape");
    auto type = dyn_cast<MemRefType>(source.dot.getKey().getType());
    if (!shape || !type || type.getRank() != 4)
      return source.dot.emitError("expects a bufferized key with its shape");
    if (type.isDynamicDim(3))
      return source.dot.emitError(
          "a head size that is a run-time dim is not supported yet");
    Value key = source.dot.getKey();
    keyCountExtent = Extent::get(shape.getExtents()[2]);
    std::optional<Extent> keys = keyCountExtent + Extent::constant(columns);
    if (keys)
      keys = *keys * Extent::constant(type.getDimSize(3));
    std::optional<Extent> sum;
    if (keys)
      sum = headFloats + *keys;
    if (!sum)
      return overflow();
    headFloats = *sum;
    std::optional<Extent> all =
        Extent::get(shape.getExtents()[0]) * Extent::get(shape.getExtents()[1]);
    if (!all)
      return overflow();
    // Sources of one attend agree on the batch, and the kernel packs them head
    // by head; with different numbers of key heads the larger one counts.
    if (!headsValue || !(*all == heads)) {
      Value b = builder.createOrFold<memref::DimOp>(loc, key, int64_t(0));
      Value h = builder.createOrFold<memref::DimOp>(loc, key, int64_t(1));
      Value product = builder.createOrFold<arith::MulIOp>(loc, b, h);
      if (headsValue)
        return source.dot.emitError(
            "score sources with different numbers of key heads are not "
            "supported yet");
      headsValue = product;
      heads = *all;
    }
    Value length = builder.createOrFold<memref::DimOp>(loc, key, int64_t(2));
    Value padded =
        builder.createOrFold<arith::AddIOp>(loc, length, constant(columns));
    headValue = builder.createOrFold<arith::AddIOp>(
        loc, headValue,
        builder.createOrFold<arith::MulIOp>(loc, padded,
                                            constant(type.getDimSize(3))));
  }
  // The values, in strips of columns, and a flag for each chunk of keys.
  auto valueType = cast<MemRefType>(attend.getValue().getType());
  int64_t valueColumns = llvm::alignTo(valueType.getDimSize(3), columns);
  if (flat.sources.empty()) {
    IndexScoresOp term = flat.terms.front().scores;
    ArrayRef<ExtentAttr> extents = term.getExtents().getExtents();
    std::optional<Extent> all =
        Extent::get(extents[0]) * Extent::constant(valueType.getDimSize(1));
    if (!all)
      return overflow();
    heads = *all;
    keyCountExtent = Extent::get(extents[3]);
    headsValue = builder.createOrFold<arith::MulIOp>(
        loc,
        builder.createOrFold<memref::DimOp>(loc, attend.getValue(), int64_t(0)),
        constant(valueType.getDimSize(1)));
  }
  std::optional<Extent> valueFloats =
      keyCountExtent * Extent::constant(valueColumns + 1);
  if (valueFloats)
    valueFloats = *valueFloats + Extent::constant(maxVectorLanes);
  std::optional<Extent> sum;
  if (valueFloats)
    sum = headFloats + *valueFloats;
  if (!sum)
    return overflow();
  headFloats = *sum;
  Value keyCount =
      builder.createOrFold<memref::DimOp>(loc, attend.getValue(), int64_t(2));
  Value packedValues = builder.createOrFold<arith::AddIOp>(
      loc,
      builder.createOrFold<arith::MulIOp>(loc, keyCount,
                                          constant(valueColumns + 1)),
      constant(maxVectorLanes));
  headValue = builder.createOrFold<arith::AddIOp>(loc, headValue, packedValues);
  std::optional<Extent> bytes = headFloats * Extent::constant(4), total, cap;
  if (bytes) {
    total = *bytes * heads;
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
