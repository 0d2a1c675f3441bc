//===- MaskAnalysis.cpp - Which keys a tile of queries can see ------------===//
//
// A predicate is a boolean combination of comparisons that are linear in q and
// k. For a tile of queries each comparison gives two key intervals:
//   possible: every key that some query of the tile attends to lies inside;
//   certain:  every key inside is attended by all queries of the tile.
// Conjunctions intersect both; a disjunction keeps two pairs with a gap between
// them apart, else it takes the hull of the possible ones and joins the certain
// ones where they touch. Over-estimating `possible`
// and under-estimating `certain` is always sound: the keys between them are
// tested one by one in the kernel.
//
//===----------------------------------------------------------------------===//

#include "passes/MaskAnalysis.h"

#include "dialect/Attune.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "passes/KeyIntervals.h"
#include "passes/LinearForm.h"

using namespace mlir;
using namespace attune;

namespace {

/// The arguments of a `ranges` region, of index type.
struct TileArguments {
  Value b, h, qFirst, qLast, nq, nk;
};

class Emitter : public KeyIntervals {
public:
  Emitter(OpBuilder &builder, MaskOp mask, const TileArguments &tile)
      : KeyIntervals{builder, mask.getLoc(), tile.nk}, tile(tile),
        undecidedLoc(mask.getLoc()) {
    Block &body = mask.getBody().front();
    // b, h, q, k, nb, nh, nq, nk; q and k never enter a uniform term.
    mapIndexArgument(body.getArgument(0), tile.b);
    mapIndexArgument(body.getArgument(1), tile.h);
    mapIndexArgument(body.getArgument(6), tile.nq);
    mapIndexArgument(body.getArgument(7), tile.nk);
    unknownExtents = {body.getArgument(4), body.getArgument(5)};
  }

  Decision decide(Value predicate, bool negated);

  bool closedForm = true;
  Location undecidedLocation() const { return undecidedLoc; }
  std::string reason;

private:
  void mapIndexArgument(Value argument, Value index) {
    mapping.map(argument, builder.createOrFold<arith::IndexCastOp>(
                              loc, argument.getType(), index));
  }
  Decision undecided(Value predicate, StringRef why);
  Decision decideComparison(arith::CmpIOp compare, bool negated);
  Decision decideLess(const LinearForm &form, Value uniform);
  Decision decideUniform(Value predicate, bool negated);
  std::optional<Value> materialize(Value value);
  std::optional<Value> materializeUniform(const LinearForm &form);

  TileArguments tile;
  IRMapping mapping;
  SmallVector<Value, 2> unknownExtents;
  Location undecidedLoc;
};

} // namespace

Decision Emitter::undecided(Value predicate, StringRef why) {
  if (closedForm) {
    closedForm = false;
    undecidedLoc = predicate.getLoc();
    reason = why.str();
  }
  return {{all(), none()}};
}

/// Clones the computation of a uniform value out of the mask's region.
std::optional<Value> Emitter::materialize(Value value) {
  if (mapping.contains(value))
    return mapping.lookup(value);
  if (llvm::is_contained(unknownExtents, value))
    return std::nullopt;
  Operation *op = value.getDefiningOp();
  if (!op || !isa<MaskOp>(op->getParentOp()))
    return value;
  for (Value operand : op->getOperands()) {
    std::optional<Value> copy = materialize(operand);
    if (!copy)
      return std::nullopt;
    mapping.map(operand, *copy);
  }
  return builder.clone(*op, mapping)->getResult(0);
}

/// The sum of the uniform terms and the constant, as an index.
std::optional<Value> Emitter::materializeUniform(const LinearForm &form) {
  // A captured 64-bit number can be anything; one such term is clamped to a
  // range in which no sum below overflows and every comparison with a position
  // keeps its answer. That is not so for sums of several.
  unsigned wideTerms = llvm::count_if(form.uniform, [](const auto &term) {
    return term.value.getType().isInteger(64);
  });
  if (wideTerms > 1)
    return std::nullopt;
  Value sum = constant(form.constant);
  for (const LinearForm::Term &term : form.uniform) {
    std::optional<Value> value = materialize(term.value);
    if (!value)
      return std::nullopt;
    Value index = builder.createOrFold<arith::IndexCastOp>(
        loc, builder.getIndexType(), *value);
    if (term.value.getType().isInteger(64)) {
      if (term.coefficient != 1 && term.coefficient != -1)
        return std::nullopt;
      index = min(max(index, constant(-(int64_t(1) << 42))),
                  constant(int64_t(1) << 42));
    }
    sum = add(sum, scale(index, term.coefficient));
  }
  return sum;
}

