//===- ExpandGemm.cpp - The gemm kernel as loops of tile ops --------------===//
//
// One task is a block of rows times a group of panels. Inside it the panel loop
// is outside the row loop, so that a panel over the whole depth stays in the
// second-level cache while the rows of the block pass by. The left side is
// not packed: up to a depth of 2048 that gains nothing.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/ExpandKernels.h"
#include "codegen/cpu/LoopBuilder.h"

using namespace mlir;
using namespace attune;

namespace {

/// Beyond this depth a panel leaves the second-level cache and depth blocks
/// that accumulate through the output win.
constexpr int64_t kDepthBlock = 2048;
/// Tasks wanted when rows alone give fewer: enough for any pool to balance.
constexpr int64_t kWantedTasks = 16;

class GemmExpander : LoopBuilder {
public:
  GemmExpander(OpBuilder &builder, KernelOp kernel)
      : LoopBuilder{builder, kernel.getLoc()}, kernel(kernel),
        rows(kernel.getBlocking().getRows()),
        columns(kernel.getBlocking().getColumns()),
        rowBlock(kernel.getBlocking().getRowBlock()) {}

  LogicalResult expand();

private:
  /// A slice [begin, begin + size) of the depth.
  struct Depth {
    Value begin, size;
    bool first, last;
  };

  Value asRow(Value array);
  bool collapseLeading();
  void expandTask(Value task);
  void expandBlock(const Depth &depth);
  void sweep(int64_t height, Value begin, Value end, const Depth &depth);
  void tile(int64_t height, int64_t panels, Value row, Value panel,
            bool bounded, const Depth &depth);
  Value epilogue(Value tile, Value row, Value column, Value bound);
  /// Panels that one tile of `height` rows spans: a single row needs several
  /// for enough independent chains of additions.
  int64_t panelsOf(int64_t height) const {
    return height == 1 ? 4 : height == 2 ? 2 : 1;
  }

  KernelOp kernel;
  int64_t rows, columns, rowBlock;
  // Whole arrays, then their matrices within a task.
  Value lhs, rhs, residual, out;
  Value m, n, k, panelCount, rowBlocks, groups, groupSize;
  Value lhsMatrix, rhsMatrix, residualMatrix, outMatrix;
  Value blockBegin, blockRows, panelBegin, panelEnd;
};

} // namespace

/// [..., M, K] -> [M', K] for all arrays that have rows, if all can.
bool GemmExpander::collapseLeading() {
  SmallVector<Value *> arrays{&lhs, &out};
  if (residual)
    arrays.push_back(&residual);
  if (cast<MemRefType>(rhs.getType()).getRank() > 2 && kernel.getRhsRows())
    return false;
  SmallVector<ReassociationIndices> groups(2);
  int64_t rank = cast<MemRefType>(out.getType()).getRank();
  for (int64_t axis = 0; axis < rank - 1; ++axis)
    groups[0].push_back(axis);
  groups[1] = {rank - 1};
  for (Value *array : arrays) {
    auto type = cast<MemRefType>(array->getType());
    if (type.getRank() != rank ||
        !memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups))
      return false;
  }
  if (rank > 2)
    for (Value *array : arrays)
      *array = memref::CollapseShapeOp::create(builder, loc, *array, groups);
  return true;
}

/// [K] -> [1, K].
Value GemmExpander::asRow(Value array) {
  if (!array || cast<MemRefType>(array.getType()).getRank() != 1)
    return array;
  auto parts = memref::ExtractStridedMetadataOp::create(builder, loc, array);
  OpFoldResult size = parts.getConstifiedMixedSizes()[0];
  return memref::ReinterpretCastOp::create(
      builder, loc, array, parts.getConstifiedMixedOffset(),
      {builder.getIndexAttr(1), size},
      {size, parts.getConstifiedMixedStrides()[0]});
}

