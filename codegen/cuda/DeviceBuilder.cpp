//===- DeviceBuilder.cpp - What one GPU thread computes -------------------===//

#include "codegen/cuda/DeviceBuilder.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace attune;

Value DeviceBuilder::threadId() {
  return gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x);
}

Value DeviceBuilder::blockId(gpu::Dimension dimension) {
  return gpu::BlockIdOp::create(builder, loc, dimension);
}

void DeviceBuilder::barrier() { gpu::BarrierOp::create(builder, loc); }

Value DeviceBuilder::shuffleXor(Value value, int32_t mask) {
  return gpu::ShuffleOp::create(builder, loc, value, mask, /*width=*/32,
                                gpu::ShuffleMode::XOR)
      .getShuffleResult();
}

Value DeviceBuilder::fma(Value a, Value b, Value c) {
  return LLVM::FMAOp::create(builder, loc, a, b, c);
}

Value DeviceBuilder::maxnum(Value a, Value b) {
  return LLVM::MaxNumOp::create(builder, loc, a, b);
}

Value DeviceBuilder::exp2(Value x) {
  return LLVM::CallIntrinsicOp::create(
             builder, loc, x.getType(),
             builder.getStringAttr("llvm.nvvm.ex2.approx.ftz.f"), x)
      .getResult(0);
}

Value DeviceBuilder::mul(Value a, Value b) { return LoopBuilder::mul(a, b); }

Value DeviceBuilder::mulf(Value a, Value b) {
  return arith::MulFOp::create(builder, loc, a, b);
}

Value DeviceBuilder::addf(Value a, Value b) {
  return arith::AddFOp::create(builder, loc, a, b);
}

Value DeviceBuilder::subf(Value a, Value b) {
  return arith::SubFOp::create(builder, loc, a, b);
}

Value DeviceBuilder::select(Value condition, Value a, Value b) {
  return builder.createOrFold<arith::SelectOp>(loc, condition, a, b);
}

Value DeviceBuilder::both(Value a, Value b) {
  return builder.createOrFold<arith::AndIOp>(loc, a, b);
}

Value DeviceBuilder::toI64(Value index) {
  if (index.getType().isInteger(64))
    return index;
  return builder.createOrFold<arith::IndexCastOp>(loc, builder.getI64Type(),
                                                  index);
}

Value DeviceBuilder::constant64(int64_t value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getI64IntegerAttr(value));
}

Value DeviceBuilder::mul64(Value a, Value b) {
  return builder.createOrFold<arith::MulIOp>(loc, toI64(a), toI64(b),
                                             arith::IntegerOverflowFlags::nsw);
}

Value DeviceBuilder::add64(Value a, Value b) {
  return builder.createOrFold<arith::AddIOp>(loc, toI64(a), toI64(b),
                                             arith::IntegerOverflowFlags::nsw);
}

Value DeviceBuilder::at(Value pointer, Value offset, Type element) {
  // Offsets into shared memory stay in 32 bits.
  bool isShared =
      cast<LLVM::LLVMPointerType>(pointer.getType()).getAddressSpace() == 3;
  Value steps = isShared ? toI32(offset) : toI64(offset);
  return LLVM::GEPOp::create(builder, loc, pointer.getType(), element, pointer,
                             ArrayRef<LLVM::GEPArg>{LLVM::GEPArg(steps)});
}

// Without an alignment four accesses of 4 bytes would be made.
Value DeviceBuilder::loadFloat(Value pointer, int64_t width) {
  Type type = builder.getF32Type();
  if (width > 1)
    type = VectorType::get({width}, type);
  return LLVM::LoadOp::create(builder, loc, type, pointer,
                              /*alignment=*/4 * width);
}

void DeviceBuilder::storeFloat(Value value, Value pointer) {
  auto vector = dyn_cast<VectorType>(value.getType());
  LLVM::StoreOp::create(builder, loc, value, pointer,
                        /*alignment=*/vector ? 4 * vector.getNumElements() : 4);
}

Value DeviceBuilder::element(Value vector, int64_t index) {
  return vector::ExtractOp::create(builder, loc, vector, index);
}

Value DeviceBuilder::zeros(int64_t width) { return splat(0.0, width); }

Value DeviceBuilder::offset(const DeviceArray &array, ValueRange indices) {
  Value sum = constant64(0);
  for (auto [index, stride] : llvm::zip_equal(indices, array.strides))
    sum = add64(sum, mul64(index, stride));
  return sum;
}

DeviceMatrix DeviceBuilder::matrix(const DeviceArray &array, ValueRange leading,
                                   int64_t columns) {
  SmallVector<Value> origin(leading);
  origin.append(2, constant(0));
  DeviceMatrix result;
  result.pointer = at(array.pointer, offset(array, origin), array.element);
  result.rows = array.sizes[array.rank() - 2];
  result.rowStride = array.strides[array.rank() - 2];
  result.columnStride = array.strides[array.rank() - 1];
  if (columns % kVector || getConstantIntValue(result.columnStride) != 1)
    return result;
  std::optional<int64_t> knownRow = getConstantIntValue(result.rowStride);
  if (knownRow && *knownRow % kVector)
    return result;
  // Inputs are aligned to their elements only, and slices start anywhere.
  Type i64 = builder.getI64Type();
  Value bits = LLVM::PtrToIntOp::create(builder, loc, i64, result.pointer);
  if (!knownRow)
    bits = arith::OrIOp::create(builder, loc, bits,
                                mul64(result.rowStride, constant64(4)));
  Value low = arith::AndIOp::create(builder, loc, bits, constant64(15));
  result.aligned = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                         low, constant64(0));
  return result;
}

