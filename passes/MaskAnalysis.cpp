//===- MaskAnalysis.cpp - Which keys a tile of queries can see ------------===//
//
// A predicate is a boolean combination of comparisons that are linear in q and
// k. For a tile of queries each comparison gives two key intervals:
//   possible: every key that some query of the tile attends to lies inside;
//   certain:  every key inside is attended by all queries of the tile.
// Conjunctions intersect both; a disjunction takes the hull of the possible
// ones and joins the certain ones where they touch. Over-estimating `possible`
// and under-estimating `certain` is always sound: the keys between them are
// tested one by one in the kernel.
//
//===----------------------------------------------------------------------===//

#include "passes/MaskAnalysis.h"

#include "dialect/Attune.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "passes/LinearForm.h"

using namespace mlir;
using namespace attune;

namespace {

/// Keys [lo, hi), index values; empty when lo >= hi.
struct Interval {
  Value lo, hi;
};

struct Decision {
  Interval possible, certain;
};

class Emitter {
public:
  Emitter(OpBuilder &builder, MaskOp mask, const TileArguments &tile)
      : builder(builder), loc(mask.getLoc()), tile(tile),
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

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value min(Value a, Value b) {
    return builder.createOrFold<arith::MinSIOp>(loc, a, b);
  }
  Value max(Value a, Value b) {
    return builder.createOrFold<arith::MaxSIOp>(loc, a, b);
  }

  bool closedForm = true;
  Location undecidedLocation() const { return undecidedLoc; }
  std::string reason;

private:
  void mapIndexArgument(Value argument, Value index) {
    mapping.map(argument, builder.createOrFold<arith::IndexCastOp>(
                              loc, argument.getType(), index));
  }
  Interval all() { return {constant(0), tile.nk}; }
  Interval none() { return {constant(0), constant(0)}; }
  Interval intersect(Interval a, Interval b) {
    return {max(a.lo, b.lo), min(a.hi, b.hi)};
  }
  Value select(Value condition, Value a, Value b) {
    return builder.createOrFold<arith::SelectOp>(loc, condition, a, b);
  }
  Value compare(arith::CmpIPredicate predicate, Value a, Value b) {
    return builder.createOrFold<arith::CmpIOp>(loc, predicate, a, b);
  }
  Value add(Value a, Value b) {
    return builder.createOrFold<arith::AddIOp>(loc, a, b);
  }
  Value scale(Value a, int64_t factor) {
    return factor == 1
               ? a
               : builder.createOrFold<arith::MulIOp>(loc, a, constant(factor));
  }
  Interval hull(Interval a, Interval b);
  Interval join(Interval a, Interval b);
  Decision undecided(Value predicate, StringRef why);
  Decision decideComparison(arith::CmpIOp compare, bool negated);
  Decision decideLess(const LinearForm &form, Value uniform);
  Decision decideUniform(Value predicate, bool negated);
  std::optional<Value> materialize(Value value);
  std::optional<Value> materializeUniform(const LinearForm &form);

  OpBuilder &builder;
  Location loc;
  TileArguments tile;
  IRMapping mapping;
  SmallVector<Value, 2> unknownExtents;
  Location undecidedLoc;
};

} // namespace

/// The smallest interval that holds both; an empty one adds nothing.
Interval Emitter::hull(Interval a, Interval b) {
  Value aEmpty = compare(arith::CmpIPredicate::sge, a.lo, a.hi);
  Value bEmpty = compare(arith::CmpIPredicate::sge, b.lo, b.hi);
  Value lo = select(aEmpty, b.lo, select(bEmpty, a.lo, min(a.lo, b.lo)));
  Value hi = select(aEmpty, b.hi, select(bEmpty, a.hi, max(a.hi, b.hi)));
  return {lo, hi};
}

