//===- KeySummary.cpp - Which chunks of keys a mask leaves out ------------===//

#include "codegen/cpu/KeySummary.h"
#include "codegen/cpu/EvaluateRegion.h"
#include "mlir/IR/TypeUtilities.h"
#include <limits>

using namespace mlir;
using namespace attune;

KeySummary::KeySummary(LoopBuilder &loops, Region &mask, MaskSummary summary,
                       int64_t width, Value table, ValueRange indices,
                       ValueRange sizes)
    : loops(loops), summary(std::move(summary)), width(width), table(table),
      bounds(loops, mask) {
  bounds.bind(0, indices[0]);
  bounds.bind(1, indices[1]);
  for (auto [axis, size] : llvm::enumerate(sizes))
    bounds.bind(4 + axis, size);
  bounds.evaluateScalars();
}

Value KeySummary::integer(int64_t value) {
  return arith::ConstantOp::create(loops.builder, loops.loc,
                                   loops.builder.getI32IntegerAttr(value));
}

/// The table holds numbers as the bits of floats, as the scratch does.
void KeySummary::put(Value number, Value row, Value chunk) {
  loops.store(arith::BitcastOp::create(loops.builder, loops.loc,
                                       loops.builder.getF32Type(), number),
              table, {row, chunk});
}

Value KeySummary::take(Value row, Value chunk) {
  return arith::BitcastOp::create(loops.builder, loops.loc,
                                  loops.builder.getI32Type(),
                                  loops.load(table, {row, chunk}));
}

/// An element as i32, booleans as 0 and 1. Numbers outside of 32 bits become
/// the nearest one, which as a bound stands for all that lie beyond it.
static Value toNumber(LoopBuilder &loops, Value element, Type i32) {
  Type type = getElementTypeOrSelf(element);
  if (type.isInteger(32))
    return element;
  if (type.isInteger(64)) {
    auto limit = [&](int64_t value) -> Value {
      Attribute constant = loops.builder.getI64IntegerAttr(value);
      if (auto vector = dyn_cast<ShapedType>(element.getType()))
        constant = DenseElementsAttr::get(vector, constant);
      return arith::ConstantOp::create(loops.builder, loops.loc,
                                       cast<TypedAttr>(constant));
    };
    Value number =
        arith::MaxSIOp::create(loops.builder, loops.loc, element,
                               limit(std::numeric_limits<int32_t>::min()));
    number = arith::MinSIOp::create(loops.builder, loops.loc, number,
                                    limit(std::numeric_limits<int32_t>::max()));
    return arith::TruncIOp::create(loops.builder, loops.loc, i32, number);
  }
  return arith::ExtUIOp::create(loops.builder, loops.loc, i32, element);
}

Value KeySummary::number(CaptureOp capture, Value at) {
  Value element = loops.load(capture.getArray(), bounds.indicesOf(capture, at));
  return toNumber(loops, fromMemory(loops.builder, loops.loc, capture, element),
                  loops.builder.getI32Type());
}

Value KeySummary::numbers(CaptureOp capture, Value at) {
  auto type = cast<MemRefType>(capture.getArray().getType());
  Value elements = vector::LoadOp::create(
      loops.builder, loops.loc, VectorType::get({width}, type.getElementType()),
      capture.getArray(), bounds.indicesOf(capture, at));
  return toNumber(loops,
                  fromMemory(loops.builder, loops.loc, capture, elements),
                  VectorType::get({width}, loops.builder.getI32Type()));
}

KeySummary::Extremes KeySummary::widen(Extremes old, Value number) {
  return {
      arith::MinSIOp::create(loops.builder, loops.loc, old.least, number),
      arith::MaxSIOp::create(loops.builder, loops.loc, old.largest, number)};
}

