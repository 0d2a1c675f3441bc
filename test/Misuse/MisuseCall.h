//===- MisuseCall.h - A right call of the built model -----------*- C++ -*-===//
//
// Tests start from a right call, make one thing wrong and expect a code, a
// message, untouched outputs and that the next right call gives right numbers.
//
//===----------------------------------------------------------------------===//
#ifndef ATTUNE_TEST_MISUSE_MISUSECALL_H
#define ATTUNE_TEST_MISUSE_MISUSECALL_H

#include "misuse.h"
#include "gtest/gtest.h"
#include <memory>
#include <string>
#include <vector>

namespace attune::test {

/// An array on the heap, exactly as large as its elements, so that a sanitizer
/// sees one byte too many; and the tensor that describes it.
struct CallArray {
  std::vector<int64_t> shape;
  std::unique_ptr<char[]> memory;
  size_t bytes = 0;
  attune_tensor tensor{};

  /// `code`, `bits`: DLPack. `name`: as in the model.
  CallArray(const char *name, std::vector<int64_t> shape, uint8_t code,
            uint8_t bits);
  CallArray(const CallArray &) = delete;

  template <typename T> T *as() { return reinterpret_cast<T *>(memory.get()); }
  int64_t count() const { return int64_t(bytes) / (tensor.bits / 8); }
  void fill(char byte);

  const char *name;
};

/// The weights of the model `misuse`, by their names.
struct CallWeights {
  CallWeights();
  /// The array of that name; fails the test where there is none.
  CallArray &operator[](const std::string &name);
  /// Weights made by new, set and finish. The caller frees them.
  misuse_weights *make() const;
  /// What a safetensors file of them holds.
  std::string file() const;

  std::vector<std::unique_ptr<CallArray>> arrays;
};

/// Arguments for `misuse` at given dims, with what must come out.
struct Call {
  Call(int64_t B, int64_t T, int64_t S);
  ~Call();
  Call(const Call &) = delete;

  /// Runs with everything as it stands now; also without an error to write to,
  /// which must answer the same.
  int run();
  /// Every output holds the right numbers (plain loops in double).
  void expectRight();

  int64_t B, T, S;
  CallArray ids, mem, far, keep, bias, scale, y, places, later, biased;
  CallArray *inputs[6] = {&ids, &mem, &far, &keep, &bias, &scale};
  CallArray *outputs[4] = {&y, &places, &later, &biased};
  /// What run passes: inputs, then outputs.
  attune_tensor *arguments[10];
  CallWeights weightArrays;
  misuse_weights *weights = nullptr, *ownWeights = nullptr;
  char *workspace = nullptr, *ownWorkspace = nullptr;
  size_t bytes = 0;
  attune_call *options = nullptr;
  attune_error error{};
  /// A second model's weights, for the wrong place.
  other_weights *otherWeights = nullptr;
  attune_call ownOptions{};
};

} // namespace attune::test

#endif
