//===- MergeProjections.cpp - Linears that share their input ----*- C++ -*-===//
#include "dialect/Shape.h"
#include "passes/Passes.h"
#include "passes/WeightParts.h"

#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

namespace attune {
#define GEN_PASS_DEF_MERGEPROJECTIONSPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

namespace {

/// A linear whose weight is some rows of a param, with no bias or with the same
/// rows of another one.
struct Projection {
  LinearOp linear;
  WeightRows rows;
  ParamOp bias;
};

struct MergeProjectionsPass
    : attune::impl::MergeProjectionsPassBase<MergeProjectionsPass> {
  void runOnOperation() override;
};

} // namespace

static std::optional<Projection> getProjection(LinearOp linear) {
  std::optional<WeightRows> rows = getWeightRows(linear.getWeight());
  if (!rows || linear.getResidual() || !linear.getResult() ||
      linear.getActivation() != Activation::None)
    return std::nullopt;
  Projection projection{linear, *rows, ParamOp()};
  if (Value bias = linear.getBias()) {
    std::optional<WeightRows> biasRows = getWeightRows(bias);
    if (!biasRows || biasRows->first != rows->first ||
        biasRows->end != rows->end || biasRows->total() != rows->total())
      return std::nullopt;
    projection.bias = biasRows->param;
  }
  return projection;
}

/// The columns [first, end) of a linear's result, which has all of `rows`.
static Value makeColumns(OpBuilder &builder, Value result, int64_t first,
                         Type type) {
  auto axis = cast<RankedTensorType>(type).getRank() - 1;
  return SliceOp::create(builder, result.getLoc(), type, result, axis,
                         Extent::constant(first).toAttr(type.getContext()));
}

/// A linear of `weight` and `bias` in place of several; the result of the i-th
/// one becomes the columns from `offsets[i]` on.
static void replaceAll(ArrayRef<Projection> run, ArrayRef<int64_t> offsets,
                       OpBuilder &builder, LinearOp first, Value weight,
                       Value bias) {
  SmallVector<Location> locations;
  for (const Projection &projection : run)
    locations.push_back(LinearOp(projection.linear).getLoc());
  auto type = cast<RankedTensorType>(first.getResult().getType());
  SmallVector<Extent> shape = symbolicShape(type);
  shape.back() =
      Extent::constant(cast<RankedTensorType>(weight.getType()).getDimSize(0));
  auto merged = LinearOp::create(
      builder, FusedLoc::get(type.getContext(), locations),
      makeTensorType(shape, type.getElementType(), type.getContext()),
      first.getInput(), weight, bias, /*residual=*/Value(), /*init=*/Value(),
      Activation::None);
  remark::passed(first.getLoc(),
                 remark::RemarkOpts::name("merge-projections").category("fuse"))
      << std::to_string(run.size()) + " projections of one input merged";
  for (auto [projection, offset] : llvm::zip(run, offsets)) {
    LinearOp linear = projection.linear;
    Value part = makeColumns(builder, merged.getResult(), offset,
                             linear.getResult().getType());
    linear.getResult().replaceAllUsesWith(part);
  }
  for (const Projection &projection : run)
    LinearOp(projection.linear)->erase();
}

/// The first of the linears in the program: what it reads is there.
static LinearOp findFirst(ArrayRef<Projection> run) {
  LinearOp first = run.front().linear;
  for (const Projection &projection : run)
    if (LinearOp(projection.linear)->isBeforeInBlock(first))
      first = projection.linear;
  return first;
}

/// Merges runs of linears that read neighbouring rows of one weight.
static void mergeNeighbours(SmallVectorImpl<Projection> &group) {
  llvm::sort(group, [](const Projection &a, const Projection &b) {
    if (a.rows.first != b.rows.first)
      return a.rows.first < b.rows.first;
    LinearOp left = a.linear, right = b.linear;
    return left->isBeforeInBlock(right);
  });
  for (size_t begin = 0, next; begin < group.size(); begin = next) {
    WeightRows rows = group[begin].rows;
    for (next = begin + 1;
         next < group.size() && group[next].rows.first <= rows.end; ++next)
      rows.end = std::max(rows.end, group[next].rows.end);
    if (next - begin == 1)
      continue;
    auto run = ArrayRef<Projection>(group).slice(begin, next - begin);
    LinearOp first = findFirst(run);
    OpBuilder builder(first);
    Value bias;
    if (ParamOp param = run.front().bias)
      bias = makeWeightRows(builder, first.getLoc(),
                            {param, rows.first, rows.end});
    SmallVector<int64_t> offsets;
    for (const Projection &projection : run)
      offsets.push_back(projection.rows.first - rows.first);
    replaceAll(run, offsets, builder, first,
               makeWeightRows(builder, first.getLoc(), rows), bias);
  }
}

/// A param that stands for several, one behind the other along the first axis:
/// the plan stage lays them out so (`attune.parts`).
static Value joinParams(OpBuilder &builder, Location loc,
                        ArrayRef<ParamOp> params) {
  auto first = ParamOp(params.front());
  auto type = cast<RankedTensorType>(first.getResult().getType());
  SmallVector<Attribute> parts;
  int64_t rows = 0;
  for (ParamOp param : params) {
    auto partType = cast<RankedTensorType>(param.getResult().getType());
    parts.push_back(WeightAttr::get(
        builder.getContext(), param.getNameAttr(), partType.getShape(),
        PackAttr::get(builder.getContext(), PackKind::Copy, 1), rows));
    rows += partType.getDimSize(0);
  }
  SmallVector<int64_t> shape(type.getShape());
  shape[0] = rows;
  auto joined = cast<ParamOp>(builder.clone(*first));
  joined->setLoc(loc);
  joined.getResult().setType(
      RankedTensorType::get(shape, type.getElementType()));
  joined->setAttr("attune.parts", builder.getArrayAttr(parts));
  return joined.getResult();
}

/// True when the rows of `param`, packed for panels of `width` rows, end where
/// others may start: whole panels, a multiple of 16 floats.
static bool canBeFollowed(ParamOp param, int64_t width) {
  auto type = cast<RankedTensorType>(param.getResult().getType());
  int64_t floats = type.getDimSize(0);
  for (int64_t size : type.getShape().drop_front())
    if (llvm::MulOverflow(floats, size, floats))
      return false;
  return type.getDimSize(0) % width == 0 && floats % 16 == 0;
}

/// True for whole weights that stand for themselves.
static bool canBeJoined(const Projection &projection) {
  ParamOp weight = projection.rows.param, bias = projection.bias;
  return projection.rows.first == 0 &&
         projection.rows.end == projection.rows.total() &&
         !weight->hasAttr("attune.parts") &&
         (!bias || !bias->hasAttr("attune.parts"));
}

/// Merges linears of whole weights that lie apart in the weight file: packed,
/// they lie together. Says why not in `reason`.
static bool mergeApart(SmallVectorImpl<Projection> &group, int64_t width,
                       const char *&reason) {
  // One weight that is no whole panels may stand last.
  auto *shortOne = llvm::find_if(group, [&](const Projection &projection) {
    return !canBeFollowed(projection.rows.param, width);
  });
  if (shortOne != group.end())
    std::rotate(shortOne, shortOne + 1, group.end());
  SmallVector<ParamOp> weights, biases;
  SmallVector<int64_t> offsets;
  int64_t rows = 0;
  for (const Projection &projection : group) {
    LinearOp linear = projection.linear;
    ParamOp weight = projection.rows.param, bias = projection.bias;
    bool isLast = &projection == &group.back();
    reason = "some have a bias and some have none";
    if (static_cast<bool>(bias) != static_cast<bool>(group.front().bias))
      return false;
    reason = "the weights of one are no whole panels";
    if (!isLast && (!canBeFollowed(weight, width) ||
                    (bias && !canBeFollowed(bias, width))))
      return false;
    reason = "a result is an output";
    if (llvm::any_of(linear->getUsers(), llvm::IsaPred<func::ReturnOp>))
      return false;
    weights.push_back(weight);
    biases.push_back(bias);
    offsets.push_back(rows);
    rows += projection.rows.end;
  }
  LinearOp first = findFirst(group);
  OpBuilder builder(first);
  Value weight = joinParams(builder, first.getLoc(), weights);
  Value bias;
  if (biases.front())
    bias = joinParams(builder, first.getLoc(), biases);
  replaceAll(group, offsets, builder, first, weight, bias);
  return true;
}

using Input = std::pair<Value, Block *>;

static llvm::MapVector<Input, SmallVector<LinearOp>>
groupByInput(func::FuncOp func) {
  llvm::MapVector<Input, SmallVector<LinearOp>> groups;
  func.walk([&](LinearOp linear) {
    if (linear.getResult())
      groups[{linear.getInput(), linear->getBlock()}].push_back(linear);
  });
  return groups;
}

void MergeProjectionsPass::runOnOperation() {
  for (auto &[input, linears] : groupByInput(getOperation())) {
    llvm::MapVector<std::pair<Operation *, Operation *>,
                    SmallVector<Projection>>
        byWeight;
    for (LinearOp linear : linears)
      if (std::optional<Projection> projection = getProjection(linear))
        byWeight[{projection->rows.param, projection->bias}].push_back(
            *projection);
    for (auto &[weight, group] : byWeight)
      mergeNeighbours(group);
  }

  int64_t width = getPanelWidth(getOperation(), widestPanel);
  for (auto &[input, linears] : groupByInput(getOperation())) {
    if (linears.size() < 2)
      continue;
    Location loc = linears.front().getLoc();
    const char *reason = "some have an epilogue or read rows of a weight";
    SmallVector<Projection> group;
    for (LinearOp linear : linears) {
      std::optional<Projection> projection = getProjection(linear);
      if (projection && canBeJoined(*projection) &&
          (group.empty() || group.front().rows.param.getSteps() ==
                                projection->rows.param.getSteps()))
        group.push_back(*projection);
    }
    size_t left = linears.size();
    if (group.size() > 1 && mergeApart(group, width, reason))
      left -= group.size() - 1;
    if (left > 1)
      remark::missed(
          loc, remark::RemarkOpts::name("merge-projections").category("fuse"))
          << std::to_string(left) +
                 " projections of one input stay separate: " + reason;
  }
}
