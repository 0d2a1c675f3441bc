//===- AttendKernel.h - The attend kernel in f32 on CUDA cores ------------===//

#ifndef ATTUNE_CODEGEN_CUDA_ATTENDKERNEL_H
#define ATTUNE_CODEGEN_CUDA_ATTENDKERNEL_H

#include "codegen/cuda/KernelOutline.h"

namespace attune {

/// The shared memory of an attend kernel, in floats: queries of each source,
/// then a tile of keys, of values, of powers, and a flag for each key that some
/// query attends.
struct AttendLayout {
  static constexpr int64_t kQueryRows = 64; ///< of a block
  static constexpr int64_t kOwnRows = 4;    ///< of a thread
  /// More columns of values are work of other blocks, which make the same
  /// scores again.
  static constexpr int64_t kMaxValueColumns = 128;

  struct Source {
    int64_t depth, columns, pitch, offset;
  };
  llvm::SmallVector<Source, 1> sources;
  int64_t keyTile = 0; ///< 0: even the smallest tile does not fit
  int64_t keyOffset, valueOffset, powerOffset, powerPitch, flagOffset, floats;
  int64_t valueColumns, columnGroups;

  /// Sizes must be static; the largest tile of keys that fits is taken.
  explicit AttendLayout(KernelOp kernel);
};

/// Builds one attend kernel. AttendKernel.cpp has the loops over tiles of keys,
/// AttendTile.cpp what happens in one.
class AttendKernel {
public:
  AttendKernel(KernelOp kernel, mlir::gpu::GPUModuleOp module,
               llvm::StringRef name)
      : kernel(kernel), outline(kernel, module, name),
        device(outline.body(), kernel.getLoc()), layout(kernel) {}

  void build();

private:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<mlir::Value>;
  static constexpr int64_t kQueryRows = AttendLayout::kQueryRows;
  static constexpr int64_t kOwnRows = AttendLayout::kOwnRows;
  static constexpr int64_t kMaxValueColumns = AttendLayout::kMaxValueColumns;

  void placeBlock();
  void copyQueries();
  Values loopOverTiles();
  void finish(llvm::ArrayRef<Value> state);

  Values tile(Value keyBegin, mlir::ValueRange state, bool masked);
  Values dotProducts(Value keyBegin);
  void copyTile(const DeviceMatrix &from, Value keyBegin, Value column0,
                Value columnEnd, int64_t columns, int64_t offset,
                int64_t pitch);
  void applyRegions(Value keyBegin, Values &scores, bool masked);
  Values softmax(llvm::ArrayRef<Value> scores, mlir::ValueRange state);
  Values timesValues(mlir::ValueRange state, bool masked);

  Value sharedAt(int64_t floats);
  /// State: running maxima, sums and outputs of the thread's rows.
  int64_t outputAt(int64_t row, int64_t group, int64_t column) const {
    return 2 * kOwnRows + (row * layout.columnGroups + group) * kVector +
           column;
  }

  struct Source {
    DeviceMatrix query, key;
  };

  KernelOp kernel;
  KernelOutline outline;
  DeviceBuilder device;
  llvm::SmallVector<Source, 1> sources;
  AttendLayout layout;
  Value shared;
  Value batches, heads, queries, keys; // extents
  Value batch, head, queryBegin, columnBegin, valueEnd;
  Value low, fullLow, fullHigh, high; // the key ranges of the block
  DeviceMatrix valueMatrix, outMatrix;
  Value threadRow, threadColumn;
  Values rows, columns;           // the thread's, in the tile
  Values queryRows, queryIndices; // in the array: index, and i32 in range
};

} // namespace attune

#endif
