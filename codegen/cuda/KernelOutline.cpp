//===- KernelOutline.cpp - One kernel op becomes a gpu.func and a launch --===//

#include "codegen/cuda/KernelOutline.h"
#include "codegen/cpu/EvaluateRegion.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace attune;

KernelOutline::KernelOutline(KernelOp kernel, gpu::GPUModuleOp module,
                             StringRef name)
    : kernel(kernel), module(module), hostBuilder(kernel),
      bodyBuilder(kernel.getContext()) {
  auto builder = OpBuilder::atBlockEnd(module.getBody());
  function = gpu::GPUFuncOp::create(builder, kernel.getLoc(), name,
                                    builder.getFunctionType({}, {}));
  function->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                    builder.getUnitAttr());
  function.setKnownBlockSize(ArrayRef<int32_t>{int32_t(kThreads), 1, 1});
  // One block a multiprocessor is enough: ptxas may use all registers rather
  // than spill.
  function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                    builder.getI32IntegerAttr(1));
  bodyBuilder.setInsertionPointToStart(&function.getBody().front());
}

Value KernelOutline::addArgument(Value hostValue) {
  operands.push_back(hostValue);
  return function.getBody().front().addArgument(hostValue.getType(),
                                                kernel.getLoc());
}

Value KernelOutline::scalar(Value value) {
  Value &known = scalars[value];
  if (known)
    return known;
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant)))
    return known = arith::ConstantOp::create(bodyBuilder, kernel.getLoc(),
                                             cast<TypedAttr>(constant));
  if (!value.getType().isIndex())
    return known = addArgument(value);
  // Extents are below 2^31: the bounds of dims are.
  Type i32 = hostBuilder.getI32Type();
  Value narrow =
      arith::IndexCastOp::create(hostBuilder, kernel.getLoc(), i32, value);
  return known = arith::IndexCastOp::create(bodyBuilder, kernel.getLoc(),
                                            bodyBuilder.getIndexType(),
                                            addArgument(narrow));
}

DeviceArray KernelOutline::array(Value memref) {
  auto found = arrays.find(memref);
  if (found != arrays.end())
    return found->second;
  Location loc = kernel.getLoc();
  auto type = cast<MemRefType>(memref.getType());
  DeviceArray result;
  result.element = type.getElementType();
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  // Every layout that bufferize makes is strided.
  (void)type.getStridesAndOffset(strides, offset);

  // The address of the first element, as a global pointer.
  Type i64 = hostBuilder.getI64Type();
  auto parts =
      memref::ExtractStridedMetadataOp::create(hostBuilder, loc, memref);
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(
      hostBuilder, loc, parts.getBaseBuffer());
  LoopBuilder host = this->host();
  Value start =
      ShapedType::isDynamic(offset) ? parts.getOffset() : host.constant(offset);
  int64_t bytes = std::max<int64_t>(type.getElementTypeBitWidth() / 8, 1);
  Value address = host.add(base, host.mul(start, bytes));
  address = arith::IndexCastOp::create(hostBuilder, loc, i64, address);
  auto pointer = LLVM::LLVMPointerType::get(kernel.getContext(), 1);
  result.pointer =
      addArgument(LLVM::IntToPtrOp::create(hostBuilder, loc, pointer, address));

  DeviceBuilder device(bodyBuilder, loc);
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    result.sizes.push_back(type.isDynamicDim(axis)
                               ? scalar(parts.getSizes()[axis])
                               : device.constant(type.getDimSize(axis)));
    if (!ShapedType::isDynamic(strides[axis])) {
      result.strides.push_back(device.constant64(strides[axis]));
      continue;
    }
    Value wide = arith::IndexCastOp::create(hostBuilder, loc, i64,
                                            parts.getStrides()[axis]);
    result.strides.push_back(addArgument(wide));
  }
  arrays[memref] = result;
  return result;
}

void KernelOutline::importRegion(Region &region) {
  // Dims stand where they are used; on the device they are arguments.
  region.walk([&](DimOp dim) {
    scalars[dim] = scalar(hostBuilder.clone(*dim)->getResult(0));
  });
  region.walk([&](Operation *op) {
    for (Value operand : op->getOperands()) {
      if (region.isAncestor(operand.getParentRegion()))
        continue;
      if (isa<MemRefType>(operand.getType()))
        array(operand);
      else
        scalar(operand);
    }
  });
}

/// One element, as the type that the region sees.
Value KernelOutline::captureElement(DeviceBuilder &device, CaptureOp capture,
                                    ValueRange indices) {
  DeviceArray from = array(capture.getArray());
  SmallVector<Value> steps;
  for (Value index : indices)
    steps.push_back(arith::IndexCastOp::create(
        device.builder, device.loc, device.builder.getIndexType(), index));
  Value pointer =
      device.at(from.pointer, device.offset(from, steps), from.element);
  Value element =
      LLVM::LoadOp::create(device.builder, device.loc, from.element, pointer);
  return fromMemory(device.builder, device.loc, capture, element);
}

bool KernelOutline::readsOutside(DeviceBuilder &device, Operation &op,
                                 IRMapping &mapping) {
  if (isa<DimOp>(op))
    return true; // an argument of the function
  auto capture = dyn_cast<CaptureOp>(op);
  if (!capture)
    return false;
  SmallVector<Value> indices;
  for (Value index : capture.getIndices())
    indices.push_back(mapping.lookupOrDefault(index));
  mapping.map(capture.getElement(), captureElement(device, capture, indices));
  return true;
}

