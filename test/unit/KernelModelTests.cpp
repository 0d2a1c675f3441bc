//===- KernelModelTests.cpp - Kernels through a built library -------------===//

#include "CompiledModel.h"
#include "Numbers.h"
#include "dialect/Target.h"
#include "llvm/Support/FormatVariadic.h"
#include <gtest/gtest.h>
#include <regex>
#include <sstream>

using namespace attune;
using namespace attune::test;

namespace {

std::string argument(const std::string &name, const std::string &extra) {
  return "%" + name + ": memref<1x3x?x20xf32> {attune.name = \"" + name +
         "\", attune.shape = #attune.shape<1, 3, T, 20>" + extra + "}";
}

class KernelModel : public testing::TestWithParam<int> {
protected:
  void SetUp() override {
    if (!canRun(GetParam()))
      GTEST_SKIP() << "this machine has no such vectors";
  }
};

/// A causal attend of 3 heads of 20 columns, with key blocks of 64.
std::string causalAttend(int64_t width) {
  std::string m = "memref<1x3x?x20xf32>";
  std::string body = llvm::formatv(
      "%t = attune.dim \"T\" : index\n"
      "%c = arith.constant 32 : index\n%d = arith.constant 60 : index\n"
      "%r = arith.addi %t, %c : index\n%n = arith.muli %r, %d : index\n"
      "%keys = memref.alloc(%n) {{attune.slot = 0 : i64} : memref<?xf32>\n"
      "%scratch = memref.alloc() {{attune.slot = 1 : i64} : "
      "memref<64x16384xf32>\n"
      "attune.kernel <attend> lhs(%q) rhs(%k) value(%v) out(%y) "
      "workspace(%keys, %scratch) blocking <rows = {0}, columns = {1}, "
      "row_block = 48, depth_block = 64> ranges {{\n"
      "^bb0(%b: index, %h: index, %f: index, %l: index, %nq: index, %nk: "
      "index):\n"
      "%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n"
      "%f1 = arith.addi %f, %c1 : index\n%l1 = arith.addi %l, %c1 : index\n"
      "attune.yield %c0, %c0, %f1, %l1 : index, index, index, index\n"
      "} score {{} mask {{\n"
      "^bb0(%b: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, "
      "%nk: i32):\n"
      "%x = arith.cmpi sle, %j, %i : i32\nattune.yield %x : i1\n"
      "} {{scales = array<f64: 0.5>, weight_index = array<i64: -1>} : "
      "{2}, {2}, {2}, {2}, memref<?xf32>, memref<64x16384xf32>",
      width == 16 ? 12 : 6, 2 * width, m);
  std::string ir =
      modelText(argument("q", "") + ", " + argument("k", "") + ", " +
                    argument("v", "") + ", " + argument("y", ", attune.output"),
                body,
                "attune.slots = [#attune.slot<[<240 * T + 7680>]>, "
                "#attune.slot<[<4194304>]>]");
  // T is read from axis 2.
  return ir.replace(ir.find("axis = 0"), 8, "axis = 2");
}

/// Micro kernels of an assembly text: loops without inner labels that multiply
/// and broadcast scalars from memory, and the stack references in them.
struct MicroKernels {
  int loops = 0, stackReferences = 0;

  explicit MicroKernels(const std::string &assembly) {
    std::istringstream lines(assembly);
    std::string line, label, body;
    while (std::getline(lines, line)) {
      size_t colon = line.find(':');
      if (!line.empty() && !isspace(line[0]) && colon != std::string::npos) {
        label = line.substr(0, colon);
        body.clear();
        continue;
      }
      body += line + "\n";
      std::smatch jump;
      static const std::regex pattern("^\\s+j\\w+\\s+([.\\w$]+)");
      if (!std::regex_search(line, jump, pattern))
        continue;
      if (jump[1] == label)
        add(body);
      label.clear();
    }
  }

private:
  static int count(const std::string &text, const char *pattern) {
    std::regex regex(pattern);
    return std::distance(std::sregex_iterator(text.begin(), text.end(), regex),
                         {});
  }
  void add(const std::string &body) {
    if (count(body, "vfmadd") < 8 ||
        !count(body, "vbroadcastss\\s+[^,\n]*\\((?!%rip)|"
                     "\\((?!%rip)[^)]*\\)\\{1to"))
      return;
    ++loops;
    stackReferences += count(body, "\\(%rsp|Spill|Reload");
  }
};

} // namespace

// Tasks of several workers, masked panels, tails in every direction.
TEST_P(KernelModel, causalAttendRunsOnThePool) {
  int64_t heads = 3, depth = 20;
  CompiledModel model(causalAttend(GetParam()), "m", GetParam());
  ASSERT_EQ(model.error(), "");
  for (int64_t length : {1, 7, 33, 67, 200}) {
    Random random(9);
    int64_t count = heads * length * depth;
    std::vector<int64_t> shape{1, heads, length, depth};
    Tensor<float> q(shape, random.array(count), 2);
    Tensor<float> k(shape, random.array(count), 2);
    Tensor<float> v(shape, random.array(count), 2);
    Tensor<float> y(shape, std::vector<float>(count, -7.0f), 2);
    ASSERT_EQ(model.run({&q.view, &k.view, &v.view, &y.view}, {length}),
              ATTUNE_OK)
        << model.lastError.message;
    double worst = 0;
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t i = 0; i < length; ++i) {
        const float *query = &q.elements[(h * length + i) * depth];
        std::vector<double> sums(depth);
        double total = 0;
        for (int64_t j = 0; j <= i; ++j) {
          double score = 0;
          for (int64_t e = 0; e < depth; ++e)
            score +=
                double(query[e]) * k.elements[(h * length + j) * depth + e];
          double weight = std::exp(0.5 * score);
          total += weight;
          for (int64_t e = 0; e < depth; ++e)
            sums[e] += weight * v.elements[(h * length + j) * depth + e];
        }
        for (int64_t e = 0; e < depth; ++e)
          worst = std::max(worst,
                           std::abs(sums[e] / total -
                                    y.elements[(h * length + i) * depth + e]));
      }
    EXPECT_LE(worst, 1e-6) << length;
  }
}

// The hot loops of the library itself; compiling needs no such machine.
TEST(KernelAssembly, microKernelsStayInRegisters) {
  for (int width : {8, 16}) {
    Target target = *Target::get(width == 8 ? "haswell" : "znver5");
    CompiledModel model(causalAttend(width), "m", target);
    ASSERT_EQ(model.error(), "");
    MicroKernels kernels(model.assembly());
    // Scores without and with mask, times V: 16 columns and the rest of 20.
    EXPECT_GE(kernels.loops, 3) << width;
    EXPECT_EQ(kernels.stackReferences, 0) << width;
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, KernelModel, testing::Values(4, 8, 16));
