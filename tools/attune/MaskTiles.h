/// What the compiler decides about the tiles of a mask, on given inputs.
#ifndef ATTUNE_TOOLS_MASKTILES_H
#define ATTUNE_TOOLS_MASKTILES_H

#include "reference/Observer.h"

namespace attune::tool {

/// No query of the tile attends to a key of it: skipped. All do: computed
/// without mask code. Else the mask is tested for each pair.
enum class TileClass : uint8_t { Empty, Partial, Full };

struct MaskTiles {
  int64_t queries = 0, keys = 0;         ///< positions
  int64_t tileQueries = 0, tileKeys = 0; ///< of a tile; the last may be smaller
  std::vector<TileClass> classes;        ///< row by row
  /// One a pair of query and key, row by row.
  std::vector<char> attended;

  int64_t rows() const { return (queries + tileQueries - 1) / tileQueries; }
  int64_t columns() const { return (keys + tileKeys - 1) / tileKeys; }
  TileClass at(int64_t query, int64_t key) const {
    return classes[query / tileQueries * columns() + key / tileKeys];
  }
  int64_t count(TileClass kind) const;
  /// Share of the pairs in empty tiles, and of those that are attended to.
  double skipped() const;
  double attendedShare() const;
  bool operator==(const MaskTiles &) const = default;
};

/// Applies the mask analysis of the tile stage, and of the kernel where it
/// reads arrays, to the attend's mask for batch element b and head h, at tiles
/// of `blocking`.
llvm::Expected<MaskTiles> classifyTiles(const reference::AttendVisit &visit,
                                        int64_t b, int64_t h,
                                        BlockingAttr blocking);

/// The ops that must run so that the arrays that masks read have values.
llvm::DenseSet<mlir::Operation *> opsThatMasksNeed(mlir::Operation *model);

} // namespace attune::tool

#endif
