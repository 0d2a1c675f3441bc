//===- KernelOutline.h - One kernel op becomes a gpu.func and a launch ----===//

#ifndef ATTUNE_CODEGEN_CUDA_KERNELOUTLINE_H
#define ATTUNE_CODEGEN_CUDA_KERNELOUTLINE_H

#include "codegen/cuda/DeviceBuilder.h"
#include "dialect/Attune.h"
#include "mlir/IR/IRMapping.h"

#include <optional>
#include <string>

namespace attune {

/// The function of a kernel while it is built: what it reads from the host
/// becomes arguments (pointers, i64 strides, i32 extents and scalars),
/// constants become constants.
class KernelOutline {
public:
  /// Starts an empty function `name` in `module`. Values of the host are read
  /// at `kernel`.
  KernelOutline(KernelOp kernel, mlir::gpu::GPUModuleOp module,
                llvm::StringRef name);

  /// An array of the host. All arrays are to be named before the body is built.
  DeviceArray array(mlir::Value memref);
  /// An index, integer or float of the host (or a constant).
  mlir::Value scalar(mlir::Value value);
  /// Names what the operations of a region read from outside.
  void importRegion(mlir::Region &region);

  /// Clones a region for these arguments at the builder's insertion point and
  /// returns what it yields.
  llvm::SmallVector<mlir::Value> evaluate(DeviceBuilder &device,
                                          mlir::Region &region,
                                          mlir::ValueRange arguments);

  /// The same for a region on indices, which count in 64 bits there: bounds are
  /// clamped to +-2^42. What it yields is in the range of an index again.
  llvm::SmallVector<mlir::Value> evaluateRanges(DeviceBuilder &device,
                                                mlir::Region &region,
                                                mlir::ValueRange arguments);

  /// Ends the function and launches it before the kernel op, which is erased.
  void launch(mlir::Value blocksX, mlir::Value blocksY, int64_t sharedBytes);

  mlir::OpBuilder &body() { return bodyBuilder; }
  /// Builds index arithmetic on the host, before the kernel op.
  LoopBuilder host() { return {hostBuilder, kernel.getLoc()}; }
  /// The block's dynamic shared memory: !llvm.ptr<3>.
  mlir::Value shared();

private:
  mlir::Value addArgument(mlir::Value hostValue);
  mlir::Value captureElement(DeviceBuilder &device, CaptureOp capture,
                             mlir::ValueRange indices);
  /// True for what a region reads from outside, which is mapped then.
  bool readsOutside(DeviceBuilder &device, mlir::Operation &op,
                    mlir::IRMapping &mapping);

  KernelOp kernel;
  mlir::gpu::GPUModuleOp module;
  mlir::gpu::GPUFuncOp function;
  mlir::OpBuilder hostBuilder, bodyBuilder;
  llvm::SmallVector<mlir::Value> operands;
  llvm::DenseMap<mlir::Value, DeviceArray> arrays;
  llvm::DenseMap<mlir::Value, mlir::Value> scalars;
};

/// The expansions of the kernel op, which erase it; `cudaKernelProblem` finds
/// nothing.
void expandCudaGemm(KernelOp kernel, mlir::gpu::GPUModuleOp module,
                    llvm::StringRef name);
void expandCudaAttend(KernelOp kernel, mlir::gpu::GPUModuleOp module,
                      llvm::StringRef name);

/// Why the expansion would refuse a kernel; nothing when it would not.
std::optional<std::string> cudaKernelProblem(KernelOp kernel);

/// The symbol of dynamic shared memory in each gpu.module.
inline constexpr llvm::StringLiteral kSharedSymbol = "attune_shared";

/// Bytes of shared memory that one block may have.
int64_t sharedLimit(mlir::Operation *inside);

} // namespace attune

#endif
