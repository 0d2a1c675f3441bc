//===- ReferenceTests.cpp - The oracle against numbers made by hand -------===//

#include "dialect/Attune.h"
#include "reference/Interpreter.h"
#include "reference/Tolerance.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace attune;
using namespace attune::reference;

namespace {

Array reals(std::vector<int64_t> shape, std::vector<double> values) {
  Array array;
  array.shape = std::move(shape);
  array.reals = std::move(values);
  return array;
}

Array integers(std::vector<int64_t> shape, std::vector<int64_t> values) {
  Array array;
  array.isFloat = false;
  array.shape = std::move(shape);
  array.integers = std::move(values);
  return array;
}

class ReferenceTest : public testing::Test {
protected:
  ReferenceTest() {
    context.loadDialect<AttuneDialect, mlir::arith::ArithDialect,
                        mlir::func::FuncDialect, mlir::math::MathDialect>();
  }

  /// The first output of the only function in `text`.
  llvm::Expected<Array> run(llvm::StringRef text, std::vector<Array> inputs,
                            const llvm::StringMap<Array> &weights = {},
                            Precision precision = Precision::F64) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return llvm::createStringError("does not parse");
    auto function = *module->getOps<mlir::func::FuncOp>().begin();
    auto outputs = interpret(
        function, inputs,
        [&](llvm::StringRef name) -> const Array * {
          auto found = weights.find(name);
          return found == weights.end() ? nullptr : &found->second;
        },
        {}, precision);
    if (!outputs)
      return outputs.takeError();
    return outputs->front();
  }

  std::vector<double> realsOf(llvm::Expected<Array> array) {
    if (!array) {
      ADD_FAILURE() << llvm::toString(array.takeError());
      return {};
    }
    return array->reals;
  }

  std::string errorOf(llvm::Expected<Array> array) {
    if (array)
      return "";
    return llvm::toString(array.takeError());
  }

  mlir::MLIRContext context;
};

