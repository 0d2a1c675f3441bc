#include "test/Cuda/sim/Translate.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Verifier.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace llvm;
using namespace attune::sim;

Program::~Program() = default;

// What translated kernels call, by the name of the intrinsic.
extern "C" {
static uint32_t simThread() { return Machine::get().thread(); }
static uint32_t simBlockX() { return Machine::get().block(0); }
static uint32_t simBlockY() { return Machine::get().block(1); }
static void simBarrier(uint32_t) { Machine::get().barrier(); }
static void simWarp(uint32_t) { Machine::get().warpBarrier(); }
static float simShuffle(uint32_t, float value, uint32_t mask, uint32_t) {
  return Machine::get().shuffleXor(value, mask);
}
/// Denormals are flushed, as by the instruction.
static float simExp2(float x) {
  float y = std::exp2(x);
  return std::fpclassify(y) == FP_SUBNORMAL ? 0.0f : y;
}
static void simAccess(const void *address, uint64_t bytes, uint64_t alignment,
                      uint32_t isWrite) {
  Machine::get().access(address, bytes, alignment, isWrite);
}
}

namespace {
struct Stand {
  StringRef intrinsic; ///< its start
  const char *name;
  void *address;
};
const Stand stands[] = {
    {"llvm.nvvm.read.ptx.sreg.tid.x", "simThread", (void *)simThread},
    {"llvm.nvvm.read.ptx.sreg.ctaid.x", "simBlockX", (void *)simBlockX},
    {"llvm.nvvm.read.ptx.sreg.ctaid.y", "simBlockY", (void *)simBlockY},
    {"llvm.nvvm.barrier.cta.sync.aligned.all", "simBarrier",
     (void *)simBarrier},
    {"llvm.nvvm.bar.warp.sync", "simWarp", (void *)simWarp},
    {"llvm.nvvm.shfl.sync.bfly.f32", "simShuffle", (void *)simShuffle},
    {"llvm.nvvm.ex2.approx.ftz", "simExp2", (void *)simExp2},
};
constexpr StringLiteral accessName = "simAccess";

class JitProgram : public Program {
public:
  explicit JitProgram(std::unique_ptr<orc::LLJIT> jit) : jit(std::move(jit)) {}
  Kernel find(const std::string &name) override {
    auto symbol = jit->lookup(name + ".call");
    if (!symbol) {
      consumeError(symbol.takeError());
      return nullptr;
    }
    return symbol->toPtr<Kernel>();
  }

private:
  std::unique_ptr<orc::LLJIT> jit;
};

/// Rewrites one module for this machine.
class Translator {
public:
  explicit Translator(Module &module)
      : module(module), builder(module.getContext()) {}
  bool run(std::string &message);

private:
  void placeShared();
  bool replaceIntrinsics(std::string &message);
  void watchAccesses();
  void addCaller(Function &kernel);

  Module &module;
  IRBuilder<> builder;
};
} // namespace

/// Dynamic shared memory is where the machine has it.
void Translator::placeShared() {
  for (GlobalVariable &global : make_early_inc_range(module.globals())) {
    if (global.getAddressSpace() != 3)
      continue;
    auto address = reinterpret_cast<uintptr_t>(Machine::shared());
    Constant *place =
        ConstantExpr::getIntToPtr(builder.getInt64(address), global.getType());
    global.replaceAllUsesWith(place);
    global.eraseFromParent();
  }
}

bool Translator::replaceIntrinsics(std::string &message) {
  for (Function &function : make_early_inc_range(module)) {
    if (!function.getName().starts_with("llvm.nvvm."))
      continue;
    const Stand *stand = find_if(stands, [&](const Stand &stand) {
      return function.getName().starts_with(stand.intrinsic);
    });
    if (stand == std::end(stands)) {
      message = "the machine has no " + function.getName().str();
      return false;
    }
    FunctionCallee callee =
        module.getOrInsertFunction(stand->name, function.getFunctionType());
    // A shuffle may also say whether its lane exists: it does.
    auto *pair = dyn_cast<StructType>(function.getReturnType());
    if (pair)
      callee = module.getOrInsertFunction(
          stand->name,
          FunctionType::get(pair->getElementType(0),
                            function.getFunctionType()->params(), false));
    for (User *user : make_early_inc_range(function.users())) {
      auto *call = cast<CallInst>(user);
      builder.SetInsertPoint(call);
      Value *result =
          builder.CreateCall(callee, SmallVector<Value *>(call->args()));
      if (pair) {
        Value *both =
            builder.CreateInsertValue(PoisonValue::get(pair), result, 0);
        result = builder.CreateInsertValue(both, builder.getTrue(), 1);
      }
      call->replaceAllUsesWith(result);
      call->eraseFromParent();
    }
    function.eraseFromParent();
  }
  return true;
}

