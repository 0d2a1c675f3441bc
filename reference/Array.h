//===- Array.h - Dense arrays of the oracle ---------------------*- C++ -*-===//
#ifndef ATTUNE_REFERENCE_ARRAY_H
#define ATTUNE_REFERENCE_ARRAY_H

#include <cstdint>
#include <vector>

namespace attune::reference {

/// A dense row-major array. Floating-point elements are held as double (every
/// f32 is exact), integers and booleans as int64.
struct Array {
  bool isFloat = true;
  std::vector<int64_t> shape;
  std::vector<double> reals;     // when isFloat
  std::vector<int64_t> integers; // when not

  int64_t size() const {
    return isFloat ? int64_t(reals.size()) : int64_t(integers.size());
  }
};

} // namespace attune::reference

#endif // ATTUNE_REFERENCE_ARRAY_H
