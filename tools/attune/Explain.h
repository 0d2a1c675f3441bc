/// What codes of diagnostics mean.
#ifndef ATTUNE_TOOLS_EXPLAIN_H
#define ATTUNE_TOOLS_EXPLAIN_H

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace attune::tool {

/// A code of the language, the tools or the runtime.
struct Explanation {
  std::string code;     ///< "A0204"
  std::string severity; ///< "error" or "warning"
  std::string title;    ///< "..." stands for what a message fills in
  std::string text;     ///< the long form
};

/// What `code` means, in letters of any case; nothing for an unknown one.
std::optional<Explanation> explain(llvm::StringRef code);

} // namespace attune::tool

#endif