/// Decides kCoefficient * k + qCoefficient * q + uniform < 0.
Decision Emitter::decideLess(const LinearForm &form, Value uniform) {
  Value atFirst = add(scale(tile.qFirst, form.qCoefficient), uniform);
  Value atLast = add(scale(tile.qLast, form.qCoefficient), uniform);
  Value least = form.qCoefficient >= 0 ? atFirst : atLast;
  Value most = form.qCoefficient >= 0 ? atLast : atFirst;
  Value zero = constant(0);
  if (form.kCoefficient == 0) {
    auto allIf = [&](Value value) -> Interval {
      Value holds = compare(arith::CmpIPredicate::slt, value, zero);
      return {zero, select(holds, tile.nk, zero)};
    };
    return {{allIf(least), allIf(most)}};
  }
  auto solve = [&](Value rest) -> Interval {
    if (form.kCoefficient > 0) {
      // k < -rest / c, that is k < ceil(-rest / c).
      Value negated = builder.createOrFold<arith::SubIOp>(loc, zero, rest);
      Value bound = form.kCoefficient == 1
                        ? negated
                        : builder.createOrFold<arith::CeilDivSIOp>(
                              loc, negated, constant(form.kCoefficient));
      return {zero, min(bound, tile.nk)};
    }
    // rest < c k, that is k >= floor(rest / c) + 1.
    Value quotient = form.kCoefficient == -1
                         ? rest
                         : builder.createOrFold<arith::FloorDivSIOp>(
                               loc, rest, constant(-form.kCoefficient));
    return {max(add(quotient, constant(1)), zero), tile.nk};
  };
  return {{solve(least), solve(most)}};
}

Decision Emitter::decideComparison(arith::CmpIOp op, bool negated) {
  if (op.getLhs().getType().isInteger(1))
    return undecided(op, "it compares conditions");
  std::optional<LinearForm> lhs = getLinearForm(op.getLhs());
  std::optional<LinearForm> rhs = getLinearForm(op.getRhs());
  if (rhs)
    rhs = rhs->scaled(-1);
  std::optional<LinearForm> form;
  if (lhs && rhs)
    form = lhs->plus(*rhs);
  if (!form)
    return undecided(op, "it is not linear in `q` and `k`");
  std::optional<LinearForm> flippedForm = form->scaled(-1);
  constexpr int64_t limit = int64_t(1) << 31;
  if (!flippedForm || std::abs(form->kCoefficient) > limit ||
      std::abs(form->qCoefficient) > limit)
    return undecided(op, "its coefficients are too large");
  arith::CmpIPredicate predicate = op.getPredicate();
  if (negated)
    predicate = arith::invertPredicate(predicate);
  std::optional<Value> uniform = materializeUniform(*form);
  if (!uniform)
    return undecided(op, "it adds numbers whose range is not known");

  auto less = [&](bool flipped, int64_t shift) -> Decision {
    // flipped: -form + shift < 0, else form + shift < 0.
    const LinearForm &f = flipped ? *flippedForm : *form;
    Value rest = flipped ? builder.createOrFold<arith::SubIOp>(loc, constant(0),
                                                               *uniform)
                         : *uniform;
    return decideLess(f, add(rest, constant(shift)));
  };
  switch (predicate) {
  case arith::CmpIPredicate::slt:
    return less(false, 0);
  case arith::CmpIPredicate::sle:
    return less(false, -1);
  case arith::CmpIPredicate::sgt:
    return less(true, 0);
  case arith::CmpIPredicate::sge:
    return less(true, -1);
  case arith::CmpIPredicate::eq: {
    Part below = less(false, -1).front(), above = less(true, -1).front();
    return {{intersect(below.possible, above.possible),
             intersect(below.certain, above.certain)}};
  }
  case arith::CmpIPredicate::ne:
    return unite(less(false, 0).front(), less(true, 0).front());
  default:
    return undecided(op, "it compares numbers without signs");
  }
}

/// A condition that depends on neither q nor k holds for all keys or for none.
Decision Emitter::decideUniform(Value predicate, bool negated) {
  std::optional<Value> value = materialize(predicate);
  if (!value)
    return undecided(predicate, "it reads the number of batches or heads");
  Value zero = constant(0);
  Interval interval = negated ? Interval{zero, select(*value, zero, tile.nk)}
                              : Interval{zero, select(*value, tile.nk, zero)};
  return {{interval, interval}};
}

