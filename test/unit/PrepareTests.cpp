//===- PrepareTests.cpp - What weights alone determine --------------------===//
//
// A toy model whose blob begins with twice its weight `twice`, made by a
// prepare function, next to the weight `shared`, which both of them read.
//
//===----------------------------------------------------------------------===//

#include "RuntimeFiles.h"
#include "RuntimeModel.h"
#include "runtime/weights.h"
#include "gtest/gtest.h"

using namespace attune::test;

namespace {

/// outputs = 2 * twice + shared.
int32_t prepareBody(const float *weights, char *workspace, const int64_t *,
                    const int64_t *, void *const *tensors,
                    attune_run_context *) {
  auto *out = static_cast<float *>(tensors[0]);
  std::memcpy(workspace, weights, 3 * sizeof(float));
  for (int i = 0; i < 3; ++i)
    out[i] = 2 * reinterpret_cast<float *>(workspace)[i] + weights[16 + i];
  return ATTUNE_OK;
}

class PrepareTest : public ::testing::Test {
protected:
  void SetUp() override {
    prepare.name = "toy.prepare";
    prepare.num_dims = prepare.num_inputs = prepare.num_conditions = 0;
    prepare.tensors = &output;
    prepare.weights = prepareWeights;
    prepare.num_weights = 2;
    prepare.packed_floats = 32;
    prepare.slots = &slot;
    prepare.num_slots = 1;
    prepare.body = prepareBody;
    toy.model.weights = weightRows;
    toy.model.num_weights = 1;
    toy.model.packed_floats = 32;
    toy.model.prepare = &prepare;
    toy.model.hoisted = &hoisted;
    twice.floats = {1, 2, 3};
    shared.floats = {10, 20, 30};
  }
  void TearDown() override { attune_rt_weights_free(weights); }
  void expectMessage(const std::string &text) {
    EXPECT_NE(std::string(error.message).find(text), std::string::npos)
        << error.message;
  }
  void expectPrepared() {
    const float *blob = attune_weights_blob(weights);
    EXPECT_EQ(std::vector<float>(blob, blob + 3),
              (std::vector<float>{12, 24, 36}));
    EXPECT_EQ(std::vector<float>(blob + 16, blob + 19),
              (std::vector<float>{10, 20, 30}));
  }

