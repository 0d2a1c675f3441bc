//===- EvaluateRegion.cpp - Mask and score expressions on vectors ---------===//

#include "codegen/cpu/EvaluateRegion.h"
#include "codegen/cpu/VectorMath.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace attune;

void RegionEvaluator::bind(unsigned argument, Value scalar) {
  known[region.getArgument(argument)] = {scalar, {}};
}

void RegionEvaluator::bind(unsigned argument, ArrayRef<Value> vectors) {
  known[region.getArgument(argument)] = {
      Value(), SmallVector<Value, 2>(vectors.begin(), vectors.end())};
}

void RegionEvaluator::bindLanes(unsigned argument, ArrayRef<Value> vectors,
                                Value first, Value last,
                                ArrayRef<Value> valid) {
  bind(argument, vectors);
  laneArgument = region.getArgument(argument);
  laneBegin = first;
  laneLast = last;
  validLanes.assign(valid.begin(), valid.end());
}

/// Values from outside the region are uniform and known.
static bool isOutside(Region &region, Value value) {
  return !region.isAncestor(value.getParentRegion());
}

bool RegionEvaluator::isKnown(Value value) const {
  return isOutside(region, value) || known.contains(value);
}

bool RegionEvaluator::isUniform(Value value) const {
  return isOutside(region, value) || known.lookup(value).scalar;
}

Value RegionEvaluator::scalarOf(Value value) const {
  return isOutside(region, value) ? value : known.lookup(value).scalar;
}

Value RegionEvaluator::vectorOf(Value value, int64_t group) {
  if (isUniform(value))
    return loops.broadcast(scalarOf(value), width);
  return known.lookup(value).vectors[group];
}

LogicalResult RegionEvaluator::advance() {
  for (Operation &op : region.front().without_terminator()) {
    if (done.contains(&op) ||
        !llvm::all_of(op.getOperands(), [&](Value v) { return isKnown(v); }))
      continue;
    if (failed(evaluate(op)))
      return failure();
    done.insert(&op);
  }
  return success();
}

LogicalResult RegionEvaluator::evaluate(Operation &op) {
  if (auto capture = dyn_cast<CaptureOp>(op)) {
    evaluateCapture(capture);
    return success();
  }
  if (op.getNumRegions() || op.getNumResults() != 1)
    return op.emitOpError("cannot be evaluated on vectors");
  Value result = op.getResult(0);
  bool uniform =
      llvm::all_of(op.getOperands(), [&](Value v) { return isUniform(v); });
  auto cloneWith = [&](function_ref<Value(Value)> operand) -> Value {
    if (isa<math::ExpOp>(op))
      return buildExp(loops.builder, loops.loc, operand(op.getOperand(0)));
    if (isa<math::Exp2Op>(op))
      return buildExp2(loops.builder, loops.loc, operand(op.getOperand(0)));
    IRMapping mapping;
    for (Value value : op.getOperands())
      mapping.map(value, operand(value));
    return loops.builder.clone(op, mapping)->getResult(0);
  };
  if (uniform) {
    Value value = cloneWith([&](Value v) { return scalarOf(v); });
    known[result] = {value, {}};
    return success();
  }
  if (!OpTrait::hasElementwiseMappableTraits(&op))
    return op.emitOpError("cannot be evaluated on vectors");
  Known vectors;
  for (int64_t group = 0; group < groups; ++group) {
    Value value = cloneWith([&](Value v) { return vectorOf(v, group); });
    value.setType(VectorType::get({width}, result.getType()));
    vectors.vectors.push_back(value);
  }
  known[result] = std::move(vectors);
  return success();
}

Value attune::fromMemory(OpBuilder &builder, Location loc, CaptureOp capture,
                         Value stored) {
  Type seen = capture.getElement().getType();
  if (getElementTypeOrSelf(stored) == seen)
    return stored;
  if (auto vector = dyn_cast<VectorType>(stored.getType()))
    seen = VectorType::get(vector.getShape(), seen);
  if (!getElementTypeOrSelf(seen).isInteger(1))
    return arith::ExtUIOp::create(builder, loc, seen, stored);
  Value zero = arith::ConstantOp::create(builder, loc,
                                         builder.getZeroAttr(stored.getType()));
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, stored,
                               zero);
}

Value attune::captureElement(LoopBuilder &loops, CaptureOp capture,
                             ValueRange indices) {
  return fromMemory(loops.builder, loops.loc, capture,
                    loops.load(capture.getArray(), indices));
}

void RegionEvaluator::evaluateCapture(CaptureOp capture) {
  Type index = loops.builder.getIndexType();
  if (llvm::all_of(capture.getIndices(),
                   [&](Value v) { return isUniform(v); })) {
    SmallVector<Value> indices;
    for (Value value : capture.getIndices())
      indices.push_back(arith::IndexCastOp::create(loops.builder, loops.loc,
                                                   index, scalarOf(value)));
    known[capture.getElement()] = {captureElement(loops, capture, indices), {}};
    return;
  }
  Known vectors;
  for (int64_t group = 0; group < groups; ++group)
    if (Value vector = captureVector(capture, group))
      vectors.vectors.push_back(vector);
    else
      vectors.vectors.push_back(captureLanes(capture, group));
  known[capture.getElement()] = std::move(vectors);
}

