//===- ImportExpressions.cpp - Names, literals and operators --------------===//

#include "frontend/Importer.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;
using ast::Operator;

OptionalValue Importer::expr(const Expr *expr, const FramePtr &frame) {
  switch (expr->kind) {
  case Expr::Kind::Integer:
    return Value::ofNumber(Extent::constant(expr->integer));
  case Expr::Kind::Float:
    return Value::ofReal(expr->real);
  case Expr::Kind::Bool: {
    Value value;
    value.kind = Value::Kind::Bool;
    value.boolean = expr->boolean;
    return value;
  }
  case Expr::Kind::String: {
    Value value;
    value.kind = Value::Kind::String;
    value.text = expr->text.str();
    return value;
  }
  case Expr::Kind::Name:
    return nameExpr(expr, frame);
  case Expr::Kind::Unary:
    return unaryExpr(expr, frame);
  case Expr::Kind::Binary:
    return binaryExpr(expr, frame);
  case Expr::Kind::InRange:
    error(Diag::index_only, expr->opSpan, "in");
    return std::nullopt;
  case Expr::Kind::Index:
    return indexExpr(expr, frame);
  case Expr::Kind::Call:
    return callExpr(expr, frame);
  case Expr::Kind::List:
    error(Diag::list_misplaced, expr->span);
    return std::nullopt;
  case Expr::Kind::Braced: {
    // A mask or a score, by what its consumer asks for: masks and score
    // functions share one form, an expression and the names it reads.
    Value value;
    value.kind = Value::Kind::ScoreFunction;
    value.score = std::make_shared<ScoreFunction>();
    value.score->span = expr->span;
    value.score->body = expr->operands[0];
    value.score->frame = frame;
    return value;
  }
  }
  return std::nullopt;
}

OptionalValue Importer::nameExpr(const Expr *expr, const FramePtr &frame) {
  StringRef name = expr->text;
  if (Binding *binding = frame->find(name)) {
    binding->used = true;
    if (binding->value.kind == Value::Kind::Tuple)
      return std::nullopt; // an error that was already reported
    return binding->value;
  }
  auto own = frame->dims.find(name);
  if (own != frame->dims.end())
    return Value::ofNumber(own->second);
  if (frame->blockDims.contains(name)) {
    error(Diag::unbound_block_dim, expr->span, name.str())
        .help("let an argument have `" + name.str() +
              "` alone as one of its sizes");
    return std::nullopt;
  }
  FoundDecl found =
      lookUp(frame->file, name, /*asFunction=*/false, expr->span, true);
  if (found.isAmbiguous)
    return std::nullopt;
  if (found.decl) {
    switch (found.decl->kind) {
    case ast::Decl::Kind::Dim:
      if (!useDim(found))
        return std::nullopt;
      return Value::ofNumber(Extent::dim(name));
    case ast::Decl::Kind::Const:
      return valueOfConst(found, expr->span);
    default: {
      auto names = std::make_shared<Frame>();
      names->file = found.file;
      Value value;
      if (found.decl->kind == ast::Decl::Kind::Mask) {
        value.kind = Value::Kind::Mask;
        value.mask = std::make_shared<MaskValue>();
        value.mask->kind = MaskValue::Kind::Body;
        value.mask->span = expr->span;
        value.mask->body = found.decl->value;
        value.mask->frame = names;
      } else {
        value.kind = Value::Kind::ScoreFunction;
        value.score = std::make_shared<ScoreFunction>();
        value.score->span = expr->span;
        value.score->body = found.decl->value;
        value.score->frame = names;
      }
      return value;
    }
    }
  }
  auto builtinMask = [&](MaskValue::Kind kind) {
    Value value;
    value.kind = Value::Kind::Mask;
    value.mask = std::make_shared<MaskValue>();
    value.mask->kind = kind;
    value.mask->span = expr->span;
    return value;
  };
  if (name == "full")
    return builtinMask(MaskValue::Kind::Full);
  if (name == "none")
    return builtinMask(MaskValue::Kind::None);
  if (name == "causal")
    return builtinMask(MaskValue::Kind::Causal);
  std::vector<StringRef> candidates = visibleNames(frame, false);
  candidates.insert(candidates.end(), {"full", "none", "causal"});
  auto message = error(Diag::unknown_name, expr->span, name.str());
  if (name == "b" || name == "h" || name == "q" || name == "k")
    message.note("`" + name.str() +
                 "` is an index only inside masks, scores and `{ }`");
  else if (lookUp(frame->file, name, /*asFunction=*/true, expr->span, false)
               .decl)
    message.help("it takes arguments: `" + name.str() + "(..)`");
  else
    suggest(message, name, candidates, hintForName(name));
  return std::nullopt;
}

