//===- ImportSpatial.cpp - Token mixing by a weight over positions --------===//

#include "frontend/IndexEmitter.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;

/// [T, C] -> [1, T, C], [T, B, C] -> [B, T, C] and back: views.
static mlir::Value exchange(OpBuilder &builder, Location loc, mlir::Value array,
                            RankedTensorType type) {
  auto from = cast<RankedTensorType>(array.getType());
  if (from.getRank() == type.getRank())
    return TransposeOp::create(builder, loc, type, array,
                               builder.getDenseI64ArrayAttr({1, 0, 2}));
  return ReshapeOp::create(builder, loc, type, array);
}

/// What a spatial op mixes, in the layout [B, T, C].
struct Importer::Mixed {
  mlir::Value x;
  RankedTensorType given; // of the argument
  SmallVector<Extent> shape;
  bool isExchanged; // `given` is another layout

  /// `result` in the layout of the argument.
  mlir::Value restore(OpBuilder &builder, Location loc, mlir::Value result) {
    return isExchanged ? exchange(builder, loc, result, given) : result;
  }
};

std::optional<Importer::Mixed>
Importer::mixedArgument(const CallArguments &arguments) {
  Mixed mixed;
  mixed.x = tensorArgument(arguments, "x");
  if (!mixed.x)
    return std::nullopt;
  mixed.given = cast<RankedTensorType>(mixed.x.getType());
  int64_t rank = mixed.given.getRank();
  std::optional<int64_t> axis = axisArgument(arguments, rank, -2);
  if (!axis)
    return std::nullopt;
  if (rank > 3 || *axis == rank - 1) {
    error(Diag::spatial_input, arguments.given.lookup("x")->span, *axis,
          typeText(mixed.given));
    return std::nullopt;
  }
  mixed.shape = symbolicShape(mixed.given);
  if (rank == 2)
    mixed.shape.insert(mixed.shape.begin(), Extent::constant(1));
  else if (*axis == 0)
    std::swap(mixed.shape[0], mixed.shape[1]);
  mixed.isExchanged = rank == 2 || *axis == 0;
  return mixed;
}

/// Whether the channels can be split into `groups`; an error otherwise.
bool Importer::checkGroups(const Extent &groups, const Extent &channels,
                           Span span) {
  std::optional<int64_t> count = groups.asConstant(),
                         size = channels.asConstant();
  if (count && *count >= 1 && (*count == 1 || (size && *size % *count == 0)))
    return true;
  error(Diag::spatial_groups, span, groups.str(), channels.str());
  return false;
}

/// The argument `bias`, [groups, T], or null; false after an error.
bool Importer::biasArgument(const CallArguments &arguments,
                            const Extent &groups, const Extent &positions,
                            mlir::Value &bias) {
  const ast::Expr *given = arguments.given.lookup("bias");
  if (!given)
    return true;
  bias = sourceOperand(arguments, "bias", 2);
  bias = bias ? cutPositions(bias, positions, given->span) : mlir::Value();
  if (!bias)
    return false;
  Extent own = symbolicShape(cast<RankedTensorType>(bias.getType())).front();
  if (own == groups)
    return true;
  error(Diag::spatial_bias, given->span, own.str(), groups.str());
  return false;
}

