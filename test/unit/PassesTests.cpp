//===- PassesTests.cpp - Views with symbolic strides ----------------------===//
#include "passes/ArrayView.h"

#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

#include <numeric>
#include <random>

using namespace attune;
using mlir::Value;

namespace {

Extent dim(const char *name) { return Extent::dim(name); }
Extent number(int64_t value) { return Extent::constant(value); }
Extent times(const Extent &a, const Extent &b) { return *(a * b); }

ArrayView whole(llvm::ArrayRef<Extent> shape) {
  return *ArrayView::all(Value(), shape);
}

llvm::SmallVector<int64_t> constants(llvm::ArrayRef<Extent> extents) {
  return llvm::map_to_vector(
      extents, [](const Extent &extent) { return *extent.asConstant(); });
}

/// The addresses of a view with constant extents, in row-major order.
std::vector<int64_t> addresses(const ArrayView &view) {
  std::vector<int64_t> result = {*view.offset.asConstant()};
  for (auto [size, stride] :
       llvm::zip(constants(view.shape), constants(view.strides))) {
    std::vector<int64_t> next;
    for (int64_t address : result)
      for (int64_t i = 0; i < size; ++i)
        next.push_back(address + i * stride);
    result = std::move(next);
  }
  return result;
}

TEST(ArrayView, SplitsAndMergesHeads) {
  Extent b = dim("B"), t = dim("T");
  ArrayView merged = whole({b, t, number(48)});
  std::optional<ArrayView> split = merged.headSplit(3);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->shape,
            (llvm::SmallVector<Extent>{b, number(3), t, number(16)}));
  EXPECT_EQ(split->strides,
            (llvm::SmallVector<Extent>{times(t, number(48)), number(16),
                                       number(48), number(1)}));
  std::optional<ArrayView> back = split->headMerged();
  ASSERT_TRUE(back);
  EXPECT_TRUE(*back == merged);
  EXPECT_FALSE(merged.headSplit(5)) << "48 columns are no 5 heads";
  EXPECT_FALSE(whole({b, number(3), t, number(16)}).headMerged())
      << "heads of a plain array lie T rows apart";
}

TEST(ArrayView, SlicesAddUp) {
  Extent t = dim("T");
  std::optional<ArrayView> columns =
      whole({t, number(12)}).sliced(1, number(4), number(6));
  ASSERT_TRUE(columns);
  std::optional<ArrayView> rows =
      columns->sliced(0, number(1), *(t - number(1)));
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->offset, number(16));
  EXPECT_TRUE(rows->hasUnitInnerStride());
  EXPECT_FALSE(rows->transposed({1, 0}).hasUnitInnerStride());
  EXPECT_FALSE(*rows == *columns);
}

TEST(ArrayView, ReshapesPolynomials) {
  Extent b = dim("B"), t = dim("T"), one = number(1);
  Extent next = *(t + one);
  // [B, T + 1, 4] -> [B * T + B, 4]
  std::optional<ArrayView> rows =
      whole({b, next, number(4)}).reshaped({times(b, next), number(4)});
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->strides, (llvm::SmallVector<Extent>{number(4), one}));
  // All but the first row of each: no run of rows any more.
  std::optional<ArrayView> tail = whole({b, next, number(4)}).sliced(1, one, t);
  EXPECT_FALSE(tail->reshaped({times(b, t), number(4)}));
  // The rows keep their place when only columns are split.
  std::optional<ArrayView> split = tail->reshaped({b, t, number(2), number(2)});
  ASSERT_TRUE(split);
  EXPECT_EQ(split->offset, number(4));
  EXPECT_EQ(split->strides[1], number(4));
  // Axes of extent 1 come and go.
  std::optional<ArrayView> ones = tail->reshaped({one, b, one, t, number(4)});
  ASSERT_TRUE(ones);
  EXPECT_TRUE(*ones->reshaped({b, t, number(4)}) == *tail);
}

TEST(ArrayView, OverflowIsNoView) {
  Extent large = number(int64_t(1) << 40);
  EXPECT_FALSE(ArrayView::all(Value(), {large, large, large}));
  EXPECT_FALSE(whole({large, number(1) /*strides fit*/})
                   .sliced(0, large, number(1))
                   ->sliced(0, number(INT64_MAX), number(1)));
}

// Views of views of random arrays against the addresses that numpy's rules
// give: a reshape reads the same addresses in the same order.
TEST(ArrayView, RandomViewsKeepTheirElements) {
  std::mt19937 random(7);
  auto below = [&](int64_t n) {
    return std::uniform_int_distribution<int64_t>(0, n - 1)(random);
  };
  int reshaped = 0, refused = 0;
  for (int round = 0; round < 3000; ++round) {
    llvm::SmallVector<Extent> shape;
    for (int64_t axis = 0, rank = 1 + below(4); axis < rank; ++axis)
      shape.push_back(number(1 + below(6)));
    ArrayView view = whole(shape);
    if (below(2)) {
      llvm::SmallVector<int64_t> permutation(view.shape.size());
      std::iota(permutation.begin(), permutation.end(), 0);
      std::shuffle(permutation.begin(), permutation.end(), random);
      view = view.transposed(permutation);
    }
    if (below(2)) {
      int64_t axis = below(view.shape.size());
      int64_t size = *view.shape[axis].asConstant();
      int64_t first = below(size);
      view = *view.sliced(axis, number(first), number(1 + below(size - first)));
    }
    // Another shape of as many elements.
    std::vector<int64_t> before = addresses(view);
    int64_t left = static_cast<int64_t>(before.size());
    llvm::SmallVector<Extent> target;
    while (left > 1 || target.empty()) {
      llvm::SmallVector<int64_t> divisors;
      for (int64_t d = 1; d <= left; ++d)
        if (left % d == 0)
          divisors.push_back(d);
      int64_t size = divisors[below(divisors.size())];
      target.push_back(number(size));
      left /= size;
    }
    std::optional<ArrayView> result = view.reshaped(target);
    if (!result) {
      ++refused;
      // A plain array is never refused.
      EXPECT_FALSE(contiguousStrides(view.shape) == view.strides);
      continue;
    }
    ++reshaped;
    EXPECT_EQ(result->shape, target);
    EXPECT_EQ(addresses(*result), before);
  }
  EXPECT_GT(reshaped, 500);
  EXPECT_GT(refused, 100);
}

} // namespace