OptionalValue Importer::unaryExpr(const Expr *expr, const FramePtr &frame) {
  OptionalValue operand = this->expr(expr->operands[0], frame);
  if (!operand)
    return std::nullopt;
  bool negate = expr->op == Operator::Negate;
  if (operand->kind == Value::Kind::Step)
    operand =
        Value::tensor(sizeTensor(*operand, builder.getI64Type(), expr->opSpan));
  switch (operand->kind) {
  case Value::Kind::Number:
    if (negate) {
      std::optional<Extent> negated = Extent::constant(0) - operand->number;
      if (negated)
        return Value::ofNumber(*negated);
      error(Diag::constant_overflow, expr->span);
      return std::nullopt;
    }
    break;
  case Value::Kind::Real:
    if (negate)
      return Value::ofReal(-operand->real);
    break;
  case Value::Kind::Bool:
    if (!negate) {
      operand->boolean = !operand->boolean;
      return operand;
    }
    break;
  case Value::Kind::Mask:
  case Value::Kind::ScoreFunction:
    if (!negate) {
      Value value;
      value.kind = Value::Kind::Mask;
      value.mask = std::make_shared<MaskValue>();
      value.mask->kind = MaskValue::Kind::Not;
      value.mask->span = expr->span;
      value.mask->lhs = operand->kind == Value::Kind::Mask
                            ? operand->mask
                            : asMask(*operand->score);
      return value;
    }
    break;
  case Value::Kind::Scores:
    if (negate)
      return negatedScores(*operand, expr->span);
    break;
  case Value::Kind::Tensor: {
    bool isBool = operand->tensorType().getElementType().isInteger(1);
    bool isUnsigned =
        operand->tensorType().getElementType().isUnsignedInteger();
    if (isBool == negate || isUnsigned)
      break;
    auto op = ActivationOp::create(
        builder, location(expr->span), operand->ir.getType(),
        negate ? Activation::Neg : Activation::Not, operand->ir, mlir::Value());
    return Value::tensor(op.getResult());
  }
  default:
    break;
  }
  error(Diag::bad_operand, expr->opSpan, ast::spelling(expr->op).str(),
        describe(*operand));
  return std::nullopt;
}

OptionalValue Importer::binaryExpr(const Expr *expr, const FramePtr &frame) {
  OptionalValue a = this->expr(expr->operands[0], frame);
  OptionalValue b = this->expr(expr->operands[1], frame);
  if (!a || !b)
    return std::nullopt;
  auto isNumber = [](const Value &value) {
    return value.kind == Value::Kind::Number ||
           value.kind == Value::Kind::Real || value.kind == Value::Kind::Step;
  };
  if (expr->op == Operator::Then)
    return applyScore(*a, *b, expr->opSpan);
  if (a->kind == Value::Kind::Scores || b->kind == Value::Kind::Scores)
    return scoresBinary(expr, *a, *b);
  // `{ }` beside a mask is a mask.
  if (a->kind == Value::Kind::Mask || b->kind == Value::Kind::Mask)
    return maskBinary(expr, *a, *b);
  if (isNumber(*a) && isNumber(*b))
    return numberBinary(expr, *a, *b);
  if (a->kind == Value::Kind::ScoreFunction &&
      b->kind == Value::Kind::ScoreFunction)
    return maskBinary(expr, *a, *b);
  bool aTensor = a->kind == Value::Kind::Tensor;
  bool bTensor = b->kind == Value::Kind::Tensor;
  if ((aTensor || isNumber(*a)) && (bTensor || isNumber(*b)))
    return tensorBinary(expr, *a, *b);
  const Value &bad = (aTensor || isNumber(*a)) ? *b : *a;
  error(Diag::bad_operand, expr->opSpan, ast::spelling(expr->op).str(),
        describe(bad));
  return std::nullopt;
}
