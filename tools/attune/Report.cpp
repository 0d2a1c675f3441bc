#include "tools/attune/Report.h"
#include "tools/attune/Options.h"
#include "tools/attune/Sarif.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace attune::tool {

static DiagnosticFormat format = DiagnosticFormat::Text;
static std::optional<Place> placeOfScope;
static SarifLog sarif;

void setDiagnosticFormat(DiagnosticFormat chosen) { format = chosen; }
DiagnosticFormat diagnosticFormat() { return format; }

void finishDiagnostics() {
  if (format == DiagnosticFormat::Sarif)
    sarif.print(errs());
}

PlaceScope::PlaceScope(Place place) { placeOfScope = std::move(place); }
PlaceScope::~PlaceScope() { placeOfScope.reset(); }

/// Text from outside (file names, options) must not move the cursor or hide
/// what it says: control bytes and everything outside ASCII are escaped.
static std::string printable(const Twine &text) {
  std::string result;
  raw_string_ostream os(result);
  for (unsigned char c : text.str()) {
    if (c >= 0x20 && c < 0x7f)
      os << c;
    else
      os << "\\x" << hexdigit(c >> 4, true) << hexdigit(c & 15, true);
  }
  return result;
}

namespace {
/// One line of JSON. Every key is always there, so that readers need not ask.
class JsonLine {
public:
  /// A null code: what the line says has none.
  JsonLine(std::optional<StringRef> code, StringRef severity,
           const std::optional<Place> &place, const Twine &message) {
    object["code"] = code ? json::Value(*code) : json::Value(nullptr);
    object["severity"] = severity;
    setText(place, message);
    object["notes"] = json::Array();
    object["help"] = json::Array();
  }
  /// A note of another line.
  JsonLine(const std::optional<Place> &place, const Twine &message) {
    setText(place, message);
  }

  void note(JsonLine note) {
    object["notes"].getAsArray()->push_back(std::move(note.object));
  }
  void help(const Twine &text) {
    object["help"].getAsArray()->push_back(valid(text.str()));
  }
  void set(StringRef key, StringRef value) { object[key] = valid(value); }
  void print() {
    if (format == DiagnosticFormat::Sarif)
      sarif.add(object);
    else
      errs() << json::Value(std::move(object)) << "\n";
  }

private:
  /// JSON is UTF-8; names of files need not be.
  static std::string valid(StringRef text) { return json::fixUTF8(text); }

  void setText(const std::optional<Place> &place, const Twine &message) {
    object["message"] = valid(message.str());
    object["file"] = place ? json::Value(valid(place->file)) : nullptr;
    object["line"] = place ? json::Value(place->line) : nullptr;
    object["column"] = place ? json::Value(place->column) : nullptr;
    object["span"] = nullptr;
    if (place && place->span)
      object["span"] = json::Object{{"begin", place->span->begin},
                                    {"end", place->span->end},
                                    {"end_line", place->span->endLine},
                                    {"end_column", place->span->endColumn}};
  }

  json::Object object;
};
} // namespace

int userError(StringRef code, const Twine &message, const Twine &help,
              const std::optional<Place> &own) {
  const std::optional<Place> &place = own ? own : placeOfScope;
  std::string helpText = help.str();
  if (format != DiagnosticFormat::Text) {
    JsonLine line(code, "error", place, message);
    if (!helpText.empty())
      line.help(helpText);
    line.print();
    return BadInput;
  }
  errs() << "error[" << code << "]: ";
  if (place)
    errs() << printable(place->str()) << ": ";
  errs() << printable(message) << "\n";
  if (!helpText.empty())
    errs() << "   = help: " << printable(helpText) << "\n";
  return BadInput;
}

int internalError(const Twine &message, StringRef reproducer) {
  static constexpr StringRef help =
      "this is a fault of attune: please report it";
  if (format != DiagnosticFormat::Text) {
    JsonLine line("internal", "error", std::nullopt, message);
    if (!reproducer.empty())
      line.note({std::nullopt, "a reproducer was written to " + reproducer});
    line.help(help);
    line.print();
    return InternalError;
  }
  errs() << "internal error: " << printable(message) << "\n";
  if (!reproducer.empty())
    errs() << "   = note: a reproducer was written to " << reproducer << "\n";
  errs() << "   = help: " << help << "\n";
  return InternalError;
}

bool internalDetail(const Twine &message, const std::optional<Place> &place) {
  if (format == DiagnosticFormat::Text)
    return false;
  JsonLine("internal", "error", place, message).print();
  return true;
}

static std::optional<Place> placeOf(const frontend::Sources &sources,
                                    std::optional<frontend::Span> span) {
  return span ? std::optional(Place::of(sources, *span)) : std::nullopt;
}

void printDiagnostics(const frontend::Diagnostics &diagnostics,
                      const frontend::Sources &sources) {
  if (format == DiagnosticFormat::Text)
    return diagnostics.print(errs(), sys::Process::StandardErrHasColors());
  for (const frontend::Diagnostic &diagnostic : diagnostics.all()) {
    const frontend::DiagnosticInfo &info =
        frontend::allDiagnostics()[unsigned(diagnostic.id)];
    bool isError = info.severity == frontend::Severity::Error;
    JsonLine line(info.code, isError ? "error" : "warning",
                  placeOf(sources, diagnostic.span), diagnostic.title);
    for (const frontend::Diagnostic::Note &note : diagnostic.notes) {
      if (note.isHelp)
        line.help(note.text);
      else
        line.note({placeOf(sources, note.span), note.text});
    }
    line.print();
  }
  if (diagnostics.errorCount() > frontend::Diagnostics::limit)
    JsonLine(
        std::nullopt, "error", std::nullopt,
        "too many errors: " +
            Twine(diagnostics.errorCount() - frontend::Diagnostics::limit) +
            " more not shown")
        .print();
}

void printRemark(StringRef category, StringRef kind, StringRef name,
                 StringRef message, const std::optional<Place> &place) {
  if (format != DiagnosticFormat::Text) {
    JsonLine line(category, "remark", place, message);
    line.set("kind", kind);
    line.set("name", name);
    line.print();
    return;
  }
  if (place)
    errs() << printable(place->str()) << ": ";
  errs() << "remark[" << category << "]: " << kind << ": " << printable(message)
         << " (" << name << ")\n";
}

} // namespace attune::tool
