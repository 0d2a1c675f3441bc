//===- AttendTile.cpp - 64 queries against one tile of keys ---------------===//

#include "codegen/cuda/AttendKernel.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace attune;

static constexpr double kLog2E = 1.4426950408889634;

/// Rows of keys outside the range of the mask are zero, not read: what they
/// hold (NaN, Inf) never meets a product.
void AttendKernel::copyTile(const DeviceMatrix &from, Value keyBegin,
                            Value column0, Value columnEnd, int64_t columns,
                            int64_t offset, int64_t pitch) {
  DeviceBuilder::Copy copy;
  copy.from = from;
  copy.row0 = keyBegin;
  copy.low = low;
  copy.high = high;
  copy.column0 = column0;
  copy.columnEnd = columnEnd;
  copy.rows = layout.keyTile;
  copy.columns = columns;
  copy.to = sharedAt(offset);
  copy.pitch = pitch;
  device.copyToShared(copy);
}

SmallVector<Value> AttendKernel::tile(Value keyBegin, ValueRange state,
                                      bool masked) {
  device.barrier(); // the last tile is read
  copyTile(valueMatrix, keyBegin, columnBegin, valueEnd, layout.valueColumns,
           layout.valueOffset, layout.valueColumns);
  if (masked)
    device.ifThen(
        device.less(device.threadId(), device.constant(layout.keyTile)), [&] {
          device.storeFloat(device.scalar(0.0),
                            device.at(sharedAt(layout.flagOffset),
                                      device.threadId(),
                                      device.builder.getF32Type()));
        });
  Values scores = dotProducts(keyBegin);
  if (masked || !kernel.getScore().empty())
    applyRegions(keyBegin, scores, masked);
  Values next = softmax(scores, state);
  // The 16 threads of a row wrote its powers, and read them: half a warp. The
  // flags come from all warps.
  if (masked)
    device.barrier();
  else
    NVVM::SyncWarpOp::create(
        device.builder, device.loc,
        arith::ConstantOp::create(device.builder, device.loc,
                                  device.builder.getI32IntegerAttr(-1)));
  return timesValues(next, masked);
}

/// The thread's scores, row by row.
SmallVector<Value> AttendKernel::dotProducts(Value keyBegin) {
  Type f32 = device.builder.getF32Type();
  int64_t width = columns.size();
  Values scores(kOwnRows * width, device.scalar(0.0));
  for (auto [m, source] : llvm::enumerate(layout.sources)) {
    if (m > 0)
      device.barrier(); // the keys of the last source are read
    copyTile(sources[m].key, keyBegin, Value(), device.constant(source.depth),
             source.columns, layout.keyOffset, source.pitch);
    device.barrier();
    Value queriesAt = sharedAt(source.offset),
          keysAt = sharedAt(layout.keyOffset);
    scores = device.forEach(
        device.constant(0), device.constant(source.columns), kVector, scores,
        [&](Value depth, ValueRange sums) {
          auto load = [&](Value base, Value row) {
            Value at = device.add(device.mul(row, source.pitch), depth);
            return device.loadFloat(device.at(base, at, f32), kVector);
          };
          Values left, right, result(sums);
          for (Value row : rows)
            left.push_back(load(queriesAt, row));
          for (Value column : columns)
            right.push_back(load(keysAt, column));
          for (int64_t x = 0; x < kVector; ++x)
            for (int64_t i = 0; i < kOwnRows; ++i)
              for (int64_t j = 0; j < width; ++j) {
                Value &sum = result[i * width + j];
                sum = device.fma(device.element(left[i], x),
                                 device.element(right[j], x), sum);
              }
          return result;
        });
  }
  return scores;
}

/// Score function, then mask. Keys after the last one and queries after the
/// last one are evaluated as the last one, so that captures stay inside their
/// arrays.
void AttendKernel::applyRegions(Value keyBegin, Values &scores, bool masked) {
  int64_t width = columns.size();
  Values sizes;
  for (Value size : {batch, head, batches, heads, queries, keys})
    sizes.push_back(device.toI32(size));
  Value lastKey = device.sub(keys, device.constant(1));
  Value minusInfinity = device.scalar(-INFINITY);
  auto arguments = [&](Value query, Value key) {
    return Values{sizes[0], sizes[1], query,    key,
                  sizes[2], sizes[3], sizes[4], sizes[5]};
  };
  for (int64_t j = 0; j < width; ++j) {
    Value key = device.add(keyBegin, columns[j]);
    Value inside;
    if (masked) {
      inside = device.less(key, keys);
      key = device.min(key, lastKey);
    }
    Value keyIndex = device.toI32(key), attended;
    for (int64_t i = 0; i < kOwnRows; ++i) {
      Value &score = scores[i * width + j];
      Values at = arguments(queryIndices[i], keyIndex);
      if (!kernel.getScore().empty()) {
        Values withScore{score};
        withScore.append(at);
        score = outline.evaluate(device, kernel.getScore(), withScore)[0];
        score = device.mulf(score, device.scalar(kLog2E));
      }
      if (!masked)
        continue;
      Value keep = inside;
      if (!kernel.getMask().empty())
        keep = device.both(keep,
                           outline.evaluate(device, kernel.getMask(), at)[0]);
      score = device.select(keep, score, minusInfinity);
      attended = attended ? arith::OrIOp::create(device.builder, device.loc,
                                                 attended, keep)
                                .getResult()
                          : keep;
    }
    if (masked)
      device.ifThen(attended, [&] {
        device.storeFloat(device.scalar(1.0),
                          device.at(sharedAt(layout.flagOffset), columns[j],
                                    device.builder.getF32Type()));
      });
  }
}

