//===- BufferizePlaces.cpp - Where a value shall live -----------*- C++ -*-===//
#include "dialect/Shape.h"
#include "passes/Bufferizer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace attune;

Type attune::getStoredType(Type elementType) {
  if (elementType.isInteger(1) || elementType.isInteger(8))
    return IntegerType::get(elementType.getContext(), 8);
  return elementType;
}

ShapeAttr attune::getShapeAttr(RankedTensorType type) {
  return makeShapeAttr(symbolicShape(type), type.getContext());
}

FailureOr<ArrayView> Bufferizer::allocate(RankedTensorType type,
                                          Operation *before) {
  SmallVector<Extent> shape = symbolicShape(type);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(before);
  auto memrefType =
      MemRefType::get(type.getShape(), getStoredType(type.getElementType()));
  auto alloc = memref::AllocOp::create(builder, before->getLoc(), memrefType,
                                       extents.getDynamic(shape));
  alloc->setAttr("attune.shape", getShapeAttr(type));
  std::optional<ArrayView> view = ArrayView::all(alloc, shape);
  if (!view)
    return before->emitOpError("makes an array whose size overflows 64 bits");
  return *view;
}

/// Views and loops that a value is followed through to its destination.
static constexpr unsigned maxDepth = 64;

// A value is written straight to where it is needed: an output, the buffer of a
// carried value, or through a view that can be inverted. Only values with one
// use follow views and loops: a carried buffer is overwritten later.
std::optional<ArrayView> Bufferizer::findDestination(Value value,
                                                     Operation *writer) {
  // In the order of the results, not of the use list.
  Operation *exit = func.getBody().front().getTerminator();
  for (auto [index, result] : llvm::enumerate(exit->getOperands())) {
    if (result == value && !outputTaken[index]) {
      outputTaken[index] = true;
      return outputs[index];
    }
  }
  if (!value.hasOneUse())
    return std::nullopt;
  OpOperand &use = *value.use_begin();
  Operation *user = use.getOwner();
  Operation *maker = value.getDefiningOp();
  if (!maker || maker->getBlock() != user->getBlock())
    return std::nullopt;
  if (isa<ForOp>(user)) {
    FailureOr<ArrayView> state =
        getDestination(user->getResult(use.getOperandNumber()), writer);
    return succeeded(state) ? std::optional(*state) : std::nullopt;
  }
  auto loop = loops.find(user->getBlock());
  if (isa<YieldOp>(user) && loop != loops.end()) {
    if (use.getOperandNumber() >= loop->second.buffers.size())
      return std::nullopt; // stacked: copied to its step's place
    // Straight into the carried buffer when its old value is not read any more.
    Operation *lastReader = loop->second.lastReaders[use.getOperandNumber()];
    if (writer->getBlock() == user->getBlock() &&
        (!lastReader || lastReader->isBeforeInBlock(writer)))
      return loop->second.buffers[use.getOperandNumber()];
    return std::nullopt;
  }
  if (!isView(user) || user->getNumResults() != 1)
    return std::nullopt;
  FailureOr<ArrayView> result = getDestination(user->getResult(0), writer);
  if (failed(result))
    return std::nullopt;
  // Whoever writes or carries the value wants whole vectors along its last
  // axis.
  std::optional<ArrayView> place = invertView(user, *result);
  if (!place || !place->hasUnitInnerStride())
    return std::nullopt;
  return place;
}

FailureOr<ArrayView> Bufferizer::getDestination(Value value,
                                                Operation *writer) {
  auto known = destinations.find(value);
  if (known != destinations.end())
    return known->second;
  // Hostile chains of views must not exhaust the stack: an own buffer will do.
  std::optional<ArrayView> found;
  if (depth < maxDepth) {
    ++depth;
    found = findDestination(value, writer);
    --depth;
  }
  if (!found) {
    FailureOr<ArrayView> own =
        allocate(cast<RankedTensorType>(value.getType()), writer);
    if (failed(own))
      return failure();
    found = *own;
  }
  destinations.insert({value, *found});
  return *found;
}

void Bufferizer::setHome(Value value, const ArrayView &view, Value memref) {
  views.insert({value, view});
  memrefs.insert({value, memref});
}

void Bufferizer::copy(Location loc, Value from, Value to) {
  memref::CopyOp::create(builder, loc, from, to);
}

// Kernels read and write whole vectors along the last axis.
FailureOr<Value> Bufferizer::getCompact(Value value, Operation *user) {
  auto known = views.find(value);
  if (known == views.end())
    return user->emitOpError("reads an array that has no buffer");
  if (known->second.hasUnitInnerStride())
    return memrefs.lookup(value);
  FailureOr<ArrayView> compact =
      allocate(cast<RankedTensorType>(value.getType()), user);
  if (failed(compact))
    return failure();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(user);
  copy(user->getLoc(), memrefs.lookup(value), compact->base);
  return compact->base;
}
