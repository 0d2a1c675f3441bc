/// How far two arrays are from each other: what `attune cmp` prints.
#ifndef ATTUNE_TOOLS_COMPAREARRAYS_H
#define ATTUNE_TOOLS_COMPAREARRAYS_H

#include "reference/Array.h"
#include "llvm/ADT/APFloat.h"
#include <cstdint>
#include <string>

namespace attune::tool {

/// What counts as equal: |a - b| <= atol + rtol |b|, or at most `ulps` floats
/// of the narrower type apart. Integers know no ulps.
struct Tolerance {
  double absolute = 0, relative = 0;
  uint64_t ulps = 0;
  /// A NaN in both at one place is equal.
  bool equalNan = true;
};

/// A largest value and where it is; -1: nowhere.
struct Extreme {
  double value = 0;
  int64_t index = -1;
};

/// What holds in A, in B and in both.
struct Pattern {
  int64_t inA = 0, inB = 0, inBoth = 0;
  int64_t firstMismatch = -1; ///< first place of one but not the other
};

struct ArrayComparison {
  int64_t size = 0;
  int64_t finite = 0;    ///< places where both are finite
  int64_t unequal = 0;   ///< not the same value
  int64_t bad = 0;       ///< beyond the tolerance
  int64_t firstBad = -1; ///< first such place
  Extreme absolute;      ///< max |a - b|
  Extreme relative;      ///< max |a - b| / |b| where b is not 0
  double meanAbsolute = 0, meanRelative = 0;
  uint64_t maxUlps = 0;
  int64_t worstUlps = -1;
  double meanUlps = 0;
  Pattern nan, infinite; ///< infinities match when their signs do
};

/// Compares arrays of one shape and one kind. `type`: the narrower of the two
/// types, in which ulps are counted; of no matter for integers.
ArrayComparison compareArrays(const reference::Array &a,
                              const reference::Array &b,
                              const llvm::fltSemantics &type,
                              const Tolerance &tolerance);

/// How many values of `type` lie between a and b, both rounded to it. Neither
/// is NaN. -0 and 0 are the same.
uint64_t ulpDistance(double a, double b, const llvm::fltSemantics &type);

} // namespace attune::tool

#endif
