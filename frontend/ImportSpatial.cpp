//===- ImportSpatial.cpp - Token mixing by a weight over positions --------===//

#include "frontend/Importer.h"

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

OptionalValue Importer::spatial(const CallArguments &arguments) {
  mlir::Value w = sourceOperand(arguments, "w", 3);
  mlir::Value x = w ? tensorArgument(arguments, "x") : mlir::Value();
  if (!x)
    return std::nullopt;
  auto spanOf = [&](StringRef name) {
    const ast::Expr *given = arguments.given.lookup(name);
    return given ? given->span : arguments.call->callee.span;
  };
  Location loc = location(arguments.call->callee.span);
  auto type = cast<RankedTensorType>(x.getType());
  int64_t rank = type.getRank();
  std::optional<int64_t> axis = axisArgument(arguments, rank, -2);
  if (!axis)
    return std::nullopt;
  if (rank > 3 || *axis == rank - 1) {
    error(Diag::spatial_input, spanOf("x"), *axis, typeText(type));
    return std::nullopt;
  }
  SmallVector<Extent> shape = symbolicShape(type);
  if (rank == 2)
    shape.insert(shape.begin(), Extent::constant(1));
  else if (*axis == 0)
    std::swap(shape[0], shape[1]);
  bool isExchanged = rank == 2 || *axis == 0;
  RankedTensorType mixed = tensorType(shape, builder.getF32Type());

  Extent groups = symbolicShape(cast<RankedTensorType>(w.getType())).front();
  std::optional<int64_t> count = groups.asConstant(),
                         channels = shape[2].asConstant();
  if (!count || *count < 1 ||
      (*count > 1 && (!channels || *channels % *count != 0))) {
    error(Diag::spatial_groups, spanOf("w"), groups.str(), shape[2].str());
    return std::nullopt;
  }
  w = cutPositions(w, 1, shape[1], spanOf("w"));
  w = w ? cutPositions(w, 2, shape[1], spanOf("w")) : mlir::Value();
  if (!w)
    return std::nullopt;
  mlir::Value bias;
  if (arguments.given.contains("bias")) {
    bias = sourceOperand(arguments, "bias", 2);
    bias =
        bias ? cutPositions(bias, 1, shape[1], spanOf("bias")) : mlir::Value();
    if (!bias)
      return std::nullopt;
    Extent own = symbolicShape(cast<RankedTensorType>(bias.getType())).front();
    if (!(own == groups)) {
      error(Diag::spatial_bias, spanOf("bias"), own.str(), groups.str());
      return std::nullopt;
    }
  }
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
  if (isExchanged)
    x = exchange(builder, loc, x, mixed);
  mlir::Value result =
      SpatialGateOp::create(builder, loc, mixed, w, x, bias, keep,
                            /*added=*/mlir::Value(), /*gate=*/mlir::Value(),
                            /*norm=*/ValueRange(), /*init=*/mlir::Value(),
                            Activation::None, llvm::APFloat(1e-5))
          .getResult();
  if (isExchanged)
    result = exchange(builder, loc, result, type);
  return Value::tensor(result);
}
