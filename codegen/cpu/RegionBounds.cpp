//===- RegionBounds.cpp - What a mask can be over ranges of its indices ---===//

#include "codegen/cpu/RegionBounds.h"
#include "codegen/cpu/EvaluateRegion.h"
#include "mlir/IR/IRMapping.h"
#include "passes/MaskSummary.h"
#include <limits>

using namespace mlir;
using namespace attune;

Value RegionBounds::integer(int64_t value) {
  return arith::ConstantOp::create(loops.builder, loops.loc,
                                   loops.builder.getI64IntegerAttr(value));
}

Value RegionBounds::flag(bool value) {
  return arith::ConstantOp::create(loops.builder, loops.loc,
                                   loops.builder.getBoolAttr(value));
}

Value RegionBounds::logicalNot(Value value) {
  return make<arith::XOrIOp>(value, flag(true));
}

Value RegionBounds::widen(Value value) {
  if (value.getType().isInteger(64))
    return value;
  return loops.builder.createOrFold<arith::ExtSIOp>(
      loops.loc, loops.builder.getI64Type(), value);
}

void RegionBounds::bind(unsigned argument, Value scalar) {
  scalars[region.getArgument(argument)] = scalar;
}

void RegionBounds::bind(unsigned argument, Value low, Value high) {
  known[region.getArgument(argument)] = {widen(low), widen(high)};
}

void RegionBounds::bind(CaptureOp capture, Value low, Value high) {
  Value element = capture.getElement();
  if (element.getType().isInteger(64)) {
    auto beyond = [&](Value bound, int64_t limit, int64_t open) -> Value {
      Value isLimit = arith::CmpIOp::create(loops.builder, loops.loc,
                                            arith::CmpIPredicate::eq, bound,
                                            integer(limit));
      return arith::SelectOp::create(loops.builder, loops.loc, isLimit,
                                     integer(open), bound);
    };
    using Narrow = std::numeric_limits<int32_t>;
    using Wide = std::numeric_limits<int64_t>;
    known[element] = {beyond(widen(low), Narrow::min(), Wide::min()),
                      beyond(widen(high), Narrow::max(), Wide::max())};
    return;
  }
  if (!element.getType().isInteger(1)) {
    known[element] = {widen(low), widen(high)};
    return;
  }
  auto isSet = [&](Value bit) -> Value {
    return arith::CmpIOp::create(loops.builder, loops.loc,
                                 arith::CmpIPredicate::ne, widen(bit),
                                 integer(0));
  };
  known[element] = {isSet(low), isSet(high)};
}

/// The value where it is the same in the whole range.
std::optional<Value> RegionBounds::scalarOf(Value value) {
  if (!region.isAncestor(value.getParentRegion()))
    return value;
  if (Value scalar = scalars.lookup(value))
    return scalar;
  return std::nullopt;
}

std::optional<Bounds> RegionBounds::boundsOf(Value value) {
  if (!value.getType().isInteger())
    return std::nullopt;
  if (std::optional<Value> scalar = scalarOf(value)) {
    Value same = value.getType().isInteger(1) ? *scalar : widen(*scalar);
    return Bounds{same, same};
  }
  auto found = known.find(value);
  return found == known.end() ? std::nullopt : std::optional(found->second);
}

Bounds RegionBounds::conditionOf(Value value) {
  if (std::optional<Bounds> bounds = boundsOf(value))
    return *bounds;
  return {flag(false), flag(true)};
}

bool RegionBounds::evaluateScalar(Operation &op) {
  IRMapping mapping;
  for (Value operand : op.getOperands()) {
    std::optional<Value> scalar = scalarOf(operand);
    if (!scalar)
      return false;
    mapping.map(operand, *scalar);
  }
  // In memory; a picture of the mask has tensors still.
  auto capture = dyn_cast<CaptureOp>(op);
  if (capture && isa<MemRefType>(capture.getArray().getType())) {
    scalars[capture.getElement()] =
        captureElement(loops, capture, indicesOf(capture, Value()));
    return true;
  }
  if (op.getNumRegions() || op.getNumResults() != 1)
    return false;
  scalars[op.getResult(0)] = loops.builder.clone(op, mapping)->getResult(0);
  return true;
}

Bounds RegionBounds::add(Bounds a, Bounds b) {
  Value low = make<arith::AddIOp>(a.low, b.low);
  Value high = make<arith::AddIOp>(a.high, b.high);
  // A sum of 32-bit numbers that wraps may be anything.
  Value least = integer(std::numeric_limits<int32_t>::min());
  Value most = integer(std::numeric_limits<int32_t>::max());
  auto outside = [&](arith::CmpIPredicate predicate, Value x, Value limit) {
    return arith::CmpIOp::create(loops.builder, loops.loc, predicate, x, limit)
        .getResult();
  };
  Value wraps =
      make<arith::OrIOp>(outside(arith::CmpIPredicate::slt, low, least),
                         outside(arith::CmpIPredicate::sgt, high, most));
  auto select = [&](Value then, Value otherwise) -> Value {
    return arith::SelectOp::create(loops.builder, loops.loc, wraps, then,
                                   otherwise);
  };
  return {select(least, low), select(most, high)};
}

