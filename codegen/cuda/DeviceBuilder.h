//===- DeviceBuilder.h - What one GPU thread computes ---------------------===//
//
// Index arithmetic and loops are LoopBuilder's. Memory is reached through
// !llvm.ptr<1> (global) and !llvm.ptr<3> (shared) with offsets in elements: no
// memref crosses into a kernel, so that the index type may have 32 bits while
// addresses have 64.
//
//===----------------------------------------------------------------------===//

#ifndef ATTUNE_CODEGEN_CUDA_DEVICEBUILDER_H
#define ATTUNE_CODEGEN_CUDA_DEVICEBUILDER_H

#include "codegen/cpu/LoopBuilder.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace attune {

/// Threads of every rung A kernel: 16 x 16, rows by columns.
inline constexpr int64_t kThreads = 256;
/// Elements that one vector access of 16 bytes moves.
inline constexpr int64_t kVector = 4;

/// An array as a kernel sees it: its first element, extents (index) and strides
/// in elements (i64), constants where the type knows them.
struct DeviceArray {
  mlir::Value pointer; ///< !llvm.ptr<1>
  mlir::Type element;
  llvm::SmallVector<mlir::Value> sizes, strides;

  int64_t rank() const { return sizes.size(); }
};

/// The last two dimensions of an array at fixed leading indices.
struct DeviceMatrix {
  mlir::Value pointer;      ///< element (0, 0)
  mlir::Value rows;         ///< rows from here on are not read
  mlir::Value rowStride;    ///< i64
  mlir::Value columnStride; ///< i64; 1 in most arrays
  /// i1: every row starts on 16 bytes and columns are neighbours; null where
  /// that is impossible.
  mlir::Value aligned;
};

/// Builds device code at the builder's insertion point.
struct DeviceBuilder : LoopBuilder {
  DeviceBuilder(mlir::OpBuilder &builder, mlir::Location loc)
      : LoopBuilder{builder, loc} {}

  Value threadId();
  Value blockId(mlir::gpu::Dimension dimension);
  /// All threads of the block meet; their shared memory is visible to all.
  void barrier();
  /// value of the lane whose number differs in the bits of `mask`.
  Value shuffleXor(Value value, int32_t mask);

  // Intrinsics, not math or arith ops: the latter become calls of libdevice.
  Value fma(Value a, Value b, Value c);
  /// A NaN loses against a number.
  Value maxnum(Value a, Value b);
  /// 2^x by the special function unit, 2 ulp, denormals flushed.
  Value exp2(Value x);
  Value mul(Value a, Value b);
  Value mul(Value a, int64_t b) { return LoopBuilder::mul(a, constant(b)); }
  Value mulf(Value a, Value b);
  Value addf(Value a, Value b);
  Value subf(Value a, Value b);
  Value select(Value condition, Value a, Value b);
  Value both(Value a, Value b);

  /// An index as i64, where offsets into global memory are computed.
  Value toI64(Value index);
  Value constant64(int64_t value);
  Value mul64(Value a, Value b);
  Value add64(Value a, Value b);

  /// pointer + offset elements of `element`; the offset is index or i64.
  Value at(Value pointer, Value offset, mlir::Type element);
  /// f32 or a vector of `width` f32 with the alignment of the vector.
  Value loadFloat(Value pointer, int64_t width = 1);
  void storeFloat(Value value, Value pointer);
  Value element(Value vector, int64_t index);
  Value zeros(int64_t width);

  /// The offset (i64) of the element at `indices` (index) of an array.
  Value offset(const DeviceArray &array, mlir::ValueRange indices);
  /// The matrix of `array` at `leading`. `columns`: how many are read.
  DeviceMatrix matrix(const DeviceArray &array, mlir::ValueRange leading,
                      int64_t columns);

  /// The floats [row0, row0 + rows) x [column0, column0 + columns) of a matrix
  /// go to shared memory, `pitch` floats a row, by all threads. Rows outside
  /// [low, high) and columns from `columnEnd` on are zero, not read.
  /// `columns` and `pitch` are multiples of 4. `factor`: null, or multiplied.
  struct Copy {
    DeviceMatrix from;
    Value row0, low, high;
    Value column0;   ///< null: 0
    Value columnEnd; ///< extent of the matrix
    int64_t rows, columns;
    Value to; ///< !llvm.ptr<3>
    int64_t pitch;
    Value factor;
  };
  void copyToShared(const Copy &copy);
  /// Four neighbours in a row of global memory, or zeros past columnEnd.
  Value loadRow4(const DeviceMatrix &from, Value row, Value column,
                 Value columnEnd, Value rowInside);
  /// Writes four neighbours; those from columnEnd on are dropped.
  void storeRow4(Value vector, const DeviceMatrix &to, Value row, Value column,
                 Value columnEnd);
};

} // namespace attune

#endif
