//===- ImportShapes.cpp - Shape functions ---------------------------------===//

#include "frontend/Importer.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;

OptionalValue Importer::heads(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x");
  if (!x)
    return std::nullopt;
  std::optional<int64_t> heads = constantArgument(arguments, "H", std::nullopt);
  if (!heads)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<Extent> shape = symbolicShape(type);
  if (shape.size() < 2) {
    error(Diag::bad_layer_input, span, "heads", typeText(type));
    return std::nullopt;
  }
  std::optional<int64_t> width = shape.back().asConstant();
  if (*heads <= 0 || !width || *width % *heads != 0) {
    error(Diag::heads_do_not_divide, arguments.given.lookup("H")->span, *heads,
          shape.back().str(), typeText(type));
    return std::nullopt;
  }
  Extent length = shape[shape.size() - 2];
  shape.pop_back_n(2);
  shape.push_back(Extent::constant(*heads));
  shape.push_back(length);
  shape.push_back(Extent::constant(*width / *heads));
  if (!checkShape(shape, span))
    return std::nullopt;
  auto op = HeadSplitOp::create(builder, location(span),
                                tensorType(shape, builder.getF32Type()), x,
                                builder.getI64IntegerAttr(*heads));
  return Value::tensor(op.getResult());
}

OptionalValue Importer::merge(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x");
  if (!x)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<Extent> shape = symbolicShape(type);
  if (shape.size() < 3) {
    error(Diag::bad_layer_input, span, "merge", typeText(type));
    return std::nullopt;
  }
  std::optional<Extent> width = shape[shape.size() - 3] * shape.back();
  if (!width) {
    error(Diag::constant_overflow, span);
    return std::nullopt;
  }
  Extent length = shape[shape.size() - 2];
  shape.pop_back_n(3);
  shape.push_back(length);
  shape.push_back(*width);
  auto op = HeadMergeOp::create(builder, location(span),
                                tensorType(shape, builder.getF32Type()), x);
  return Value::tensor(op.getResult());
}

OptionalValue Importer::split(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x", /*f32Only=*/false);
  if (!x)
    return std::nullopt;
  std::optional<int64_t> parts = constantArgument(arguments, "n", std::nullopt);
  if (!parts)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  auto type = cast<RankedTensorType>(x.getType());
  std::optional<int64_t> axis = axisArgument(arguments, type.getRank(), -1);
  if (!axis)
    return std::nullopt;
  SmallVector<Extent> shape = symbolicShape(type);
  std::optional<Extent> size;
  if (*parts > 0 && *parts <= 1000)
    size = shape[*axis].exactlyDividedBy(Extent::constant(*parts));
  if (!size) {
    error(Diag::split_does_not_divide, arguments.given.lookup("n")->span,
          *parts, shape[*axis].str());
    return std::nullopt;
  }
  shape[*axis] = *size;
  SmallVector<Type> types(*parts, tensorType(shape, type.getElementType()));
  auto op = SplitOp::create(builder, location(span), types, x,
                            builder.getI64IntegerAttr(*axis));
  Value tuple;
  tuple.kind = Value::Kind::Tuple;
  for (mlir::Value part : op.getParts())
    tuple.parts.push_back(Value::tensor(part));
  return tuple.parts.size() == 1 ? tuple.parts.front() : tuple;
}

