//===- Epilogues.h - What kernels compute on their results ------*- C++ -*-===//
#ifndef ATTUNE_PASSES_EPILOGUES_H
#define ATTUNE_PASSES_EPILOGUES_H

#include "dialect/Attune.h"

namespace attune {

/// The functions that the epilogues of kernels know.
bool isEpilogueActivation(Activation activation);

/// A remark of category "fuse": `what` is now part of `target`, such as
/// "linear".
void reportFused(mlir::Location loc, llvm::StringRef what,
                 llvm::StringRef target);

/// A remark of category "fuse": why `what` is not part of `target`.
void reportMissed(mlir::Location loc, llvm::StringRef what,
                  llvm::StringRef target, llvm::StringRef reason);

} // namespace attune

#endif // ATTUNE_PASSES_EPILOGUES_H
