//===- CompiledModel.cpp - Hand-written memref IR as a shared library -----===//

#include "test/unit/CompiledModel.h"
#include "codegen/Pipelines.h"
#include "codegen/emit/Emit.h"
#include "dialect/Target.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include <cstdlib>
#include <dlfcn.h>

using namespace mlir;
using namespace attune;
using namespace attune::test;

Target attune::test::targetOf(int width) {
  if (width < 16)
    return *Target::get(width == 8 ? "haswell" : "x86-64");
  Target target = *Target::get("znver5");
  auto features = llvm::sys::getHostCPUFeatures();
  if (!features.lookup("avx512f") || !features.lookup("avx512vl"))
    target.features = targetOf(8).features;
  return target;
}

bool attune::test::canRun(int width) {
  return width < 8 || llvm::sys::getHostCPUFeatures().lookup("avx2");
}

std::string attune::test::modelText(const std::string &arguments,
                                    const std::string &body,
                                    const std::string &attributes) {
  return "func.func @m(" + arguments +
         ") attributes {attune.model, attune.dims = [#attune.dim<\"T\", bound "
         "= "
         "2000000, argument = 0, axis = 0>]" +
         (attributes.empty() ? "" : ", " + attributes) + "} {\n" + body +
         "\n  return\n}\n";
}

CompiledModel::CompiledModel(const std::string &ir, const std::string &name,
                             const Target &target)
    : name(name) {
  if (!build(ir, target) && message.empty())
    message = "failed without a message";
  if (!message.empty())
    return;
  library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    message = dlerror();
}

CompiledModel::CompiledModel(const std::string &ir, const std::string &name,
                             int width)
    : CompiledModel(ir, name, targetOf(width)) {}

CompiledModel::~CompiledModel() {
  if (weights)
    reinterpret_cast<void (*)(void *)>(symbol("_weights_free"))(weights);
  if (!path.empty())
    llvm::sys::fs::remove(path);
}

bool CompiledModel::build(const std::string &ir, const Target &target) {
  DialectRegistry registry;
  registry.insert<AttuneDialect>();
  registerAllDialects(registry);
  registerAllExtensions(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    message += diagnostic.str() + "\n";
    return success();
  });
  auto module = parseSourceString<ModuleOp>(ir, &context);
  if (!module)
    return false;
  (*module)->setAttr("attune.target", target.toAttr(&context));
  PassManager manager(&context);
  buildRealizeStage(manager);
  buildLowerStage(manager);
  if (failed(manager.run(*module)))
    return false;
  std::unique_ptr<Emitter> emitter = Emitter::create(*module);
  if (!emitter)
    return false;
  headerText = emitter->header("m.h");
  manifestText = emitter->manifest();
  llvm::SmallString<0> assembly;
  llvm::raw_svector_ostream stream(assembly);
  if (failed(emitter->writeAssembly(stream)))
    return false;
  assemblyText = assembly.str().str();
  llvm::SmallString<128> file;
  if (llvm::sys::fs::createTemporaryFile("attune-test", "so", file))
    return false;
  path = file.str().str();
  return succeeded(emitter->writeLibrary(path, LinkOptions(), message));
}

void *CompiledModel::symbol(const std::string &suffix) const {
  return dlsym(library, (name + suffix).c_str());
}

int CompiledModel::setWeights(
    const std::vector<std::pair<const char *, attune_tensor *>> &list) {
  auto create = reinterpret_cast<int (*)(void **, attune_error *)>(
      symbol("_weights_new"));
  auto set =
      reinterpret_cast<int (*)(void *, const char *, const attune_tensor *,
                               attune_error *)>(symbol("_weights_set"));
  auto finish = reinterpret_cast<int (*)(void *, attune_error *)>(
      symbol("_weights_finish"));
  int code = create(&weights, &lastError);
  for (auto [weight, tensor] : list)
    if (code == ATTUNE_OK)
      code = set(weights, weight, tensor, &lastError);
  return code == ATTUNE_OK ? finish(weights, &lastError) : code;
}

int CompiledModel::run(const std::vector<attune_tensor *> &t,
                       const std::vector<int64_t> &dims) {
  auto size =
      reinterpret_cast<int (*)(const int64_t *, size_t *, attune_error *)>(
          symbol("_workspace"));
  size_t bytes = 0;
  if (int code = size(dims.data(), &bytes, &lastError))
    return code;
  void *ws = std::aligned_alloc(64, std::max<size_t>(bytes, 64));
  using T = attune_tensor *;
  void *f = symbol("_run");
  const attune_call *call = nullptr;
  int code = -1;
  if (t.size() == 2)
    code = reinterpret_cast<int (*)(void *, T, T, void *, size_t,
                                    const attune_call *, attune_error *)>(f)(
        weights, t[0], t[1], ws, bytes, call, &lastError);
  else if (t.size() == 3)
    code = reinterpret_cast<int (*)(void *, T, T, T, void *, size_t,
                                    const attune_call *, attune_error *)>(f)(
        weights, t[0], t[1], t[2], ws, bytes, call, &lastError);
  else if (t.size() == 4)
    code = reinterpret_cast<int (*)(void *, T, T, T, T, void *, size_t,
                                    const attune_call *, attune_error *)>(f)(
        weights, t[0], t[1], t[2], t[3], ws, bytes, call, &lastError);
  std::free(ws);
  return code;
}
