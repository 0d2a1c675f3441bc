//===- MisuseWeightsTests.cpp - The life of weights, lived wrongly --------===//

#include "MisuseCall.h"
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <unistd.h>

using namespace attune::test;

namespace {

/// Unfinished weights of `misuse`, and a whole set of arrays for them.
struct MisuseWeights : ::testing::Test {
  void SetUp() override {
    ASSERT_EQ(misuse_weights_new(&weights, &error), ATTUNE_OK);
  }
  void TearDown() override {
    misuse_weights_free(weights);
    Call(2, 5, 3).expectRight();
  }
  int set(const char *name, const attune_tensor *tensor) {
    return misuse_weights_set(weights, name, tensor, &error);
  }
  /// The error of the last call: its code, and texts in its message.
  void expectError(int code, std::initializer_list<const char *> texts) {
    EXPECT_EQ(error.code, code) << error.message;
    for (const char *text : texts)
      EXPECT_NE(std::string(error.message).find(text), std::string::npos)
          << "`" << text << "` is not in: " << error.message;
  }
  /// Sets what is not set yet, finishes, and runs with right numbers.
  void expectUsable(const std::string &alreadySet = "") {
    for (auto &array : arrays.arrays)
      if (alreadySet != array->name)
        EXPECT_EQ(set(array->name, &array->tensor), ATTUNE_OK) << error.message;
    ASSERT_EQ(misuse_weights_finish(weights, &error), ATTUNE_OK)
        << error.message;
    Call call(2, 5, 3);
    call.weights = weights;
    call.expectRight();
  }
  /// A file with these bytes, below the folder for temporary files.
  std::string file(const std::string &bytes, const char *name) {
    std::string path = ::testing::TempDir() + "misuse-" +
                       std::to_string(getpid()) + "-" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  /// Loading the file is refused, and leaves nothing behind.
  void expectNotLoaded(const std::string &path, int code,
                       std::initializer_list<const char *> texts) {
    misuse_weights *loaded = weights;
    EXPECT_EQ(misuse_weights_load(path.c_str(), &loaded, &error), code);
    EXPECT_EQ(loaded, nullptr);
    expectError(code, texts);
    loaded = weights;
    EXPECT_EQ(misuse_weights_load(path.c_str(), &loaded, nullptr), code);
    EXPECT_EQ(loaded, nullptr);
  }

  CallWeights arrays;
  misuse_weights *weights = nullptr;
  attune_error error{};
};

TEST_F(MisuseWeights, NullArguments) {
  attune_tensor *gain = &arrays["gain"].tensor;
  EXPECT_EQ(misuse_weights_new(nullptr, &error), ATTUNE_E_NULL);
  expectError(ATTUNE_E_NULL, {"`out`"});
  EXPECT_EQ(misuse_weights_new(nullptr, nullptr), ATTUNE_E_NULL);
  EXPECT_EQ(misuse_weights_set(nullptr, "gain", gain, &error), ATTUNE_E_NULL);
  expectError(ATTUNE_E_NULL, {"`weights`"});
  EXPECT_EQ(set(nullptr, gain), ATTUNE_E_NULL);
  expectError(ATTUNE_E_NULL, {"`name`"});
  EXPECT_EQ(set("gain", nullptr), ATTUNE_E_NULL);
  expectError(ATTUNE_E_NULL, {"`tensor`"});
  EXPECT_EQ(misuse_weights_finish(nullptr, &error), ATTUNE_E_NULL);
  expectError(ATTUNE_E_NULL, {"`weights`"});
  EXPECT_EQ(misuse_weights_load(nullptr, &weights, &error), ATTUNE_E_NULL);
  expectError(ATTUNE_E_NULL, {"`path`"});
  EXPECT_EQ(misuse_weights_load("x", nullptr, &error), ATTUNE_E_NULL);
  expectError(ATTUNE_E_NULL, {"`out`"});
  misuse_weights_free(nullptr);
  expectUsable();
}

/// One weight set wrongly; after that it is set rightly.
TEST_F(MisuseWeights, WrongTensors) {
  int64_t wide[] = {24, 8, 1}, turned[] = {8, 24}, negative[] = {-24, -8};
  int64_t far[] = {INT64_MAX, 1}, back[] = {INT64_MIN, 1},
          past[] = {1, 1l << 62};
  struct {
    std::function<void(attune_tensor &)> spoil;
    int code;
    const char *text;
  } cases[] = {
      {[](auto &t) { t.data = nullptr; }, ATTUNE_E_NULL, "data"},
      {[](auto &t) { t.shape = nullptr; }, ATTUNE_E_NULL, "shape"},
      {[](auto &t) { t.ndim = -1; }, ATTUNE_E_WEIGHTS, "rank -1"},
      {[](auto &t) { t.ndim = INT32_MAX; }, ATTUNE_E_WEIGHTS, "rank"},
      {[](auto &t) { t.ndim = 0; }, ATTUNE_E_WEIGHTS, "[]"},
      {[](auto &t) { t.ndim = 1; }, ATTUNE_E_WEIGHTS, "[24]"},
      {[&](auto &t) { t.ndim = 3, t.shape = wide; }, ATTUNE_E_WEIGHTS,
       "[24, 8, 1]"},
      {[&](auto &t) { t.shape = turned; }, ATTUNE_E_WEIGHTS, "[8, 24]"},
      {[&](auto &t) { t.shape = negative; }, ATTUNE_E_WEIGHTS, "[-24, -8]"},
      {[](auto &t) { t.bits = 64; }, ATTUNE_E_DTYPE, "f64"},
      {[](auto &t) { t.bits = 0; }, ATTUNE_E_DTYPE, "f0"},
      {[](auto &t) { t.code = 0; }, ATTUNE_E_DTYPE, "i32"},
      {[](auto &t) { t.lanes = 0; }, ATTUNE_E_DTYPE, "0 lanes"},
      {[](auto &t) { t.device_type = 0; }, ATTUNE_E_DEVICE, "device type 0"},
      {[](auto &t) { t.device_type = 2; }, ATTUNE_E_DEVICE, "device type 2"},
      {[](auto &t) { t.byte_offset = ~0ull; }, ATTUNE_E_OVERFLOW,
       "end of memory"},
      {[](auto &t) { t.data = (void *)~uintptr_t(3); }, ATTUNE_E_OVERFLOW,
       "end of memory"},
      {[&](auto &t) { t.strides = far; }, ATTUNE_E_OVERFLOW, "end of memory"},
      {[&](auto &t) { t.strides = back; }, ATTUNE_E_OVERFLOW, "end of memory"},
      {[&](auto &t) { t.strides = past; }, ATTUNE_E_OVERFLOW, "end of memory"},
  };
  for (auto &c : cases) {
    attune_tensor tensor = arrays["up.weight"].tensor;
    c.spoil(tensor);
    EXPECT_EQ(set("up.weight", &tensor), c.code) << c.text;
    expectError(c.code, {"up.weight", c.text});
    EXPECT_EQ(misuse_weights_set(weights, "up.weight", &tensor, nullptr),
              c.code);
  }
  expectUsable();
}

TEST_F(MisuseWeights, AnyAlignmentAndStrides) {
  CallArray &up = arrays["up.weight"];
  for (int64_t shift = 1; shift < 64; ++shift) {
    // Column by column, last row first.
    auto memory = std::make_unique<char[]>(up.bytes + shift);
    for (int64_t r = 0; r < 24; ++r)
      for (int64_t c = 0; c < 8; ++c)
        std::memcpy(memory.get() + shift + (c * 24 + 23 - r) * 4,
                    up.as<float>() + r * 8 + c, 4);
    int64_t strides[] = {-1, 24};
    attune_tensor tensor = up.tensor;
    tensor.data = memory.get();
    tensor.byte_offset = uint64_t(shift + 23 * 4);
    tensor.strides = strides;
    EXPECT_EQ(set("up.weight", &tensor), ATTUNE_OK) << error.message;
    expectUsable("up.weight");
    misuse_weights_free(weights);
    ASSERT_EQ(misuse_weights_new(&weights, &error), ATTUNE_OK);
  }
}

TEST_F(MisuseWeights, Names) {
  attune_tensor *gain = &arrays["gain"].tensor;
  std::string longName(100000, 'w');
  for (const char *name : {"", "gai", "gain ", "Gain", "up", ".weight",
                           "gain\n\x1b[31m", "\xff\xfe", longName.c_str()}) {
    EXPECT_EQ(set(name, gain), ATTUNE_E_WEIGHTS);
    expectError(ATTUNE_E_WEIGHTS, {"`misuse`", "no weight"});
    for (const char *s = error.message; *s; ++s)
      EXPECT_TRUE(*s < 0 || *s >= ' ') << "a control character";
  }
  EXPECT_EQ(set("encoder.up.bias", gain), ATTUNE_E_WEIGHTS);
  expectError(ATTUNE_E_WEIGHTS, {"`encoder.up.bias`", "it has `up.bias`"});
  expectUsable();
}

TEST_F(MisuseWeights, OrderOfTheCalls) {
  Call call(2, 5, 3);
  call.weights = weights;
  EXPECT_EQ(call.run(), ATTUNE_E_WEIGHTS) << "nothing set";
  EXPECT_NE(std::strstr(call.error.message, "misuse_weights_finish"), nullptr);
  EXPECT_EQ(misuse_weights_finish(weights, &error), ATTUNE_E_WEIGHTS);
  expectError(ATTUNE_E_WEIGHTS, {"`gain` [8] is not set"});
  EXPECT_EQ(set("gain", &arrays["gain"].tensor), ATTUNE_OK);
  EXPECT_EQ(call.run(), ATTUNE_E_WEIGHTS) << "one set";
  EXPECT_EQ(misuse_weights_finish(weights, &error), ATTUNE_E_WEIGHTS);
  expectError(ATTUNE_E_WEIGHTS, {"`tokens.weight` [11, 8] is not set"});
  EXPECT_EQ(set("gain", &arrays["gain"].tensor), ATTUNE_E_WEIGHTS);
  expectError(ATTUNE_E_WEIGHTS, {"`gain`", "set twice"});
  expectUsable("gain");
  EXPECT_EQ(misuse_weights_finish(weights, &error), ATTUNE_OK) << "again";
  EXPECT_EQ(set("gain", &arrays["gain"].tensor), ATTUNE_E_WEIGHTS);
  expectError(ATTUNE_E_WEIGHTS, {"finished"});
  call.expectRight();
}

TEST_F(MisuseWeights, FreedInAnyOrder) {
  misuse_weights *all[6];
  for (int i = 0; i < 6; ++i)
    all[i] = arrays.make();
  other_weights *other;
  ASSERT_EQ(other_weights_new(&other, &error), ATTUNE_OK);
  for (int i : {3, 0, 5, 1, 4, 2}) {
    Call call(1, 2, 3);
    call.weights = all[i];
    call.expectRight();
    misuse_weights_free(all[i]);
    if (i == 5)
      other_weights_free(other); // never finished
  }
  // What was set may go before the run.
  {
    CallWeights shortLived;
    for (auto &array : shortLived.arrays)
      ASSERT_EQ(set(array->name, &array->tensor), ATTUNE_OK);
  }
  ASSERT_EQ(misuse_weights_finish(weights, &error), ATTUNE_OK);
  Call call(2, 5, 3);
  call.weights = weights;
  call.expectRight();
}

TEST_F(MisuseWeights, OfAnotherModel) {
  // The other model's weights have no such names; its run wants its own.
  auto *wrong = reinterpret_cast<other_weights *>(weights);
  Call call(2, 5, 3);
  attune_tensor x = call.y.tensor, y = call.y.tensor;
  std::vector<float> from(80, 1.0f);
  x.data = from.data();
  EXPECT_EQ(
      other_run(wrong, &x, &y, call.workspace, call.bytes, nullptr, &error),
      ATTUNE_E_WEIGHTS);
  expectError(ATTUNE_E_WEIGHTS, {"`misuse`", "`other`"});
  EXPECT_EQ(other_weights_set(call.otherWeights, "gain", &arrays["gain"].tensor,
                              &error),
            ATTUNE_E_WEIGHTS);
  expectError(ATTUNE_E_WEIGHTS, {"`other` has no weight `gain`"});
  expectUsable();
}

TEST_F(MisuseWeights, Files) {
  std::string good = arrays.file(), folder = ::testing::TempDir();
  std::string path = file(good, "good.safetensors");
  misuse_weights *loaded = nullptr;
  ASSERT_EQ(misuse_weights_load(path.c_str(), &loaded, &error), ATTUNE_OK)
      << error.message;
  Call call(2, 5, 3);
  call.weights = loaded;
  call.expectRight();
  misuse_weights_free(loaded);

  other_weights *other = nullptr;
  EXPECT_EQ(other_weights_load(path.c_str(), &other, &error), ATTUNE_E_WEIGHTS);
  expectError(ATTUNE_E_WEIGHTS, {"`down.weight`", "[8, 24]", "[8, 8]"});
  EXPECT_EQ(other, nullptr);
  unlink(path.c_str());

  expectNotLoaded(path, ATTUNE_E_FILE, {"good.safetensors"});
  expectNotLoaded("", ATTUNE_E_FILE, {"cannot open ``"});
  expectNotLoaded(folder, ATTUNE_E_FILE, {folder.c_str()});
  expectNotLoaded(std::string(100000, 'p'), ATTUNE_E_FILE, {"ppp"});
  auto replaced = [&](const char *from, const char *to) {
    std::string text = good;
    text.replace(text.find(from), std::strlen(from), to);
    return text;
  };
  struct {
    std::string bytes;
    int code;
    const char *text;
  } cases[] = {
      {"", ATTUNE_E_FILE, "empty"},
      {good.substr(0, 4), ATTUNE_E_FILE, "too short"},
      {good.substr(0, good.size() - 1), ATTUNE_E_FILE, "bad.safetensors"},
      {good + "x", ATTUNE_E_FILE, "bad.safetensors"},
      {std::string(8, '\xff') + good.substr(8), ATTUNE_E_FILE, "header"},
      {replaced("\"gain\"", "\"gone\""), ATTUNE_E_WEIGHTS, "`gain` [8]"},
      {replaced("[8]", "[9]"), ATTUNE_E_FILE, "gain"},
      {replaced("[24,8]", "[8,24]"), ATTUNE_E_WEIGHTS, "`up.weight`"},
      {replaced("F32", "I32"), ATTUNE_E_DTYPE, "`gain`"},
      {replaced("F32", "Q32"), ATTUNE_E_FILE, "Q32"},
  };
  for (auto &c : cases) {
    path = file(c.bytes, "bad.safetensors");
    expectNotLoaded(path, c.code, {c.text});
    unlink(path.c_str());
  }
  expectUsable();
}

} // namespace
