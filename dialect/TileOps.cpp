//===- TileOps.cpp - Verifiers of the tile ops ----------------------------===//

#include "dialect/Attune.h"

using namespace mlir;
using namespace attune;

/// (C1) of the ops that touch memory: `type` has `rank` and f32 elements.
static LogicalResult verifyMemory(Operation *op, StringRef name, Type type,
                                  int64_t rank) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || memref.getRank() != rank || !memref.getElementType().isF32())
    return op->emitOpError() << "(C1) " << name << " must be a memref of rank "
                             << rank << " and element type f32, got " << type;
  return success();
}

/// (C0) of every tile op: tiles hold f32.
static LogicalResult verifyTile(Operation *op, TileType tile) {
  if (tile.getRows() < 1 || tile.getColumns() < 1 ||
      !tile.getElementType().isF32())
    return op->emitOpError()
           << "(C0) needs a tile with rows, columns and element type f32, got "
           << tile;
  return success();
}

LogicalResult TileFillOp::verify() { return verifyTile(*this, getType()); }

LogicalResult TileLoadOp::verify() {
  if (failed(verifyTile(*this, getType())))
    return failure();
  return verifyMemory(*this, "source", getSource().getType(), 2);
}

LogicalResult TileLoadRowOp::verify() {
  if (failed(verifyTile(*this, getType())))
    return failure();
  return verifyMemory(*this, "source", getSource().getType(), 1);
}

LogicalResult TileStoreOp::verify() {
  if (failed(verifyTile(*this, getTile().getType())))
    return failure();
  return verifyMemory(*this, "destination", getDestination().getType(), 2);
}

LogicalResult TileContractOp::verify() {
  if (failed(verifyTile(*this, getType())) ||
      failed(verifyMemory(*this, "lhs", getLhs().getType(), 2)))
    return failure();
  auto rhs = dyn_cast<MemRefType>(getRhs().getType());
  if (!rhs || !rhs.getElementType().isF32())
    return emitOpError("(C3) rhs must be a memref of f32");
  bool panels = rhs.getRank() == 3 && !rhs.isDynamicDim(2);
  if (!panels && rhs.getRank() != 2)
    return emitOpError("(C1) rhs must have rank 2, or 3 with a static width");
  if (static_cast<int64_t>(getRhsIndices().size()) != rhs.getRank())
    return emitOpError("(C2) needs one index for each dimension of rhs");
  if (panels && getColumnBound())
    return emitOpError("(C4) a bound on columns needs a rhs of rank 2");
  return success();
}

LogicalResult TileTransposeOp::verify() {
  TileType from = getInput().getType(), to = getType();
  if (from.getRows() != to.getColumns() || from.getColumns() != to.getRows())
    return emitOpError("(C1) rows and columns must swap");
  return verifyTile(*this, to);
}

LogicalResult TileFoldMaxOp::verify() {
  if (failed(verifyTile(*this, getTile().getType())))
    return failure();
  return verifyMemory(*this, "lanes", getLanes().getType(), 2);
}
