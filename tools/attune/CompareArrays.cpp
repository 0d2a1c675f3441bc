#include "tools/attune/CompareArrays.h"
#include <cmath>

using namespace llvm;
using attune::reference::Array;

namespace attune::tool {

/// The place of a value among all values of its type: neighbours differ by 1,
/// and both zeros are 0.
static int64_t ordinal(double value, const fltSemantics &type) {
  APFloat rounded(value);
  bool losesInfo;
  rounded.convert(type, APFloat::rmNearestTiesToEven, &losesInfo);
  APInt bits = rounded.bitcastToAPInt();
  bool isNegative = bits.isNegative();
  bits.clearSignBit();
  int64_t magnitude = int64_t(bits.getZExtValue());
  return isNegative ? -magnitude : magnitude;
}

uint64_t ulpDistance(double a, double b, const fltSemantics &type) {
  int64_t left = ordinal(a, type), right = ordinal(b, type);
  // Magnitudes have 63 bits, so that the difference fits 64 without a sign.
  return left < right ? uint64_t(right) - uint64_t(left)
                      : uint64_t(left) - uint64_t(right);
}

static void count(Pattern &pattern, bool inA, bool inB, bool match,
                  int64_t index) {
  pattern.inA += inA;
  pattern.inB += inB;
  pattern.inBoth += inA && inB;
  if (!match && pattern.firstMismatch < 0)
    pattern.firstMismatch = index;
}

static void raise(Extreme &extreme, double value, int64_t index) {
  if (extreme.index < 0 || value > extreme.value)
    extreme = {value, index};
}

namespace {
/// Gathers the numbers of one pair after the other.
class Comparer {
public:
  Comparer(const fltSemantics &type, const Tolerance &tolerance)
      : type(type), tolerance(tolerance) {}

  void add(double a, double b);
  void add(int64_t a, int64_t b);
  ArrayComparison finish();

private:
  void addError(double error, double b);
  void judge(bool same, bool good);

  const fltSemantics &type;
  const Tolerance &tolerance;
  ArrayComparison result;
  double absoluteSum = 0, relativeSum = 0, ulpSum = 0;
  int64_t nonZero = 0;
};
} // namespace

void Comparer::judge(bool same, bool good) {
  result.unequal += !same;
  if (!good) {
    if (result.bad++ == 0)
      result.firstBad = result.size;
  }
  ++result.size;
}

void Comparer::addError(double error, double b) {
  ++result.finite;
  raise(result.absolute, error, result.size);
  absoluteSum += error;
  if (b == 0)
    return;
  ++nonZero;
  raise(result.relative, error / std::fabs(b), result.size);
  relativeSum += error / std::fabs(b);
}

void Comparer::add(double a, double b) {
  bool nanA = std::isnan(a), nanB = std::isnan(b);
  bool infA = std::isinf(a), infB = std::isinf(b);
  count(result.nan, nanA, nanB, nanA == nanB, result.size);
  count(result.infinite, infA, infB, infA == infB && (!infA || a == b),
        result.size);
  if (nanA || nanB) {
    bool both = nanA && nanB;
    return judge(both, both && tolerance.equalNan);
  }
  if (infA || infB)
    return judge(a == b, a == b);
  double error = std::fabs(a - b);
  addError(error, b);
  uint64_t ulps = ulpDistance(a, b, type);
  ulpSum += double(ulps);
  if (result.worstUlps < 0 || ulps > result.maxUlps) {
    result.maxUlps = ulps;
    result.worstUlps = result.size;
  }
  // A difference that overflows is no error of 0: `error` is infinite then. A
  // type that is narrower than its neighbour does not make values equal:
  // 0 ulps is no tolerance.
  bool withinUlps = tolerance.ulps > 0 && ulps <= tolerance.ulps;
  judge(a == b,
        a == b || withinUlps ||
            error <= tolerance.absolute + tolerance.relative * std::fabs(b));
}

void Comparer::add(int64_t a, int64_t b) {
  // Exact where it matters: the difference of two int64 fits a uint64.
  uint64_t difference =
      a < b ? uint64_t(b) - uint64_t(a) : uint64_t(a) - uint64_t(b);
  double error = double(difference);
  addError(error, double(b));
  judge(a == b,
        a == b || error <= tolerance.absolute +
                               tolerance.relative * std::fabs(double(b)));
}

ArrayComparison Comparer::finish() {
  if (result.finite) {
    result.meanAbsolute = absoluteSum / double(result.finite);
    result.meanUlps = ulpSum / double(result.finite);
  }
  if (nonZero)
    result.meanRelative = relativeSum / double(nonZero);
  return result;
}

ArrayComparison compareArrays(const Array &a, const Array &b,
                              const fltSemantics &type,
                              const Tolerance &tolerance) {
  Comparer comparer(type, tolerance);
  for (int64_t i = 0; i < a.size(); ++i)
    a.isFloat ? comparer.add(a.reals[i], b.reals[i])
              : comparer.add(a.integers[i], b.integers[i]);
  return comparer.finish();
}

} // namespace attune::tool
