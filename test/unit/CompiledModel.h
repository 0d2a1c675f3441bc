//===- CompiledModel.h - Hand-written memref IR as a shared library -------===//
//
// Tests of the stages realize, lower and emit without the rest of the compiler:
// IR as stage plan leaves it is built into a library, opened and called through
// its C functions.
//
//===----------------------------------------------------------------------===//

#ifndef ATTUNE_TEST_UNIT_COMPILEDMODEL_H
#define ATTUNE_TEST_UNIT_COMPILEDMODEL_H

#include "attune/attune.h"
#include <memory>
#include <string>
#include <vector>

namespace attune {
struct Target;
}

namespace attune::test {

/// An array and its description; elements are T, or uint8_t for booleans.
template <typename T> struct Tensor {
  Tensor(std::vector<int64_t> shape, std::vector<T> elements, uint8_t code)
      : shape(std::move(shape)), elements(std::move(elements)) {
    view = {this->elements.data(),
            1,
            0,
            int32_t(this->shape.size()),
            code,
            uint8_t(sizeof(T) * 8),
            1,
            this->shape.data(),
            nullptr,
            0};
  }
  Tensor(const Tensor &) = delete;
  std::vector<int64_t> shape;
  std::vector<T> elements;
  attune_tensor view;
};

class CompiledModel {
public:
  /// Compiles model `name` of a module; `error()` is empty when that worked.
  CompiledModel(const std::string &ir, const std::string &name,
                const Target &target);
  /// For vectors of 4 (SSE2), 8 (AVX2) or 16 (AVX-512) floats: `targetOf`.
  CompiledModel(const std::string &ir, const std::string &name, int width);
  ~CompiledModel();

  const std::string &error() const { return message; }
  const std::string &libraryPath() const { return path; }
  const std::string &header() const { return headerText; }
  const std::string &manifest() const { return manifestText; }
  const std::string &assembly() const { return assemblyText; }
  void *symbol(const std::string &suffix) const;

  /// Sets the weights; call before `run`. Returns the C code.
  int setWeights(const std::vector<std::pair<const char *, attune_tensor *>> &);
  /// Inputs, then outputs (2 to 4); with a workspace for `dims`. Returns the C
  /// code.
  int run(const std::vector<attune_tensor *> &tensors,
          const std::vector<int64_t> &dims);
  /// What `_weights_new` made; null before `setWeights`.
  void *weightsHandle() const { return weights; }
  attune_error lastError = {};

private:
  bool build(const std::string &ir, const Target &target);

  std::string name, message, path, headerText, manifestText, assemblyText;
  void *library = nullptr, *weights = nullptr;
};

/// The machine with vectors of `width` floats. For 16 on a machine without
/// AVX-512 it has the instructions of haswell: all but LLVM's choice of
/// instructions is the same, which splits the vectors.
Target targetOf(int width);

/// Whether this machine runs code for `targetOf(width)`.
bool canRun(int width);

/// `attributes`, `arguments` and `body` as a module with one model `m` whose
/// only dim is T, axis 0 of the first argument.
std::string modelText(const std::string &arguments, const std::string &body,
                      const std::string &attributes = "");

} // namespace attune::test

#endif
