//===- KernelJit.cpp - Runs hand-written kernels in this process ----------===//

#include "KernelJit.h"
#include "codegen/cpu/Passes.h"
#include "dialect/Attune.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "llvm/Support/TargetSelect.h"
#include <mutex>

using namespace mlir;
using namespace attune::test;

Array::Array(std::vector<int64_t> shapeArg, std::vector<int64_t> stridesArg,
             void *dataArg)
    : shape(std::move(shapeArg)), strides(std::move(stridesArg)),
      data(dataArg) {
  if (!strides.empty())
    return;
  strides.resize(shape.size());
  int64_t stride = 1;
  for (size_t axis = shape.size(); axis-- > 0; stride *= shape[axis])
    strides[axis] = stride;
}

struct KernelJit::State {
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<ExecutionEngine> engine;
};

// What follows the passes of codegen/cpu: tasks in order, then upstream
// conversions as the lower stage runs them.
static constexpr const char *kLowering =
    "scf-parallel-for-to-nested-fors,canonicalize,cse,"
    "loop-invariant-code-motion,convert-vector-to-scf,expand-strided-metadata,"
    "lower-affine,convert-scf-to-cf,arith-expand,"
    "convert-vector-to-llvm,convert-math-to-llvm,convert-arith-to-llvm,"
    "convert-index-to-llvm,finalize-memref-to-llvm,convert-func-to-llvm,"
    "convert-cf-to-llvm,reconcile-unrealized-casts,canonicalize,cse";

static int64_t worker() { return 0; }

KernelJit::KernelJit(const std::string &ir, int64_t width)
    : state(std::make_unique<State>()) {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    registerAllPasses();
  });
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registry.insert<attune::AttuneDialect>();
  MLIRContext &context = state->context;
  context.appendDialectRegistry(registry);
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    message += diagnostic.str() + "\n";
    return success();
  });
  state->module = parseSourceString<ModuleOp>(ir, &context);
  if (!state->module) {
    message += "cannot parse";
    return;
  }
  state->module->walk([&](func::FuncOp function) {
    if (!function.isDeclaration())
      function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                        UnitAttr::get(&context));
  });
  PassManager passes(&context);
  passes.addPass(createExpandKernelsPass());
  passes.addNestedPass<func::FuncOp>(createLowerTilesPass(width));
  passes.addPass(createExpandMathPass());
  if (failed(parsePassPipeline(kLowering, passes)) ||
      failed(passes.run(*state->module))) {
    message += "cannot compile";
    return;
  }
  ExecutionEngineOptions options;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Aggressive;
  auto engine = ExecutionEngine::create(*state->module, options);
  if (!engine) {
    message += llvm::toString(engine.takeError());
    return;
  }
  state->engine = std::move(*engine);
  state->engine->registerSymbols([](llvm::orc::MangleAndInterner mangle) {
    llvm::orc::SymbolMap symbols;
    symbols[mangle("attune_worker")] = {
        llvm::orc::ExecutorAddr::fromPtr(worker),
        llvm::JITSymbolFlags::Exported};
    return symbols;
  });
}

KernelJit::~KernelJit() = default;

std::vector<std::vector<int64_t>>
KernelJit::descriptors(const std::vector<Array> &arguments) {
  std::vector<std::vector<int64_t>> result;
  for (const Array &array : arguments) {
    auto address = reinterpret_cast<int64_t>(array.data);
    std::vector<int64_t> descriptor{address, address, 0};
    descriptor.insert(descriptor.end(), array.shape.begin(), array.shape.end());
    descriptor.insert(descriptor.end(), array.strides.begin(),
                      array.strides.end());
    result.push_back(std::move(descriptor));
  }
  return result;
}

void *KernelJit::lookup(const std::string &name) {
  auto function = state->engine->lookupPacked("_mlir_ciface_" + name);
  if (function)
    return reinterpret_cast<void *>(*function);
  message += llvm::toString(function.takeError());
  return nullptr;
}

void KernelJit::call(const std::string &name,
                     const std::vector<Array> &arguments) {
  void *function = lookup(name);
  if (!function)
    return;
  auto storage = descriptors(arguments);
  std::vector<void *> pointers, packed;
  for (auto &descriptor : storage)
    pointers.push_back(descriptor.data());
  for (void *&pointer : pointers)
    packed.push_back(&pointer);
  reinterpret_cast<void (*)(void **)>(function)(packed.data());
}
