//===- IntervalTests.cpp - Index ranges hold what they bound --------------===//

#include "frontend/Interval.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace attune;
using namespace attune::frontend;

namespace {

Extent number(int64_t value) { return Extent::constant(value); }

/// a * T + b * U + c.
Extent polynomial(int64_t a, int64_t b, int64_t c) {
  Extent t = *(number(a) * Extent::dim("T"));
  Extent u = *(number(b) * Extent::dim("U"));
  return *(*(t + u) + number(c));
}

const DimBounds bounds = {{"T", 12}, {"U", 5}};

TEST(Interval, ProvesComparisonsByTheBoundsOfDims) {
  Extent t = Extent::dim("T"), free = Extent::dim("N");
  EXPECT_TRUE(isProvablyLessEqual(t, number(12), bounds));
  EXPECT_FALSE(isProvablyLessEqual(t, number(11), bounds));
  EXPECT_TRUE(isProvablyLessEqual(number(0), t, bounds));
  EXPECT_FALSE(isProvablyLessEqual(number(1), t, bounds)); // T may be 0
  EXPECT_TRUE(
      isProvablyLessEqual(polynomial(2, 0, -1), polynomial(2, 1, 0), bounds));
  EXPECT_FALSE(isProvablyLessEqual(t, Extent::dim("U"), bounds));
  // A dim without a bound is at most 1,048,576.
  EXPECT_TRUE(isProvablyLessEqual(free, number(1 << 20), bounds));
  EXPECT_FALSE(isProvablyLessEqual(free, number((1 << 20) - 1), bounds));
  // What overflows is not proven.
  EXPECT_FALSE(
      isProvablyLessEqual(number(INT64_MIN), number(INT64_MAX), bounds));
}

TEST(Interval, KeepsEndsSymbolic) {
  Interval index{number(0), polynomial(1, 0, -1)};
  EXPECT_EQ(index.str(), "0..=T - 1");
  EXPECT_EQ(subtract(index, index).str(), "-T + 1..=T - 1");
  EXPECT_EQ(add(index, Interval::point(number(3))).str(), "3..=T + 2");
  EXPECT_EQ(multiply(index, Interval::point(number(-2)), bounds).str(),
            "-2 * T + 2..=0");
  EXPECT_EQ(Interval::unknown().str(), "?..=?");
}

TEST(Interval, ClampMakesAnUnknownIndexKnown) {
  Interval low = Interval::point(number(0)), high = Interval::point(number(7));
  Interval clamped =
      minimum(maximum(Interval::unknown(), low, bounds), high, bounds);
  EXPECT_EQ(clamped.str(), "0..=7");
}

TEST(Interval, DivisionAndModuloAreFloored) {
  Interval negative{number(-7), number(7)};
  EXPECT_EQ(divideFloor(negative, 2, bounds).str(), "-4..=3");
  EXPECT_EQ(modulo(negative, 3, bounds).str(), "0..=2");
  // What is reduced already keeps its range.
  EXPECT_EQ(modulo({number(1), number(2)}, 5, bounds).str(), "1..=2");
  EXPECT_EQ(divideFloor({number(0), polynomial(4, 0, 0)}, 4, bounds).str(),
            "0..=T");
}

/// What an operation computes on numbers, and on intervals.
struct Operation {
  const char *name;
  int64_t (*number)(int64_t a, int64_t b);
  Interval (*interval)(const Interval &a, const Interval &b);
  bool byConstant = false;
};

int64_t floorDivide(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

const Operation operations[] = {
    {"add", [](int64_t a, int64_t b) { return a + b; },
     [](const Interval &a, const Interval &b) { return add(a, b); }},
    {"subtract", [](int64_t a, int64_t b) { return a - b; },
     [](const Interval &a, const Interval &b) { return subtract(a, b); }},
    {"multiply", [](int64_t a, int64_t b) { return a * b; },
     [](const Interval &a, const Interval &b) {
       return multiply(a, b, bounds);
     }},
    {"minimum", [](int64_t a, int64_t b) { return std::min(a, b); },
     [](const Interval &a, const Interval &b) {
       return minimum(a, b, bounds);
     }},
    {"maximum", [](int64_t a, int64_t b) { return std::max(a, b); },
     [](const Interval &a, const Interval &b) {
       return maximum(a, b, bounds);
     }},
    {"hull, first", [](int64_t a, int64_t) { return a; },
     [](const Interval &a, const Interval &b) { return hull(a, b, bounds); }},
    {"hull, second", [](int64_t, int64_t b) { return b; },
     [](const Interval &a, const Interval &b) { return hull(a, b, bounds); }},
    {"divide", floorDivide,
     [](const Interval &a, const Interval &b) {
       return divideFloor(a, *b.lo->asConstant(), bounds);
     },
     true},
    {"modulo", [](int64_t a, int64_t b) { return a - floorDivide(a, b) * b; },
     [](const Interval &a, const Interval &b) {
       return modulo(a, *b.lo->asConstant(), bounds);
     },
     true},
};

/// Any values of two intervals, under any legal dims: the result lies in the
/// interval of the operation.
TEST(Interval, HoldsEveryResult) {
  std::mt19937 random(11);
  auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  auto anyEnd = [&]() -> std::optional<Extent> {
    if (pick(0, 9) == 0)
      return std::nullopt;
    return polynomial(pick(-2, 2), pick(-1, 1), pick(-6, 6));
  };
  int checkedEnds = 0;
  for (int round = 0; round < 20000; ++round) {
    Interval a{anyEnd(), anyEnd()}, b{anyEnd(), anyEnd()};
    if (pick(0, 3) == 0)
      b.hi = b.lo;
    const Operation &operation = operations[round % std::size(operations)];
    if (operation.byConstant)
      b = Interval::point(number(pick(1, 7)));
    Interval result = operation.interval(a, b);
    for (int sample = 0; sample < 5; ++sample) {
      int64_t t = pick(0, 12), u = pick(0, 5);
      auto at = [&](const Extent &extent) {
        return *extent.evaluate([&](llvm::StringRef name) {
          return std::optional<int64_t>(name == "T" ? t : u);
        });
      };
      auto low = [&](const Interval &x) { return x.lo ? at(*x.lo) : -40; };
      auto high = [&](const Interval &x) { return x.hi ? at(*x.hi) : 40; };
      if (low(a) > high(a) || low(b) > high(b))
        continue; // no value: nothing to hold
      int64_t x = pick(low(a), high(a)), y = pick(low(b), high(b));
      int64_t value = operation.number(x, y);
      auto context = [&] {
        return std::string(operation.name) + " of " + a.str() + " and " +
               b.str() + " is " + result.str() + "; T = " + std::to_string(t) +
               ", U = " + std::to_string(u) + ": " + std::to_string(x) + ", " +
               std::to_string(y) + " give " + std::to_string(value);
      };
      if (result.lo) {
        ASSERT_LE(at(*result.lo), value) << context();
        ++checkedEnds;
      }
      if (result.hi) {
        ASSERT_GE(at(*result.hi), value) << context();
        ++checkedEnds;
      }
    }
  }
  EXPECT_GT(checkedEnds, 20000); // most ends are known
}

} // namespace
