//===- RealizeElementwise.cpp - Functions of elements to loops ------------===//

#include "codegen/cpu/ElementKind.h"
#include "codegen/cpu/RealizeOps.h"
#include "codegen/cpu/VectorMath.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attune;

ElementKind attune::elementKind(Operation *op, unsigned index, Value memref) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  if (auto types = op->getAttrOfType<ArrayAttr>("attune.element_types"))
    if (index < types.size())
      if (auto type = dyn_cast<TypeAttr>(types[index]))
        element = type.getValue();
  if (isa<FloatType>(element))
    return ElementKind::Float;
  if (element.isUnsignedInteger())
    return ElementKind::Unsigned;
  if (element.isInteger(1) || element.isSignlessInteger(8))
    return ElementKind::Bool;
  return ElementKind::Signed;
}

Value attune::constantLike(LoopBuilder &loops, Value like, double value) {
  Type element = getElementTypeOrSelf(like.getType());
  TypedAttr attr =
      isa<FloatType>(element)
          ? TypedAttr(FloatAttr::get(element, value))
          : TypedAttr(IntegerAttr::get(element, static_cast<int64_t>(value)));
  if (auto vector = dyn_cast<VectorType>(like.getType()))
    attr = DenseElementsAttr::get(vector, Attribute(attr));
  return arith::ConstantOp::create(loops.builder, loops.loc, attr);
}

static Value compare(LoopBuilder &loops, arith::CmpIPredicate predicate,
                     Value a, Value b) {
  return arith::CmpIOp::create(loops.builder, loops.loc, predicate, a, b);
}

static Value select(LoopBuilder &loops, Value condition, Value a, Value b) {
  return arith::SelectOp::create(loops.builder, loops.loc, condition, a, b);
}

Value attune::fromStored(LoopBuilder &loops, Value stored, ElementKind kind) {
  if (kind != ElementKind::Bool)
    return stored;
  return compare(loops, arith::CmpIPredicate::ne, stored,
                 constantLike(loops, stored, 0));
}

/// The type of `like` with other elements.
static Type withElement(Value like, Type element) {
  auto vector = dyn_cast<VectorType>(like.getType());
  return vector ? Type(vector.clone(element)) : element;
}

Value attune::toStored(LoopBuilder &loops, Value value, ElementKind kind) {
  if (kind != ElementKind::Bool)
    return value;
  return arith::ExtUIOp::create(loops.builder, loops.loc,
                                withElement(value, loops.builder.getI8Type()),
                                value);
}

template <typename Op>
static Value apply(LoopBuilder &loops, Value a, Value b) {
  return Op::create(loops.builder, loops.loc, a, b);
}

static Value buildFloat(LoopBuilder &loops, Binary function, Value a, Value b) {
  auto compareFloat = [&](arith::CmpFPredicate predicate) -> Value {
    return arith::CmpFOp::create(loops.builder, loops.loc, predicate, a, b);
  };
  switch (function) {
  case Binary::Add:
    return apply<arith::AddFOp>(loops, a, b);
  case Binary::Sub:
    return apply<arith::SubFOp>(loops, a, b);
  case Binary::Mul:
    return apply<arith::MulFOp>(loops, a, b);
  case Binary::Div:
    return apply<arith::DivFOp>(loops, a, b);
  case Binary::Rem: {
    // a - floor(a / b) b
    Value quotient = math::FloorOp::create(loops.builder, loops.loc,
                                           apply<arith::DivFOp>(loops, a, b));
    return apply<arith::SubFOp>(loops, a,
                                apply<arith::MulFOp>(loops, quotient, b));
  }
  case Binary::Min:
    return apply<arith::MinimumFOp>(loops, a, b);
  case Binary::Max:
    return apply<arith::MaximumFOp>(loops, a, b);
  case Binary::Eq:
    return compareFloat(arith::CmpFPredicate::OEQ);
  case Binary::Ne:
    return compareFloat(arith::CmpFPredicate::UNE);
  case Binary::Lt:
    return compareFloat(arith::CmpFPredicate::OLT);
  case Binary::Le:
    return compareFloat(arith::CmpFPredicate::OLE);
  case Binary::Gt:
    return compareFloat(arith::CmpFPredicate::OGT);
  case Binary::Ge:
    return compareFloat(arith::CmpFPredicate::OGE);
  case Binary::And:
  case Binary::Or:
    return Value();
  }
  return Value();
}

