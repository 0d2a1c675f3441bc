//===- VectorMathTests.cpp - Functions of one number against libm ---------===//

#include "KernelJit.h"
#include "Numbers.h"
#include "llvm/Support/FormatVariadic.h"
#include <gtest/gtest.h>

using namespace attune::test;

namespace {

/// Applies activations through a gemm with K = 1 and weight 1: 16 columns.
std::vector<float> evaluate(const std::string &activation,
                            std::vector<float> x) {
  x.resize((x.size() + 63) / 64 * 64);
  int64_t rows = x.size();
  std::string ir = llvm::formatv(
      "func.func @f(%x: memref<{0}x1xf32>, %w: memref<1x1x16xf32>, "
      "%y: memref<{0}x1xf32>) {{\n"
      "  attune.kernel <gemm> lhs(%x) rhs(%w) out(%y) blocking <rows = 6, "
      "columns = 16, row_block = 48, depth_block = 512> ranges {{} score {{} "
      "mask {{} {{activation = #attune.activation<{1}>} : memref<{0}x1xf32>, "
      "memref<1x1x16xf32>, memref<{0}x1xf32>\n  return\n}\n",
      rows, activation);
  KernelJit jit(ir, 8);
  EXPECT_EQ(jit.error(), "");
  std::vector<float> w(16), y(rows);
  w[0] = 1;
  jit.call("f",
           {Array({rows, 1}, x), Array({1, 1, 16}, w), Array({rows, 1}, y)});
  return y;
}

struct Function {
  const char *name;
  double (*exact)(double);
  double relative, absolute; // error = relative |y| + absolute
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double silu(double x) { return x / (1 + std::exp(-x)); }
double gelu(double x) { return 0.5 * x * (1 + std::erf(x * M_SQRT1_2)); }
double geluTanh(double x) {
  return 0.5 * x *
         (1 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
}
double relu(double x) { return x > 0 ? x : 0; }
double exp2Of(double x) { return std::exp2(x); }
double expOf(double x) { return std::exp(x); }
double tanhOf(double x) { return std::tanh(x); }

// Where e^-x overflows, sigmoid is 0 and not a denormal number.
const Function kFunctions[] = {
    {"relu", relu, 0, 0},
    {"exp", expOf, 4e-7, 1e-44},
    {"exp2", exp2Of, 4e-7, 1e-44},
    {"tanh", tanhOf, 4e-7, 1e-9},
    {"sigmoid", sigmoid, 4e-7, 1.2e-38},
    {"silu", silu, 4e-7, 1.2e-36},
    {"gelu", gelu, 4e-7, 4e-7},
    {"gelu_tanh", geluTanh, 4e-7, 6e-7},
};

TEST(VectorMath, CloseToLibm) {
  Random random(3);
  std::vector<float> x;
  for (int i = 0; i < 4000; ++i)
    x.push_back(random.next() * (i % 4 == 0   ? 100.0f
                                 : i % 4 == 1 ? 10.0f
                                              : 1.5f));
  for (float special : {0.0f, -0.0f, 1.0f, -1.0f, 88.7f, -87.3f, -104.0f,
                        127.9f, -126.5f, -149.0f})
    x.push_back(special);
  for (const Function &function : kFunctions) {
    std::vector<float> y = evaluate(function.name, x);
    int wrong = 0;
    for (size_t i = 0; i < x.size() && wrong < 3; ++i) {
      double exact = function.exact(x[i]);
      if (float(exact) == y[i])
        continue; // also where both overflow
      double error = std::abs(exact - y[i]);
      if (!(error <= function.relative * std::abs(exact) + function.absolute)) {
        ADD_FAILURE() << function.name << "(" << x[i] << ") = " << y[i]
                      << ", not " << exact;
        ++wrong;
      }
    }
  }
}

TEST(VectorMath, ExactPowers) {
  std::vector<float> x;
  for (int i = -126; i <= 127; ++i)
    x.push_back(float(i));
  std::vector<float> y = evaluate("exp2", x);
  for (size_t i = 0; i < x.size(); ++i)
    EXPECT_EQ(y[i], std::exp2(x[i])) << "exp2(" << x[i] << ")";
  std::vector<float> one = evaluate("exp", {0.0f, -0.0f});
  EXPECT_EQ(one[0], 1.0f);
  EXPECT_EQ(one[1], 1.0f);
}

TEST(VectorMath, NotNumbers) {
  std::vector<float> x{NAN, -NAN, INFINITY, -INFINITY};
  for (const Function &function : kFunctions) {
    std::vector<float> y = evaluate(function.name, x);
    EXPECT_TRUE(std::isnan(y[0])) << function.name;
    EXPECT_TRUE(std::isnan(y[1])) << function.name;
    // x * sigmoid(x) is NaN at -inf in every framework.
    for (int i : {2, 3}) {
      double exact = function.exact(x[i]);
      if (!std::isnan(exact))
        EXPECT_EQ(y[i], float(exact)) << function.name << "(" << x[i] << ")";
    }
  }
}

} // namespace
