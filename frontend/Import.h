//===- Import.h - Spec text to the attune dialect ---------------*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_IMPORT_H
#define ATTUNE_FRONTEND_IMPORT_H

#include "frontend/Diagnostics.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <functional>

namespace attune::frontend {

struct ImportOptions {
  /// Where `import "std/x"` finds x.attn.
  std::string libraryDirectory;
  /// Only this model; empty: all models of the file.
  std::string model;
  /// Told of every name that a model's body binds, but its inputs: "let" or
  /// "param", and what it means ("f32[B, T]").
  std::function<void(llvm::StringRef model, llvm::StringRef kind,
                     llvm::StringRef name, llvm::StringRef type)>
      onName = nullptr;
};

/// Loads, checks and imports the spec at `path`: one function a model, as the
/// import stage of docs/lowering.md says. Null when `diagnostics` has errors.
mlir::OwningOpRef<mlir::ModuleOp> importSpec(llvm::StringRef path,
                                             const ImportOptions &options,
                                             mlir::MLIRContext &context,
                                             Sources &sources,
                                             Diagnostics &diagnostics);

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_IMPORT_H
