//===- AttendTask.h - One block of queries of one head --------------------===//

#ifndef ATTUNE_CODEGEN_CPU_ATTENDTASK_H
#define ATTUNE_CODEGEN_CPU_ATTENDTASK_H

#include "codegen/cpu/AttendPlan.h"
#include "codegen/cpu/KeyRanges.h"
#include "codegen/cpu/KeySummary.h"
#include <limits>

namespace attune {

inline constexpr double kLog2E = 1.4426950408889634;
inline constexpr double kMinusInfinity =
    -std::numeric_limits<double>::infinity();

/// Builds the body of one task of an attend kernel. AttendTask.cpp has the
/// loops, AttendRuns.cpp the keys that a
/// summary of the mask leaves, AttendScores.cpp what makes scores,
/// AttendSoftmax.cpp what uses them, AttendFinish.cpp the results,
/// AttendProbs.cpp the probabilities.
class AttendTask {
public:
  AttendTask(LoopBuilder &loops, AttendPlan &plan, mlir::Value batch,
             mlir::Value head, mlir::Value queryBegin, mlir::ValueRange slots)
      : loops(loops), builder(loops.builder), loc(loops.loc), plan(plan),
        batch(batch), head(head), queryBegin(queryBegin), slots(slots) {}

  mlir::LogicalResult expand();

private:
  void carveScratch();
  void copyQueries();
  mlir::Value queryMatrix(const AttendSource &source);
  mlir::Value sourceFactor(const AttendSource &source, double scale);
  void clearState();
  /// The key ranges of queries [first, last], one for each segment.
  mlir::FailureOr<KeyRangeList> rangesOf(mlir::Value first, mlir::Value last) {
    return evaluateKeyRanges(loops, plan.kernel, batch, head, first, last,
                             plan.queries, plan.keys);
  }
  /// Those of a tile.
  mlir::FailureOr<KeyRangeList> tileRanges(mlir::Value row);
  /// One range around all segments.
  KeyRange hullOf(llvm::ArrayRef<KeyRange> ranges);
  /// The last query of a tile.
  mlir::Value lastQueryOf(mlir::Value row);
  /// Calls `body` for each segment, in one loop when there are several.
  void forEachSegment(
      llvm::ArrayRef<KeyRange> ranges,
      llvm::function_ref<void(mlir::Value isFirst, const KeyRange &range)>
          body);
  /// The keys of a range that lie in a block, and its panels, counted in the
  /// block: [first, last), of which [fullFirst, fullLast) need no mask.
  struct BlockRange {
    mlir::Value keyBegin, keyEnd;
    mlir::Value first, fullFirst, fullLast, last;
  };
  BlockRange rangeInBlock(const KeyRange &range, mlir::Value blockBegin,
                          mlir::Value blockEnd);
  void keepPanelsApart(BlockRange &part, mlir::Value isFirst,
                       const KeyRange &first, mlir::Value blockBegin,
                       mlir::Value blockEnd);
  mlir::LogicalResult tile(mlir::Value tileIndex, mlir::Value blockBegin,
                           mlir::Value blockEnd);
  mlir::LogicalResult attendToRuns(mlir::Value row, mlir::Value blockBegin,
                                   mlir::Value blockEnd,
                                   const BlockRange &part);
  BlockRange runOf(const BlockRange &part, mlir::Value blockBegin,
                   mlir::Value firstChunk, mlir::Value lastChunk,
                   mlir::Value isFull);
  mlir::LogicalResult attendTo(mlir::Value row, mlir::Value blockBegin,
                               const BlockRange &part);
  mlir::LogicalResult tileScores(mlir::Value row, mlir::Value blockBegin,
                                 const BlockRange &part);
  mlir::LogicalResult scores(mlir::Value row, mlir::Value queryRow,
                             mlir::Value blockBegin, mlir::Value panel,
                             bool masked);
  void addAdditive(const AttendSource &source, mlir::Value keys,
                   mlir::Value row, mlir::Value panelIndex, mlir::Value column);
  mlir::Value addKeyBias(const AttendSource &source, mlir::Value acc,
                         mlir::Value row, mlir::Value key, bool masked);
  mlir::LogicalResult rewriteScores(mlir::Value row, mlir::Value queryRow,
                                    mlir::Value key, mlir::Value column,
                                    bool masked);
  void exponentials(mlir::Value row, mlir::Value columnBegin,
                    mlir::Value columnEnd);
  void rescale(mlir::Value stateRow, mlir::Value oldMax, mlir::Value newMax);
  mlir::Value notFinite(mlir::Value keyBegin, mlir::Value keyEnd);
  void timesValues(mlir::Value row, mlir::Value blockBegin,
                   const BlockRange &part, bool skipZeros);
  mlir::Value sumOf(mlir::Value row);
  void finish();
  void finishRow(mlir::Value row, mlir::Value firstColumn);
  void writeMean(mlir::Value queryRow, mlir::Value firstColumn);
  void writeLogSumExp(mlir::Value row, mlir::Value sum, mlir::Value empty);
  mlir::LogicalResult probabilities();
  mlir::LogicalResult tileProbabilities(mlir::Value row,
                                        mlir::Value blockBegin);

  TileType tileType(int64_t columns) {
    return TileType::get(builder.getContext(), plan.rows, columns,
                         builder.getF32Type());
  }
  /// The score of a masked key.
  mlir::Value maskedScore() {
    return plan.hasSoftmax() ? infinity() : loops.splat(0.0, plan.width);
  }
  mlir::Value infinity() { return loops.splat(kMinusInfinity, plan.width); }

  LoopBuilder &loops;
  mlir::OpBuilder &builder;
  mlir::Location loc;
  AttendPlan &plan;
  mlir::Value batch; // or group of folded batch elements
  mlir::Value head, queryBegin;
  mlir::ValueRange slots;

  mlir::Value zero;
  mlir::Value rowCount;   // queries of this block
  mlir::Value tileCount;  // tiles of this block
  mlir::Value ownColumns; // of the outputs of this task
  mlir::Value valueStrips, flags, outMatrix;
  llvm::SmallVector<mlir::Value> keyPanels;
  // Scratch: scores of a tile, queries, outputs, sums and maxima of rows lane
  // by lane, running maximum of rows.
  mlir::Value scoreBuffer, queryBuffer, outBuffer, sums, laneMax, rowMax;
  std::optional<KeySummary> summary;
};

} // namespace attune

#endif
