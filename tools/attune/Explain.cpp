/// attune explain: the long form of a diagnostic's code.
#include "tools/attune/Explain.h"
#include "frontend/Diagnostics.h"
#include "tools/attune/Report.h"
#include "tools/attune/Verbs.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace attune::tool {

namespace {
struct Code {
  StringRef code, title, text;
};
} // namespace

static constexpr Code codes[] = {
#define CODE(CODE, TITLE, TEXT) {CODE, TITLE, TEXT},
#include "tools/attune/Codes.def"
};

/// A title with "..." for what a message fills in: "`{}` is not used".
static std::string titleOf(StringRef format) {
  std::string title;
  while (!format.empty()) {
    if (format.consume_front("{{")) {
      title += "{";
    } else if (format.consume_front("}}")) {
      title += "}";
    } else if (format.front() == '{') {
      format = format.drop_front(format.find('}') + 1);
      title += "...";
    } else {
      title += format.front();
      format = format.drop_front();
    }
  }
  return title;
}

std::optional<Explanation> explain(StringRef code) {
  if (const frontend::DiagnosticInfo *info = frontend::findDiagnostic(code))
    return Explanation{info->code.str(),
                       info->severity == frontend::Severity::Error ? "error"
                                                                   : "warning",
                       titleOf(info->format), info->explanation.str()};
  for (const Code &known : codes)
    if (known.code.equals_insensitive(code))
      return Explanation{known.code.str(), "error", known.title.str(),
                         known.text.str()};
  return std::nullopt;
}

/// Breaks at spaces before column 80.
static void printWrapped(StringRef text) {
  size_t column = 0;
  for (StringRef word : split(text, ' ')) {
    if (column && column + 1 + word.size() > 80) {
      outs() << "\n";
      column = 0;
    }
    outs() << (column ? " " : "") << word;
    column += (column ? 1 : 0) + word.size();
  }
  outs() << "\n";
}

static int runExplain(const Arguments &arguments) {
  if (arguments.positional.empty()) {
    for (const frontend::DiagnosticInfo &info : frontend::allDiagnostics())
      outs() << info.code << "  " << titleOf(info.format) << "\n";
    for (const Code &code : codes)
      outs() << code.code << "  " << code.title << "\n";
    return Done;
  }
  for (StringRef code : arguments.positional) {
    std::optional<Explanation> found = explain(code);
    if (!found)
      return userError("T0029", "there is no diagnostic `" + code + "`",
                       "`attune explain` lists all codes");
    outs() << found->severity << "[" << found->code << "]: " << found->title
           << "\n\n";
    printWrapped(found->text);
  }
  return Done;
}

static constexpr Option options[] = {
    {"--diag-format", "KIND", "diagnostics as text (default), json or sarif"},
};

const Verb explainVerb = {"explain", "[CODE]...",
                          "Explains the code of a diagnostic.\n"
                          "Without a code it lists all.",
                          options, runExplain};

} // namespace attune::tool
