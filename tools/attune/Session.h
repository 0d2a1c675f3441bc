/// One run of one model on given inputs: what `attune run` and `attune test`
/// share. The steps are called in the order of their declaration.
#ifndef ATTUNE_TOOLS_SESSION_H
#define ATTUNE_TOOLS_SESSION_H

#include "reference/Interpreter.h"
#include "tools/attune/CallModel.h"
#include "tools/attune/Compiler.h"
#include "tools/attune/WeightFile.h"

namespace attune::tool {

struct Session {
  /// `arguments`: --input, --dim, --weights, --weights-prefix, --output,
  /// --expect, --library and --repeat as `attune run` takes them.
  Session(const Arguments &arguments, Compiler &compiler)
      : arguments(arguments), compiler(compiler),
        weightFile(arguments.get("--weights-prefix").value_or("")) {}

  /// Chooses the model of `spec`, a module of the import stage that the session
  /// keeps, and reads its inputs. Steps return an ExitCode.
  int prepare(mlir::OwningOpRef<mlir::ModuleOp> spec);
  /// Opens the weight file; with a seed and no file, weights are random.
  int openWeights(std::optional<int64_t> seed);
  /// The results of the compiled model in `result`, or of the interpreter.
  int runCompiled();
  int runInterpreted(reference::AttendObserver *observer = nullptr);
  /// What the interpreter computes from the session's inputs and weights, in
  /// f32 and in f64: together they say what error a result may have.
  int runOracles(std::vector<reference::Array> &naive,
                 std::vector<reference::Array> &oracle);

  const Arguments &arguments;
  Compiler &compiler;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp model;
  Signature signature;
  std::vector<reference::Array> inputs;
  DimValues dims;
  WeightFile weightFile;
  int repeat = 1;
  RunResult result;

private:
  int runOracle(reference::Precision precision,
                std::vector<reference::Array> &outputs,
                reference::AttendObserver *observer = nullptr);
  int loadInto(Library &library);
  void makeWeights(int64_t seed);
  /// Exit codes: a tensor of the weight file that the model does not read, and
  /// a weight that the file has not.
  int refuseUnread();
  int refuseMissing();

  bool hasWeightFile = false, hasMadeWeights = false;
};

} // namespace attune::tool

#endif
