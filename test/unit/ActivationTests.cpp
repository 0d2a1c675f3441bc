//===- ActivationTests.cpp - Errors of the activations --------------------===//
//
// One float in 4099 of all that exist, and the special ones, against the C
// library in f64.
//
//===----------------------------------------------------------------------===//

#include "test/unit/CompiledModel.h"
#include <cmath>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <limits>

using namespace attune::test;

namespace {

std::vector<float> samples() {
  std::vector<float> values = {0.0f,     -0.0f,        1.0f, -1.0f,
                               INFINITY, -INFINITY,    NAN,  1e-45f,
                               -1e-45f,  3.4028235e38f};
  for (uint64_t bits = 0; bits < (uint64_t(1) << 32); bits += 4099) {
    float value;
    uint32_t word = bits;
    std::memcpy(&value, &word, 4);
    values.push_back(value);
  }
  return values;
}

struct Function {
  const char *name;
  std::function<double(double)> truth;
  double ulps; ///< bound, of the result or of `scale` if that is larger
  std::function<double(double)> scale;
};

double nothing(double) { return 0; }
/// Below e^-88 the formula's e^-x overflows.
double tiny(double) { return 1e-30; }

/// The distance of two neighbours at |value|, at least the least denormal.
double ulpOf(double value) {
  float near = float(std::min(std::fabs(value), 3.0e38));
  return double(std::nextafterf(near, INFINITY)) - near;
}

class Activations : public testing::TestWithParam<int> {};

} // namespace

TEST_P(Activations, isAccurateToAFewUlps) {
  int width = GetParam();
  if (!canRun(width))
    GTEST_SKIP() << "this machine has no vectors of " << width << " floats";
  auto identity = [](double x) { return std::fabs(x); };
  const Function functions[] = {
      {"relu", [](double x) { return x > 0    ? x
                                     : x != x ? x
                                              : 0.0; }, 0,
       nothing},
      {"tanh", [](double x) { return std::tanh(x); }, 7, nothing},
      {"sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }, 5, tiny},
      {"exp", [](double x) { return std::exp(x); }, 4, nothing},
      {"exp2", [](double x) { return std::exp2(x); }, 4, nothing},
      {"log", [](double x) { return std::log(x); }, 1.5, nothing},
      {"sqrt", [](double x) { return std::sqrt(x); }, 0.6, nothing},
      {"rsqrt", [](double x) { return 1 / std::sqrt(x); }, 2, nothing},
      {"abs", [](double x) { return std::fabs(x); }, 0, nothing},
      {"neg", [](double x) { return -x; }, 0, nothing},
      // Like their formulas these cancel for large negative x: the bound is in
      // ulps of x.
      {"gelu", [](double x) { return 0.5 * x * (1 + std::erf(x * M_SQRT1_2)); },
       2, identity},
      {"gelu_tanh",
       [](double x) {
         double inner = 0.7978845608028654 * (x + 0.044715 * x * x * x);
         return 0.5 * x * (1 + std::tanh(inner));
       },
       3, identity},
      {"silu", [](double x) { return x / (1 + std::exp(-x)); }, 6, tiny}};
  std::vector<float> values = samples();
  int64_t count = values.size();
  Tensor<float> x({count}, values, 2), y({count}, values, 2);
  for (const Function &function : functions) {
    SCOPED_TRACE(function.name);
    CompiledModel model(
        modelText("%x: memref<?xf32> {attune.name = \"x\", attune.shape = "
                  "#attune.shape<T>}, %y: memref<?xf32> {attune.name = \"y\", "
                  "attune.output, attune.shape = #attune.shape<T>}",
                  std::string("  attune.activation <") + function.name +
                      "> %x into %y : (memref<?xf32>, memref<?xf32>) -> ()"),
        "m", width);
    ASSERT_EQ(model.error(), "");
    ASSERT_EQ(model.run({&x.view, &y.view}, {count}), ATTUNE_OK)
        << model.lastError.message;
    double worst = 0;
    for (int64_t i = 0; i < count; ++i) {
      float in = x.elements[i], out = y.elements[i];
      double truth = function.truth(in);
      if (std::isnan(truth)) {
        ASSERT_TRUE(std::isnan(out)) << in << " gives " << out;
        continue;
      }
      ASSERT_FALSE(std::isnan(out)) << in << " gives NaN for " << truth;
      if (std::fabs(truth) > 3.4028234e38) {
        ASSERT_GE(std::fabs(out), 3.4028e38) << in;
        continue;
      }
      double ulp = ulpOf(std::max(std::fabs(truth), function.scale(in)));
      double error = std::fabs(out - truth) / ulp;
      worst = std::max(worst, error);
      ASSERT_LE(error, function.ulps)
          << in << " gives " << out << " for " << truth;
    }
    RecordProperty(function.name, std::to_string(worst));
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, Activations, testing::Values(4, 8, 16));
