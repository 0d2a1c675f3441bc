//===- MergeProjections.cpp - Linears that share their input ----*- C++ -*-===//
#include "passes/Passes.h"

#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"

namespace attune {
#define GEN_PASS_DEF_MERGEPROJECTIONSPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

namespace {
struct MergeProjectionsPass
    : attune::impl::MergeProjectionsPassBase<MergeProjectionsPass> {
  void runOnOperation() override {
    llvm::MapVector<std::pair<Value, Block *>, SmallVector<LinearOp>> groups;
    getOperation().walk([&](LinearOp linear) {
      groups[{linear.getInput(), linear->getBlock()}].push_back(linear);
    });
    for (auto &[key, linears] : groups) {
      if (linears.size() < 2)
        continue;
      remark::missed(
          linears.front().getLoc(),
          remark::RemarkOpts::name("merge-projections").category("fuse"))
          << std::to_string(linears.size()) +
                 " projections of one input stay separate: their weights lie "
                 "apart in the weight file";
    }
  }
};
} // namespace
