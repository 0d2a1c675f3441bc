/// How the tool speaks to its user: diagnostics with a code, notes and help on
/// standard error, results on standard output.
#ifndef ATTUNE_TOOLS_REPORT_H
#define ATTUNE_TOOLS_REPORT_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

namespace attune::tool {

/// `error[code]: message` and a line of help if there is one. Returns BadInput,
/// so that a verb can end with `return userError(...)`.
int userError(llvm::StringRef code, const llvm::Twine &message,
              const llvm::Twine &help = "");

/// A fault of Attune itself, never the user's. Says where the reproducer is (if
/// its path is not empty). Returns InternalError.
int internalError(const llvm::Twine &message, llvm::StringRef reproducer = "");

} // namespace attune::tool

#endif
