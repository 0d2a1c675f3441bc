//===- Interval.h - What values an index can take ---------------*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_INTERVAL_H
#define ATTUNE_FRONTEND_INTERVAL_H

#include "dialect/Extent.h"

namespace attune::frontend {

/// The bounds of the dims: each lies in [0, bound].
using DimBounds = llvm::StringMap<int64_t>;

/// True when a <= b for every value of the dims.
bool isProvablyLessEqual(const Extent &a, const Extent &b,
                         const DimBounds &bounds);

/// An inclusive interval whose ends are polynomials in dims; an end that is
/// not known is absent.
struct Interval {
  std::optional<Extent> lo, hi;

  static Interval unknown() { return {}; }
  static Interval point(const Extent &value) { return {value, value}; }
  /// "0..=T - 1", with `?` for an end that is not known.
  std::string str() const;
};

Interval add(const Interval &a, const Interval &b);
Interval subtract(const Interval &a, const Interval &b);
Interval multiply(const Interval &a, const Interval &b,
                  const DimBounds &bounds);
/// Floor division and floor modulo by a positive constant.
Interval divideFloor(const Interval &a, int64_t divisor,
                     const DimBounds &bounds);
Interval modulo(const Interval &a, int64_t divisor, const DimBounds &bounds);
Interval minimum(const Interval &a, const Interval &b, const DimBounds &bounds);
Interval maximum(const Interval &a, const Interval &b, const DimBounds &bounds);
/// An interval that holds both.
Interval hull(const Interval &a, const Interval &b, const DimBounds &bounds);

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_INTERVAL_H
