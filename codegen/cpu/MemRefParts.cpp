//===- MemRefParts.cpp - Memrefs from pointers and back -------------------===//

#include "codegen/cpu/MemRefParts.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace attune;

namespace {
/// Sizes and strides as the type knows them. An identity layout with dynamic
/// sizes has dynamic strides here, which are products of sizes.
struct Layout {
  explicit Layout(MemRefType type) : isIdentity(type.getLayout().isIdentity()) {
    isStrided = succeeded(type.getStridesAndOffset(strides, offset));
  }
  bool isIdentity, isStrided;
  SmallVector<int64_t> strides;
  int64_t offset = 0;
};
} // namespace

static Value toI64(OpBuilder &builder, Location loc, Value value) {
  if (!value.getType().isIndex())
    return value;
  return arith::IndexCastOp::create(builder, loc, builder.getI64Type(), value);
}

Value attune::buildMemRef(OpBuilder &builder, Location loc, Value data,
                          MemRefType type, ValueRange dynamic) {
  LLVMTypeConverter converter(builder.getContext());
  auto descriptor =
      MemRefDescriptor::poison(builder, loc, converter.convertType(type));
  descriptor.setAllocatedPtr(builder, loc, data);
  descriptor.setAlignedPtr(builder, loc, data);
  Layout layout(type);
  Type i64 = builder.getI64Type();
  auto constant = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(builder, loc, i64,
                                    builder.getI64IntegerAttr(value));
  };
  unsigned used = 0;
  SmallVector<Value> sizes, strides(type.getRank());
  for (int64_t size : type.getShape())
    sizes.push_back(ShapedType::isDynamic(size)
                        ? toI64(builder, loc, dynamic[used++])
                        : constant(size));
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (!ShapedType::isDynamic(layout.strides[axis]))
      strides[axis] = constant(layout.strides[axis]);
    else if (!layout.isIdentity)
      strides[axis] = toI64(builder, loc, dynamic[used++]);
  descriptor.setOffset(builder, loc,
                       ShapedType::isDynamic(layout.offset)
                           ? toI64(builder, loc, dynamic[used++])
                           : constant(layout.offset));
  for (int64_t axis = type.getRank() - 1; axis >= 0; --axis)
    if (!strides[axis])
      strides[axis] =
          LLVM::MulOp::create(builder, loc, strides[axis + 1], sizes[axis + 1]);
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    descriptor.setSize(builder, loc, axis, sizes[axis]);
    descriptor.setStride(builder, loc, axis, strides[axis]);
  }
  return UnrealizedConversionCastOp::create(builder, loc, TypeRange(Type(type)),
                                            ValueRange(Value(descriptor)))
      .getResult(0);
}

SmallVector<Value> attune::splitMemRef(OpBuilder &builder, Location loc,
                                       Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  LLVMTypeConverter converter(builder.getContext());
  Value structure =
      UnrealizedConversionCastOp::create(
          builder, loc, TypeRange(converter.convertType(type)), memref)
          .getResult(0);
  MemRefDescriptor descriptor(structure);
  Layout layout(type);
  SmallVector<Value> parts = {descriptor.alignedPtr(builder, loc)};
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.isDynamicDim(axis))
      parts.push_back(descriptor.size(builder, loc, axis));
  if (!layout.isIdentity)
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      if (ShapedType::isDynamic(layout.strides[axis]))
        parts.push_back(descriptor.stride(builder, loc, axis));
  // Not added to the address: what reads the offset of a view of another memref
  // indexes from that one's address.
  if (ShapedType::isDynamic(layout.offset))
    parts.push_back(descriptor.offset(builder, loc));
  return parts;
}

void attune::declareFunction(ModuleOp module, StringRef name,
                             FunctionType type) {
  if (module.lookupSymbol(name))
    return;
  auto builder = OpBuilder::atBlockBegin(module.getBody());
  func::FuncOp::create(builder, module.getLoc(), name, type).setPrivate();
}
