//===- MergeTasks.cpp - Equal tasks become one ----------------------------===//
//
// Layers of one shape have tasks of one code: they differ in their contexts
// only. Compiling it once is most of what a model of several layers saves.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LowerPasses.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/Hashing.h"
#include <map>

#define DEBUG_TYPE "attune-merge-tasks"

using namespace mlir;
using namespace attune;

/// True for the functions that attune-outline-parallel makes.
static bool isTask(func::FuncOp func) {
  auto linkage = func->getAttrOfType<LLVM::LinkageAttr>("llvm.linkage");
  return linkage && linkage.getLinkage() == LLVM::Linkage::Internal &&
         !func.isDeclaration();
}

/// Equal for equal bodies; not of operands, which the comparison looks at.
static llvm::hash_code hashBody(func::FuncOp func) {
  llvm::hash_code hash = hash_value(func.getFunctionType());
  func.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    hash = llvm::hash_combine(hash, op->getName(), op->getAttrDictionary(),
                              op->getNumOperands(), op->getNumResults());
    for (Type type : op->getResultTypes())
      hash = llvm::hash_combine(hash, type);
  });
  return hash;
}

static bool areEqual(func::FuncOp a, func::FuncOp b) {
  return a.getFunctionType() == b.getFunctionType() &&
         a.getArgAttrsAttr() == b.getArgAttrsAttr() &&
         OperationEquivalence::isRegionEquivalentTo(
             &a.getBody(), &b.getBody(), OperationEquivalence::IgnoreLocations);
}

namespace {
struct MergeTasksPass : PassWrapper<MergeTasksPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MergeTasksPass)

  StringRef getArgument() const final { return DEBUG_TYPE; }
  StringRef getDescription() const final {
    return "Replace each outlined task by the first with the same code";
  }

  void runOnOperation() final {
    std::map<size_t, SmallVector<func::FuncOp>> kept;
    llvm::DenseMap<StringAttr, StringAttr> replaced;
    SmallVector<func::FuncOp> equal;
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (!isTask(func))
        continue;
      SmallVector<func::FuncOp> &others = kept[hashBody(func)];
      auto *first = llvm::find_if(
          others, [&](func::FuncOp other) { return areEqual(other, func); });
      if (first == others.end()) {
        others.push_back(func);
        continue;
      }
      replaced[func.getSymNameAttr()] = first->getSymNameAttr();
      equal.push_back(func);
    }
    getOperation().walk([&](func::ConstantOp constant) {
      if (auto name = replaced.lookup(constant.getValueAttr().getAttr()))
        constant.setValueAttr(FlatSymbolRefAttr::get(name));
    });
    for (func::FuncOp func : equal)
      func.erase();
  }
};
} // namespace

std::unique_ptr<Pass> attune::createMergeTasksPass() {
  return std::make_unique<MergeTasksPass>();
}
