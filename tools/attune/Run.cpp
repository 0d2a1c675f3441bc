/// attune run: compiles a spec, runs it on given inputs, compares the result.
#include "reference/Interpreter.h"
#include "tools/attune/ArrayFile.h"
#include "tools/attune/CallModel.h"
#include "tools/attune/Compiler.h"
#include "tools/attune/EmitFile.h"
#include "tools/attune/Inputs.h"
#include "tools/attune/Report.h"
#include "tools/attune/RunReport.h"
#include "tools/attune/Verbs.h"
#include "tools/attune/WeightFile.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include <cstdlib>

using namespace llvm;
using namespace mlir;
using attune::reference::Array;
using attune::reference::Precision;

namespace attune::tool {

/// A C code of the model or its runtime as a diagnostic. All of them come from
/// what the user gave: files, shapes, values.
static int runtimeError(const attune_error &error) {
  std::string code = "R00" + std::string(error.code < 10 ? "0" : "") +
                     std::to_string(error.code);
  return userError(code, error.message);
}

/// Compiles to a library in a temporary folder and opens it.
static int openCompiled(Compiler &compiler, ModuleOp module, StringRef model,
                        Library &library) {
  OwningOpRef<ModuleOp> copy(module.clone());
  if (int code = compiler.setTarget(*copy))
    return code;
  if (int code =
          compiler.runStages(*copy, nullptr, &allStages().back()))
    return code;
  SmallString<128> folder;
  if (std::error_code error =
          sys::fs::createUniqueDirectory("attune-run", folder))
    return userError("T0201", "no temporary folder: " + error.message());
  scope_exit cleanUp([&] { sys::fs::remove_directories(folder); });
  SmallString<128> path(folder);
  sys::path::append(path, "librun.so");
  if (int code = emitFile(*copy, EmitKind::SharedLibrary, path))
    return code;
  std::string message;
  if (!library.open(path, model, message))
    return internalError("the compiled library does not load: " + message);
  return Done;
}

/// The full names of the weights, as the library's manifest lists them.
static std::vector<std::string> weightNames(const Library &library) {
  std::vector<std::string> names;
  Expected<json::Value> manifest = json::parse(library.manifest());
  if (!manifest) {
    consumeError(manifest.takeError());
    return names;
  }
  if (const json::Object *object = manifest->getAsObject())
    if (const json::Array *weights = object->getArray("weights"))
      for (const json::Value &weight : *weights)
        if (const json::Object *row = weight.getAsObject())
          if (std::optional<StringRef> name = row->getString("name"))
            names.push_back(name->str());
  return names;
}

namespace {
/// One `attune run`: what its steps hand to each other.
struct Session {
  explicit Session(const Arguments &arguments)
      : arguments(arguments), compiler(arguments),
        weightFile(arguments.get("--weights-prefix").value_or("")) {}

  int prepare();
  int openWeights();
  Expected<std::vector<Array>> runOracle(Precision precision);
  int runInterpreted();
  int runCompiled();
  int loadInto(Library &library);
  int finish();

