//===- Tolerance.h - When two results agree ---------------------*- C++ -*-===//
#ifndef ATTUNE_REFERENCE_TOLERANCE_H
#define ATTUNE_REFERENCE_TOLERANCE_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>

namespace attune::reference {

/// How far a result is from the truth, in units of what is allowed.
struct Comparison {
  double maxError = 0;  ///< max |y - y64| over finite positions
  double tolerance = 0; ///< 2 max |n - y64| + 16 u max |y64|
  int64_t worst = -1;   ///< position of maxError
  /// First position where one is NaN or infinite and the other is not, or
  /// where infinities differ; -1: none.
  int64_t nonFiniteMismatch = -1;

  /// maxError / tolerance; 0 when both are 0.
  double ratio() const;
  bool passed() const { return nonFiniteMismatch < 0 && ratio() <= 1; }
};

/// Compares `result` with the float64 `truth` by the rule of
/// docs/architecture.md; `naive` is the naive unfused evaluation in the storage
/// type, of unit roundoff `roundoff` (2^-24 for f32). All have one length.
Comparison compare(llvm::ArrayRef<double> result, llvm::ArrayRef<double> truth,
                   llvm::ArrayRef<double> naive, double roundoff);

} // namespace attune::reference

#endif // ATTUNE_REFERENCE_TOLERANCE_H
