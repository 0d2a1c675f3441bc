//===- IndexCaptures.cpp - Values from outside used in regions ------------===//

#include "frontend/IndexEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;
using Kind = IndexValue::Kind;

IndexValue IndexEmitter::capture(mlir::Value array, ValueRange indices) {
  Type element = cast<RankedTensorType>(array.getType()).getElementType();
  bool isByte = element.isInteger(8);
  Type seen = isByte ? builder.getI32Type() : element;
  mlir::Value read = CaptureOp::create(builder, loc, seen, array, indices);
  if (isa<FloatType>(element))
    return {Kind::Real, read, {}};
  if (element.isInteger(1))
    return {Kind::Bool, read, {}};
  if (isByte)
    return {Kind::Integer, read, {Extent::constant(0), Extent::constant(255)}};
  return {Kind::Integer, read, {}};
}

/// A compile-time value used inside a region.
std::optional<IndexValue> IndexEmitter::fromValue(const Value &value,
                                                  Span span) {
  switch (value.kind) {
  case Value::Kind::Number:
    return extentValue(value.number, span);
  case Value::Kind::Real:
    return real(value.real);
  case Value::Kind::Bool:
    return boolean(value.boolean);
  case Value::Kind::Mask: {
    mlir::Value condition = mask(*value.mask);
    if (!condition)
      return std::nullopt;
    return IndexValue{Kind::Bool, condition, {}};
  }
  case Value::Kind::Step: {
    auto loop = dyn_cast_or_null<ForOp>(
        mlir::Value(value.ir).getParentBlock()->getParentOp());
    if (!loop || loop.getUpper() > INT32_MAX) {
      importer.error(Diag::not_in_index, span);
      return std::nullopt;
    }
    return IndexValue{Kind::Integer,
                      arith::IndexCastOp::create(
                          builder, loc, builder.getI32Type(), value.ir),
                      {Extent::constant(loop.getLower()),
                       Extent::constant(loop.getUpper() - 1)}};
  }
  case Value::Kind::Tensor:
    if (value.tensorType().getRank() == 0)
      return capture(value.ir, {});
    importer.error(Diag::tensor_without_index, span, describe(value));
    return std::nullopt;
  default:
    importer.error(Diag::not_in_index, span);
    return std::nullopt;
  }
}

std::optional<IndexValue> IndexEmitter::emitCapture(const Expr *expr,
                                                    const FramePtr &frame) {
  OptionalValue base = importer.expr(expr->operands[0], frame);
  if (!base)
    return std::nullopt;
  if (base->kind != Value::Kind::Tensor) {
    importer.error(Diag::expected_tensor, expr->operands[0]->span,
                   describe(*base));
    return std::nullopt;
  }
  RankedTensorType type = base->tensorType();
  SmallVector<Extent> shape = symbolicShape(type);
  if (expr->slices.size() != shape.size()) {
    importer.error(Diag::capture_rank, expr->span, typeText(type), shape.size(),
                   expr->slices.size());
    return std::nullopt;
  }
  SmallVector<mlir::Value> indices;
  for (auto [axis, slice] : llvm::enumerate(expr->slices)) {
    if (!slice.index) {
      importer.error(Diag::slice_in_index, slice.span);
      return std::nullopt;
    }
    Result index = requireInteger(emit(slice.index, frame), slice.index);
    if (!index)
      return std::nullopt;
    loc = importer.location(expr->span);
    if (!checkIndex(expr, axis, index->range, shape))
      return std::nullopt;
    mlir::Value value = index->value;
    if (value.getType().isInteger(64))
      value =
          arith::TruncIOp::create(builder, loc, builder.getI32Type(), value);
    indices.push_back(value);
  }
  return capture(base->ir, indices);
}
