//===- ImportSynthesizers.cpp - additive and Synthesizer score sources ----===//
//
// Tables and weights are cut to the positions of the attend that uses them, so
// these sources wait until the number of keys is known.
//
//===----------------------------------------------------------------------===//

#include "dialect/LeadingOnes.h"
#include "frontend/IndexEmitter.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;

mlir::Value Importer::sourceOperand(const CallArguments &arguments,
                                    StringRef name, size_t rank) {
  mlir::Value array = tensorArgument(arguments, name);
  return array ? sourceOperand(arguments, name, rank, array) : mlir::Value();
}

mlir::Value Importer::sourceOperand(const CallArguments &arguments,
                                    StringRef name, size_t rank,
                                    mlir::Value array) {
  auto type = cast<RankedTensorType>(array.getType());
  Span span = arguments.given.lookup(name)->span;
  // Rank 4 is [B, H, T, E], rank 3 [H, L, E], rank 2 [H, L]; less leaves out
  // the leading ones.
  if (rank == 4)
    return toRank4(array, span);
  if (size_t(type.getRank()) != rank && size_t(type.getRank()) + 1 != rank) {
    error(Diag::source_operand, span, arguments.call->callee.text.str(), name,
          typeText(type), rank - 1, rank);
    return {};
  }
  return withLeadingOnes(builder, location(span), array, rank);
}

/// The first positions of `array` on its axes from 1 on; an error unless it has
/// as many.
mlir::Value Importer::cutPositions(mlir::Value array,
                                   ArrayRef<Extent> positions, Span span) {
  Type element = cast<RankedTensorType>(array.getType()).getElementType();
  SmallVector<Extent> shape =
      symbolicShape(cast<RankedTensorType>(array.getType()));
  SmallVector<Extent> whole = shape;
  for (auto [index, size] : llvm::enumerate(positions)) {
    int64_t axis = index + 1;
    if (shape[axis] == size)
      continue;
    if (!isProvablyLessEqual(size, shape[axis], dimBounds)) {
      // As the spec has it: without the axis of one that was put in front.
      ArrayRef<Extent> own(whole);
      if (own.front().asConstant() == 1)
        own = own.drop_front();
      bool isDim = !size.isConstant();
      auto message =
          error(Diag::too_few_positions, span,
                typeText(tensorType(own, element)), shape[axis].str(),
                size.str() + (isDim ? " may be more" : " are needed"));
      if (isDim)
        message.help("bound the dim where it is declared: `dim " + size.str() +
                     " <= " + shape[axis].str() + "`");
      return {};
    }
    shape[axis] = size;
    array = SliceOp::create(builder, location(span), tensorType(shape, element),
                            array, builder.getI64IntegerAttr(axis),
                            Extent::constant(0).toAttr(&context));
  }
  return array;
}

std::optional<int64_t> Importer::headsOf(mlir::Value array, int64_t axis,
                                         const Extent &heads, Span span) {
  SmallVector<Extent> shape =
      symbolicShape(cast<RankedTensorType>(array.getType()));
  std::optional<int64_t> own = shape[axis].asConstant(),
                         all = heads.asConstant();
  if (own && all && *own > 0 && *all > 0 && *all % *own == 0)
    return own;
  error(Diag::source_heads, span, shape[axis].str(),
        typeText(cast<RankedTensorType>(array.getType())), heads.str());
  return std::nullopt;
}

/// The type of scores of these sizes.
/// Whether a factor [B, H, T, n] has the batch and queries of the scores.
bool Importer::fitsQueries(mlir::Value array, const AttendSizes &sizes,
                           Span span) {
  auto type = cast<RankedTensorType>(array.getType());
  SmallVector<Extent> shape = symbolicShape(type);
  if (shape[0] == sizes.batch && shape[2] == sizes.queries)
    return true;
  SmallVector<Extent> scores = {sizes.batch, sizes.heads, sizes.queries,
                                sizes.keys};
  error(Diag::scores_tensor_mismatch, span, typeText(type), shapeText(scores));
  return false;
}

