//===- Optimize.h - LLVM's optimiser for code of ours ---------------------===//

#ifndef ATTUNE_CODEGEN_EMIT_OPTIMIZE_H
#define ATTUNE_CODEGEN_EMIT_OPTIMIZE_H

#include "llvm/Passes/OptimizationLevel.h"

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace attune {

/// Runs LLVM's default pipeline for one module, for the CPU or a GPU, without
/// its unroller and vectorisers.
void optimizeModule(llvm::Module &code, llvm::TargetMachine &machine,
                    llvm::OptimizationLevel level);

} // namespace attune

#endif
