//===- BufferizeOps.cpp - Single ops on buffers -----------------*- C++ -*-===//
#include "dialect/Shape.h"
#include "passes/Bufferizer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace attune;

// Booleans and u8 look alike in memory.
static ArrayAttr getElementTypes(Operation *op) {
  SmallVector<Attribute> types;
  bool isNeeded = false;
  auto add = [&](Type type) {
    if (auto shaped = dyn_cast<ShapedType>(type)) {
      Type element = shaped.getElementType();
      isNeeded |= element != getStoredType(element);
      types.push_back(TypeAttr::get(element));
    }
  };
  llvm::for_each(op->getOperandTypes(), add);
  llvm::for_each(op->getResultTypes(), add);
  return isNeeded ? ArrayAttr::get(op->getContext(), types) : ArrayAttr();
}

LogicalResult Bufferizer::convertDestinationOp(Operation *op) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    if (!isa<TensorType>(operand.getType())) {
      operands.push_back(operand);
      continue;
    }
    FailureOr<Value> memref = getCompact(operand, op);
    if (failed(memref))
      return failure();
    operands.push_back(*memref);
  }
  SmallVector<ArrayView> homes;
  SmallVector<Value> places;
  for (Value result : op->getResults()) {
    FailureOr<ArrayView> home = getDestination(result, op);
    if (failed(home))
      return failure();
    builder.setInsertionPoint(op);
    homes.push_back(*home);
    places.push_back(home->materialize(builder, op->getLoc(), extents));
  }
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(operands);
  state.addAttributes(op->getAttrDictionary().getValue());
  if (ArrayAttr types = getElementTypes(op))
    state.addAttribute("attune.element_types", types);
  if (auto attend = dyn_cast<AttendOp>(op))
    state.addAttribute(
        "attune.value_shape",
        getShapeAttr(cast<RankedTensorType>(attend.getValue().getType())));
  if (auto gate = dyn_cast<SpatialGateOp>(op))
    state.addAttribute(
        "attune.value_shape",
        getShapeAttr(cast<RankedTensorType>(gate.getInput().getType())));
  builder.setInsertionPoint(op);
  Operation *converted = builder.create(state);
  cast<DestinationOpInterface>(converted).getDestinationMutable().assign(
      places);
  for (auto [result, home, place] : llvm::zip(op->getResults(), homes, places))
    setHome(result, home, place);
  dead.push_back(op);
  return success();
}

LogicalResult Bufferizer::convertViewOp(Operation *op) {
  Value source = op->getOperand(0);
  auto input = views.find(source);
  if (op->getNumResults() != 1)
    return op->emitOpError("is not normalized: run attune-stage-normalize");
  if (input == views.end())
    return op->emitOpError("reads an array that has no buffer");
  Value result = op->getResult(0);
  dead.push_back(op);
  if (std::optional<ArrayView> view = applyView(op, input->second)) {
    builder.setInsertionPoint(op);
    setHome(result, *view, view->materialize(builder, op->getLoc(), extents));
    return success();
  }
  // No strides describe it: copy through the inverse, which a contiguous
  // buffer always has.
  FailureOr<ArrayView> home = getDestination(result, op);
  if (failed(home))
    return failure();
  std::optional<ArrayView> inverse = invertView(op, *home);
  if (!inverse) {
    home = allocate(cast<RankedTensorType>(result.getType()), op);
    if (failed(home))
      return failure();
    inverse = invertView(op, *home);
  }
  if (!inverse)
    return op->emitOpError("has no strided view and cannot be copied");
  builder.setInsertionPoint(op);
  copy(op->getLoc(), memrefs.lookup(source),
       inverse->materialize(builder, op->getLoc(), extents));
  setHome(result, *home, home->materialize(builder, op->getLoc(), extents));
  return success();
}

