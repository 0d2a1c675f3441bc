/// What bounds of arrays decide about a mask when a model runs.
#ifndef ATTUNE_TOOLS_MASKCHUNKS_H
#define ATTUNE_TOOLS_MASKCHUNKS_H

#include "codegen/cpu/KeySummary.h"
#include "reference/Observer.h"

#include <optional>

namespace attune::tool {

/// A mask that reads arrays, for one batch element and head, as the kernel sees
/// it: by the least and largest elements there over ranges of queries and keys.
class MaskChunks {
public:
  /// Nothing where bounds say nothing about `mask`.
  static llvm::Expected<std::optional<MaskChunks>>
  get(const reference::AttendVisit &visit, MaskOp mask, int64_t b, int64_t h);

  /// Of the queries [first, last] and the keys [begin, end).
  ChunkClass classOf(int64_t first, int64_t last, int64_t begin,
                     int64_t end) const;

private:
  /// b, h, the ends of both ranges, the four sizes, then the least and largest
  /// element of each read; what surely holds and what may hold.
  reference::RegionFunction bounds;
  int64_t b = 0, h = 0;
  llvm::SmallVector<int64_t> sizes;
  /// Of each read, by the key and by the query.
  std::vector<std::vector<int64_t>> ofKeys, ofQueries;
};

} // namespace attune::tool

#endif