OptionalValue Importer::additive(const CallArguments &arguments) {
  mlir::Value q = sourceOperand(arguments, "q", 4);
  mlir::Value k = q ? sourceOperand(arguments, "k", 4) : mlir::Value();
  mlir::Value w = k ? tensorArgument(arguments, "w") : mlir::Value();
  if (!w)
    return std::nullopt;
  Span span = arguments.call->callee.span;
  auto qType = cast<RankedTensorType>(q.getType());
  auto kType = cast<RankedTensorType>(k.getType());
  SmallVector<Extent> x = symbolicShape(qType), y = symbolicShape(kType);
  if (!(x[0] == y[0]) || !(x[3] == y[3])) {
    error(Diag::dot_mismatch, span, "additive", typeText(qType),
          typeText(kType),
          !(x[0] == y[0]) ? "their batches differ" : "their last sizes differ");
    return std::nullopt;
  }
  if (!x[3].isConstant())
    return notSupported(span, "a head size that is a run-time dim");
  if (!headsOf(k, 1, x[1], arguments.given.lookup("k")->span))
    return std::nullopt;
  // A weight of a linear layer to one number is [1, E].
  auto wType = cast<RankedTensorType>(w.getType());
  SmallVector<Extent> shape = symbolicShape(wType);
  Span wSpan = arguments.given.lookup("w")->span;
  if (shape.empty() || shape.size() > 2 || !(shape.back() == x[3]) ||
      (shape.size() == 2 && !(shape[0] == Extent::constant(1)))) {
    error(Diag::additive_weight, wSpan, x[3].str(), typeText(wType));
    return std::nullopt;
  }
  if (shape.size() == 2)
    w = ReshapeOp::create(builder, location(wSpan),
                          tensorType({x[3]}, builder.getF32Type()), w);
  return Value::scores(
      AdditiveOp::create(builder, location(span),
                         scoresType({x[0], x[1], x[2], y[2]}, &context), q, k,
                         w)
          .getScores());
}

OptionalValue Importer::dense(const CallArguments &arguments) {
  mlir::Value x = sourceOperand(arguments, "x", 4);
  mlir::Value w = x ? sourceOperand(arguments, "w", 3) : mlir::Value();
  if (!w)
    return std::nullopt;
  mlir::Value bias;
  Span span = arguments.call->callee.span, biasSpan = span;
  if (const ast::Expr *given = arguments.given.lookup("bias")) {
    biasSpan = given->span;
    bias = sourceOperand(arguments, "bias", 2);
    if (!bias)
      return std::nullopt;
  }
  auto xType = cast<RankedTensorType>(x.getType());
  auto wType = cast<RankedTensorType>(w.getType());
  SmallVector<Extent> shape = symbolicShape(xType);
  Span wSpan = arguments.given.lookup("w")->span;
  if (!(shape[3] == symbolicShape(wType)[2])) {
    error(Diag::dot_mismatch, span, "dense", typeText(xType), typeText(wType),
          "their last sizes differ");
    return std::nullopt;
  }
  if (!shape[3].isConstant())
    return notSupported(span, "a head size that is a run-time dim");
  PartialSizes known{shape[0], shape[1], shape[2]};
  return delayed(known, [=, this](const AttendSizes &sizes) -> OptionalValue {
    mlir::Value weight = cutPositions(w, sizes.keys, wSpan);
    if (!weight || !fitsQueries(x, sizes, span) ||
        !headsOf(weight, 0, shape[1], wSpan))
      return std::nullopt;
    mlir::Value cut;
    if (bias) {
      cut = cutPositions(bias, sizes.keys, biasSpan);
      if (!cut || !headsOf(cut, 0, shape[1], biasSpan))
        return std::nullopt;
    }
    AttendSizes own = sizes;
    own.heads = shape[1];
    return Value::scores(DenseOp::create(builder, location(span),
                                         scoresType(own, &context), x, weight,
                                         cut)
                             .getScores());
  });
}

OptionalValue Importer::random(const CallArguments &arguments) {
  mlir::Value table = sourceOperand(arguments, "r", 3);
  if (!table)
    return std::nullopt;
  Span span = arguments.given.lookup("r")->span;
  PartialSizes known;
  known.heads = symbolicShape(cast<RankedTensorType>(table.getType()))[0];
  return delayed(known, [=, this](const AttendSizes &sizes) -> OptionalValue {
    mlir::Value cut = cutPositions(table, {sizes.queries, sizes.keys}, span);
    if (!cut || !headsOf(cut, 0, sizes.heads, span))
      return std::nullopt;
    return Value::scores(RandomOp::create(builder, location(span),
                                          scoresType(sizes, &context), cut,
                                          sizesAttr(sizes, &context))
                             .getScores());
  });
}