LogicalResult GemmExpander::expand() {
  if (kernel.getLhs().size() != 1 || kernel.getRhs().size() != 1)
    return kernel.emitOpError("gemm needs one lhs and one rhs");
  if (kernel.getRhsRows() && kernel.getBias())
    return kernel.emitOpError("gemm with rhs_rows takes no bias");
  lhs = asRow(kernel.getLhs()[0]);
  rhs = kernel.getRhs()[0];
  residual = asRow(kernel.getResidual());
  out = asRow(kernel.getOut());
  collapseLeading();

  int64_t rank = cast<MemRefType>(out.getType()).getRank();
  m = extent(out, rank - 2);
  n = extent(out, rank - 1);
  k = extent(lhs, cast<MemRefType>(lhs.getType()).getRank() - 1);
  panelCount = ceilDiv(n, columns);
  rowBlocks = ceilDiv(m, rowBlock);
  Value batches = constant(1);
  for (int64_t axis = 0; axis < rank - 2; ++axis)
    batches = mul(batches, extent(out, axis));
  // Few rows: split the panels too, into groups of at least 64 columns and of
  // whole wide tiles.
  Value wanted = ceilDiv(constant(kWantedTasks),
                         max(mul(batches, rowBlocks), constant(1)));
  groupSize =
      max(ceilDiv(panelCount, wanted), constant((63 + columns) / columns));
  groupSize = roundUp(groupSize, panelsOf(1));
  groups = ceilDiv(panelCount, groupSize);
  parallel(mul(batches, mul(rowBlocks, groups)),
           [&](Value task) { expandTask(task); });
  kernel.erase();
  return success();
}

void GemmExpander::expandTask(Value task) {
  Value group = rem(task, groups), rest = div(task, groups);
  blockBegin = mul(rem(rest, rowBlocks), rowBlock);
  Value batch = div(rest, rowBlocks);
  blockRows = min(constant(rowBlock), sub(m, blockBegin));
  panelBegin = mul(group, groupSize);
  panelEnd = min(add(panelBegin, groupSize), panelCount);

  // The matrices of this batch. Extents of 1 repeat.
  int64_t rank = cast<MemRefType>(out.getType()).getRank();
  SmallVector<Value> leading(rank - 2);
  for (int64_t axis = rank - 3; axis >= 0; --axis) {
    Value size = extent(out, axis);
    leading[axis] = axis == 0 ? batch : rem(batch, size);
    batch = axis == 0 ? batch : div(batch, size);
  }
  auto matrix = [&](Value array) -> Value {
    if (!array)
      return array;
    auto type = cast<MemRefType>(array.getType());
    SmallVector<Value> own;
    for (int64_t axis = 0; axis < type.getRank() - 2; ++axis)
      own.push_back(type.getDimSize(axis) == 1
                        ? constant(0)
                        : leading[axis + rank - type.getRank()]);
    return matrixAt(array, own);
  };
  lhsMatrix = matrix(lhs);
  rhsMatrix = kernel.getRhsRows() ? matrix(rhs) : rhs;
  residualMatrix = matrix(residual);
  outMatrix = matrix(out);

  std::optional<int64_t> depth = getConstantIntValue(k);
  if (!depth || *depth <= kDepthBlock) {
    expandBlock({constant(0), k, true, true});
    return;
  }
  int64_t lastBegin = (*depth - 1) / kDepthBlock * kDepthBlock;
  expandBlock({constant(0), constant(kDepthBlock), true, false});
  if (lastBegin > kDepthBlock)
    forEach(constant(kDepthBlock), constant(lastBegin), kDepthBlock,
            [&](Value begin) {
              expandBlock({begin, constant(kDepthBlock), false, false});
            });
  expandBlock({constant(lastBegin), constant(*depth - lastBegin), false, true});
}

/// All rows and panels of the task for one slice of the depth: full tiles, then
/// the rows that are left in pieces of 8, 4, 2 and 1.
void GemmExpander::expandBlock(const Depth &depth) {
  std::optional<int64_t> knownRows = getConstantIntValue(m);
  // Row blocks other than the last have whole tiles if the block size does.
  std::optional<int64_t> knownRest;
  if (knownRows && rowBlock % rows == 0)
    knownRest = *knownRows % rowBlock % rows;
  Value full = mul(div(blockRows, rows), rows);
  if (!knownRows || rowBlock % rows || *knownRows >= rows)
    sweep(rows, constant(0), full, depth);
  Value rest = sub(blockRows, full);
  for (int64_t height = llvm::PowerOf2Ceil(rows) / 2; height > 0; height /= 2) {
    if (knownRest && !(*knownRest & height))
      continue;
    // Rows that larger pieces took: the bits of `rest` above this one.
    Value begin = add(full, mul(div(rest, 2 * height), 2 * height));
    Value wanted = compare(arith::CmpIPredicate::sge, rem(rest, 2 * height),
                           constant(height));
    ifThen(wanted, [&] { sweep(height, begin, Value(), depth); });
  }
}

