//===- ImportReduce.cpp - Functions along an axis -------------------------===//

#include "frontend/Importer.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace attune;
using namespace attune::frontend;

/// The number is 0 or more, or an error says that it is not.
bool Importer::requireEpsilon(const CallArguments &arguments, double eps) {
  if (eps >= 0 && !std::isinf(eps))
    return true;
  error(Diag::number_range, arguments.given.lookup("eps")->span, "eps",
        "0 or more, and finite");
  return false;
}

OptionalValue Importer::rmsNorm(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x");
  if (!x)
    return std::nullopt;
  // As torch.nn.RMSNorm: the distance of 1 to the next number.
  std::optional<double> eps =
      realArgument(arguments, "eps", std::numeric_limits<float>::epsilon());
  std::optional<bool> affine = boolArgument(arguments, "affine", true);
  if (!eps || !affine || !requireEpsilon(arguments, *eps))
    return std::nullopt;
  Span span = arguments.call->callee.span;
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<Extent> shape = symbolicShape(type);
  if (shape.empty() || !shape.back().isConstant()) {
    error(Diag::bad_layer_input, span, "rms_norm", typeText(type));
    return std::nullopt;
  }
  mlir::Value gamma;
  if (*affine) {
    FramePtr layer = layerFrame(arguments);
    gamma = param("weight", {shape.back()}, layer, span);
    if (!gamma)
      return std::nullopt;
  }
  auto op =
      RmsNormOp::create(builder, location(span), TypeRange{type}, x, gamma,
                        mlir::Value(), builder.getF64FloatAttr(*eps));
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
