//===- ImportScores.cpp - Operators on scores and masks -------------------===//

#include "frontend/IndexEmitter.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;
using ast::Operator;

PartialSizes PartialSizes::merge(const PartialSizes &other) const {
  PartialSizes merged = *this;
  if (!merged.batch)
    merged.batch = other.batch;
  if (!merged.queries)
    merged.queries = other.queries;
  auto count = [](const std::optional<Extent> &heads) {
    return heads ? heads->asConstant().value_or(1) : 0;
  };
  if (count(other.heads) > count(heads))
    merged.heads = other.heads;
  return merged;
}

/// Scores that wait for their sizes.
frontend::Value
Importer::delayed(PartialSizes known,
                  std::function<OptionalValue(const AttendSizes &)> emit) {
  Value value = Value::scores({});
  value.pending = std::make_shared<PendingScores>();
  value.pending->known = std::move(known);
  value.pending->emit = std::move(emit);
  value.pending->calls = diagnostics.activeCalls();
  return value;
}

OptionalValue Importer::settle(const Value &scores, const AttendSizes &sizes) {
  if (!scores.pending)
    return scores;
  // Errors are in the calls that wrote these scores, not in those that use
  // them.
  Diagnostics::Calls users = diagnostics.exchangeCalls(scores.pending->calls);
  OptionalValue settled = scores.pending->emit(sizes);
  diagnostics.exchangeCalls(std::move(users));
  return settled;
}

/// Remembered for each op: asking as scores are made keeps this short.
ScoreProducts Importer::productsOf(mlir::Value scores) {
  Operation *op = scores.getDefiningOp();
  if (isa<IndexScoresOp, RandomOp, FactorizedDenseOp>(op))
    return ScoreProducts::None;
  if (!isa<CombineOp, ModifyOp>(op))
    return ScoreProducts::Linear;
  auto found = scoreProducts.find(op);
  if (found != scoreProducts.end())
    return found->second;
  auto result = ScoreProducts::None;
  if (auto modify = dyn_cast<ModifyOp>(op)) {
    if (productsOf(modify.getInput()) != ScoreProducts::None)
      result = ScoreProducts::Modified;
  } else {
    for (mlir::Value source : cast<CombineOp>(op).getSources())
      result = std::max(result, productsOf(source));
  }
  return scoreProducts[op] = result;
}

frontend::Value Importer::madeScores(mlir::Value scores) {
  productsOf(scores);
  return Value::scores(scores);
}

OptionalValue Importer::negatedScores(const Value &scores, Span span) {
  if (scores.pending)
    return delayed(
        scores.pending->known, [this, scores, span](const AttendSizes &sizes) {
          OptionalValue settled = settle(scores, sizes);
          return settled ? negatedScores(*settled, span) : std::nullopt;
        });
  auto op = CombineOp::create(builder, location(span), scores.ir.getType(),
                              ValueRange{scores.ir}, ValueRange{},
                              builder.getDenseF64ArrayAttr({-1.0}),
                              builder.getDenseI64ArrayAttr({-1}));
  return madeScores(op.getScores());
}

/// `[B, 8, T, S]`: the sizes by name where they are known, else the type.
static std::string sizesText(ScoresType type,
                             const std::optional<AttendSizes> &sizes) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (sizes)
    stream << '[' << sizes->batch.str() << ", " << sizes->heads.str() << ", "
           << sizes->queries.str() << ", " << sizes->keys.str() << ']';
  else
    stream << type;
  return text;
}

