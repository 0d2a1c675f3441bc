//===- Numbers.h - Reproducible random arrays -----------------------------===//

#ifndef ATTUNE_TEST_UNIT_NUMBERS_H
#define ATTUNE_TEST_UNIT_NUMBERS_H

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace attune::test {

/// Numbers in [-1, 1) that are the same on every machine.
class Random {
public:
  explicit Random(uint32_t seed) : engine(seed) {}
  float next() { return float(int32_t(engine())) / 2147483648.0f; }
  std::vector<float> array(int64_t size) {
    std::vector<float> result(size);
    for (float &value : result)
      value = next();
    return result;
  }

private:
  std::mt19937 engine;
};

} // namespace attune::test

#endif
