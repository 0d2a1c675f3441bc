//===- PlanWeights.cpp - Layout and place of every weight -------*- C++ -*-===//
#include "passes/Passes.h"
#include "passes/WeightParts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

namespace attune {
#define GEN_PASS_DEF_PLANWEIGHTSPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// Rows of the weight table start at multiples of this many floats.
static constexpr int64_t rowAlignment = 16;

/// Panel width without a machine description: two SSE2 vectors.
static constexpr int64_t defaultPanelWidth = 8;

/// More table rows than this are an error, not a hang.
static constexpr int64_t maxRows = 1 << 20;

namespace {

/// A loop that a weight's name runs over: [lower, upper).
struct Step {
  Value induction;
  int64_t lower, upper;
};

class WeightPlanner {
public:
  WeightPlanner(func::FuncOp func, int64_t width)
      : func(func), context(func.getContext()), width(width) {}
  LogicalResult run();

private:
  PackAttr pack(PackKind kind) const {
    return PackAttr::get(context, kind, kind == PackKind::Copy ? 1 : width);
  }
  LogicalResult splitByLayout(ParamOp param);
  LogicalResult packRows(memref::ReinterpretCastOp view, ParamOp param);
  LogicalResult place(ParamOp param);
  FailureOr<SmallVector<Step>> getSteps(ParamOp param) const;
  FailureOr<int64_t> addRow(ParamOp param, StringRef name, int64_t floats);
  ParamOp cloneFor(ParamOp param, PackKind kind);

  func::FuncOp func;
  MLIRContext *context;
  int64_t width;
  int64_t packedFloats = 0;
  SmallVector<WeightAttr> rows;
  /// Offsets of the rows by (name, layout).
  DenseMap<std::pair<Attribute, Attribute>, int64_t> offsets;
  /// Shapes in the file, from before packing.
  DenseMap<Operation *, SmallVector<int64_t>> fileShapes;
};

} // namespace

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
    return type;
  case PackKind::Panels:
    return MemRefType::get(
        {static_cast<int64_t>(llvm::divideCeil(shape[0], width)), shape[1],
         width},
        element);
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
    SmallVector<OpFoldResult> begin(packedType.getRank(),
                                    builder.getIndexAttr(0));
    SmallVector<OpFoldResult> unit(packedType.getRank(),
                                   builder.getIndexAttr(1));
    SmallVector<OpFoldResult> sizes;
    for (int64_t size : packedType.getShape())
      sizes.push_back(builder.getIndexAttr(size));
    int64_t panels = llvm::divideCeil(count, width);
    begin[0] = builder.getIndexAttr(isMatrix ? first / width : first);
    sizes[0] = builder.getIndexAttr(isMatrix ? panels : panels * width);
    use.set(memref::SubViewOp::create(builder, view.getLoc(),
                                      packed.getResult(), begin, sizes, unit));
  }
  // Else a view without readers would ask for a row in plain layout.
  if (view->use_empty())
    view->erase();
  return success();
}

// One param op for each layout that its uses ask for.
LogicalResult WeightPlanner::splitByLayout(ParamOp param) {
  llvm::append_range(fileShapes[param],
                     cast<MemRefType>(param.getType()).getShape());
  for (Operation *user : llvm::make_early_inc_range(param->getUsers()))
    if (auto view = dyn_cast<memref::ReinterpretCastOp>(user))
      if (failed(packRows(view, param)))
        return failure();
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

FailureOr<SmallVector<Step>> WeightPlanner::getSteps(ParamOp param) const {
  SmallVector<Step> steps;
  for (Value step : param.getSteps()) {
    auto argument = dyn_cast<BlockArgument>(step);
    auto loop = argument
                    ? dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp())
                    : scf::ForOp();
    APInt lower, upper, stride;
    if (!loop || loop.getInductionVar() != step ||
        !matchPattern(loop.getLowerBound(), m_ConstantInt(&lower)) ||
        !matchPattern(loop.getUpperBound(), m_ConstantInt(&upper)) ||
        !matchPattern(loop.getStep(), m_ConstantInt(&stride)) ||
        !stride.isOne())
      return ParamOp(param).emitOpError(
          "has a step that is no loop index with constant bounds");
    steps.push_back({step, lower.getSExtValue(),
                     std::max(lower.getSExtValue(), upper.getSExtValue())});
  }
  return steps;
}

