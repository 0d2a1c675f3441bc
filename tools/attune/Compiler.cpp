#include "tools/attune/Compiler.h"
#include "codegen/Pipelines.h"
#include "codegen/cuda/CheckSupport.h"
#include "codegen/cuda/Passes.h"
#include "dialect/Target.h"
#include "frontend/Import.h"
#include "mlir/IR/Verifier.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "passes/Pipelines.h"
#include "tools/attune/Remarks.h"
#include "tools/attune/Report.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace llvm;
using namespace mlir;

namespace attune::tool {

ArrayRef<Stage> allStages() {
  static constexpr Stage stages[] = {
      {"import", buildImportStage},
      {"normalize", buildNormalizeStage},
      {"fuse", buildFuseStage},
      {"bufferize", buildBufferizeStage},
      {"plan", buildPlanStage},
      {"tile", buildTileStage},
      {"realize", buildRealizeStage, buildCudaRealizeStage},
      {"lower", buildLowerStage, buildCudaLowerStage},
  };
  return stages;
}

const Stage *findStage(StringRef name) {
  SmallVector<StringRef> names;
  for (const Stage &stage : allStages()) {
    if (stage.name == name)
      return &stage;
    names.push_back(stage.name);
  }
  StringRef meant = nearest(name, names);
  userError("T0004", "there is no stage `" + name + "`",
            meant.empty() ? "the stages are " + join(names, ", ")
                          : "did you mean `" + meant.str() + "`?");
  return nullptr;
}

SmallVector<func::FuncOp> modelsOf(ModuleOp module) {
  SmallVector<func::FuncOp> models;
  for (func::FuncOp function : module.getOps<func::FuncOp>())
    if (function->hasAttr("attune.model") &&
        !function->hasAttr("attune.prepares"))
      models.push_back(function);
  return models;
}

Compiler::Compiler(const Arguments &arguments) : arguments(arguments) {
  DialectRegistry registry;
  registry.insert<AttuneDialect>();
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllToLLVMIRTranslations(registry);
  // One thread: modules are small, and remarks come in the order of the spec.
  context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadDialect<AttuneDialect, func::FuncDialect>();
  context->getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    return success(takeDiagnostic(diagnostic));
  });
}

Compiler::~Compiler() {
  // Remarks that wait for the end are written now, while streams still live.
  context.reset();
}

/// The folder that `import "std/..."` reads: beside the tool's own folder, so
/// that a build and an installation can be moved.
static std::string standardLibrary() {
  static char anchor;
  std::string program = sys::fs::getMainExecutable(nullptr, &anchor);
  SmallString<256> path(
      sys::path::parent_path(sys::path::parent_path(program)));
  sys::path::append(path, "share", "attune", "std");
  return path.str().str();
}

OwningOpRef<ModuleOp>
Compiler::importSpec(StringRef path,
                     decltype(frontend::ImportOptions::onName) onName) {
  frontend::Sources sources;
  frontend::Diagnostics diagnostics(sources);
  OwningOpRef<ModuleOp> module =
      frontend::importSpec(path, {standardLibrary(), "", std::move(onName)},
                           *context, sources, diagnostics);
  printDiagnostics(diagnostics, sources);
  if (diagnostics.hasErrors())
    return nullptr;
  for (uint32_t file = 0; file < sources.size(); ++file)
    filesRead.push_back(sources.path(file).str());
  return module;
}

int Compiler::timed(StringRef what, llvm::function_ref<int()> work) {
  auto begin = std::chrono::steady_clock::now();
  int code = work();
  std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now() - begin;
  if (arguments.has("--time"))
    printRemark("time", "passed", what,
                formatv("{0:F1} ms", time.count()).str(), std::nullopt);
  return code;
}

func::FuncOp Compiler::selectModel(ModuleOp module,
                                   std::optional<std::string> name,
                                   bool single) {
  SmallVector<func::FuncOp> models = modelsOf(module);
  SmallVector<StringRef> names;
  for (func::FuncOp model : models)
    names.push_back(model.getName());
  if (models.empty()) {
    userError("T0005", "the file defines no model");
    return nullptr;
  }
  if (!name) {
    if (!single || models.size() == 1)
      return models.front();
    userError("T0006", "the file defines several models: " + join(names, ", "),
              "choose one with `--model " + names.front() + "`");
    return nullptr;
  }
  func::FuncOp chosen;
  for (func::FuncOp model : models)
    if (model.getName() == *name)
      chosen = model;
  if (!chosen) {
    StringRef meant = nearest(*name, names);
    userError("T0007", "the file defines no model `" + *name + "`",
              meant.empty() ? "it defines " + join(names, ", ")
                            : "did you mean `" + meant.str() + "`?");
    return nullptr;
  }
  for (func::FuncOp model : models)
    if (model != chosen)
      model.erase();
  return chosen;
}

/// The GPU that --sm names.
static int chooseGpu(const Arguments &arguments,
                     std::optional<Target> &target) {
  std::string sm = arguments.get("--sm").value_or("80");
  if (arguments.has("--cpu"))
    return userError("T0016", "--cpu and --target=cuda exclude each other",
                     "choose a GPU with --sm");
  if (std::optional<int64_t> number = parseInteger(sm, 0, 999))
    target = Target::getCuda(*number);
  return target ? Done
                : userError("T0017", "unknown GPU `--sm=" + sm + "`",
                            "known are 80, 86, 89 and 90");
}

