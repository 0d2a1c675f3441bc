//===- AttendCase.h - One attend kernel and its double reference ----------===//

#ifndef ATTUNE_TEST_UNIT_ATTENDCASE_H
#define ATTUNE_TEST_UNIT_ATTENDCASE_H

#include "KernelJit.h"
#include "Numbers.h"
#include <cstring>
#include <functional>

namespace attune::test {

/// How an array [B, H, T, E] lies in memory.
enum class Layout { Plain, HeadsInside, Transposed };

/// An attend kernel on random arrays, compiled and compared with sums in
/// double. Fill in what differs from the plain case, then `run`.
struct AttendCase {
  int64_t batch = 1, heads = 2, keyHeads = 2, valueHeads = 2;
  int64_t queries, keys, depth, valueDepth;
  int64_t width = 8, rows = 6, rowBlock = 48, keyBlock = 64;
  bool dynamicLengths = false;
  Layout layout = Layout::Plain;
  int64_t sources = 1;
  bool headWeights = false;   // one for each source and head
  int64_t workspaceHeads = 0; // packed key heads that fit; 0: all

  /// Text of regions, and the same in C++. Captures: %len: memref<Bxi32>,
  /// %pad: memref<BxTkxi8>, %bias: memref<HxTkxf32>.
  std::string ranges, score, mask;
  std::function<double(double, int64_t, int64_t, int64_t, int64_t)> scoreOf;
  std::function<bool(int64_t, int64_t, int64_t, int64_t)> attends;
  std::vector<int32_t> lengths;
  std::vector<int8_t> pads;
  std::vector<float> bias;

  /// Changes the random arrays (to put NaN in, say).
  std::function<void(AttendCase &)> edit;
  std::vector<std::vector<float>> q, k; // by source, plain layout
  std::vector<float> v, weights;

  void run();

  int64_t queryIndex(int64_t b, int64_t h, int64_t t, int64_t e) const {
    return ((b * heads + h) * queries + t) * depth + e;
  }
  int64_t keyIndex(int64_t b, int64_t h, int64_t t, int64_t e) const {
    return ((b * keyHeads + h) * keys + t) * depth + e;
  }
  int64_t valueIndex(int64_t b, int64_t h, int64_t t, int64_t e) const {
    return ((b * valueHeads + h) * keys + t) * valueDepth + e;
  }

private:
  std::string ir() const;
  std::vector<double> reference() const;
};

} // namespace attune::test

#endif
