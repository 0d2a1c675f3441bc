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

  /// The GPUs of compute capability `sm` / 10, such as 80. Nothing for one that
  /// is not supported.
  static std::optional<Target> getCuda(int sm);
  /// The numbers that `getCuda` takes.
  static llvm::ArrayRef<int> cudaNames();

  TargetAttr toAttr(mlir::MLIRContext *context) const;
};

/// Whether the target is an NVIDIA GPU: its `cpu` is "sm_80" or the like. Then
/// `l1` is the shared memory that one block may have, and weights are packed in
/// panels of 64 columns.
bool isCuda(TargetAttr target);

/// The target of the module that `op` is in; null where there is none.
TargetAttr getTarget(mlir::Operation *op);

} // namespace attune

#endif // ATTUNE_DIALECT_TARGET_H
