//===- WeightsTests.cpp - Loading and packing weights ---------------------===//

#include "RuntimeFiles.h"
#include "RuntimeModel.h"
#include "runtime/weights.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>
#include <numeric>

using namespace attune::test;

// Under a sanitizer too, too large an allocation must be an answer.
extern "C" const char *__asan_default_options() {
  return "allocator_may_return_null=1";
}
extern "C" const char *__tsan_default_options() {
  return "allocator_may_return_null=1";
}

namespace {

class WeightsTest : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(attune_rt_weights_new(&toy.model, &weights, &error), 0);
  }
  void TearDown() override { attune_rt_weights_free(weights); }
  int set(const char *name, const ToyTensor &tensor) {
    int code = attune_rt_weights_set(weights, name, &tensor.tensor, &error);
    EXPECT_EQ(code, error.code);
    return code;
  }
  void expectMessage(const std::string &text) {
    EXPECT_NE(std::string(error.message).find(text), std::string::npos)
        << error.message;
  }
  /// Sets the whole model with numbers 1, 2, ...
  void setAll() {
    float next = 1;
    for (ToyTensor *t : {&bias, &matrix, &pad})
      for (float &value : t->floats)
        value = next++;
    ASSERT_EQ(set("layer.bias", bias), 0) << error.message;
    ASSERT_EQ(set("layer.weight", matrix), 0) << error.message;
    ASSERT_EQ(set("pad", pad), 0) << error.message;
    ASSERT_EQ(attune_rt_weights_finish(weights, &error), 0) << error.message;
  }
  int load(const std::string &path) {
    attune_weights *loaded = nullptr;
    int code =
        attune_rt_weights_load(&toy.model, path.c_str(), &loaded, &error);
    EXPECT_EQ(code, error.code);
    EXPECT_EQ(code == ATTUNE_OK, loaded != nullptr);
    if (loaded) {
      attune_rt_weights_free(weights);
      weights = loaded;
    }
    return code;
  }

  ToyModel toy;
  attune_weights *weights = nullptr;
  ToyTensor bias{{3}, true}, matrix{{5, 3}, true}, pad{{5}, true};
  attune_error error{};
};

/// bias 1-3, weight 4-18 in panels of 4 rows and again as it is, pad 19-23.
const std::vector<float> packed = {
    1,  2,  3,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0, 0,  0, // copy
    4,  7,  10, 13, 5,  8,  11, 14, 6,  9,  12, 15,               // rows 0 to 3
    16, 0,  0,  0,  17, 0,  0,  0,  18, 0,  0,  0,                // row 4
    0,  0,  0,  0,  0,  0,  0,  0,  4,  5,  6,  7,  8,  9, 10, 11,
    12, 13, 14, 15, 16, 17, 18, 0,  19, 20, 21, 22, 23, 0, 0,  0};

TEST_F(WeightsTest, PacksFromMemory) {
  setAll();
  const float *blob = attune_weights_blob(weights);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(blob) % 64, 0u);
  EXPECT_EQ(std::vector<float>(blob, blob + packed.size()), packed);
  EXPECT_EQ(attune_packed_size(&toy.weights[0]), 3);
  EXPECT_EQ(attune_packed_size(&toy.weights[1]), 24);
  EXPECT_EQ(attune_packed_size(&toy.weights[3]), 8);
}

TEST_F(WeightsTest, PacksMatrixAfterMatrix) {
  // Two matrices of 3 rows in panels of 2, in parts that end within rows.
  attune_weight_desc keys = {"k", 3, {2, 3, 2}, ATTUNE_PACK_PANELS, 2, 1};
  EXPECT_EQ(attune_packed_size(&keys), 16);
  std::vector<float> blob(17), from(12);
  std::iota(from.begin(), from.end(), 1.0f);
  for (int64_t first = 0; first < 12; first += 5)
    attune_pack_floats(&keys, blob.data(), first,
                       std::min<int64_t>(5, 12 - first), from.data() + first);
  EXPECT_EQ(blob, (std::vector<float>{0, 1, 3, 2, 4, 5, 0, 6, 0, //
                                      7, 9, 8, 10, 11, 0, 12, 0}));
}

