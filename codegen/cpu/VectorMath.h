//===- VectorMath.h - Functions of one number on vectors ------------------===//
//
// Builders of branch-free f32 code for a vector (or scalar) value. NaN goes in,
// NaN comes out. No fast-math flags: the rounding tricks depend on it.
//
//===----------------------------------------------------------------------===//

#ifndef ATTUNE_CODEGEN_CPU_VECTORMATH_H
#define ATTUNE_CODEGEN_CPU_VECTORMATH_H

#include "dialect/Attune.h"

namespace attune {

/// 2^x for x <= 0, relative error below 1.6e-7: exactly 0 for x <= -127 (so for
/// -inf), exactly 1 at 0. Results below 2^-126.5 are flushed to 0.
mlir::Value buildExp2NonPositive(mlir::OpBuilder &builder, mlir::Location loc,
                                 mlir::Value x);

/// 2^x for any x: exact for whole x, +inf above 128, denormal results rounded
/// once more.
mlir::Value buildExp2(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value x);

/// e^x for any x, relative error below 3e-7, exactly 1 at 0.
mlir::Value buildExp(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value x);

/// tanh x, within 5 ulp, or 7 where products and sums are rounded each.
mlir::Value buildTanh(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value x);

/// erf x, within 2 ulp.
mlir::Value buildErf(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value x);

/// The natural logarithm, within 1 ulp; denormals too.
mlir::Value buildLog(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value x);

/// An activation of f32.
mlir::Value buildActivation(mlir::OpBuilder &builder, mlir::Location loc,
                            Activation function, mlir::Value x);

} // namespace attune

#endif
