//===- AttendKernel.cpp - The attend kernel in f32 on CUDA cores ----------===//
//
// A block of 16 x 16 threads computes 64 queries of one head. Keys go by in
// tiles: a thread makes 4 x (tile / 16) scores from shared memory, updates the
// softmax of its 4 rows with the 15 other threads of the row, and adds 4 x 4
// elements of each 64 columns of the output. The mask's key ranges say which
// tiles exist and which need the mask; score and mask regions are evaluated on
// each thread's own scores.
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/AttendKernel.h"

using namespace mlir;
using namespace attune;

static constexpr double kLog2E = 1.4426950408889634;

AttendLayout::AttendLayout(KernelOp kernel) {
  auto rounded = [](int64_t value, int64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
  };
  auto depthOf = [](Value array) {
    return cast<MemRefType>(array.getType()).getDimSize(3);
  };
  valueColumns =
      rounded(std::min(depthOf(kernel.getOut()), kMaxValueColumns), 64);
  columnGroups = valueColumns / 64;
  int64_t offset = 0, widest = 0;
  for (Value query : kernel.getLhs()) {
    int64_t columns = rounded(depthOf(query), kVector);
    // An odd number of vectors a row where it can: rows start in different
    // banks.
    int64_t pitch = columns + kVector;
    sources.push_back({depthOf(query), columns, pitch, offset});
    offset += kQueryRows * pitch;
    widest = std::max(widest, pitch);
  }
  for (int64_t tile : {64, 32, 16}) {
    keyOffset = offset;
    valueOffset = keyOffset + tile * widest;
    powerOffset = valueOffset + tile * valueColumns;
    powerPitch = tile + kVector;
    flagOffset = powerOffset + kQueryRows * powerPitch;
    floats = flagOffset + tile;
    if (floats * 4 > sharedLimit(kernel))
      continue;
    keyTile = tile;
    return;
  }
}

Value AttendKernel::sharedAt(int64_t floats) {
  return device.at(shared, device.constant(floats),
                   device.builder.getF32Type());
}

/// Decodes the block's place and makes the matrices it reads.
void AttendKernel::placeBlock() {
  DeviceArray out = outline.array(kernel.getOut());
  DeviceArray value = outline.array(kernel.getValue());
  batches = out.sizes[0];
  heads = out.sizes[1];
  queries = out.sizes[2];
  keys = value.sizes[2];
  // Blocks of one head follow each other, last block first: long tasks of a
  // causal mask start early.
  Value blocks = device.ceilDiv(queries, kQueryRows);
  Value task = device.blockId(gpu::Dimension::x);
  Value allHead = device.div(task, blocks);
  Value block = device.sub(device.sub(blocks, device.constant(1)),
                           device.rem(task, blocks));
  batch = device.div(allHead, heads);
  head = device.rem(allHead, heads);
  queryBegin = device.mul(block, kQueryRows);
  columnBegin = device.mul(device.blockId(gpu::Dimension::y), kMaxValueColumns);

  int64_t valueDepth =
      cast<MemRefType>(kernel.getOut().getType()).getDimSize(3);
  auto headOf = [&](const DeviceArray &array) {
    Value own = array.sizes[1];
    return device.div(head, device.div(heads, own));
  };
  outMatrix = device.matrix(out, {batch, head}, valueDepth);
  valueMatrix = device.matrix(value, {batch, headOf(value)}, valueDepth);
  valueEnd = out.sizes[3];
  for (auto [m, source] : llvm::enumerate(layout.sources)) {
    DeviceArray query = outline.array(kernel.getLhs()[m]);
    DeviceArray key = outline.array(kernel.getRhs()[m]);
    sources.push_back({device.matrix(query, {batch, head}, source.depth),
                       device.matrix(key, {batch, headOf(key)}, source.depth)});
  }

  Value thread = device.threadId();
  threadRow = device.mul(device.div(thread, 16), kOwnRows);
  threadColumn = device.rem(thread, 16);
  for (int64_t i = 0; i < kOwnRows; ++i)
    rows.push_back(device.add(threadRow, i));
  for (int64_t j = 0; j < layout.keyTile / 16; ++j)
    columns.push_back(device.add(threadColumn, 16 * j));
}