TEST_F(WeightsTest, HonoursStridesAndOffsets) {
  // The matrix transposed in memory, behind one float.
  std::vector<float> memory(16);
  for (int row = 0; row < 5; ++row)
    for (int column = 0; column < 3; ++column)
      memory[1 + column * 5 + row] = float(4 + row * 3 + column);
  int64_t strides[] = {1, 5};
  matrix.tensor.data = memory.data();
  matrix.tensor.byte_offset = 4;
  matrix.tensor.strides = strides;
  ASSERT_EQ(set("layer.weight", matrix), 0) << error.message;
  const float *blob = attune_weights_blob(weights);
  EXPECT_EQ(std::vector<float>(blob + 16, blob + 64),
            std::vector<float>(packed.begin() + 16, packed.begin() + 64));
  EXPECT_EQ(blob[64 - 2], 18);
}

/// A file of the model's weights in one type; `change` edits its header.
std::string weightsFile(const std::string &prefix, const std::string &type,
                        const std::string &data, const std::string &shape,
                        size_t width) {
  auto offsets = [&](size_t begin, size_t end) {
    return "[" + std::to_string(begin * width) + "," +
           std::to_string(end * width) + "]";
  };
  auto entry = [&](const std::string &name, const std::string &extents,
                   size_t begin, size_t end) {
    return "\"" + prefix + name + "\":{\"dtype\":\"" + type +
           "\",\"shape\":" + extents +
           ",\"data_offsets\":" + offsets(begin, end) + "}";
  };
  return safetensors("{" + entry("layer.bias", "[3]", 0, 3) + "," +
                         entry("layer.weight", shape, 3, 18) + "," +
                         entry("pad", "[5]", 18, 23) + "}",
                     data);
}

std::string floats() {
  std::string data;
  for (int i = 1; i <= 23; ++i) {
    float value = float(i);
    data.append(reinterpret_cast<char *>(&value), 4);
  }
  return data;
}

/// 1 to 23 in 16 bits.
std::string halves(bool brain) {
  std::string data;
  for (int i = 1; i <= 23; ++i) {
    float value = float(i);
    uint32_t bits;
    memcpy(&bits, &value, 4);
    uint32_t half =
        brain ? bits >> 16 : ((bits >> 23) - 112) << 10 | (bits >> 13 & 0x3ff);
    data += char(half);
    data += char(half >> 8);
  }
  return data;
}

TEST_F(WeightsTest, LoadsEachTypeLikeMemory) {
  TemporaryFolder folder;
  for (auto [type, data, width] : {std::tuple{"F32", floats(), 4},
                                   {"F16", halves(false), 2},
                                   {"BF16", halves(true), 2}}) {
    ASSERT_EQ(load(folder.write("w.safetensors",
                                weightsFile("", type, data, "[5,3]", width))),
              0)
        << error.message;
    const float *blob = attune_weights_blob(weights);
    EXPECT_EQ(std::vector<float>(blob, blob + packed.size()), packed) << type;
    EXPECT_EQ(attune_weights_check(&toy.model, weights, &error), 0);
  }
}

TEST_F(WeightsTest, LoadsLargeTensorsInChunks) {
  toy.model.num_weights = 1;
  toy.weights[0] = {"w", 2, {100, 333}, ATTUNE_PACK_PANELS, 16, 0};
  toy.model.packed_floats = 112 * 333;
  std::vector<float> values(100 * 333);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = float(i) + 1;
  TemporaryFolder folder;
  ASSERT_EQ(load(folder.write(
                "w.safetensors",
                safetensors("{\"w\":{\"dtype\":\"F32\",\"shape\":[100,333],"
                            "\"data_offsets\":[0,133200]}}",
                            std::string(reinterpret_cast<char *>(values.data()),
                                        133200)))),
            0)
      << error.message;
  const float *blob = attune_weights_blob(weights);
  for (int64_t row = 0; row < 112; ++row)
    for (int64_t column = 0; column < 333; ++column)
      ASSERT_EQ(blob[(row / 16 * 333 + column) * 16 + row % 16],
                row < 100 ? values[row * 333 + column] : 0);
}

