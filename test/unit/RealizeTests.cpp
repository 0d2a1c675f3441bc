//===- RealizeTests.cpp - Layer ops through a built library ---------------===//

#include "test/unit/CompiledModel.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace attune::test;

namespace {

/// One argument of a model: `name: type[shape]`.
std::string argument(const std::string &name, const std::string &memref,
                     const std::string &shape, const std::string &more = "") {
  return "%" + name + ": memref<" + memref + "> {attune.name = \"" + name +
         "\", attune.shape = #attune.shape<" + shape + ">" + more + "}";
}
std::string output(const std::string &name, const std::string &memref,
                   const std::string &shape) {
  return argument(name, memref, shape, ", attune.output");
}

std::vector<float> numbers(int64_t count, unsigned seed) {
  std::vector<float> values(count);
  uint32_t state = seed * 2654435761u + 1;
  for (float &value : values) {
    state = state * 1664525u + 1013904223u;
    value = float(int32_t(state) >> 8) / float(1 << 22);
  }
  return values;
}

class Realize : public testing::TestWithParam<int> {
protected:
  void SetUp() override {
    if (!canRun(GetParam()))
      GTEST_SKIP() << "this machine has no such vectors";
  }
};

/// Sizes around vectors, register blocks and tasks.
const int64_t sizes[] = {0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 67};

} // namespace

TEST_P(Realize, addsABiasToRows) {
  for (int64_t width : {1, 3, 16, 48, 67}) {
    std::string w = std::to_string(width);
    CompiledModel model(
        modelText(argument("x", "?x" + w + "xf32", "T, " + w) + ", " +
                      argument("b", w + "xf32", w) + ", " +
                      output("y", "?x" + w + "xf32", "T, " + w),
                  "attune.elementwise <add> %x, %b into %y : (memref<?x" + w +
                      "xf32>, memref<" + w + "xf32>, memref<?x" + w +
                      "xf32>) -> ()"),
        "m", GetParam());
    ASSERT_EQ(model.error(), "");
    for (int64_t rows : sizes) {
      Tensor<float> x({rows, width}, numbers(rows * width, 1), 2);
      Tensor<float> b({width}, numbers(width, 2), 2);
      Tensor<float> y({rows, width}, numbers(rows * width, 3), 2);
      ASSERT_EQ(model.run({&x.view, &b.view, &y.view}, {rows}), ATTUNE_OK)
          << model.lastError.message;
      for (int64_t i = 0; i < rows * width; ++i)
        ASSERT_EQ(y.elements[i], x.elements[i] + b.elements[i % width]);
    }
  }
}

TEST_P(Realize, broadcastsBothWays) {
  // [T, 1] - [1, 5]: each operand stretches along another axis.
  CompiledModel model(
      modelText(argument("x", "?x1xf32", "T, 1") + ", " +
                    argument("b", "1x5xf32", "1, 5") + ", " +
                    output("y", "?x5xf32", "T, 5"),
                "attune.elementwise <sub> %x, %b into %y : (memref<?x1xf32>, "
                "memref<1x5xf32>, memref<?x5xf32>) -> ()"),
      "m", GetParam());
  ASSERT_EQ(model.error(), "");
  Tensor<float> x({7, 1}, numbers(7, 1), 2), b({1, 5}, numbers(5, 2), 2),
      y({7, 5}, numbers(35, 3), 2);
  ASSERT_EQ(model.run({&x.view, &b.view, &y.view}, {7}), ATTUNE_OK);
  for (int64_t i = 0; i < 35; ++i)
    ASSERT_EQ(y.elements[i], x.elements[i / 5] - b.elements[i % 5]);
}