std::optional<RegionEvaluator::LaneIndex>
RegionEvaluator::laneIndex(Value index, int64_t group) {
  OpBuilder &builder = loops.builder;
  if (isUniform(index))
    return LaneIndex{scalarOf(index), false};
  if (index == laneArgument) {
    Value offset = arith::ConstantOp::create(
        builder, loops.loc,
        builder.getIntegerAttr(laneBegin.getType(), group * width));
    return LaneIndex{
        builder.createOrFold<arith::AddIOp>(loops.loc, laneBegin, offset),
        true};
  }
  Operation *op = index.getDefiningOp();
  if (!op || !isa<arith::ExtSIOp, arith::IndexCastOp, arith::AddIOp,
                  arith::SubIOp, arith::RemUIOp, arith::DivUIOp>(op))
    return std::nullopt;
  std::optional<LaneIndex> lhs = laneIndex(op->getOperand(0), group);
  if (!lhs)
    return std::nullopt;
  IRMapping mapping;
  mapping.map(op->getOperand(0), lhs->first);
  if (op->getNumOperands() == 1)
    return LaneIndex{builder.clone(*op, mapping)->getResult(0), lhs->countsUp};
  std::optional<LaneIndex> rhs = laneIndex(op->getOperand(1), group);
  if (!rhs)
    return std::nullopt;
  mapping.map(op->getOperand(1), rhs->first);
  bool countsUp = lhs->countsUp;
  if (isa<arith::RemUIOp, arith::DivUIOp>(op) && countsUp) {
    // Groups begin at multiples of the width: none crosses a multiple of it.
    std::optional<int64_t> divisor = getConstantIntValue(op->getOperand(1));
    if (op->getOperand(0) != laneArgument || !divisor || *divisor <= 0 ||
        *divisor % width != 0)
      return std::nullopt;
    countsUp = isa<arith::RemUIOp>(op);
    // Lanes after the last one stay legal.
    if (!countsUp)
      mapping.map(
          op->getOperand(0),
          arith::MinSIOp::create(builder, loops.loc, lhs->first, laneLast)
              .getResult());
  } else if (rhs->countsUp) {
    if (countsUp || !isa<arith::AddIOp>(op))
      return std::nullopt;
    countsUp = true;
  }
  return LaneIndex{builder.clone(*op, mapping)->getResult(0), countsUp};
}

Value RegionEvaluator::captureVector(CaptureOp capture, int64_t group) {
  auto type = cast<MemRefType>(capture.getArray().getType());
  Type element = type.getElementType();
  SmallVector<Value> at;
  bool countsUp = false;
  for (auto [axis, value] : llvm::enumerate(capture.getIndices())) {
    std::optional<LaneIndex> index = laneIndex(value, group);
    bool isLast = axis + 1 == capture.getIndices().size();
    if (!index || (index->countsUp && !isLast))
      return Value();
    countsUp = index->countsUp;
    at.push_back(arith::IndexCastOp::create(
        loops.builder, loops.loc, loops.builder.getIndexType(), index->first));
  }
  if (!countsUp)
    return loops.broadcast(captureElement(loops, capture, at), width);
  // A byte that must not be read has no masked load.
  bool masked = !validLanes.empty();
  if (!hasUnitStride(type) || (masked && element.getIntOrFloatBitWidth() < 32))
    return Value();
  auto vectorType = VectorType::get({width}, element);
  Value zeros = arith::ConstantOp::create(
      loops.builder, loops.loc, loops.builder.getZeroAttr(vectorType));
  Value vector;
  if (masked)
    vector = vector::MaskedLoadOp::create(loops.builder, loops.loc, vectorType,
                                          capture.getArray(), at,
                                          validLanes[group], zeros);
  else
    vector = vector::LoadOp::create(loops.builder, loops.loc, vectorType,
                                    capture.getArray(), at);
  return fromMemory(loops.builder, loops.loc, capture, vector);
}

/// A lane at a time. The caller keeps the arguments of all lanes legal, so that
/// all indices are inside the array, as the front end proved.
Value RegionEvaluator::captureLanes(CaptureOp capture, int64_t group) {
  Type index = loops.builder.getIndexType();
  SmallVector<Value> elements;
  for (int64_t lane = 0; lane < width; ++lane) {
    SmallVector<Value> indices;
    for (Value value : capture.getIndices()) {
      Value at = isUniform(value)
                     ? scalarOf(value)
                     : vector::ExtractOp::create(
                           loops.builder, loops.loc,
                           known.lookup(value).vectors[group], lane)
                           .getResult();
      indices.push_back(
          arith::IndexCastOp::create(loops.builder, loops.loc, index, at));
    }
    elements.push_back(captureElement(loops, capture, indices));
  }
  auto type = VectorType::get({width}, capture.getElement().getType());
  return vector::FromElementsOp::create(loops.builder, loops.loc, type,
                                        elements);
}

Value RegionEvaluator::scalarResult(unsigned index) {
  return scalarOf(region.front().getTerminator()->getOperand(index));
}

Value RegionEvaluator::vectorResult(unsigned index, int64_t group) {
  return vectorOf(region.front().getTerminator()->getOperand(index), group);
}
