#include "tools/attune/RunReport.h"
#include "reference/Tolerance.h"
#include "tools/attune/ArrayFile.h"
#include "tools/attune/Report.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <cmath>

using namespace llvm;
using attune::reference::Array;

namespace attune::tool {

std::string positionText(ArrayRef<int64_t> shape, int64_t index) {
  SmallVector<int64_t> indices(shape.size());
  for (size_t axis = shape.size(); axis-- > 0;) {
    indices[axis] = index % shape[axis];
    index /= shape[axis];
  }
  std::string text = "[";
  for (auto [i, value] : enumerate(indices))
    text += (i ? ", " : "") + std::to_string(value);
  return text + "]";
}

static void printArray(StringRef what, const TensorInfo &info,
                       const Array &array) {
  std::string type = info.str();
  outs() << what << " " << info.name << ": "
         << StringRef(type).take_until([](char c) { return c == '['; }) << "[";
  interleaveComma(array.shape, outs());
  outs() << "]";
  if (array.isFloat && !array.reals.empty()) {
    double low = INFINITY, high = -INFINITY;
    int64_t odd = 0;
    for (double value : array.reals) {
      odd += !std::isfinite(value);
      low = std::isfinite(value) ? std::min(low, value) : low;
      high = std::isfinite(value) ? std::max(high, value) : high;
    }
    if (low <= high)
      outs() << format("  in [%.4g, %.4g]", low, high);
    if (odd)
      outs() << ", " << odd << " not finite";
  }
  outs() << "\n";
}

void printRun(const Signature &signature, ArrayRef<Array> inputs,
              const RunResult &result, bool interpreted) {
  for (auto [info, array] : zip(signature.inputs, inputs))
    printArray("input", info, array);
  for (auto [info, array] : zip(signature.outputs, result.outputs))
    printArray("output", info, array);
  if (interpreted) {
    outs() << "interpreted in float64\n";
    return;
  }
  std::vector<double> seconds = result.seconds;
  std::sort(seconds.begin(), seconds.end());
  outs() << "workspace " << result.workspaceBytes << " bytes\n"
         << format("time %.3f ms", seconds[seconds.size() / 2] * 1e3);
  if (seconds.size() > 1)
    outs() << " (median of " << seconds.size() << ")";
  outs() << "\n";
}

static std::vector<double> asReals(const Array &array) {
  if (array.isFloat)
    return array.reals;
  return {array.integers.begin(), array.integers.end()};
}

bool compareOutput(const TensorInfo &info, const Array &output,
                   const Array &expected, const Array &naive,
                   const Array &oracle, double multiples) {
  // Integers are exact: no rounding is allowed.
  double roundoff = info.element.isF32() ? std::ldexp(1.0, -24) : 0;
  // The naive evaluation's rounding error is taken against the oracle, not
  // against what is expected: a file of another model must not widen its own
  // tolerance.
  std::vector<double> truth = asReals(expected), rounded = truth,
                      f32 = asReals(naive), f64 = asReals(oracle);
  for (size_t at = 0; at < truth.size(); ++at)
    rounded[at] += f32[at] - f64[at];
  reference::Comparison comparison =
      reference::compare(asReals(output), truth, rounded, roundoff);
  bool passed =
      comparison.nonFiniteMismatch < 0 && comparison.ratio() <= multiples;
  outs() << info.name << ": "
         << format("max error %.3g %s tolerance %.3g (ratio %.3f)",
                   comparison.maxError, passed ? "within" : "exceeds",
                   comparison.tolerance * multiples,
                   comparison.ratio() / multiples);
  if (comparison.nonFiniteMismatch >= 0)
    outs() << ", not finite in one only at "
           << positionText(output.shape, comparison.nonFiniteMismatch);
  else if (!passed)
    outs() << " at " << positionText(output.shape, comparison.worst);
  outs() << "\n";
  return passed;
}

int compareExpected(const Arguments &arguments, const Signature &signature,
                    ArrayRef<Array> outputs, ArrayRef<Array> naive,
                    ArrayRef<Array> oracle) {
  int code = Done;
  for (const std::string &text : arguments.all("--expect")) {
    auto [name, path] = StringRef(text).split("=@");
    for (auto [i, info] : enumerate(signature.outputs)) {
      if (info.name != name)
        continue;
      std::optional<Array> expected =
          readArrayFile(path, "expected `" + name + "`", outputs[i].isFloat,
                        /*allowDouble=*/true);
      if (!expected)
        return BadInput;
      if (expected->shape != outputs[i].shape)
        return userError("T0209", path + " has another shape than output `" +
                                      name + "` of type " + info.str());
      if (!compareOutput(info, outputs[i], *expected, naive[i], oracle[i], 1))
        code = SaidNo;
    }
  }
  return code;
}

} // namespace attune::tool