/// Everything that multiplies a dot product goes into the copy of the queries;
/// log2(e) too, when no score function follows.
void AttendKernel::copyQueries() {
  for (auto [m, source] : llvm::enumerate(layout.sources)) {
    double scale = kernel.getScales() ? (*kernel.getScales())[m] : 1.0;
    if (kernel.getScore().empty())
      scale *= kLog2E;
    Value factor = device.scalar(scale);
    int64_t index =
        kernel.getWeightIndex() ? (*kernel.getWeightIndex())[m] : -1;
    if (index >= 0) {
      DeviceArray weight = outline.array(kernel.getHeadWeights()[index]);
      SmallVector<Value> at;
      if (weight.rank() == 1)
        at.push_back(head);
      factor = device.mulf(
          factor,
          device.loadFloat(device.at(weight.pointer, device.offset(weight, at),
                                     weight.element)));
    }
    DeviceBuilder::Copy copy;
    copy.from = sources[m].query;
    copy.row0 = queryBegin;
    copy.high = queries;
    copy.columnEnd = device.constant(source.depth);
    copy.rows = kQueryRows;
    copy.columns = source.columns;
    copy.to = sharedAt(source.offset);
    copy.pitch = source.pitch;
    copy.factor = factor;
    device.copyToShared(copy);
  }
}

void AttendKernel::build() {
  SmallVector<Value> arrays(kernel.getLhs());
  llvm::append_range(arrays, kernel.getRhs());
  llvm::append_range(arrays, kernel.getHeadWeights());
  arrays.push_back(kernel.getValue());
  arrays.push_back(kernel.getOut());
  for (Value array : arrays)
    outline.array(array);
  for (Region *region :
       {&kernel.getRanges(), &kernel.getScore(), &kernel.getMask()})
    outline.importRegion(*region);
  shared = outline.shared();
  placeBlock();
  copyQueries();

  // Rows after the last query are computed as the last query.
  Value last = device.sub(queries, device.constant(1));
  for (Value row : rows) {
    Value own = device.add(queryBegin, row);
    queryRows.push_back(own);
    queryIndices.push_back(device.toI32(device.min(own, last)));
  }
  Value lastRow = device.min(device.add(queryBegin, kQueryRows - 1), last);
  if (kernel.getRanges().empty()) {
    low = device.constant(0);
    high = keys;
    fullLow = low;
    fullHigh = kernel.getMask().empty() ? keys : low;
  } else {
    SmallVector<Value> range = outline.evaluateRanges(
        device, kernel.getRanges(),
        {batch, head, queryBegin, lastRow, queries, keys});
    low = range[0];
    fullLow = range[1];
    fullHigh = range[2];
    high = range[3];
    // Two segments as one: the gap is masked.
    for (size_t i = 4; i < range.size(); i += 4)
      high = device.select(device.less(range[i], range[i + 3]),
                           device.max(high, range[i + 3]), high);
  }
  finish(loopOverTiles());

  LoopBuilder host = outline.host();
  Value out = kernel.getOut();
  Value blocks = host.mul(host.mul(host.extent(out, 0), host.extent(out, 1)),
                          host.ceilDiv(host.extent(out, 2), kQueryRows));
  outline.launch(blocks, host.ceilDiv(host.extent(out, 3), kMaxValueColumns),
                 4 * layout.floats);
}

/// Full tiles, then those that need the mask: before and after the full ones,
/// with one copy of the code.
SmallVector<Value> AttendKernel::loopOverTiles() {
  Value zero = device.constant(0);
  Value first = device.div(low, layout.keyTile);
  Value last = device.max(device.ceilDiv(high, layout.keyTile), first);
  Value fullFirst = device.min(
      device.max(device.ceilDiv(fullLow, layout.keyTile), first), last);
  Value fullLast = device.min(
      device.max(device.div(fullHigh, layout.keyTile), fullFirst), last);

  SmallVector<Value> state(kOwnRows, device.scalar(-INFINITY));
  state.append(kOwnRows + 4 * kOwnRows * layout.columnGroups,
               device.scalar(0.0));
  state = device.forEach(
      fullFirst, fullLast, 1, state, [&](Value tileIndex, ValueRange state) {
        return tile(device.mul(tileIndex, layout.keyTile), state,
                    /*masked=*/false);
      });
  std::optional<int64_t> knownKeys = getConstantIntValue(keys);
  if (kernel.getMask().empty() && knownKeys && *knownKeys % layout.keyTile == 0)
    return state;
  Value before = device.sub(fullFirst, first);
  Value count = device.add(before, device.sub(last, fullLast));
  return device.forEach(
      zero, count, 1, state, [&](Value index, ValueRange state) {
        Value after = device.add(fullLast, device.sub(index, before));
        Value tileIndex = device.select(device.less(index, before),
                                        device.add(first, index), after);
        return tile(device.mul(tileIndex, layout.keyTile), state,
                    /*masked=*/true);
      });
}

