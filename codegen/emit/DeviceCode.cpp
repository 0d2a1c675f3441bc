//===- DeviceCode.cpp - From a gpu.module to PTX --------------------------===//

#include "codegen/emit/DeviceCode.h"
#include "codegen/emit/Optimize.h"
#include "dialect/Target.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace attune;

static std::unique_ptr<llvm::TargetMachine>
createMachine(TargetAttr target, std::string &message) {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
  llvm::Triple triple("nvptx64-nvidia-cuda");
  const auto *known = llvm::TargetRegistry::lookupTarget(triple, message);
  if (!known)
    return nullptr;
  return std::unique_ptr<llvm::TargetMachine>(known->createTargetMachine(
      triple, target.getCpu().getValue(), target.getFeatures().getValue(),
      llvm::TargetOptions(), std::nullopt, std::nullopt,
      llvm::CodeGenOptLevel::Aggressive));
}

std::optional<DeviceCode> attune::emitDeviceCode(ModuleOp module) {
  DeviceCode result;
  auto devices = module.getOps<gpu::GPUModuleOp>();
  if (devices.empty())
    return result;
  gpu::GPUModuleOp device = *devices.begin();
  auto target = module->getAttrOfType<TargetAttr>("attune.target");
  if (!target || !isCuda(target)) {
    module.emitError("has kernels, but no GPU as its target");
    return std::nullopt;
  }
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  module.getContext()->appendDialectRegistry(registry);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code =
      translateModuleToLLVMIR(device, context, "attune");
  if (!code) {
    device.emitError("cannot be translated to LLVM IR");
    return std::nullopt;
  }
  std::string message;
  std::unique_ptr<llvm::TargetMachine> machine = createMachine(target, message);
  if (!machine) {
    device.emitError("has no code generator: ") << message;
    return std::nullopt;
  }
  code->setTargetTriple(machine->getTargetTriple());
  code->setDataLayout(machine->createDataLayout());
  llvm::raw_string_ostream errors(message);
  if (llvm::verifyModule(*code, &errors)) {
    device.emitError("gives wrong LLVM IR: ") << message;
    return std::nullopt;
  }
  // Loops over the depth stay loops, or their loads would fill the registers.
  optimizeDeviceCode(*code, *machine);
  llvm::raw_string_ostream text(result.llvm);
  code->print(text, nullptr);

  SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, stream, nullptr,
                                   llvm::CodeGenFileType::AssemblyFile)) {
    device.emitError("has no assembly on this target");
    return std::nullopt;
  }
  passes.run(*code);
  result.ptx.assign(bytes.begin(), bytes.end());
  return result;
}
