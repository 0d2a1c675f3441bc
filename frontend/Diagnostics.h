//===- Diagnostics.h - Messages to the author of a spec ---------*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_DIAGNOSTICS_H
#define ATTUNE_FRONTEND_DIAGNOSTICS_H

#include "frontend/Source.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/raw_ostream.h"
#include <fmt/format.h>

#include <optional>
#include <utility>

namespace attune::frontend {

enum class Severity { Error, Warning };

/// One entry for each line of Diagnostics.def.
enum class Diag {
#define DIAGNOSTIC(NAME, CODE, SEVERITY, FORMAT, EXPLANATION) NAME,
#include "frontend/Diagnostics.def"
};

/// A row of the table.
struct DiagnosticInfo {
  Diag id;
  llvm::StringRef name; ///< as in Diagnostics.def
  llvm::StringRef code; ///< "A0204"
  Severity severity;
  llvm::StringRef format;      ///< fmt format of the title
  llvm::StringRef explanation; ///< long form, with an example
};

/// All rows in order of their code.
llvm::ArrayRef<DiagnosticInfo> allDiagnostics();
/// The row of a code such as "A0204"; null when there is none.
const DiagnosticInfo *findDiagnostic(llvm::StringRef code);

/// A message with its notes and helps.
struct Diagnostic {
  Diag id;
  std::string title;
  std::optional<Span> span;
  struct Note {
    bool isHelp;
    std::string text;
    std::optional<Span> span;
  };
  std::vector<Note> notes;
};

/// Adds notes and helps to a message that was just reported.
class DiagnosticBuilder {
public:
  explicit DiagnosticBuilder(Diagnostic *diagnostic) : diagnostic(diagnostic) {}
  DiagnosticBuilder &note(std::string text, std::optional<Span> span = {}) {
    if (diagnostic)
      diagnostic->notes.push_back({false, std::move(text), span});
    return *this;
  }
  DiagnosticBuilder &help(std::string text) {
    if (diagnostic)
      diagnostic->notes.push_back({true, std::move(text), {}});
    return *this;
  }

private:
  Diagnostic *diagnostic; // null: beyond the limit, dropped
};

/// Collects the messages of a compilation, at most `limit` errors.
class Diagnostics {
public:
  static constexpr unsigned limit = 20;

  explicit Diagnostics(const Sources &sources) : sources(sources) {}

  /// Reports `id` at `span`; `arguments` fill the title's `{}`.
  template <typename... Arguments>
  DiagnosticBuilder report(Diag id, std::optional<Span> span,
                           const Arguments &...arguments) {
    return add(id, span,
               fmt::format(fmt::runtime(std::string(
                               allDiagnostics()[unsigned(id)].format)),
                           arguments...));
  }

  /// While it lives, an error says that it is in what `span` calls: in a block
  /// of a library, the author's own line is that one.
  class Within {
  public:
    Within(Diagnostics &diagnostics, std::string callee, Span span)
        : diagnostics(diagnostics) {
      diagnostics.calls.push_back({false, std::move(callee), span});
    }
    Within(const Within &) = delete;
    Within &operator=(const Within &) = delete;
    ~Within() { diagnostics.calls.pop_back(); }

  private:
    Diagnostics &diagnostics;
  };

  using Calls = std::vector<Diagnostic::Note>;
  /// The calls that errors are in, the outermost first.
  const Calls &activeCalls() const { return calls; }
  /// Puts `other` in their place; what they were.
  Calls exchangeCalls(Calls other) {
    return std::exchange(calls, std::move(other));
  }

  unsigned errorCount() const { return errors; }
  bool hasErrors() const { return errors != 0; }
  llvm::ArrayRef<Diagnostic> all() const { return diagnostics; }

  /// Writes every message as text: code, place, line with carets, notes.
  void print(llvm::raw_ostream &os, bool color) const;

private:
  DiagnosticBuilder add(Diag id, std::optional<Span> span, std::string title);
  void printLine(llvm::raw_ostream &os, Span span, bool color) const;

  const Sources &sources;
  std::vector<Diagnostic> diagnostics;
  Calls calls;
  unsigned errors = 0;
};

/// Control, bidirectional and invalid characters of `text` as visible escapes.
std::string escapeForDisplay(llvm::StringRef text);

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_DIAGNOSTICS_H
