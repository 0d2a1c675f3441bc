//===- RealizeGather.cpp - Rows by id, and arrays put together ------------===//

#include "codegen/cpu/LowerPasses.h"
#include "codegen/cpu/MemRefParts.h"
#include "codegen/cpu/RealizeOps.h"
#include "codegen/cpu/RealizeRows.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace attune;

/// Calls the marker that becomes attune_check_ids, which reads a contiguous
/// range: the whole array, or each run of it that is one.
static void buildCheck(LoopBuilder &loops, Value ids, Value limit,
                       ModuleOp module, StringAttr name) {
  OpBuilder &builder = loops.builder;
  Location loc = loops.loc;
  auto type = cast<MemRefType>(ids.getType());
  StringRef marker =
      type.getElementType().isInteger(64) ? checkIds64Marker : checkIds32Marker;
  Type index = builder.getIndexType();
  declareFunction(module, marker,
                  builder.getFunctionType({index, index, index}, {}));
  int64_t rank = type.getRank();
  int64_t inner = rank;
  while (inner > 0 && !type.areTrailingDimsContiguous(inner))
    --inner;
  SmallVector<OpFoldResult> offsets(rank, builder.getIndexAttr(0)), sizes,
      unit(rank, builder.getIndexAttr(1));
  Value count = loops.constant(1);
  for (int64_t axis = 0; axis < rank; ++axis) {
    Value extent = loops.extent(ids, axis);
    if (axis < rank - inner)
      continue;
    count = loops.mul(count, extent);
  }
  auto call = [&](ValueRange outer) {
    Value first = ids;
    if (!outer.empty()) {
      for (auto [axis, i] : llvm::enumerate(outer))
        offsets[axis] = i;
      sizes.assign(rank, builder.getIndexAttr(1));
      for (int64_t axis = outer.size(); axis < rank; ++axis)
        sizes[axis] = getAsOpFoldResult(loops.extent(ids, axis));
      first =
          memref::SubViewOp::create(builder, loc, ids, offsets, sizes, unit);
    }
    // The address of the first element, behind the memref's own offset.
    auto metadata =
        memref::ExtractStridedMetadataOp::create(builder, loc, first);
    Value address =
        memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, first);
    address = loops.add(address, loops.mul(metadata.getOffset(),
                                           type.getElementTypeBitWidth() / 8));
    auto check = func::CallOp::create(builder, loc, marker, TypeRange(),
                                      ValueRange{address, count, limit});
    if (name)
      check->setAttr("attune.ids_name", name);
  };
  // Serial: a failing check leaves the model.
  SmallVector<Value> outer;
  std::function<void(int64_t)> nest = [&](int64_t axis) {
    if (axis == rank - inner)
      return call(outer);
    loops.forEach(loops.constant(0), loops.extent(ids, axis), 1, [&](Value i) {
      outer.push_back(i);
      nest(axis + 1);
      outer.pop_back();
    });
  };
  nest(0);
}

/// The part of `memref` at the leading indices. No rank-reducing subview: where
/// kept axes have one element, it could keep the stride of a leading one.
static Value partAt(LoopBuilder &loops, Value memref, ValueRange leading) {
  int64_t rank = cast<MemRefType>(memref.getType()).getRank();
  SmallVector<Value> origin(leading);
  SmallVector<OpFoldResult> sizes;
  for (int64_t axis = leading.size(); axis < rank; ++axis) {
    origin.push_back(loops.constant(0));
    sizes.push_back(getAsOpFoldResult(loops.extent(memref, axis)));
  }
  return loops.window(memref, origin, sizes);
}

static void buildGather(LoopBuilder &loops, Value table, Value ids, Value out,
                        int64_t vectorBytes, StringAttr name, ModuleOp module) {
  auto idsType = cast<MemRefType>(ids.getType());
  auto tableType = cast<MemRefType>(table.getType());
  buildCheck(loops, ids, loops.extent(table, 0), module, name);
  SmallVector<Value> extents;
  for (int64_t axis = 0; axis < idsType.getRank(); ++axis)
    extents.push_back(loops.extent(ids, axis));
  Value rowElements = loops.constant(1);
  for (int64_t axis = 1; axis < tableType.getRank(); ++axis)
    rowElements = loops.mul(rowElements, loops.extent(table, axis));
  buildRows(loops, extents, rowElements, [&](ValueRange row) {
    Value id = arith::IndexCastOp::create(loops.builder, loops.loc,
                                          loops.builder.getIndexType(),
                                          loops.load(ids, row));
    buildMap(loops, partAt(loops, table, id), partAt(loops, out, row),
             vectorBytes,
             [](LoopBuilder &, ValueRange elements) { return elements[0]; });
  });
}

/// The name of the argument that `ids` is, or a view of.
static StringAttr nameOf(Value ids) {
  while (Operation *definition = ids.getDefiningOp()) {
    auto view = dyn_cast<ViewLikeOpInterface>(definition);
    if (!view)
      return StringAttr();
    ids = view.getViewSource();
  }
  auto argument = cast<BlockArgument>(ids);
  auto func = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
  return func ? func.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                  "attune.name")
              : StringAttr();
}

static LogicalResult realizeRows(Operation *op, Value table, Value ids,
                                 Value out, StringAttr name,
                                 int64_t vectorBytes) {
  Type id = cast<MemRefType>(ids.getType()).getElementType();
  if (!id.isInteger(32) && !id.isInteger(64))
    return op->emitOpError("needs ids of type i32 or i64");
  if (op->getParentOfType<scf::ParallelOp>())
    return op->emitOpError("must not be inside a parallel loop");
  OpBuilder builder(op);
  LoopBuilder loops{builder, op->getLoc()};
  buildGather(loops, table, ids, out, vectorBytes, name ? name : nameOf(ids),
              op->getParentOfType<ModuleOp>());
  op->erase();
  return success();
}

LogicalResult attune::realizeGather(GatherOp op, int64_t vectorBytes) {
  return realizeRows(op, op.getTable(), op.getIds(), op.getInit(),
                     op.getIdsNameAttr(), vectorBytes);
}

LogicalResult attune::realizeEmbedding(EmbeddingOp op, int64_t vectorBytes) {
  return realizeRows(op, op.getTable(), op.getIds(), op.getInit(), StringAttr(),
                     vectorBytes);
}

LogicalResult attune::realizeConcat(ConcatOp op, int64_t vectorBytes) {
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  Value out = op.getInit();
  auto type = cast<MemRefType>(out.getType());
  int64_t axis = op.getAxis();
  Value first = loops.constant(0);
  for (Value input : op.getInputs()) {
    SmallVector<OpFoldResult> offsets(type.getRank(), builder.getIndexAttr(0)),
        sizes, unit(type.getRank(), builder.getIndexAttr(1));
    Value extent = loops.extent(input, axis);
    for (int64_t i = 0; i < type.getRank(); ++i)
      sizes.push_back(
          getAsOpFoldResult(i == axis ? extent : loops.extent(out, i)));
    offsets[axis] = getAsOpFoldResult(first);
    Value part = memref::SubViewOp::create(builder, op.getLoc(), out, offsets,
                                           sizes, unit);
    buildMap(loops, input, part, vectorBytes,
             [](LoopBuilder &, ValueRange elements) { return elements[0]; });
    first = loops.add(first, extent);
  }
  op.erase();
  return success();
}
