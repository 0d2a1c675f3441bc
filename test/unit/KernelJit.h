//===- KernelJit.h - Runs hand-written kernels in this process ------------===//
//
// Tests of codegen/cpu without the rest of the compiler: IR with attune.kernel
// goes through the passes of codegen/cpu and upstream conversions into a JIT.
// Parallel loops run one task after the other.
//
//===----------------------------------------------------------------------===//

#ifndef ATTUNE_TEST_UNIT_KERNELJIT_H
#define ATTUNE_TEST_UNIT_KERNELJIT_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace attune::test {

/// An array that compiled code can take as a memref with an identity layout or,
/// with `strides`, any layout.
struct Array {
  std::vector<int64_t> shape;
  std::vector<int64_t> strides; // in elements
  void *data;

  template <typename T>
  Array(std::vector<int64_t> shape, std::vector<T> &storage)
      : Array(std::move(shape), {}, storage.data()) {}
  Array(std::vector<int64_t> shape, std::vector<int64_t> strides, void *data);
};

class KernelJit {
public:
  /// Compiles a module for vectors of `width` floats. On failure `error()` says
  /// why, and nothing can be called.
  KernelJit(const std::string &ir, int64_t width);
  ~KernelJit();

  const std::string &error() const { return message; }
  /// Calls a function whose arguments are memrefs.
  void call(const std::string &name, const std::vector<Array> &arguments);
  /// Resolves a function to call it often (benchmarks).
  void *lookup(const std::string &name);
  static std::vector<std::vector<int64_t>>
  descriptors(const std::vector<Array> &arguments);

private:
  struct State;
  std::unique_ptr<State> state;
  std::string message;
};

} // namespace attune::test

#endif