TEST_P(Realize, comparesToBooleans) {
  CompiledModel model(
      modelText(argument("x", "?xf32", "T") + ", " +
                    argument("b", "?xf32", "T") + ", " +
                    output("y", "?xi8", "T"),
                "attune.elementwise <le> %x, %b into %y : (memref<?xf32>, "
                "memref<?xf32>, memref<?xi8>) -> ()"),
      "m", GetParam());
  ASSERT_EQ(model.error(), "");
  std::vector<float> a = numbers(67, 1), c = numbers(67, 2);
  a[3] = NAN;
  a[5] = c[5];
  Tensor<float> x({67}, a, 2), b({67}, c, 2);
  Tensor<uint8_t> y({67}, std::vector<uint8_t>(67, 9), 6);
  ASSERT_EQ(model.run({&x.view, &b.view, &y.view}, {67}), ATTUNE_OK)
      << model.lastError.message;
  for (int64_t i = 0; i < 67; ++i)
    ASSERT_EQ(y.elements[i], a[i] <= c[i] ? 1 : 0) << i;
}

TEST_P(Realize, dividesIntegersLikePython) {
  for (bool remainder : {false, true}) {
    CompiledModel model(
        modelText(
            argument("x", "?xi32", "T") + ", " + argument("b", "?xi32", "T") +
                ", " + output("y", "?xi32", "T"),
            std::string("attune.elementwise <") + (remainder ? "rem" : "div") +
                "> %x, %b into %y : (memref<?xi32>, memref<?xi32>, "
                "memref<?xi32>) -> ()"),
        "m", GetParam());
    ASSERT_EQ(model.error(), "");
    std::vector<int32_t> as, bs, quotients, rests;
    auto add = [&](int32_t a, int32_t b, int32_t quotient, int32_t rest) {
      as.push_back(a), bs.push_back(b);
      quotients.push_back(quotient), rests.push_back(rest);
    };
    for (int repeat = 0; repeat < 3; ++repeat) {
      add(7, 2, 3, 1), add(-7, 2, -4, 1), add(7, -2, -4, -1);
      add(-7, -2, 3, -1), add(6, 3, 2, 0), add(-6, 3, -2, 0);
      add(5, 0, 0, 0), add(INT32_MIN, -1, INT32_MIN, 0), add(9, -1, -9, 0);
      add(INT32_MIN, 3, -715827883, 1);
    }
    int64_t count = as.size();
    Tensor<int32_t> x({count}, as, 0), b({count}, bs, 0), y({count}, as, 0);
    ASSERT_EQ(model.run({&x.view, &b.view, &y.view}, {count}), ATTUNE_OK);
    EXPECT_EQ(y.elements, remainder ? rests : quotients);
  }
}

TEST_P(Realize, castsWithSaturation) {
  CompiledModel model(
      modelText(argument("x", "?xf32", "T") + ", " + output("y", "?xi32", "T"),
                "attune.cast %x into %y : (memref<?xf32>, memref<?xi32>) -> "
                "()"),
      "m", GetParam());
  ASSERT_EQ(model.error(), "");
  Tensor<float> x(
      {9}, {1.9f, -1.9f, NAN, 3e9f, -3e9f, INFINITY, -INFINITY, 0.0f, 7.0f}, 2);
  Tensor<int32_t> y({9}, std::vector<int32_t>(9, 1), 0);
  ASSERT_EQ(model.run({&x.view, &y.view}, {9}), ATTUNE_OK);
  EXPECT_EQ(y.elements, (std::vector<int32_t>{1, -1, 0, INT32_MAX, INT32_MIN,
                                              INT32_MAX, INT32_MIN, 0, 7}));
}

TEST_P(Realize, readsAnyByteAsABoolean) {
  CompiledModel model(
      modelText(argument("x", "?xi8", "T") + ", " + output("y", "?xf32", "T"),
                "attune.cast %x into %y : (memref<?xi8>, memref<?xf32>) -> ()"),
      "m", GetParam());
  ASSERT_EQ(model.error(), "");
  std::vector<uint8_t> bytes(40, 0);
  bytes[1] = 1, bytes[2] = 2, bytes[33] = 255;
  Tensor<uint8_t> x({40}, bytes, 6);
  Tensor<float> y({40}, numbers(40, 1), 2);
  ASSERT_EQ(model.run({&x.view, &y.view}, {40}), ATTUNE_OK);
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(y.elements[i], bytes[i] ? 1.0f : 0.0f) << i;
}

