//===- ImportAttention.cpp - Scores, masks and attend ---------------------===//

#include "frontend/IndexEmitter.h"
#include "frontend/MaskHelp.h"

#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;

/// [T, E] -> [1, 1, T, E], [B, T, E] -> [B, 1, T, E].
mlir::Value Importer::toRank4(mlir::Value tensor, Span span) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getRank() == 4)
    return tensor;
  SmallVector<Extent> shape = symbolicShape(type);
  if (shape.size() < 2 || shape.size() > 4) {
    error(Diag::attention_rank, span, typeText(type));
    return {};
  }
  Extent one = Extent::constant(1);
  if (shape.size() == 2)
    shape.insert(shape.begin(), one);
  shape.insert(shape.begin() + 1, one);
  return ReshapeOp::create(builder, location(span),
                           tensorType(shape, builder.getF32Type()), tensor);
}

OptionalValue Importer::makeDot(mlir::Value q, mlir::Value k,
                                std::optional<double> scale, Span span) {
  q = toRank4(q, span);
  k = q ? toRank4(k, span) : mlir::Value();
  if (!k)
    return std::nullopt;
  auto qType = cast<RankedTensorType>(q.getType());
  auto kType = cast<RankedTensorType>(k.getType());
  SmallVector<Extent> x = symbolicShape(qType), y = symbolicShape(kType);
  auto mismatch = [&](StringRef why) -> OptionalValue {
    error(Diag::dot_mismatch, span, "dot", typeText(qType), typeText(kType),
          why.str());
    return std::nullopt;
  };
  if (!(x[0] == y[0]))
    return mismatch("their batches differ");
  if (!(x[3] == y[3]))
    return mismatch("their last sizes differ");
  std::optional<int64_t> heads = x[1].asConstant(), shared = y[1].asConstant();
  if (!heads || !shared)
    return notSupported(span, "a number of heads that is a run-time dim");
  if (*heads == 0)
    return mismatch("there are no heads");
  if (*shared == 0 || *heads % *shared != 0)
    return mismatch("the number of key heads does not divide that of query "
                    "heads");
  std::optional<int64_t> size = x[3].asConstant();
  if (!size)
    return notSupported(span, "a head size that is a run-time dim");
  if (!scale)
    scale = *size == 0 ? 1.0 : 1.0 / std::sqrt(double(*size));
  auto op = DotOp::create(builder, location(span),
                          scoresType({x[0], x[1], x[2], y[2]}, &context), q, k,
                          mlir::Value(), builder.getF64FloatAttr(*scale));
  return Value::scores(op.getScores());
}

OptionalValue Importer::dot(const CallArguments &arguments) {
  mlir::Value q = tensorArgument(arguments, "q");
  mlir::Value k = q ? tensorArgument(arguments, "k") : mlir::Value();
  if (!k)
    return std::nullopt;
  std::optional<double> scale;
  if (arguments.given.count("scale")) {
    scale = realArgument(arguments, "scale", std::nullopt);
    if (!scale)
      return std::nullopt;
  }
  return makeDot(q, k, scale, arguments.call->callee.span);
}

std::optional<AttendSizes> frontend::sizesOf(mlir::Value scores) {
  while (Operation *op = scores.getDefiningOp()) {
    if (auto source = dyn_cast<ScoreSourceInterface>(op)) {
      SmallVector<Extent> sizes = symbolicShape(source.getSizes());
      return AttendSizes{sizes[0], sizes[1], sizes[2], sizes[3]};
    }
    if (auto combine = dyn_cast<CombineOp>(op))
      scores = combine.getSources().front();
    else if (auto modify = dyn_cast<ModifyOp>(op))
      scores = modify.getInput();
    else
      break;
  }
  return std::nullopt;
}

OptionalValue Importer::applyScore(const Value &scores, const Value &function,
                                   Span span) {
  if (scores.kind != Value::Kind::Scores) {
    error(Diag::bad_operand, span, ">>", describe(scores))
        .help("`>>` applies a score function to scores: `dot(q, k) >> f`");
    return std::nullopt;
  }
  if (function.kind != Value::Kind::ScoreFunction) {
    error(Diag::bad_operand, span, ">>", describe(function));
    return std::nullopt;
  }
  if (scores.pending)
    return delayed(scores.pending->known, [this, scores, function,
                                           span](const AttendSizes &sizes) {
      OptionalValue settled = settle(scores, sizes);
      return settled ? applyScore(*settled, function, span) : std::nullopt;
    });
  std::optional<AttendSizes> sizes = sizesOf(scores.ir);
  if (!sizes)
    return notSupported(span, "a score function on this source");
  Location loc = location(span);
  auto op = ModifyOp::create(builder, loc, scores.ir.getType(), scores.ir);
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> types(9, builder.getI32Type());
  types[0] = builder.getF32Type();
  Block *block = builder.createBlock(&op.getBody(), {}, types,
                                     SmallVector<Location>(9, loc));
  IndexEmitter emitter(*this, builder, *sizes, block->getArguments(),
                       /*hasScore=*/true);
  mlir::Value result = emitter.score(*function.score);
  if (!result) {
    op.erase();
    return std::nullopt;
  }
  YieldOp::create(builder, loc, ValueRange{result});
  return madeScores(op.getScores());
}

