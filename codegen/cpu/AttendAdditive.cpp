//===- AttendAdditive.cpp - Scores w . tanh(query + key) ------------------===//

#include "codegen/cpu/AttendTask.h"
#include "codegen/cpu/VectorMath.h"

using namespace mlir;
using namespace attune;

/// One vector for tanh: its steps are long chains, which overlap only when
/// independent ones stand side by side.
static Value join(LoopBuilder &loops, ArrayRef<Value> parts, int64_t width) {
  auto type = loops.vectorType(int64_t(parts.size()) * width);
  Value wide = arith::ConstantOp::create(loops.builder, loops.loc,
                                         loops.builder.getZeroAttr(type));
  for (auto [i, part] : llvm::enumerate(parts))
    wide = vector::InsertStridedSliceOp::create(
        loops.builder, loops.loc, part, wide,
        ArrayRef<int64_t>{int64_t(i) * width}, ArrayRef<int64_t>{1});
  return wide;
}

/// Adds the scores of one source to those of a tile and a panel, two rows at a
/// time.
void AttendTask::addAdditive(const AttendSource &source, Value keys, Value row,
                             Value panelIndex, Value column) {
  int64_t width = plan.width, groups = plan.columns / width;
  int64_t step = plan.rows % 2 == 0 ? 2 : 1;
  Value factor = loops.broadcast(sourceFactor(source, source.scale), width);
  loops.forEach(zero, loops.constant(plan.rows), step, [&](Value first) {
    SmallVector<Value> sums(step * groups, loops.splat(0.0, width));
    sums = loops.forEach(
        zero, source.depth, 1, sums, [&](Value e, ValueRange carried) {
          Value queryColumn = loops.add(source.scratchColumn, e);
          SmallVector<Value> keyVectors, parts;
          for (int64_t group = 0; group < groups; ++group)
            keyVectors.push_back(loops.loadVector(
                keys, {panelIndex, e, loops.constant(group * width)}, width));
          for (int64_t i = 0; i < step; ++i) {
            Value stateRow = loops.add(row, loops.add(first, i));
            Value query = loops.broadcast(
                loops.load(queryBuffer, {stateRow, queryColumn}), width);
            for (Value key : keyVectors)
              parts.push_back(arith::AddFOp::create(builder, loc, query, key));
          }
          Value tanh = buildTanh(builder, loc, join(loops, parts, width));
          Value weight = loops.broadcast(loops.load(source.vector, {e}), width);
          SmallVector<Value> next;
          for (auto [i, sum] : llvm::enumerate(carried)) {
            Value part = vector::ExtractStridedSliceOp::create(
                builder, loc, tanh, ArrayRef<int64_t>{int64_t(i) * width},
                ArrayRef<int64_t>{width}, ArrayRef<int64_t>{1});
            next.push_back(
                vector::FMAOp::create(builder, loc, weight, part, sum));
          }
          return next;
        });
    for (auto [i, sum] : llvm::enumerate(sums)) {
      Value at[] = {loops.add(first, int64_t(i) / groups),
                    loops.add(column, int64_t(i) % groups * width)};
      Value old = loops.loadVector(scoreBuffer, at, width);
      loops.storeVector(vector::FMAOp::create(builder, loc, factor, sum, old),
                        scoreBuffer, at);
    }
  });
}