TEST_P(Realize, normalizesRowsAccurately) {
  for (int64_t width : {1, 5, 16, 48, 67, 512}) {
    std::string w = std::to_string(width);
    std::string type = "memref<?x" + w + "xf32>", row = "memref<" + w + "xf32>";
    CompiledModel model(
        modelText(
            argument("x", "?x" + w + "xf32", "T, " + w) + ", " +
                argument("g", w + "xf32", w) + ", " +
                argument("b", w + "xf32", w) + ", " +
                output("y", "?x" + w + "xf32", "T, " + w),
            "attune.layer_norm %x gamma %g beta %b eps 1.0e-5 into %y : (" +
                type + ", " + row + ", " + row + ", " + type + ") -> ()"),
        "m", GetParam());
    ASSERT_EQ(model.error(), "");
    const int64_t rows = 37;
    std::vector<float> in = numbers(rows * width, 1);
    for (float &value : in)
      value += 100; // a mean far from zero
    Tensor<float> x({rows, width}, in, 2), g({width}, numbers(width, 2), 2),
        b({width}, numbers(width, 3), 2), y({rows, width}, in, 2);
    ASSERT_EQ(model.run({&x.view, &g.view, &b.view, &y.view}, {rows}),
              ATTUNE_OK);
    for (int64_t r = 0; r < rows; ++r) {
      double mean = 0, squares = 0;
      for (int64_t c = 0; c < width; ++c)
        mean += double(in[r * width + c]) / width;
      for (int64_t c = 0; c < width; ++c)
        squares += std::pow(in[r * width + c] - mean, 2) / width;
      for (int64_t c = 0; c < width; ++c) {
        double z = (in[r * width + c] - mean) / std::sqrt(squares + 1e-5);
        ASSERT_NEAR(y.elements[r * width + c],
                    z * g.elements[c] + b.elements[c], 2e-5)
            << r << " " << c << " of " << width;
      }
    }
  }
}

TEST_P(Realize, gathersRowsAndRefusesBadIds) {
  CompiledModel model(
      modelText(argument("ids", "?x3xi64", "T, 3") + ", " +
                    argument("table", "11x20xf32", "11, 20") + ", " +
                    output("y", "?x3x20xf32", "T, 3, 20"),
                "attune.gather %table, %ids into %y : (memref<11x20xf32>, "
                "memref<?x3xi64>, memref<?x3x20xf32>) -> ()"),
      "m", GetParam());
  ASSERT_EQ(model.error(), "");
  std::vector<int64_t> index = {0, 10, 3, 3, 7, 1};
  Tensor<int64_t> ids({2, 3}, index, 0);
  Tensor<float> table({11, 20}, numbers(220, 1), 2),
      y({2, 3, 20}, numbers(120, 2), 2);
  ASSERT_EQ(model.run({&ids.view, &table.view, &y.view}, {2}), ATTUNE_OK);
  for (int64_t i = 0; i < 120; ++i)
    ASSERT_EQ(y.elements[i], table.elements[index[i / 20] * 20 + i % 20]);
  std::vector<float> before = y.elements;
  for (int64_t bad : {int64_t(11), int64_t(-1), int64_t(1) << 40}) {
    ids.elements[4] = bad;
    EXPECT_EQ(model.run({&ids.view, &table.view, &y.view}, {2}),
              ATTUNE_E_VALUE);
    EXPECT_NE(std::string(model.lastError.message).find("ids"),
              std::string::npos)
        << model.lastError.message;
    EXPECT_EQ(y.elements, before) << "a failing run must not go on";
  }
}

