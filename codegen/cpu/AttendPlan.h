//===- AttendPlan.h - What the loops of an attend kernel share ------------===//

#ifndef ATTUNE_CODEGEN_CPU_ATTENDPLAN_H
#define ATTUNE_CODEGEN_CPU_ATTENDPLAN_H

#include "codegen/cpu/LoopBuilder.h"
#include "dialect/Attune.h"
#include "passes/MaskSummary.h"

namespace attune {

/// One source of an attend kernel and its share of the workspace.
struct AttendSource {
  mlir::Value query, key;
  double scale;
  mlir::Value headWeight;    // memref [] or [H], or null
  mlir::Value keyBias;       // memref [Hb, Tk], or null
  double biasScale = 0;      // of the key bias
  mlir::Value vector;        // memref [E] of additive attention, or null
  mlir::Value depth;         // E
  mlir::Value packedDepth;   // rows of a panel: E, and a key bias packed here
  int64_t packedHeads;       // heads of key and such a bias, the larger number
  mlir::Value ratio;         // query heads that share a packed head
  mlir::Value headFloats;    // packed size of a key head
  mlir::Value base;          // where this source's packed heads start
  mlir::Value scratchColumn; // first column in the scratch copy of the queries

  /// The key is in panels since it was loaded, without its bias.
  bool isLoadedInPanels() const { return isInPanels(key); }
};

/// Keys whose values one task packs and one flag describes.
inline constexpr int64_t valueChunkKeys = 256;

/// The packed values of an attend kernel and their share of the workspace: for
/// each head the strips, then for each chunk of keys 0, or NaN when one of its
/// values is not finite.
struct AttendValues {
  mlir::Value ratio;      // query heads that share a value head
  mlir::Value headFloats; // packed size of a value head
  mlir::Value base;       // where the packed heads start
};

/// Sizes of an attend kernel, known before its loops.
struct AttendPlan {
  KernelOp kernel;
  int64_t rows, columns, width; // register block, floats in a vector
  int64_t rowBlock, keyBlock;
  llvm::SmallVector<AttendSource, 1> sources;
  AttendValues values;
  MaskSummary summary; // of the mask's reads of arrays
  mlir::Value batch, heads, queries, keys, valueDepth;
  mlir::Value panels;       // of all keys
  mlir::Value queryColumns; // of the scratch copy of the queries
  mlir::Value headColumns;  // valueDepth rounded up to the register block
  mlir::Value outColumns;   // headColumns of all folded batch elements
  int64_t folded = 1;       // batch elements that share their probabilities
  bool keysFillPanels;      // no panel hangs over the last key

  bool isFolded() { return folded > 1; }
  /// How many of them the group `group` of batch elements has.
  mlir::Value foldedIn(LoopBuilder &loops, mlir::Value group) {
    return loops.min(loops.constant(folded),
                     loops.sub(batch, loops.mul(group, folded)));
  }
  /// Some probabilities are exactly zero whatever the dot product is.
  bool hasZeros() { return hasMask() || hasScore(); }
  bool hasSoftmax() { return !kernel.getNoSoftmax(); }
  bool hasScore() { return !kernel.getScore().empty(); }
  bool hasMask() { return !kernel.getMask().empty(); }
  bool hasAdditive() { return !kernel.getVectors().empty(); }
};

/// The body of a task: one block of queries of one head, at the insertion point
/// of `loops`. `slots[m]` is the index of the head's packed keys of source m,
/// the last one that of its packed values.
mlir::LogicalResult expandAttendTask(LoopBuilder &loops, AttendPlan &plan,
                                     mlir::Value batch, mlir::Value head,
                                     mlir::Value queryBegin,
                                     mlir::ValueRange slots);

/// The packed keys of source `source` in slot `slot`, for a key that is loaded
/// in panels those of head `slot`: [panels][depth][columns].
mlir::Value packedKeys(LoopBuilder &loops, AttendPlan &plan,
                       const AttendSource &source, mlir::Value slot);

/// The flags of the chunks of slot `slot`.
mlir::Value valueFlags(LoopBuilder &loops, AttendPlan &plan, mlir::Value slot);

/// The packed values in slot `slot`: [strips of columns][keys][columns].
mlir::Value packedValues(LoopBuilder &loops, AttendPlan &plan,
                         mlir::Value slot);

} // namespace attune

#endif