// Kernels count positions in 32 bits and add two of them (q + nk - nq).
bool Importer::fitIndices(const AttendSizes &sizes, Span span) {
  Extent limit = Extent::constant(int64_t(1) << 30);
  for (const Extent &size :
       {sizes.batch, sizes.heads, sizes.queries, sizes.keys})
    if (!isProvablyLessEqual(size, limit, dimBounds)) {
      error(Diag::index_overflow, span, size.str())
          .help("give the dims smaller bounds: `dim T <= 1048576`");
      return false;
    }
  return true;
}

mlir::Value Importer::emitMask(const MaskValue &mask, const AttendSizes &sizes,
                               Span span) {
  auto op = MaskOp::create(builder, location(span), MaskType::get(&context));
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&op.getBody(), {},
                                     SmallVector<Type>(8, builder.getI32Type()),
                                     SmallVector<Location>(8, location(span)));
  IndexEmitter emitter(*this, builder, sizes, block->getArguments(),
                       /*hasScore=*/false);
  mlir::Value condition = emitter.mask(mask);
  if (!condition) {
    op.erase();
    return {};
  }
  YieldOp::create(builder, location(span), ValueRange{condition});
  return op.getMask();
}

OptionalValue Importer::makeAttend(const Value &given, mlir::Value v,
                                   const OptionalValue &mask,
                                   const AttendOptions &options, Span span,
                                   Span maskSpan) {
  auto vType = cast<RankedTensorType>(v.getType());
  int64_t rank = vType.getRank();
  mlir::Value v4 = toRank4(v, span);
  if (!v4)
    return std::nullopt;
  SmallVector<Extent> shape =
      symbolicShape(cast<RankedTensorType>(v4.getType()));
  OptionalValue settled = given;
  if (given.pending) {
    PartialSizes known =
        given.pending->known.merge({shape[0], shape[1], std::nullopt});
    settled = settle(given, {*known.batch, *known.heads,
                             known.queries.value_or(shape[2]), shape[2]});
  }
  if (!settled)
    return std::nullopt;
  const Value &scores = *settled;
  std::optional<AttendSizes> sizes = sizesOf(scores.ir);
  if (!sizes)
    return notSupported(span, "this score source");
  auto mismatch = [&](StringRef why) -> OptionalValue {
    SmallVector<Extent> logical = {sizes->batch, sizes->heads, sizes->queries,
                                   sizes->keys};
    error(Diag::attend_mismatch, span, shapeText(logical), typeText(vType),
          why.str());
    return std::nullopt;
  };
  if (!(shape[0] == sizes->batch))
    return mismatch("their batches differ");
  if (!(shape[2] == sizes->keys))
    return mismatch("the values do not have one row a key");
  std::optional<int64_t> heads = sizes->heads.asConstant(),
                         shared = shape[1].asConstant();
  if (heads && *heads == 0)
    return mismatch("there are no heads");
  if (!heads || !shared || *shared == 0 || *heads % *shared != 0)
    return mismatch("the number of value heads does not divide that of the "
                    "scores");
  if (!shape[3].isConstant())
    return notSupported(span, "a value size that is a run-time dim");
  if (!fitIndices(*sizes, span))
    return std::nullopt;

  Location loc = location(span);
  mlir::Value maskValue;
  if (mask && mask->mask->kind != MaskValue::Kind::Full) {
    maskValue = emitMask(*mask->mask, *sizes, maskSpan);
    if (!maskValue)
      return std::nullopt;
  }
  SmallVector<Extent> result = {sizes->batch, sizes->heads, sizes->queries,
                                shape[3]};
  SmallVector<Extent> rows(ArrayRef(result).drop_back());
  SmallVector<SmallVector<Extent>> shapes = {result};
  if (options.probs) {
    shapes.push_back(rows);
    shapes.back().push_back(sizes->keys);
  }
  if (options.lse)
    shapes.push_back(rows);
  SmallVector<Type> types;
  for (ArrayRef<Extent> shape : shapes)
    types.push_back(tensorType(shape, builder.getF32Type()));
  auto op = AttendOp::create(builder, loc, types, scores.ir, v4, maskValue,
                             ValueRange(), options.emptyRow, options.probs,
                             options.lse, options.noSoftmax);
  // A source with more heads than v's rank can show stays an error.
  if (rank < 4 && (!(sizes->heads == Extent::constant(1)) ||
                   (rank == 2 && !(sizes->batch == Extent::constant(1)))))
    return mismatch("values of this rank have one head");
  Value results;
  results.kind = Value::Kind::Tuple;
  for (auto [output, full] : llvm::zip(op.getResult(), shapes)) {
    if (rank == 4) {
      results.parts.push_back(Value::tensor(output));
      continue;
    }
    // Without heads, and at rank 2 without a batch.
    SmallVector<Extent> dropped(ArrayRef(full).drop_front(2));
    if (rank == 3)
      dropped.insert(dropped.begin(), full[0]);
    results.parts.push_back(Value::tensor(ReshapeOp::create(
        builder, loc, tensorType(dropped, builder.getF32Type()), output)));
  }
  return results.parts.size() == 1 ? results.parts.front() : results;
}

