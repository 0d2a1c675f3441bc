//===- ExtentValues.cpp - Extents as index values ---------------*- C++ -*-===//
#include "passes/ExtentValues.h"

#include "dialect/Attune.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace attune;

// Everything is created in front of the op that was first, in order of need:
// operands before users.
ExtentValues::ExtentValues(func::FuncOp func)
    : builder(func.getContext()), loc(func.getLoc()) {
  builder.setInsertionPointToStart(&func.getBody().front());
}

Value ExtentValues::getConstant(int64_t value) {
  Value &known = values[builder.getIndexAttr(value)];
  if (!known)
    known = arith::ConstantIndexOp::create(builder, loc, value);
  return known;
}

Value ExtentValues::getDim(StringAttr name) {
  Value &known = values[name];
  if (!known)
    known = DimOp::create(builder, loc, builder.getIndexType(), name);
  return known;
}

Value ExtentValues::getValue(const Extent &extent) {
  if (extent.isConstant())
    return getConstant(*extent.asConstant());
  ExtentAttr attr = extent.toAttr(builder.getContext());
  if (Value known = values.lookup(attr))
    return known;
  Value sum;
  for (MonomialAttr term : attr.getTerms()) {
    Value product;
    for (StringAttr factor : term.getFactors()) {
      Value dim = getDim(factor);
      product =
          product ? arith::MulIOp::create(builder, loc, product, dim) : dim;
    }
    if (!product)
      product = getConstant(term.getCoefficient());
    else if (term.getCoefficient() != 1)
      product = arith::MulIOp::create(builder, loc, product,
                                      getConstant(term.getCoefficient()));
    sum = sum ? arith::AddIOp::create(builder, loc, sum, product) : product;
  }
  values[attr] = sum;
  return sum;
}

OpFoldResult ExtentValues::getFolded(const Extent &extent) {
  if (extent.isConstant())
    return builder.getIndexAttr(*extent.asConstant());
  return getValue(extent);
}

SmallVector<Value> ExtentValues::getDynamic(ArrayRef<Extent> extents) {
  SmallVector<Value> result;
  for (const Extent &extent : extents)
    if (!extent.isConstant())
      result.push_back(getValue(extent));
  return result;
}
