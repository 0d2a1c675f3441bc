//===- ProgramOps.cpp - Verifiers of program ops --------------------------===//

#include "dialect/VerifyShapes.h"

using namespace mlir;
using namespace attune;

LogicalResult ParamOp::verify() {
  auto type = cast<ShapedType>(getResult().getType());
  if (!type.hasStaticShape())
    return emitOpError("(C1) weights have static shapes, not ") << type;
  size_t open = getName().count('{');
  if (open != getSteps().size())
    return emitOpError("(C2) name holds ") << open << " steps in braces for "
                                           << getSteps().size() << " operands";
  if (getStrides() && getStrides()->size() != getSteps().size())
    return emitOpError("(C3) has one stride a step");
  // With steps it is where step 0 would lie, which may be before the blob.
  if (getOffset() && int64_t(*getOffset()) < 0 && getSteps().empty())
    return emitOpError("(C4) offset must not be negative");
  return success();
}

LogicalResult ForOp::verify() {
  if (int64_t(getLower()) < 0)
    return emitOpError("(C1) steps are not negative");
  Block &body = getBody().front();
  if (body.getNumArguments() != getInits().size() + 1 ||
      !body.getArgument(0).getType().isIndex())
    return emitOpError("(C2) region takes the step (index) and one argument "
                       "for each carried array");
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  size_t carried = getInits().size();
  if (!yield || yield.getValues().size() != getResults().size() ||
      getResults().size() < carried)
    return emitOpError("(C3) yields and gives one value for each carried "
                       "array, then the stacked ones");
  for (auto [index, init] : llvm::enumerate(getInits())) {
    Type type = init.getType();
    if (body.getArgument(index + 1).getType() != type ||
        yield.getValues()[index].getType() != type ||
        getResult(index).getType() != type)
      return emitOpError("(C4) carried array ")
             << index << " changes its type " << type;
  }
  Extent steps = Extent::constant(
      std::max<int64_t>(int64_t(getUpper()) - int64_t(getLower()), 0));
  for (size_t index = carried; index < getResults().size(); ++index) {
    Value part = yield.getValues()[index], stack = getResult(index);
    if (!isa<RankedTensorType>(part.getType()) ||
        elementOf(part) != elementOf(stack))
      return emitOpError("(C5) stacked array ")
             << index << " has the element type of its steps";
    SmallVector<Extent> expected = {steps};
    llvm::append_range(expected, *tensorShape(part));
    if (failed(verifySameShape(*this, "C5", "stacked result", expected,
                               *tensorShape(stack))))
      return failure();
  }
  return success();
}
