//===- Verify.cpp - Shape checks that verifiers share ---------------------===//

#include "dialect/Verify.h"

using namespace mlir;
using namespace attune;

SmallVector<Extent> attune::extentsOf(Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return symbolicShape(tensor);
  ArrayRef<int64_t> sizes;
  if (auto scores = dyn_cast<ScoresType>(type))
    sizes = scores.getShape();
  else if (auto memref = dyn_cast<MemRefType>(type))
    sizes = memref.getShape();
  SmallVector<Extent> extents;
  for (int64_t size : sizes)
    extents.push_back(ShapedType::isDynamic(size) ? Extent::dim("?")
                                                  : Extent::constant(size));
  return extents;
}

static bool isUnknown(const Extent &extent) {
  return llvm::is_contained(extent.dims(), "?");
}

bool attune::agree(const Extent &a, const Extent &b) {
  return a == b || isUnknown(a) || isUnknown(b);
}

bool attune::onTensors(Operation *op) {
  return llvm::none_of(op->getOperandTypes(),
                       [](Type type) { return isa<BaseMemRefType>(type); });
}

LogicalResult attune::checkShape(Operation *op, StringRef label, StringRef what,
                                 ArrayRef<Extent> actual,
                                 ArrayRef<Extent> expected) {
  bool same = actual.size() == expected.size();
  for (size_t axis = 0; same && axis < actual.size(); ++axis)
    same = agree(actual[axis], expected[axis]);
  if (same)
    return success();
  return op->emitOpError() << "(" << label << ") " << what << " has the shape "
                           << shapeText(actual) << ", expected "
                           << shapeText(expected);
}

LogicalResult attune::checkRank(Operation *op, StringRef label, StringRef what,
                                Type type, int64_t rank) {
  SmallVector<Extent> extents = extentsOf(type);
  if (int64_t(extents.size()) == rank)
    return success();
  return op->emitOpError() << "(" << label << ") " << what << " has the shape "
                           << shapeText(extents) << ", expected rank " << rank;
}

LogicalResult attune::checkHeads(Operation *op, StringRef label,
                                 const Extent &heads, const Extent &groups) {
  std::optional<int64_t> h = heads.asConstant(), g = groups.asConstant();
  if (!h || !g || (*g > 0 && *h % *g == 0))
    return success();
  return op->emitOpError() << "(" << label << ") " << *h
                           << " heads are no multiple of " << *g
                           << " key heads";
}
