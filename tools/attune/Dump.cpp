/// --from: IR of a stage, perhaps edited, in place of a spec.
#include "dialect/Attune.h"
#include "mlir/Parser/Parser.h"
#include "tools/attune/Compiler.h"
#include "tools/attune/Report.h"

using namespace llvm;
using namespace mlir;

namespace attune::tool {

bool Compiler::takeDiagnostic(Diagnostic &diagnostic) {
  bool isError = diagnostic.getSeverity() == DiagnosticSeverity::Error;
  if (!isReadingDump)
    return isError && internalDetail(diagnostic.str(),
                                     Place::of(diagnostic.getLocation()));
  // The first mistake of a dump; others may only follow from it.
  if (isError && !isDumpBad)
    userError("T0022", diagnostic.str(),
              "--from reads IR that --dump-stages or --until-after wrote",
              Place::of(diagnostic.getLocation()));
  isDumpBad |= isError;
  return true;
}

/// The first and last stage after which IR can look like this. A model without
/// attention or products has no kernels, so that there may be several.
static std::pair<StringRef, StringRef> stagesLike(ModuleOp module) {
  SmallVector<func::FuncOp> models = modelsOf(module);
  if (models.empty())
    return {"lower", "lower"};
  bool hasTensors = false, hasPlan = true, hasKernels = false,
       hasMixing = false, hasLayers = false;
  // Every model has outputs: results until bufferize makes them arguments.
  for (func::FuncOp model : models) {
    hasTensors |= model.getNumResults() != 0;
    hasPlan &= model->hasAttr("attune.slots");
  }
  module.walk([&](Operation *op) {
    if (!isa_and_present<AttuneDialect>(op->getDialect()))
      return;
    hasKernels |= isa<KernelOp>(op);
    hasMixing |= isa<AttendOp, SpatialGateOp, LinearOp, MatmulOp>(op);
    hasLayers |= !isa<DimOp, ParamOp>(op);
  });
  if (hasTensors)
    return {"import", "fuse"};
  if (hasKernels)
    return {"tile", "tile"};
  if (!hasPlan)
    return {"bufferize", "bufferize"};
  return {"plan", hasMixing ? "plan" : hasLayers ? "tile" : "realize"};
}

OwningOpRef<ModuleOp> Compiler::readDump(StringRef path, const Stage &stage) {
  isReadingDump = true;
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(path, context.get());
  isReadingDump = false;
  if (!module)
    return nullptr;
  if (none_of(module->getOps(),
              [](Operation &op) { return op.hasAttr("attune.model"); })) {
    userError("T0005", "the file defines no model");
    return nullptr;
  }
  auto [first, last] = stagesLike(*module);
  if (findStage(first) <= &stage && &stage <= findStage(last))
    return module;
  userError("T0026", "this is no dump of stage `" + stage.name + "`",
            first == last ? "it looks like one of `" + first + "`"
                          : "it looks like one between `" + first + "` and `" +
                                last + "`");
  return nullptr;
}

} // namespace attune::tool
