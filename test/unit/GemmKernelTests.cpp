//===- GemmKernelTests.cpp - The gemm kernel against double sums ----------===//

#include "KernelJit.h"
#include "Numbers.h"
#include "llvm/Support/FormatVariadic.h"
#include <gtest/gtest.h>

using namespace attune::test;

namespace {

/// A register block for vectors of `width` floats.
struct Block {
  int64_t width, rows;
};

struct GemmCase {
  int64_t m, k, n;
  Block block{8, 6};
  bool dynamicRows = false;
  bool bias = true, residual = false;
  const char *activation = "none";
};

double apply(const std::string &activation, double x) {
  if (activation == "relu")
    return std::isnan(x) ? x : std::max(x, 0.0);
  if (activation == "silu")
    return x / (1 + std::exp(-x));
  return x;
}

/// out = activation(lhs * rhs^T + bias) + residual for random arrays, with rhs
/// packed in panels of 2 * width columns.
void run(const GemmCase &c) {
  SCOPED_TRACE(llvm::formatv("m {0} k {1} n {2} width {3} {4}", c.m, c.k, c.n,
                             c.block.width, c.activation)
                   .str());
  int64_t columns = 2 * c.block.width, panels = (c.n + columns - 1) / columns;
  std::string m = c.dynamicRows ? "?" : std::to_string(c.m);
  std::string x = llvm::formatv("memref<{0}x{1}xf32>", m, c.k);
  std::string w =
      llvm::formatv("memref<{0}x{1}x{2}xf32>", panels, c.k, columns);
  std::string b = llvm::formatv("memref<{0}xf32>", panels * columns);
  std::string y = llvm::formatv("memref<{0}x{1}xf32>", m, c.n);
  std::string operands = x + ", " + w, names;
  if (c.bias)
    names += " bias(%b)", operands += ", " + b;
  if (c.residual)
    names += " residual(%r)", operands += ", " + y;
  operands += ", " + y;
  std::string ir = llvm::formatv(
      "func.func @f(%x: {0}, %w: {1}, %b: {2}, %r: {3}, %y: {3}) {{\n"
      "  attune.kernel <gemm> lhs(%x) rhs(%w){4} out(%y)\n"
      "    blocking <rows = {5}, columns = {6}, row_block = 48, depth_block = "
      "512>\n"
      "    ranges {{} score {{} mask {{} {{activation = "
      "#attune.activation<{7}>} : {8}\n"
      "  return\n}\n",
      x, w, b, y, names, c.block.rows, columns, c.activation, operands);
  KernelJit jit(ir, c.block.width);
  ASSERT_EQ(jit.error(), "") << ir;

  Random random(17);
  std::vector<float> xs = random.array(c.m * c.k), ws = random.array(c.n * c.k);
  std::vector<float> bs = random.array(panels * columns);
  std::vector<float> rs = random.array(c.m * c.n), ys(c.m * c.n + 64, -7.0f);
  std::vector<float> packed(panels * c.k * columns);
  for (int64_t j = 0; j < c.n; ++j)
    for (int64_t k = 0; k < c.k; ++k)
      packed[(j / columns * c.k + k) * columns + j % columns] = ws[j * c.k + k];
  jit.call("f", {Array({c.m, c.k}, xs), Array({panels, c.k, columns}, packed),
                 Array({panels * columns}, bs), Array({c.m, c.n}, rs),
                 Array({c.m, c.n}, ys)});
  ASSERT_EQ(jit.error(), "");
  double worst = 0;
  for (int64_t i = 0; i < c.m; ++i)
    for (int64_t j = 0; j < c.n; ++j) {
      double sum = c.bias ? bs[j] : 0;
      for (int64_t k = 0; k < c.k; ++k)
        sum += double(xs[i * c.k + k]) * ws[j * c.k + k];
      sum = apply(c.activation, sum);
      if (c.residual)
        sum += rs[i * c.n + j];
      worst = std::max(worst, std::abs(sum - ys[i * c.n + j]));
    }
  EXPECT_LE(worst, 6e-8 * double(c.k) + 1e-6);
  for (size_t i = c.m * c.n; i < ys.size(); ++i)
    ASSERT_EQ(ys[i], -7.0f) << "written after the end";
}

TEST(GemmKernel, StaticSizes) {
  for (int64_t m : {1, 2, 5, 6, 7, 33, 48, 49, 67})
    for (int64_t n : {1, 15, 16, 17, 64, 67})
      run({m, 33, n});
}

TEST(GemmKernel, DynamicRows) {
  for (int64_t m : {0, 1, 3, 5, 6, 11, 97, 150})
    for (int64_t n : {16, 72})
      run({m, 7, n, {8, 6}, true});
}

TEST(GemmKernel, OtherVectorWidths) {
  for (int64_t m : {1, 13, 50}) {
    run({m, 19, 40, {4, 4}, true});
    run({m, 19, 72, {16, 12}, true});
  }
}

TEST(GemmKernel, Epilogues) {
  run({13, 20, 24, {8, 6}, true, false});
  run({13, 20, 24, {8, 6}, true, true, true});
  run({13, 20, 23, {8, 6}, true, true, true, "relu"});
  run({13, 20, 24, {8, 6}, true, true, false, "silu"});
}

TEST(GemmKernel, ZeroExtents) {
  run({0, 4, 16});
  run({5, 0, 16});
  run({5, 4, 0});
}

TEST(GemmKernel, DepthBlocks) {
  run({7, 2048, 16});
  run({7, 2049, 20, {8, 6}, true, true, true, "relu"});
  run({3, 6200, 16, {8, 6}, true, true, true, "relu"});
}

/// out[b] = lhs[b] * rhs[b], rhs as plain rows, batches [2, 3] or repeated.
void runRows(int64_t m, int64_t k, int64_t n, bool dynamic, bool repeat,
             bool transposed) {
  SCOPED_TRACE(llvm::formatv("m {0} k {1} n {2}", m, k, n).str());
  int64_t a = 2, b = 3, rhsA = repeat ? 1 : 2;
  auto type = [&](int64_t lead, int64_t rows, int64_t columns) -> std::string {
    if (dynamic)
      return llvm::formatv("memref<{0}x3x?x?xf32>", lead);
    return llvm::formatv("memref<{0}x3x{1}x{2}xf32>", lead, rows, columns);
  };
  std::string lhs = type(a, m, k), rhs = type(rhsA, k, n), out = type(a, m, n);
  if (transposed)
    rhs = llvm::formatv("memref<{0}x3x?x?xf32, strided<[?, ?, ?, ?], offset: "
                        "?>>",
                        rhsA);
  std::string ir = llvm::formatv(
      "func.func @f(%x: {0}, %w: {1}, %y: {2}) {{\n"
      "  attune.kernel <gemm> lhs(%x) rhs(%w) out(%y)\n"
      "    blocking <rows = 6, columns = 16, row_block = 48, depth_block = "
      "512>\n"
      "    ranges {{} score {{} mask {{} {{rhs_rows} : {0}, {1}, {2}\n"
      "  return\n}\n",
      lhs, rhs, out);
  KernelJit jit(ir, 8);
  ASSERT_EQ(jit.error(), "") << ir;
  Random random(5);
  std::vector<float> xs = random.array(a * b * m * k);
  std::vector<float> ws = random.array(rhsA * b * k * n);
  std::vector<float> ys(a * b * m * n + 64, -7.0f);
  int64_t rowStride = transposed ? 1 : n, columnStride = transposed ? k : 1;
  jit.call("f", {Array({a, b, m, k}, xs),
                 Array({rhsA, b, k, n},
                       {b * k * n, k * n, rowStride, columnStride}, ws.data()),
                 Array({a, b, m, n}, ys)});
  double worst = 0;
  for (int64_t batch = 0; batch < a * b; ++batch)
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        int64_t from = (repeat ? batch % b : batch) * k * n;
        double sum = 0;
        for (int64_t d = 0; d < k; ++d)
          sum += double(xs[(batch * m + i) * k + d]) *
                 ws[from + d * rowStride + j * columnStride];
        worst = std::max(worst, std::abs(sum - ys[(batch * m + i) * n + j]));
      }
  EXPECT_LE(worst, 6e-8 * double(k) + 1e-6);
  for (size_t i = a * b * m * n; i < ys.size(); ++i)
    ASSERT_EQ(ys[i], -7.0f) << "written after the end";
}

TEST(GemmKernel, Rows) {
  for (bool dynamic : {false, true})
    for (bool repeat : {false, true})
      for (int64_t m : {0, 1, 7, 50})
        for (int64_t n : {0, 1, 16, 37})
          runRows(m, 9, n, dynamic, repeat, n == 37);
}

} // namespace
