#include "tools/attune/Session.h"
#include "tools/attune/EmitFile.h"
#include "tools/attune/Inputs.h"
#include "tools/attune/Report.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include <cmath>

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
  if (int code = compiler.setTarget(*copy, /*from=*/nullptr))
    return code;
  if (int code = compiler.runStages(*copy, nullptr, &allStages().back()))
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

int Session::prepare(OwningOpRef<ModuleOp> spec) {
  module = std::move(spec);
  model = compiler.selectModel(*module, arguments.get("--model"), true);
  if (!model)
    return BadInput;
  signature = Signature::of(model);
  return readInputs(arguments, signature, inputs, dims) ? int(Done)
                                                        : int(BadInput);
}

int Session::openWeights(std::optional<int64_t> seed) {
  bool needed = false;
  model.walk([&](ParamOp) { needed = true; });
  std::optional<std::string> path = arguments.get("--weights");
  if (!path && needed && seed) {
    makeWeights(*seed);
    return Done;
  }
  if (!path)
    return needed ? userError("T0205", "the model has weights",
                              "pass `--weights FILE.safetensors`")
                  : int(Done);
  attune_error error = {};
  if (weightFile.open(*path, error))
    return runtimeError(error);
  hasWeightFile = needed;
  return arguments.has("--strict") ? refuseUnread() : int(Done);
}

/// The names of a param at each step of the loops around it.
static std::vector<std::string> namesOf(ParamOp param) {
  std::vector<std::string> names = {param.getName().str()};
  for (Value step : param.getSteps()) {
    auto loop =
        cast<ForOp>(cast<BlockArgument>(step).getOwner()->getParentOp());
    std::vector<std::string> next;
    for (const std::string &name : names) {
      size_t open = name.find('{'), close = name.find('}', open);
      for (int64_t i = loop.getLower(); i < int64_t(loop.getUpper()); ++i)
        next.push_back(name.substr(0, open) + std::to_string(i) +
                       name.substr(close + 1));
    }
    names = std::move(next);
  }
  return names;
}

/// The names of all weights that the model reads, in its order.
static std::vector<std::string> weightsOf(func::FuncOp model) {
  std::vector<std::string> names;
  model.walk([&](ParamOp param) { append_range(names, namesOf(param)); });
  return names;
}

int Session::refuseUnread() {
  llvm::StringSet<> read;
  for (const std::string &name : weightsOf(model))
    read.insert(name);
  for (const std::string &name : weightFile.names())
    if (!read.contains(name))
      return userError(
          "T0210", "the file has `" + name + "`, which the model does not read",
          "without --strict it is ignored");
  return Done;
}

/// The oracle widens floats as it reads them: what it cannot is said here.
int Session::refuseMissing() {
  std::vector<std::string> held = weightFile.names();
  for (const std::string &name : weightsOf(model)) {
    if (weightFile.find(name))
      continue;
    if (is_contained(held, name))
      return userError("T0211", "weight `" + name + "` is not f32, f16 or bf16",
                       "convert it to f32 first");
    for (StringRef other : held)
      if (StringRef prefix = other; prefix.consume_back(name))
        return userError("T0211", "weight `" + name + "` is missing",
                         "the file has `" + other +
                             "`: pass --weights-prefix=" + prefix);
    return userError("T0211", "weight `" + name + "` is missing");
  }
  return Done;
}

/// Uniform in (-1, 1) / sqrt(last size), the same for a seed everywhere.
void Session::makeWeights(int64_t seed) {
  hasMadeWeights = true;
  model.walk([&](ParamOp param) {
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(param.getType()).getShape();
    double scale =
        shape.empty()
            ? 1
            : 1 / std::sqrt(double(std::max<int64_t>(shape.back(), 1)));
    for (const std::string &name : namesOf(param)) {
      Array array = randomArray(seed, name, shape, /*isFloat=*/true, 0);
      for (double &value : array.reals)
        value = float(value * scale);
      weightFile.add(name, std::move(array));
    }
  });
}

int Session::runOracle(Precision precision, std::vector<Array> &outputs,
                       reference::AttendObserver *observer) {
  Expected<std::vector<Array>> computed = reference::interpret(
      model, inputs, [&](StringRef name) { return weightFile.find(name); },
      dims, precision, observer);
  if (!computed)
    return userError("T0206", toString(computed.takeError()));
  outputs = std::move(*computed);
  return Done;
}

int Session::runOracles(std::vector<Array> &naive, std::vector<Array> &oracle) {
  if (int code = runOracle(Precision::F32, naive))
    return code;
  return runOracle(Precision::F64, oracle);
}

int Session::runInterpreted(reference::AttendObserver *observer) {
  if (hasWeightFile)
    if (int code = refuseMissing())
      return code;
  return runOracle(Precision::F64, result.outputs, observer);
}

int Session::loadInto(Library &library) {
  attune_error error = {};
  int code;
  if (hasMadeWeights || arguments.has("--weights-prefix")) {
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
  DeviceMemory gpu;
  // Without a driver nothing of the rest is worth doing.
  attune_error noDriver = {};
  bool isCuda = arguments.get("--target") == "cuda";
  if (isCuda && gpu.open(noDriver))
    return runtimeError(noDriver);
  if (std::optional<std::string> path = arguments.get("--library")) {
    std::string message;
    if (!library.open(*path, signature.model, message))
      return userError("T0207", message);
  } else if (int code =
                 openCompiled(compiler, *module, signature.model, library)) {
    return code;
  }
  if (hasWeightFile || hasMadeWeights)
    if (int code = loadInto(library))
      return code;
  attune_error error = {};
  if (callModel(library, signature, inputs, dims, repeat, nullptr,
                isCuda ? &gpu : nullptr, result, error))
    return runtimeError(error);
  return Done;
}

} // namespace attune::tool