KeySummary::Extremes KeySummary::extremesOf(CaptureOp capture, Value begin,
                                            Value end) {
  OpBuilder &builder = loops.builder;
  Extremes result = {integer(std::numeric_limits<int32_t>::max()),
                     integer(std::numeric_limits<int32_t>::min())};
  auto fold = [&](Value first, Value last, int64_t step, Extremes start,
                  llvm::function_ref<Value(Value)> read) -> Extremes {
    auto ends =
        loops.forEach(first, last, step, ValueRange{start.least, start.largest},
                      [&](Value at, ValueRange carried) -> SmallVector<Value> {
                        Extremes next =
                            widen({carried[0], carried[1]}, read(at));
                        return {next.least, next.largest};
                      });
    return {ends[0], ends[1]};
  };
  auto type = cast<MemRefType>(capture.getArray().getType());
  bool countsUpLast =
      capture.getIndices().back() == bounds.varyingIndexOf(capture);
  Value rest = begin;
  if (hasUnitStride(type) && countsUpLast) {
    Value length = loops.sub(end, begin);
    rest = loops.add(begin, loops.mul(loops.div(length, width), width));
    auto lanes = VectorType::get({width}, builder.getI32Type());
    auto splat = [&](Value number) -> Value {
      return vector::BroadcastOp::create(builder, loops.loc, lanes, number);
    };
    Extremes wide =
        fold(begin, rest, width, {splat(result.least), splat(result.largest)},
             [&](Value at) { return numbers(capture, at); });
    auto reduce = [&](vector::CombiningKind kind, Value vector) -> Value {
      return vector::ReductionOp::create(builder, loops.loc, kind, vector);
    };
    result = {reduce(vector::CombiningKind::MINSI, wide.least),
              reduce(vector::CombiningKind::MAXSI, wide.largest)};
  }
  return fold(rest, end, 1, result,
              [&](Value at) { return number(capture, at); });
}

void KeySummary::summarizeKeys(Value begin, Value end) {
  if (summary.ofKeys.empty())
    return;
  Value chunks = loops.ceilDiv(
      loops.max(loops.sub(end, begin), loops.constant(0)), summaryKeys);
  loops.forEach(loops.constant(0), chunks, 1, [&](Value chunk) {
    Value last = loops.min(keysOf(begin, loops.add(chunk, 1)), end);
    for (auto [i, capture] : llvm::enumerate(summary.ofKeys)) {
      Extremes extremes = extremesOf(capture, keysOf(begin, chunk), last);
      put(extremes.least, loops.constant(1 + 2 * i), chunk);
      put(extremes.largest, loops.constant(2 + 2 * i), chunk);
    }
  });
}

void KeySummary::classify(Value begin, Value end, Value first, Value last,
                          Value firstQuery, Value lastQuery) {
  RegionBounds tile = bounds;
  tile.bind(2, loops.toI32(firstQuery), loops.toI32(lastQuery));
  for (CaptureOp capture : summary.ofQueries) {
    Extremes extremes =
        extremesOf(capture, firstQuery, loops.add(lastQuery, 1));
    tile.bind(capture, extremes.least, extremes.largest);
  }
  loops.forEach(first, last, 1, [&](Value chunk) {
    RegionBounds own = tile;
    Value lastKey = loops.sub(
        loops.min(keysOf(begin, loops.add(chunk, 1)), end), loops.constant(1));
    own.bind(3, loops.toI32(keysOf(begin, chunk)), loops.toI32(lastKey));
    for (auto [i, capture] : llvm::enumerate(summary.ofKeys))
      own.bind(capture, take(loops.constant(1 + 2 * i), chunk),
               take(loops.constant(2 + 2 * i), chunk));
    Bounds attended = own.evaluate();
    // Full is both, partial only the second.
    auto count = [&](Value condition) -> Value {
      return arith::ExtUIOp::create(loops.builder, loops.loc,
                                    loops.builder.getI32Type(), condition);
    };
    put(arith::AddIOp::create(loops.builder, loops.loc, count(attended.low),
                              count(attended.high)),
        loops.constant(0), chunk);
  });
}

Value KeySummary::classOf(Value chunk) {
  return take(loops.constant(0), chunk);
}

Value KeySummary::isClass(Value kind, ChunkClass wanted) {
  return loops.compare(arith::CmpIPredicate::eq, kind,
                       integer(int64_t(wanted)));
}
