//===- AttendCase.cpp - One attend kernel and its double reference --------===//

#include "AttendCase.h"
#include "llvm/Support/FormatVariadic.h"
#include <gtest/gtest.h>

using namespace attune::test;

namespace {

/// Storage of an array [B, H, T, E] in a layout, with what a memref needs.
struct Stored {
  std::vector<float> data;
  std::vector<int64_t> shape, strides;

  Stored(Layout layout, std::vector<int64_t> shapeArg,
         const std::vector<float> &plain)
      : shape(std::move(shapeArg)) {
    int64_t h = shape[1], t = shape[2], e = shape[3];
    if (layout == Layout::HeadsInside)
      strides = {t * h * e, e, h * e, 1};
    else if (layout == Layout::Transposed)
      strides = {h * t * e, t * e, 1, t};
    else
      strides = {h * t * e, t * e, e, 1};
    data.assign(plain.size() + 16, -7.0f); // something to overwrite
    forEach([&](int64_t from, int64_t to) { data[to] = plain[from]; });
  }

  void forEach(std::function<void(int64_t, int64_t)> body) const {
    int64_t index = 0;
    for (int64_t b = 0; b < shape[0]; ++b)
      for (int64_t h = 0; h < shape[1]; ++h)
        for (int64_t t = 0; t < shape[2]; ++t)
          for (int64_t e = 0; e < shape[3]; ++e)
            body(index++, b * strides[0] + h * strides[1] + t * strides[2] +
                              e * strides[3]);
  }

  Array array() { return Array(shape, strides, data.data()); }
};

std::string region(const std::string &text) {
  return text.empty() ? "{}" : "{\n" + text + "\n}";
}

} // namespace

std::string AttendCase::ir() const {
  auto type = [&](int64_t heads, int64_t length, int64_t depth) {
    std::string t = dynamicLengths ? "?" : std::to_string(length);
    std::string b = dynamicLengths ? "?" : std::to_string(batch);
    std::string result =
        llvm::formatv("memref<{0}x{1}x{2}x{3}xf32", b, heads, t, depth);
    if (layout == Layout::HeadsInside)
      result += ", strided<[?, ?, ?, 1], offset: ?>";
    if (layout == Layout::Transposed)
      result += ", strided<[?, ?, ?, ?], offset: ?>";
    return result + ">";
  };
  std::string arguments, lhs, rhs, lhsTypes, rhsTypes, weightNames, weightTypes;
  std::string scales, weightIndex;
  auto append = [](std::string &list, const std::string &item) {
    list += (list.empty() ? "" : ", ") + item;
  };
  for (int64_t m = 0; m < sources; ++m) {
    std::string n = std::to_string(m);
    append(arguments, "%q" + n + ": " + type(heads, queries, depth));
    append(arguments, "%k" + n + ": " + type(keyHeads, keys, depth));
    append(lhs, "%q" + n);
    append(rhs, "%k" + n);
    append(lhsTypes, type(heads, queries, depth));
    append(rhsTypes, type(keyHeads, keys, depth));
    append(scales, std::to_string(0.5 + m));
    append(weightIndex, headWeights ? n : "-1");
    if (headWeights) {
      std::string weight = llvm::formatv("memref<{0}xf32>", heads);
      append(arguments, "%w" + n + ": " + weight);
      append(weightNames, "%w" + n);
      append(weightTypes, weight);
    }
  }
  int64_t columns = 2 * width, panels = (keys + columns - 1) / columns;
  int64_t slots = workspaceHeads ? workspaceHeads : batch * keyHeads;
  auto pad = [](int64_t value, int64_t to) {
    return (value + to - 1) / to * to;
  };
  int64_t packed = slots * (sources * panels * columns * depth +
                            keys * (pad(valueDepth, columns) + 1) + 16);
  int64_t scratch =
      rows * keyBlock + rowBlock * (pad(sources * depth, 16) +
                                    pad(valueDepth, columns) + columns + 16);
  std::string ws0 = llvm::formatv("memref<{0}xf32>", packed);
  std::string ws1 = llvm::formatv("memref<1x{0}xf32>", scratch);
  append(arguments, "%v: " + type(valueHeads, keys, valueDepth));
  append(arguments, "%o: " + type(heads, queries, valueDepth));
  append(arguments, "%ws0: " + ws0 + ", %ws1: " + ws1);
  append(arguments,
         llvm::formatv("%len: memref<{0}xi32>, %pad: "
                       "memref<{0}x{1}xi8>, %bias: memref<{2}x{1}xf32>",
                       batch, keys, heads));
  std::string types = lhsTypes + ", " + rhsTypes;
  if (headWeights)
    types += ", " + weightTypes;
  types += ", " + type(valueHeads, keys, valueDepth) + ", " +
           type(heads, queries, valueDepth) + ", " + ws0 + ", " + ws1;
  return "func.func @f(" + arguments + ") {\n  attune.kernel <attend> lhs(" +
         lhs + ") rhs(" + rhs + ")" +
         (headWeights ? " head_weights(" + weightNames + ")" : "") +
         " value(%v) out(%o) workspace(%ws0, %ws1) blocking <rows = " +
         std::to_string(rows) + ", columns = " + std::to_string(columns) +
         ", row_block = " + std::to_string(rowBlock) +
         ", depth_block = " + std::to_string(keyBlock) + "> ranges " +
         region(ranges) + " score " + region(score) + " mask " + region(mask) +
         " {scales = array<f64: " + scales +
         ">, weight_index = array<i64: " + weightIndex + ">} : " + types +
         "\n  return\n}\n";
}