/// scf.if with one result; `otherwise` may be a value from before.
static Value ifElse(DeviceBuilder &b, Value condition,
                    function_ref<Value()> then, Value otherwise) {
  auto branch = scf::IfOp::create(b.builder, b.loc, otherwise.getType(),
                                  condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b.builder);
  b.builder.setInsertionPointToStart(&branch.getThenRegion().front());
  scf::YieldOp::create(b.builder, b.loc, then());
  b.builder.setInsertionPointToStart(&branch.getElseRegion().front());
  scf::YieldOp::create(b.builder, b.loc, otherwise);
  return branch.getResult(0);
}

/// The same with two computed arms; `then` null: only the second.
static Value choose(DeviceBuilder &b, Value condition, Type type,
                    function_ref<Value()> then,
                    function_ref<Value()> otherwise) {
  if (!condition)
    return otherwise();
  auto branch = scf::IfOp::create(b.builder, b.loc, type, condition,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b.builder);
  b.builder.setInsertionPointToStart(&branch.getThenRegion().front());
  scf::YieldOp::create(b.builder, b.loc, then());
  b.builder.setInsertionPointToStart(&branch.getElseRegion().front());
  scf::YieldOp::create(b.builder, b.loc, otherwise());
  return branch.getResult(0);
}

Value DeviceBuilder::loadRow4(const DeviceMatrix &from, Value row, Value column,
                              Value columnEnd, Value rowInside) {
  Type f32 = builder.getF32Type();
  auto load = [&]() -> Value {
    Value start = mul64(row, from.rowStride);
    // Rows of a multiple of 4 columns: all four exist or none does.
    auto whole = [&]() -> Value {
      return ifElse(
          *this, less(column, columnEnd),
          [&] {
            return loadFloat(at(from.pointer, add64(start, toI64(column)), f32),
                             kVector);
          },
          zeros(kVector));
    };
    auto single = [&]() -> Value {
      SmallVector<Value> elements;
      for (int64_t i = 0; i < kVector; ++i) {
        Value own = add(column, i);
        elements.push_back(ifElse(
            *this, less(own, columnEnd),
            [&] {
              Value steps = mul64(own, from.columnStride);
              return loadFloat(at(from.pointer, add64(start, steps), f32));
            },
            scalar(0.0)));
      }
      return vector::FromElementsOp::create(builder, loc, vectorType(kVector),
                                            elements);
    };
    return choose(*this, from.aligned, vectorType(kVector), whole, single);
  };
  return rowInside ? ifElse(*this, rowInside, load, zeros(kVector)) : load();
}

void DeviceBuilder::storeRow4(Value vector, const DeviceMatrix &to, Value row,
                              Value column, Value columnEnd) {
  Type f32 = builder.getF32Type();
  Value start = mul64(row, to.rowStride);
  auto whole = [&] {
    ifThen(less(column, columnEnd), [&] {
      storeFloat(vector, at(to.pointer, add64(start, toI64(column)), f32));
    });
  };
  auto single = [&] {
    for (int64_t i = 0; i < kVector; ++i) {
      Value own = add(column, i);
      ifThen(less(own, columnEnd), [&] {
        Value steps = mul64(own, to.columnStride);
        storeFloat(element(vector, i),
                   at(to.pointer, add64(start, steps), f32));
      });
    }
  };
  if (!to.aligned)
    return single();
  auto branch = scf::IfOp::create(builder, loc, to.aligned,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&branch.getThenRegion().front());
  whole();
  builder.setInsertionPointToStart(&branch.getElseRegion().front());
  single();
}

void DeviceBuilder::copyToShared(const Copy &copy) {
  int64_t chunks = copy.columns / kVector;
  auto loop =
      scf::ForOp::create(builder, loc, threadId(), constant(copy.rows * chunks),
                         constant(kThreads));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value index = loop.getInductionVar();
  Value row = div(index, chunks), column = mul(rem(index, chunks), kVector);
  Value sourceRow = add(copy.row0, row);
  Value inside = less(sourceRow, copy.high);
  if (copy.low)
    inside =
        both(inside, compare(arith::CmpIPredicate::sge, sourceRow, copy.low));
  Value sourceColumn = copy.column0 ? add(copy.column0, column) : column;
  Value values =
      loadRow4(copy.from, sourceRow, sourceColumn, copy.columnEnd, inside);
  if (copy.factor)
    values = mulf(values, broadcast(copy.factor, kVector));
  storeFloat(values, at(copy.to, add(mul(row, copy.pitch), column),
                        builder.getF32Type()));
}
