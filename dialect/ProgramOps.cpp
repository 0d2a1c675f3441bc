//===- ProgramOps.cpp - Verifiers of weights and loops --------------------===//

#include "dialect/Verify.h"

using namespace mlir;
using namespace attune;

LogicalResult ParamOp::verify() {
  size_t holes = getName().count('{');
  if (holes != getSteps().size())
    return emitOpError() << "(C1) the name has " << holes << " loop variables for "
                         << getSteps().size() << " steps";
  return success();
}

LogicalResult ForOp::verify() {
  TypeRange inits = getInits().getTypes();
  if (inits != TypeRange(getResultTypes()))
    return emitOpError("(C1) the results' types are those of the carried "
                       "arrays");
  Block &body = getBody().front();
  if (body.getNumArguments() != inits.size() + 1 ||
      !body.getArgument(0).getType().isIndex() ||
      TypeRange(body.getArgumentTypes()).drop_front() != inits)
    return emitOpError("(C2) the region takes the step (index) and the carried "
                       "arrays");
  if (TypeRange(body.getTerminator()->getOperandTypes()) != inits)
    return emitOpError("(C3) the region yields the carried arrays");
  return success();
}