std::vector<double> AttendCase::reference() const {
  std::vector<double> out;
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t i = 0; i < queries; ++i) {
        std::vector<double> scores(keys, -INFINITY);
        std::vector<bool> used(keys);
        double highest = -INFINITY;
        bool poisoned = false;
        for (int64_t j = 0; j < keys; ++j) {
          used[j] = !attends || attends(b, h, i, j);
          if (!used[j])
            continue;
          double sum = 0;
          for (int64_t m = 0; m < sources; ++m) {
            double dot = 0;
            for (int64_t e = 0; e < depth; ++e)
              dot += double(q[m][queryIndex(b, h, i, e)]) *
                     k[m][keyIndex(b, h / (heads / keyHeads), j, e)];
            sum +=
                dot * (0.5 + m) * (headWeights ? weights[m * heads + h] : 1.0f);
          }
          scores[j] = scoreOf ? scoreOf(sum, b, h, i, j) : sum;
          poisoned |= std::isnan(scores[j]) || scores[j] == INFINITY;
          highest = std::max(highest, scores[j]);
        }
        double total = 0;
        for (int64_t j = 0; j < keys; ++j)
          if (scores[j] > -INFINITY)
            total += std::exp(scores[j] - highest);
        for (int64_t c = 0; c < valueDepth; ++c) {
          double sum = 0;
          for (int64_t j = 0; j < keys; ++j)
            if (scores[j] > -INFINITY)
              sum += std::exp(scores[j] - highest) *
                     v[valueIndex(b, h / (heads / valueHeads), j, c)];
          out.push_back(poisoned ? NAN : total ? sum / total : 0);
        }
      }
  return out;
}

void AttendCase::run() {
  SCOPED_TRACE(llvm::formatv("B {0} H {1} Tq {2} Tk {3} E {4} Ev {5} W {6}",
                             batch, heads, queries, keys, depth, valueDepth,
                             width)
                   .str());
  Random random(23);
  for (int64_t m = 0; m < sources; ++m) {
    q.push_back(random.array(batch * heads * queries * depth));
    k.push_back(random.array(batch * keyHeads * keys * depth));
  }
  v = random.array(batch * valueHeads * keys * valueDepth);
  weights = random.array(sources * heads);
  lengths.resize(batch);
  pads.resize(batch * keys);
  bias.resize(heads * keys);
  if (edit)
    edit(*this);

  KernelJit jit(ir(), width);
  ASSERT_EQ(jit.error(), "") << ir();
  std::vector<Stored> stored;
  stored.reserve(2 * sources + 2);
  std::vector<Array> arguments;
  std::vector<std::vector<float>> weightRows(sources);
  for (int64_t m = 0; m < sources; ++m) {
    stored.emplace_back(layout, std::vector{batch, heads, queries, depth},
                        q[m]);
    arguments.push_back(stored.back().array());
    stored.emplace_back(layout, std::vector{batch, keyHeads, keys, depth},
                        k[m]);
    arguments.push_back(stored.back().array());
    weightRows[m].assign(weights.begin() + m * heads,
                         weights.begin() + (m + 1) * heads);
    if (headWeights)
      arguments.push_back(Array({heads}, weightRows[m]));
  }
  stored.emplace_back(layout, std::vector{batch, valueHeads, keys, valueDepth},
                      v);
  arguments.push_back(stored.back().array());
  std::vector<float> nothing(batch * heads * queries * valueDepth, -7.0f);
  stored.emplace_back(layout, std::vector{batch, heads, queries, valueDepth},
                      nothing);
  Stored &out = stored.back();
  arguments.push_back(out.array());
  // Garbage in the workspaces must not matter.
  std::vector<float> ws0(1 << 22, NAN), ws1(1 << 20, NAN);
  arguments.push_back(Array({1}, ws0));
  arguments.push_back(Array({1, 1}, ws1));
  arguments.push_back(Array({batch}, lengths));
  arguments.push_back(Array({batch, keys}, pads));
  arguments.push_back(Array({heads, keys}, bias));
  jit.call("f", arguments);
  ASSERT_EQ(jit.error(), "");

  std::vector<double> expected = reference();
  double worst = 0;
  int64_t wrongNan = 0;
  out.forEach([&](int64_t index, int64_t at) {
    double y = out.data[at];
    if (std::isnan(y) != std::isnan(expected[index]))
      ++wrongNan;
    else if (!std::isnan(y))
      worst = std::max(worst, std::abs(y - expected[index]));
  });
  EXPECT_EQ(wrongNan, 0);
  EXPECT_LE(worst, 2e-6);
  for (size_t at = nothing.size(); at < out.data.size(); ++at)
    EXPECT_EQ(out.data[at], -7.0f) << "written after the end";
}
