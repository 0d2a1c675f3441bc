//===- TileTranspose.cpp - Square transposes of vectors -------------------===//

#include "codegen/cpu/TileTranspose.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace {
/// Shuffle masks for pairs of vectors of one width.
class Shuffler {
public:
  Shuffler(OpBuilder &builder, Location loc, int64_t width)
      : builder(builder), loc(loc), width(width) {}

  Value shuffle(Value lhs, Value rhs, ArrayRef<int64_t> mask) {
    return vector::ShuffleOp::create(builder, loc, lhs, rhs, mask);
  }

  /// The same choice in each 128-bit lane: elements 0..3 are the lane of lhs,
  /// 4..7 that of rhs.
  Value inLanes(Value lhs, Value rhs, std::array<int64_t, 4> choice) {
    SmallVector<int64_t> mask;
    for (int64_t lane = 0; lane < width; lane += 4)
      for (int64_t element : choice)
        mask.push_back(lane + element % 4 + (element < 4 ? 0 : width));
    return shuffle(lhs, rhs, mask);
  }

  /// Whole 128-bit lanes: every second of lhs, then of rhs, from `first` on.
  Value everySecondLane(Value lhs, Value rhs, int64_t first) {
    SmallVector<int64_t> mask;
    for (int64_t source : {int64_t(0), width})
      for (int64_t lane = 4 * first; lane < width; lane += 8)
        for (int64_t element = 0; element < 4; ++element)
          mask.push_back(source + lane + element);
    return shuffle(lhs, rhs, mask);
  }

private:
  OpBuilder &builder;
  Location loc;
  int64_t width;
};
} // namespace

SmallVector<Value> attune::buildTranspose(OpBuilder &builder, Location loc,
                                          ValueRange rows) {
  int64_t width = rows.size();
  Shuffler shuffler(builder, loc, width);
  // 4 x 4 blocks within the lanes: the blocks of rows 4i..4i+3.
  SmallVector<Value> blocks(width);
  for (int64_t i = 0; i < width; i += 4) {
    Value a = shuffler.inLanes(rows[i], rows[i + 1], {0, 4, 1, 5});
    Value b = shuffler.inLanes(rows[i], rows[i + 1], {2, 6, 3, 7});
    Value c = shuffler.inLanes(rows[i + 2], rows[i + 3], {0, 4, 1, 5});
    Value d = shuffler.inLanes(rows[i + 2], rows[i + 3], {2, 6, 3, 7});
    blocks[i] = shuffler.inLanes(a, c, {0, 1, 4, 5});
    blocks[i + 1] = shuffler.inLanes(a, c, {2, 3, 6, 7});
    blocks[i + 2] = shuffler.inLanes(b, d, {0, 1, 4, 5});
    blocks[i + 3] = shuffler.inLanes(b, d, {2, 3, 6, 7});
  }
  if (width == 4)
    return blocks;
  // Then the lanes: result 4l + j gathers lane l of the blocks j, j + 4, ...
  SmallVector<Value> result(width);
  for (int64_t j = 0; j < 4; ++j) {
    if (width == 8) {
      result[j] = shuffler.everySecondLane(blocks[j], blocks[j + 4], 0);
      result[j + 4] = shuffler.everySecondLane(blocks[j], blocks[j + 4], 1);
      continue;
    }
    for (int64_t odd = 0; odd < 2; ++odd) {
      Value low = shuffler.everySecondLane(blocks[j], blocks[j + 4], odd);
      Value high = shuffler.everySecondLane(blocks[j + 8], blocks[j + 12], odd);
      result[4 * odd + j] = shuffler.everySecondLane(low, high, 0);
      result[8 + 4 * odd + j] = shuffler.everySecondLane(low, high, 1);
    }
  }
  return result;
}
