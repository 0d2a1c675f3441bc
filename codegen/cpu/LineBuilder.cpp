//===- LineBuilder.cpp - Loops along one axis of an array -----------------===//

#include "codegen/cpu/LineBuilder.h"

#include "codegen/cpu/RealizeOps.h"
#include "codegen/cpu/RealizeRows.h"

using namespace mlir;
using namespace attune;
using vector::CombiningKind;

/// Lanes of an element: 0 when it is a scalar.
static int64_t lanesOf(Value x) {
  auto type = dyn_cast<VectorType>(x.getType());
  return type ? type.getNumElements() : 0;
}

LineBuilder::LineBuilder(LoopBuilder &loops, Value in, int64_t axis,
                         int64_t lanes, ValueRange arrays)
    : loops(loops), in(in), length(loops.extent(in, axis)), axis(axis),
      rank(cast<MemRefType>(in.getType()).getRank()), lanes(lanes) {
  // Neighbours along the last axis lie side by side, or there are none.
  auto hasVectors = [](Value memref) {
    return hasUnitStride(cast<MemRefType>(memref.getType()));
  };
  if (!hasVectors(in) || !llvm::all_of(arrays, hasVectors))
    this->lanes = 1;
}

LineBuilder::Values LineBuilder::at(const Line &line, Value i) const {
  Values indices = line.indices;
  indices[axis] = i;
  return indices;
}

Value LineBuilder::load(Value memref, ValueRange indices, int64_t width) {
  return width == 1 ? loops.load(memref, indices)
                    : loadLanes(loops, memref, indices, width);
}

void LineBuilder::store(Value value, Value memref, ValueRange indices) {
  if (lanesOf(value))
    loops.storeVector(value, memref, indices);
  else
    loops.store(value, memref, indices);
}

Value LineBuilder::loadBeside(Value row, Value i, Value x) {
  return load(row, i, std::max<int64_t>(lanesOf(x), 1));
}

Value LineBuilder::like(Value value, Value x) {
  int64_t width = lanesOf(x);
  return width && !lanesOf(value) ? loops.broadcast(value, width) : value;
}

Value LineBuilder::positions(Value i, Value x) {
  Type i64 = loops.builder.getI64Type();
  Value first =
      like(arith::IndexCastOp::create(loops.builder, loops.loc, i64, i), x);
  int64_t width = lanesOf(x);
  if (!width || !isAlong())
    return first;
  SmallVector<int64_t> steps = llvm::to_vector(llvm::seq<int64_t>(0, width));
  auto type = VectorType::get({width}, i64);
  Value lane = arith::ConstantOp::create(
      loops.builder, loops.loc,
      DenseIntElementsAttr::get(type, ArrayRef(steps)));
  return arith::AddIOp::create(loops.builder, loops.loc, first, lane);
}

Value LineBuilder::combine(CombiningKind kind, Value a, Value b) {
  return vector::makeArithReduction(loops.builder, loops.loc, kind, a, b);
}

LineBuilder::Values LineBuilder::combineAll(CombiningKind kind, ValueRange sums,
                                            const Values &more) {
  Values result;
  for (auto [sum, value] : llvm::zip_equal(sums, more))
    result.push_back(combine(kind, sum, value));
  return result;
}

/// Columns of a task when lines do not go along the last axis: some bundles.
static constexpr int64_t bundleColumns = 64;

void LineBuilder::forEach(function_ref<void(const Line &)> body) {
  Values extents;
  for (int64_t other = 0; other + 1 < rank; ++other)
    if (other != axis)
      extents.push_back(loops.extent(in, other));
  auto lineAt = [&](ValueRange outer, Value last, int64_t width) {
    Line line{Values(rank), width};
    auto next = outer.begin();
    for (int64_t other = 0; other + 1 < rank; ++other)
      if (other != axis)
        line.indices[other] = *next++;
    if (!isAlong())
      line.indices[rank - 1] = last;
    return line;
  };
  if (isAlong())
    return buildRows(loops, extents, length, [&](ValueRange outer) {
      body(lineAt(outer, Value(), 1));
    });
  Value columns = loops.extent(in, rank - 1);
  extents.push_back(loops.ceilDiv(columns, bundleColumns));
  buildRows(loops, extents, loops.mul(length, bundleColumns),
            [&](ValueRange indices) {
              ValueRange outer = indices.drop_back();
              Value lower = loops.mul(indices.back(), bundleColumns);
              Value upper = loops.min(loops.add(lower, bundleColumns), columns);
              Value split = lower;
              if (lanes > 1) {
                Value count = loops.sub(upper, lower);
                split =
                    loops.add(lower, loops.mul(loops.div(count, lanes), lanes));
                loops.forEach(lower, split, lanes,
                              [&](Value c) { body(lineAt(outer, c, lanes)); });
              }
              loops.forEach(split, upper, 1,
                            [&](Value c) { body(lineAt(outer, c, 1)); });
            });
}

