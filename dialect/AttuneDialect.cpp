//===- AttuneDialect.cpp - Registration -----------------------------------===//

#include "dialect/Attune.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attune;

#include "dialect/AttuneDialect.cpp.inc"
#include "dialect/AttuneEnums.cpp.inc"
#include "dialect/AttuneInterfaces.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/AttuneOps.cpp.inc"

void AttuneDialect::initialize() {
  registerAttributes();
  registerTypes();
  addOperations<
#define GET_OP_LIST
#include "dialect/AttuneOps.cpp.inc"
      >();
}
