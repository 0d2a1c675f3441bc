//===- Passes.h - Passes of the CPU target --------------------------------===//

#ifndef ATTUNE_CODEGEN_CPU_PASSES_H
#define ATTUNE_CODEGEN_CPU_PASSES_H

#include "mlir/Pass/Pass.h"
#include <cstdint>
#include <memory>

namespace attune {

/// attune-cpu-expand-kernels: `attune.kernel` to parallel loops of tile ops.
std::unique_ptr<mlir::Pass> createExpandKernelsPass();

/// attune-cpu-lower-tiles: tile ops to rank-1 vectors of `vectorWidth` floats
/// (4, 8 or 16; 0: as the module's `attune.target` says), in a function.
std::unique_ptr<mlir::Pass> createLowerTilesPass(int64_t vectorWidth = 0);

/// attune-cpu-expand-math: exp, exp2, tanh, erf and log of f32 values and
/// vectors to arithmetic, in anything.
std::unique_ptr<mlir::Pass> createExpandMathPass();

/// Registers the passes above with the flags that name them.
void registerCPUKernelPasses();

} // namespace attune

#endif
