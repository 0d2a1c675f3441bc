//===- Extent.h - Integer polynomials in dims -------------------*- C++ -*-===//
#ifndef ATTUNE_DIALECT_EXTENT_H
#define ATTUNE_DIALECT_EXTENT_H

#include "dialect/Attune.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace attune {

/// The size of an axis: an integer polynomial in the model's dims, in normal
/// form, so that two extents are equal iff their polynomials are. Arithmetic is
/// 64-bit and checked: an operation that overflows gives nothing.
class Extent {
public:
  /// Dim names of one term, sorted, with repetition for powers; empty for the
  /// constant term.
  using Factors = std::vector<std::string>;

  Extent() = default;
  static Extent constant(int64_t value);
  static Extent dim(llvm::StringRef name);
  static Extent get(ExtentAttr attr);
  ExtentAttr toAttr(mlir::MLIRContext *context) const;

  friend std::optional<Extent> operator+(const Extent &a, const Extent &b);
  friend std::optional<Extent> operator-(const Extent &a, const Extent &b);
  friend std::optional<Extent> operator*(const Extent &a, const Extent &b);
  friend bool operator==(const Extent &a, const Extent &b) {
    return a.terms == b.terms;
  }

  /// this / divisor where that is exact for every value of the dims; division
  /// by a constant or by a single term only. Nothing otherwise.
  std::optional<Extent> exactlyDividedBy(const Extent &divisor) const;

  bool isConstant() const;
  /// The value of a constant extent.
  std::optional<int64_t> asConstant() const;
  /// The name when the extent is one dim alone.
  std::optional<std::string> asDim() const;
  /// All dims that occur, sorted.
  std::vector<std::string> dims() const;

  /// The value when every dim has one; nothing on overflow or unknown dims.
  std::optional<int64_t> evaluate(
      llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> value) const;
  /// Bounds when each dim lies in [0, bound(name)]; nothing on overflow.
  using Bound = llvm::function_ref<int64_t(llvm::StringRef)>;
  std::optional<int64_t> lowerBound(Bound bound) const;
  std::optional<int64_t> upperBound(Bound bound) const;

  /// As the user would write it: "B * T - 1".
  std::string str() const;

  const std::map<Factors, int64_t> &getTerms() const { return terms; }

private:
  bool add(const Factors &factors, int64_t coefficient);

  std::map<Factors, int64_t> terms;
};

} // namespace attune

#endif // ATTUNE_DIALECT_EXTENT_H
