//===- Shape.cpp - Symbolic shapes of tensor types ------------------------===//

#include "dialect/Shape.h"

using namespace mlir;
using namespace attune;

SmallVector<Extent> attune::symbolicShape(RankedTensorType type) {
  auto shape = dyn_cast_or_null<ShapeAttr>(type.getEncoding());
  SmallVector<Extent> extents;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    if (!type.isDynamicDim(axis))
      extents.push_back(Extent::constant(type.getDimSize(axis)));
    else if (shape && axis < int64_t(shape.getExtents().size()))
      extents.push_back(Extent::get(shape.getExtents()[axis]));
    else
      extents.push_back(Extent::dim("?"));
  }
  return extents;
}

SmallVector<Extent> attune::symbolicShape(ShapeAttr shape) {
  SmallVector<Extent> extents;
  for (ExtentAttr extent : shape.getExtents())
    extents.push_back(Extent::get(extent));
  return extents;
}

ShapeAttr attune::makeShapeAttr(ArrayRef<Extent> extents,
                                MLIRContext *context) {
  SmallVector<ExtentAttr> attrs;
  for (const Extent &extent : extents)
    attrs.push_back(extent.toAttr(context));
  return ShapeAttr::get(context, attrs);
}

RankedTensorType attune::makeTensorType(ArrayRef<Extent> extents, Type element,
                                        MLIRContext *context) {
  SmallVector<int64_t> sizes;
  bool isStatic = true;
  for (const Extent &extent : extents) {
    std::optional<int64_t> constant = extent.asConstant();
    isStatic &= constant.has_value();
    sizes.push_back(constant.value_or(ShapedType::kDynamic));
  }
  return RankedTensorType::get(
      sizes, element,
      isStatic ? Attribute() : Attribute(makeShapeAttr(extents, context)));
}

std::string attune::shapeText(ArrayRef<Extent> extents) {
  std::string text = "[";
  for (const Extent &extent : extents) {
    if (text.size() > 1)
      text += ", ";
    text += extent.str();
  }
  return text + "]";
}

OptionalShape attune::broadcastShapes(ArrayRef<Extent> a, ArrayRef<Extent> b) {
  Extent one = Extent::constant(1);
  SmallVector<Extent> shape(std::max(a.size(), b.size()), one);
  for (size_t i = 0; i < shape.size(); ++i) {
    const Extent &x = i < a.size() ? a[a.size() - 1 - i] : one;
    const Extent &y = i < b.size() ? b[b.size() - 1 - i] : one;
    if (!(x == y) && !(x == one) && !(y == one))
      return std::nullopt;
    shape[shape.size() - 1 - i] = x == one ? y : x;
  }
  return shape;
}
