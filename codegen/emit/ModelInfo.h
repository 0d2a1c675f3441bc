//===- ModelInfo.h - What is known of a lowered model ---------------------===//

#ifndef ATTUNE_CODEGEN_EMIT_MODELINFO_H
#define ATTUNE_CODEGEN_EMIT_MODELINFO_H

#include "dialect/Attune.h"
#include "mlir/IR/BuiltinOps.h"

#include <memory>
#include <string>

namespace attune {

/// A model of a lowered module, from the attributes of its body function.
struct ModelInfo {
  std::string name; ///< prefix of the exported functions
  std::string body; ///< symbol of the function of type attune_body
  llvm::SmallVector<DimAttr> dims;
  llvm::SmallVector<ConditionAttr> conditions;
  llvm::SmallVector<ArgumentAttr> inputs, outputs;
  llvm::SmallVector<WeightAttr> weights; ///< of the file
  /// What makes the arrays `hoisted` of the packed weights, one an output, from
  /// weights of its own; null for most models.
  std::shared_ptr<const ModelInfo> prepare;
  llvm::SmallVector<WeightAttr> hoisted;
  int64_t packedFloats = 0;
  llvm::SmallVector<SlotAttr> slots;
  TargetAttr target; ///< never null

  /// ATTUNE_CPU_* bits that the code needs.
  uint64_t features() const;
  /// All rows of the weight file, those of `prepare` at the end.
  llvm::SmallVector<WeightAttr> fileWeights() const;
};

/// DLPack's code and bits of an element type; {0, 0} for one that no argument
/// can have.
std::pair<uint8_t, uint8_t> dlpackType(mlir::Type element);

/// "f32", "i64", "bool", "u8".
std::string elementName(mlir::Type element);

/// The names of the ATTUNE_CPU_* bits in `features`: "avx2", ...
llvm::SmallVector<llvm::StringRef> featureNames(uint64_t features);

/// All models of the module in order. A module that was not lowered, or that
/// the C ABI cannot describe, is diagnosed.
mlir::FailureOr<llvm::SmallVector<ModelInfo, 0>>
collectModels(mlir::ModuleOp module);

} // namespace attune

#endif