/// New maxima and sums, outputs scaled to them; the powers go to shared memory.
SmallVector<Value> AttendKernel::softmax(ArrayRef<Value> scores,
                                         ValueRange state) {
  int64_t width = columns.size();
  Type f32 = device.builder.getF32Type();
  Value zero = device.scalar(0.0), minusInfinity = device.scalar(-INFINITY);
  Values next(state);
  for (int64_t i = 0; i < kOwnRows; ++i) {
    Value highest = scores[i * width];
    for (int64_t j = 1; j < width; ++j)
      highest = device.maxnum(highest, scores[i * width + j]);
    for (int32_t lane : {1, 2, 4, 8})
      highest = device.maxnum(highest, device.shuffleXor(highest, lane));
    highest = device.maxnum(state[i], highest);
    // Nothing attended so far: subtracting -inf would make NaN.
    Value none = arith::CmpFOp::create(device.builder, device.loc,
                                       arith::CmpFPredicate::OEQ, highest,
                                       minusInfinity);
    Value base = device.select(none, zero, highest);
    Value shrink = device.exp2(device.subf(state[i], base));
    Value sum = zero;
    for (int64_t j = 0; j < width; ++j) {
      Value power = device.exp2(device.subf(scores[i * width + j], base));
      sum = device.addf(sum, power);
      Value at = device.add(device.mul(rows[i], layout.powerPitch), columns[j]);
      device.storeFloat(power,
                        device.at(sharedAt(layout.powerOffset), at, f32));
    }
    next[i] = highest;
    next[kOwnRows + i] = device.fma(state[kOwnRows + i], shrink, sum);
    for (int64_t group = 0; group < layout.columnGroups; ++group)
      for (int64_t c = 0; c < kVector; ++c) {
        Value &output = next[outputAt(i, group, c)];
        output = device.mulf(output, shrink);
      }
  }
  return next;
}

/// outputs += powers times values. In a masked tile the values of keys that no
/// query attends count as zero, whatever they hold.
SmallVector<Value> AttendKernel::timesValues(ValueRange state, bool masked) {
  Type f32 = device.builder.getF32Type();
  Values outputs(state.drop_front(2 * kOwnRows));
  Value zeros = masked ? device.zeros(kVector) : Value();
  outputs = device.forEach(
      device.constant(0), device.constant(layout.keyTile), kVector, outputs,
      [&](Value key, ValueRange sums) {
        Values result(sums), powers;
        for (Value row : rows) {
          Value at = device.add(device.mul(row, layout.powerPitch), key);
          powers.push_back(device.loadFloat(
              device.at(sharedAt(layout.powerOffset), at, f32), kVector));
        }
        Value flags;
        if (masked)
          flags = device.loadFloat(
              device.at(sharedAt(layout.flagOffset), key, f32), kVector);
        for (int64_t x = 0; x < kVector; ++x) {
          Value keep;
          if (masked)
            keep = arith::CmpFOp::create(
                device.builder, device.loc, arith::CmpFPredicate::ONE,
                device.element(flags, x), device.scalar(0.0));
          for (int64_t group = 0; group < layout.columnGroups; ++group) {
            Value at = device.add(
                device.mul(device.add(key, x), layout.valueColumns),
                device.add(device.mul(threadColumn, kVector), 64 * group));
            Value values = device.loadFloat(
                device.at(sharedAt(layout.valueOffset), at, f32), kVector);
            if (keep)
              values = device.select(keep, values, zeros);
            for (int64_t c = 0; c < kVector; ++c)
              for (int64_t i = 0; i < kOwnRows; ++i) {
                Value &sum = result[outputAt(i, group, c) - 2 * kOwnRows];
                sum = device.fma(device.element(powers[i], x),
                                 device.element(values, c), sum);
              }
          }
        }
        return result;
      });
  Values next(state.take_front(2 * kOwnRows));
  next.append(outputs);
  return next;
}