LogicalResult Bufferizer::convertConstant(Operation *op) {
  auto elements =
      dyn_cast<DenseElementsAttr>(cast<arith::ConstantOp>(op).getValue());
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!elements || !type || !type.hasStaticShape())
    return op->emitOpError("is no dense constant");
  Type stored = getStoredType(type.getElementType());
  DenseElementsAttr bytes = elements;
  if (stored != type.getElementType())
    bytes = cast<DenseIntElementsAttr>(elements).mapValues(
        stored, [](const APInt &value) { return value.zextOrTrunc(8); });
  auto memrefType = MemRefType::get(type.getShape(), stored);
  auto tensorType = RankedTensorType::get(type.getShape(), stored);
  bytes = bytes.reshape(tensorType);
  OpBuilder atModule(op->getContext());
  auto global = memref::GlobalOp::create(
      atModule, op->getLoc(), "attune_constant",
      atModule.getStringAttr("private"), memrefType, bytes,
      /*constant=*/true, /*alignment=*/IntegerAttr());
  StringAttr name = symbols.insert(global);
  auto memref =
      memref::GetGlobalOp::create(builder, op->getLoc(), memrefType, name);
  std::optional<ArrayView> view = ArrayView::all(memref, symbolicShape(type));
  if (!view)
    return op->emitOpError("overflows");
  setHome(op->getResult(0), *view, memref);
  dead.push_back(op);
  return success();
}

LogicalResult Bufferizer::convertNumber(tensor::FromElementsOp op) {
  Type element = op.getType().getElementType();
  if (op.getType().getRank() != 0 || element != getStoredType(element))
    return op.emitOpError("is no number of the run");
  FailureOr<ArrayView> home = getDestination(op.getResult(), op);
  if (failed(home))
    return failure();
  builder.setInsertionPoint(op);
  Value place = home->materialize(builder, op.getLoc(), extents);
  memref::StoreOp::create(builder, op.getLoc(), op.getElements().front(),
                          place);
  setHome(op.getResult(), *home, place);
  dead.push_back(op);
  return success();
}

LogicalResult Bufferizer::convertParam(Operation *op) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !type.hasStaticShape())
    return op->emitOpError("has no static shape");
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(op->getOperands());
  state.addAttributes(op->getAttrDictionary().getValue());
  state.addTypes(
      MemRefType::get(type.getShape(), getStoredType(type.getElementType())));
  Value memref = builder.create(state)->getResult(0);
  std::optional<ArrayView> view = ArrayView::all(memref, symbolicShape(type));
  if (!view)
    return op->emitOpError("has a size that overflows 64 bits");
  setHome(op->getResult(0), *view, memref);
  dead.push_back(op);
  return success();
}

// Scores and masks stay symbolic: only the arrays that they read change.
LogicalResult Bufferizer::convertGenerator(Operation *op) {
  auto convert = [&](OpOperand &operand, bool isCompact) -> LogicalResult {
    if (!isa<TensorType>(operand.get().getType()))
      return success();
    if (!views.contains(operand.get()))
      return op->emitOpError("reads an array that has no buffer");
    FailureOr<Value> memref = memrefs.lookup(operand.get());
    if (isCompact)
      memref = getCompact(operand.get(), op);
    if (failed(memref))
      return failure();
    operand.set(*memref);
    return success();
  };
  for (OpOperand &operand : op->getOpOperands())
    if (failed(convert(operand, /*isCompact=*/isa<DotOp, AdditiveOp>(op))))
      return failure();
  WalkResult result = op->walk([&](CaptureOp capture) {
    return WalkResult(convert(capture.getArrayMutable(), /*isCompact=*/false));
  });
  return failure(result.wasInterrupted());
}

LogicalResult Bufferizer::convertReturn(Operation *op) {
  for (auto [operand, output] : llvm::zip(op->getOperands(), outputs)) {
    auto home = views.find(operand);
    if (home == views.end())
      return op->emitOpError("returns an array that has no buffer");
    if (!(home->second == output))
      copy(op->getLoc(), memrefs.lookup(operand), output.base);
  }
  op->setOperands({});
  return success();
}
