//===- Optimize.h - LLVM's optimiser for code of ours ---------------------===//

#ifndef ATTUNE_CODEGEN_EMIT_OPTIMIZE_H
#define ATTUNE_CODEGEN_EMIT_OPTIMIZE_H

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace attune {

/// Code for the CPU: addresses and constants leave the loops, and loops that
/// end at their head are turned round.
void optimizeHostCode(llvm::Module &code, llvm::TargetMachine &machine);

/// Code for a GPU: LLVM's default pipeline without its unroller and
/// vectorisers.
void optimizeDeviceCode(llvm::Module &code, llvm::TargetMachine &machine);

} // namespace attune

#endif
