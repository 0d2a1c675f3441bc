//===- MemRefParts.h - Memrefs from pointers and back ---------------------===//

#ifndef ATTUNE_CODEGEN_CPU_MEMREFPARTS_H
#define ATTUNE_CODEGEN_CPU_MEMREFPARTS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"

namespace attune {

/// A memref at the address `data`: sizes and strides that the type knows are
/// constants, `dynamic` gives the others (index or i64): first the dynamic
/// sizes, then, for a layout that is not the identity, the dynamic strides. A
/// dynamic offset is zero.
mlir::Value buildMemRef(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value data, mlir::MemRefType type,
                        mlir::ValueRange dynamic);

/// What `buildMemRef` needs to make an equal memref: the address of the first
/// element (a static offset is not added), then the dynamic values (i64).
llvm::SmallVector<mlir::Value>
splitMemRef(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value memref);

/// Declares a private function at the module's start, once.
void declareFunction(mlir::ModuleOp module, llvm::StringRef name,
                     mlir::FunctionType type);

} // namespace attune

#endif
