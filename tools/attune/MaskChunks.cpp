#include "tools/attune/MaskChunks.h"
#include "mlir/IR/IRMapping.h"

#include <limits>

using namespace llvm;
using namespace mlir;
using attune::reference::AttendVisit;
using attune::reference::RegionFunction;

namespace attune::tool {

static constexpr unsigned numSizes = 4;

/// Element by element what the reads of `summary` give; b, h, q, k and sizes.
static Expected<RegionFunction>
elementsOf(const AttendVisit &visit, MaskOp mask, const MaskSummary &summary) {
  Region region;
  IRMapping mapping;
  mask.getBody().cloneInto(&region, mapping);
  SmallVector<Value> elements;
  for (auto reads : {ArrayRef<CaptureOp>(summary.ofKeys),
                     ArrayRef<CaptureOp>(summary.ofQueries)})
    for (CaptureOp read : reads)
      elements.push_back(mapping.lookup(read.getElement()));
  region.front().getTerminator()->setOperands(elements);
  return visit.compile(region);
}

/// The bounds that a kernel computes of the mask, on numbers instead of arrays.
static Expected<RegionFunction> boundsOf(const AttendVisit &visit, MaskOp mask,
                                         const MaskSummary &summary) {
  Region region;
  Block &block = region.emplaceBlock();
  OpBuilder builder(mask.getContext());
  builder.setInsertionPointToEnd(&block);
  Location loc = mask.getLoc();
  auto argument = [&] { return block.addArgument(builder.getI32Type(), loc); };
  LoopBuilder loops{builder, loc};
  RegionBounds bounds(loops, mask.getBody());
  bounds.bind(0, argument());
  bounds.bind(1, argument());
  for (unsigned range : {2, 3}) {
    Value low = argument(), high = argument();
    bounds.bind(range, low, high);
  }
  for (unsigned axis = 0; axis < numSizes; ++axis)
    bounds.bind(4 + axis, argument());
  bounds.evaluateScalars();
  for (auto reads : {ArrayRef<CaptureOp>(summary.ofKeys),
                     ArrayRef<CaptureOp>(summary.ofQueries)})
    for (CaptureOp read : reads) {
      Value low = argument(), high = argument();
      bounds.bind(read, low, high);
    }
  Bounds attended = bounds.evaluate();
  YieldOp::create(builder, loc, {attended.low, attended.high});
  return visit.compile(region);
}

Expected<std::optional<MaskChunks>>
MaskChunks::get(const AttendVisit &visit, MaskOp mask, int64_t b, int64_t h) {
  MaskSummary summary = summarizeMask(mask.getBody());
  if (summary.empty() || !visit.queries || !visit.keys)
    return std::nullopt;
  MaskChunks chunks;
  chunks.b = b;
  chunks.h = h;
  chunks.sizes = {visit.batch, visit.heads, visit.queries, visit.keys};
  Expected<RegionFunction> bounds = boundsOf(visit, mask, summary);
  if (!bounds)
    return bounds.takeError();
  chunks.bounds = std::move(*bounds);
  Expected<RegionFunction> elements = elementsOf(visit, mask, summary);
  if (!elements)
    return elements.takeError();
  chunks.ofKeys.resize(summary.ofKeys.size());
  chunks.ofQueries.resize(summary.ofQueries.size());
  // A kernel's bounds have 32 bits.
  using Narrow = std::numeric_limits<int32_t>;
  auto read = [&](int64_t q, int64_t k, size_t skipped,
                  std::vector<std::vector<int64_t>> &into) {
    SmallVector<int64_t> arguments = {b, h, q, k};
    llvm::append_range(arguments, chunks.sizes);
    SmallVector<int64_t> values = (*elements)(arguments);
    for (auto [i, list] : llvm::enumerate(into))
      list.push_back(std::clamp<int64_t>(values[skipped + i], Narrow::min(),
                                         Narrow::max()));
  };
  for (int64_t k = 0; k < visit.keys; ++k)
    read(0, k, 0, chunks.ofKeys);
  for (int64_t q = 0; q < visit.queries; ++q)
    read(q, 0, summary.ofKeys.size(), chunks.ofQueries);
  return chunks;
}

ChunkClass MaskChunks::classOf(int64_t first, int64_t last, int64_t begin,
                               int64_t end) const {
  SmallVector<int64_t> arguments = {b, h, first, last, begin, end - 1};
  llvm::append_range(arguments, sizes);
  auto extremes = [&](const std::vector<std::vector<int64_t>> &reads,
                      int64_t from, int64_t to) {
    for (const std::vector<int64_t> &read : reads) {
      auto [least, largest] =
          std::minmax_element(read.begin() + from, read.begin() + to);
      arguments.append({*least, *largest});
    }
  };
  extremes(ofKeys, begin, end);
  extremes(ofQueries, first, last + 1);
  SmallVector<int64_t> attended = bounds(arguments);
  return ChunkClass(attended[0] + attended[1]);
}

} // namespace attune::tool
