//===- StreamingStore.cpp - Results that nobody reads soon ----------------===//

#include "codegen/cpu/StreamingStore.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace attune;

/// Smaller arrays stay in the caches for whoever reads them next.
static constexpr int64_t minBytes = int64_t(8) << 20;

/// The argument of the function that `array` is a view of, from its first
/// element on, or null.
static BlockArgument argumentOf(Value array) {
  while (auto view = array.getDefiningOp<ViewLikeOpInterface>())
    array = view.getViewSource();
  auto argument = dyn_cast<BlockArgument>(array);
  bool isModels =
      argument && isa<func::FuncOp>(argument.getOwner()->getParentOp());
  return isModels ? argument : BlockArgument();
}

StreamingStore::StreamingStore(LoopBuilder &loops, Value array, int64_t width)
    : loops(loops), width(width) {
  BlockArgument argument = argumentOf(array);
  auto type = cast<MemRefType>(array.getType());
  SmallVector<int64_t> strides;
  int64_t offset = 0, columns = type.getShape().back();
  if (!argument || failed(type.getStridesAndOffset(strides, offset)) ||
      offset != 0 || strides.back() != 1 || ShapedType::isDynamic(columns) ||
      columns % width)
    return;
  OpBuilder &builder = loops.builder;
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(
      builder, loops.loc, argument);
  Value aligned = loops.compare(
      arith::CmpIPredicate::eq,
      loops.rem(address, loops.constant(width * int64_t(sizeof(float)))),
      loops.constant(0));
  Value floats = loops.constant(1);
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    floats = loops.mul(floats, loops.extent(array, axis));
  Value large =
      loops.compare(arith::CmpIPredicate::sge, floats,
                    loops.constant(minBytes / int64_t(sizeof(float))));
  streams = builder.createOrFold<arith::AndIOp>(loops.loc, aligned, large);
}

void StreamingStore::store(Value vector, Value view, ArrayRef<Value> indices) {
  if (!streams)
    return loops.storeVector(vector, view, indices);
  loops.ifThenElse(
      streams,
      [&] {
        vector::StoreOp::create(loops.builder, loops.loc, vector, view, indices,
                                /*nontemporal=*/true,
                                llvm::MaybeAlign(width * sizeof(float)));
      },
      [&] { loops.storeVector(vector, view, indices); });
}

void StreamingStore::finish() {
  if (!streams)
    return;
  loops.ifThen(streams, [&] {
    LLVM::CallIntrinsicOp::create(
        loops.builder, loops.loc,
        loops.builder.getStringAttr("llvm.x86.sse.sfence"), ValueRange());
  });
}
