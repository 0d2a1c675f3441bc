//===- RuntimeCase.h - A toy model that is ready to run ---------*- C++ -*-===//
#ifndef ATTUNE_TEST_UNIT_RUNTIMECASE_H
#define ATTUNE_TEST_UNIT_RUNTIMECASE_H

#include "RuntimeModel.h"
#include "gtest/gtest.h"

namespace attune::test {

/// A toy model with finished weights, arguments and a workspace.
class RuntimeTest : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(attune_rt_weights_new(&toy.model, &weights, &error), 0);
    bias.floats = {1, 2, 3};
    bias.tensor.data = bias.floats.data();
    for (auto [name, tensor] : {std::pair{"layer.bias", &bias},
                                {"layer.weight", &matrix},
                                {"pad", &pad}})
      ASSERT_EQ(attune_rt_weights_set(weights, name, &tensor->tensor, &error),
                0)
          << error.message;
    ASSERT_EQ(attune_rt_weights_finish(weights, &error), 0);
    for (size_t i = 0; i < x.floats.size(); ++i)
      x.floats[i] = float(i);
    int64_t dims[] = {2, 4};
    ASSERT_EQ(attune_rt_workspace(&toy.model, dims, &bytes, &error), 0);
    workspace = static_cast<char *>(aligned_alloc(64, 2 * bytes));
  }
  void TearDown() override {
    attune_rt_weights_free(weights);
    free(workspace);
  }
  int run(const attune_call *call = nullptr) {
    error.code = -1;
    int code = attune_rt_run(&toy.model, weights, arguments, workspace, bytes,
                             call, &error);
    EXPECT_EQ(code, error.code);
    // The error is the caller's choice.
    EXPECT_EQ(attune_rt_run(&toy.model, weights, arguments, workspace, bytes,
                            call, nullptr),
              code);
    return code;
  }
  /// Expects the code, the text in the message and that the body did not run.
  void expectRefused(int code, const std::string &text,
                     const attune_call *call = nullptr) {
    bodyRuns = 0;
    EXPECT_EQ(run(call), code) << error.message;
    EXPECT_NE(std::string(error.message).find(text), std::string::npos)
        << error.message;
    EXPECT_EQ(bodyRuns, 0);
  }
  void expectRight() {
    std::fill(y.floats.begin(), y.floats.end(), -1.0f);
    ASSERT_EQ(run(), ATTUNE_OK) << error.message;
    for (size_t i = 0; i < y.floats.size(); ++i)
      EXPECT_EQ(y.floats[i], x.floats[i] + 1 + float(i % 3));
  }

  ToyModel toy;
  attune_weights *weights = nullptr;
  ToyTensor bias{{3}, true}, matrix{{5, 3}, true}, pad{{5}, true};
  ToyTensor x{{2, 4, 3}, true}, len{{2}, false}, y{{2, 4, 3}, true};
  const attune_tensor *arguments[3] = {&x.tensor, &len.tensor, &y.tensor};
  char *workspace = nullptr;
  size_t bytes = 0;
  attune_error error{};
};

} // namespace attune::test

#endif // ATTUNE_TEST_UNIT_RUNTIMECASE_H
