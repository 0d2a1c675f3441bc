//===- Passes.h - Passes of the CPU target --------------------------------===//

#ifndef ATTUNE_CODEGEN_CPU_PASSES_H
#define ATTUNE_CODEGEN_CPU_PASSES_H

#include <memory>

namespace mlir {
class Pass;
} // namespace mlir

namespace attune {

/// attune-cpu-expand-kernels: `attune.kernel` to parallel loops of tile ops.
std::unique_ptr<mlir::Pass> createExpandKernelsPass();

/// attune-cpu-lower-tiles: tile ops to rank-1 vectors.
std::unique_ptr<mlir::Pass> createLowerTilesPass();

} // namespace attune

#endif
