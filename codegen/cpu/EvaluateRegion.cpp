//===- EvaluateRegion.cpp - Mask and score expressions on vectors ---------===//

#include "codegen/cpu/EvaluateRegion.h"
#include "codegen/cpu/VectorMath.h"
#include "mlir/Dialect/Math/IR/Math.h"
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

/// One element, as the type that the region sees: bytes become booleans.
Value RegionEvaluator::captureElement(CaptureOp capture, ValueRange indices) {
  Value element = loops.load(capture.getArray(), indices);
  if (element.getType() == capture.getElement().getType())
    return element;
  Value zero = arith::ConstantOp::create(
      loops.builder, loops.loc, loops.builder.getZeroAttr(element.getType()));
  return arith::CmpIOp::create(loops.builder, loops.loc,
                               arith::CmpIPredicate::ne, element, zero);
}

void RegionEvaluator::evaluateCapture(CaptureOp capture) {
  Type index = loops.builder.getIndexType();
  if (llvm::all_of(capture.getIndices(),
                   [&](Value v) { return isUniform(v); })) {
    SmallVector<Value> indices;
    for (Value value : capture.getIndices())
      indices.push_back(arith::IndexCastOp::create(loops.builder, loops.loc,
                                                   index, scalarOf(value)));
    known[capture.getElement()] = {captureElement(capture, indices), {}};
    return;
  }
  Known vectors;
  for (int64_t group = 0; group < groups; ++group)
    vectors.vectors.push_back(captureLanes(capture, group));
  known[capture.getElement()] = std::move(vectors);
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
    elements.push_back(captureElement(capture, indices));
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