// Four combinations of vectors: short chains, and small rounding errors.
LineBuilder::Values
LineBuilder::foldVectors(const Line &line, CombiningKind kind, ValueRange inits,
                         Value whole, function_ref<Values(Value, Value)> make) {
  constexpr int64_t unroll = 4;
  unsigned count = inits.size();
  Values start;
  for (int64_t u = 0; u < unroll; ++u)
    for (Value init : inits)
      start.push_back(loops.broadcast(init, lanes));
  Value block = loops.mul(loops.div(length, unroll * lanes), unroll * lanes);
  Values sums = loops.forEach(
      loops.constant(0), block, unroll * lanes, start,
      [&](Value i, ValueRange carried) {
        Values next;
        for (int64_t u = 0; u < unroll; ++u) {
          Value place = loops.add(i, u * lanes);
          llvm::append_range(
              next, combineAll(kind, carried.slice(u * count, count),
                               make(load(in, at(line, place), lanes), place)));
        }
        return next;
      });
  Values folded;
  for (unsigned k = 0; k < count; ++k)
    folded.push_back(
        combine(kind, combine(kind, sums[k], sums[count + k]),
                combine(kind, sums[2 * count + k], sums[3 * count + k])));
  folded = loops.forEach(
      block, whole, lanes, folded, [&](Value i, ValueRange carried) {
        return combineAll(kind, carried, make(load(in, at(line, i), lanes), i));
      });
  // Halves are added to halves: the order that x86 has instructions for.
  auto flags =
      kind == CombiningKind::ADD && isa<FloatType>(inits.front().getType())
          ? arith::FastMathFlags::reassoc
          : arith::FastMathFlags::none;
  for (Value &sum : folded)
    sum =
        vector::ReductionOp::create(loops.builder, loops.loc, kind, sum, flags);
  return folded;
}

LineBuilder::Values LineBuilder::fold(const Line &line, CombiningKind kind,
                                      ValueRange inits,
                                      function_ref<Values(Value, Value)> make) {
  Values start(inits);
  Value first = loops.constant(0);
  if (!isAlong() && line.width > 1) {
    for (Value &init : start)
      init = loops.broadcast(init, line.width);
  } else if (isAlong() && lanes > 1) {
    first = loops.mul(loops.div(length, lanes), lanes);
    Values sums = foldVectors(line, kind, inits, first, make);
    // The vectors' inits were counted already.
    start = sums;
  }
  return loops.forEach(first, length, 1, start,
                       [&](Value i, ValueRange carried) {
                         Value x = load(in, at(line, i), line.width);
                         return combineAll(kind, carried, make(x, i));
                       });
}

void LineBuilder::map(const Line &line, Value out,
                      function_ref<Value(Value, Value)> make) {
  Value first = loops.constant(0);
  auto apply = [&](Value i, int64_t width) {
    Values indices = at(line, i);
    store(make(load(in, indices, width), i), out, indices);
  };
  if (isAlong() && lanes > 1) {
    Value whole = loops.mul(loops.div(length, lanes), lanes);
    loops.forEach(first, whole, lanes, [&](Value i) { apply(i, lanes); });
    first = whole;
  }
  loops.forEach(first, length, 1, [&](Value i) { apply(i, line.width); });
}

void LineBuilder::storeResult(const Line &line, Value value, Value out) {
  Values indices = line.indices;
  indices.erase(indices.begin() + axis);
  store(value, out, indices);
}
