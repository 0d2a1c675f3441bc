/// attune: the command of the compiler. Finds the verb and calls it.
#include "tools/attune/Report.h"
#include "tools/attune/Verbs.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace attune::tool;

static const Verb *const verbs[] = {&checkVerb,   &buildVerb,  &runVerb,
                                    &testVerb,    &cmpVerb,    &viewVerb,
                                    &targetsVerb, &explainVerb};

static void printUsage(raw_ostream &os) {
  os << "usage: attune VERB [OPTION]... FILE\n\n"
        "A compiler for attention-like models: a spec file becomes a library.\n"
        "\nverbs:\n";
  for (const Verb *verb : verbs) {
    os << "  " << verb->name;
    os.indent(10 - verb->name.size())
        << verb->summary.take_until([](char c) { return c == '\n'; }) << "\n";
  }
  os << "\n`attune VERB --help` describes a verb and its options.\n"
        "exit codes: 0 done, 1 a check or comparison said no, 2 the input is\n"
        "wrong, 3 internal error\n";
}

/// Diagnostics of the command line itself follow --diag-format, too, wherever
/// it stands. False: a diagnostic was printed.
static bool chooseFormat(ArrayRef<const char *> words) {
  for (size_t i = 0; i < words.size(); ++i) {
    auto [name, value] = StringRef(words[i]).split('=');
    if (name == "--")
      return true;
    if (name != "--diag-format")
      continue;
    if (value.empty() && i + 1 < words.size())
      value = words[i + 1];
    auto format = StringSwitch<std::optional<DiagnosticFormat>>(value)
                      .Case("text", DiagnosticFormat::Text)
                      .Case("json", DiagnosticFormat::Json)
                      .Case("sarif", DiagnosticFormat::Sarif)
                      .Default(std::nullopt);
    if (!format) {
      userError("T0024", "unknown format `--diag-format=" + value + "`",
                "known are text, json and sarif");
      return false;
    }
    setDiagnosticFormat(*format);
  }
  return true;
}

static int run(int argc, char **argv) {
  if (argc < 2) {
    printUsage(errs());
    return BadInput;
  }
  StringRef name = argv[1];
  if (name == "--help" || name == "-h" || name == "help") {
    printUsage(outs());
    return Done;
  }
  if (name == "--version") {
    outs() << "attune " ATTUNE_VERSION "\n";
    return Done;
  }
  if (!chooseFormat(ArrayRef(argv + 2, argv + argc)))
    return BadInput;
  for (const Verb *verb : verbs) {
    if (verb->name != name)
      continue;
    ArrayRef<const char *> rest(argv + 2, argv + argc);
    if (any_of(rest, [](StringRef a) { return a == "--help" || a == "-h"; })) {
      printHelp(*verb);
      return Done;
    }
    std::optional<Arguments> arguments = parseArguments(*verb, rest);
    return arguments ? verb->run(*arguments) : int(BadInput);
  }
  SmallVector<StringRef> names;
  for (const Verb *verb : verbs)
    names.push_back(verb->name);
  StringRef meant = nearest(name, names);
  return userError("T0001", "unknown verb `" + name + "`",
                   meant.empty() ? Twine("`attune --help` lists the verbs")
                                 : "did you mean `attune " + meant + "`?");
}

int main(int argc, char **argv) {
  int code = run(argc, argv);
  finishDiagnostics();
  return code;
}
