//===- ImportSlices.cpp - Slices of tensors -------------------------------===//

#include "frontend/Importer.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;

/// x[a:b], x[i]: slices of sizes over dims and constants.
OptionalValue Importer::indexExpr(const Expr *expr, const FramePtr &frame) {
  OptionalValue base = this->expr(expr->operands[0], frame);
  if (!base)
    return std::nullopt;
  if (base->kind != Value::Kind::Tensor) {
    error(Diag::expected_tensor, expr->operands[0]->span, describe(*base));
    return std::nullopt;
  }
  mlir::Value value = base->ir;
  RankedTensorType type = base->tensorType();
  if (int64_t(expr->slices.size()) > type.getRank()) {
    error(Diag::too_many_indices, expr->span, expr->slices.size(),
          typeText(type));
    return std::nullopt;
  }
  SmallVector<Extent> shape = symbolicShape(type), kept;
  for (auto [axis, slice] : llvm::enumerate(expr->slices)) {
    Extent begin = Extent::constant(0), end = shape[axis];
    const Expr *first = slice.index ? slice.index : slice.begin;
    if (first) {
      auto size = extent(first, frame);
      if (!size)
        return std::nullopt;
      begin = *size;
    }
    if (slice.index) {
      auto next = begin + Extent::constant(1);
      if (!next)
        return std::nullopt;
      end = *next;
    } else if (slice.end) {
      auto size = extent(slice.end, frame);
      if (!size)
        return std::nullopt;
      end = *size;
    }
    std::optional<Extent> length = end - begin, rest = shape[axis] - end;
    if (!length || !rest) {
      error(Diag::constant_overflow, slice.span);
      return std::nullopt;
    }
    Extent zero = Extent::constant(0);
    auto constantBegin = begin.asConstant();
    if (constantBegin && *constantBegin < 0) {
      error(Diag::negative_index, slice.span, begin.str());
      return std::nullopt;
    }
    // A slice of a weight of baked length must be proven in range now: the
    // bound of the dim is where the author says so.
    if (!isProvablyLessEqual(end, shape[axis], dimBounds)) {
      bool baked = shape[axis].isConstant();
      if (baked) {
        auto message = error(Diag::slice_out_of_range, slice.span, begin.str(),
                             end.str(), shape[axis].str(), typeText(type));
        if (auto dim = end.asDim())
          message.help("declare `dim " + *dim + " <= " + shape[axis].str() +
                       "`");
        return std::nullopt;
      }
    }
    if (!requireNonNegative(begin, slice.span, begin.str() + " >= 0") ||
        !requireNonNegative(*length, slice.span,
                            begin.str() + " <= " + end.str()) ||
        !requireNonNegative(*rest, slice.span,
                            end.str() + " <= " + shape[axis].str()))
      return std::nullopt;
    if (!(begin == zero) || !(end == shape[axis])) {
      shape[axis] = *length;
      value = SliceOp::create(builder, location(slice.span),
                              tensorType(shape, type.getElementType()), value,
                              builder.getI64IntegerAttr(axis),
                              begin.toAttr(&context));
    }
    if (!slice.index)
      kept.push_back(shape[axis]);
  }
  for (size_t axis = expr->slices.size(); axis < shape.size(); ++axis)
    kept.push_back(shape[axis]);
  if (kept.size() != shape.size())
    value = ReshapeOp::create(builder, location(expr->span),
                              tensorType(kept, type.getElementType()), value);
  return Value::tensor(value);
}
