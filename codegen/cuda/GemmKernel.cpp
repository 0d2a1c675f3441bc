//===- GemmKernel.cpp - The gemm kernel in f32 on CUDA cores --------------===//
//
// A block of 16 x 16 threads makes 64 x 64 elements of the output; a thread
// makes 4 x 4 of them in registers. Slices of the depth go through shared
// memory. The right side is panels of 64 columns, so that its slice is one
// contiguous run of memory.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/VectorMath.h"
#include "codegen/cuda/KernelOutline.h"

using namespace mlir;
using namespace attune;

namespace {

constexpr int64_t kRows = 64, kColumns = 64, kDepth = 16;
constexpr int64_t kOwnRows = 4; ///< rows of one thread; its columns are 4 too
constexpr int64_t kLhsPitch = kDepth + kVector;

class GemmBuilder {
public:
  GemmBuilder(KernelOp kernel, gpu::GPUModuleOp module, StringRef name)
      : kernel(kernel), outline(kernel, module, name),
        device(outline.body(), kernel.getLoc()) {}

  void build();

private:
  void collapseLeading(LoopBuilder host);
  DeviceMatrix matrix(Value array, ArrayRef<Value> leading, int64_t columns);
  void multiply();
  SmallVector<Value> slice(Value depth, ValueRange sums);
  void finish(ArrayRef<Value> sums);

  KernelOp kernel;
  KernelOutline outline;
  DeviceBuilder device;
  Value lhs, rhs, residual, out; ///< of the host
  Value m, n, k;
  Value lhsShared, rhsShared;
  Value thread, threadRow, threadColumn;
  Value rowBegin, columnBegin;
  DeviceMatrix lhsMatrix, rhsMatrix, residualMatrix, outMatrix;
};

} // namespace

/// [..., M, K] -> [M', K] for all arrays that have rows, if all can.
void GemmBuilder::collapseLeading(LoopBuilder host) {
  int64_t rank = cast<MemRefType>(out.getType()).getRank();
  if (rank <= 2 ||
      (kernel.getRhsRows() && cast<MemRefType>(rhs.getType()).getRank() > 2))
    return;
  SmallVector<Value *> arrays{&lhs, &out};
  if (residual)
    arrays.push_back(&residual);
  SmallVector<ReassociationIndices> groups(2);
  for (int64_t axis = 0; axis < rank - 1; ++axis)
    groups[0].push_back(axis);
  groups[1] = {rank - 1};
  for (Value *array : arrays) {
    auto type = cast<MemRefType>(array->getType());
    if (type.getRank() != rank ||
        !memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups))
      return;
  }
  for (Value *array : arrays)
    *array =
        memref::CollapseShapeOp::create(host.builder, host.loc, *array, groups);
}

/// The matrix of an array for the batch at `leading`: extents of 1 repeat.
DeviceMatrix GemmBuilder::matrix(Value array, ArrayRef<Value> leading,
                                 int64_t columns) {
  auto type = cast<MemRefType>(array.getType());
  SmallVector<Value> own;
  for (int64_t axis = 0; axis < type.getRank() - 2; ++axis)
    own.push_back(type.getDimSize(axis) == 1
                      ? device.constant(0)
                      : leading[axis + leading.size() + 2 - type.getRank()]);
  return device.matrix(outline.array(array), own, columns);
}

static int64_t lastExtent(Value array) {
  int64_t size = cast<MemRefType>(array.getType()).getShape().back();
  return ShapedType::isDynamic(size) ? 1 : size;
}

void GemmBuilder::build() {
  lhs = kernel.getLhs()[0];
  rhs = kernel.getRhs()[0];
  residual = kernel.getResidual();
  out = kernel.getOut();
  bool rows = kernel.getRhsRows();
  LoopBuilder host = outline.host();
  collapseLeading(host);

  // All arguments first.
  DeviceArray outArray = outline.array(out), lhsArray = outline.array(lhs);
  outline.array(rhs);
  if (residual)
    outline.array(residual);
  if (kernel.getBias())
    outline.array(kernel.getBias());
  int64_t rank = outArray.rank();
  m = outArray.sizes[rank - 2];
  n = outArray.sizes[rank - 1];
  k = lhsArray.sizes[lhsArray.rank() - 1];
  Value shared = outline.shared();
  lhsShared = shared;
  rhsShared = device.at(shared, device.constant(kRows * kLhsPitch),
                        device.builder.getF32Type());

  // blockIdx.x = (batch, row block, column block).
  Value columnBlocks = device.ceilDiv(n, kColumns);
  Value rowBlocks = device.ceilDiv(m, kRows);
  Value task = device.blockId(gpu::Dimension::x);
  Value columnBlock = device.rem(task, columnBlocks);
  Value rest = device.div(task, columnBlocks);
  columnBegin = device.mul(columnBlock, kColumns);
  rowBegin = device.mul(device.rem(rest, rowBlocks), kRows);
  Value batch = device.div(rest, rowBlocks);
  SmallVector<Value> leading(rank - 2);
  for (int64_t axis = rank - 3; axis >= 0; --axis) {
    leading[axis] = axis == 0 ? batch : device.rem(batch, outArray.sizes[axis]);
    batch = axis == 0 ? batch : device.div(batch, outArray.sizes[axis]);
  }
  lhsMatrix = matrix(lhs, leading, lastExtent(lhs));
  outMatrix = matrix(out, leading, lastExtent(out));
  if (residual)
    residualMatrix = matrix(residual, leading, lastExtent(out));
  rhsMatrix = rows ? matrix(rhs, leading, lastExtent(rhs))
                   : device.matrix(outline.array(rhs), {columnBlock}, kColumns);

  thread = device.threadId();
  threadRow = device.mul(device.div(thread, 16), kOwnRows);
  threadColumn = device.mul(device.rem(thread, 16), kVector);
  multiply();

  Value blocks = host.constant(1);
  for (int64_t axis = 0; axis < rank - 2; ++axis)
    blocks = host.mul(blocks, host.extent(out, axis));
  blocks = host.mul(blocks, host.ceilDiv(host.extent(out, rank - 2), kRows));
  blocks = host.mul(blocks, host.ceilDiv(host.extent(out, rank - 1), kColumns));
  outline.launch(blocks, host.constant(1),
                 4 * (kRows * kLhsPitch + kDepth * kColumns));
}

