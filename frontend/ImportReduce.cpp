//===- ImportReduce.cpp - Functions along an axis -------------------------===//

#include "frontend/Importer.h"

#include <limits>

using namespace mlir;
using namespace attune;
using namespace attune::frontend;

OptionalValue Importer::rmsNorm(const CallArguments &arguments) {
  // As torch.nn.RMSNorm: the distance of 1 to the next number.
  std::optional<NormInput> input =
      normInput(arguments, std::numeric_limits<float>::epsilon());
  if (!input)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  mlir::Value gamma;
  if (input->layer) {
    gamma = param("weight", {input->size}, input->layer, span);
    if (!gamma)
      return std::nullopt;
  }
  auto op = RmsNormOp::create(
      builder, location(span), TypeRange{input->x.getType()}, input->x, gamma,
      mlir::Value(), builder.getF64FloatAttr(input->eps));
  return Value::tensor(op.getResult());
}

OptionalValue Importer::softmax(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x");
  if (!x)
    return std::nullopt;
  auto type = cast<RankedTensorType>(x.getType());
  std::optional<int64_t> axis =
      axisArgument(arguments, type.getRank(), std::nullopt);
  if (!axis)
    return std::nullopt;
  auto op = SoftmaxOp::create(builder, location(arguments.call->callee.span),
                              TypeRange{type}, x, mlir::Value(),
                              builder.getI64IntegerAttr(*axis));
  return Value::tensor(op.getResult());
}

OptionalValue Importer::reduce(const CallArguments &arguments,
                               ReduceKind kind) {
  mlir::Value x = tensorArgument(arguments, "x", /*f32Only=*/false);
  if (!x)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  auto type = cast<RankedTensorType>(x.getType());
  std::optional<int64_t> axis =
      axisArgument(arguments, type.getRank(), std::nullopt);
  if (!axis)
    return std::nullopt;
  SmallVector<Extent> shape = symbolicShape(type);
  Type element = type.getElementType(), i64 = builder.getI64Type();
  // As in PyTorch: sums of integers and booleans are i64, so that counts fit.
  if (kind == ReduceKind::Sum && isa<IntegerType>(element) && element != i64) {
    element = i64;
    x = CastOp::create(builder, location(span),
                       TypeRange{tensorType(shape, element)}, x, mlir::Value())
            .getResult();
  }
  bool isCount = element.isInteger(32) || element.isInteger(64);
  if (!element.isF32() && (!isCount || kind == ReduceKind::Mean)) {
    error(Diag::expected_f32, arguments.given.lookup("x")->span,
          arguments.call->callee.text.str(), typeText(type))
        .help("convert with `cast(x, f32)`");
    return std::nullopt;
  }
  Extent size = shape[*axis];
  shape.erase(shape.begin() + *axis);
  // Nothing is the largest of no elements.
  if (kind != ReduceKind::Sum && kind != ReduceKind::Mean) {
    std::optional<Extent> rest = size - Extent::constant(1);
    if (!rest || !requireNonNegative(*rest, span, size.str() + " - 1 >= 0"))
      return std::nullopt;
  }
  if (kind == ReduceKind::ArgMax)
    element = i64;
  auto op = ReduceOp::create(builder, location(span),
                             TypeRange{tensorType(shape, element)}, kind, x,
                             mlir::Value(), uint64_t(*axis));
  return Value::tensor(op.getResult());
}
