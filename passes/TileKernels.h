//===- TileKernels.h - Tiling of one function (internal) --------*- C++ -*-===//
#ifndef ATTUNE_PASSES_TILEKERNELS_H
#define ATTUNE_PASSES_TILEKERNELS_H

#include "dialect/Attune.h"
#include "dialect/Extent.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/ScoreExpression.h"

namespace attune {

/// Items that a kernel packs a group at a time: how many, floats of one, and
/// the same as values.
struct PackedItems {
  Extent count, itemFloats;
  mlir::Value countValue, itemValue;
};

/// The workspace slots that the kernels of one function share.
struct KernelSlots {
  llvm::SmallVector<mlir::Attribute> attributes;
  std::optional<int64_t> packedKeys, scratch;
  llvm::SmallVector<ExtentAttr> packedBytes, packedCaps, scratchBytes;
};

/// The register block of a CPU's kernels, and how many queries and keys they
/// take at a time: a mask decides for tiles of its rows and columns.
BlockingAttr registerBlocking(TargetAttr target);

/// Tiles the mixing and GEMM ops of one function.
class TileKernels {
public:
  TileKernels(mlir::func::FuncOp function, TargetAttr target)
      : function(function), target(target), context(function.getContext()) {}
  mlir::LogicalResult run();

private:
  BlockingAttr blocking() const { return registerBlocking(target); }

  // TileAttend.cpp.
  BlockingAttr attendBlocking(int64_t queryColumns, int64_t valueColumns) const;
  mlir::LogicalResult tileAttend(AttendOp attend);
  mlir::LogicalResult planMemory(AttendOp attend, const ScoreExpression &scores,
                                 KernelOp kernel);
  void fillMask(MaskOp mask, KernelOp kernel);
  void fillScore(ScoreExpression &scores, KernelOp kernel);

  // TileGate.cpp.
  mlir::LogicalResult tileGate(SpatialGateOp gate);

  // KernelWorkspace.cpp.
  mlir::LogicalResult allocatePacked(mlir::Operation *op,
                                     const PackedItems &all, int64_t budget,
                                     mlir::OpBuilder &builder,
                                     mlir::Value &buffer);
  mlir::LogicalResult addPackedChannels(SpatialGateOp gate,
                                        mlir::OpBuilder &builder,
                                        mlir::Value &buffer);
  mlir::LogicalResult addPackedArrays(AttendOp attend,
                                      const ScoreExpression &scores,
                                      int64_t keyColumns, int64_t foldedBatches,
                                      mlir::OpBuilder &builder,
                                      mlir::Value &buffer);
  mlir::Value addScratch(mlir::OpBuilder &builder, mlir::Location loc,
                         int64_t floats);

  // GEMMs.
  void tileLinear(LinearOp linear);
  void tileMatmul(MatmulOp matmul);

  mlir::func::FuncOp function;
  TargetAttr target;
  mlir::MLIRContext *context;
  KernelSlots slots;
};

} // namespace attune

#endif // ATTUNE_PASSES_TILEKERNELS_H
