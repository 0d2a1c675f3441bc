#include "tools/attune/MaskTiles.h"
#include "passes/MaskAnalysis.h"
#include "tools/attune/MaskChunks.h"

using namespace llvm;
using namespace mlir;
using attune::reference::AttendVisit;
using attune::reference::RegionFunction;

namespace attune::tool {

int64_t MaskTiles::count(TileClass kind) const {
  return llvm::count(classes, kind);
}

double MaskTiles::skipped() const {
  double area = 0;
  for (int64_t row = 0; row < rows(); ++row)
    for (int64_t column = 0; column < columns(); ++column)
      if (classes[row * columns() + column] == TileClass::Empty)
        area += double(std::min(tileQueries, queries - row * tileQueries)) *
                double(std::min(tileKeys, keys - column * tileKeys));
  return area / (double(queries) * double(keys));
}

double MaskTiles::attendedShare() const {
  return double(llvm::count(attended, 1)) / double(attended.size());
}

/// The key ranges of the mask as the tile stage emits them.
static Expected<RegionFunction> keyRanges(const AttendVisit &visit,
                                          MaskOp mask) {
  Region region;
  emitKeyRanges(region, mask);
  return visit.compile(region);
}

/// `bounds`: lo, fullLo, fullHi, hi of each segment.
static TileClass classOf(ArrayRef<int64_t> bounds, int64_t begin, int64_t end) {
  TileClass kind = TileClass::Empty;
  for (; !bounds.empty(); bounds = bounds.drop_front(4)) {
    if (begin >= bounds[1] && end <= bounds[2])
      return TileClass::Full;
    if (std::max(begin, bounds[0]) < std::min(end, bounds[3]))
      kind = TileClass::Partial;
  }
  return kind;
}

/// Keys that the kernel classifies together, of those of one block of queries;
/// `bounds` as in classOf.
static std::pair<int64_t, int64_t>
chunkOf(ArrayRef<int64_t> bounds, int64_t key, int64_t panel, int64_t keys) {
  int64_t begin = bounds[0] / panel * panel, end = keys;
  if (bounds.size() > 4) {
    int64_t firstEnd = alignTo(bounds[3], panel);
    if (key < firstEnd)
      end = std::min(end, firstEnd);
    else
      begin = std::max(bounds[4] / panel * panel, firstEnd);
  }
  int64_t chunk = begin + (key - begin) / summaryKeys * summaryKeys;
  return {chunk, std::min(chunk + summaryKeys, end)};
}

Expected<MaskTiles> classifyTiles(const AttendVisit &visit, int64_t b,
                                  int64_t h, BlockingAttr blocking) {
  int64_t nq = visit.queries, nk = visit.keys;
  int64_t tileQueries = blocking.getRows(), tileKeys = blocking.getColumns();
  MaskTiles tiles{nq, nk, tileQueries, tileKeys, {}, {}};
  if (!visit.mask) {
    tiles.classes.assign(tiles.rows() * tiles.columns(), TileClass::Full);
    tiles.attended.assign(nq * nk, 1);
    return tiles;
  }
  auto mask = visit.mask.getDefiningOp<MaskOp>();
  if (!mask)
    return createStringError("a mask must be made by attune.mask");
  Expected<RegionFunction> ranges = keyRanges(visit, mask);
  if (!ranges)
    return ranges.takeError();
  Expected<RegionFunction> predicate = visit.compile(mask.getBody());
  if (!predicate)
    return predicate.takeError();
  // The kernel of a gate tests what has no closed form.
  Expected<std::optional<MaskChunks>> chunks = std::nullopt;
  if (isa<AttendOp>(visit.op))
    chunks = MaskChunks::get(visit, mask, b, h);
  if (!chunks)
    return chunks.takeError();
  SmallVector<int64_t> ofBlock;
  for (int64_t first = 0; first < nq; first += tileQueries) {
    int64_t last = std::min(first + tileQueries, nq) - 1;
    if (int64_t block = blocking.getRowBlock(); first % block == 0)
      ofBlock =
          (*ranges)({b, h, first, std::min(first + block, nq) - 1, nq, nk});
    SmallVector<int64_t> bounds = (*ranges)({b, h, first, last, nq, nk});
    for (int64_t key = 0; key < nk; key += tileKeys) {
      TileClass kind = classOf(bounds, key, std::min(key + tileKeys, nk));
      if (kind == TileClass::Partial && *chunks) {
        auto [begin, end] = chunkOf(ofBlock, key, tileKeys, nk);
        ChunkClass chunk = (*chunks)->classOf(first, last, begin, end);
        kind = chunk == ChunkClass::Empty  ? TileClass::Empty
               : chunk == ChunkClass::Full ? TileClass::Full
                                           : TileClass::Partial;
      }
      tiles.classes.push_back(kind);
    }
  }
  for (int64_t q = 0; q < nq; ++q)
    for (int64_t k = 0; k < nk; ++k)
      tiles.attended.push_back(
          (*predicate)({b, h, q, k, visit.batch, visit.heads, nq, nk})[0] != 0);
  return tiles;
}

namespace {
/// Follows values back to what makes them.
struct Needs {
  llvm::DenseSet<Operation *> ops;

  void add(Value value) {
    if (Operation *op = value.getDefiningOp())
      return addOp(op);
    Operation *owner = cast<BlockArgument>(value).getOwner()->getParentOp();
    if (isa<ForOp>(owner))
      addOp(owner);
  }

  void addOp(Operation *op) {
    if (!ops.insert(op).second)
      return;
    for (Value operand : op->getOperands())
      add(operand);
    for (Region &region : op->getRegions())
      for (Operation &inner : region.getOps())
        addOp(&inner);
  }
};
} // namespace

llvm::DenseSet<Operation *> opsThatMasksNeed(Operation *model) {
  Needs needs;
  model->walk([&](MaskOp mask) { needs.addOp(mask); });
  return std::move(needs.ops);
}

} // namespace attune::tool
