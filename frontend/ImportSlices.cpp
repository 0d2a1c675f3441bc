//===- ImportSlices.cpp - Slices of tensors -------------------------------===//

#include "frontend/Importer.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;

/// x[i] of the first axis, `step` being that of a loop, whose range must lie in
/// the axis.
mlir::Value Importer::rowOfStep(const Expr *expr, mlir::Value value,
                                const Value &step) {
  const ast::Slice &slice = expr->slices.front();
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<Extent> shape = symbolicShape(type);
  auto loop =
      cast<ForOp>(cast<BlockArgument>(step.ir).getOwner()->getParentOp());
  int64_t lower = loop.getLower(), upper = loop.getUpper();
  std::optional<Extent> rest = shape.front() - Extent::constant(upper);
  if (!type.getElementType().isF32()) {
    notSupported(slice.span, "the step of a loop as an index of " +
                                 elementText(type.getElementType()));
    return {};
  }
  if (lower < 0) {
    error(Diag::negative_index, slice.span, std::to_string(lower));
    return {};
  }
  if (shape.front().isConstant() && *shape.front().asConstant() < upper) {
    error(Diag::slice_out_of_range, slice.span, std::to_string(lower),
          std::to_string(upper), shape.front().str(), typeText(type));
    return {};
  }
  if (!rest ||
      !requireNonNegative(*rest, slice.span,
                          std::to_string(upper) + " <= " + shape.front().str()))
    return {};
  mlir::Value ids = sizeTensor(step, builder.getI64Type(), slice.span);
  auto row = GatherOp::create(
      builder, location(slice.span),
      TypeRange{tensorType(ArrayRef(shape).drop_front(), builder.getF32Type())},
      value, ids, mlir::Value(), builder.getStringAttr(step.text));
  return row.getResult();
}

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
  // x[i] with the step of a loop is a row; what follows slices the row.
  ArrayRef<ast::Slice> slices = expr->slices;
  OptionalValue index; // of the first axis, unless it was a step
  if (slices.front().index) {
    index = this->expr(slices.front().index, frame);
    if (!index)
      return std::nullopt;
    if (index->kind == Value::Kind::Step) {
      value = rowOfStep(expr, value, *index);
      if (!value)
        return std::nullopt;
      type = cast<RankedTensorType>(value.getType());
      slices = slices.drop_front();
      index.reset();
    }
  }
  SmallVector<Extent> shape = symbolicShape(type), kept;
  for (auto [axis, slice] : llvm::enumerate(slices)) {
    Extent begin = Extent::constant(0), end = shape[axis];
    const Expr *first = slice.index ? slice.index : slice.begin;
    if (first) {
      OptionalValue at = axis == 0 && index ? index : this->expr(first, frame);
      if (at && at->kind == Value::Kind::Step)
        return notSupported(slice.span,
                            "the step of a loop in a slice, or as an index "
                            "of another axis than the first,");
      auto size = at ? asExtent(*at, first->span) : std::nullopt;
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
      auto message = error(Diag::negative_index, slice.span, begin.str());
      if (std::optional<Extent> fromEnd = shape[axis] + begin)
        message.help("count from the start: `" + fromEnd->str() + "`");
      return std::nullopt;
    }
    // A slice of a weight of baked length must be proven in range now: the
    // bound of the dim is where the author says so.
    if (!isProvablyLessEqual(end, shape[axis], dimBounds)) {
      bool baked = shape[axis].isConstant();
      if (baked) {
        auto message = error(Diag::slice_out_of_range, slice.span, begin.str(),
                             end.str(), shape[axis].str(), typeText(type));
        // The end is one dim, and a constant that the others leave room for.
        std::vector<std::string> dims = end.dims();
        std::optional<Extent> constant =
            dims.size() == 1 ? end - Extent::dim(dims.front()) : std::nullopt;
        std::optional<Extent> most = constant && constant->isConstant()
                                         ? shape[axis] - *constant
                                         : std::nullopt;
        if (most && *most->asConstant() >= 0)
          message.help("declare `dim " + dims.front() + " <= " + most->str() +
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
  for (size_t axis = slices.size(); axis < shape.size(); ++axis)
    kept.push_back(shape[axis]);
  if (kept.size() != shape.size())
    value = ReshapeOp::create(builder, location(expr->span),
                              tensorType(kept, type.getElementType()), value);
  return Value::tensor(value);
}
