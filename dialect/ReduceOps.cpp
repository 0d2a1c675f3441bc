//===- ReduceOps.cpp - Verifiers of ops along an axis ---------------------===//

#include "dialect/VerifyShapes.h"

using namespace mlir;
using namespace attune;

static LogicalResult verifyAxis(Operation *op, StringRef constraint,
                                int64_t axis, int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return op->emitOpError() << "(" << constraint << ") axis " << axis
                           << " is not in 0.." << rank;
}

LogicalResult ReduceOp::verify() {
  int64_t axis = getAxis();
  if (failed(verifyDestination(*this, getResult(), getInit())) ||
      failed(verifyAxis(*this, "C2", axis, rankOf(getInput()))))
    return failure();
  Type element = elementOf(getInput());
  bool isInteger = element.isInteger(32) || element.isInteger(64);
  if (!element.isF32() && (!isInteger || getKind() == ReduceKind::Mean))
    return emitOpError("(C3) `")
           << stringifyReduceKind(getKind()) << "` does not take " << element;
  bool isIndex = getKind() == ReduceKind::ArgMax;
  Type made = elementOf(madeArray(getResult(), getInit()));
  if (isIndex ? !made.isInteger(64) : made != element)
    return emitOpError("(C4) result cannot have elements of ") << made;
  OptionalShape shape = tensorShape(getInput());
  if (!shape || !getResult())
    return success();
  shape->erase(shape->begin() + axis);
  return verifySameShape(*this, "C5", "result", *shape,
                         *tensorShape(getResult()));
}

LogicalResult SoftmaxOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())) ||
      failed(verifyF32(*this, {getInput(), getResult(), getInit()})) ||
      failed(verifyAxis(*this, "C3", getAxis(), rankOf(getInput()))))
    return failure();
  OptionalShape shape = tensorShape(getInput());
  if (!shape || !getResult())
    return success();
  return verifySameShape(*this, "C4", "result", *shape,
                         *tensorShape(getResult()));
}

LogicalResult RmsNormOp::verify() {
  if (failed(verifyDestination(*this, getResult(), getInit())) ||
      failed(
          verifyF32(*this, {getInput(), getGamma(), getResult(), getInit()})))
    return failure();
  if (rankOf(getInput()) < 1)
    return emitOpError("(C3) input has rank 1 or more");
  if (!(getEps().convertToDouble() >= 0))
    return emitOpError("(C4) eps must not be negative");
  OptionalShape x = tensorShape(getInput());
  if (!x || !getResult())
    return success();
  if (getGamma())
    if (failed(verifySameShape(*this, "C5", "gamma", {x->back()},
                               *tensorShape(getGamma()))))
      return failure();
  return verifySameShape(*this, "C6", "result", *x, *tensorShape(getResult()));
}
