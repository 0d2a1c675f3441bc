//===- KeySummary.h - Which chunks of keys a mask leaves out --------------===//

#ifndef ATTUNE_CODEGEN_CPU_KEYSUMMARY_H
#define ATTUNE_CODEGEN_CPU_KEYSUMMARY_H

#include "codegen/cpu/RegionBounds.h"
#include "passes/MaskSummary.h"

namespace attune {

/// What a mask makes of a chunk of keys for a tile of queries.
enum class ChunkClass : int32_t {
  Empty = 0,   // no query attends to any of them
  Partial = 1, // decided per element
  Full = 2     // every query attends to all of them
};

/// Classes of the chunks of `summaryKeys` keys of a block, from the least and
/// largest elements of the arrays that the mask reads there. Lives in one task.
class KeySummary {
public:
  /// `table` [1 + 2 reads of keys, chunks] is scratch. The region's arguments
  /// that are the same in the whole task: `indices`, b, h, then `sizes`, i32.
  KeySummary(LoopBuilder &loops, mlir::Region &mask, MaskSummary summary,
             int64_t width, mlir::Value table, mlir::ValueRange indices,
             mlir::ValueRange sizes);

  /// Bounds of what the mask reads for the keys [begin, end), chunk by chunk.
  void summarizeKeys(mlir::Value begin, mlir::Value end);
  /// Classes of the chunks [first, last) of those keys, for the queries
  /// [firstQuery, lastQuery].
  void classify(mlir::Value begin, mlir::Value end, mlir::Value first,
                mlir::Value last, mlir::Value firstQuery,
                mlir::Value lastQuery);
  /// The class of a classified chunk, i32.
  mlir::Value classOf(mlir::Value chunk);
  mlir::Value isClass(mlir::Value kind, ChunkClass wanted);

private:
  struct Extremes {
    mlir::Value least, largest; // i32
  };
  /// Of element `i` of `capture`'s array over [begin, end); not empty.
  Extremes extremesOf(CaptureOp capture, mlir::Value begin, mlir::Value end);
  mlir::Value number(CaptureOp capture, mlir::Value at);
  mlir::Value numbers(CaptureOp capture, mlir::Value at);
  Extremes widen(Extremes old, mlir::Value number);
  mlir::Value keysOf(mlir::Value begin, mlir::Value chunk) {
    return loops.add(begin, loops.mul(chunk, summaryKeys));
  }
  void put(mlir::Value number, mlir::Value row, mlir::Value chunk);
  mlir::Value take(mlir::Value row, mlir::Value chunk);
  mlir::Value integer(int64_t value);

  LoopBuilder &loops;
  MaskSummary summary;
  int64_t width;
  mlir::Value table; // rows: class, then least and largest of each read of keys
  RegionBounds bounds; // knows what is the same in the whole task
};

} // namespace attune

#endif