TEST_F(WeightsTest, RefusesFiles) {
  TemporaryFolder folder;
  std::string data = floats();
  EXPECT_EQ(load(folder.write("w", weightsFile("", "F32", data, "[3,5]", 4))),
            ATTUNE_E_WEIGHTS);
  expectMessage("weight `layer.weight` has shape [3, 5]: expected [5, 3]");
  EXPECT_EQ(load(folder.write("w", weightsFile("", "F32", data, "[15]", 4))),
            ATTUNE_E_WEIGHTS);
  expectMessage("has shape [15]: expected [5, 3]");
  EXPECT_EQ(
      load(folder.write("w", weightsFile("", "F64", data + data, "[5,3]", 8))),
      ATTUNE_E_DTYPE);
  expectMessage("type f64: expected f32, f16 or bf16; f64 is not narrowed");
  EXPECT_EQ(load(folder.write("w", weightsFile("", "I32", data, "[5,3]", 4))),
            ATTUNE_E_DTYPE);
  expectMessage("type i32");
  EXPECT_EQ(
      load(folder.write("w", weightsFile("model.", "F32", data, "[5,3]", 4))),
      ATTUNE_E_WEIGHTS);
  expectMessage("weight `layer.bias` [3] is missing; the file has "
                "`model.layer.bias` with that shape: use --weights-prefix "
                "model.");
  EXPECT_EQ(load(folder.write("w", safetensors("{}"))), ATTUNE_E_WEIGHTS);
  expectMessage("weight `layer.bias` [3] is missing from `");
  EXPECT_EQ(load(folder.path), ATTUNE_E_FILE);
  EXPECT_EQ(load(folder.path + "/none"), ATTUNE_E_FILE);
}

TEST_F(WeightsTest, RefusesBadSettings) {
  EXPECT_EQ(set("bias", bias), ATTUNE_E_WEIGHTS);
  expectMessage("model `toy` has no weight `bias`: it has `layer.bias`");
  EXPECT_EQ(set("m.layer.bias", bias), ATTUNE_E_WEIGHTS);
  expectMessage("it has `layer.bias`");
  EXPECT_EQ(set("other", bias), ATTUNE_E_WEIGHTS);
  EXPECT_STREQ(error.message, "model `toy` has no weight `other`");
  EXPECT_EQ(set("layer.bias", pad), ATTUNE_E_WEIGHTS);
  expectMessage("has shape [5]: expected [3]");
  EXPECT_EQ(set("layer.bias", matrix), ATTUNE_E_WEIGHTS);
  struct {
    void (*change)(attune_tensor &);
    int code;
    const char *text;
  } cases[] = {
      {[](attune_tensor &t) { t.bits = 64; }, ATTUNE_E_DTYPE, "f64"},
      {[](attune_tensor &t) { t.code = 6; }, ATTUNE_E_DTYPE, "bool"},
      {[](attune_tensor &t) { t.lanes = 2; }, ATTUNE_E_DTYPE, "2 lanes"},
      {[](attune_tensor &t) { t.device_type = 2; }, ATTUNE_E_DEVICE, "type 2"},
      {[](attune_tensor &t) { t.ndim = 9; }, ATTUNE_E_WEIGHTS, "rank 9"},
      {[](attune_tensor &t) { t.ndim = -1; }, ATTUNE_E_WEIGHTS, "rank -1"},
      {[](attune_tensor &t) { t.shape = nullptr; }, ATTUNE_E_NULL, "shape"},
      {[](attune_tensor &t) { t.data = nullptr; }, ATTUNE_E_NULL, "data"},
  };
  for (auto &c : cases) {
    ToyTensor bad({3}, true);
    c.change(bad.tensor);
    EXPECT_EQ(set("layer.bias", bad), c.code);
    expectMessage(c.text);
  }
  EXPECT_EQ(set("layer.bias", bias), 0);
  EXPECT_EQ(set("layer.bias", bias), ATTUNE_E_WEIGHTS);
  expectMessage("`layer.bias` is set twice");
  EXPECT_EQ(attune_rt_weights_finish(weights, &error), ATTUNE_E_WEIGHTS);
  expectMessage("weight `layer.weight` [5, 3] is not set");
  EXPECT_EQ(attune_weights_check(&toy.model, weights, &error),
            ATTUNE_E_WEIGHTS);
  expectMessage("not finished");
}