void Translator::watchAccesses() {
  Type *pointer = builder.getPtrTy(), *i64 = builder.getInt64Ty();
  FunctionCallee watch = module.getOrInsertFunction(
      accessName,
      FunctionType::get(builder.getVoidTy(),
                        {pointer, i64, i64, builder.getInt32Ty()}, false));
  const DataLayout &layout = module.getDataLayout();
  for (Function &function : module)
    for (Instruction &instruction :
         make_early_inc_range(instructions(function))) {
      auto *load = dyn_cast<LoadInst>(&instruction);
      auto *store = dyn_cast<StoreInst>(&instruction);
      Value *address = load    ? load->getPointerOperand()
                       : store ? store->getPointerOperand()
                               : nullptr;
      // Address space 0 holds what LLVM put on the stack.
      if (!address || address->getType()->getPointerAddressSpace() == 0)
        continue;
      Type *type = load ? load->getType() : store->getValueOperand()->getType();
      Align aligned = load ? load->getAlign() : store->getAlign();
      builder.SetInsertPoint(&instruction);
      builder.CreateCall(
          watch, {builder.CreateAddrSpaceCast(address, pointer),
                  builder.getInt64(layout.getTypeStoreSize(type)),
                  builder.getInt64(aligned.value()), builder.getInt32(!load)});
    }
}

/// name.call(void **arguments).
void Translator::addCaller(Function &kernel) {
  auto *type =
      FunctionType::get(builder.getVoidTy(), {builder.getPtrTy()}, false);
  auto *caller = Function::Create(type, GlobalValue::ExternalLinkage,
                                  kernel.getName() + ".call", module);
  builder.SetInsertPoint(BasicBlock::Create(module.getContext(), "", caller));
  SmallVector<Value *> values;
  for (Argument &argument : kernel.args()) {
    Value *slot = builder.CreateConstGEP1_64(
        builder.getPtrTy(), caller->getArg(0), argument.getArgNo());
    values.push_back(builder.CreateLoad(
        argument.getType(), builder.CreateLoad(builder.getPtrTy(), slot)));
  }
  builder.CreateCall(&kernel, values);
  builder.CreateRetVoid();
}

bool Translator::run(std::string &message) {
  SmallVector<Function *> kernels;
  for (Function &function : module) {
    if (function.getCallingConv() == CallingConv::PTX_Kernel)
      kernels.push_back(&function);
    function.setCallingConv(CallingConv::C);
    if (!function.isIntrinsic())
      function.setAttributes(AttributeList());
  }
  placeShared();
  watchAccesses();
  if (!replaceIntrinsics(message))
    return false;
  for (Function *kernel : kernels)
    addCaller(*kernel);
  raw_string_ostream stream(message);
  return !verifyModule(module, &stream);
}

static std::string textOf(Error error) { return toString(std::move(error)); }

std::unique_ptr<Program> Program::load(const std::string &path,
                                       std::string &message) {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  auto context = std::make_unique<LLVMContext>();
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module = parseIRFile(path, diagnostic, *context);
  if (!module) {
    message = path + ": " + diagnostic.getMessage().str();
    return nullptr;
  }
  auto jit = orc::LLJITBuilder().create();
  if (!jit) {
    message = textOf(jit.takeError());
    return nullptr;
  }
  module->setTargetTriple((*jit)->getTargetTriple());
  module->setDataLayout((*jit)->getDataLayout());
  if (!Translator(*module).run(message))
    return nullptr;
  orc::SymbolMap symbols;
  auto define = [&](StringRef name, void *address) {
    symbols[(*jit)->mangleAndIntern(name)] = {
        orc::ExecutorAddr::fromPtr(address), JITSymbolFlags::Exported};
  };
  for (const Stand &stand : stands)
    define(stand.name, stand.address);
  define(accessName, (void *)simAccess);
  for (auto [name, address] :
       {std::pair("fmaf", (void *)static_cast<float (*)(float, float, float)>(
                              std::fma)),
        std::pair("fmaxf",
                  (void *)static_cast<float (*)(float, float)>(std::fmax)),
        std::pair("fminf",
                  (void *)static_cast<float (*)(float, float)>(std::fmin)),
        std::pair("roundevenf",
                  (void *)static_cast<float (*)(float)>(std::nearbyint)),
        std::pair("floorf", (void *)static_cast<float (*)(float)>(std::floor)),
        std::pair("ceilf", (void *)static_cast<float (*)(float)>(std::ceil))})
    define(name, address);
  if (Error error = (*jit)->getMainJITDylib().define(
          orc::absoluteSymbols(std::move(symbols)))) {
    message = textOf(std::move(error));
    return nullptr;
  }
  if (Error error = (*jit)->addIRModule(
          orc::ThreadSafeModule(std::move(module), std::move(context)))) {
    message = textOf(std::move(error));
    return nullptr;
  }
  return std::make_unique<JitProgram>(std::move(*jit));
}
