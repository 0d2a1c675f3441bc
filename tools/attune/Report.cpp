#include "tools/attune/Report.h"
#include "tools/attune/Options.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace attune::tool {

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

int userError(StringRef code, const Twine &message, const Twine &help) {
  errs() << "error[" << code << "]: " << printable(message) << "\n";
  std::string helpText = printable(help);
  if (!helpText.empty())
    errs() << "   = help: " << helpText << "\n";
  return BadInput;
}

int internalError(const Twine &message, StringRef reproducer) {
  errs() << "internal error: " << printable(message) << "\n";
  if (!reproducer.empty())
    errs() << "   = note: a reproducer was written to " << reproducer << "\n";
  errs() << "   = help: this is a fault of attune: please report it\n";
  return InternalError;
}

} // namespace attune::tool
