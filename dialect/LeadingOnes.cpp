//===- LeadingOnes.cpp - Arrays with leading extents of 1 -----------------===//

#include "dialect/LeadingOnes.h"
#include "dialect/Shape.h"

using namespace mlir;
using namespace attune;

Value attune::withLeadingOnes(OpBuilder &builder, Location loc, Value tensor,
                              size_t rank) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<Extent> shape = symbolicShape(type);
  if (shape.size() >= rank)
    return tensor;
  shape.insert(shape.begin(), rank - shape.size(), Extent::constant(1));
  return ReshapeOp::create(
      builder, loc,
      makeTensorType(shape, type.getElementType(), builder.getContext()),
      tensor);
}
