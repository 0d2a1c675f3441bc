/// attune build: compiles a spec to a library, or to any stage on the way.
#include "tools/attune/Compiler.h"
#include "tools/attune/EmitFile.h"
#include "tools/attune/Report.h"
#include "tools/attune/Verbs.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir;

namespace attune::tool {

/// What to write, from --emit, -c, -S and --until-after. Empty: a diagnostic
/// was printed.
static std::optional<EmitKind> chooseKind(const Arguments &arguments) {
  std::optional<std::string> emit = arguments.get("--emit");
  if (arguments.has("-c") + arguments.has("-S") + emit.has_value() > 1) {
    userError("T0012", "-c, -S and --emit exclude each other");
    return std::nullopt;
  }
  if (arguments.has("-c"))
    emit = "obj";
  else if (arguments.has("-S"))
    emit = "asm";
  else if (!emit)
    emit = arguments.has("--until-after") ? "attune" : "so";
  SmallVector<StringRef> names;
  for (const EmitKindInfo &info : allEmitKinds()) {
    names.push_back(info.name);
    if (info.name != *emit)
      continue;
    if (arguments.has("--until-after") && info.kind != EmitKind::Attune) {
      userError("T0013", "--until-after stops before `" + *emit + "` is made",
                "leave --emit out, or write --emit=attune");
      return std::nullopt;
    }
    return info.kind;
  }
  StringRef meant = nearest(*emit, names);
  userError("T0014", "cannot emit `" + *emit + "`",
            meant.empty() ? "the kinds are " + join(names, ", ")
                          : "did you mean `" + meant.str() + "`?");
  return std::nullopt;
}

/// decoder.attn: libdecoder.so, decoder.o, ...; IR goes to standard output.
static std::string defaultOutput(StringRef input, EmitKind kind) {
  StringRef stem = sys::path::stem(input);
  switch (kind) {
  case EmitKind::Attune:
    return "-";
  case EmitKind::SharedLibrary:
    return ("lib" + stem + ".so").str();
  default:
    return (stem + allEmitKinds()[unsigned(kind)].ending).str();
  }
}

/// A library called `x.h` would be written over by what goes beside it, and
/// `x.o` is asked for by who forgot -c.
static int checkLibraryName(StringRef path) {
  StringRef ending = sys::path::extension(path);
  for (const EmitKindInfo &info : allEmitKinds())
    if (info.kind != EmitKind::SharedLibrary && info.ending == ending)
      return userError("T0013", "`" + path + "` is no name of a library",
                       "write --emit=" + info.name + ", or -o libNAME.so");
  return Done;
}

/// A file name in a rule of make.
static std::string makeName(StringRef name) {
  std::string text;
  for (char c : name) {
    if (StringRef(" #\\").contains(c))
      text += '\\';
    text += c == '$' ? "$$" : std::string(1, c);
  }
  return text;
}

/// The rule of make that says what `output` was made of: -MD, -MF.
static int writeDependencies(const Arguments &arguments, StringRef output,
                             ArrayRef<std::string> files) {
  if (output == "-" && !arguments.has("-MF"))
    return userError("T0013", "-MD has no file to stand beside",
                     "pass -MF FILE");
  SmallString<128> beside(output);
  sys::path::replace_extension(beside, ".d");
  std::string path = arguments.get("-MF").value_or(beside.str().str());
  std::string text = makeName(output) + ":";
  for (const std::string &file : files)
    text += " \\\n  " + makeName(file);
  return writeText(path, text + "\n");
}

static int runBuild(const Arguments &arguments) {
  if (arguments.positional.size() != 1)
    return userError("T0011", "`attune build` takes one file",
                     "usage: attune build FILE.attn -o libNAME.so");
  std::optional<EmitKind> kind = chooseKind(arguments);
  if (!kind)
    return BadInput;
  const Stage *last = &allStages().back(), *until = last, *from = nullptr;
  if (std::optional<std::string> name = arguments.get("--until-after"))
    if (!(until = findStage(*name)))
      return BadInput;
  if (std::optional<std::string> name = arguments.get("--from"))
    if (!(from = findStage(*name)))
      return BadInput;
  if (*kind == EmitKind::Attune && until == last &&
      !arguments.has("--until-after"))
    until = from ? from : findStage("import");
  if (from && until < from)
    return userError("T0013", "--until-after=" + until->name +
                                  " stops before --from=" + from->name +
                                  " starts");
  StringRef input = arguments.positional[0];
  std::string output =
      arguments.get("-o").value_or(defaultOutput(input, *kind));
  if (*kind == EmitKind::SharedLibrary)
    if (int code = checkLibraryName(output))
      return code;

  Compiler compiler(arguments);
  OwningOpRef<ModuleOp> module;
  compiler.timed("read", [&] {
    module =
        from ? compiler.readDump(input, *from) : compiler.importSpec(input);
    return Done;
  });
  if (!module)
    return BadInput;
  // After the last stage models are functions of LLVM: all of them or none.
  if (from == last && arguments.has("--model"))
    return userError("T0023", "--model cannot choose after stage `lower`",
                     "choose when the dump is made");
  if (from != last &&
      !compiler.selectModel(*module, arguments.get("--model"), false))
    return BadInput;
  if (int code = compiler.setTarget(*module, from))
    return code;
  if (int code = compiler.runStages(*module, from, until))
    return code;
  if (int code = compiler.timed(
          "emit", [&] { return emitFile(*module, *kind, output); }))
    return code;
  return arguments.has("-MD") || arguments.has("-MF")
             ? writeDependencies(arguments, output, compiler.files())
             : int(Done);
}

static constexpr Option options[] = {
    {"-o", "FILE", "where to write (- is standard output)"},
    {"-c", "", "write an object file: --emit=obj"},
    {"-S", "", "write assembly: --emit=asm"},
    {"--emit", "KIND",
     "attune, llvm, asm, obj, so (default), header, manifest, python; of the "
     "kernels of a GPU: ptx, nvvm, cubin"},
    {"--until-after", "STAGE", "stop after this stage and write its IR"},
    {"--from", "STAGE", "FILE is IR as this stage leaves it"},
    {"--dump-stages", "DIR", "write the IR after each stage to DIR"},
    {"--target", "KIND", "cpu (default) or cuda"},
    {"--sm", "NUMBER", "GPU for --target=cuda: 80 (default), 86, 89, 90"},
    {"--cpu", "NAME", "machine: native (default), x86-64, haswell, znver5"},
    {"--model", "NAME", "compile this model only"},
    {"-MD", "", "also write which files the spec is made of, for make: FILE.d"},
    {"-MF", "FILE", "the same, to this file"},
    {"--time", "", "print how long each stage took"},
    {"--remarks", "LIST",
     "print decisions: fuse, mask; passed, missed; or all of them"},
    {"-R", "CATEGORY", "the same, as in -Rmask -Rmissed", /*joined=*/true},
    {"--diag-format", "KIND", "diagnostics as text (default), json or sarif"},
};

const Verb buildVerb = {
    "build", "[OPTION]... FILE.attn",
    "Compiles a spec to a shared library with its C header and manifest.",
    options, runBuild};

} // namespace attune::tool