/// a / b rounded down; 0 where b is 0. The divisors that trap (0, and -1 with
/// the least integer) never reach the division.
static Value buildFlooredDivision(LoopBuilder &loops, Value a, Value b,
                                  bool isSigned) {
  Value zero = constantLike(loops, a, 0), one = constantLike(loops, a, 1);
  Value byZero = compare(loops, arith::CmpIPredicate::eq, b, zero);
  if (!isSigned) {
    Value safe = select(loops, byZero, one, b);
    return select(loops, byZero, zero, apply<arith::DivUIOp>(loops, a, safe));
  }
  Value byMinusOne =
      compare(loops, arith::CmpIPredicate::eq, b, constantLike(loops, a, -1));
  Value special = apply<arith::OrIOp>(loops, byZero, byMinusOne);
  Value safe = select(loops, special, one, b);
  Value quotient = apply<arith::DivSIOp>(loops, a, safe);
  Value rest = apply<arith::SubIOp>(
      loops, a, apply<arith::MulIOp>(loops, quotient, safe));
  Value isInexact = compare(loops, arith::CmpIPredicate::ne, rest, zero);
  Value signsDiffer = compare(loops, arith::CmpIPredicate::slt,
                              apply<arith::XOrIOp>(loops, a, safe), zero);
  Value floored =
      select(loops, apply<arith::AndIOp>(loops, isInexact, signsDiffer),
             apply<arith::SubIOp>(loops, quotient, one), quotient);
  Value negated = apply<arith::SubIOp>(loops, zero, a);
  floored = select(loops, byMinusOne, negated, floored);
  return select(loops, byZero, zero, floored);
}

static Value buildInteger(LoopBuilder &loops, Binary function, Value a, Value b,
                          ElementKind kind) {
  bool isSigned = kind == ElementKind::Signed;
  bool isBool = kind == ElementKind::Bool;
  using Predicate = arith::CmpIPredicate;
  switch (function) {
  case Binary::Add:
    return isBool ? Value() : apply<arith::AddIOp>(loops, a, b);
  case Binary::Sub:
    return isBool ? Value() : apply<arith::SubIOp>(loops, a, b);
  case Binary::Mul:
    return isBool ? Value() : apply<arith::MulIOp>(loops, a, b);
  case Binary::Div:
    return isBool ? Value() : buildFlooredDivision(loops, a, b, isSigned);
  case Binary::Rem: {
    if (isBool)
      return Value();
    Value quotient = buildFlooredDivision(loops, a, b, isSigned);
    Value rest = apply<arith::SubIOp>(loops, a,
                                      apply<arith::MulIOp>(loops, quotient, b));
    Value zero = constantLike(loops, b, 0);
    return select(loops, compare(loops, Predicate::eq, b, zero), zero, rest);
  }
  case Binary::Min:
    return isSigned ? apply<arith::MinSIOp>(loops, a, b)
                    : apply<arith::MinUIOp>(loops, a, b);
  case Binary::Max:
    return isSigned ? apply<arith::MaxSIOp>(loops, a, b)
                    : apply<arith::MaxUIOp>(loops, a, b);
  case Binary::Eq:
    return compare(loops, Predicate::eq, a, b);
  case Binary::Ne:
    return compare(loops, Predicate::ne, a, b);
  case Binary::Lt:
    return compare(loops, isSigned ? Predicate::slt : Predicate::ult, a, b);
  case Binary::Le:
    return compare(loops, isSigned ? Predicate::sle : Predicate::ule, a, b);
  case Binary::Gt:
    return compare(loops, isSigned ? Predicate::sgt : Predicate::ugt, a, b);
  case Binary::Ge:
    return compare(loops, isSigned ? Predicate::sge : Predicate::uge, a, b);
  case Binary::And:
    return apply<arith::AndIOp>(loops, a, b);
  case Binary::Or:
    return apply<arith::OrIOp>(loops, a, b);
  }
  return Value();
}

LogicalResult attune::realizeElementwise(ElementwiseOp op,
                                         int64_t vectorBytes) {
  ElementKind kind = elementKind(op, 0, op.getLhs());
  ElementKind resultKind = elementKind(op, 2, op.getInit());
  Binary function = op.getFunction();
  bool isLogic = function == Binary::And || function == Binary::Or;
  bool isArithmetic = function <= Binary::Rem;
  if ((kind == ElementKind::Float && isLogic) ||
      (kind == ElementKind::Bool && isArithmetic))
    return op.emitOpError("is not defined for these elements");
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  buildMap(loops, {op.getLhs(), op.getRhs()}, op.getInit(), vectorBytes,
           [&](LoopBuilder &loops, ValueRange elements) {
             Value a = fromStored(loops, elements[0], kind);
             Value b = fromStored(loops, elements[1], kind);
             Value result = kind == ElementKind::Float
                                ? buildFloat(loops, function, a, b)
                                : buildInteger(loops, function, a, b, kind);
             return toStored(loops, result, resultKind);
           });
  op.erase();
  return success();
}