/// A row without keys gives zeros.
void AttendKernel::finish(ArrayRef<Value> state) {
  Value zero = device.scalar(0.0), one = device.scalar(1.0);
  for (int64_t i = 0; i < kOwnRows; ++i) {
    Value sum = state[kOwnRows + i];
    for (int32_t lane : {1, 2, 4, 8})
      sum = device.addf(sum, device.shuffleXor(sum, lane));
    Value empty = arith::CmpFOp::create(device.builder, device.loc,
                                        arith::CmpFPredicate::OEQ, sum, zero);
    Value inverse = arith::DivFOp::create(device.builder, device.loc, one, sum);
    inverse = device.select(empty, zero, inverse);
    device.ifThen(device.less(queryRows[i], queries), [&] {
      for (int64_t group = 0; group < layout.columnGroups; ++group) {
        SmallVector<Value> values;
        for (int64_t c = 0; c < kVector; ++c)
          values.push_back(device.mulf(state[outputAt(i, group, c)], inverse));
        Value vector = vector::FromElementsOp::create(
            device.builder, device.loc, device.vectorType(kVector), values);
        Value column = device.add(
            columnBegin,
            device.add(device.mul(threadColumn, kVector), 64 * group));
        device.storeRow4(vector, outMatrix, queryRows[i], column, valueEnd);
      }
    });
  }
}

static std::optional<std::string> attendProblem(KernelOp kernel) {
  if (kernel.getEmptyRow() != EmptyRow::Zero)
    return "`empty_row` other than `zero` has no CUDA kernel yet";
  if (kernel.getLhs().empty())
    return "scores without a dot product have no CUDA kernel yet";
  if (kernel.getProbs() || kernel.getLse())
    return "`probs` and `lse` have no CUDA kernel yet";
  if (kernel.getNoSoftmax())
    return "`spatial` of scores has no CUDA kernel yet";
  SmallVector<Value> arrays(kernel.getLhs());
  arrays.push_back(kernel.getOut());
  for (Value array : arrays)
    if (cast<MemRefType>(array.getType()).isDynamicDim(3))
      return "a head size that is a run-time dim has no CUDA kernel yet";
  // Key ranges are arithmetic on one result each.
  WalkResult plain = kernel.getRanges().walk([](Operation *op) {
    bool isPlain = isa<CaptureOp, DimOp, YieldOp>(op) ||
                   isa_and_nonnull<arith::ArithDialect>(op->getDialect());
    return isPlain && op->getNumResults() <= 1 ? WalkResult::advance()
                                               : WalkResult::interrupt();
  });
  if (plain.wasInterrupted())
    return "key ranges of this mask have no CUDA code yet";
  AttendLayout layout(kernel);
  if (layout.keyTile == 0)
    return "heads of this size need " + std::to_string(layout.floats * 4) +
           " bytes of shared memory: a block has " +
           std::to_string(sharedLimit(kernel));
  return std::nullopt;
}

std::optional<std::string> attune::cudaKernelProblem(KernelOp kernel) {
  if (kernel.getKind() == KernelKind::Attend)
    return attendProblem(kernel);
  if (kernel.getKind() == KernelKind::Gate)
    return "a spatial gate has no CUDA kernel yet";
  if (cast<MemRefType>(kernel.getOut().getType()).getRank() < 2)
    return "a product with a vector has no CUDA kernel yet";
  if (!kernel.getRhsRows() &&
      cast<MemRefType>(kernel.getRhs()[0].getType()).getDimSize(2) != 64)
    return "weights must be packed in panels of 64 columns";
  return std::nullopt;
}

void attune::expandCudaAttend(KernelOp kernel, gpu::GPUModuleOp module,
                              StringRef name) {
  AttendKernel(kernel, module, name).build();
}
