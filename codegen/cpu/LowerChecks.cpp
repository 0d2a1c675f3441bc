//===- LowerChecks.cpp - A model returns when a check says no -------------===//
//
// Structured loops cannot be left early, so the branch is made here, where
// functions are plain graphs of blocks.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LowerPasses.h"
#include "runtime/abi.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"

#define DEBUG_TYPE "attune-lower-checks"

using namespace mlir;
using namespace attune;

/// Splits the block behind `call`: on 0 the function returns ATTUNE_E_VALUE,
/// the code that the runtime has recorded.
static void leaveOnFailure(LLVM::CallOp call) {
  OpBuilder builder(call.getContext());
  Location loc = call.getLoc();
  Type i32 = builder.getI32Type();
  Block *block = call->getBlock();
  Block *rest = block->splitBlock(++Block::iterator(call));
  auto *exit = new Block();
  block->getParent()->push_back(exit);

  builder.setInsertionPointToEnd(block);
  Value zero =
      LLVM::ConstantOp::create(builder, loc, i32, builder.getI32IntegerAttr(0));
  Value good = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne,
                                    call.getResult(), zero);
  LLVM::CondBrOp::create(builder, loc, good, rest, exit);
  builder.setInsertionPointToEnd(exit);
  Value code = LLVM::ConstantOp::create(
      builder, loc, i32, builder.getI32IntegerAttr(ATTUNE_E_VALUE));
  LLVM::ReturnOp::create(builder, loc, code);
}

namespace {
struct LowerChecksPass : PassWrapper<LowerChecksPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerChecksPass)

  StringRef getArgument() const final { return DEBUG_TYPE; }
  StringRef getDescription() const final {
    return "Return from the model when attune_check_ids gives 0";
  }

  void runOnOperation() final {
    SmallVector<LLVM::CallOp> calls;
    getOperation().walk([&](LLVM::CallOp call) {
      if (call.getCallee() == checkIdsName)
        calls.push_back(call);
    });
    for (LLVM::CallOp call : calls) {
      auto func = call->getParentOfType<LLVM::LLVMFuncOp>();
      if (!func || !func.getFunctionType().getReturnType().isInteger(32)) {
        call.emitOpError("checks ids in a function that cannot fail");
        return signalPassFailure();
      }
      leaveOnFailure(call);
    }
  }
};
} // namespace

std::unique_ptr<Pass> attune::createLowerChecksPass() {
  return std::make_unique<LowerChecksPass>();
}

void attune::registerCPULowerPasses() {
  registerPass([] { return createLowerAbiPass(); });
  registerPass([] { return createOutlineParallelPass(); });
  registerPass([] { return createMergeTasksPass(); });
  registerPass([] { return createLowerChecksPass(); });
}
