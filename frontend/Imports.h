//===- Imports.h - A spec and all files that it imports ---------*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_IMPORTS_H
#define ATTUNE_FRONTEND_IMPORTS_H

#include "frontend/AST.h"
#include "frontend/Diagnostics.h"

namespace attune::frontend {

/// One file of a program and the files that it imports, in order.
struct LoadedFile {
  ast::File tree;
  struct Import {
    Span span;
    size_t index; ///< into Program::files
  };
  std::vector<Import> imports;
};

/// A spec with all its imports, each file once; files[0] is the spec itself.
struct Program {
  std::vector<LoadedFile> files;
};

/// Parses the file at `path` and, from there, everything it imports. `import
/// "std/x"` reads x.attn from `libraryDirectory`; other imports lie below the
/// folder of the importing file. A path that cannot be read is reported.
Program loadProgram(llvm::StringRef path, llvm::StringRef libraryDirectory,
                    Sources &sources, ast::Context &context,
                    Diagnostics &diagnostics);

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_IMPORTS_H