SmallVector<Value> KernelOutline::evaluate(DeviceBuilder &device,
                                           Region &region,
                                           ValueRange arguments) {
  IRMapping mapping;
  for (auto [argument, value] :
       llvm::zip_equal(region.getArguments(), arguments))
    mapping.map(argument, value);
  for (auto [outer, inner] : scalars)
    mapping.map(outer, inner);
  for (Operation &op : region.front().without_terminator()) {
    if (readsOutside(device, op, mapping))
      continue;
    Operation *copy = device.builder.clone(op, mapping);
    // Captures inside loops of the region.
    SmallVector<CaptureOp> nested;
    copy->walk([&](CaptureOp capture) { nested.push_back(capture); });
    for (CaptureOp capture : nested) {
      OpBuilder::InsertionGuard guard(device.builder);
      device.builder.setInsertionPoint(capture);
      capture.getElement().replaceAllUsesWith(
          captureElement(device, capture, capture.getIndices()));
      capture.erase();
    }
  }
  SmallVector<Value> results;
  for (Value value : region.front().getTerminator()->getOperands())
    results.push_back(mapping.lookupOrDefault(value));
  return results;
}

/// `op` with i64 for index; null when it is no arith op.
static Value widen(DeviceBuilder &device, Operation &op, IRMapping &mapping) {
  OpBuilder &builder = device.builder;
  Type i64 = builder.getI64Type();
  auto operand = [&](unsigned i) {
    return mapping.lookupOrDefault(op.getOperand(i));
  };
  if (auto constant = dyn_cast<arith::ConstantIndexOp>(op))
    return device.constant64(constant.value());
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op)) {
    Value from = operand(0);
    Type to = op.getResult(0).getType();
    unsigned width = to.isIndex() ? 64 : to.getIntOrFloatBitWidth();
    unsigned given = from.getType().getIntOrFloatBitWidth();
    Type type = builder.getIntegerType(width);
    if (given == width)
      return from;
    if (given > width)
      return arith::TruncIOp::create(builder, device.loc, type, from);
    if (isa<arith::IndexCastUIOp>(op))
      return arith::ExtUIOp::create(builder, device.loc, type, from);
    return arith::ExtSIOp::create(builder, device.loc, type, from);
  }
  Operation *copy = builder.clone(op, mapping);
  for (Value result : copy->getResults())
    if (result.getType().isIndex())
      result.setType(i64);
  return copy->getResult(0);
}

SmallVector<Value> KernelOutline::evaluateRanges(DeviceBuilder &device,
                                                 Region &region,
                                                 ValueRange arguments) {
  IRMapping mapping;
  for (auto [argument, value] :
       llvm::zip_equal(region.getArguments(), arguments))
    mapping.map(argument, device.toI64(value));
  for (auto [outer, inner] : scalars)
    mapping.map(outer, inner.getType().isIndex() ? device.toI64(inner) : inner);
  for (Operation &op : region.front().without_terminator()) {
    if (readsOutside(device, op, mapping))
      continue;
    mapping.map(op.getResult(0), widen(device, op, mapping));
  }
  SmallVector<Value> results;
  for (Value value : region.front().getTerminator()->getOperands())
    results.push_back(arith::IndexCastOp::create(
        device.builder, device.loc, device.builder.getIndexType(),
        mapping.lookupOrDefault(value)));
  return results;
}

Value KernelOutline::shared() {
  Location loc = kernel.getLoc();
  auto pointer = LLVM::LLVMPointerType::get(kernel.getContext(), 3);
  if (!module.lookupSymbol(kSharedSymbol)) {
    // External and aligned by ourselves: gpu.dynamic_shared_memory makes an
    // internal symbol, which takes static memory.
    auto builder = OpBuilder::atBlockBegin(module.getBody());
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), 0);
    LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/false,
                           LLVM::Linkage::External, kSharedSymbol, Attribute(),
                           /*alignment=*/16, /*addrSpace=*/3);
  }
  return LLVM::AddressOfOp::create(bodyBuilder, loc, pointer, kSharedSymbol);
}

void KernelOutline::launch(Value blocksX, Value blocksY, int64_t sharedBytes) {
  Location loc = kernel.getLoc();
  gpu::ReturnOp::create(bodyBuilder, loc);
  function.setFunctionType(bodyBuilder.getFunctionType(
      function.getBody().front().getArgumentTypes(), {}));
  LoopBuilder host = this->host();
  Value one = host.constant(1);
  Value bytes = arith::ConstantOp::create(
      hostBuilder, loc, hostBuilder.getI32IntegerAttr(sharedBytes));
  gpu::LaunchFuncOp::create(
      hostBuilder, loc, function, gpu::KernelDim3{blocksX, blocksY, one},
      gpu::KernelDim3{host.constant(kThreads), one, one}, bytes, operands);
  kernel.erase();
}

int64_t attune::sharedLimit(Operation *inside) {
  auto module = inside->getParentOfType<ModuleOp>();
  auto target = module ? module->getAttrOfType<TargetAttr>("attune.target")
                       : TargetAttr();
  return target ? target.getL1() : 48 << 10;
}
