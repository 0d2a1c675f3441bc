//===- Interval.cpp - What values an index can take -----------------------===//

#include "frontend/Interval.h"

#include "llvm/Support/MathExtras.h"

using namespace attune;
using namespace attune::frontend;

static constexpr int64_t defaultBound = int64_t(1) << 20;

static int64_t boundOf(llvm::StringRef name, const DimBounds &bounds) {
  auto bound = bounds.find(name);
  return bound == bounds.end() ? defaultBound : bound->second;
}

bool frontend::isProvablyLessEqual(const Extent &a, const Extent &b,
                                   const DimBounds &bounds) {
  std::optional<Extent> difference = b - a;
  if (!difference)
    return false;
  std::optional<int64_t> least = difference->lowerBound(
      [&](llvm::StringRef name) { return boundOf(name, bounds); });
  return least && *least >= 0;
}

std::string Interval::str() const {
  return (lo ? lo->str() : "?") + "..=" + (hi ? hi->str() : "?");
}

using End = std::optional<Extent>;

static End addEnds(const End &a, const End &b) {
  return a && b ? *a + *b : std::nullopt;
}

static End subtractEnds(const End &a, const End &b) {
  return a && b ? *a - *b : std::nullopt;
}

Interval frontend::add(const Interval &a, const Interval &b) {
  return {addEnds(a.lo, b.lo), addEnds(a.hi, b.hi)};
}

Interval frontend::subtract(const Interval &a, const Interval &b) {
  return {subtractEnds(a.lo, b.hi), subtractEnds(a.hi, b.lo)};
}

/// An end below both, or above both: one of them where that can be proven, else
/// the extreme over all dims.
static End lesser(const End &a, const End &b, const DimBounds &bounds) {
  if (!a || !b)
    return std::nullopt;
  if (isProvablyLessEqual(*a, *b, bounds))
    return a;
  if (isProvablyLessEqual(*b, *a, bounds))
    return b;
  auto bound = [&](llvm::StringRef name) { return boundOf(name, bounds); };
  auto x = a->lowerBound(bound), y = b->lowerBound(bound);
  if (!x || !y)
    return std::nullopt;
  return Extent::constant(std::min(*x, *y));
}

static End greater(const End &a, const End &b, const DimBounds &bounds) {
  if (!a || !b)
    return std::nullopt;
  if (isProvablyLessEqual(*a, *b, bounds))
    return b;
  if (isProvablyLessEqual(*b, *a, bounds))
    return a;
  auto bound = [&](llvm::StringRef name) { return boundOf(name, bounds); };
  auto x = a->upperBound(bound), y = b->upperBound(bound);
  if (!x || !y)
    return std::nullopt;
  return Extent::constant(std::max(*x, *y));
}

Interval frontend::multiply(const Interval &a, const Interval &b,
                            const DimBounds &bounds) {
  // One side a single number (or polynomial that is not negative).
  auto scale = [&](const Interval &x, const Extent &factor) -> Interval {
    Extent zero = Extent::constant(0);
    auto times = [&](const End &end) -> End {
      return end ? *end * factor : std::nullopt;
    };
    if (isProvablyLessEqual(zero, factor, bounds))
      return {times(x.lo), times(x.hi)};
    if (isProvablyLessEqual(factor, zero, bounds))
      return {times(x.hi), times(x.lo)};
    return Interval::unknown();
  };
  if (b.lo && b.hi && *b.lo == *b.hi)
    return scale(a, *b.lo);
  if (a.lo && a.hi && *a.lo == *a.hi)
    return scale(b, *a.lo);
  Interval result;
  for (const End *x : {&a.lo, &a.hi})
    for (const End *y : {&b.lo, &b.hi}) {
      if (!*x || !*y)
        return Interval::unknown();
      End product = **x * **y;
      if (!product)
        return Interval::unknown();
      if (!result.lo)
        result = {product, product};
      else
        result = hull(result, {product, product}, bounds);
    }
  return result;
}

Interval frontend::divideFloor(const Interval &a, int64_t divisor,
                               const DimBounds &bounds) {
  auto divide = [&](const End &end, bool up) -> End {
    if (!end)
      return std::nullopt;
    if (std::optional<int64_t> value = end->asConstant())
      return Extent::constant(llvm::divideFloorSigned(*value, divisor));
    if (End exact = end->exactlyDividedBy(Extent::constant(divisor)))
      return exact;
    // |x / c| <= |x|: sound and simple for ends of known sign.
    Extent zero = Extent::constant(0);
    if (up && isProvablyLessEqual(zero, *end, bounds))
      return end;
    if (!up && isProvablyLessEqual(zero, *end, bounds))
      return zero;
    if (!up && isProvablyLessEqual(*end, zero, bounds))
      return end;
    return std::nullopt;
  };
  return {divide(a.lo, false), divide(a.hi, true)};
}

Interval frontend::modulo(const Interval &a, int64_t divisor,
                          const DimBounds &bounds) {
  Extent zero = Extent::constant(0), last = Extent::constant(divisor - 1);
  // Already reduced: the value itself.
  if (a.lo && a.hi && isProvablyLessEqual(zero, *a.lo, bounds) &&
      isProvablyLessEqual(*a.hi, last, bounds))
    return a;
  return {zero, last};
}

Interval frontend::minimum(const Interval &a, const Interval &b,
                           const DimBounds &bounds) {
  Interval result;
  result.lo = lesser(a.lo, b.lo, bounds);
  // Either upper end bounds the minimum; the one of the limit reads better.
  if (a.hi && b.hi)
    result.hi = isProvablyLessEqual(*a.hi, *b.hi, bounds) ? a.hi : b.hi;
  else
    result.hi = a.hi ? a.hi : b.hi;
  return result;
}

Interval frontend::maximum(const Interval &a, const Interval &b,
                           const DimBounds &bounds) {
  Interval result;
  result.hi = greater(a.hi, b.hi, bounds);
  if (a.lo && b.lo)
    result.lo = isProvablyLessEqual(*b.lo, *a.lo, bounds) ? a.lo : b.lo;
  else
    result.lo = a.lo ? a.lo : b.lo;
  return result;
}

Interval frontend::hull(const Interval &a, const Interval &b,
                        const DimBounds &bounds) {
  return {lesser(a.lo, b.lo, bounds), greater(a.hi, b.hi, bounds)};
}
