/// What `attune build` writes.
#ifndef ATTUNE_TOOLS_EMITFILE_H
#define ATTUNE_TOOLS_EMITFILE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace attune::tool {

enum class EmitKind {
  Attune,
  Llvm,
  Assembly,
  Object,
  SharedLibrary,
  Header,
  Manifest,
  Python,
  // Of the kernels of a GPU.
  Ptx,
  DeviceLlvm,
  Cubin
};

/// The kinds in the order of the enum, with the value of --emit and the ending
/// of their files.
struct EmitKindInfo {
  EmitKind kind;
  llvm::StringRef name, ending;
};
llvm::ArrayRef<EmitKindInfo> allEmitKinds();

/// Writes `module` to the file `path` ("-": standard output). A shared library
/// gets its header, manifest and Python module beside it: libdecoder.so,
/// decoder.h, decoder.json, decoder.py. A Python module gets its library beside
/// it. Returns an ExitCode.
int emitFile(mlir::ModuleOp module, EmitKind kind, llvm::StringRef path);

/// Writes a text file ("-": standard output), whole or not at all. Returns an
/// ExitCode.
int writeText(llvm::StringRef path, llvm::StringRef text);

} // namespace attune::tool

#endif
