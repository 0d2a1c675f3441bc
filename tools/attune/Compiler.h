/// One compilation: a spec (or a dumped stage) in, a module after any stage
/// out; with diagnostics, remarks, dumps and reproducers.
#ifndef ATTUNE_TOOLS_COMPILER_H
#define ATTUNE_TOOLS_COMPILER_H

#include "frontend/Import.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "tools/attune/Options.h"

namespace attune::tool {

/// A stage of the compiler, in order: import, normalize, ..., lower.
struct Stage {
  llvm::StringRef name;
  void (*build)(mlir::OpPassManager &manager);
  /// Where a GPU differs; null: as `build`.
  void (*buildCuda)(mlir::OpPassManager &manager) = nullptr;
};
llvm::ArrayRef<Stage> allStages();
/// The stage of that name; null (after a diagnostic) when there is none.
const Stage *findStage(llvm::StringRef name);

/// The options that `build` and `run` share. A compiler lives as long as its
/// modules.
class Compiler {
public:
  /// Reads --target, --sm, --cpu, --dump-stages, --remarks, -R and -W... from
  /// `arguments`.
  explicit Compiler(const Arguments &arguments);
  ~Compiler();

  /// Parses and checks the spec at `path`. Null: the diagnostics are printed.
  /// `onName` is that of frontend::ImportOptions.
  mlir::OwningOpRef<mlir::ModuleOp>
  importSpec(llvm::StringRef path,
             decltype(frontend::ImportOptions::onName) onName = nullptr);

  /// Reads a dump of `stage`. Null: the diagnostics are printed.
  mlir::OwningOpRef<mlir::ModuleOp> readDump(llvm::StringRef path,
                                             const Stage &stage);

  /// Keeps the model `name` only. Without a name the module must hold exactly
  /// one where `single` is set. Null: a diagnostic is printed.
  mlir::func::FuncOp selectModel(mlir::ModuleOp module,
                                 std::optional<std::string> name, bool single);

  /// Sets the machine to compile for; returns an ExitCode. A dump of stage
  /// `from` keeps the machine that it was made for.
  int setTarget(mlir::ModuleOp module, const Stage *from);

  /// Runs the stages after `from` (null: from the start) up to and including
  /// `until`; returns an ExitCode.
  int runStages(mlir::ModuleOp module, const Stage *from, const Stage *until);

  /// The files that the spec was read from: itself and its imports.
  llvm::ArrayRef<std::string> files() const { return filesRead; }

  /// Runs `work`, and with --time says as a remark how long it took.
  int timed(llvm::StringRef what, llvm::function_ref<int()> work);

  /// Whether the target is a GPU; after `setTarget`.
  bool isCuda() const { return hasCudaCode; }

  mlir::MLIRContext &getContext() { return *context; }

private:
  /// What MLIR has to say of a dump or of IR that a pass left. False: not
  /// taken.
  bool takeDiagnostic(mlir::Diagnostic &diagnostic);
  int enableRemarks();
  int checkCuda(mlir::ModuleOp module);
  int dump(mlir::ModuleOp module, const Stage &stage);

  const Arguments &arguments;
  std::unique_ptr<mlir::MLIRContext> context;
  std::vector<std::string> filesRead;
  bool isReadingDump = false, isDumpBad = false, hasCudaCode = false;
};

/// The models of a module, in order.
llvm::SmallVector<mlir::func::FuncOp> modelsOf(mlir::ModuleOp module);

} // namespace attune::tool

#endif