  ToyModel toy;
  attune_model_desc prepare = toy.model;
  attune_extent three{&toy.three, 1, "3"};
  attune_tensor_desc output{"hoisted.0", 2, 32, 1, 1, &three};
  attune_slot_desc slot{&toy.slotCap, nullptr, 1};
  attune_weight_desc weightRows[1] = {
      {"shared", 1, {3}, ATTUNE_PACK_COPY, 0, 16}};
  attune_weight_desc prepareWeights[2] = {
      {"twice", 1, {3}, ATTUNE_PACK_COPY, 0, 0},
      {"shared", 1, {3}, ATTUNE_PACK_COPY, 0, 16}};
  int64_t hoisted = 0;
  ToyTensor twice{{3}, true}, shared{{3}, true}, other{{4}, true};
  attune_weights *weights = nullptr;
  attune_error error{};
};

TEST_F(PrepareTest, RunsWhenWeightsAreFinished) {
  ASSERT_EQ(attune_rt_weights_new(&toy.model, &weights, &error), 0);
  EXPECT_EQ(attune_rt_weights_set(weights, "twice", &twice.tensor, &error), 0);
  EXPECT_EQ(attune_rt_weights_set(weights, "shared", &shared.tensor, &error),
            0);
  ASSERT_EQ(attune_rt_weights_finish(weights, &error), 0) << error.message;
  expectPrepared();
  // Again is no error and no change.
  ASSERT_EQ(attune_rt_weights_finish(weights, &error), 0) << error.message;
  expectPrepared();
}

TEST_F(PrepareTest, WritesEachResultToItsPlace) {
  attune_tensor_desc outputs[2] = {output, output};
  int64_t places[2] = {32, 0};
  prepare.tensors = outputs;
  prepare.num_outputs = 2;
  prepare.body = [](const float *, char *, const int64_t *, const int64_t *,
                    void *const *tensors, attune_run_context *) -> int32_t {
    for (int i = 0; i < 6; ++i)
      static_cast<float *>(tensors[i / 3])[i % 3] = float(i);
    return ATTUNE_OK;
  };
  toy.model.packed_floats = 48;
  toy.model.hoisted = places;
  ASSERT_EQ(attune_rt_weights_new(&toy.model, &weights, &error), 0);
  EXPECT_EQ(attune_rt_weights_set(weights, "twice", &twice.tensor, &error), 0);
  EXPECT_EQ(attune_rt_weights_set(weights, "shared", &shared.tensor, &error),
            0);
  ASSERT_EQ(attune_rt_weights_finish(weights, &error), 0) << error.message;
  const float *blob = attune_weights_blob(weights);
  EXPECT_EQ(std::vector<float>(blob + 32, blob + 35),
            (std::vector<float>{0, 1, 2}));
  EXPECT_EQ(std::vector<float>(blob, blob + 3), (std::vector<float>{3, 4, 5}));
}

TEST_F(PrepareTest, NamesWhatIsMissing) {
  ASSERT_EQ(attune_rt_weights_new(&toy.model, &weights, &error), 0);
  EXPECT_EQ(attune_rt_weights_set(weights, "shared", &shared.tensor, &error),
            0);
  EXPECT_EQ(attune_rt_weights_finish(weights, &error), ATTUNE_E_WEIGHTS);
  expectMessage("weight `twice` [3] is not set");
  EXPECT_EQ(attune_weights_check(&toy.model, weights, &error),
            ATTUNE_E_WEIGHTS);
  EXPECT_EQ(attune_rt_weights_set(weights, "twice", &twice.tensor, &error), 0);
  ASSERT_EQ(attune_rt_weights_finish(weights, &error), 0) << error.message;
  expectPrepared();
}

TEST_F(PrepareTest, RefusesBadSettings) {
  ASSERT_EQ(attune_rt_weights_new(&toy.model, &weights, &error), 0);
  EXPECT_EQ(attune_rt_weights_set(weights, "a.twice", &twice.tensor, &error),
            ATTUNE_E_WEIGHTS);
  expectMessage("it has `twice`");
  // The end of a word is no name.
  EXPECT_EQ(attune_rt_weights_set(weights, "atwice", &twice.tensor, &error),
            ATTUNE_E_WEIGHTS);
  EXPECT_EQ(std::string(error.message).find("it has"), std::string::npos)
      << error.message;
  EXPECT_EQ(attune_rt_weights_set(weights, "twice", &other.tensor, &error),
            ATTUNE_E_WEIGHTS);
  expectMessage("weight `twice` has shape [4]: expected [3]");
  for (auto [name, tensor] :
       {std::pair("twice", &twice), {"shared", &shared}}) {
    EXPECT_EQ(attune_rt_weights_set(weights, name, &tensor->tensor, &error), 0);
    EXPECT_EQ(attune_rt_weights_set(weights, name, &tensor->tensor, &error),
              ATTUNE_E_WEIGHTS);
    expectMessage("is set twice");
  }
}

TEST_F(PrepareTest, WeightsAreNeededWhenOnlyItReadsThem) {
  toy.model.num_weights = 0;
  EXPECT_EQ(attune_weights_check(&toy.model, nullptr, &error), ATTUNE_E_NULL);
  expectMessage("the weights of model `toy` are NULL");
}

TEST_F(PrepareTest, FailsAsTheFunctionDoes) {
  prepare.features = ~uint64_t(0);
  EXPECT_EQ(attune_rt_weights_new(&toy.model, &weights, &error),
            ATTUNE_E_DEVICE);
  prepare.features = 0;
  prepare.body = [](const float *, char *, const int64_t *, const int64_t *,
                    void *const *,
                    attune_run_context *) -> int32_t { return ATTUNE_E_VALUE; };
  ASSERT_EQ(attune_rt_weights_new(&toy.model, &weights, &error), 0);
  EXPECT_EQ(attune_rt_weights_set(weights, "twice", &twice.tensor, &error), 0);
  EXPECT_EQ(attune_rt_weights_set(weights, "shared", &shared.tensor, &error),
            0);
  EXPECT_EQ(attune_rt_weights_finish(weights, &error), ATTUNE_E_VALUE);
  EXPECT_EQ(attune_weights_check(&toy.model, weights, &error),
            ATTUNE_E_WEIGHTS);
}

} // namespace