/// s + s, s - s, c * s, s * c, s / c; c: a number, or a tensor of shape [] or
/// [H].
OptionalValue Importer::scoresBinary(const Expr *expr, Value a, Value b) {
  Location loc = location(expr->opSpan);
  if (a.pending || b.pending) {
    const Value &other = a.pending ? b : a;
    if (other.kind == Value::Kind::Scores && other.ir) {
      std::optional<AttendSizes> sizes = sizesOf(other.ir);
      OptionalValue x = sizes ? settle(a, *sizes) : std::nullopt;
      OptionalValue y = x ? settle(b, *sizes) : std::nullopt;
      return y ? scoresBinary(expr, *x, *y) : std::nullopt;
    }
    PartialSizes known;
    for (const Value *value : {&a, &b})
      if (value->pending)
        known = known.merge(value->pending->known);
    return delayed(known, [this, expr, a, b](const AttendSizes &sizes) {
      OptionalValue x = settle(a, sizes);
      OptionalValue y = x ? settle(b, sizes) : std::nullopt;
      return y ? scoresBinary(expr, *x, *y) : std::nullopt;
    });
  }
  bool both = a.kind == Value::Kind::Scores && b.kind == Value::Kind::Scores;
  bool additive = expr->op == Operator::Add || expr->op == Operator::Subtract;
  if (both && additive) {
    auto x = cast<ScoresType>(a.ir.getType());
    auto y = cast<ScoresType>(b.ir.getType());
    // Two run-time sizes are both `?` in the type: compare them by name.
    std::optional<AttendSizes> aSizes = sizesOf(a.ir), bSizes = sizesOf(b.ir);
    bool fits = x == y && aSizes && bSizes && aSizes->batch == bSizes->batch &&
                aSizes->heads == bSizes->heads &&
                aSizes->queries == bSizes->queries &&
                aSizes->keys == bSizes->keys;
    if (!fits) {
      error(Diag::scores_mismatch, expr->opSpan, sizesText(x, aSizes),
            sizesText(y, bSizes));
      return std::nullopt;
    }
    // A kernel has one sum of products of queries and keys.
    ScoreProducts p = productsOf(a.ir), q = productsOf(b.ir);
    if (p != ScoreProducts::None && q != ScoreProducts::None &&
        (p == ScoreProducts::Modified || q == ScoreProducts::Modified))
      return notSupported(expr->opSpan,
                          "a sum of scores that read queries and keys, one of "
                          "them through a score function,");
    double sign = expr->op == Operator::Add ? 1 : -1;
    return madeScores(
        CombineOp::create(builder, loc, x, ValueRange{a.ir, b.ir}, ValueRange{},
                          builder.getDenseF64ArrayAttr({1.0, sign}),
                          builder.getDenseI64ArrayAttr({-1, -1}))
            .getScores());
  }
  bool scales = expr->op == Operator::Multiply ||
                (expr->op == Operator::Divide && a.kind == Value::Kind::Scores);
  if (both || !scales) {
    const Value &wrong = both || a.kind != Value::Kind::Scores ? a : b;
    bool isSum = expr->op == Operator::Add || expr->op == Operator::Subtract;
    error(Diag::bad_operand, expr->opSpan, ast::spelling(expr->op).str(),
          describe(wrong))
        .help(isSum && wrong.kind == Value::Kind::Tensor
                  ? "an array becomes scores by `scores`: `dot(q, k) + "
                    "scores(a)`"
                  : "scores take `s + s`, `s - s`, `c * s`, `s / c` and "
                    "`s >> f`");
    return std::nullopt;
  }
  const Value &scores = a.kind == Value::Kind::Scores ? a : b;
  Value factor = a.kind == Value::Kind::Scores ? b : a;
  if (factor.isOfRun())
    factor =
        Value::tensor(sizeTensor(factor, builder.getF32Type(), expr->opSpan));
  // What is made of numbers of the run, such as i + 1 of a step, is an i64.
  if (factor.kind == Value::Kind::Tensor &&
      factor.tensorType().getRank() == 0 &&
      factor.tensorType().getElementType().isInteger(64))
    factor = Value::tensor(CastOp::create(builder, location(expr->opSpan),
                                          TypeRange{RankedTensorType::get(
                                              {}, builder.getF32Type())},
                                          factor.ir, mlir::Value())
                               .getResult());
  std::optional<double> constant;
  if (factor.kind == Value::Kind::Real)
    constant = factor.real;
  else if (factor.kind == Value::Kind::Number)
    if (std::optional<int64_t> integer = factor.number.asConstant())
      constant = double(*integer);
  if (constant && expr->op == Operator::Divide) {
    if (*constant == 0) {
      error(Diag::division_by_zero, expr->opSpan);
      return std::nullopt;
    }
    constant = 1 / *constant;
  }
  SmallVector<mlir::Value> weights;
  if (!constant) {
    auto type = cast<ScoresType>(scores.ir.getType());
    RankedTensorType tensor;
    if (factor.kind == Value::Kind::Tensor)
      tensor = factor.tensorType();
    bool fits =
        tensor && tensor.getElementType().isF32() &&
        (tensor.getRank() == 0 ||
         (tensor.getRank() == 1 && tensor.getDimSize(0) == type.getShape()[1] &&
          !tensor.isDynamicDim(0)));
    if (!fits) {
      std::optional<AttendSizes> sizes = sizesOf(scores.ir);
      std::string heads = sizes ? sizes->heads.str() : "H";
      error(Diag::score_weight, expr->opSpan, heads, heads, describe(factor));
      return std::nullopt;
    }
    mlir::Value weight = factor.ir;
    if (expr->op == Operator::Divide) {
      mlir::Value one =
          asTensor(Value::ofReal(1), builder.getF32Type(), expr->opSpan);
      weight = elementwise(Binary::Div, one, weight, expr->opSpan);
    }
    weights.push_back(weight);
  }
  auto op = CombineOp::create(
      builder, loc, scores.ir.getType(), ValueRange{scores.ir}, weights,
      builder.getDenseF64ArrayAttr({constant.value_or(1.0)}),
      builder.getDenseI64ArrayAttr({constant ? -1 : 0}));
  return madeScores(op.getScores());
}

OptionalValue Importer::maskBinary(const Expr *expr, const Value &a,
                                   const Value &b) {
  auto maskOf = [](const Value &value) -> std::shared_ptr<MaskValue> {
    if (value.kind == Value::Kind::ScoreFunction)
      return asMask(*value.score);
    return value.kind == Value::Kind::Mask ? value.mask : nullptr;
  };
  std::shared_ptr<MaskValue> x = maskOf(a), y = maskOf(b);
  if (!x || !y || (expr->op != Operator::And && expr->op != Operator::Or)) {
    error(Diag::bad_operand, expr->opSpan, ast::spelling(expr->op).str(),
          describe(!y ? b : a))
        .help("masks combine with `&`, `|` and `!`");
    return std::nullopt;
  }
  Value value;
  value.kind = Value::Kind::Mask;
  value.mask = std::make_shared<MaskValue>();
  value.mask->kind =
      expr->op == Operator::And ? MaskValue::Kind::And : MaskValue::Kind::Or;
  value.mask->span = expr->span;
  value.mask->lhs = x;
  value.mask->rhs = y;
  return value;
}