/// The machine that --target, --sm and --cpu name.
static int chooseTarget(const Arguments &arguments,
                        std::optional<Target> &target) {
  std::string kind = arguments.get("--target").value_or("cpu");
  if (kind != "cpu" && kind != "cuda")
    return userError("T0018", "unknown target `" + kind + "`",
                     "known are cpu and cuda");
  if (kind == "cuda")
    return chooseGpu(arguments, target);
  if (arguments.has("--sm"))
    return userError("T0016", "--sm needs --target=cuda");
  std::string name = arguments.get("--cpu").value_or("native");
  target = Target::get(name);
  if (target)
    return Done;
  StringRef meant = nearest(name, Target::names());
  return userError("T0008", "unknown machine `" + name + "`",
                   meant.empty() ? "known are " + join(Target::names(), ", ")
                                 : "did you mean `" + meant.str() + "`?");
}

int Compiler::setTarget(ModuleOp module, const Stage *from) {
  std::optional<Target> target;
  if (int code = chooseTarget(arguments, target))
    return code;
  TargetAttr chosen = target->toAttr(context.get());
  auto dumped = module->getAttrOfType<TargetAttr>("attune.target");
  bool isNamed = arguments.has("--target") || arguments.has("--cpu") ||
                 arguments.has("--sm");
  // Panels of weights and tiles are made for a machine: a dump of a later stage
  // cannot go to another one.
  if (from && from != allStages().data() && dumped && isNamed &&
      dumped != chosen)
    return userError("T0025",
                     "this dump of stage `" + from->name + "` was made for " +
                         dumped.getCpu().getValue() + ", not for " +
                         chosen.getCpu().getValue(),
                     "leave the machine out, or start from stage import");
  if (!dumped || isNamed || !from)
    module->setAttr("attune.target", chosen);
  hasCudaCode =
      attune::isCuda(module->getAttrOfType<TargetAttr>("attune.target"));
  return enableRemarks();
}

int Compiler::enableRemarks() {
  SmallVector<std::string> categories = arguments.all("-R");
  for (const std::string &list : arguments.all("--remarks"))
    for (StringRef category : split(list, ','))
      categories.push_back(category.str());
  return attune::tool::enableRemarks(*context, categories);
}

int Compiler::dump(ModuleOp module, const Stage &stage) {
  std::optional<std::string> folder = arguments.get("--dump-stages");
  if (!folder)
    return Done;
  size_t number = &stage - allStages().data();
  SmallString<128> path(*folder);
  sys::path::append(path, Twine(number) + "-" + stage.name + ".mlir");
  std::error_code error = sys::fs::create_directories(*folder);
  if (!error) {
    raw_fd_ostream os(path, error);
    if (!error) {
      module.print(os);
      os.close();
      error = os.error();
      os.clear_error();
    }
  }
  if (error)
    return userError("T0009", "cannot write " + path + ": " + error.message());
  return Done;
}

/// Says what of the model has no code on a GPU, each thing once, where the spec
/// has it first.
int Compiler::checkCuda(ModuleOp module) {
  SmallVector<CudaProblem> problems = findCudaProblems(module);
  llvm::StringSet<> said;
  for (const CudaProblem &problem : problems) {
    if (!said.insert(problem.text).second)
      continue;
    userError("T0019", problem.text, "--target=cpu compiles the whole model",
              Place::of(problem.location));
  }
  return problems.empty() ? Done : BadInput;
}

int Compiler::runStages(ModuleOp module, const Stage *from,
                        const Stage *until) {
  // What a pass says about valid IR is our fault; it is shown with the
  // reproducer, which the pass manager also writes when a pass crashes.
  const Stage *first = from ? from + 1 : allStages().data();
  if (!from)
    if (int code = dump(module, *first))
      return code;
  for (const Stage *stage = first; stage <= until; ++stage) {
    if (isCuda() && stage->name == "realize")
      if (int code = checkCuda(module))
        return code;
    SmallString<128> reproducer;
    if (sys::fs::createTemporaryFile(("attune-" + stage->name).str(), "mlir",
                                     reproducer))
      reproducer.clear();
    PassManager manager(context.get(), ModuleOp::getOperationName());
    if (!reproducer.empty())
      manager.enableCrashReproducerGeneration(reproducer);
    isCuda() && stage->buildCuda ? stage->buildCuda(manager)
                                 : stage->build(manager);
    // The longest stage, mostly of MLIR's own conversions: verified once,
    // behind the last, since that takes as long as a conversion does.
    bool once = stage->name == "lower";
    manager.enableVerifier(!once);
    bool good = false;
    timed(stage->name, [&] {
      good = succeeded(manager.run(module)) &&
             (!once || succeeded(verify(module)));
      return Done;
    });
    if (!good)
      return internalError("stage `" + stage->name + "` failed", reproducer);
    sys::fs::remove(reproducer);
    if (stage != allStages().data())
      if (int code = dump(module, *stage))
        return code;
  }
  return Done;
}

} // namespace attune::tool