OptionalValue Importer::spatial(const CallArguments &arguments) {
  const ast::Expr *weights = arguments.given.lookup("w");
  OptionalValue value = expr(weights, arguments.frame);
  if (!value)
    return std::nullopt;
  if (value->kind == Value::Kind::Scores)
    return spatialScores(*value, arguments);
  mlir::Value w = tensorArgument(arguments, "w", value, /*f32Only=*/true);
  w = w ? sourceOperand(arguments, "w", 3, w) : mlir::Value();
  std::optional<Mixed> mixed = w ? mixedArgument(arguments) : std::nullopt;
  if (!mixed)
    return std::nullopt;
  Location loc = location(arguments.call->callee.span);
  ArrayRef<Extent> shape = mixed->shape;
  Extent groups = symbolicShape(cast<RankedTensorType>(w.getType())).front();
  if (!checkGroups(groups, shape[2], weights->span))
    return std::nullopt;
  w = cutPositions(w, {shape[1], shape[1]}, weights->span);
  mlir::Value bias;
  if (!w || !biasArgument(arguments, groups, shape[1], bias))
    return std::nullopt;
  AttendSizes sizes{shape[0], groups, shape[1], shape[1]};
  OptionalValue mask;
  Span maskSpan = arguments.call->callee.span;
  if (!fitIndices(sizes, maskSpan) || !maskArgument(arguments, mask, maskSpan))
    return std::nullopt;
  mlir::Value keep;
  if (mask && mask->mask->kind != MaskValue::Kind::Full) {
    keep = emitMask(*mask->mask, sizes, maskSpan);
    if (!keep)
      return std::nullopt;
    auto op = keep.getDefiningOp<MaskOp>();
    if (!op.getBody().getArgument(0).use_empty()) {
      error(Diag::spatial_batch_mask, maskSpan)
          .help("multiply x by the flags of its positions before it is mixed: "
                "`spatial(w, x * flags)` with flags: f32[B, T, 1]");
      return std::nullopt;
    }
  }
  RankedTensorType type = tensorType(shape, builder.getF32Type());
  mlir::Value x =
      mixed->isExchanged ? exchange(builder, loc, mixed->x, type) : mixed->x;
  mlir::Value result =
      SpatialGateOp::create(builder, loc, type, w, x, bias, keep,
                            /*added=*/mlir::Value(), /*gate=*/mlir::Value(),
                            /*norm=*/ValueRange(), /*init=*/mlir::Value(),
                            Activation::None, llvm::APFloat(1e-5))
          .getResult();
  return Value::tensor(mixed->restore(builder, loc, result));
}

/// The scores of a head mix the channels of its group: an attend without
/// softmax.
OptionalValue Importer::spatialScores(const Value &scores,
                                      const CallArguments &arguments) {
  std::optional<Mixed> mixed = mixedArgument(arguments);
  if (!mixed)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  Location loc = location(span);
  ArrayRef<Extent> shape = mixed->shape;
  Extent groups = Extent::constant(1);
  if (scores.pending)
    groups = scores.pending->known.heads.value_or(groups);
  else if (std::optional<AttendSizes> sizes = sizesOf(scores.ir))
    groups = sizes->heads;
  mlir::Value bias;
  if (!checkGroups(groups, shape[2], arguments.given.lookup("w")->span) ||
      !biasArgument(arguments, groups, shape[1], bias))
    return std::nullopt;
  OptionalValue mask;
  Span maskSpan = span;
  if (!maskArgument(arguments, mask, maskSpan))
    return std::nullopt;

  Type f32 = builder.getF32Type();
  RankedTensorType type = tensorType(shape, f32);
  mlir::Value x =
      mixed->isExchanged ? exchange(builder, loc, mixed->x, type) : mixed->x;
  int64_t count = *groups.asConstant();
  std::optional<Extent> size = shape[2].exactlyDividedBy(groups);
  RankedTensorType split = tensorType({shape[0], groups, shape[1], *size}, f32);
  x = HeadSplitOp::create(builder, loc, split, x,
                          builder.getI64IntegerAttr(count));
  OptionalValue attended =
      makeAttend(scores, x, mask,
                 {EmptyRow::Zero, /*probs=*/false, /*lse=*/false,
                  /*noSoftmax=*/true},
                 span, maskSpan);
  if (!attended)
    return std::nullopt;
  mlir::Value result = attended->ir;
  if (bias) {
    RankedTensorType column =
        tensorType({groups, shape[1], Extent::constant(1)}, f32);
    bias = ReshapeOp::create(builder, loc, column, bias);
    result = elementwise(Binary::Add, result, bias, span);
    if (!result)
      return std::nullopt;
  }
  result = HeadMergeOp::create(builder, loc, type, result);
  return Value::tensor(mixed->restore(builder, loc, result));
}
