//===- ImportLayers.cpp - Layers ------------------------------------------===//

#include "frontend/Importer.h"

#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;

/// A frame that reads weights below the call's own `at`.
FramePtr Importer::layerFrame(const CallArguments &arguments) {
  const FramePtr &frame = arguments.frame;
  auto layer = std::make_shared<Frame>();
  layer->file = frame->file;
  layer->prefix = prefixAt(arguments.call->at, frame);
  layer->steps = frame->steps;
  return layer;
}

OptionalValue Importer::linear(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x");
  if (!x)
    return std::nullopt;
  std::optional<int64_t> out = constantArgument(arguments, "out", std::nullopt);
  std::optional<bool> bias = boolArgument(arguments, "bias", true);
  if (!out || !bias)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<Extent> shape = symbolicShape(type);
  if (shape.empty() || !shape.back().isConstant() || *out < 0) {
    error(Diag::bad_layer_input, span, "linear", typeText(type));
    return std::nullopt;
  }
  FramePtr layer = layerFrame(arguments);
  mlir::Value w =
      param("weight", {Extent::constant(*out), shape.back()}, layer, span);
  mlir::Value b;
  if (w && *bias)
    b = param("bias", {Extent::constant(*out)}, layer, span);
  if (!w || (*bias && !b))
    return std::nullopt;
  shape.back() = Extent::constant(*out);
  if (!checkShape(shape, span))
    return std::nullopt;
  auto op =
      LinearOp::create(builder, location(span),
                       TypeRange{tensorType(shape, builder.getF32Type())}, x, w,
                       b, mlir::Value(), mlir::Value(), Activation::None);
  return Value::tensor(op.getResult());
}

/// x w^T + b with weights that are values: slices of a larger param, tied
/// embeddings.
OptionalValue Importer::affine(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x");
  mlir::Value w = x ? tensorArgument(arguments, "w") : mlir::Value();
  mlir::Value b;
  if (w && arguments.given.count("b") && !(b = tensorArgument(arguments, "b")))
    return std::nullopt;
  if (!x || !w)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  auto type = cast<RankedTensorType>(x.getType());
  auto wType = cast<RankedTensorType>(w.getType());
  SmallVector<Extent> shape = symbolicShape(type),
                      wShape = symbolicShape(wType);
  if (shape.empty() || wShape.size() != 2 || !(wShape[1] == shape.back())) {
    error(Diag::shape_mismatch, span, typeText(type), typeText(wType))
        .note("`affine(x, w)` takes w of shape [out, in], where `in` is the "
              "last size of x");
    return std::nullopt;
  }
  if (b) {
    auto bType = cast<RankedTensorType>(b.getType());
    SmallVector<Extent> bShape = symbolicShape(bType);
    if (bShape.size() != 1 || !(bShape[0] == wShape[0])) {
      error(Diag::shape_mismatch, span, typeText(wType), typeText(bType))
          .note("the bias of `affine` has the rows of w");
      return std::nullopt;
    }
  }
  if (!wType.hasStaticShape())
    return notSupported(span, "`affine` with a weight of run-time shape");
  shape.back() = wShape[0];
  auto op =
      LinearOp::create(builder, location(span),
                       TypeRange{tensorType(shape, builder.getF32Type())}, x, w,
                       b, mlir::Value(), mlir::Value(), Activation::None);
  return Value::tensor(op.getResult());
}

