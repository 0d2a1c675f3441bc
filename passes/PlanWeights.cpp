//===- PlanWeights.cpp - Layout and place of every weight -------*- C++ -*-===//
#include "dialect/Target.h"
#include "passes/Passes.h"
#include "passes/WeightParts.h"
#include "passes/WeightTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"

namespace attune {
#define GEN_PASS_DEF_PLANWEIGHTSPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// Panel width without a machine description: two SSE2 vectors.
static constexpr int64_t defaultPanelWidth = 8;

/// Whether attend kernels of the target read keys in panels: a GPU's do not.
static bool readsPanelsOfKeys(func::FuncOp func) {
  TargetAttr target = getTarget(func);
  return target && !isCuda(target);
}

namespace {

class WeightPlanner {
public:
  WeightPlanner(func::FuncOp func, int64_t width)
      : func(func), context(func.getContext()), width(width),
        packsKeys(readsPanelsOfKeys(func)), table(context) {}
  LogicalResult run();

private:
  PackAttr pack(PackKind kind) const {
    return PackAttr::get(context, kind, kind == PackKind::Copy ? 1 : width);
  }
  LogicalResult splitByLayout(ParamOp param);
  LogicalResult packRows(memref::ReinterpretCastOp view, ParamOp param);
  void packKeys(memref::ReinterpretCastOp view, ParamOp param);
  LogicalResult place(ParamOp param);
  FailureOr<SmallVector<WeightPart>> getParts(ParamOp param);
  ParamOp cloneFor(ParamOp param, PackKind kind);

