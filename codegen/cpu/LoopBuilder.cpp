//===- LoopBuilder.cpp - Short hand for loops and index arithmetic --------===//

#include "codegen/cpu/LoopBuilder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace attune;

Value LoopBuilder::constant(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value LoopBuilder::add(Value lhs, Value rhs) {
  return builder.createOrFold<arith::AddIOp>(loc, lhs, rhs,
                                             arith::IntegerOverflowFlags::nsw);
}

Value LoopBuilder::sub(Value lhs, Value rhs) {
  return builder.createOrFold<arith::SubIOp>(loc, lhs, rhs,
                                             arith::IntegerOverflowFlags::nsw);
}

Value LoopBuilder::mul(Value lhs, Value rhs) {
  return builder.createOrFold<arith::MulIOp>(loc, lhs, rhs,
                                             arith::IntegerOverflowFlags::nsw);
}

Value LoopBuilder::div(Value lhs, Value rhs) {
  return builder.createOrFold<arith::DivUIOp>(loc, lhs, rhs);
}

Value LoopBuilder::rem(Value lhs, Value rhs) {
  return builder.createOrFold<arith::RemUIOp>(loc, lhs, rhs);
}

Value LoopBuilder::ceilDiv(Value lhs, Value rhs) {
  return div(add(lhs, sub(rhs, constant(1))), rhs);
}

Value LoopBuilder::min(Value lhs, Value rhs) {
  return builder.createOrFold<arith::MinSIOp>(loc, lhs, rhs);
}

Value LoopBuilder::max(Value lhs, Value rhs) {
  return builder.createOrFold<arith::MaxSIOp>(loc, lhs, rhs);
}

Value LoopBuilder::compare(arith::CmpIPredicate predicate, Value lhs,
                           Value rhs) {
  return builder.createOrFold<arith::CmpIOp>(loc, predicate, lhs, rhs);
}

Value LoopBuilder::toI32(Value index) {
  return builder.createOrFold<arith::IndexCastOp>(loc, builder.getI32Type(),
                                                  index);
}

void LoopBuilder::forEach(Value lower, Value upper, int64_t step, Body body) {
  auto loop = scf::ForOp::create(builder, loc, lower, upper, constant(step));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

SmallVector<Value> LoopBuilder::forEach(Value lower, Value upper, int64_t step,
                                        ValueRange inits, CarryBody body) {
  auto loop =
      scf::ForOp::create(builder, loc, lower, upper, constant(step), inits);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(builder, loc, next);
  return SmallVector<Value>(loop.getResults());
}

void LoopBuilder::parallel(Value count, Body body) {
  auto loop =
      scf::ParallelOp::create(builder, loc, ValueRange{constant(0)},
                              ValueRange{count}, ValueRange{constant(1)});
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVars().front());
}

void LoopBuilder::ifThen(Value condition, llvm::function_ref<void()> body) {
  auto branch = scf::IfOp::create(builder, loc, condition,
                                  /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&branch.getThenRegion().front());
  body();
}

void LoopBuilder::ifThenElse(Value condition, llvm::function_ref<void()> then,
                             llvm::function_ref<void()> otherwise) {
  auto branch = scf::IfOp::create(builder, loc, condition,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&branch.getThenRegion().front());
  then();
  builder.setInsertionPointToStart(&branch.getElseRegion().front());
  otherwise();
}

Value LoopBuilder::extent(Value memref, int64_t axis) {
  auto type = cast<MemRefType>(memref.getType());
  if (!type.isDynamicDim(axis))
    return constant(type.getDimSize(axis));
  return memref::DimOp::create(builder, loc, memref, axis);
}

Value LoopBuilder::matrixAt(Value memref, ValueRange leading) {
  int64_t rank = cast<MemRefType>(memref.getType()).getRank();
  if (rank == 2)
    return memref;
  SmallVector<Value> origin(leading);
  origin.append(2, constant(0));
  return window(memref, origin,
                {getAsOpFoldResult(extent(memref, rank - 2)),
                 getAsOpFoldResult(extent(memref, rank - 1))});
}

// Not a memref.subview: its verifier refuses offset 0 in an extent of 0, and
// its address would be computed at each load.
Value LoopBuilder::window(Value memref, ValueRange origin,
                          ArrayRef<OpFoldResult> sizes) {
  auto type = cast<MemRefType>(memref.getType());
  int64_t rank = type.getRank(), kept = sizes.size();
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return memref; // every layout that bufferize makes is strided
  auto metadata =
      memref::ExtractStridedMetadataOp::create(builder, loc, memref);
  auto stride = [&](int64_t axis) -> Value {
    return ShapedType::isDynamic(strides[axis]) ? metadata.getStrides()[axis]
                                                : constant(strides[axis]);
  };
  Value start =
      ShapedType::isDynamic(offset) ? metadata.getOffset() : constant(offset);
  for (int64_t axis = 0; axis < rank; ++axis)
    start = add(start, mul(origin[axis], stride(axis)));
  SmallVector<OpFoldResult> steps;
  for (int64_t axis = rank - kept; axis < rank; ++axis)
    steps.push_back(getAsOpFoldResult(stride(axis)));
  SmallVector<int64_t> shape;
  SmallVector<Value> unused;
  dispatchIndexOpFoldResults(sizes, unused, shape);
  OpFoldResult first = getAsOpFoldResult(start);
  auto layout = StridedLayoutAttr::get(
      builder.getContext(),
      getConstantIntValue(first).value_or(ShapedType::kDynamic),
      ArrayRef(strides).take_back(kept));
  auto result = MemRefType::get(shape, type.getElementType(), layout,
                                type.getMemorySpace());
  return memref::ReinterpretCastOp::create(
      builder, loc, result, metadata.getBaseBuffer(), first, sizes, steps);
}

Value LoopBuilder::carve(Value memref, Value offset,
                         ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> strides(sizes.size());
  OpFoldResult stride = builder.getIndexAttr(1);
  for (int64_t axis = sizes.size() - 1; axis >= 0; --axis) {
    strides[axis] = stride;
    auto known = getConstantIntValue(stride);
    auto size = getConstantIntValue(sizes[axis]);
    if (known && size) {
      stride = builder.getIndexAttr(*known * *size);
      continue;
    }
    stride = getAsOpFoldResult(
        mul(getValueOrCreateConstantIndexOp(builder, loc, stride),
            getValueOrCreateConstantIndexOp(builder, loc, sizes[axis])));
  }
  SmallVector<int64_t> shape, staticStrides;
  SmallVector<Value> unused;
  dispatchIndexOpFoldResults(sizes, unused, shape);
  dispatchIndexOpFoldResults(strides, unused, staticStrides);
  auto from = cast<MemRefType>(memref.getType());
  OpFoldResult start = getAsOpFoldResult(offset);
  int64_t staticOffset =
      getConstantIntValue(start).value_or(ShapedType::kDynamic);
  auto type = MemRefType::get(
      shape, from.getElementType(),
      StridedLayoutAttr::get(builder.getContext(), staticOffset, staticStrides),
      from.getMemorySpace());
  return memref::ReinterpretCastOp::create(builder, loc, type, memref, start,
                                           sizes, strides);
}

Value LoopBuilder::workerOffset(Value scratch) {
  Value worker = func::CallOp::create(builder, loc, "attune_worker",
                                      TypeRange{builder.getIndexType()})
                     .getResult(0);
  return mul(worker, extent(scratch, 1));
}

Value LoopBuilder::scalar(double value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getF32FloatAttr(value));
}

