//===- Target.h - Machine descriptions --------------------------*- C++ -*-===//
#ifndef ATTUNE_DIALECT_TARGET_H
#define ATTUNE_DIALECT_TARGET_H

#include "dialect/Attune.h"

#include <optional>
#include <string>

namespace attune {

/// What passes and code generation ask of a machine.
struct Target {
  std::string cpu;                     ///< LLVM's name
  std::string features;                ///< LLVM's feature string, "+avx2,+fma"
  int64_t vectorWidth;                 ///< f32 lanes of a vector register
  int64_t registers;                   ///< vector registers
  int64_t l1 = 32 << 10, l2 = 1 << 20; ///< cache sizes, bytes

  /// A preset by name: x86-64, haswell, znver5, or native for this machine.
  /// Nothing for an unknown name.
  static std::optional<Target> get(llvm::StringRef name);
  /// The names that `get` takes.
  static llvm::ArrayRef<llvm::StringRef> names();

  TargetAttr toAttr(mlir::MLIRContext *context) const;
};

} // namespace attune

#endif // ATTUNE_DIALECT_TARGET_H
