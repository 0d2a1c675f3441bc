#include "tools/attune/ArrayFile.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <cstring>

using namespace llvm;
using attune::reference::Array;

namespace attune::tool {

template <typename T> static T load(const char *bytes, size_t i) {
  T value;
  std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
  return value;
}

static double fromHalf(uint16_t half) {
  int exponent = (half >> 10) & 31, fraction = half & 1023;
  double sign = half >> 15 ? -1 : 1;
  if (exponent == 31)
    return fraction ? std::copysign(NAN, sign) : sign * INFINITY;
  if (exponent == 0)
    return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

static double realAt(const char *bytes, size_t i, uint8_t code, uint8_t bits) {
  if (code == 4) // bfloat16: the upper half of an f32
    return bit_cast<float>(uint32_t(load<uint16_t>(bytes, i)) << 16);
  if (bits == 16)
    return fromHalf(load<uint16_t>(bytes, i));
  return bits == 32 ? double(load<float>(bytes, i)) : load<double>(bytes, i);
}

static int64_t integerAt(const char *bytes, size_t i, uint8_t code,
                         uint8_t bits) {
  if (code == 6)
    return bytes[i] != 0;
  if (code == 1)
    return bits == 8 ? load<uint8_t>(bytes, i) : load<uint16_t>(bytes, i);
  switch (bits) {
  case 8:
    return load<int8_t>(bytes, i);
  case 16:
    return load<int16_t>(bytes, i);
  case 32:
    return load<int32_t>(bytes, i);
  default:
    return load<int64_t>(bytes, i);
  }
}

void fromBytes(const char *bytes, uint8_t code, uint8_t bits, Array &array) {
  for (size_t i = 0; i < array.reals.size(); ++i)
    array.reals[i] = realAt(bytes, i, code, bits);
  for (size_t i = 0; i < array.integers.size(); ++i)
    array.integers[i] = integerAt(bytes, i, code, bits);
}

template <typename T, typename From>
static std::vector<char> convert(const std::vector<From> &values) {
  std::vector<char> bytes(values.size() * sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T value = T(values[i]);
    std::memcpy(&bytes[i * sizeof(T)], &value, sizeof(T));
  }
  return bytes;
}

std::vector<char> toBytes(const Array &array, uint8_t code, uint8_t bits) {
  if (array.isFloat)
    return bits == 64 ? convert<double>(array.reals)
                      : convert<float>(array.reals);
  if (code == 6) {
    std::vector<char> bytes;
    for (int64_t value : array.integers)
      bytes.push_back(value != 0);
    return bytes;
  }
  switch (bits) {
  case 8:
    return convert<uint8_t>(array.integers);
  case 32:
    return convert<int32_t>(array.integers);
  default:
    return convert<int64_t>(array.integers);
  }
}

} // namespace attune::tool
