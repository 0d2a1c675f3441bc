//===- WeightProgram.cpp - What weights alone determine ---------*- C++ -*-===//
#include "passes/WeightProgram.h"
#include "dialect/Shape.h"

#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace attune;

/// A region of indices, and where (b, h, q, k, nb, nh, nq, nk) begin.
static Block *indexBlock(Operation *op, unsigned &first) {
  first = isa<ModifyOp>(op) ? 1 : 0;
  if (!isa<ModifyOp, MaskOp, IndexScoresOp>(op))
    return nullptr;
  return &op->getRegion(0).front();
}

/// Whether an op gives the same in each run: its operands decide.
static bool isAllowed(Operation *op) {
  if (isa<ParamOp, arith::ConstantOp>(op))
    return true;
  unsigned first = 0;
  if (Block *block = indexBlock(op, first)) {
    bool readsBatch = !block->getArgument(first).use_empty() ||
                      !block->getArgument(first + 4).use_empty();
    WalkResult dims =
        block->walk([](DimOp) { return WalkResult::interrupt(); });
    return !readsBatch && !dims.wasInterrupted();
  }
  return op->getNumRegions() == 0 && !isa<DimOp>(op) &&
         op->getDialect()->getNamespace() ==
             AttuneDialect::getDialectNamespace() &&
         isMemoryEffectFree(op);
}

bool WeightProgram::add(Value value) {
  SmallVector<Value> worklist{value};
  while (!worklist.empty()) {
    Value next = worklist.pop_back_val();
    Operation *op = next.getDefiningOp();
    if (!op)
      return false;
    if (!ops.insert(op))
      continue;
    if (!isAllowed(op))
      return false;
    if (auto param = dyn_cast<ParamOp>(op)) {
      // Its steps are the indices of loops.
      for (Value step : param.getSteps())
        if (auto argument = dyn_cast<BlockArgument>(step);
            !argument || !isa<ForOp>(argument.getOwner()->getParentOp()))
          return false;
      weightFloats += cast<ShapedType>(param.getType()).getNumElements();
      continue;
    }
    op->walk([&](Operation *nested) {
      for (Value operand : nested->getOperands())
        if (!op->isAncestor(operand.getParentBlock()->getParentOp()) ||
            nested == op)
          worklist.push_back(operand);
    });
  }
  return true;
}

/// Whether a reshape only adds or drops axes of one.
static bool keepsPlaces(ReshapeOp op) {
  auto sizes = [](Value value) {
    SmallVector<Extent> shape =
        symbolicShape(cast<RankedTensorType>(value.getType()));
    llvm::erase_if(shape,
                   [](const Extent &size) { return size.asConstant() == 1; });
    return shape;
  };
  return sizes(op.getInput()) == sizes(op.getResult());
}

bool WeightProgram::isSameForAllSizes() const {
  return llvm::all_of(ops, [](Operation *op) {
    auto isStatic = [](Type type) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      return !tensor || tensor.hasStaticShape();
    };
    if (isa<ElementwiseOp, ActivationOp, CastOp, WhereOp, TransposeOp>(op) ||
        isScoreOrMaskProducer(op) ||
        (llvm::all_of(op->getOperandTypes(), isStatic) &&
         llvm::all_of(op->getResultTypes(), isStatic)))
      return true;
    if (auto slice = dyn_cast<SliceOp>(op))
      return Extent::get(slice.getOffset()).isConstant();
    auto reshape = dyn_cast<ReshapeOp>(op);
    return reshape && keepsPlaces(reshape);
  });
}

bool WeightProgram::readsSizes(unsigned begin) const {
  return llvm::any_of(ops, [&](Operation *op) {
    unsigned first = 0;
    Block *block = indexBlock(op, first);
    return block && (!block->getArgument(first + 4 + begin).use_empty() ||
                     !block->getArgument(first + 5 + begin).use_empty());
  });
}

SmallVector<ForOp> WeightProgram::getLoops() const {
  llvm::SmallPtrSet<Operation *, 4> read;
  for (Operation *op : ops)
    if (auto param = dyn_cast<ParamOp>(op))
      for (Value step : param.getSteps())
        read.insert(cast<BlockArgument>(step).getOwner()->getParentOp());
  SmallVector<ForOp> loops;
  for (Operation *op : read) {
    // All are around the same attend: each is inside the ones before it.
    auto *place = llvm::find_if(
        loops, [&](ForOp other) { return op->isProperAncestor(other); });
    loops.insert(place, cast<ForOp>(op));
  }
  return loops;
}

namespace {

/// Types and attributes of copies.
class Sizes {
public:
  Sizes(MLIRContext *context, const std::optional<FixedDim> &fixed)
      : context(context), fixed(fixed) {}

  /// No other dim was met.
  bool isComplete = true;

  Extent operator()(const Extent &extent) {
    std::optional<int64_t> value =
        extent.evaluate([&](StringRef name) -> std::optional<int64_t> {
          return fixed && name == fixed->name ? std::optional(fixed->value)
                                              : std::nullopt;
        });
    isComplete &= value.has_value();
    return Extent::constant(value.value_or(1));
  }
  ShapeAttr operator()(ShapeAttr shape) {
    return makeShapeAttr(each(symbolicShape(shape)), context);
  }
  /// Of a batch of one; queries and keys are as many as `fixed` says.
  ScoresType operator()(ScoresType type) {
    SmallVector<int64_t> shape(type.getShape());
    shape[0] = 1;
    for (int64_t &size : shape)
      if (ShapedType::isDynamic(size)) {
        isComplete &= fixed.has_value();
        size = fixed ? fixed->value : 1;
      }
    return ScoresType::get(context, shape, type.getElementType());
  }
  RankedTensorType operator()(RankedTensorType type) {
    return makeTensorType(each(symbolicShape(type)), type.getElementType(),
                          context);
  }
  SmallVector<Extent> each(ArrayRef<Extent> extents) {
    return llvm::map_to_vector(
        extents, [&](const Extent &extent) { return (*this)(extent); });
  }

private:
  MLIRContext *context;
  const std::optional<FixedDim> &fixed;
};

} // namespace

bool WeightProgram::clone(OpBuilder &builder, IRMapping &mapping,
                          const std::optional<FixedDim> &fixed) const {
  Sizes sizes(builder.getContext(), fixed);
  for (Operation *op : topologicalSort(ops)) {
    Operation *copy = builder.clone(*op, mapping);
    if (auto scores = dyn_cast<IndexScoresOp>(copy)) {
      SmallVector<Extent> extents = symbolicShape(scores.getExtents());
      extents[0] = Extent::constant(1);
      scores.setExtentsAttr(makeShapeAttr(extents, builder.getContext()));
    }
    for (NamedAttribute attribute : copy->getAttrs()) {
      if (auto extent = dyn_cast<ExtentAttr>(attribute.getValue()))
        copy->setAttr(attribute.getName(),
                      sizes(Extent::get(extent)).toAttr(builder.getContext()));
      else if (auto shape = dyn_cast<ShapeAttr>(attribute.getValue()))
        copy->setAttr(attribute.getName(), sizes(shape));
    }
    for (Value result : copy->getResults()) {
      if (auto type = dyn_cast<RankedTensorType>(result.getType()))
        result.setType(sizes(type));
      else if (auto type = dyn_cast<ScoresType>(result.getType()))
        result.setType(sizes(type));
    }
  }
  return sizes.isComplete;
}