Value LoopBuilder::splat(double value, int64_t width) {
  return arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(vectorType(width),
                             builder.getF32FloatAttr(value).getValue()));
}

Value LoopBuilder::broadcast(Value value, int64_t width) {
  return vector::BroadcastOp::create(
      builder, loc, VectorType::get({width}, value.getType()), value);
}

Value LoopBuilder::lanes(int64_t width) {
  auto type = VectorType::get({width}, builder.getI32Type());
  SmallVector<int32_t> numbers = llvm::to_vector(llvm::seq<int32_t>(0, width));
  return arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(type, ArrayRef(numbers)));
}

Value LoopBuilder::loadVector(Value memref, ValueRange indices, int64_t width) {
  return vector::LoadOp::create(builder, loc, vectorType(width), memref,
                                indices);
}

void LoopBuilder::storeVector(Value vector, Value memref, ValueRange indices) {
  vector::StoreOp::create(builder, loc, vector, memref, indices);
}

Value LoopBuilder::load(Value memref, ValueRange indices) {
  return memref::LoadOp::create(builder, loc, memref, indices);
}

void LoopBuilder::store(Value value, Value memref, ValueRange indices) {
  memref::StoreOp::create(builder, loc, value, memref, indices);
}

Value LoopBuilder::maximum(Value lhs, Value rhs) {
  Value greater =
      arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, rhs, lhs);
  return arith::SelectOp::create(builder, loc, greater, rhs, lhs);
}

bool attune::hasUnitStride(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  return type.getRank() > 0 &&
         succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}
