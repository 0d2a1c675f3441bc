/// How the tool speaks to its user: diagnostics with a code, notes and help on
/// standard error, results on standard output.
#ifndef ATTUNE_TOOLS_REPORT_H
#define ATTUNE_TOOLS_REPORT_H

#include "tools/attune/Place.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

namespace attune::tool {

/// How diagnostics are written: for people, one JSON object a line, or one
/// SARIF document at the end (docs/tools.md).
enum class DiagnosticFormat { Text, Json, Sarif };

/// Sets it for the process; Text until then.
void setDiagnosticFormat(DiagnosticFormat format);
DiagnosticFormat diagnosticFormat();

/// Writes what is only written at the end of the process: call it once.
void finishDiagnostics();

/// `error[code]: place: message` and a line of help if there is one. Returns
/// BadInput, so that a verb can end with `return userError(...)`.
int userError(llvm::StringRef code, const llvm::Twine &message,
              const llvm::Twine &help = "",
              const std::optional<Place> &place = std::nullopt);

/// While it lives, errors without a place of their own are at `place`: that of
/// the test that runs, say.
class PlaceScope {
public:
  explicit PlaceScope(Place place);
  ~PlaceScope();
};

/// A fault of Attune itself, never the user's. Says where the reproducer is (if
/// its path is not empty). Returns InternalError.
int internalError(const llvm::Twine &message, llvm::StringRef reproducer = "");

/// What led to an internal error, as one more line. False where the format is
/// text: MLIR's own words show it better.
bool internalDetail(const llvm::Twine &message,
                    const std::optional<Place> &place);

/// What the front end has to say about a spec.
void printDiagnostics(const frontend::Diagnostics &diagnostics,
                      const frontend::Sources &sources);

/// A decision of the compiler: `kind` is "passed" or "missed", `name` what was
/// tried.
void printRemark(llvm::StringRef category, llvm::StringRef kind,
                 llvm::StringRef name, llvm::StringRef message,
                 const std::optional<Place> &place);

} // namespace attune::tool

#endif
