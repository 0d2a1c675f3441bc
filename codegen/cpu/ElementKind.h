//===- ElementKind.h - What the bytes of an array mean --------------------===//

#ifndef ATTUNE_CODEGEN_CPU_ELEMENTKIND_H
#define ATTUNE_CODEGEN_CPU_ELEMENTKIND_H

#include "codegen/cpu/LoopBuilder.h"

namespace attune {

enum class ElementKind { Float, Signed, Unsigned, Bool };

/// The kind of the array that is array number `index` among the op's operands:
/// i8 holds booleans, unless `attune.element_types` says ui8.
ElementKind elementKind(mlir::Operation *op, unsigned index,
                        mlir::Value memref);

/// The value that stands for a loaded element (or vector of them): i1 for a
/// boolean, of which any non-zero byte is true; else the element itself.
mlir::Value fromStored(LoopBuilder &loops, mlir::Value stored,
                       ElementKind kind);

/// The byte 0 or 1 for an i1; else the value itself.
mlir::Value toStored(LoopBuilder &loops, mlir::Value value, ElementKind kind);

/// A constant of the type of `like`, scalar or vector.
mlir::Value constantLike(LoopBuilder &loops, mlir::Value like, double value);

} // namespace attune

#endif