TEST_F(WeightsTest, AreReadOnlyAfterFinish) {
  setAll();
  EXPECT_EQ(set("pad", pad), ATTUNE_E_WEIGHTS);
  expectMessage("finished");
  EXPECT_EQ(attune_rt_weights_finish(weights, &error), 0);
  ToyModel other;
  other.model.name = "other";
  EXPECT_EQ(attune_weights_check(&other.model, weights, &error),
            ATTUNE_E_WEIGHTS);
  expectMessage("made for model `toy`, not for `other`");
  other.model.num_weights = 0;
  EXPECT_EQ(attune_weights_check(&other.model, nullptr, &error), 0);
}

TEST_F(WeightsTest, RefusesNull) {
  EXPECT_EQ(attune_rt_weights_set(nullptr, "a", &bias.tensor, &error),
            ATTUNE_E_NULL);
  EXPECT_EQ(attune_rt_weights_set(weights, nullptr, &bias.tensor, &error),
            ATTUNE_E_NULL);
  EXPECT_EQ(attune_rt_weights_set(weights, "a", nullptr, &error),
            ATTUNE_E_NULL);
  EXPECT_EQ(attune_rt_weights_finish(nullptr, &error), ATTUNE_E_NULL);
  EXPECT_EQ(attune_rt_weights_new(&toy.model, nullptr, &error), ATTUNE_E_NULL);
  EXPECT_EQ(attune_rt_weights_load(&toy.model, "w", nullptr, &error),
            ATTUNE_E_NULL);
  attune_weights *out;
  EXPECT_EQ(attune_rt_weights_load(&toy.model, nullptr, &out, &error),
            ATTUNE_E_NULL);
  attune_rt_weights_free(nullptr);
}

TEST_F(WeightsTest, NoMemoryIsAnAnswer) {
  toy.model.packed_floats = int64_t(1) << 58;
  attune_weights *out;
  EXPECT_EQ(attune_rt_weights_new(&toy.model, &out, &error), ATTUNE_E_NOMEM);
  EXPECT_EQ(out, nullptr);
}

TEST(Widen, HalvesOfEachKind) {
  struct {
    uint16_t half;
    float value;
  } cases[] = {{0x0000, 0.0f},
               {0x3c00, 1.0f},
               {0xc000, -2.0f},
               {0x7bff, 65504.0f},
               {0x0400, 0x1p-14f},
               {0x03ff, 0x1.ff8p-15f},
               {0x0001, 0x1p-24f},
               {0x8001, -0x1p-24f},
               {0x7c00, std::numeric_limits<float>::infinity()},
               {0xfc00, -std::numeric_limits<float>::infinity()}};
  for (auto &c : cases) {
    float value;
    attune_widen(2, 16, &c.half, 1, &value);
    EXPECT_EQ(value, c.value) << c.half;
  }
  uint16_t odd[] = {0x8000, 0x7e01, 0x7fc1};
  float values[3];
  attune_widen(2, 16, odd, 2, values);
  EXPECT_TRUE(std::signbit(values[0]));
  EXPECT_TRUE(std::isnan(values[1]));
  attune_widen(4, 16, odd + 2, 1, values);
  EXPECT_TRUE(std::isnan(values[0]));
}

} // namespace