/// The union where it is an interval, else the longer of the two.
Interval Emitter::join(Interval a, Interval b) {
  Value aLength = builder.createOrFold<arith::SubIOp>(loc, a.hi, a.lo);
  Value bLength = builder.createOrFold<arith::SubIOp>(loc, b.hi, b.lo);
  Value aLonger = compare(arith::CmpIPredicate::sge, aLength, bLength);
  Value aEmpty = compare(arith::CmpIPredicate::sge, a.lo, a.hi);
  Value bEmpty = compare(arith::CmpIPredicate::sge, b.lo, b.hi);
  Value touch =
      compare(arith::CmpIPredicate::sle, max(a.lo, b.lo), min(a.hi, b.hi));
  Value oneEmpty = builder.createOrFold<arith::OrIOp>(loc, aEmpty, bEmpty);
  Value merge = builder.createOrFold<arith::AndIOp>(
      loc, touch,
      builder.createOrFold<arith::XOrIOp>(
          loc, oneEmpty,
          arith::ConstantIntOp::create(builder, loc, builder.getI1Type(), 1)));
  Value lo = select(merge, min(a.lo, b.lo), select(aLonger, a.lo, b.lo));
  Value hi = select(merge, max(a.hi, b.hi), select(aLonger, a.hi, b.hi));
  return {lo, hi};
}

Decision Emitter::undecided(Value predicate, StringRef why) {
  if (closedForm) {
    closedForm = false;
    undecidedLoc = predicate.getLoc();
    reason = why.str();
  }
  return {all(), none()};
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
    return {allIf(least), allIf(most)};
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
  return {solve(least), solve(most)};
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
    Decision below = less(false, -1), above = less(true, -1);
    return {intersect(below.possible, above.possible),
            intersect(below.certain, above.certain)};
  }
  default:
    return undecided(op, "`!=` does not give one range of keys");
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
  return {interval, interval};
}

Decision Emitter::decide(Value predicate, bool negated) {
  BoolAttr literal;
  if (matchPattern(predicate, m_Constant(&literal)))
    return literal.getValue() != negated ? Decision{all(), all()}
                                         : Decision{none(), none()};
  if (isUniform(predicate))
    return decideUniform(predicate, negated);
  Operation *op = predicate.getDefiningOp();
  if (auto exclusive = dyn_cast_or_null<arith::XOrIOp>(op))
    if (matchPattern(exclusive.getRhs(), m_Constant(&literal)))
      return decide(exclusive.getLhs(), negated != literal.getValue());
  if (isa_and_nonnull<arith::AndIOp, arith::OrIOp>(op)) {
    Decision a = decide(op->getOperand(0), negated);
    Decision b = decide(op->getOperand(1), negated);
    if (isa<arith::AndIOp>(op) != negated)
      return {intersect(a.possible, b.possible),
              intersect(a.certain, b.certain)};
    return {hull(a.possible, b.possible), join(a.certain, b.certain)};
  }
  if (auto compare = dyn_cast_or_null<arith::CmpIOp>(op))
    return decideComparison(compare, negated);
  if (isa_and_nonnull<CaptureOp>(op))
    return undecided(predicate, "it reads an array at each key");
  return undecided(predicate, "it is not a comparison of positions");
}

KeyRanges attune::emitKeyRanges(OpBuilder &builder, MaskOp mask,
                                const TileArguments &tile) {
  Emitter emitter(builder, mask, tile);
  auto yield = cast<YieldOp>(mask.getBody().front().getTerminator());
  Decision decision = emitter.decide(yield.getValues().front(), false);
  // Into 0 <= lo <= fullLo <= fullHi <= hi <= nk, in that order.
  Value zero = emitter.constant(0);
  auto clamp = [&](Value value, Value least, Value most) {
    return emitter.min(emitter.max(value, least), most);
  };
  Value lo = clamp(decision.possible.lo, zero, tile.nk);
  Value hi = clamp(decision.possible.hi, lo, tile.nk);
  Value fullLo = clamp(decision.certain.lo, lo, hi);
  Value fullHi = clamp(decision.certain.hi, fullLo, hi);
  return {lo,
          fullLo,
          fullHi,
          hi,
          emitter.closedForm,
          emitter.undecidedLocation(),
          emitter.reason};
}