OptionalValue Importer::embedding(const CallArguments &arguments) {
  mlir::Value ids = tensorArgument(arguments, "ids", /*f32Only=*/false);
  if (!ids)
    return std::nullopt;
  std::optional<int64_t> vocab =
      constantArgument(arguments, "vocab", std::nullopt);
  std::optional<int64_t> dim = constantArgument(arguments, "dim", std::nullopt);
  if (!vocab || !dim)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  auto type = cast<RankedTensorType>(ids.getType());
  Type element = type.getElementType();
  if (!element.isInteger(32) && !element.isInteger(64)) {
    error(Diag::expected_ids, arguments.given.lookup("ids")->span,
          typeText(type));
    return std::nullopt;
  }
  SmallVector<Extent> tableShape = {Extent::constant(*vocab),
                                    Extent::constant(*dim)};
  if (*vocab <= 0 || *dim <= 0 || !checkShape(tableShape, span)) {
    error(Diag::bad_layer_input, span, "embedding", shapeText(tableShape));
    return std::nullopt;
  }
  mlir::Value table = param("weight", tableShape, layerFrame(arguments), span);
  if (!table)
    return std::nullopt;
  SmallVector<Extent> shape = symbolicShape(type);
  shape.push_back(Extent::constant(*dim));
  if (!checkShape(shape, span))
    return std::nullopt;
  auto op =
      EmbeddingOp::create(builder, location(span),
                          TypeRange{tensorType(shape, builder.getF32Type())},
                          ids, table, mlir::Value());
  return Value::tensor(op.getResult());
}

OptionalValue Importer::gather(const CallArguments &arguments) {
  mlir::Value table = tensorArgument(arguments, "table");
  mlir::Value ids = table ? tensorArgument(arguments, "ids", /*f32Only=*/false)
                          : mlir::Value();
  if (!ids)
    return std::nullopt;
  auto type = cast<RankedTensorType>(ids.getType());
  auto tableType = cast<RankedTensorType>(table.getType());
  Type element = type.getElementType();
  if (!element.isInteger(32) && !element.isInteger(64)) {
    error(Diag::expected_ids, arguments.given.lookup("ids")->span,
          typeText(type));
    return std::nullopt;
  }
  Span span = arguments.call->callee.span;
  if (tableType.getRank() == 0) {
    error(Diag::bad_layer_input, span, "gather", typeText(tableType));
    return std::nullopt;
  }
  SmallVector<Extent> shape = symbolicShape(type);
  llvm::append_range(shape, ArrayRef(symbolicShape(tableType)).drop_front());
  if (!checkShape(shape, span))
    return std::nullopt;
  const Expr *idsExpr = arguments.given.lookup("ids");
  auto op = GatherOp::create(
      builder, location(span),
      TypeRange{tensorType(shape, builder.getF32Type())}, table, ids,
      mlir::Value(),
      builder.getStringAttr(sources.text(idsExpr->span).take_front(64)));
  return Value::tensor(op.getResult());
}

std::optional<Importer::NormInput>
Importer::normInput(const CallArguments &arguments, double defaultEps) {
  mlir::Value x = tensorArgument(arguments, "x");
  if (!x)
    return std::nullopt;
  std::optional<double> eps = realArgument(arguments, "eps", defaultEps);
  std::optional<bool> affine = boolArgument(arguments, "affine", true);
  if (!eps || !affine)
    return std::nullopt;
  // layer_norm(x, D) means the size, which the input has.
  bool isSize = *eps >= 1 && std::floor(*eps) == *eps;
  if (!(*eps >= 0) || std::isinf(*eps) || isSize) {
    auto message =
        error(Diag::number_range, arguments.given.lookup("eps")->span, "eps",
              isSize ? "less than 1" : "0 or more, and finite");
    if (isSize)
      message.help("a norm has the size of the last axis: `" +
                   arguments.call->callee.text.str() + "(x)`");
    return std::nullopt;
  }
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<Extent> shape = symbolicShape(type);
  if (shape.empty() || !shape.back().isConstant()) {
    error(Diag::bad_layer_input, arguments.call->callee.span,
          arguments.call->callee.text, typeText(type));
    return std::nullopt;
  }
  return NormInput{x, *eps, shape.back(),
                   *affine ? layerFrame(arguments) : FramePtr()};
}

