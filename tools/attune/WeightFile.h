/// The weights of a file as the oracle's arrays, by name.
#ifndef ATTUNE_TOOLS_WEIGHTFILE_H
#define ATTUNE_TOOLS_WEIGHTFILE_H

#include "attune/attune.h"
#include "reference/Array.h"
#include "tools/attune/Library.h"
#include "llvm/ADT/StringMap.h"
#include <memory>
#include <string>

namespace attune::tool {

/// An open weight file. Every name is looked up with `prefix` before it.
class WeightFile {
public:
  WeightFile(std::string prefix);
  ~WeightFile();

  /// Nonzero: the C code, with `error` filled.
  int open(const std::string &path, attune_error &error);

  /// A weight that no file holds: found and given under `name`.
  void add(llvm::StringRef name, reference::Array array) {
    made.insert_or_assign(name, std::move(array));
  }

  /// The tensor `prefix + name`, floats widened; null when the file has none.
  const reference::Array *find(llvm::StringRef name);

  /// The names of the open file's tensors that begin with the prefix, without
  /// it.
  std::vector<std::string> names() const;

  /// Gives `library` each of its weights; `names` are those that it lists.
  int give(Library &library, llvm::ArrayRef<std::string> names,
           attune_error &error);

private:
  struct File;
  std::string prefix;
  std::unique_ptr<File> file;
  llvm::StringMap<reference::Array> arrays, made;
};

} // namespace attune::tool

#endif
