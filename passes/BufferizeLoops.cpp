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

// All values that were computed from other carried buffers are saved before
// the first carried buffer is overwritten.
LogicalResult Bufferizer::storeCarried(Operation *yield) {
  LoopStates &state = loops.find(yield->getBlock())->second;
  builder.setInsertionPoint(yield);
  Location loc = yield->getLoc();
  SmallVector<std::pair<Value, size_t>> pending;
  for (auto [k, value] : llvm::enumerate(yield->getOperands())) {
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