FailureOr<int64_t> WeightPlanner::addRow(ParamOp param, StringRef name,
                                         int64_t floats) {
  if (static_cast<int64_t>(rows.size()) >= maxRows)
    return param.emitOpError("makes a weight table of more than ")
           << maxRows << " rows";
  auto nameAttr = StringAttr::get(context, name);
  int64_t offset = packedFloats;
  if (llvm::AddOverflow(packedFloats, floats, packedFloats))
    return param.emitOpError("makes the packed weights overflow 64 bits");
  rows.push_back(WeightAttr::get(context, nameAttr, fileShapes[param],
                                 param.getPackAttr(), offset));
  offsets.insert({{nameAttr, param.getPackAttr()}, offset});
  return offset;
}

/// The name with the k-th `{...}` replaced by values[k].
static std::string expandName(StringRef pattern, ArrayRef<int64_t> values) {
  std::string name;
  for (int64_t value : values) {
    auto [before, rest] = pattern.split('{');
    name += before;
    name += std::to_string(value);
    pattern = rest.split('}').second;
  }
  name += pattern;
  return name;
}

// The rows of a family lie one after the other, the last loop innermost: with a
// stride for each loop, the address is linear in the steps.
LogicalResult WeightPlanner::place(ParamOp param) {
  FailureOr<SmallVector<Step>> steps = getSteps(param);
  if (failed(steps))
    return failure();
  auto type = cast<MemRefType>(param.getType());
  if (!type.getElementType().isF32() || !type.hasStaticShape())
    return param.emitOpError("must be a static f32 array");
  int64_t floats = 1;
  for (int64_t size : type.getShape())
    if (llvm::MulOverflow(floats, size, floats))
      return param.emitOpError("has a size that overflows 64 bits");
  int64_t rowFloats = 0;
  if (llvm::AddOverflow(floats, rowAlignment - 1, rowFloats))
    return param.emitOpError("has a size that overflows 64 bits");
  rowFloats = rowFloats / rowAlignment * rowAlignment;

  // A loop that stands twice in a name runs once over its steps.
  SmallVector<Step> loops;
  SmallVector<size_t> loopOf;
  for (const Step &step : *steps) {
    const auto *known = llvm::find_if(loops, [&](const Step &loop) {
      return loop.induction == step.induction;
    });
    loopOf.push_back(known - loops.begin());
    if (known == loops.end())
      loops.push_back(step);
  }
  int64_t count = 1;
  SmallVector<int64_t> loopStrides(loops.size());
  for (size_t k = loops.size(); k-- > 0;) {
    loopStrides[k] = count;
    if (llvm::MulOverflow(count, loops[k].upper - loops[k].lower, count) ||
        count > maxRows)
      return param.emitOpError("makes a weight table of more than ")
             << maxRows << " rows";
  }

  // The names in order, and where the rows would be if all are known.
  SmallVector<std::string> names;
  for (int64_t row = 0; row < count; ++row) {
    SmallVector<int64_t> values;
    for (size_t k : loopOf)
      values.push_back(loops[k].lower + row / loopStrides[k] %
                                            (loops[k].upper - loops[k].lower));
    names.push_back(expandName(param.getName(), values));
  }
  int64_t offset = packedFloats;
  auto find = [&](StringRef name) {
    return offsets.find({StringAttr::get(context, name), param.getPackAttr()});
  };
  bool isShared = count > 0 && find(names[0]) != offsets.end();
  if (isShared)
    offset = find(names[0])->second;
  for (int64_t row = 0; isShared && row < count; ++row) {
    auto known = find(names[row]);
    isShared =
        known != offsets.end() && known->second == offset + row * rowFloats;
  }
  if (!isShared) {
    offset = packedFloats;
    for (StringRef name : names)
      if (failed(addRow(param, name, rowFloats)))
        return failure();
  }

  SmallVector<int64_t> strides(steps->size(), 0);
  llvm::SmallDenseSet<size_t> seen;
  for (auto [k, loop] : llvm::enumerate(loopOf)) {
    if (!seen.insert(loop).second)
      continue;
    strides[k] = loopStrides[loop] * rowFloats;
    offset -= strides[k] * loops[loop].lower;
  }
  OpBuilder builder(context);
  param.setOffsetAttr(builder.getI64IntegerAttr(offset));
  if (!strides.empty())
    param.setStridesAttr(builder.getDenseI64ArrayAttr(strides));
  return success();
}

LogicalResult WeightPlanner::run() {
  SmallVector<ParamOp> params;
  func.walk([&](ParamOp param) {
    if (isa<MemRefType>(param.getType()))
      params.push_back(param);
  });
  for (ParamOp param : params)
    if (failed(splitByLayout(param)))
      return failure();

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
  func->setAttr("attune.weights", builder.getArrayAttr(SmallVector<Attribute>(
                                      rows.begin(), rows.end())));
  func->setAttr("attune.packed_floats",
                builder.getI64IntegerAttr(packedFloats));
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
