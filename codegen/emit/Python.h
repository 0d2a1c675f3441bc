//===- Python.h - The Python module of a library ----------------*- C++ -*-===//

#ifndef ATTUNE_CODEGEN_EMIT_PYTHON_H
#define ATTUNE_CODEGEN_EMIT_PYTHON_H

#include "codegen/emit/ModelInfo.h"

namespace attune {

/// A module with a class for each model, that opens the file `library` beside
/// itself. Needs Python 3.8 and its standard library.
std::string emitPython(llvm::ArrayRef<ModelInfo> models,
                       llvm::StringRef library);

} // namespace attune

#endif