OptionalValue Importer::layerNorm(const CallArguments &arguments) {
  std::optional<NormInput> input = normInput(arguments, 1e-5);
  if (!input)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  mlir::Value gamma, beta;
  if (input->layer) {
    gamma = param("weight", {input->size}, input->layer, span);
    beta = gamma ? param("bias", {input->size}, input->layer, span)
                 : mlir::Value();
    if (!beta)
      return std::nullopt;
  }
  auto op = LayerNormOp::create(
      builder, location(span), TypeRange{input->x.getType()}, input->x, gamma,
      beta, mlir::Value(), builder.getF64FloatAttr(input->eps));
  return Value::tensor(op.getResult());
}

/// The function of a number that is known now: `x * sqrt(D)` needs no tensor.
static std::optional<double> foldActivation(const frontend::Value &value,
                                            Activation kind) {
  std::optional<double> x;
  if (value.kind == frontend::Value::Kind::Real)
    x = value.real;
  else if (value.kind == frontend::Value::Kind::Number)
    if (std::optional<int64_t> constant = value.number.asConstant())
      x = double(*constant);
  double result;
  switch (x ? kind : Activation::None) {
  case Activation::Exp:
    result = std::exp(*x);
    break;
  case Activation::Exp2:
    result = std::exp2(*x);
    break;
  case Activation::Log:
    result = std::log(*x);
    break;
  case Activation::Sqrt:
    result = std::sqrt(*x);
    break;
  case Activation::Rsqrt:
    result = 1 / std::sqrt(*x);
    break;
  default:
    return std::nullopt;
  }
  // What has no value, or none in f32, is left to the run.
  if (!std::isfinite(float(result)))
    return std::nullopt;
  return result;
}

OptionalValue Importer::activation(const CallArguments &arguments,
                                   Activation kind) {
  if (kind == Activation::Gelu && arguments.given.count("approx")) {
    auto approx = wordArgument(arguments, "approx", {"none", "tanh"});
    if (!approx)
      return std::nullopt;
    if (*approx == "tanh")
      kind = Activation::GeluTanh;
  }
  OptionalValue value = expr(arguments.given.lookup("x"), arguments.frame);
  if (!value)
    return std::nullopt;
  if (std::optional<double> number = foldActivation(*value, kind))
    return Value::ofReal(*number);
  mlir::Value x =
      tensorArgument(arguments, "x", value, kind != Activation::Abs);
  if (!x)
    return std::nullopt;
  auto op =
      ActivationOp::create(builder, location(arguments.call->callee.span),
                           TypeRange{x.getType()}, kind, x, mlir::Value());
  return Value::tensor(op.getResult());
}

OptionalValue Importer::castTo(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x", /*f32Only=*/false);
  if (!x)
    return std::nullopt;
  const Expr *dtype = arguments.given.lookup("dtype");
  Type element;
  if (dtype->kind == Expr::Kind::Name)
    element = elementType({dtype->text, dtype->span});
  if (!element) {
    unknownType(dtype->span, sources.text(dtype->span).take_front(40));
    return std::nullopt;
  }
  if (element.isF64() || element.isF16() || element.isBF16())
    return notSupported(dtype->span,
                        "a tensor of type `" + dtype->text.str() + "`");
  auto type = cast<RankedTensorType>(x.getType());
  if (type.getElementType() == element)
    return Value::tensor(x);
  auto op = CastOp::create(builder, location(arguments.call->callee.span),
                           TypeRange{tensorType(symbolicShape(type), element)},
                           x, mlir::Value());
  return Value::tensor(op.getResult());
}

OptionalValue Importer::dropout(const CallArguments &arguments) {
  mlir::Value x = tensorArgument(arguments, "x");
  std::optional<double> rate =
      x ? realArgument(arguments, "p", 0) : std::nullopt;
  if (!rate)
    return std::nullopt;
  if (!(*rate >= 0 && *rate <= 1)) {
    error(Diag::number_range, arguments.given.lookup("p")->span, "p",
          "between 0 and 1");
    return std::nullopt;
  }
  return Value::tensor(x); // outside training
}
