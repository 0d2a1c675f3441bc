//===- Emit.cpp - From a lowered module to code ---------------------------===//

#include "codegen/emit/Emit.h"
#include "codegen/emit/Descriptor.h"
#include "codegen/emit/DeviceCode.h"
#include "codegen/emit/Header.h"
#include "codegen/emit/Manifest.h"
#include "codegen/emit/Optimize.h"
#include "codegen/emit/Python.h"
#include "dialect/Target.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace mlir;
using namespace attune;

Emitter::Emitter() = default;
Emitter::~Emitter() = default;

/// Code for x86-64 plus exactly the target's features, so that the feature bits
/// that the runtime checks say all; the processor's name only tunes.
static std::unique_ptr<llvm::TargetMachine>
createMachine(StringRef features, std::string &message) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  LLVMInitializeX86AsmParser();
  llvm::Triple triple("x86_64-unknown-linux-gnu");
  const auto *known = llvm::TargetRegistry::lookupTarget(triple, message);
  if (!known)
    return nullptr;
  llvm::TargetOptions options;
  // A micro kernel that begins inside a cache line loses up to a fifth of its
  // speed on Zen 3, depending on whatever code comes before it.
  options.LoopAlignment = 64;
  options.FunctionSections = true;
  options.DataSections = true;
  return std::unique_ptr<llvm::TargetMachine>(known->createTargetMachine(
      triple, "x86-64", features, options, llvm::Reloc::PIC_, std::nullopt,
      llvm::CodeGenOptLevel::Aggressive));
}

/// Everything but the entry points stays inside the library.
static void setAttributes(llvm::Module &code, StringRef cpu,
                          StringRef features) {
  for (llvm::Function &function : code) {
    if (function.isIntrinsic())
      continue;
    function.setDoesNotThrow();
    // The runtime is linked in: no detour through the PLT.
    if (function.isDeclaration() && function.getName().starts_with("attune_")) {
      function.setVisibility(llvm::GlobalValue::HiddenVisibility);
      function.setDSOLocal(true);
    }
    if (function.isDeclaration())
      continue;
    function.addFnAttr("tune-cpu", cpu);
    function.addFnAttr("target-cpu", "x86-64");
    function.addFnAttr("target-features", features);
  }
}

LogicalResult Emitter::translate(ModuleOp module) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  module.getContext()->appendDialectRegistry(registry);
  FailureOr<SmallVector<ModelInfo, 0>> found = collectModels(module);
  if (failed(found))
    return failure();
  infos = std::move(*found);
  context = std::make_unique<llvm::LLVMContext>();
  // The name of the module becomes a symbol: no path.
  code = translateModuleToLLVMIR(module, *context, "attune");
  if (!code)
    return module.emitError("cannot be translated to LLVM IR");
  std::string message;
  TargetAttr target = infos.front().target;
  StringRef cpu = target.getCpu().getValue();
  StringRef features = target.getFeatures().getValue();
  std::optional<DeviceCode> device = emitDeviceCode(module);
  if (!device)
    return failure();
  if (isCuda(target)) {
    // The host only launches.
    cpu = "x86-64";
    features = "+sse2";
  }
  machine = createMachine(features, message);
  if (!machine)
    return module.emitError("has no code generator: ") << message;
  code->setTargetTriple(machine->getTargetTriple());
  code->setDataLayout(machine->createDataLayout());
  for (const ModelInfo &info : infos)
    if (!addEntryPoints(*code, info, device->ptx, message))
      return module.emitError(message);
  setAttributes(*code, cpu, features);
  llvm::raw_string_ostream stream(message);
  if (llvm::verifyModule(*code, &stream))
    return module.emitError("gives wrong LLVM IR: ") << message;
  return success();
}

std::unique_ptr<Emitter> Emitter::create(ModuleOp module) {
  std::unique_ptr<Emitter> emitter(new Emitter);
  if (failed(emitter->translate(module)))
    return nullptr;
  optimizeHostCode(*emitter->code, *emitter->machine);
  return emitter;
}

std::string Emitter::llvmText() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  code->print(stream, nullptr);
  return text;
}

LogicalResult Emitter::write(llvm::raw_pwrite_stream &stream,
                             bool isAssembly) const {
  // Code generation changes what it reads.
  std::unique_ptr<llvm::Module> copy = llvm::CloneModule(*code);
  llvm::legacy::PassManager passes;
  auto type = isAssembly ? llvm::CodeGenFileType::AssemblyFile
                         : llvm::CodeGenFileType::ObjectFile;
  if (machine->addPassesToEmitFile(passes, stream, nullptr, type))
    return failure();
  passes.run(*copy);
  return success();
}

LogicalResult Emitter::writeAssembly(llvm::raw_pwrite_stream &stream) const {
  return write(stream, /*isAssembly=*/true);
}

LogicalResult Emitter::writeObject(llvm::raw_pwrite_stream &stream) const {
  return write(stream, /*isAssembly=*/false);
}

LogicalResult Emitter::writeLibrary(StringRef path, const LinkOptions &options,
                                    std::string &message) const {
  int descriptor = -1;
  SmallString<128> object;
  if (std::error_code error = llvm::sys::fs::createTemporaryFile(
          "attune", "o", descriptor, object)) {
    message = "cannot make a temporary file: " + error.message();
    return failure();
  }
  llvm::FileRemover remover(object);
  {
    llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
    if (failed(writeObject(stream))) {
      message = "no object code for this target";
      return failure();
    }
    stream.flush();
    if (stream.has_error()) {
      message = "cannot write " + object.str().str() + ": " +
                stream.error().message();
      stream.clear_error();
      return failure();
    }
  }
  return success(linkLibrary(object, path, options, message));
}

std::string Emitter::header(StringRef fileName) const {
  return emitHeader(infos, fileName);
}

std::string Emitter::manifest() const { return emitManifest(infos); }

std::string Emitter::python(StringRef library) const {
  return emitPython(infos, library);
}