OptionalValue Importer::factorizedRandom(const CallArguments &arguments) {
  mlir::Value left = sourceOperand(arguments, "r1", 3);
  mlir::Value right = left ? sourceOperand(arguments, "r2", 3) : mlir::Value();
  if (!right)
    return std::nullopt;
  Span leftSpan = arguments.given.lookup("r1")->span,
       rightSpan = arguments.given.lookup("r2")->span;
  auto leftType = cast<RankedTensorType>(left.getType());
  auto rightType = cast<RankedTensorType>(right.getType());
  SmallVector<Extent> x = symbolicShape(leftType), y = symbolicShape(rightType);
  if (!(x[2] == y[2])) {
    error(Diag::dot_mismatch, leftSpan, "factorized_random", typeText(leftType),
          typeText(rightType), "their last sizes differ");
    return std::nullopt;
  }
  if (!x[2].isConstant())
    return notSupported(leftSpan, "a head size that is a run-time dim");
  if (!headsOf(right, 0, x[0], rightSpan))
    return std::nullopt;
  PartialSizes known;
  known.heads = x[0];
  return delayed(known, [=, this](const AttendSizes &sizes) -> OptionalValue {
    mlir::Value queries = cutPositions(left, sizes.queries, leftSpan);
    mlir::Value keys =
        queries ? cutPositions(right, sizes.keys, rightSpan) : mlir::Value();
    if (!keys || !headsOf(queries, 0, sizes.heads, leftSpan))
      return std::nullopt;
    return Value::scores(FactorizedRandomOp::create(builder, location(leftSpan),
                                                    scoresType(sizes, &context),
                                                    queries, keys,
                                                    sizesAttr(sizes, &context))
                             .getScores());
  });
}

OptionalValue Importer::factorizedDense(const CallArguments &arguments) {
  mlir::Value left = sourceOperand(arguments, "a", 4);
  mlir::Value right = left ? sourceOperand(arguments, "b", 4) : mlir::Value();
  if (!right)
    return std::nullopt;
  auto word = wordArgument(
      arguments, "pattern",
      {"repeat_tile", "tile_tile", "repeat_repeat", "tile_repeat"});
  std::optional<FactorPattern> pattern;
  if (word)
    pattern = symbolizeFactorPattern(*word);
  if (!pattern)
    return std::nullopt;
  Span leftSpan = arguments.given.lookup("a")->span,
       rightSpan = arguments.given.lookup("b")->span;
  SmallVector<Extent> x = symbolicShape(cast<RankedTensorType>(left.getType()));
  SmallVector<Extent> y =
      symbolicShape(cast<RankedTensorType>(right.getType()));
  if (!x[3].isConstant() || !y[3].isConstant())
    return notSupported(leftSpan, "a factor size that is a run-time dim");
  PartialSizes known{x[0], x[1], x[2]};
  known = known.merge({std::nullopt, y[1], std::nullopt});
  return delayed(known, [=, this](const AttendSizes &sizes) -> OptionalValue {
    std::optional<Extent> columns = x[3] * y[3];
    if (!columns || !isProvablyLessEqual(sizes.keys, *columns, dimBounds)) {
      std::string most = columns ? columns->str() : "too many";
      bool isDim = !sizes.keys.isConstant();
      auto message =
          error(Diag::factors_too_small, leftSpan, x[3].str(), y[3].str(), most,
                isDim ? "the " + sizes.keys.str() + " keys may be more"
                      : "there are " + sizes.keys.str() + " keys");
      if (columns && isDim)
        message.help("bound the dim where it is declared: `dim " +
                     sizes.keys.str() + " <= " + most + "`");
      return std::nullopt;
    }
    if (!fitsQueries(left, sizes, leftSpan) ||
        !fitsQueries(right, sizes, rightSpan) ||
        !headsOf(left, 1, sizes.heads, leftSpan) ||
        !headsOf(right, 1, sizes.heads, rightSpan))
      return std::nullopt;
    return Value::scores(FactorizedDenseOp::create(builder, location(leftSpan),
                                                   scoresType(sizes, &context),
                                                   left, right, *pattern,
                                                   sizesAttr(sizes, &context))
                             .getScores());
  });
}
