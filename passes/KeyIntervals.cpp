//===- KeyIntervals.cpp - Intervals of keys in IR -------------------------===//

#include "passes/KeyIntervals.h"

using namespace mlir;
using namespace attune;

/// The smallest interval that holds both; an empty one adds nothing.
Interval KeyIntervals::hull(Interval a, Interval b) {
  Value aEmpty = compare(arith::CmpIPredicate::sge, a.lo, a.hi);
  Value bEmpty = compare(arith::CmpIPredicate::sge, b.lo, b.hi);
  Value lo = select(aEmpty, b.lo, select(bEmpty, a.lo, min(a.lo, b.lo)));
  Value hi = select(aEmpty, b.hi, select(bEmpty, a.hi, max(a.hi, b.hi)));
  return {lo, hi};
}

/// The union where it is an interval, else the longer of the two.
Interval KeyIntervals::join(Interval a, Interval b) {
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

/// Both parts as one, with the gap between them.
Part KeyIntervals::collapse(const Decision &decision) {
  if (decision.size() == 1)
    return decision.front();
  return {hull(decision[0].possible, decision[1].possible),
          join(decision[0].certain, decision[1].certain)};
}

/// Two parts where there is a gap between them, else their union and nothing.
Decision KeyIntervals::unite(const Part &a, const Part &b) {
  Part merged = collapse({a, b});
  auto sameBound = [](Value x, Value y) {
    return x == y || (getConstantIntValue(x) &&
                      getConstantIntValue(x) == getConstantIntValue(y));
  };
  // Whatever the tile, these touch: `k <= q | k < p`.
  if (isAll(a.possible) || isAll(b.possible) ||
      sameBound(a.possible.lo, b.possible.lo) ||
      sameBound(a.possible.hi, b.possible.hi))
    return {merged};
  auto isEmpty = [&](Interval interval) {
    return compare(arith::CmpIPredicate::sge, interval.lo, interval.hi);
  };
  Value touch =
      compare(arith::CmpIPredicate::sle, max(a.possible.lo, b.possible.lo),
              min(a.possible.hi, b.possible.hi));
  Value single = builder.createOrFold<arith::OrIOp>(
      loc, touch,
      builder.createOrFold<arith::OrIOp>(loc, isEmpty(a.possible),
                                         isEmpty(b.possible)));
  Value inOrder =
      compare(arith::CmpIPredicate::slt, a.possible.lo, b.possible.lo);
  auto choose = [&](Value condition, const Part &x, const Part &y) -> Part {
    auto interval = [&](Interval p, Interval q) -> Interval {
      return {select(condition, p.lo, q.lo), select(condition, p.hi, q.hi)};
    };
    return {interval(x.possible, y.possible), interval(x.certain, y.certain)};
  };
  Part nothing = {none(), none()};
  return {choose(single, merged, choose(inOrder, a, b)),
          choose(single, nothing, choose(inOrder, b, a))};
}
