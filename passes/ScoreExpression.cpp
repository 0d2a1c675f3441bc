//===- ScoreExpression.cpp - The scores of an attend, for a kernel --------===//

#include "passes/ScoreExpression.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace attune;

/// Whether some part of `scores` reads queries and keys.
bool ScoreExpression::hasProducts(Value scores) {
  Operation *op = scores.getDefiningOp();
  if (!op || isa<IndexScoresOp>(op))
    return false;
  if (!isa<CombineOp, ModifyOp>(op))
    return true;
  auto [entry, isNew] = products.try_emplace(scores, false);
  if (!isNew)
    return entry->second;
  bool found = false;
  if (auto modify = dyn_cast<ModifyOp>(op))
    found = hasProducts(modify.getInput());
  else
    for (Value source : cast<CombineOp>(op).getSources())
      found |= hasProducts(source);
  return products[scores] = found;
}

/// The innermost sum that has all products.
Value ScoreExpression::findCore(Value scores) {
  while (true) {
    if (auto modify = scores.getDefiningOp<ModifyOp>()) {
      scores = modify.getInput();
      continue;
    }
    auto combine = scores.getDefiningOp<CombineOp>();
    if (!combine)
      return scores;
    // Sums of sums are flat by now: only score functions are below.
    SmallVector<Value> within;
    for (Value source : combine.getSources())
      if (hasProducts(source))
        within.push_back(source);
    if (within.size() != 1 || !within[0].getDefiningOp<ModifyOp>())
      return scores;
    scores = within[0];
  }
}

LogicalResult ScoreExpression::flatten(Value scores, double coefficient,
                                       Value headWeight) {
  Operation *op = scores.getDefiningOp();
  if (!op)
    return emitError(scores.getLoc(), "scores must be made in this function");
  if (auto dot = dyn_cast<DotOp>(op)) {
    sources.push_back({dot, dot.getQuery(), dot.getKey(),
                       coefficient * dot.getScale().convertToDouble(),
                       dot.getKeyBias(), coefficient, Value(), headWeight});
    return success();
  }
  if (auto additive = dyn_cast<AdditiveOp>(op)) {
    sources.push_back({additive, additive.getQuery(), additive.getKey(),
                       coefficient, Value(), 0.0, additive.getWeight(),
                       headWeight});
    return success();
  }
  if (auto combine = dyn_cast<CombineOp>(op)) {
    for (auto [index, source] : llvm::enumerate(combine.getSources())) {
      int64_t weightIndex = combine.getWeightIndex()[index];
      Value weight = headWeight;
      if (weightIndex >= 0) {
        if (weight)
          return combine.emitError(
              "a product of two run-time score weights is not supported yet");
        weight = combine.getWeights()[weightIndex];
      }
      if (failed(flatten(source, coefficient * combine.getCoefficients()[index],
                         weight)))
        return failure();
    }
    return success();
  }
  if (isa<IndexScoresOp, ModifyOp>(op) && !hasProducts(scores)) {
    terms.push_back({scores, coefficient, headWeight});
    return success();
  }
  return op->emitError("a sum of products with the result of a score function "
                       "of products, or this score source, is not supported "
                       "yet on this target");
}

LogicalResult ScoreExpression::read(Value scores) {
  root = scores;
  core = findCore(scores);
  return flatten(core, 1.0, Value());
}

/// Clones the body of a score function or index expression; returns what it
/// yields.
static Value cloneBody(OpBuilder &builder, Region &region,
                       ValueRange arguments) {
  Block &body = region.front();
  IRMapping mapping;
  mapping.map(body.getArguments(), arguments);
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);
  return mapping.lookupOrDefault(
      cast<YieldOp>(body.getTerminator()).getValues().front());
}

namespace {
/// Emits scores that are made of others, each once.
class ScoreEmitter {
public:
  ScoreEmitter(OpBuilder &builder, Location loc, ValueRange indices)
      : builder(builder), loc(loc), indices(indices) {}

  Value emit(Value scores);
  /// coefficient * weight[h] * value.
  Value weigh(Value value, double coefficient, Value weight);

  DenseMap<Value, Value> known;

private:
  OpBuilder &builder;
  Location loc;
  ValueRange indices;
};
} // namespace

Value ScoreEmitter::weigh(Value value, double coefficient, Value weight) {
  if (coefficient != 1.0)
    value = arith::MulFOp::create(
        builder, loc, value,
        arith::ConstantOp::create(builder, loc,
                                  builder.getF32FloatAttr(float(coefficient))));
  if (!weight)
    return value;
  SmallVector<Value> at;
  if (cast<ShapedType>(weight.getType()).getRank() == 1)
    at.push_back(indices[1]);
  return arith::MulFOp::create(
      builder, loc, value,
      CaptureOp::create(builder, loc, builder.getF32Type(), weight, at));
}

Value ScoreEmitter::emit(Value scores) {
  if (Value value = known.lookup(scores))
    return value;
  Value value;
  Operation *op = scores.getDefiningOp();
  if (auto index = dyn_cast<IndexScoresOp>(op)) {
    value = cloneBody(builder, index.getBody(), indices);
  } else if (auto modify = dyn_cast<ModifyOp>(op)) {
    SmallVector<Value> arguments = {emit(modify.getInput())};
    llvm::append_range(arguments, indices);
    value = cloneBody(builder, modify.getBody(), arguments);
  } else {
    auto combine = cast<CombineOp>(op);
    for (auto [source, coefficient, weight] :
         llvm::zip(combine.getSources(), combine.getCoefficients(),
                   combine.getWeightIndex())) {
      Value part = weigh(emit(source), coefficient,
                         weight < 0 ? Value() : combine.getWeights()[weight]);
      value = value ? arith::AddFOp::create(builder, loc, value, part) : part;
    }
  }
  known[scores] = value;
  return value;
}

Value ScoreExpression::emit(OpBuilder &builder, Location loc, Value sum,
                            ValueRange indices) {
  ScoreEmitter emitter(builder, loc, indices);
  bool isEmpty = sources.empty();
  for (const IndexTerm &term : terms) {
    Value value = emitter.weigh(emitter.emit(term.scores), term.coefficient,
                                term.headWeight);
    sum = isEmpty ? value : arith::AddFOp::create(builder, loc, sum, value);
    isEmpty = false;
  }
  emitter.known[core] = sum;
  return emitter.emit(root);
}
