/// A compiled model in this process: opens the shared library and calls its C
/// functions, as a user's program would.
#ifndef ATTUNE_TOOLS_LIBRARY_H
#define ATTUNE_TOOLS_LIBRARY_H

#include "attune/attune.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace attune::tool {

/// The `<model>_*` functions of one shared library. Move only; closes on
/// destruction. Functions return a C code and fill `error`.
class Library {
public:
  Library() = default;
  Library(Library &&other);
  Library &operator=(Library &&other);
  ~Library();

  /// Opens `path`. False: `message` says why (not a library, no such model).
  bool open(llvm::StringRef path, llvm::StringRef model, std::string &message);

  int loadWeights(const std::string &path, attune_error &error);
  int newWeights(attune_error &error);
  int setWeight(const char *name, const attune_tensor &tensor,
                attune_error &error);
  int finishWeights(attune_error &error);
  int workspace(llvm::ArrayRef<int64_t> dims, size_t &bytes,
                attune_error &error);
  /// Inputs, then outputs. `tensors` has at most `maxTensors` entries.
  int run(llvm::ArrayRef<attune_tensor *> tensors, void *workspace,
          size_t bytes, const attune_call *call, attune_error &error);
  const char *manifest() const;

  static constexpr size_t maxTensors = 64;

private:
  void close();

  void *handle = nullptr;
  void *weights = nullptr;
  struct Functions {
    int (*load)(const char *, void **, attune_error *);
    int (*create)(void **, attune_error *);
    int (*set)(void *, const char *, const attune_tensor *, attune_error *);
    int (*finish)(void *, attune_error *);
    void (*free)(void *);
    int (*workspace)(const int64_t *, size_t *, attune_error *);
    void *run;
    const char *(*manifest)();
  } functions = {};
};

} // namespace attune::tool

#endif