OptionalValue Importer::attend(const CallArguments &arguments) {
  const Expr *scoresExpr = arguments.given.lookup("s");
  OptionalValue scores = expr(scoresExpr, arguments.frame);
  if (!scores)
    return std::nullopt;
  if (scores->kind != Value::Kind::Scores) {
    error(Diag::expected_scores, scoresExpr->span, describe(*scores));
    return std::nullopt;
  }
  return attendTo(*scores, arguments);
}

bool Importer::maskArgument(const CallArguments &arguments, OptionalValue &mask,
                            Span &span) {
  const Expr *maskExpr = arguments.given.lookup("mask");
  if (!maskExpr)
    return true;
  span = maskExpr->span;
  mask = expr(maskExpr, arguments.frame);
  if (!mask)
    return false;
  if (mask->kind == Value::Kind::ScoreFunction) {
    mask->kind = Value::Kind::Mask;
    mask->mask = asMask(*mask->score);
  }
  if (mask->kind == Value::Kind::Mask)
    return true;
  auto message = error(Diag::expected_mask, maskExpr->span, describe(*mask));
  helpWithMask(message, *mask, sources.text(maskExpr->span));
  return false;
}

/// Everything of attend but its first argument.
OptionalValue Importer::attendTo(const Value &scores,
                                 const CallArguments &arguments) {
  mlir::Value v = tensorArgument(arguments, "v");
  if (!v)
    return std::nullopt;
  OptionalValue mask;
  Span maskSpan = arguments.call->callee.span;
  if (!maskArgument(arguments, mask, maskSpan))
    return std::nullopt;
  auto policy =
      wordArgument(arguments, "empty_row", {"zero", "uniform", "nan"});
  if (!policy || !realArgument(arguments, "dropout", 0.0))
    return std::nullopt;
  std::optional<bool> probs = boolArgument(arguments, "probs", false);
  std::optional<bool> lse = boolArgument(arguments, "lse", false);
  if (!probs || !lse)
    return std::nullopt;
  EmptyRow emptyRow = *policy == "uniform" ? EmptyRow::Uniform
                      : *policy == "nan"   ? EmptyRow::NaN
                                           : EmptyRow::Zero;
  return makeAttend(scores, v, mask, {emptyRow, *probs, *lse},
                    arguments.call->callee.span, maskSpan);
}

/// attend(dot(q, k, scale) >> score, v, ...).
OptionalValue Importer::attention(const CallArguments &arguments) {
  OptionalValue scores = dot(arguments);
  if (!scores)
    return std::nullopt;
  if (const Expr *score = arguments.given.lookup("score")) {
    OptionalValue function = expr(score, arguments.frame);
    if (!function)
      return std::nullopt;
    scores = applyScore(*scores, *function, score->span);
    if (!scores)
      return std::nullopt;
  }
  return attendTo(*scores, arguments);
}

OptionalValue Importer::causalMask(const CallArguments &arguments) {
  auto align = wordArgument(arguments, "align", {"start", "end"});
  if (!align)
    return std::nullopt;
  Value value;
  value.kind = Value::Kind::Mask;
  value.mask = std::make_shared<MaskValue>();
  value.mask->kind = *align == "start" ? MaskValue::Kind::CausalStart
                                       : MaskValue::Kind::CausalEnd;
  value.mask->span = arguments.call->span;
  return value;
}

OptionalValue Importer::windowMask(const CallArguments &arguments) {
  auto left = constantArgument(arguments, "left", std::nullopt);
  auto right = constantArgument(arguments, "right", std::nullopt);
  if (!left || !right)
    return std::nullopt;
  constexpr int64_t limit = int64_t(1) << 24;
  for (auto [value, name] :
       {std::pair(*left, "left"), std::pair(*right, "right")})
    if (value < 0 || value > limit) {
      error(Diag::bad_window, arguments.given.lookup(name)->span, name, value);
      return std::nullopt;
    }
  Value value;
  value.kind = Value::Kind::Mask;
  value.mask = std::make_shared<MaskValue>();
  value.mask->kind = MaskValue::Kind::Window;
  value.mask->span = arguments.call->span;
  value.mask->left = *left;
  value.mask->right = *right;
  return value;
}
