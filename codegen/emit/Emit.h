//===- Emit.h - From a lowered module to files ----------------------------===//

#ifndef ATTUNE_CODEGEN_EMIT_EMIT_H
#define ATTUNE_CODEGEN_EMIT_EMIT_H

#include "codegen/emit/ModelInfo.h"

#include <memory>
#include <string>

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
class raw_pwrite_stream;
} // namespace llvm

namespace attune {

/// Where linking finds what it needs; empty: looked for.
struct LinkOptions {
  /// ld.lld. Looked for beside the LLVM that this was built with, then in PATH.
  std::string linker;
  /// libattune_runtime.a. Looked for in ../lib beside the running program.
  std::string runtime;
};

/// The optimised machine-independent code of a module after stage lower, ready
/// to be written in any form. The same module gives the same bytes.
class Emitter {
public:
  /// Translates, adds the entry points of each model and optimises. Null when
  /// something is wrong, which is reported at the module.
  static std::unique_ptr<Emitter> create(mlir::ModuleOp module);
  ~Emitter();

  llvm::ArrayRef<ModelInfo> models() const { return infos; }

  std::string llvmText() const;
  mlir::LogicalResult writeAssembly(llvm::raw_pwrite_stream &stream) const;
  mlir::LogicalResult writeObject(llvm::raw_pwrite_stream &stream) const;
  /// Writes a shared library that exports the models' functions only and needs
  /// libc and libm. On failure `message` says why.
  mlir::LogicalResult writeLibrary(llvm::StringRef path,
                                   const LinkOptions &options,
                                   std::string &message) const;
  /// `fileName`: of the header itself, without folders.
  std::string header(llvm::StringRef fileName) const;
  std::string manifest() const;
  /// `library`: the file that the module opens, beside itself.
  std::string python(llvm::StringRef library) const;

private:
  Emitter();
  mlir::LogicalResult translate(mlir::ModuleOp module);
  mlir::LogicalResult write(llvm::raw_pwrite_stream &stream,
                            bool isAssembly) const;

  llvm::SmallVector<ModelInfo, 0> infos;
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> code;
  std::unique_ptr<llvm::TargetMachine> machine;
};

/// Links an object file and the runtime to a shared library.
bool linkLibrary(llvm::StringRef object, llvm::StringRef output,
                 const LinkOptions &options, std::string &message);

} // namespace attune

#endif