Decision Emitter::decide(Value predicate, bool negated) {
  BoolAttr literal;
  if (matchPattern(predicate, m_Constant(&literal)))
    return literal.getValue() != negated ? Decision{{all(), all()}}
                                         : Decision{{none(), none()}};
  if (isUniform(predicate))
    return decideUniform(predicate, negated);
  Operation *op = predicate.getDefiningOp();
  if (auto exclusive = dyn_cast_or_null<arith::XOrIOp>(op))
    if (matchPattern(exclusive.getRhs(), m_Constant(&literal)))
      return decide(exclusive.getLhs(), negated != literal.getValue());
  if (isa_and_nonnull<arith::AndIOp, arith::OrIOp>(op)) {
    Decision a = decide(op->getOperand(0), negated);
    Decision b = decide(op->getOperand(1), negated);
    if (isa<arith::AndIOp>(op) == negated)
      return unite(collapse(a), collapse(b));
    if (a.size() > 1 && b.size() > 1)
      b = {collapse(b)};
    Decision both;
    for (const Part &x : a)
      for (const Part &y : b)
        both.push_back({intersect(x.possible, y.possible),
                        intersect(x.certain, y.certain)});
    return both;
  }
  if (auto compare = dyn_cast_or_null<arith::CmpIOp>(op))
    return decideComparison(compare, negated);
  if (isa_and_nonnull<CaptureOp>(op))
    return undecided(predicate, "it reads an array at each key");
  return undecided(predicate, "it is not a comparison of positions");
}

static KeyRanges emitSegments(OpBuilder &builder, MaskOp mask,
                              const TileArguments &tile) {
  Emitter emitter(builder, mask, tile);
  auto yield = cast<YieldOp>(mask.getBody().front().getTerminator());
  Decision decision = emitter.decide(yield.getValues().front(), false);
  // Into 0 <= lo <= fullLo <= fullHi <= hi <= nk, in that order.
  Value zero = emitter.constant(0);
  auto clamp = [&](Value value, Value least, Value most) {
    return emitter.min(emitter.max(value, least), most);
  };
  KeyRanges ranges{
      {}, emitter.closedForm, emitter.undecidedLocation(), emitter.reason};
  for (const Part &part : decision) {
    KeySegment segment;
    segment.lo = clamp(part.possible.lo, zero, tile.nk);
    segment.hi = clamp(part.possible.hi, segment.lo, tile.nk);
    segment.fullLo = clamp(part.certain.lo, segment.lo, segment.hi);
    segment.fullHi = clamp(part.certain.hi, segment.fullLo, segment.hi);
    ranges.segments.push_back(segment);
  }
  if (ranges.segments.size() == 1)
    return ranges;
  // An empty first segment changes places with the second.
  KeySegment first = ranges.segments[0], second = ranges.segments[1];
  Value isEmpty = arith::CmpIOp::create(
      builder, mask.getLoc(), arith::CmpIPredicate::sge, first.lo, first.hi);
  auto select = [&](Value a, Value b) -> Value {
    return arith::SelectOp::create(builder, mask.getLoc(), isEmpty, a, b);
  };
  ranges.segments[0] = {
      select(second.lo, first.lo), select(second.fullLo, first.fullLo),
      select(second.fullHi, first.fullHi), select(second.hi, first.hi)};
  ranges.segments[1] = {
      select(tile.nk, second.lo), select(tile.nk, second.fullLo),
      select(tile.nk, second.fullHi), select(tile.nk, second.hi)};
  return ranges;
}

KeyRanges attune::emitKeyRanges(Region &region, MaskOp mask) {
  OpBuilder builder(mask.getContext());
  Location loc = mask.getLoc();
  Block *block = builder.createBlock(
      &region, {}, SmallVector<Type>(6, builder.getIndexType()),
      SmallVector<Location>(6, loc));
  auto arguments = block->getArguments();
  KeyRanges ranges = emitSegments(builder, mask,
                                  {arguments[0], arguments[1], arguments[2],
                                   arguments[3], arguments[4], arguments[5]});
  SmallVector<Value> bounds;
  for (const KeySegment &segment : ranges.segments)
    bounds.append({segment.lo, segment.fullLo, segment.fullHi, segment.hi});
  YieldOp::create(builder, loc, bounds);
  return ranges;
}