void GemmBuilder::multiply() {
  SmallVector<Value> sums(kOwnRows * kVector, device.scalar(0.0));
  sums = device.forEach(
      device.constant(0), k, kDepth, sums, [&](Value depth, ValueRange sums) {
        device.barrier(); // the last slice is read
        DeviceBuilder::Copy copy;
        copy.from = lhsMatrix;
        copy.row0 = rowBegin;
        copy.high = m;
        copy.column0 = depth;
        copy.columnEnd = k;
        copy.rows = kRows;
        copy.columns = kDepth;
        copy.to = lhsShared;
        copy.pitch = kLhsPitch;
        device.copyToShared(copy);
        bool rows = kernel.getRhsRows();
        copy.from = rhsMatrix;
        copy.row0 = depth;
        copy.high = k;
        copy.column0 = rows ? columnBegin : Value();
        copy.columnEnd = rows ? n : device.constant(kColumns);
        copy.rows = kDepth;
        copy.columns = kColumns;
        copy.to = rhsShared;
        copy.pitch = kColumns;
        device.copyToShared(copy);
        device.barrier();
        return device.forEach(
            device.constant(0), device.constant(kDepth), kVector, sums,
            [&](Value depth, ValueRange sums) { return slice(depth, sums); });
      });
  finish(sums);
}

/// Four steps of the depth.
SmallVector<Value> GemmBuilder::slice(Value depth, ValueRange sums) {
  Type f32 = device.builder.getF32Type();
  SmallVector<Value> left, result(sums);
  for (int64_t i = 0; i < kOwnRows; ++i) {
    Value at =
        device.add(device.mul(device.add(threadRow, i), kLhsPitch), depth);
    left.push_back(device.loadFloat(device.at(lhsShared, at, f32), kVector));
  }
  for (int64_t x = 0; x < kVector; ++x) {
    Value at =
        device.add(device.mul(device.add(depth, x), kColumns), threadColumn);
    Value right = device.loadFloat(device.at(rhsShared, at, f32), kVector);
    for (int64_t i = 0; i < kOwnRows; ++i)
      for (int64_t c = 0; c < kVector; ++c) {
        Value &sum = result[i * kVector + c];
        sum = device.fma(device.element(left[i], x), device.element(right, c),
                         sum);
      }
  }
  return result;
}

/// activation(sums + bias) + residual.
void GemmBuilder::finish(ArrayRef<Value> sums) {
  Location loc = kernel.getLoc();
  Value column = device.add(columnBegin, threadColumn);
  Value bias;
  if (kernel.getBias()) {
    // Padded to panels: no bound.
    DeviceArray array = outline.array(kernel.getBias());
    bias = device.loadFloat(device.at(array.pointer, column, array.element),
                            kVector);
  }
  for (int64_t i = 0; i < kOwnRows; ++i) {
    Value row = device.add(rowBegin, device.add(threadRow, i));
    device.ifThen(device.less(row, m), [&] {
      SmallVector<Value> values;
      for (int64_t c = 0; c < kVector; ++c) {
        Value value = sums[i * kVector + c];
        if (bias)
          value = device.addf(value, device.element(bias, c));
        values.push_back(buildActivation(device.builder, loc,
                                         kernel.getActivation(), value));
      }
      Value result = vector::FromElementsOp::create(
          device.builder, loc, device.vectorType(kVector), values);
      if (residual)
        result = device.addf(
            result, device.loadRow4(residualMatrix, row, column, n, Value()));
      device.storeRow4(result, outMatrix, row, column, n);
    });
  }
}

void attune::expandCudaGemm(KernelOp kernel, gpu::GPUModuleOp module,
                            StringRef name) {
  GemmBuilder(kernel, module, name).build();
}
