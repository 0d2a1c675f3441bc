//===- MemRefParts.h - Memrefs from pointers and back ---------------------===//

#ifndef ATTUNE_CODEGEN_CPU_MEMREFPARTS_H
#define ATTUNE_CODEGEN_CPU_MEMREFPARTS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"

namespace attune {

/// A memref based at the address `data`: sizes, strides and offset that the
/// type knows are constants, `dynamic` gives the others (index or i64): first
/// the dynamic sizes, then, for a layout that is not the identity, the dynamic
/// strides and a dynamic offset.
mlir::Value buildMemRef(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value data, mlir::MemRefType type,
                        mlir::ValueRange dynamic);

/// What `buildMemRef` needs to make an equal memref: the base address, then the
/// dynamic values (i64).
llvm::SmallVector<mlir::Value>
splitMemRef(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value memref);

/// Declares a private function at the module's start, once.
void declareFunction(mlir::ModuleOp module, llvm::StringRef name,
                     mlir::FunctionType type);

} // namespace attune

#endif
