/// The command line: one table of options for each verb, parsed by hand so that
/// `--help` shows our options only and typing errors get a suggestion.
#ifndef ATTUNE_TOOLS_OPTIONS_H
#define ATTUNE_TOOLS_OPTIONS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>
#include <utility>

namespace attune::tool {

/// Exit codes of every verb.
enum ExitCode { Done = 0, SaidNo = 1, BadInput = 2, InternalError = 3 };

/// One option. `value` is the placeholder of its value in the help text; empty
/// for a flag. `joined`: the value follows the name at once, as in `-Rmask`.
struct Option {
  llvm::StringRef name, value, help;
  bool joined = false;
};

/// What the user typed after the verb, names resolved against a table.
class Arguments {
public:
  llvm::SmallVector<std::string> positional;

  bool has(llvm::StringRef name) const;
  /// The last value given, so that scripts can override what they prepend to.
  std::optional<std::string> get(llvm::StringRef name) const;
  llvm::SmallVector<std::string> all(llvm::StringRef name) const;
  void add(llvm::StringRef name, llvm::StringRef value) {
    values.emplace_back(name.str(), value.str());
  }

private:
  llvm::SmallVector<std::pair<std::string, std::string>> values;
};

/// A verb of `attune`: its help text, options and function.
struct Verb {
  llvm::StringRef name, synopsis, summary;
  llvm::ArrayRef<Option> options;
  /// Returns an ExitCode.
  int (*run)(const Arguments &arguments);
};

/// Parses `argv` against the verb's table. On a mistake prints one diagnostic
/// and returns nothing.
std::optional<Arguments> parseArguments(const Verb &verb,
                                        llvm::ArrayRef<const char *> argv);

/// Prints what `attune VERB --help` shows to standard output.
void printHelp(const Verb &verb);

/// The candidate nearest to `word` if it is near enough to be meant, else "".
llvm::StringRef nearest(llvm::StringRef word,
                        llvm::ArrayRef<llvm::StringRef> candidates);

/// `text` as an integer, complete and within `min..=max`.
std::optional<int64_t> parseInteger(llvm::StringRef text, int64_t min,
                                    int64_t max);

} // namespace attune::tool

#endif
