//===- ImportCase.h - A spec in a string, imported --------------*- C++ -*-===//
#ifndef ATTUNE_TEST_UNIT_IMPORTCASE_H
#define ATTUNE_TEST_UNIT_IMPORTCASE_H

#include "dialect/Attune.h"
#include "frontend/Import.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <fstream>
#include <memory>
#include <string>

/// Writes a spec to a file of its own, imports it and keeps what came out.
/// `«...»` marks a place; the marks are no part of the spec.
struct ImportCase {
  explicit ImportCase(std::string source, std::string model = "") {
    static constexpr llvm::StringLiteral open = "\u00ab", close = "\u00bb";
    size_t begin = source.find(open.str());
    if (begin != std::string::npos) {
      source.erase(begin, open.size());
      size_t end = source.find(close.str(), begin);
      source.erase(end, close.size());
      hasMark = true;
      markBegin = begin;
      markEnd = end;
    }
    llvm::SmallString<128> path;
    llvm::sys::fs::createTemporaryFile("spec", "attn", path);
    std::ofstream(path.c_str(), std::ios::binary) << source;
    sources = std::make_unique<attune::frontend::Sources>();
    diagnostics = std::make_unique<attune::frontend::Diagnostics>(*sources);
    attune::frontend::ImportOptions options;
    options.libraryDirectory = ATTUNE_SOURCE_DIR "/frontend/lib";
    options.model = std::move(model);
    module = attune::frontend::importSpec(path, options, context, *sources,
                                          *diagnostics);
    llvm::sys::fs::remove(path);
  }

  /// Every message as `attune check` prints it.
  std::string text() const {
    std::string result;
    llvm::raw_string_ostream os(result);
    diagnostics->print(os, /*color=*/false);
    return result;
  }

  /// The module's IR.
  std::string ir() {
    std::string result;
    llvm::raw_string_ostream os(result);
    if (module)
      module->print(os);
    return result;
  }

  mlir::MLIRContext context;
  std::unique_ptr<attune::frontend::Sources> sources;
  std::unique_ptr<attune::frontend::Diagnostics> diagnostics;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  bool hasMark = false;
  size_t markBegin = 0, markEnd = 0;
};

#endif // ATTUNE_TEST_UNIT_IMPORTCASE_H