  const Arguments &arguments;
  Compiler compiler;
  OwningOpRef<ModuleOp> module;
  func::FuncOp model;
  Signature signature;
  std::vector<Array> inputs;
  DimValues dims;
  WeightFile weightFile;
  bool hasWeightFile = false;
  int repeat = 1;
  RunResult result;
};
} // namespace

int Session::prepare() {
  if (arguments.positional.size() != 1)
    return userError("T0011", "`attune run` takes one file",
                     "usage: attune run FILE.attn --input x=random:1");
  if (std::optional<std::string> text = arguments.get("--repeat")) {
    std::optional<int64_t> value = parseInteger(*text, 1, 1000000);
    if (!value)
      return userError("T0202", "`" + *text + "` is not a number of repeats");
    repeat = int(*value);
  }
  if (std::optional<std::string> text = arguments.get("--threads")) {
    if (!parseInteger(*text, 1, 64))
      return userError("T0203", "`" + *text +
                                    "` is not a number of threads: 1 to 64");
    setenv("ATTUNE_NUM_THREADS", text->c_str(), 1);
  }
  module = compiler.importSpec(arguments.positional[0]);
  if (!module)
    return BadInput;
  model = compiler.selectModel(*module, arguments.get("--model"), true);
  if (!model)
    return BadInput;
  signature = Signature::of(model);
  SmallVector<StringRef> names;
  for (const TensorInfo &output : signature.outputs)
    names.push_back(output.name);
  // Mistakes in what is wanted of the outputs show before anything is run.
  for (StringRef option : {"--output", "--expect"}) {
    StringMap<std::string> values;
    if (!readAssignments(arguments, option, names, "output", values))
      return BadInput;
    for (const auto &value : values)
      if (!StringRef(value.second).starts_with("@"))
        return userError("T0204", "`" + option + " " + value.first() + "=" +
                                      value.second + "` lacks `@`",
                         "write `" + option + " " + value.first() +
                             "=@file.npy`");
  }
  if (!readInputs(arguments, signature, inputs, dims))
    return BadInput;
  return openWeights();
}

int Session::openWeights() {
  bool needed = false;
  model.walk([&](ParamOp) { needed = true; });
  std::optional<std::string> path = arguments.get("--weights");
  if (!path)
    return needed ? userError("T0205", "the model has weights",
                              "pass `--weights FILE.safetensors`")
                  : int(Done);
  attune_error error = {};
  if (weightFile.open(*path, error))
    return runtimeError(error);
  hasWeightFile = needed;
  return Done;
}

Expected<std::vector<Array>> Session::runOracle(Precision precision) {
  return reference::interpret(
      model, inputs, [&](StringRef name) { return weightFile.find(name); },
      dims, precision);
}

int Session::runInterpreted() {
  Expected<std::vector<Array>> outputs = runOracle(Precision::F64);
  if (!outputs)
    return userError("T0206", toString(outputs.takeError()));
  result.outputs = std::move(*outputs);
  return Done;
}

int Session::loadInto(Library &library) {
  attune_error error = {};
  int code;
  if (arguments.has("--weights-prefix")) {
    code = library.newWeights(error);
    if (!code)
      code = weightFile.give(library, weightNames(library), error);
    if (!code)
      code = library.finishWeights(error);
  } else {
    code = library.loadWeights(*arguments.get("--weights"), error);
  }
  return code ? runtimeError(error) : int(Done);
}

int Session::runCompiled() {
  Library library;
  if (std::optional<std::string> path = arguments.get("--library")) {
    std::string message;
    if (!library.open(*path, signature.model, message))
      return userError("T0207", message);
  } else if (int code = openCompiled(compiler, *module, signature.model,
                                     library)) {
    return code;
  }
  if (hasWeightFile)
    if (int code = loadInto(library))
      return code;
  attune_error error = {};
  if (callModel(library, signature, inputs, dims, repeat, nullptr, result,
                error))
    return runtimeError(error);
  return Done;
}

int Session::finish() {
  printRun(signature, inputs, result, arguments.has("--interpret"));
  for (const std::string &text : arguments.all("--output")) {
    auto [name, path] = StringRef(text).split("=@");
    for (auto [info, output] : zip(signature.outputs, result.outputs)) {
      std::string message;
      auto [code, bits] = info.dlpack();
      if (info.name == name &&
          !writeArrayFile(path, output, code, bits, message))
        return userError("T0208", "cannot write " + path + ": " + message);
    }
  }
  if (!arguments.has("--expect"))
    return Done;
  // The tolerance is what the naive f32 evaluation of the same model earns.
  Expected<std::vector<Array>> naive = runOracle(Precision::F32);
  if (!naive)
    return userError("T0206", toString(naive.takeError()));
  Expected<std::vector<Array>> oracle = runOracle(Precision::F64);
  if (!oracle)
    return userError("T0206", toString(oracle.takeError()));
  return compareExpected(arguments, signature, result.outputs, *naive, *oracle);
}

static int runRun(const Arguments &arguments) {
  Session session(arguments);
  if (int code = session.prepare())
    return code;
  if (int code = arguments.has("--interpret") ? session.runInterpreted()
                                              : session.runCompiled())
    return code;
  return session.finish();
}

static constexpr Option options[] = {
    {"--weights", "FILE", "weights in safetensors format"},
    {"--weights-prefix", "TEXT", "what the file puts before each weight's name"},
    {"--input", "NAME=VALUE",
     "@FILE.npy, random:SEED, zero, const:V, or a literal: [7, 4]"},
    {"--dim", "NAME=N", "size of a dim, for generated inputs"},
    {"--output", "NAME=@FILE", "write an output as .npy"},
    {"--expect", "NAME=@FILE", "compare with a float64 result; exit code 1 if not within tolerance"},
    {"--interpret", "", "run the float64 reference, not compiled code"},
    {"--library", "FILE", "run a library built before from the same spec"},
    {"--model", "NAME", "the model to run, if the file has several"},
    {"--threads", "N", "threads of the library's pool"},
    {"--repeat", "N", "run N times and print the median time"},
    {"--cpu", "NAME", "machine: native (default), x86-64, haswell, znver5"},
    {"--dump-stages", "DIR", "write the IR after each stage to DIR"},
    {"--remarks", "LIST", "print decisions: fuse, mask, all"},
    {"-R", "CATEGORY", "the same, as in -Rmask", /*joined=*/true},
};

const Verb runVerb = {
    "run", "[OPTION]... FILE.attn",
    "Compiles and runs a model, prints its outputs' sizes, time and error.",
    options, runRun};

} // namespace attune::tool
