//===- BufferizeLoops.cpp - attune.for over buffers -------------*- C++ -*-===//
#include "dialect/Shape.h"
#include "passes/Bufferizer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attune;

LogicalResult Bufferizer::convertFor(Operation *op) {
  auto loop = cast<ForOp>(op);
  Location loc = loop.getLoc();
  Block *body = &loop.getBody().front();

  LoopStates state;
  SmallVector<Value> carried;
  for (auto [init, result] : llvm::zip(loop.getInits(), loop.getResults())) {
    FailureOr<ArrayView> buffer = getDestination(result, op);
    if (failed(buffer))
      return failure();
    builder.setInsertionPoint(op);
    Value memref = buffer->materialize(builder, loc, extents);
    if (!views.contains(init))
      return loop.emitOpError("carries an array that has no buffer");
    if (!(views.find(init)->second == *buffer))
      copy(loc, memrefs.lookup(init), memref);
    state.buffers.push_back(*buffer);
    carried.push_back(memref);
  }
  // Stacked results are written step by step.
  for (Value result : loop.getResults().drop_front(carried.size())) {
    FailureOr<ArrayView> buffer = getDestination(result, op);
    if (failed(buffer))
      return failure();
    builder.setInsertionPoint(op);
    setHome(result, *buffer, buffer->materialize(builder, loc, extents));
    state.stacks.push_back(*buffer);
  }
  state.lower = loop.getLower();
  for (auto [k, buffer] : llvm::enumerate(state.buffers)) {
    BlockArgument argument = body->getArgument(k + 1);
    state.lastReaders.push_back(findLastReader(argument, body));
    setHome(argument, buffer, carried[k]);
    setHome(loop.getResult(k), buffer, carried[k]);
  }
  loops[body] = state;

  if (failed(convertBlock(*body)))
    return failure();

  builder.setInsertionPoint(op);
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value lower = index(loop.getLower());
  Value upper = index(std::max(loop.getLower(), loop.getUpper()));
  auto target = scf::ForOp::create(builder, loc, lower, upper, index(1));
  Block *targetBody = target.getBody();
  body->getArgument(0).replaceAllUsesWith(target.getInductionVar());
  targetBody->getOperations().splice(targetBody->getTerminator()->getIterator(),
                                     body->getOperations());
  dead.push_back(op);
  return success();
}

/// The part of `stack` that step `index` writes, as a memref at the builder.
Value Bufferizer::materializeStep(const ArrayView &stack, Value index,
                                  Location loc) {
  auto number = [&](const Extent &extent) { return extents.getFolded(extent); };
  Value offset = arith::AddIOp::create(
      builder, loc, extents.getValue(stack.offset),
      arith::MulIOp::create(builder, loc, index,
                            extents.getValue(stack.strides[0])));
  SmallVector<OpFoldResult> sizes, strides;
  for (const Extent &extent : ArrayRef(stack.shape).drop_front())
    sizes.push_back(number(extent));
  for (const Extent &extent : ArrayRef(stack.strides).drop_front())
    strides.push_back(number(extent));
  SmallVector<int64_t> shape, steps;
  SmallVector<Value> unused;
  dispatchIndexOpFoldResults(sizes, unused, shape);
  dispatchIndexOpFoldResults(strides, unused, steps);
  auto type = MemRefType::get(
      shape, cast<MemRefType>(stack.base.getType()).getElementType(),
      StridedLayoutAttr::get(builder.getContext(), ShapedType::kDynamic,
                             steps));
  return memref::ReinterpretCastOp::create(
      builder, loc, type, stack.base, OpFoldResult(offset), sizes, strides);
}

// Copies what a step yields to its place in the stacks, before anything that it
// may be a view of is overwritten.
LogicalResult Bufferizer::storeStacked(Operation *yield,
                                       const LoopStates &state) {
  if (state.stacks.empty())
    return success();
  builder.setInsertionPoint(yield);
  Location loc = yield->getLoc();
  Value index = arith::SubIOp::create(
      builder, loc, yield->getBlock()->getArgument(0),
      arith::ConstantIndexOp::create(builder, loc, state.lower));
  for (auto [stack, value] :
       llvm::zip_equal(state.stacks,
                       yield->getOperands().drop_front(state.buffers.size()))) {
    if (!views.contains(value))
      return yield->emitOpError("yields an array that has no buffer");
    copy(loc, memrefs.lookup(value), materializeStep(stack, index, loc));
  }
  return success();
}

// All values that were computed from other carried buffers are saved before
// the first carried buffer is overwritten.
LogicalResult Bufferizer::storeCarried(Operation *yield) {
  LoopStates &state = loops.find(yield->getBlock())->second;
  if (failed(storeStacked(yield, state)))
    return failure();
  builder.setInsertionPoint(yield);
  Location loc = yield->getLoc();
  SmallVector<std::pair<Value, size_t>> pending;
  for (auto [k, value] :
       llvm::enumerate(yield->getOperands().take_front(state.buffers.size()))) {
    auto home = views.find(value);
    if (home == views.end())
      return yield->emitOpError("yields an array that has no buffer");
    if (home->second == state.buffers[k])
      continue;
    Value source = memrefs.lookup(value);
    bool isCarried = llvm::any_of(state.buffers, [&](const ArrayView &buffer) {
      return buffer.base == home->second.base;
    });
    if (isCarried) {
      FailureOr<ArrayView> saved =
          allocate(cast<RankedTensorType>(value.getType()), yield);
      if (failed(saved))
        return failure();
      copy(loc, source, saved->base);
      source = saved->base;
    }
    pending.push_back({source, k});
  }
  for (auto [source, k] : pending)
    copy(loc, source, memrefs.lookup(yield->getBlock()->getArgument(k + 1)));
  dead.push_back(yield);
  return success();
}