constexpr const char *linearModel = R"(
  func.func @m(%x: tensor<?x2xf32, #attune.shape<T, 2>> {attune.name = "x"})
      -> tensor<?x3xf32, #attune.shape<T, 3>> {
    %w = attune.param "fc.weight" : tensor<3x2xf32>
    %b = attune.param "fc.bias" : tensor<3xf32>
    %y = attune.linear %x, %w bias %b {activation = #attune.activation<relu>}
      : (tensor<?x2xf32, #attune.shape<T, 2>>, tensor<3x2xf32>, tensor<3xf32>)
      -> tensor<?x3xf32, #attune.shape<T, 3>>
    return %y : tensor<?x3xf32, #attune.shape<T, 3>>
  })";

TEST_F(ReferenceTest, LinearIsXTimesTransposedWeight) {
  llvm::StringMap<Array> weights;
  weights["fc.weight"] = reals({3, 2}, {1, 2, 3, 4, 5, 6});
  weights["fc.bias"] = reals({3}, {0.5, -100, 0});
  EXPECT_EQ(realsOf(run(linearModel, {reals({2, 2}, {1, 1, 2, 0})}, weights)),
            (std::vector<double>{3.5, 0, 11, 2.5, 0, 10}));
  EXPECT_EQ(realsOf(run(linearModel, {reals({0, 2}, {})}, weights)),
            std::vector<double>{});
}

TEST_F(ReferenceTest, ErrorsNameTheThing) {
  EXPECT_NE(errorOf(run(linearModel, {reals({2, 2}, {1, 1, 2, 0})}))
                .find("fc.weight"),
            std::string::npos);
  EXPECT_NE(errorOf(run(linearModel, {reals({4}, {1, 1, 2, 0})})).find("`x`"),
            std::string::npos);
  EXPECT_NE(errorOf(run(linearModel, {})), "");
}

/// Keys all ones: the weights are uniform over the attended keys.
std::string attention(llvm::StringRef predicate, llvm::StringRef emptyRow,
                      llvm::StringRef body = "attune.yield %s : f32") {
  return (R"(
  func.func @m(%k: tensor<1x1x?x2xf32, #attune.shape<1, 1, T, 2>> {attune.name = "k"},
               %v: tensor<1x1x?x1xf32, #attune.shape<1, 1, T, 1>> {attune.name = "v"},
               %len: tensor<1xi32> {attune.name = "len"})
      -> tensor<1x1x?x1xf32, #attune.shape<1, 1, T, 1>> {
    %d = attune.dot %k, %k scale 1.0
      : (tensor<1x1x?x2xf32, #attune.shape<1, 1, T, 2>>, tensor<1x1x?x2xf32, #attune.shape<1, 1, T, 2>>)
      -> !attune.scores<1x1x?x?xf32>
    %f = attune.modify %d {
    ^bb0(%s: f32, %b: i32, %h: i32, %q: i32, %key: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      )" + body +
          R"(
    } : !attune.scores<1x1x?x?xf32> -> !attune.scores<1x1x?x?xf32>
    %m = attune.mask {
    ^bb0(%b: i32, %h: i32, %q: i32, %key: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      )" + predicate +
          R"(
      attune.yield %p : i1
    }
    %y = attune.attend %f, %v mask %m {empty_row = #attune.empty_row<)" +
          emptyRow + R"(>}
      : (!attune.scores<1x1x?x?xf32>, tensor<1x1x?x1xf32, #attune.shape<1, 1, T, 1>>, !attune.mask)
      -> tensor<1x1x?x1xf32, #attune.shape<1, 1, T, 1>>
    return %y : tensor<1x1x?x1xf32, #attune.shape<1, 1, T, 1>>
  })")
      .str();
}

constexpr const char *causal = "%p = arith.cmpi sle, %key, %q : i32";
constexpr const char *valid =
    "%n = attune.capture %len[%b] : tensor<1xi32> -> i32\n"
    "%p = arith.cmpi slt, %key, %n : i32";

TEST_F(ReferenceTest, CausalRowAttendsToItsPast) {
  Array ones = reals({1, 1, 4, 2}, std::vector<double>(8, 1));
  EXPECT_EQ(realsOf(run(
                attention(causal, "zero"),
                {ones, reals({1, 1, 4, 1}, {1, 3, 5, 7}), integers({1}, {0})})),
            (std::vector<double>{1, 2, 3, 4}));
}

TEST_F(ReferenceTest, MaskedGarbageNeverMatters) {
  Array keys = reals({1, 1, 3, 2}, {1, 1, 1, 1, NAN, INFINITY});
  auto result = realsOf(
      run(attention(valid, "zero"),
          {keys, reals({1, 1, 3, 1}, {2, 4, NAN}), integers({1}, {2})}));
  ASSERT_EQ(result.size(), 3u);
  EXPECT_EQ(result[0], 3);
  EXPECT_EQ(result[1], 3);
  // The query of row 2 is NaN itself, and it attends to keys 0 and 1.
  EXPECT_TRUE(std::isnan(result[2]));
}

TEST_F(ReferenceTest, EmptyRowPolicies) {
  std::vector<Array> inputs = {reals({1, 1, 2, 2}, {1, 1, 1, 1}),
                               reals({1, 1, 2, 1}, {2, 4}), integers({1}, {0})};
  EXPECT_EQ(realsOf(run(attention(valid, "zero"), inputs)),
            (std::vector<double>{0, 0}));
  EXPECT_EQ(realsOf(run(attention(valid, "uniform"), inputs)),
            (std::vector<double>{3, 3}));
  for (double value : realsOf(run(attention(valid, "nan"), inputs)))
    EXPECT_TRUE(std::isnan(value));
}

TEST_F(ReferenceTest, ScoreOfMinusInfinityIsAMaskedKey) {
  // Key 0 gets -inf, so every row sees key 1 alone.
  std::string body = "%zero = arith.constant 0 : i32\n"
                     "%low = arith.constant 0xFF800000 : f32\n"
                     "%c = arith.cmpi eq, %key, %zero : i32\n"
                     "%r = arith.select %c, %low, %s : f32\n"
                     "attune.yield %r : f32";
  EXPECT_EQ(realsOf(run(attention("%p = arith.constant true", "zero", body),
                        {reals({1, 1, 2, 2}, {1, 1, 1, 1}),
                         reals({1, 1, 2, 1}, {2, 4}), integers({1}, {2})})),
            (std::vector<double>{4, 4}));
}

TEST_F(ReferenceTest, LoopRunsTheBodyWithEachStepsWeights) {
  llvm::StringMap<Array> weights;
  weights["a.0.w"] = reals({1, 1}, {2});
  weights["a.1.w"] = reals({1, 1}, {5});
  const char *text = R"(
  func.func @m(%x: tensor<1x1xf32> {attune.name = "x"}) -> tensor<1x1xf32> {
    %y = attune.for "i" from 0 to 2 carry(%x : tensor<1x1xf32>) {
    ^bb0(%i: index, %h: tensor<1x1xf32>):
      %w = attune.param "a.{i}.w"[%i] : tensor<1x1xf32>
      %n = attune.linear %h, %w : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
      attune.yield %n : tensor<1x1xf32>
    } : tensor<1x1xf32>
    return %y : tensor<1x1xf32>
  })";
  EXPECT_EQ(realsOf(run(text, {reals({1, 1}, {3})}, weights)),
            std::vector<double>{30});
}

TEST_F(ReferenceTest, HeadsAreHeadMajorInsideTheFeatureAxis) {
  const char *text = R"(
  func.func @m(%x: tensor<2x4xf32> {attune.name = "x"}) -> tensor<2x2x2xf32> {
    %y = attune.head_split %x heads 2 : (tensor<2x4xf32>) -> tensor<2x2x2xf32>
    return %y : tensor<2x2x2xf32>
  })";
  EXPECT_EQ(realsOf(run(text, {reals({2, 4}, {0, 1, 2, 3, 4, 5, 6, 7})})),
            (std::vector<double>{0, 1, 4, 5, 2, 3, 6, 7}));
}

TEST(Tolerance, NamesTheRule) {
  Comparison same = compare({1, NAN}, {1, NAN}, {1, NAN}, 0x1p-24);
  EXPECT_TRUE(same.passed());
  EXPECT_EQ(same.ratio(), 0);
  Comparison off = compare({1.5, 2}, {1, 2}, {1.125, 2}, 0x1p-24);
  EXPECT_FALSE(off.passed());
  EXPECT_EQ(off.maxError, 0.5);
  EXPECT_DOUBLE_EQ(off.tolerance, 2 * 0.125 + 16 * 0x1p-24 * 2);
  EXPECT_EQ(off.worst, 0);
  EXPECT_FALSE(compare({INFINITY}, {-INFINITY}, {0}, 0x1p-24).passed());
  EXPECT_FALSE(compare({0}, {NAN}, {0}, 0x1p-24).passed());
}

} // namespace
