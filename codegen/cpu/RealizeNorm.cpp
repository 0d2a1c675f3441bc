//===- RealizeNorm.cpp - Layer norm to loops of vectors -------------------===//
//
// Three passes over a row that stays in the first cache: the mean, then the sum
// and the squares of the differences, then the result. The sum of the
// differences, zero without rounding, corrects mean and variance.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/RealizeOps.h"
#include "codegen/cpu/RealizeRows.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attune;

namespace {

/// The rows of one layer_norm op.
class NormBuilder {
public:
  NormBuilder(LoopBuilder &loops, LayerNormOp op, int64_t lanes)
      : loops(loops), op(op), in(op.getInput()), out(op.getInit()),
        lanes(lanes) {
    auto rank = cast<MemRefType>(out.getType()).getRank();
    width = loops.extent(out, rank - 1);
  }
  void build();

private:
  using Sums = SmallVector<Value>;
  /// Partial sums over a row: `step` adds a vector (or scalar) of the input to
  /// sums of the same type. Gives one scalar for each.
  Sums reduce(ValueRange row, unsigned count,
              function_ref<Sums(Value, ValueRange)> step);
  Value like(Value scalar, Value shape) {
    auto type = dyn_cast<VectorType>(shape.getType());
    return type ? loops.broadcast(scalar, type.getNumElements()) : scalar;
  }
  void buildRow(ValueRange row);
  void buildResult(ValueRange row, Value mean, Value scale);
  SmallVector<Value> at(ValueRange row, Value i) {
    SmallVector<Value> indices(row);
    indices.push_back(i);
    return indices;
  }
  template <typename Op> Value apply(Value a, Value b) {
    return Op::create(loops.builder, loops.loc, a, b);
  }

  LoopBuilder &loops;
  LayerNormOp op;
  Value in, out, width;
  int64_t lanes;
};

} // namespace

// Four sums of vectors: short chains of additions, and small rounding errors.
NormBuilder::Sums
NormBuilder::reduce(ValueRange row, unsigned count,
                    function_ref<Sums(Value, ValueRange)> step) {
  constexpr int64_t unroll = 4;
  Value zero = loops.constant(0);
  Value block = loops.mul(loops.div(width, unroll * lanes), unroll * lanes);
  SmallVector<Value> inits(unroll * count, loops.splat(0.0, lanes));
  auto loadAt = [&](Value i) {
    return loadLanes(loops, in, at(row, i), lanes);
  };
  SmallVector<Value> sums = loops.forEach(
      zero, block, unroll * lanes, inits, [&](Value i, ValueRange carried) {
        SmallVector<Value> next;
        for (int64_t u = 0; u < unroll; ++u)
          llvm::append_range(next, step(loadAt(loops.add(i, u * lanes)),
                                        carried.slice(u * count, count)));
        return next;
      });
  Sums folded;
  for (unsigned k = 0; k < count; ++k) {
    Value low = apply<arith::AddFOp>(sums[k], sums[count + k]);
    Value high = apply<arith::AddFOp>(sums[2 * count + k], sums[3 * count + k]);
    folded.push_back(apply<arith::AddFOp>(low, high));
  }
  Value whole = loops.mul(loops.div(width, lanes), lanes);
  folded = loops.forEach(
      block, whole, lanes, folded,
      [&](Value i, ValueRange carried) { return step(loadAt(i), carried); });
  // Halves are added to halves: the order that x86 has instructions for.
  for (Value &sum : folded)
    sum = vector::ReductionOp::create(loops.builder, loops.loc,
                                      vector::CombiningKind::ADD, sum,
                                      arith::FastMathFlags::reassoc);
  return loops.forEach(whole, width, 1, folded,
                       [&](Value i, ValueRange carried) {
                         return step(loops.load(in, at(row, i)), carried);
                       });
}

void NormBuilder::buildRow(ValueRange row) {
  OpBuilder &builder = loops.builder;
  Location loc = loops.loc;
  Value count = arith::UIToFPOp::create(
      builder, loc, builder.getF32Type(),
      arith::IndexCastOp::create(builder, loc, builder.getI64Type(), width));
  Value sum = reduce(row, 1, [&](Value x, ValueRange sums) {
    return Sums{apply<arith::AddFOp>(sums[0], x)};
  })[0];
  Value mean = apply<arith::DivFOp>(sum, count);
  Sums sums = reduce(row, 2, [&](Value x, ValueRange sums) {
    Value difference = apply<arith::SubFOp>(x, like(mean, x));
    return Sums{apply<arith::AddFOp>(sums[0], difference),
                apply<arith::AddFOp>(
                    sums[1], apply<arith::MulFOp>(difference, difference))};
  });
  Value correction = apply<arith::DivFOp>(sums[0], count);
  mean = apply<arith::AddFOp>(mean, correction);
  Value variance =
      apply<arith::SubFOp>(apply<arith::DivFOp>(sums[1], count),
                           apply<arith::MulFOp>(correction, correction));
  // Rounding must not make it negative; NaN stays.
  Value zero = loops.scalar(0.0);
  Value negative = arith::CmpFOp::create(
      builder, loc, arith::CmpFPredicate::OLT, variance, zero);
  variance = arith::SelectOp::create(builder, loc, negative, zero, variance);
  variance = apply<arith::AddFOp>(variance,
                                  loops.scalar(op.getEps().convertToDouble()));
  Value scale = apply<arith::DivFOp>(
      loops.scalar(1.0), math::SqrtOp::create(builder, loc, variance));
  buildResult(row, mean, scale);
}

void NormBuilder::buildResult(ValueRange row, Value mean, Value scale) {
  auto element = [&](Value i, function_ref<Value(Value, ValueRange)> load) {
    Value x = load(in, at(row, i));
    Value y = apply<arith::MulFOp>(apply<arith::SubFOp>(x, like(mean, x)),
                                   like(scale, x));
    if (op.getGamma())
      y = apply<arith::MulFOp>(y, load(op.getGamma(), i));
    if (op.getBeta())
      y = apply<arith::AddFOp>(y, load(op.getBeta(), i));
    return y;
  };
  Value whole = loops.mul(loops.div(width, lanes), lanes);
  loops.forEach(loops.constant(0), whole, lanes, [&](Value i) {
    Value y = element(i, [&](Value memref, ValueRange indices) {
      return loadLanes(loops, memref, indices, lanes);
    });
    loops.storeVector(y, out, at(row, i));
  });
  loops.forEach(whole, width, 1, [&](Value i) {
    Value y = element(i, [&](Value memref, ValueRange indices) {
      return loops.load(memref, indices);
    });
    loops.store(y, out, at(row, i));
  });
}

void NormBuilder::build() {
  SmallVector<Value> extents;
  int64_t rank = cast<MemRefType>(out.getType()).getRank();
  for (int64_t axis = 0; axis + 1 < rank; ++axis)
    extents.push_back(loops.extent(out, axis));
  buildRows(loops, extents, width, [&](ValueRange row) { buildRow(row); });
}

LogicalResult attune::realizeLayerNorm(LayerNormOp op, int64_t vectorBytes) {
  auto isRows = [](Value memref) {
    return !memref ||
           (hasUnitStride(cast<MemRefType>(memref.getType())) &&
            cast<MemRefType>(memref.getType()).getElementType().isF32());
  };
  if (!isRows(op.getInput()) || !isRows(op.getInit()) ||
      !isRows(op.getGamma()) || !isRows(op.getBeta()))
    return op.emitOpError("needs f32 arrays that are contiguous along the last "
                          "axis");
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  NormBuilder(loops, op, vectorBytes / 4).build();
  op.erase();
  return success();
}
