/// Diagnostics as a SARIF 2.1.0 log, which editors and code reviews read.
#ifndef ATTUNE_TOOLS_SARIF_H
#define ATTUNE_TOOLS_SARIF_H

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace attune::tool {

class SarifLog {
public:
  /// A diagnostic as --diag-format=json writes it.
  void add(const llvm::json::Object &diagnostic);

  /// One document with one run.
  void print(llvm::raw_ostream &os);

private:
  llvm::json::Array results;
  llvm::json::Object rules; ///< by code
};

} // namespace attune::tool

#endif
