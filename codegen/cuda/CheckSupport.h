//===- CheckSupport.h - What cannot run on CUDA yet -----------------------===//

#ifndef ATTUNE_CODEGEN_CUDA_CHECKSUPPORT_H
#define ATTUNE_CODEGEN_CUDA_CHECKSUPPORT_H

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace attune {

/// A part of a model that has no code on a GPU.
struct CudaProblem {
  mlir::Location location;
  std::string text;
};

/// Looks through a module after the tile stage: one problem for each op that
/// the CUDA stages would refuse.
llvm::SmallVector<CudaProblem> findCudaProblems(mlir::ModuleOp module);

} // namespace attune

#endif
