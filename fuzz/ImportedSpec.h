//===- ImportedSpec.h - Input bytes as a checked spec -----------*- C++ -*-===//
#ifndef ATTUNE_FUZZ_IMPORTEDSPEC_H
#define ATTUNE_FUZZ_IMPORTEDSPEC_H

#include "frontend/Import.h"
#include "fuzz/FuzzFolder.h"
#include "mlir/IR/MLIRContext.h"

namespace attune::fuzz {

/// The bytes as a spec, through lexer, parser and checker.
struct ImportedSpec {
  ImportedSpec(llvm::StringRef text, const mlir::DialectRegistry &registry)
      : path(writeFile("a.attn", text)),
        context(registry, mlir::MLIRContext::Threading::DISABLED),
        handler(&context,
                [this](mlir::Diagnostic &diagnostic) {
                  internal += diagnostic.str() + "\n";
                  return mlir::success();
                }),
        diagnostics(sources),
        module(frontend::importSpec(path,
                                    {ATTUNE_SOURCE_DIR "/frontend/lib", ""},
                                    context, sources, diagnostics)) {}

  std::string path;
  /// What MLIR reported, which users should never see.
  std::string internal;
  mlir::MLIRContext context;
  mlir::ScopedDiagnosticHandler handler;
  frontend::Sources sources;
  frontend::Diagnostics diagnostics;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace attune::fuzz

#endif
