//===- Extent.cpp - Integer polynomials in dims ---------------------------===//

#include "dialect/Extent.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace mlir;
using namespace attune;

/// Higher degrees first, the constant last: the order people write.
static std::vector<std::pair<Extent::Factors, int64_t>>
highestDegreeFirst(const std::map<Extent::Factors, int64_t> &terms) {
  std::vector<std::pair<Extent::Factors, int64_t>> sorted(terms.begin(),
                                                          terms.end());
  llvm::sort(sorted, [](const auto &a, const auto &b) {
    if (a.first.size() != b.first.size())
      return a.first.size() > b.first.size();
    return a.first < b.first;
  });
  return sorted;
}

/// Adds a term in place; false on overflow.
bool Extent::add(const Factors &factors, int64_t coefficient) {
  if (coefficient == 0)
    return true;
  auto [term, isNew] = terms.try_emplace(factors, coefficient);
  if (isNew)
    return true;
  if (llvm::AddOverflow(term->second, coefficient, term->second))
    return false;
  if (term->second == 0)
    terms.erase(term);
  return true;
}

Extent Extent::constant(int64_t value) {
  Extent extent;
  extent.add({}, value);
  return extent;
}

Extent Extent::dim(llvm::StringRef name) {
  Extent extent;
  extent.add({name.str()}, 1);
  return extent;
}

Extent Extent::get(ExtentAttr attr) {
  Extent extent;
  for (MonomialAttr monomial : attr.getTerms()) {
    Factors factors;
    for (StringAttr factor : monomial.getFactors())
      factors.push_back(factor.getValue().str());
    std::sort(factors.begin(), factors.end());
    extent.add(factors, monomial.getCoefficient());
  }
  return extent;
}

ExtentAttr Extent::toAttr(MLIRContext *context) const {
  std::vector<std::pair<Factors, int64_t>> sorted = highestDegreeFirst(terms);
  llvm::SmallVector<MonomialAttr> monomials;
  for (const auto &[factors, coefficient] : sorted) {
    llvm::SmallVector<StringAttr> names;
    for (const std::string &factor : factors)
      names.push_back(StringAttr::get(context, factor));
    monomials.push_back(MonomialAttr::get(context, coefficient, names));
  }
  return ExtentAttr::get(context, monomials);
}

std::optional<Extent> attune::operator+(const Extent &a, const Extent &b) {
  Extent sum = a;
  for (const auto &[factors, coefficient] : b.terms)
    if (!sum.add(factors, coefficient))
      return std::nullopt;
  return sum;
}

std::optional<Extent> attune::operator-(const Extent &a, const Extent &b) {
  std::optional<Extent> negated = Extent::constant(-1) * b;
  return negated ? a + *negated : std::nullopt;
}

std::optional<Extent> attune::operator*(const Extent &a, const Extent &b) {
  Extent product;
  for (const auto &[aFactors, aCoefficient] : a.terms)
    for (const auto &[bFactors, bCoefficient] : b.terms) {
      int64_t coefficient;
      if (llvm::MulOverflow(aCoefficient, bCoefficient, coefficient))
        return std::nullopt;
      Extent::Factors factors = aFactors;
      factors.insert(factors.end(), bFactors.begin(), bFactors.end());
      std::sort(factors.begin(), factors.end());
      if (!product.add(factors, coefficient))
        return std::nullopt;
    }
  return product;
}

std::optional<Extent> Extent::exactlyDividedBy(const Extent &divisor) const {
  if (divisor.terms.size() != 1)
    return std::nullopt;
  const auto &[byFactors, byCoefficient] = *divisor.terms.begin();
  Extent quotient;
  for (const auto &[factors, coefficient] : terms) {
    if (byCoefficient == -1 && coefficient == INT64_MIN)
      return std::nullopt;
    if (coefficient % byCoefficient != 0 ||
        !std::includes(factors.begin(), factors.end(), byFactors.begin(),
                       byFactors.end()))
      return std::nullopt;
    Factors rest;
    std::set_difference(factors.begin(), factors.end(), byFactors.begin(),
                        byFactors.end(), std::back_inserter(rest));
    quotient.add(rest, coefficient / byCoefficient);
  }
  return quotient;
}

bool Extent::isConstant() const { return asConstant().has_value(); }

std::optional<int64_t> Extent::asConstant() const {
  if (terms.empty())
    return 0;
  if (terms.size() == 1 && terms.begin()->first.empty())
    return terms.begin()->second;
  return std::nullopt;
}

std::optional<std::string> Extent::asDim() const {
  if (terms.size() != 1 || terms.begin()->second != 1 ||
      terms.begin()->first.size() != 1)
    return std::nullopt;
  return terms.begin()->first.front();
}

std::vector<std::string> Extent::dims() const {
  std::vector<std::string> names;
  for (const auto &[factors, coefficient] : terms)
    names.insert(names.end(), factors.begin(), factors.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::optional<int64_t> Extent::evaluate(
    llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> value) const {
  int64_t sum = 0;
  for (const auto &[factors, coefficient] : terms) {
    int64_t product = coefficient;
    for (const std::string &factor : factors) {
      std::optional<int64_t> number = value(factor);
      if (!number || llvm::MulOverflow(product, *number, product))
        return std::nullopt;
    }
    if (llvm::AddOverflow(sum, product, sum))
      return std::nullopt;
  }
  return sum;
}

std::optional<int64_t> Extent::lowerBound(Bound bound) const {
  // A positive term is least at 0, a negative one at the dims' bounds.
  Extent negative;
  int64_t least = 0;
  for (const auto &[factors, coefficient] : terms) {
    if (factors.empty())
      least = coefficient;
    else if (coefficient < 0)
      negative.add(factors, coefficient);
  }
  auto sum =
      negative.evaluate([&](llvm::StringRef name) -> std::optional<int64_t> {
        return bound(name);
      });
  if (!sum || llvm::AddOverflow(*sum, least, least))
    return std::nullopt;
  return least;
}

std::optional<int64_t> Extent::upperBound(Bound bound) const {
  std::optional<Extent> negated = Extent::constant(-1) * *this;
  std::optional<int64_t> least =
      negated ? negated->lowerBound(bound) : std::nullopt;
  if (!least || *least == INT64_MIN)
    return std::nullopt;
  return -*least;
}

std::string Extent::str() const {
  if (terms.empty())
    return "0";
  std::vector<std::pair<Factors, int64_t>> sorted = highestDegreeFirst(terms);
  std::string text;
  for (const auto &[factors, coefficient] : sorted) {
    bool negative = coefficient < 0;
    if (!text.empty())
      text += negative ? " - " : " + ";
    else if (negative)
      text += "-";
    uint64_t magnitude =
        negative ? -uint64_t(coefficient) : uint64_t(coefficient);
    bool first = true;
    if (magnitude != 1 || factors.empty()) {
      text += std::to_string(magnitude);
      first = false;
    }
    for (const std::string &factor : factors) {
      if (!first)
        text += " * ";
      text += factor;
      first = false;
    }
  }
  return text;
}
