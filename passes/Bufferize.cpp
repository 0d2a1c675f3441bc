//===- Bufferize.cpp - Tensors become memrefs -------------------*- C++ -*-===//
#include "dialect/Shape.h"
#include "passes/Bufferizer.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attune {
#define GEN_PASS_DEF_BUFFERIZEPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

static bool hasTensor(TypeRange types) {
  return llvm::any_of(types, llvm::IsaPred<TensorType>);
}

Bufferizer::Bufferizer(func::FuncOp func, SymbolTable &symbols)
    : func(func), builder(func.getContext()), extents(func), symbols(symbols) {}

LogicalResult Bufferizer::run() {
  if (!func.getBody().hasOneBlock())
    return func.emitOpError("has control flow, which no model has");
  if (failed(checkTypes()) || failed(addArguments()) ||
      failed(convertBlock(func.getBody().front())))
    return failure();
  // Dead ops use one another, across the loops that they were moved into.
  for (Operation *op : dead)
    op->dropAllReferences();
  for (Operation *op : dead)
    op->erase();
  finishSignature();
  return success();
}

// Without its symbolic shape nothing is known of a dynamic extent.
LogicalResult Bufferizer::checkTypes() {
  auto isKnown = [](Type type) {
    auto tensor = dyn_cast<TensorType>(type);
    auto ranked = dyn_cast<RankedTensorType>(type);
    return !tensor ||
           (ranked && (ranked.hasStaticShape() ||
                       isa_and_nonnull<ShapeAttr>(ranked.getEncoding())));
  };
  WalkResult result = func.walk([&](Operation *op) -> WalkResult {
    bool isGood = llvm::all_of(op->getResultTypes(), isKnown);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        isGood &= llvm::all_of(block.getArgumentTypes(), isKnown);
    if (!isGood)
      return op->emitOpError("has a tensor without a symbolic shape");
    auto isMemRef = [](Type type) { return isa<MemRefType>(type); };
    if (isa_and_nonnull<AttuneDialect>(op->getDialect()) &&
        llvm::any_of(op->getOperandTypes(), isMemRef))
      return op->emitOpError("is bufferized already");
    return success();
  });
  return failure(result.wasInterrupted());
}

// The memref arguments are added behind the tensors, which go at the end.
LogicalResult Bufferizer::addArguments() {
  Block &entry = func.getBody().front();
  numInputs = entry.getNumArguments();
  SmallVector<Type> types(func.getArgumentTypes());
  llvm::append_range(types, func.getResultTypes());
  for (auto [i, type] : llvm::enumerate(types)) {
    bool isInput = i < numInputs;
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor) {
      if (!isInput || isa<TensorType>(type))
        return func.emitOpError("has an argument or result that is no ranked "
                                "tensor");
      entry.addArgument(type, entry.getArgument(i).getLoc());
      continue;
    }
    Location loc = isInput ? entry.getArgument(i).getLoc() : func.getLoc();
    Value argument = entry.addArgument(
        MemRefType::get(tensor.getShape(),
                        getStoredType(tensor.getElementType())),
        loc);
    std::optional<ArrayView> view =
        ArrayView::all(argument, symbolicShape(tensor));
    if (!view)
      return func.emitOpError("has an array whose size overflows 64 bits");
    if (isInput)
      setHome(entry.getArgument(i), *view, argument);
    else
      outputs.push_back(*view);
  }
  outputTaken.assign(outputs.size(), false);
  return success();
}

void Bufferizer::finishSignature() {
  MLIRContext *context = func.getContext();
  Block &entry = func.getBody().front();
  SmallVector<DictionaryAttr> attributes;
  auto addAttributes = [&](DictionaryAttr old, Type type, bool isOutput) {
    NamedAttrList list(old);
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      list.set("attune.shape", getShapeAttr(tensor));
    // Booleans and u8 look alike in memory.
    if (auto tensor = dyn_cast<RankedTensorType>(type);
        tensor &&
        getStoredType(tensor.getElementType()) != tensor.getElementType())
      list.set("attune.element_type", TypeAttr::get(tensor.getElementType()));
    if (isOutput)
      list.set("attune.output", UnitAttr::get(context));
    attributes.push_back(list.getDictionary(context));
  };
  for (unsigned i = 0; i < numInputs; ++i) {
    if (!isa<TensorType>(entry.getArgument(i).getType()))
      entry.getArgument(i).replaceAllUsesWith(entry.getArgument(numInputs + i));
    addAttributes(function_interface_impl::getArgAttrDict(func, i),
                  func.getArgumentTypes()[i], /*isOutput=*/false);
  }
  for (auto [i, type] : llvm::enumerate(func.getResultTypes()))
    addAttributes(function_interface_impl::getResultAttrDict(func, i), type,
                  /*isOutput=*/true);
  entry.eraseArguments(0, numInputs);
  func.removeResAttrsAttr();
  func.setFunctionType(
      FunctionType::get(context, entry.getArgumentTypes(), {}));
  func.setAllArgAttrs(attributes);
}

LogicalResult Bufferizer::convertBlock(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    builder.setInsertionPoint(&op);
    if (failed(convertOp(op)))
      return failure();
  }
  return success();
}

LogicalResult Bufferizer::convertOp(Operation &op) {
  if (isa<func::ReturnOp>(op))
    return convertReturn(&op);
  if (isa<ForOp>(op))
    return convertFor(&op);
  if (isa<YieldOp>(op))
    return storeCarried(&op);
  if (isScoreOrMaskProducer(&op))
    return convertGenerator(&op);
  if (!hasTensor(op.getOperandTypes()) && !hasTensor(op.getResultTypes()))
    return success();
  if (isa<DestinationOpInterface>(op))
    return convertDestinationOp(&op);
  if (isView(&op))
    return convertViewOp(&op);
  if (isa<ParamOp>(op))
    return convertParam(&op);
  if (isa<arith::ConstantOp>(op))
    return convertConstant(&op);
  if (auto number = dyn_cast<tensor::FromElementsOp>(op))
    return convertNumber(number);
  return op.emitOpError("on tensors cannot be bufferized");
}

namespace {
struct BufferizePass : attune::impl::BufferizePassBase<BufferizePass> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      bool isTensorFunction = hasTensor(func.getArgumentTypes()) ||
                              hasTensor(func.getResultTypes());
      if (isTensorFunction && !func.isDeclaration() &&
          failed(Bufferizer(func, symbols).run()))
        return signalPassFailure();
    }
  }
};
} // namespace
