//===- LowerLaunch.cpp - Launches become calls of the runtime -------------===//
//
// attune_cuda_launch(run, kernel, grid x, y, z, threads, shared bytes,
// arguments) of runtime/abi.h: the arguments are an array of pointers to the
// values, as cuLaunchKernel takes them. A launch that fails is recorded in the
// run, and those after it do nothing.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/MemRefParts.h"
#include "codegen/cuda/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/Pass.h"

#define DEBUG_TYPE "attune-cuda-lower-launch"

using namespace mlir;
using namespace attune;

/// The argument of attune_body that holds the run.
static constexpr unsigned kRunArgument = 5;
static constexpr StringLiteral kLaunch = "attune_cuda_launch";

namespace {
class LaunchLowering {
public:
  LaunchLowering(ModuleOp module)
      : module(module), builder(module.getContext()),
        pointer(LLVM::LLVMPointerType::get(module.getContext())) {}

  LogicalResult lower(gpu::LaunchFuncOp launch);

private:
  Value nameOf(gpu::LaunchFuncOp launch);
  Value argumentTable(gpu::LaunchFuncOp launch, func::FuncOp model);
  Value toI64(Value value) {
    if (!value.getType().isIndex())
      return value;
    return arith::IndexCastOp::create(builder, value.getLoc(),
                                      builder.getI64Type(), value);
  }

  ModuleOp module;
  OpBuilder builder;
  Type pointer;
};
} // namespace

Value LaunchLowering::nameOf(gpu::LaunchFuncOp launch) {
  SmallString<64> bytes(launch.getKernelName().getValue());
  std::string symbol = ("attune.kernel." + bytes.str()).str();
  bytes.push_back('\0');
  auto global = module.lookupSymbol<LLVM::GlobalOp>(symbol);
  if (!global) {
    OpBuilder atModule(module.getBodyRegion());
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
    global = LLVM::GlobalOp::create(
        atModule, launch.getLoc(), type, /*isConstant=*/true,
        LLVM::Linkage::Internal, symbol, builder.getStringAttr(bytes));
  }
  return LLVM::AddressOfOp::create(builder, launch.getLoc(), global);
}

/// Slots in the frame of the model, at its start: launches in loops reuse them.
Value LaunchLowering::argumentTable(gpu::LaunchFuncOp launch,
                                    func::FuncOp model) {
  Location loc = launch.getLoc();
  ValueRange operands = launch.getKernelOperands();
  Type i64 = builder.getI64Type();
  Value table, slots;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&model.getBody().front());
    Value count = LLVM::ConstantOp::create(
        builder, loc, i64, builder.getI64IntegerAttr(operands.size()));
    table = LLVM::AllocaOp::create(builder, loc, pointer, pointer, count);
    slots = LLVM::AllocaOp::create(builder, loc, pointer, i64, count);
  }
  for (auto [i, operand] : llvm::enumerate(operands)) {
    auto at = [&](Value base, Type type) -> Value {
      return LLVM::GEPOp::create(
          builder, loc, pointer, type, base,
          ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
    };
    Value slot = at(slots, i64);
    LLVM::StoreOp::create(builder, loc, operand, slot);
    LLVM::StoreOp::create(builder, loc, slot, at(table, pointer));
  }
  return table;
}

LogicalResult LaunchLowering::lower(gpu::LaunchFuncOp launch) {
  auto model = launch->getParentOfType<func::FuncOp>();
  if (!model || model.getNumArguments() <= kRunArgument)
    return launch.emitOpError("expects to stand in a model of the type "
                              "attune_body: run attune-lower-abi");
  builder.setInsertionPoint(launch);
  Location loc = launch.getLoc();
  Value sharedBytes = launch.getDynamicSharedMemorySize();
  if (!sharedBytes)
    sharedBytes = LLVM::ConstantOp::create(builder, loc, builder.getI32Type(),
                                           builder.getI32IntegerAttr(0));
  SmallVector<Value> operands = {model.getArgument(kRunArgument),
                                 nameOf(launch),
                                 toI64(launch.getGridSizeX()),
                                 toI64(launch.getGridSizeY()),
                                 toI64(launch.getGridSizeZ()),
                                 toI64(launch.getBlockSizeX()),
                                 sharedBytes,
                                 argumentTable(launch, model)};
  declareFunction(module, kLaunch,
                  builder.getFunctionType(ValueRange(operands).getTypes(), {}));
  func::CallOp::create(builder, loc, kLaunch, TypeRange(), operands);
  launch.erase();
  return success();
}

namespace {
struct CudaLowerLaunchPass
    : PassWrapper<CudaLowerLaunchPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CudaLowerLaunchPass)

  StringRef getArgument() const final { return DEBUG_TYPE; }
  StringRef getDescription() const final {
    return "Launch kernels through the runtime";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry
        .insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect>();
  }

  void runOnOperation() final {
    SmallVector<gpu::LaunchFuncOp> launches;
    getOperation().walk(
        [&](gpu::LaunchFuncOp launch) { launches.push_back(launch); });
    LaunchLowering lowering(getOperation());
    for (gpu::LaunchFuncOp launch : launches)
      if (failed(lowering.lower(launch)))
        return signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> attune::createCudaLowerLaunchPass() {
  return std::make_unique<CudaLowerLaunchPass>();
}