TEST_P(Realize, copiesTransposedArrays) {
  CompiledModel model(
      modelText(
          argument("x", "?x6x5xf32", "T, 6, 5") + ", " +
              output("y", "6x?x5xf32", "6, T, 5") + ", " +
              output("z", "5x6x?xf32", "5, 6, T"),
          "%a = memref.transpose %x (i, j, k) -> (j, i, k) : memref<?x6x5xf32> "
          "to memref<6x?x5xf32, strided<[5, 30, 1]>>\n"
          "memref.copy %a, %y : memref<6x?x5xf32, strided<[5, 30, 1]>> to "
          "memref<6x?x5xf32>\n"
          "%b = memref.transpose %x (i, j, k) -> (k, j, i) : memref<?x6x5xf32> "
          "to memref<5x6x?xf32, strided<[1, 5, 30]>>\n"
          "memref.copy %b, %z : memref<5x6x?xf32, strided<[1, 5, 30]>> to "
          "memref<5x6x?xf32>"),
      "m", GetParam());
  ASSERT_EQ(model.error(), "");
  Tensor<float> x({4, 6, 5}, numbers(120, 1), 2),
      y({6, 4, 5}, numbers(120, 2), 2), z({5, 6, 4}, numbers(120, 3), 2);
  ASSERT_EQ(model.run({&x.view, &y.view, &z.view}, {4}), ATTUNE_OK);
  for (int64_t t = 0; t < 4; ++t)
    for (int64_t i = 0; i < 6; ++i)
      for (int64_t j = 0; j < 5; ++j) {
        float value = x.elements[(t * 6 + i) * 5 + j];
        ASSERT_EQ(y.elements[(i * 4 + t) * 5 + j], value);
        ASSERT_EQ(z.elements[(j * 6 + i) * 4 + t], value);
      }
}

TEST_P(Realize, concatenatesAlongAnAxis) {
  CompiledModel model(
      modelText(argument("x", "?x3xf32", "T, 3") + ", " +
                    argument("b", "?x9xf32", "T, 9") + ", " +
                    output("y", "?x12xf32", "T, 12"),
                "attune.concat %x, %b axis 1 into %y : (memref<?x3xf32>, "
                "memref<?x9xf32>, memref<?x12xf32>) -> ()"),
      "m", GetParam());
  ASSERT_EQ(model.error(), "");
  Tensor<float> x({5, 3}, numbers(15, 1), 2), b({5, 9}, numbers(45, 2), 2),
      y({5, 12}, numbers(60, 3), 2);
  ASSERT_EQ(model.run({&x.view, &b.view, &y.view}, {5}), ATTUNE_OK);
  for (int64_t i = 0; i < 60; ++i)
    ASSERT_EQ(y.elements[i], i % 12 < 3 ? x.elements[i / 12 * 3 + i % 12]
                                        : b.elements[i / 12 * 9 + i % 12 - 3]);
}

TEST_P(Realize, manyTasksGiveTheSameAsOne) {
  // 3 tasks of a flat array, and the workspace between two ops.
  CompiledModel model(
      modelText(
          argument("x", "?xf32", "T") + ", " + output("y", "?xf32", "T"),
          "%t = attune.dim \"T\" : index\n"
          "%a = memref.alloc(%t) {attune.slot = 0 : i64} : memref<?xf32>\n"
          "attune.activation <neg> %x into %a : (memref<?xf32>, "
          "memref<?xf32>) -> ()\n"
          "attune.elementwise <mul> %a, %a into %y : (memref<?xf32>, "
          "memref<?xf32>, memref<?xf32>) -> ()",
          "attune.slots = [#attune.slot<[<4 * T>]>]"),
      "m", GetParam());
  ASSERT_EQ(model.error(), "");
  for (int64_t count : {16383, 16384, 16385, 40000}) {
    Tensor<float> x({count}, numbers(count, 1), 2),
        y({count}, numbers(count, 2), 2);
    ASSERT_EQ(model.run({&x.view, &y.view}, {count}), ATTUNE_OK)
        << model.lastError.message;
    for (int64_t i = 0; i < count; ++i)
      ASSERT_EQ(y.elements[i], x.elements[i] * x.elements[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, Realize, testing::Values(4, 8, 16));
