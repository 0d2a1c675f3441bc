//===- ImportIndexScores.cpp - Scores from tensors and expressions --------===//

#include "frontend/IndexEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;

ScoresType frontend::scoresType(const AttendSizes &sizes,
                                MLIRContext *context) {
  SmallVector<int64_t> shape;
  for (const Extent *size :
       {&sizes.batch, &sizes.heads, &sizes.queries, &sizes.keys})
    shape.push_back(size->asConstant().value_or(ShapedType::kDynamic));
  return ScoresType::get(context, shape, Float32Type::get(context));
}

ShapeAttr frontend::sizesAttr(const AttendSizes &sizes, MLIRContext *context) {
  return makeShapeAttr({sizes.batch, sizes.heads, sizes.queries, sizes.keys},
                       context);
}

/// An empty `attune.index_scores` and the insertion point in its body.
static IndexScoresOp createIndexScores(OpBuilder &builder, Location loc,
                                       const AttendSizes &sizes,
                                       Block *&block) {
  MLIRContext *context = builder.getContext();
  auto op = IndexScoresOp::create(builder, loc, scoresType(sizes, context),
                                  sizesAttr(sizes, context));
  block = builder.createBlock(&op.getBody(), {},
                              SmallVector<Type>(8, builder.getI32Type()),
                              SmallVector<Location>(8, loc));
  return op;
}

/// t[b, h, q, k]; sizes of 1 stretch.
OptionalValue Importer::scoresOfTensor(mlir::Value tensor, Span span) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.getElementType().isF32() ||
      (type.getRank() != 2 && type.getRank() != 4)) {
    error(Diag::scores_tensor, span, typeText(type))
        .help("write an index expression for other layouts: "
              "`scores({ t[h, q, k] })`");
    return std::nullopt;
  }
  SmallVector<Extent> shape = symbolicShape(type);
  Extent one = Extent::constant(1);
  PartialSizes known;
  known.queries = shape[shape.size() - 2];
  if (shape.size() == 4 && !(shape[0] == one))
    known.batch = shape[0];
  if (shape.size() == 4 && !(shape[1] == one))
    known.heads = shape[1];
  return delayed(known, [=, this](const AttendSizes &sizes) -> OptionalValue {
    const Extent *wanted[] = {&sizes.batch, &sizes.heads, &sizes.queries,
                              &sizes.keys};
    Location loc = location(span);
    OpBuilder::InsertionGuard guard(builder);
    Block *block;
    IndexScoresOp op = createIndexScores(builder, loc, sizes, block);
    SmallVector<mlir::Value> indices;
    size_t first = 4 - shape.size();
    for (size_t axis = first; axis < 4; ++axis) {
      bool stretches = axis < 2 && shape[axis - first] == one;
      if (!stretches && !(shape[axis - first] == *wanted[axis])) {
        op.erase();
        SmallVector<Extent> scores = {sizes.batch, sizes.heads, sizes.queries,
                                      sizes.keys};
        error(Diag::scores_tensor_mismatch, span, typeText(type),
              shapeText(scores));
        return std::nullopt;
      }
      indices.push_back(stretches ? arith::ConstantIntOp::create(
                                        builder, loc, builder.getI32Type(), 0)
                                        .getResult()
                                  : mlir::Value(block->getArgument(axis)));
    }
    mlir::Value element =
        CaptureOp::create(builder, loc, builder.getF32Type(), tensor, indices);
    YieldOp::create(builder, loc, ValueRange{element});
    return Value::scores(op.getScores());
  });
}

OptionalValue
Importer::scoresOfFunction(std::shared_ptr<ScoreFunction> function) {
  return delayed(
      PartialSizes(), [=, this](const AttendSizes &sizes) -> OptionalValue {
        Location loc = location(function->span);
        OpBuilder::InsertionGuard guard(builder);
        Block *block;
        IndexScoresOp op = createIndexScores(builder, loc, sizes, block);
        IndexEmitter emitter(*this, builder, sizes, block->getArguments(),
                             /*hasScore=*/false);
        mlir::Value result = emitter.score(*function);
        if (!result) {
          op.erase();
          return std::nullopt;
        }
        YieldOp::create(builder, loc, ValueRange{result});
        return Value::scores(op.getScores());
      });
}

OptionalValue Importer::indexScores(const CallArguments &arguments) {
  const Expr *source = arguments.given.lookup("t");
  OptionalValue value = expr(source, arguments.frame);
  if (!value)
    return std::nullopt;
  if (value->kind == Value::Kind::ScoreFunction)
    return scoresOfFunction(value->score);
  if (value->kind == Value::Kind::Tensor)
    return scoresOfTensor(value->ir, source->span);
  error(Diag::scores_tensor, source->span, describe(*value))
      .help("`scores` takes a tensor f32[q, k] or f32[B, H, q, k], an "
            "expression `{ ... }` or a score function");
  return std::nullopt;
}
