/// attune cmp: compares two arrays.
#include "runtime/error.h"
#include "tools/attune/ArrayFile.h"
#include "tools/attune/CompareArrays.h"
#include "tools/attune/Report.h"
#include "tools/attune/RunReport.h"
#include "tools/attune/Verbs.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace llvm;
using attune::reference::Array;

namespace attune::tool {

/// A tolerance that was given, from 0 on and finite.
static bool readNumber(const Arguments &arguments, StringRef option,
                       double &value) {
  std::optional<std::string> text = arguments.get(option);
  if (!text)
    return true;
  if (!StringRef(*text).getAsDouble(value) && std::isfinite(value) &&
      value >= 0)
    return true;
  userError("T0401", "`" + option + "=" + *text + "` is not a tolerance",
            "write a number from 0 on, such as " + option + "=1e-6");
  return false;
}

static bool readTolerance(const Arguments &arguments, Tolerance &tolerance) {
  tolerance.equalNan = !arguments.has("--nan-differs");
  if (std::optional<std::string> text = arguments.get("--ulp"))
    if (StringRef(*text).getAsInteger(10, tolerance.ulps)) {
      userError("T0401", "`--ulp=" + *text + "` is not a number of ulps",
                "write an integer from 0 on");
      return false;
    }
  return readNumber(arguments, "--atol", tolerance.absolute) &&
         readNumber(arguments, "--rtol", tolerance.relative);
}

static std::string typeOf(const TypedArray &file) {
  char text[ATTUNE_TEXT];
  std::string type = attune_type_text(text, file.code, file.bits);
  SmallVector<std::string> sizes;
  for (int64_t size : file.array.shape)
    sizes.push_back(std::to_string(size));
  return type + "[" + join(sizes, ", ") + "]";
}

/// Whether values can be compared: floats, integers and bools do not mix.
static bool sameKind(const TypedArray &a, const TypedArray &b) {
  return a.array.isFloat == b.array.isFloat && (a.code == 6) == (b.code == 6);
}

/// As exact as the value: 9 digits tell f32 values apart, 17 those of f64.
static std::string valueText(const TypedArray &file, int64_t index) {
  if (!file.array.isFloat)
    return std::to_string(file.array.integers[index]);
  std::string text;
  raw_string_ostream(text) << format(file.bits == 64 ? "%.17g" : "%.9g",
                                     file.array.reals[index]);
  return text;
}

namespace {
/// Prints the numbers of one comparison.
class Printer {
public:
  Printer(const TypedArray &a, const TypedArray &b,
          const ArrayComparison &result)
      : a(a), b(b), result(result) {}

  void print();

private:
  std::string at(int64_t index) const {
    return "at " + positionText(a.array.shape, index);
  }
  void error(StringRef name, const Extreme &extreme, double mean);
  void pattern(StringRef name, const Pattern &pattern);

  const TypedArray &a, &b;
  const ArrayComparison &result;
};
} // namespace

void Printer::error(StringRef name, const Extreme &extreme, double mean) {
  if (extreme.index < 0)
    return;
  outs() << name << " error: "
         << format("max %.6g %s, mean %.6g\n", extreme.value,
                   at(extreme.index).c_str(), mean);
}

void Printer::pattern(StringRef name, const Pattern &pattern) {
  if (pattern.inA == 0 && pattern.inB == 0)
    return;
  outs() << name << ": " << pattern.inA << " in A, " << pattern.inB << " in B, "
         << pattern.inBoth << " in both";
  if (pattern.firstMismatch >= 0)
    outs() << "; first difference " << at(pattern.firstMismatch) << ": "
           << valueText(a, pattern.firstMismatch) << " and "
           << valueText(b, pattern.firstMismatch);
  outs() << "\n";
}

void Printer::print() {
  error("absolute", result.absolute, result.meanAbsolute);
  error("relative", result.relative, result.meanRelative);
  if (result.worstUlps >= 0)
    outs() << "ulp of f" << unsigned(std::min(a.bits, b.bits)) << ": max "
           << result.maxUlps << " " << at(result.worstUlps)
           << format(", mean %.6g\n", result.meanUlps);
  pattern("NaN", result.nan);
  pattern("infinite", result.infinite);
  outs() << "not the same value: " << result.unequal << " of " << result.size
         << "\n";
  if (result.bad == 0) {
    outs() << (result.unequal ? "equal within the tolerance\n" : "equal\n");
    return;
  }
  outs() << "different: " << result.bad << " of " << result.size
         << " beyond the tolerance, first " << at(result.firstBad) << ": "
         << valueText(a, result.firstBad) << " and "
         << valueText(b, result.firstBad) << "\n";
}

static int runCmp(const Arguments &arguments) {
  if (arguments.positional.size() != 2)
    return userError("T0011", "`attune cmp` takes two files",
                     "usage: attune cmp A.npy B.npy --rtol=1e-5");
  Tolerance tolerance;
  if (!readTolerance(arguments, tolerance))
    return BadInput;
  std::optional<TypedArray> a = readTypedArray(arguments.positional[0], "A");
  if (!a)
    return BadInput;
  std::optional<TypedArray> b = readTypedArray(arguments.positional[1], "B");
  if (!b)
    return BadInput;
  outs() << "A: " << typeOf(*a) << "\nB: " << typeOf(*b) << "\n";
  if (a->array.shape != b->array.shape) {
    outs() << "different: the shapes differ\n";
    return SaidNo;
  }
  if (!sameKind(*a, *b)) {
    outs() << "different: floats, integers and bools do not mix\n";
    return SaidNo;
  }
  unsigned bits = std::min(a->bits, b->bits);
  const fltSemantics &type = bits == 16   ? APFloat::IEEEhalf()
                             : bits == 32 ? APFloat::IEEEsingle()
                                          : APFloat::IEEEdouble();
  ArrayComparison result = compareArrays(a->array, b->array, type, tolerance);
  Printer(*a, *b, result).print();
  return result.bad ? SaidNo : Done;
}

static constexpr Option options[] = {
    {"--atol", "X", "absolute tolerance: |a - b| <= X + rtol |b|; default 0"},
    {"--rtol", "X", "relative tolerance, of B's values; default 0"},
    {"--ulp", "N", "floats may also be N ulps apart; default 0"},
    {"--nan-differs", "", "a NaN equals nothing, not even a NaN in its place"},
};

const Verb cmpVerb = {
    "cmp", "[OPTION]... A.npy B.npy",
    "Compares two arrays: errors, ulps, the first bad place, NaN and "
    "infinity.\n"
    "B is the reference. Ulps are those of the narrower type. Exit code 1 "
    "when\n"
    "an element is beyond the tolerance, or shapes or kinds of type differ.",
    options, runCmp};

} // namespace attune::tool