  func::FuncOp func;
  MLIRContext *context;
  int64_t width;
  bool packsKeys;
  WeightTable table;
  /// Shapes in the file, from before packing.
  DenseMap<Operation *, SmallVector<int64_t>> fileShapes;
};

} // namespace

/// Whether the packed weight is as long as the weight.
static bool isPlain(PackKind kind) {
  return kind == PackKind::Copy || kind == PackKind::Hoisted;
}

/// Which layout a use asks for.
static PackKind getPackKind(OpOperand &use) {
  auto linear = dyn_cast<LinearOp>(use.getOwner());
  if (!linear)
    return PackKind::Copy;
  if (&use == &linear.getWeightMutable())
    return PackKind::Panels;
  if (linear.getBias() && &use == linear.getBiasMutable().begin())
    return PackKind::Pad;
  return PackKind::Copy;
}

static MemRefType getPackedType(MemRefType type, PackKind kind, int64_t width) {
  Type element = type.getElementType();
  ArrayRef<int64_t> shape = type.getShape();
  switch (kind) {
  case PackKind::Copy:
  case PackKind::Hoisted:
    return type;
  case PackKind::Panels: {
    SmallVector<int64_t> packed(shape);
    int64_t &rows = packed[shape.size() - 2];
    rows = llvm::divideCeil(rows, width);
    packed.push_back(width);
    return MemRefType::get(packed, element);
  }
  case PackKind::Pad:
    return MemRefType::get(
        {static_cast<int64_t>(llvm::divideCeil(shape[0], width)) * width},
        element);
  }
  return type;
}

ParamOp WeightPlanner::cloneFor(ParamOp param, PackKind kind) {
  OpBuilder builder(context);
  builder.setInsertionPointAfter(param);
  auto copy = cast<ParamOp>(builder.clone(*param));
  SmallVector<int64_t> fileShape = fileShapes[param];
  fileShapes[copy] = fileShape;
  copy.setPackAttr(pack(kind));
  copy.getResult().setType(
      getPackedType(cast<MemRefType>(param.getType()), kind, width));
  return copy;
}

// A linear of some rows of a weight reads some panels of the packed weight: the
// rows must start and end where panels do.
LogicalResult WeightPlanner::packRows(memref::ReinterpretCastOp view,
                                      ParamOp param) {
  ArrayRef<int64_t> fileShape = fileShapes[param];
  for (OpOperand &use : llvm::make_early_inc_range(view->getUses())) {
    PackKind kind = getPackKind(use);
    if (kind == PackKind::Copy)
      continue;
    auto type = cast<MemRefType>(view.getType());
    bool isMatrix = kind == PackKind::Panels;
    SmallVector<int64_t> strides;
    int64_t offset = 0;
    bool isRows = type.hasStaticShape() &&
                  fileShape.size() == static_cast<size_t>(type.getRank()) &&
                  succeeded(type.getStridesAndOffset(strides, offset)) &&
                  !ShapedType::isDynamic(offset) &&
                  type.getRank() == (isMatrix ? 2 : 1);
    int64_t depth = isRows && isMatrix ? type.getDimSize(1) : 1;
    isRows = isRows && depth > 0 && strides.back() == 1 &&
             (!isMatrix || (strides[0] == depth && fileShape[1] == depth)) &&
             offset % depth == 0;
    int64_t first = isRows ? offset / depth : 0;
    int64_t count = isRows ? type.getDimSize(0) : 0;
    bool isAligned = first % width == 0 &&
                     (count % width == 0 || first + count == fileShape[0]);
    if (!isRows || !isAligned)
      return use.getOwner()->emitOpError("reads a part of weight ")
             << param.getNameAttr() << " that is no run of whole panels of "
             << width << " rows";
    ParamOp packed = cloneFor(param, kind);
    OpBuilder builder(view);
    auto packedType = cast<MemRefType>(packed.getType());
    SmallVector<int64_t> sizes(packedType.getShape());
    sizes[0] = llvm::divideCeil(count, width) * (isMatrix ? 1 : width);
    SmallVector<int64_t> packedStrides(sizes.size(), 1);
    for (size_t axis = sizes.size() - 1; axis > 0; --axis)
      packedStrides[axis - 1] =
          packedStrides[axis] * packedType.getDimSize(axis);
    int64_t start = first / (isMatrix ? width : 1) * packedStrides[0];
    auto partType =
        MemRefType::get(sizes, packedType.getElementType(),
                        StridedLayoutAttr::get(context, start, packedStrides));
    // Not a memref.subview: its verifier refuses parts of no rows.
    use.set(memref::ReinterpretCastOp::create(builder, view.getLoc(), partType,
                                              packed.getResult(), start, sizes,
                                              packedStrides));
  }
  // Else a view without readers would ask for a row in plain layout.
  if (view->use_empty())
    view->erase();
  return success();
}

// Keys that are a weight, one row a key, are put into panels when they are
// loaded, not in each call. Others stay as they are.
void WeightPlanner::packKeys(memref::ReinterpretCastOp view, ParamOp param) {
  ArrayRef<int64_t> fileShape = fileShapes[param];
  auto type = cast<MemRefType>(view.getType());
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  if (!packsKeys || fileShape.size() < 2 || type.getRank() != 4 ||
      param->hasAttr("attune.parts") ||
      failed(type.getStridesAndOffset(strides, offset)) || offset != 0)
    return;
  int64_t heads = type.getDimSize(1), keys = type.getDimSize(2),
          depth = type.getDimSize(3), rows = fileShape[fileShape.size() - 2];
  if (type.getDimSize(0) != 1 || heads < 1 || depth < 1 ||
      fileShape.back() != depth || strides[3] != 1 || strides[2] != depth)
    return;
  int64_t matrices = 1;
  for (int64_t size : fileShape.drop_back(2))
    matrices *= size;
  // Keys of a head: a matrix of its own, or whole panels of one.
  int64_t headKeys = heads == 1 ? rows : strides[1] / depth;
  bool isMatrix = headKeys == rows && matrices == heads;
  bool isPanels =
      matrices == 1 && headKeys % width == 0 && headKeys * heads == rows;
  if ((heads > 1 && strides[1] % depth != 0) || (!isMatrix && !isPanels) ||
      (!ShapedType::isDynamic(keys) && keys > headKeys))
    return;
  int64_t panels = llvm::divideCeil(headKeys, width);
  int64_t headFloats = panels * depth * width;
  int64_t sizes[] = {1, heads, panels, depth, width};
  int64_t packedStrides[] = {heads * headFloats, headFloats, depth * width,
                             width, 1};
  auto packedType = MemRefType::get(
      sizes, type.getElementType(),
      StridedLayoutAttr::get(context, /*offset=*/0, packedStrides));
  Value packed;
  for (OpOperand &use : llvm::make_early_inc_range(view->getUses())) {
    auto dot = dyn_cast<DotOp>(use.getOwner());
    if (!dot || &use != &dot.getKeyMutable())
      continue;
    OpBuilder builder(view);
    if (!packed)
      packed = memref::ReinterpretCastOp::create(
          builder, view.getLoc(), packedType,
          cloneFor(param, PackKind::Panels).getResult(), 0, sizes,
          packedStrides);
    use.set(packed);
  }
}

// One param op for each layout that its uses ask for.
LogicalResult WeightPlanner::splitByLayout(ParamOp param) {
  llvm::append_range(fileShapes[param],
                     cast<MemRefType>(param.getType()).getShape());
  for (Operation *user : llvm::make_early_inc_range(param->getUsers()))
    if (auto view = dyn_cast<memref::ReinterpretCastOp>(user)) {
      packKeys(view, param);
      if (failed(packRows(view, param)))
        return failure();
    }
  ParamOp byKind[3] = {};
  for (OpOperand &use : llvm::make_early_inc_range(param->getUses())) {
    PackKind kind = getPackKind(use);
    if (kind == PackKind::Copy)
      continue;
    ParamOp &packed = byKind[static_cast<unsigned>(kind)];
    if (!packed)
      packed = cloneFor(param, kind);
    use.set(packed.getResult());
  }
  param.setPackAttr(pack(PackKind::Copy));
  return success();
}

// What the file holds: one weight, or several that fuse joined.
FailureOr<SmallVector<WeightPart>> WeightPlanner::getParts(ParamOp param) {
  SmallVector<WeightPart> parts;
  if (auto joined = param->getAttrOfType<ArrayAttr>("attune.parts"))
    for (auto part : joined.getAsRange<WeightAttr>())
      parts.push_back(
          {part.getName(), SmallVector<int64_t>(part.getShape()), 0});
  else
    parts.push_back({param.getName(), fileShapes[param], 0});
  PackKind kind = param.getPackAttr().getKind();
  size_t paddedAxis =
      kind == PackKind::Panels ? parts.front().fileShape.size() - 2 : 0;
  for (auto [i, part] : llvm::enumerate(parts)) {
    if (part.fileShape.empty() && !isPlain(kind))
      return param.emitOpError("has parts that cannot be packed");
    if (!isPlain(kind) && i + 1 < parts.size() &&
        part.fileShape[0] % width != 0)
      return param.emitOpError("joins weights that are not whole panels of ")
             << width << " rows";
    part.packedFloats = 1;
    for (auto [axis, size] : llvm::enumerate(part.fileShape)) {
      int64_t padded = isPlain(kind) || axis != paddedAxis
                           ? size
                           : llvm::alignTo(size, width);
      if (llvm::MulOverflow(part.packedFloats, padded, part.packedFloats))
        return param.emitOpError("has a size that overflows 64 bits");
    }
  }
  return parts;
}

LogicalResult WeightPlanner::place(ParamOp param) {
  auto type = cast<MemRefType>(param.getType());
  if (!type.getElementType().isF32() || !type.hasStaticShape())
    return param.emitOpError("must be a static f32 array");
  FailureOr<SmallVector<WeightPart>> parts = getParts(param);
  return failed(parts) ? failure() : table.place(param, *parts);
}

LogicalResult WeightPlanner::run() {
  SmallVector<ParamOp> params;
  func.walk([&](ParamOp param) {
    if (isa<MemRefType>(param.getType()))
      params.push_back(param);
  });
  for (ParamOp param : params) {
    if (param.getPack() && param.getPack()->getKind() == PackKind::Hoisted) {
      llvm::append_range(fileShapes[param],
                         cast<MemRefType>(param.getType()).getShape());
      continue;
    }
    if (param.getPack())
      return param.emitOpError("has its layout already");
    if (failed(splitByLayout(param)))
      return failure();
  }

  // Families first: a weight that is also read on its own shares its row.
  SmallVector<ParamOp> families, single;
  func.walk([&](ParamOp param) {
    if (isa<MemRefType>(param.getType()) && !param->use_empty())
      (param.getSteps().empty() ? single : families).push_back(param);
  });
  for (ParamOp param : llvm::concat<ParamOp>(families, single))
    if (failed(place(param)))
      return failure();
  for (ParamOp param : params)
    if (param->use_empty())
      param->erase();

  WalkResult linears = func.walk([&](LinearOp linear) -> WalkResult {
    auto type = dyn_cast<MemRefType>(linear.getWeight().getType());
    if (type && type.getRank() != 3)
      return linear.emitOpError("has a weight that is no parameter");
    return WalkResult::advance();
  });
  if (linears.wasInterrupted())
    return failure();
  OpBuilder builder(context);
  func->setAttr("attune.weights", table.toAttr());
  func->setAttr("attune.packed_floats",
                builder.getI64IntegerAttr(table.size()));
  return success();
}

namespace {
struct PlanWeightsPass : attune::impl::PlanWeightsPassBase<PlanWeightsPass> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration())
      return;
    int64_t width = getPanelWidth(func, defaultPanelWidth);
    if (failed(WeightPlanner(func, width).run()))
      signalPassFailure();
  }
};
} // namespace
