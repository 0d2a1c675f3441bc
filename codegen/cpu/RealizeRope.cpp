//===- RealizeRope.cpp - Pairs of channels turned, to loops of vectors ----===//

#include "codegen/cpu/RealizeOps.h"
#include "codegen/cpu/RealizeRows.h"

using namespace mlir;
using namespace attune;

namespace {

/// The rows of one rope op: in, out `[.., T, E]`, table `[T, turned]`.
class RopeBuilder {
public:
  RopeBuilder(LoopBuilder &loops, RopeOp op, int64_t lanes)
      : loops(loops), in(op.getInput()), table(op.getTable()),
        out(op.getInit()),
        turned(cast<MemRefType>(table.getType()).getDimSize(1)),
        width(cast<MemRefType>(out.getType()).getShape().back()), lanes(lanes),
        isInterleaved(op.getLayout() == PairLayout::Interleaved) {
    for (Value memref : {in, table, out})
      if (!hasUnitStride(cast<MemRefType>(memref.getType())))
        this->lanes = 1;
  }
  void build();

private:
  struct Row {
    ValueRange leading;
    Value position;
  };
  Value read(Value memref, const Row &row, Value c, bool isVector) {
    SmallVector<Value> indices(row.leading);
    if (memref == table)
      indices = {row.position};
    indices.push_back(c);
    return isVector ? loadLanes(loops, memref, indices, lanes)
                    : loops.load(memref, indices);
  }
  void write(Value value, const Row &row, Value c) {
    SmallVector<Value> indices(row.leading);
    indices.push_back(c);
    if (isa<VectorType>(value.getType()))
      loops.storeVector(value, out, indices);
    else
      loops.store(value, out, indices);
  }
  template <typename Op> Value apply(Value a, Value b) {
    return Op::create(loops.builder, loops.loc, a, b);
  }
  /// For c from `lower` to `upper`: whole vectors, then single numbers.
  void forEachColumn(int64_t lower, int64_t upper, int64_t step,
                     function_ref<void(Value, bool)> body);
  void turnPair(const Row &row, Value first, Value second, bool isVector);
  void turnNeighbours(const Row &row, Value c);

  LoopBuilder &loops;
  Value in, table, out;
  int64_t turned, width, lanes;
  bool isInterleaved;
};

} // namespace

void RopeBuilder::forEachColumn(int64_t lower, int64_t upper, int64_t step,
                                function_ref<void(Value, bool)> body) {
  int64_t split = lower;
  if (lanes > 1)
    split += (upper - lower) / lanes * lanes;
  if (split > lower)
    loops.forEach(loops.constant(lower), loops.constant(split), lanes,
                  [&](Value c) { body(c, true); });
  if (upper > split)
    loops.forEach(loops.constant(split), loops.constant(upper), step,
                  [&](Value c) { body(c, false); });
}

/// Pairs whose sines are in column `first` of the table, cosines in `second`.
void RopeBuilder::turnPair(const Row &row, Value first, Value second,
                           bool isVector) {
  Value u = read(in, row, first, isVector);
  Value v = read(in, row, second, isVector);
  Value sine = read(table, row, first, isVector);
  Value cosine = read(table, row, second, isVector);
  write(apply<arith::SubFOp>(apply<arith::MulFOp>(u, cosine),
                             apply<arith::MulFOp>(v, sine)),
        row, first);
  write(apply<arith::AddFOp>(apply<arith::MulFOp>(v, cosine),
                             apply<arith::MulFOp>(u, sine)),
        row, second);
}

/// A vector of interleaved pairs: (u, v) c + (-v, u) s.
void RopeBuilder::turnNeighbours(const Row &row, Value c) {
  Value x = read(in, row, c, true), angles = read(table, row, c, true);
  SmallVector<int64_t> swap, sines, cosines;
  SmallVector<float> signs;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    swap.push_back(lane ^ 1);
    sines.push_back(lane & ~int64_t(1));
    cosines.push_back(lane | 1);
    signs.push_back(lane % 2 ? 1.0f : -1.0f);
  }
  auto shuffle = [&](Value vector, ArrayRef<int64_t> order) -> Value {
    return vector::ShuffleOp::create(loops.builder, loops.loc, vector, vector,
                                     order);
  };
  Value sign = arith::ConstantOp::create(
      loops.builder, loops.loc,
      DenseElementsAttr::get(loops.vectorType(lanes), ArrayRef(signs)));
  Value sine = apply<arith::MulFOp>(shuffle(angles, sines), sign);
  write(apply<arith::AddFOp>(apply<arith::MulFOp>(x, shuffle(angles, cosines)),
                             apply<arith::MulFOp>(shuffle(x, swap), sine)),
        row, c);
}

void RopeBuilder::build() {
  SmallVector<Value> extents;
  int64_t rank = cast<MemRefType>(out.getType()).getRank();
  for (int64_t axis = 0; axis + 1 < rank; ++axis)
    extents.push_back(loops.extent(out, axis));
  buildRows(loops, extents, loops.constant(width), [&](ValueRange leading) {
    Row row{leading, leading.back()};
    if (isInterleaved)
      forEachColumn(0, turned, 2, [&](Value c, bool isVector) {
        if (isVector)
          turnNeighbours(row, c);
        else
          turnPair(row, c, loops.add(c, 1), false);
      });
    else
      forEachColumn(0, turned / 2, 1, [&](Value c, bool isVector) {
        turnPair(row, c, loops.add(c, turned / 2), isVector);
      });
    forEachColumn(turned, width, 1, [&](Value c, bool isVector) {
      write(read(in, row, c, isVector), row, c);
    });
  });
}

LogicalResult attune::realizeRope(RopeOp op, int64_t vectorBytes) {
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  RopeBuilder(loops, op, vectorBytes / 4).build();
  op.erase();
  return success();
}
