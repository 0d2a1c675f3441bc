//===- TileTranspose.h - Square transposes of vectors ---------------------===//

#ifndef ATTUNE_CODEGEN_CPU_TILETRANSPOSE_H
#define ATTUNE_CODEGEN_CPU_TILETRANSPOSE_H

#include "mlir/IR/Builders.h"

namespace attune {

/// The transpose of as many vectors as each has lanes, which is 4, 8 or 16,
/// as shuffles that x86 has: first inside 128-bit lanes, then across them.
llvm::SmallVector<mlir::Value> buildTranspose(mlir::OpBuilder &builder,
                                              mlir::Location loc,
                                              mlir::ValueRange rows);

} // namespace attune

#endif
