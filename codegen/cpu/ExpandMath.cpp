//===- ExpandMath.cpp - Functions of f32 without calls --------------------===//
//
// The math library has no vector functions that a compiled model could link:
// these functions become those of VectorMath.h.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Passes.h"
#include "codegen/cpu/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

#define DEBUG_TYPE "attune-cpu-expand-math"

using namespace mlir;
using namespace attune;

using Build = Value (*)(OpBuilder &builder, Location loc, Value x);

static Build builderFor(Operation *op) {
  if (op->getNumResults() != 1 ||
      !getElementTypeOrSelf(op->getResult(0).getType()).isF32())
    return nullptr;
  return llvm::TypeSwitch<Operation *, Build>(op)
      .Case([](math::ExpOp) { return buildExp; })
      .Case([](math::Exp2Op) { return buildExp2; })
      .Case([](math::TanhOp) { return buildTanh; })
      .Case([](math::ErfOp) { return buildErf; })
      .Case([](math::LogOp) { return buildLog; })
      .Default([](Operation *) { return nullptr; });
}

namespace {
struct ExpandMathPass : PassWrapper<ExpandMathPass, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandMathPass)

  StringRef getArgument() const final { return DEBUG_TYPE; }
  StringRef getDescription() const final {
    return "Expand exp, exp2, tanh, erf and log of f32 to arithmetic";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, LLVM::LLVMDialect, math::MathDialect,
                    vector::VectorDialect>();
  }

  void runOnOperation() final {
    // Some are made of others.
    SmallVector<Operation *> found;
    do {
      found.clear();
      getOperation()->walk([&](Operation *op) {
        if (builderFor(op))
          found.push_back(op);
      });
      for (Operation *op : found) {
        OpBuilder builder(op);
        Value result = builderFor(op)(builder, op->getLoc(), op->getOperand(0));
        op->getResult(0).replaceAllUsesWith(result);
        op->erase();
      }
    } while (!found.empty());
  }
};
} // namespace

std::unique_ptr<Pass> attune::createExpandMathPass() {
  return std::make_unique<ExpandMathPass>();
}
