//===- Attune.h - The attune dialect: types, attributes, ops ----*- C++ -*-===//
#ifndef ATTUNE_DIALECT_ATTUNE_H
#define ATTUNE_DIALECT_ATTUNE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialect/AttuneDialect.h.inc"
#include "dialect/AttuneEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/AttuneAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialect/AttuneTypes.h.inc"

#include "dialect/AttuneInterfaces.h.inc"

#define GET_OP_CLASSES
#include "dialect/AttuneOps.h.inc"

namespace attune {

/// Ops that make scores or masks. They describe one attend and have no array as
/// a result; `op` may be null.
bool isScoreOrMaskProducer(mlir::Operation *op);

/// Whether the keys of a dot are a weight that lies in panels since it was
/// loaded: memref [1, Hkv, panels, E, width].
bool isInPanels(mlir::Value key);

} // namespace attune

#endif // ATTUNE_DIALECT_ATTUNE_H
