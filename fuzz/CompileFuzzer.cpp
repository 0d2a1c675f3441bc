//===- CompileFuzzer.cpp - What checks compiles to LLVM IR ----------------===//
//
// Every spec without errors must go through all stages, for the vector width
// that its length picks.
//
//===----------------------------------------------------------------------===//

#include "codegen/emit/Emit.h"
#include "dialect/Target.h"
#include "fuzz/ImportedSpec.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "tools/attune/Compiler.h"

using namespace llvm;
using namespace attune;

static const mlir::DialectRegistry &registry() {
  static mlir::DialectRegistry made = [] {
    mlir::DialectRegistry all;
    all.insert<AttuneDialect>();
    mlir::registerAllDialects(all);
    mlir::registerAllExtensions(all);
    mlir::registerAllToLLVMIRTranslations(all);
    return all;
  }();
  return made;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  fuzz::ImportedSpec spec({reinterpret_cast<const char *>(bytes), size},
                          registry());
  if (!spec.module || tool::modelsOf(*spec.module).empty())
    return 0;
  const char *machines[] = {"x86-64", "haswell", "znver5"};
  std::optional<Target> target = Target::get(machines[size % 3]);
  (*spec.module)->setAttr("attune.target", target->toAttr(&spec.context));
  for (const tool::Stage &stage : tool::allStages().drop_front()) {
    mlir::PassManager manager(&spec.context);
    stage.build(manager);
    if (failed(manager.run(*spec.module)))
      fuzz::fail("stage " + stage.name.str() + " failed: " + spec.internal);
  }
  std::unique_ptr<Emitter> emitter = Emitter::create(*spec.module);
  if (!emitter)
    fuzz::fail("no LLVM IR: " + spec.internal);
  emitter->header("a.h");
  emitter->manifest();
  return 0;
}
