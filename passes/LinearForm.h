//===- LinearForm.h - An index expression as k, q and the rest --*- C++ -*-===//
#ifndef ATTUNE_PASSES_LINEARFORM_H
#define ATTUNE_PASSES_LINEARFORM_H

#include "mlir/IR/Value.h"

#include <cstdint>
#include <optional>

namespace attune {

/// kCoefficient * k + qCoefficient * q + constant + the sum of `uniform` terms,
/// each a value of the mask's region that depends on neither q nor k.
struct LinearForm {
  int64_t kCoefficient = 0;
  int64_t qCoefficient = 0;
  int64_t constant = 0;
  struct Term {
    int64_t coefficient;
    mlir::Value value;
  };
  llvm::SmallVector<Term, 4> uniform;

  /// factor * this, or nothing on overflow.
  std::optional<LinearForm> scaled(int64_t factor) const;
  /// this + other, or nothing on overflow.
  std::optional<LinearForm> plus(const LinearForm &other) const;
};

/// True when `value`, inside the region of a mask or score function, depends on
/// neither argument q nor argument k of that region.
bool isUniform(mlir::Value value);

/// The linear form of an integer value inside a mask region, or nothing when q
/// or k enter in another way than linearly with constant coefficients.
std::optional<LinearForm> getLinearForm(mlir::Value value);

} // namespace attune

#endif // ATTUNE_PASSES_LINEARFORM_H
