/// attune check: parses and type-checks a spec.
#include "mlir/IR/Verifier.h"
#include "tools/attune/Compiler.h"
#include "tools/attune/Report.h"
#include "tools/attune/Signature.h"
#include "tools/attune/Verbs.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir;

namespace attune::tool {

/// A line for each input, output and name of a model, with its shape.
static void printShapes(func::FuncOp model, StringRef names) {
  Signature signature = Signature::of(model);
  outs() << "model " << signature.model << "\n";
  for (const TensorInfo &input : signature.inputs)
    outs() << "  input " << input.name << ": " << input.str() << "\n";
  outs() << names;
  for (const TensorInfo &output : signature.outputs)
    outs() << "  output " << output.name << ": " << output.str() << "\n";
}

static int runCheck(const Arguments &arguments) {
  if (arguments.positional.size() != 1)
    return userError("T0011", "`attune check` takes one file",
                     "usage: attune check FILE.attn");
  Compiler compiler(arguments);
  StringMap<std::string> names; // by model
  OwningOpRef<ModuleOp> module = compiler.importSpec(
      arguments.positional[0],
      [&](StringRef model, StringRef kind, StringRef name, StringRef type) {
        names[model] += ("  " + kind + " " + name + ": " + type + "\n").str();
      });
  if (!module)
    return BadInput;
  if (failed(mlir::verify(*module)))
    return internalError("the front end made an invalid module");
  if (arguments.has("--shapes"))
    for (func::FuncOp model : modelsOf(*module))
      printShapes(model, names[model.getName()]);
  return Done;
}

static constexpr Option options[] = {
    {"--shapes", "",
     "print the shapes of each model's inputs, names and outputs"},
    {"--diag-format", "KIND", "diagnostics as text (default), json or sarif"},
};

const Verb checkVerb = {"check", "[OPTION]... FILE.attn",
                        "Parses and type-checks a spec file.", options,
                        runCheck};

} // namespace attune::tool
