//===- ExtentValues.h - Extents as index values -----------------*- C++ -*-===//
#ifndef ATTUNE_PASSES_EXTENTVALUES_H
#define ATTUNE_PASSES_EXTENTVALUES_H

#include "dialect/Extent.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/OpDefinition.h"

namespace attune {

/// Computes extents from `attune.dim` and index arithmetic at a function's
/// entry, each once, so that they dominate every use. The function must have a
/// body.
class ExtentValues {
public:
  explicit ExtentValues(mlir::func::FuncOp func);

  /// The run-time value of an extent (a constant op when it is constant).
  mlir::Value getValue(const Extent &extent);

  /// An index attribute when the extent is constant, else its value.
  mlir::OpFoldResult getFolded(const Extent &extent);

  /// The values of the extents that are not constant, in order.
  llvm::SmallVector<mlir::Value> getDynamic(llvm::ArrayRef<Extent> extents);

private:
  mlir::Value getDim(mlir::StringAttr name);
  mlir::Value getConstant(int64_t value);

  mlir::OpBuilder builder;
  mlir::Location loc;
  llvm::DenseMap<mlir::Attribute, mlir::Value> values;
};

} // namespace attune

#endif // ATTUNE_PASSES_EXTENTVALUES_H