OptionalValue Importer::concat(const CallArguments &arguments) {
  const Expr *list = arguments.given.lookup("parts");
  if (list->kind != Expr::Kind::List || list->operands.empty()) {
    error(Diag::expected_list, list->span, "concat");
    return std::nullopt;
  }
  SmallVector<mlir::Value> inputs;
  for (const Expr *operand : list->operands) {
    OptionalValue value = expr(operand, arguments.frame);
    if (!value)
      return std::nullopt;
    if (value->kind != Value::Kind::Tensor) {
      error(Diag::expected_tensor, operand->span, describe(*value));
      return std::nullopt;
    }
    inputs.push_back(value->ir);
  }
  auto first = cast<RankedTensorType>(inputs.front().getType());
  std::optional<int64_t> axis =
      axisArgument(arguments, first.getRank(), std::nullopt);
  if (!axis)
    return std::nullopt;
  SmallVector<Extent> shape = symbolicShape(first);
  for (auto [operand, input] :
       llvm::zip(list->operands.drop_front(), ArrayRef(inputs).drop_front())) {
    auto type = cast<RankedTensorType>(input.getType());
    SmallVector<Extent> other = symbolicShape(type);
    bool fits = other.size() == shape.size() &&
                type.getElementType() == first.getElementType();
    for (size_t i = 0; fits && i < shape.size(); ++i)
      fits = int64_t(i) == *axis || other[i] == shape[i];
    if (!fits) {
      error(Diag::shape_mismatch, operand->span, typeText(first),
            typeText(type))
          .note("parts of `concat` agree on all axes but the one they lie "
                "along");
      return std::nullopt;
    }
    std::optional<Extent> sum = shape[*axis] + other[*axis];
    if (!sum) {
      error(Diag::constant_overflow, operand->span);
      return std::nullopt;
    }
    shape[*axis] = *sum;
  }
  Span span = arguments.call->callee.span;
  if (!checkShape(shape, span))
    return std::nullopt;
  auto op =
      ConcatOp::create(builder, location(span),
                       TypeRange{tensorType(shape, first.getElementType())},
                       inputs, mlir::Value(), builder.getI64IntegerAttr(*axis));
  return Value::tensor(op.getResult());
}

OptionalValue Importer::transpose(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x", /*f32Only=*/false);
  if (!x)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<Extent> shape = symbolicShape(type), result;
  SmallVector<int64_t> permutation;
  const Expr *perm = arguments.given.lookup("perm");
  if (!perm) {
    if (type.getRank() < 2) {
      error(Diag::bad_layer_input, span, "transpose", typeText(type));
      return std::nullopt;
    }
    for (int64_t i = 0; i < type.getRank(); ++i)
      permutation.push_back(i);
    std::swap(permutation.back(), permutation[permutation.size() - 2]);
  } else {
    if (perm->kind != Expr::Kind::List) {
      error(Diag::expected_list, perm->span, "transpose");
      return std::nullopt;
    }
    for (const Expr *operand : perm->operands) {
      std::optional<Extent> axis = extent(operand, arguments.frame);
      if (!axis)
        return std::nullopt;
      permutation.push_back(axis->asConstant().value_or(-1));
    }
    SmallVector<int64_t> sorted(permutation);
    llvm::sort(sorted);
    bool valid = int64_t(sorted.size()) == type.getRank();
    for (size_t i = 0; valid && i < sorted.size(); ++i)
      valid = sorted[i] == int64_t(i);
    if (!valid) {
      error(Diag::bad_permutation, perm->span, type.getRank());
      return std::nullopt;
    }
  }
  for (int64_t axis : permutation)
    result.push_back(shape[axis]);
  auto op = TransposeOp::create(builder, location(span),
                                tensorType(result, type.getElementType()), x,
                                builder.getDenseI64ArrayAttr(permutation));
  return Value::tensor(op.getResult());
}

OptionalValue Importer::reshape(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x", /*f32Only=*/false);
  if (!x)
    return std::nullopt;
  OptionalShape shape = shapeArgument(arguments);
  if (!shape)
    return std::nullopt;
  auto type = cast<RankedTensorType>(x.getType());
  auto count = [](ArrayRef<Extent> sizes) -> std::optional<Extent> {
    Extent product = Extent::constant(1);
    for (const Extent &size : sizes) {
      std::optional<Extent> next = product * size;
      if (!next)
        return std::nullopt;
      product = *next;
    }
    return product;
  };
  std::optional<Extent> from = count(symbolicShape(type)), to = count(*shape);
  if (!from || !to || !(*from == *to)) {
    error(Diag::reshape_count, arguments.given.lookup("shape")->span,
          typeText(type), shapeText(*shape));
    return std::nullopt;
  }
  auto op = ReshapeOp::create(builder, location(arguments.call->callee.span),
                              tensorType(*shape, type.getElementType()), x);
  return Value::tensor(op.getResult());
}