LogicalResult attune::realizeActivation(ActivationOp op, int64_t vectorBytes) {
  ElementKind kind = elementKind(op, 0, op.getInput());
  Activation function = op.getFunction();
  bool isDefined =
      kind == ElementKind::Float ? function != Activation::Not
      : kind == ElementKind::Bool
          ? function == Activation::Not
          : function == Activation::Neg || function == Activation::Abs;
  if (!isDefined && function != Activation::None)
    return op.emitOpError("is not defined for these elements");
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  buildMap(loops, op.getInput(), op.getInit(), vectorBytes,
           [&](LoopBuilder &loops, ValueRange elements) -> Value {
             Value x = fromStored(loops, elements[0], kind);
             if (kind == ElementKind::Float)
               return buildActivation(loops.builder, loops.loc, function, x);
             if (function == Activation::Not)
               x = apply<arith::XOrIOp>(loops, x, constantLike(loops, x, 1));
             if (kind == ElementKind::Bool)
               return toStored(loops, x, kind);
             Value zero = constantLike(loops, x, 0);
             Value negated = apply<arith::SubIOp>(loops, zero, x);
             if (function == Activation::Neg)
               return negated;
             if (function != Activation::Abs || kind == ElementKind::Unsigned)
               return x;
             return select(loops,
                           compare(loops, arith::CmpIPredicate::slt, x, zero),
                           negated, x);
           });
  op.erase();
  return success();
}

/// Out of range saturates, NaN gives 0.
static Value buildFloatToInteger(LoopBuilder &loops, Value x, Type type,
                                 bool isSigned) {
  return LLVM::CallIntrinsicOp::create(
             loops.builder, loops.loc, type,
             loops.builder.getStringAttr(isSigned ? "llvm.fptosi.sat"
                                                  : "llvm.fptoui.sat"),
             ValueRange(x))
      .getResult(0);
}

static Value buildCast(LoopBuilder &loops, Value x, ElementKind from,
                       ElementKind to, Type element) {
  Type type = withElement(x, element);
  OpBuilder &builder = loops.builder;
  bool isSigned = from == ElementKind::Signed;
  if (from == ElementKind::Float && to == ElementKind::Float)
    return x;
  if (to == ElementKind::Bool) {
    if (from == ElementKind::Bool)
      return x;
    Value zero = constantLike(loops, x, 0);
    if (from == ElementKind::Float)
      return arith::CmpFOp::create(builder, loops.loc,
                                   arith::CmpFPredicate::UNE, x, zero);
    return compare(loops, arith::CmpIPredicate::ne, x, zero);
  }
  if (from == ElementKind::Float)
    return buildFloatToInteger(loops, x, type, to == ElementKind::Signed);
  if (to == ElementKind::Float)
    return isSigned
               ? Value(arith::SIToFPOp::create(builder, loops.loc, type, x))
               : Value(arith::UIToFPOp::create(builder, loops.loc, type, x));
  unsigned have = getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth();
  unsigned want = element.getIntOrFloatBitWidth();
  if (have == want)
    return x;
  if (have > want)
    return arith::TruncIOp::create(builder, loops.loc, type, x);
  return isSigned ? Value(arith::ExtSIOp::create(builder, loops.loc, type, x))
                  : Value(arith::ExtUIOp::create(builder, loops.loc, type, x));
}

LogicalResult attune::realizeCast(CastOp op, int64_t vectorBytes) {
  ElementKind from = elementKind(op, 0, op.getInput());
  ElementKind to = elementKind(op, 1, op.getInit());
  Type element = cast<MemRefType>(op.getInit().getType()).getElementType();
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  buildMap(loops, op.getInput(), op.getInit(), vectorBytes,
           [&](LoopBuilder &loops, ValueRange elements) {
             Value x = fromStored(loops, elements[0], from);
             return toStored(loops, buildCast(loops, x, from, to, element), to);
           });
  op.erase();
  return success();
}
