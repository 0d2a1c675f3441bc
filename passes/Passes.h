//===- Passes.h - Target independent passes ---------------------*- C++ -*-===//
#ifndef ATTUNE_PASSES_PASSES_H
#define ATTUNE_PASSES_PASSES_H

#include "dialect/Attune.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

#include <memory>

namespace attune {

#define GEN_PASS_DECL
#include "passes/Passes.h.inc"

/// Makes all passes of this library known by their flags (passes/Passes.td).
void registerPasses();

} // namespace attune

#endif // ATTUNE_PASSES_PASSES_H
