//===- VerifyShapes.cpp - What the verifiers share ------------------------===//

#include "dialect/VerifyShapes.h"

using namespace mlir;
using namespace attune;

OptionalShape attune::tensorShape(Value value) {
  if (auto type = dyn_cast<RankedTensorType>(value.getType()))
    return symbolicShape(type);
  return std::nullopt;
}

int64_t attune::rankOf(Value value) {
  return cast<ShapedType>(value.getType()).getRank();
}

Type attune::elementOf(Value value) {
  return cast<ShapedType>(value.getType()).getElementType();
}

LogicalResult attune::verifyF32(Operation *op, ArrayRef<Value> values) {
  for (Value value : values)
    if (value && !elementOf(value).isF32())
      return op->emitOpError("(C2) computes in f32, not ") << elementOf(value);
  return success();
}

LogicalResult attune::verifyDestination(Operation *op, Value result,
                                        Value init) {
  if (bool(result) == bool(init))
    return op->emitOpError(
        "(C1) has a tensor result before bufferize and a destination from it "
        "on, never both or none");
  for (Value operand : op->getOperands())
    if (isa<RankedTensorType>(operand.getType()) && init)
      return op->emitOpError("(C1) with a destination takes no tensor operand");
  return success();
}

LogicalResult attune::verifySameShape(Operation *op, StringRef constraint,
                                      StringRef what, ArrayRef<Extent> expected,
                                      ArrayRef<Extent> given) {
  bool same = expected.size() == given.size();
  for (size_t i = 0; same && i < given.size(); ++i)
    same = expected[i] == given[i];
  if (same)
    return success();
  return op->emitOpError() << "(" << constraint << ") " << what
                           << " must have shape " << shapeText(expected)
                           << ", not " << shapeText(given);
}

LogicalResult attune::verifyIndexRegion(Operation *op, Region &region,
                                        bool hasScore, bool yieldsNumber) {
  Block &block = region.front();
  unsigned score = hasScore ? 1 : 0;
  bool fits = block.getNumArguments() == 8 + score;
  for (auto [index, argument] : llvm::enumerate(block.getArguments()))
    fits &= index < score ? argument.getType().isF32()
                          : argument.getType().isInteger(32);
  if (!fits)
    return op->emitOpError(hasScore
                               ? "(C1) region takes (s: f32, b, h, q, k, nb, "
                                 "nh, nq, nk: i32)"
                               : "(C1) region takes (b, h, q, k, nb, nh, nq, "
                                 "nk: i32)");
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  bool yields = yield && yield.getValues().size() == 1;
  if (yields) {
    Type type = yield.getValues().front().getType();
    yields = yieldsNumber ? type.isF32() : type.isInteger(1);
  }
  if (!yields)
    return op->emitOpError(yieldsNumber ? "(C2) region yields one f32"
                                        : "(C2) region yields one i1");
  return success();
}

bool attune::hasSizes(ScoresType type, ShapeAttr attribute) {
  ArrayRef<ExtentAttr> extents = attribute.getExtents();
  ArrayRef<int64_t> shape = type.getShape();
  if (extents.size() != 4 || shape.size() != 4)
    return false;
  for (size_t axis = 0; axis < 4; ++axis)
    if (Extent::get(extents[axis])
            .asConstant()
            .value_or(ShapedType::kDynamic) != shape[axis])
      return false;
  return true;
}
