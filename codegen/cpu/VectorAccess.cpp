//===- VectorAccess.cpp - Vectors of an array with a bound on columns -----===//

#include "codegen/cpu/VectorAccess.h"

using namespace mlir;
using namespace attune;

Value VectorAccess::mask(Value column) {
  std::optional<int64_t> known = knownLanes(column);
  if (known && *known == width)
    return Value();
  auto type = VectorType::get({width}, loops.builder.getI1Type());
  Value lanes = known ? loops.constant(*known) : loops.sub(bound, column);
  return loops.builder.createOrFold<vector::CreateMaskOp>(loops.loc, type,
                                                          ValueRange{lanes});
}

Value VectorAccess::load(ArrayRef<Value> indices) {
  return load(indices, mask(indices.back()));
}

Value VectorAccess::load(ArrayRef<Value> indices, Value mask) {
  if (contiguous)
    return mask ? vector::MaskedLoadOp::create(loops.builder, loops.loc,
                                               loops.vectorType(width), memref,
                                               indices, mask, zero())
                      .getResult()
                : loops.loadVector(memref, indices, width);
  // Strided columns: a lane at a time. Lanes above the bound read the last
  // column below it, then become zero.
  SmallVector<Value> lanes, at(indices);
  for (int64_t lane = 0; lane < width; ++lane) {
    at.back() = loops.add(indices.back(), lane);
    if (mask)
      at.back() =
          loops.max(loops.min(at.back(), loops.sub(bound, loops.constant(1))),
                    loops.constant(0));
    lanes.push_back(loops.load(memref, at));
  }
  Value vector = vector::FromElementsOp::create(loops.builder, loops.loc,
                                                loops.vectorType(width), lanes);
  if (!mask)
    return vector;
  return arith::SelectOp::create(loops.builder, loops.loc, mask, vector,
                                 zero());
}

void VectorAccess::store(Value vector, ArrayRef<Value> indices) {
  Value mask = this->mask(indices.back());
  if (contiguous) {
    if (mask)
      vector::MaskedStoreOp::create(loops.builder, loops.loc, memref, indices,
                                    mask, vector);
    else
      loops.storeVector(vector, memref, indices);
    return;
  }
  SmallVector<Value> at(indices);
  for (int64_t lane = 0; lane < width; ++lane) {
    at.back() = loops.add(indices.back(), lane);
    auto storeLane = [&] {
      Value element =
          vector::ExtractOp::create(loops.builder, loops.loc, vector, lane);
      loops.store(element, memref, at);
    };
    if (mask)
      loops.ifThen(loops.less(at.back(), bound), storeLane);
    else
      storeLane();
  }
}
