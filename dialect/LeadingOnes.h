//===- LeadingOnes.h - Arrays with leading extents of 1 ---------*- C++ -*-===//
#ifndef ATTUNE_DIALECT_LEADINGONES_H
#define ATTUNE_DIALECT_LEADINGONES_H

#include "dialect/Attune.h"

namespace attune {

/// `tensor` reshaped to `rank`: extents of 1 come before its own.
mlir::Value withLeadingOnes(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Value tensor, size_t rank);

} // namespace attune

#endif // ATTUNE_DIALECT_LEADINGONES_H
