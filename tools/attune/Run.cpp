/// attune run: compiles a spec, runs it on given inputs, compares the result.
#include "tools/attune/ArrayFile.h"
#include "tools/attune/Inputs.h"
#include "tools/attune/Report.h"
#include "tools/attune/RunReport.h"
#include "tools/attune/Session.h"
#include "tools/attune/Verbs.h"
#include <cstdlib>

using namespace llvm;
using namespace mlir;
using attune::reference::Array;
using attune::reference::Precision;

namespace attune::tool {

/// The options that concern the run and not its inputs.
static int readOptions(const Arguments &arguments, int &repeat) {
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
      return userError("T0203",
                       "`" + *text + "` is not a number of threads: 1 to 64");
    setenv("ATTUNE_NUM_THREADS", text->c_str(), 1);
  }
  return Done;
}

/// Mistakes in what is wanted of the outputs show before anything is run.
static int checkOutputs(const Arguments &arguments,
                        const Signature &signature) {
  SmallVector<StringRef> names;
  for (const TensorInfo &output : signature.outputs)
    names.push_back(output.name);
  for (StringRef option : {"--output", "--expect"}) {
    StringMap<std::string> values;
    if (!readAssignments(arguments, option, names, "output", values))
      return BadInput;
    for (const auto &value : values)
      if (!StringRef(value.second).starts_with("@"))
        return userError("T0204",
                         "`" + option + " " + value.first() + "=" +
                             value.second + "` lacks `@`",
                         "write `" + option + " " + value.first() +
                             "=@file.npy`");
  }
  return Done;
}

static int finish(const Arguments &arguments, Session &session) {
  const Signature &signature = session.signature;
  const RunResult &result = session.result;
  printRun(signature, session.inputs, result, arguments.has("--interpret"));
  for (const std::string &text : arguments.all("--output")) {
    auto [name, path] = StringRef(text).split("=@");
    for (auto [info, output] : zip(signature.outputs, result.outputs)) {
      std::string message;
      auto [code, bits] = info.dlpack();
      if (info.name == name &&
          !writeArrayFile(path, output, code, bits, message))
        return userError("T0208", message);
    }
  }
  if (!arguments.has("--expect"))
    return Done;
  std::vector<Array> naive, oracle;
  if (int code = session.runOracles(naive, oracle))
    return code;
  return compareExpected(arguments, signature, result.outputs, naive, oracle);
}

static int runRun(const Arguments &arguments) {
  Compiler compiler(arguments);
  Session session(arguments, compiler);
  if (int code = readOptions(arguments, session.repeat))
    return code;
  OwningOpRef<ModuleOp> module = compiler.importSpec(arguments.positional[0]);
  if (!module)
    return BadInput;
  if (int code = session.prepare(std::move(module)))
    return code;
  if (int code = checkOutputs(arguments, session.signature))
    return code;
  if (int code = session.openWeights(/*seed=*/std::nullopt))
    return code;
  if (int code = arguments.has("--interpret") ? session.runInterpreted()
                                              : session.runCompiled())
    return code;
  return finish(arguments, session);
}

static constexpr Option options[] = {
    {"--weights", "FILE", "weights in safetensors format"},
    {"--weights-prefix", "TEXT",
     "what the file puts before each weight's name"},
    {"--strict", "",
     "an error if the weight file has more than the model reads"},
    {"--input", "NAME=VALUE",
     "@FILE.npy, random:SEED, zero, const:V, or a literal: [7, 4]"},
    {"--dim", "NAME=N", "size of a dim, for generated inputs"},
    {"--output", "NAME=@FILE", "write an output as .npy"},
    {"--expect", "NAME=@FILE",
     "compare with a float64 result; exit code 1 if not within tolerance"},
    {"--interpret", "", "run the float64 reference, not compiled code"},
    {"--library", "FILE", "run a library built before from the same spec"},
    {"--model", "NAME", "the model to run, if the file has several"},
    {"--threads", "N", "threads of the library's pool"},
    {"--repeat", "N", "run N times and print the median time"},
    {"--target", "KIND", "cpu (default) or cuda: arrays live on the GPU"},
    {"--sm", "NUMBER", "GPU for --target=cuda: 80 (default), 86, 89, 90"},
    {"--cpu", "NAME", "machine: native (default), x86-64, haswell, znver5"},
    {"--dump-stages", "DIR", "write the IR after each stage to DIR"},
    {"--remarks", "LIST",
     "print decisions: fuse, mask; passed, missed; or all of them"},
    {"-R", "CATEGORY", "the same, as in -Rmask -Rmissed", /*joined=*/true},
    {"--diag-format", "KIND", "diagnostics as text (default), json or sarif"},
};

const Verb runVerb = {
    "run", "[OPTION]... FILE.attn",
    "Compiles and runs a model, prints its outputs' sizes, time and error.",
    options, runRun};

} // namespace attune::tool
