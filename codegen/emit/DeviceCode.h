//===- DeviceCode.h - From a gpu.module to PTX ----------------------------===//

#ifndef ATTUNE_CODEGEN_EMIT_DEVICECODE_H
#define ATTUNE_CODEGEN_EMIT_DEVICECODE_H

#include "mlir/IR/BuiltinOps.h"

#include <optional>
#include <string>

namespace attune {

/// The code of a module's kernels, made by LLVM's NVPTX back end: no toolkit is
/// needed.
struct DeviceCode {
  std::string llvm; ///< optimised LLVM IR
  std::string ptx;
};

/// Translates the gpu.module of a module after the lower stage. Empty strings
/// when there is none; nothing (after a diagnostic) on failure.
std::optional<DeviceCode> emitDeviceCode(mlir::ModuleOp module);

/// Machine code for one GPU ("sm_80") by NVIDIA's ptxas, which is looked for in
/// $ATTUNE_PTXAS, PATH, $CUDA_HOME/bin and the toolkit's usual folder. Nothing,
/// and `message` says why, when there is none or it refuses.
std::optional<std::string> assembleDeviceCode(llvm::StringRef ptx,
                                              llvm::StringRef gpu,
                                              std::string &message);

} // namespace attune

#endif