Bounds RegionBounds::compare(arith::CmpIPredicate predicate, Bounds a,
                             Bounds b) {
  using Predicate = arith::CmpIPredicate;
  auto test = [&](Predicate p, Value x, Value y) -> Value {
    return arith::CmpIOp::create(loops.builder, loops.loc, p, x, y);
  };
  switch (predicate) {
  case Predicate::slt:
  case Predicate::sle:
    return {test(predicate, a.high, b.low), test(predicate, a.low, b.high)};
  case Predicate::sgt:
    return compare(Predicate::slt, b, a);
  case Predicate::sge:
    return compare(Predicate::sle, b, a);
  case Predicate::eq: {
    Value same = make<arith::AndIOp>(test(Predicate::eq, a.low, b.high),
                                     test(Predicate::eq, a.high, b.low));
    Value meet = make<arith::AndIOp>(test(Predicate::sle, a.low, b.high),
                                     test(Predicate::sle, b.low, a.high));
    return {same, meet};
  }
  case Predicate::ne: {
    Bounds equal = compare(Predicate::eq, a, b);
    return {logicalNot(equal.high), logicalNot(equal.low)};
  }
  default:
    return {flag(false), flag(true)};
  }
}

/// Bounds of a condition order like conditions: false below true.
std::optional<Bounds> RegionBounds::combine(Operation &op) {
  if (isa<arith::AndIOp>(op) || isa<arith::OrIOp>(op)) {
    Bounds a = conditionOf(op.getOperand(0)), b = conditionOf(op.getOperand(1));
    if (isa<arith::AndIOp>(op))
      return Bounds{make<arith::AndIOp>(a.low, b.low),
                    make<arith::AndIOp>(a.high, b.high)};
    return Bounds{make<arith::OrIOp>(a.low, b.low),
                  make<arith::OrIOp>(a.high, b.high)};
  }
  SmallVector<Bounds, 3> operands;
  for (Value operand : op.getOperands()) {
    std::optional<Bounds> bounds = boundsOf(operand);
    if (!bounds)
      return std::nullopt;
    operands.push_back(*bounds);
  }
  if (isa<arith::ExtSIOp>(op))
    return operands[0];
  if (isa<arith::AddIOp>(op))
    return add(operands[0], operands[1]);
  if (isa<arith::SubIOp>(op)) {
    auto negate = [&](Value x) { return make<arith::SubIOp>(integer(0), x); };
    return add(operands[0],
               {negate(operands[1].high), negate(operands[1].low)});
  }
  if (auto test = dyn_cast<arith::CmpIOp>(op))
    return compare(test.getPredicate(), operands[0], operands[1]);
  if (isa<arith::XOrIOp>(op)) {
    // One of them holds: for sure if one is sure and the other impossible.
    const Bounds &a = operands[0], &b = operands[1];
    Value sure =
        make<arith::OrIOp>(make<arith::AndIOp>(a.low, logicalNot(b.high)),
                           make<arith::AndIOp>(b.low, logicalNot(a.high)));
    Value same =
        make<arith::OrIOp>(make<arith::AndIOp>(a.low, b.low),
                           logicalNot(make<arith::OrIOp>(a.high, b.high)));
    return Bounds{sure, logicalNot(same)};
  }
  return std::nullopt;
}

void RegionBounds::evaluateScalars() {
  for (Operation &op : region.front().without_terminator())
    evaluateScalar(op);
}

Value RegionBounds::varyingIndexOf(CaptureOp capture) {
  for (Value index : capture.getIndices())
    if (!scalarOf(index))
      return index;
  return {};
}

SmallVector<Value> RegionBounds::indicesOf(CaptureOp capture, Value varying) {
  SmallVector<Value> indices;
  for (Value index : capture.getIndices()) {
    std::optional<Value> scalar = scalarOf(index);
    indices.push_back(
        scalar ? loops.builder.createOrFold<arith::IndexCastOp>(
                     loops.loc, loops.builder.getIndexType(), *scalar)
               : varying);
  }
  return indices;
}

Bounds RegionBounds::evaluate() {
  for (Operation &op : region.front().without_terminator()) {
    if (scalars.contains(op.getResult(0)) || !carriesBounds(op))
      continue;
    if (std::optional<Bounds> bounds = combine(op))
      known[op.getResult(0)] = *bounds;
  }
  return conditionOf(region.front().getTerminator()->getOperand(0));
}