/// Tiles of `height` rows over all panels of the task, for the rows [begin,
/// end), or for one tile at `begin` when there is no end.
void GemmExpander::sweep(int64_t height, Value begin, Value end,
                         const Depth &depth) {
  auto column = [&](int64_t panels, Value panel, bool bounded) {
    if (!end)
      return tile(height, panels, begin, panel, bounded, depth);
    forEach(begin, end, height, [&](Value row) {
      tile(height, panels, row, panel, bounded, depth);
    });
  };
  Value wholePanels = div(n, columns);
  Value wholeEnd = min(panelEnd, wholePanels);
  Value next = panelBegin;
  if (int64_t wide = panelsOf(height); wide > 1) {
    Value count = max(sub(wholeEnd, panelBegin), constant(0));
    Value wideEnd = add(panelBegin, mul(div(count, wide), wide));
    forEach(panelBegin, wideEnd, wide,
            [&](Value panel) { column(wide, panel, false); });
    next = wideEnd;
  }
  forEach(next, wholeEnd, 1, [&](Value panel) { column(1, panel, false); });
  std::optional<int64_t> knownColumns = getConstantIntValue(n);
  if (knownColumns && *knownColumns % columns == 0)
    return;
  ifThen(less(wholePanels, panelEnd), [&] { column(1, wholePanels, true); });
}

void GemmExpander::tile(int64_t height, int64_t panels, Value row, Value panel,
                        bool bounded, const Depth &depth) {
  auto type = TileType::get(builder.getContext(), height, panels * columns,
                            builder.getF32Type());
  Value outRow = add(blockBegin, row), outColumn = mul(panel, columns);
  Value bound = bounded ? n : Value();
  Value acc;
  if (!depth.first)
    acc = TileLoadOp::create(builder, loc, type, outMatrix, outRow, outColumn,
                             Value(), bound);
  else if (Value bias = kernel.getBias())
    acc = TileLoadRowOp::create(builder, loc, type, bias, outColumn);
  else
    acc = TileFillOp::create(builder, loc, type, scalar(0.0));

  SmallVector<Value> indices;
  if (kernel.getRhsRows())
    indices = {depth.begin, outColumn};
  else
    indices = {panel, depth.begin, constant(0)};
  acc = TileContractOp::create(builder, loc, type, acc, lhsMatrix, outRow,
                               depth.begin, rhsMatrix, indices, depth.size,
                               kernel.getRhsRows() ? bound : Value());
  // Long activations on all rows at once would not fit the registers, and would
  // be a copy for each shape of tile: they read the stored rows again.
  bool byRows = kernel.getActivation() != Activation::None &&
                kernel.getActivation() != Activation::Relu;
  if (depth.last && !byRows)
    acc = epilogue(acc, outRow, outColumn, bound);
  TileStoreOp::create(builder, loc, acc, outMatrix, outRow, outColumn, bound);
  if (!depth.last || !byRows)
    return;
  auto rowType = TileType::get(builder.getContext(), 1, panels * columns,
                               builder.getF32Type());
  forEach(constant(0), constant(height), 1, [&](Value i) {
    Value at = add(outRow, i);
    Value values = TileLoadOp::create(builder, loc, rowType, outMatrix, at,
                                      outColumn, Value(), bound);
    values = epilogue(values, at, outColumn, bound);
    TileStoreOp::create(builder, loc, values, outMatrix, at, outColumn, bound);
  });
}

/// activation(tile) + residual, for a tile at (row, column) of the output.
Value GemmExpander::epilogue(Value tile, Value row, Value column, Value bound) {
  if (kernel.getActivation() != Activation::None)
    tile = TileActivationOp::create(builder, loc, kernel.getActivation(), tile);
  if (!residualMatrix)
    return tile;
  Value old = TileLoadOp::create(builder, loc, tile.getType(), residualMatrix,
                                 row, column, Value(), bound);
  return TileAddOp::create(builder, loc, tile, old);
}

LogicalResult attune::expandGemm(KernelOp kernel) {
  OpBuilder builder(kernel);
  return GemmExpander(builder, kernel).expand();
}
