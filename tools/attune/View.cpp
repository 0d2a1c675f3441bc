/// attune view: attention maps, masks, weights and arrays as pictures.
#include "tools/attune/ArrayFile.h"
#include "tools/attune/Report.h"
#include "tools/attune/Verbs.h"
#include "tools/attune/ViewArrays.h"
#include "tools/attune/ViewAttends.h"
#include "tools/attune/WeightFile.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using attune::reference::Array;

namespace attune::tool {

static int viewArrayFile(ViewOptions &options) {
  std::optional<TypedArray> file = readTypedArray(options.name, "--array");
  return file ? drawArray(file->array, sys::path::filename(options.name), {},
                          options)
              : int(BadInput);
}

/// What the user may have meant: a weight of that name inside of a module, one
/// that is spelled alike, or any.
static std::string suggestWeight(StringRef name,
                                 ArrayRef<std::string> weights) {
  SmallVector<StringRef> known(weights.begin(), weights.end());
  StringRef meant = nearest(name, known);
  for (StringRef weight : known)
    if (weight.ends_with(("." + name).str()))
      meant = weight;
  if (!meant.empty())
    return ("did you mean `" + meant + "`?").str();
  std::string text = known.empty() ? "it has none" : "it has ";
  for (size_t i = 0; i < std::min<size_t>(known.size(), 6); ++i)
    text += (i ? ", " : "") + known[i].str();
  return text + (known.size() > 6 ? ", ..." : "");
}

static int viewWeight(const Arguments &arguments, ViewOptions &options) {
  WeightFile file(arguments.get("--weights-prefix").value_or(""));
  attune_error error = {};
  std::string path = *arguments.get("--weights");
  if (file.open(path, error))
    return userError("T0504", error.message);
  if (const Array *array = file.find(options.name))
    return drawArray(*array, options.name, {}, options);
  return userError("T0504",
                   path + " has no weight `" + options.name +
                       "` of f32, f16 or bf16",
                   suggestWeight(options.name, file.names()));
}

static int viewModel(const Arguments &arguments, ViewOptions &options) {
  std::optional<int64_t> seed;
  if (std::optional<std::string> text = arguments.get("--seed")) {
    seed = parseInteger(*text, 0, INT64_MAX);
    if (!seed)
      return userError("T0503",
                       "`--seed=" + *text + "` is no number from 0 on");
  }
  Compiler compiler(arguments);
  Session session(arguments, compiler);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      compiler.importSpec(arguments.positional[0]);
  if (!module)
    return BadInput;
  if (int code = session.prepare(std::move(module)))
    return code;
  if (options.subject == Subject::Mask)
    return viewMasks(session, options);
  if (int code = session.openWeights(seed))
    return code;
  return options.subject == Subject::Output
             ? viewOutput(session, options)
             : viewProbabilities(session, options);
}

static int runView(const Arguments &arguments) {
  ViewOptions options;
  if (int code = options.read(arguments))
    return code;
  switch (options.subject) {
  case Subject::Array:
    return viewArrayFile(options);
  case Subject::Weight:
    return viewWeight(arguments, options);
  default:
    return viewModel(arguments, options);
  }
}

static constexpr Option options[] = {
    {"-o", "FILE", "the picture: .png or .svg"},
    {"--probs", "", "attention maps of every attend (default)"},
    {"--mask", "", "tiles of every attend's mask: empty, full or partial"},
    {"--output", "NAME", "an output of the model"},
    {"--weight", "NAME", "a weight of the file --weights; no spec"},
    {"--array", "FILE", "an array from a .npy file; no spec"},
    {"--index", "LIST", "of an array's leading axes: 0 or 0,3"},
    {"--curves", "", "draw an array's columns as curves over its first axis"},
    {"--columns", "LIST", "of the curves: 4,5 or 4-7 (default: up to six)"},
    {"--attends", "LIST", "of the attention maps: 0,2-4"},
    {"--heads", "LIST", "of each attend: 0,2-4"},
    {"--batch", "N", "element of the batch (default 0)"},
    {"--tokens", "FILE",
     "labels, one a line, of the axes with as many positions; DIM=FILE: of\n"
     "                              that dim's axes; may be repeated"},
    {"--range", "LOW:HIGH", "ends of the colour scale"},
    {"--title", "TEXT", "another title"},
    {"--weights", "FILE", "weights in safetensors format"},
    {"--weights-prefix", "TEXT",
     "what the file puts before each weight's name"},
    {"--seed", "N", "random weights where no file is given"},
    {"--input", "NAME=VALUE", "as `attune run` takes it"},
    {"--dim", "NAME=N", "size of a dim, for generated inputs"},
    {"--cpu", "NAME", "machine whose tiles --mask draws (default: native)"},
    {"--model", "NAME", "the model to run, if the file has several"},
    {"--diag-format", "KIND", "diagnostics as text (default), json or sarif"},
};

const Verb viewVerb = {"view", "[OPTION]... [FILE.attn] -o PICTURE",
                       "Draws attention maps, weights and arrays.", options,
                       runView};

} // namespace attune::tool
