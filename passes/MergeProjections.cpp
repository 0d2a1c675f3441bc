//===- MergeProjections.cpp - Linears that share their input ----*- C++ -*-===//
#include "dialect/Shape.h"
#include "passes/Passes.h"
#include "passes/WeightParts.h"

#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"

#include <map>

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

/// One linear for several that read rows next to one another; `run` is sorted.
static void merge(ArrayRef<Projection> run) {
  // In front of the first one in the program: what that reads is there.
  LinearOp first = run.front().linear;
  SmallVector<Location> locations;
  int64_t end = 0;
  for (const Projection &projection : run) {
    LinearOp linear = projection.linear;
    if (linear->isBeforeInBlock(first))
      first = linear;
    locations.push_back(linear.getLoc());
    end = std::max(end, projection.rows.end);
  }
  OpBuilder builder(first);
  Location loc = FusedLoc::get(first.getContext(), locations);
  WeightRows rows{run.front().rows.param, run.front().rows.first, end};
  Value bias;
  if (ParamOp param = run.front().bias)
    bias = makeWeightRows(builder, loc, {param, rows.first, rows.end});
  SmallVector<Extent> shape =
      symbolicShape(cast<RankedTensorType>(first.getResult().getType()));
  shape.back() = Extent::constant(rows.end - rows.first);
  auto element =
      cast<RankedTensorType>(first.getResult().getType()).getElementType();
  auto merged = LinearOp::create(
      builder, loc, makeTensorType(shape, element, first.getContext()),
      first.getInput(), makeWeightRows(builder, loc, rows), bias,
      /*residual=*/Value(), /*init=*/Value(), Activation::None);
  remark::passed(first.getLoc(),
                 remark::RemarkOpts::name("merge-projections").category("fuse"))
      << std::to_string(run.size()) + " projections of one input merged";
  for (const Projection &projection : run) {
    LinearOp linear = projection.linear;
    Value part = makeColumns(builder, merged.getResult(),
                             projection.rows.first - rows.first,
                             linear.getResult().getType());
    linear.getResult().replaceAllUsesWith(part);
  }
  for (const Projection &projection : run)
    LinearOp(projection.linear)->erase();
}

/// Merges runs of neighbours; returns how many linears are left.
static size_t mergeNeighbours(SmallVectorImpl<Projection> &group) {
  llvm::sort(group, [](const Projection &a, const Projection &b) {
    if (a.rows.first != b.rows.first)
      return a.rows.first < b.rows.first;
    LinearOp left = a.linear, right = b.linear;
    return left->isBeforeInBlock(right);
  });
  size_t left = 0;
  for (size_t begin = 0; begin < group.size();) {
    size_t next = begin + 1;
    int64_t end = group[begin].rows.end;
    while (next < group.size() && group[next].rows.first <= end)
      end = std::max(end, group[next++].rows.end);
    if (next - begin > 1)
      merge(ArrayRef<Projection>(group).slice(begin, next - begin));
    ++left;
    begin = next;
  }
  return left;
}

void MergeProjectionsPass::runOnOperation() {
  llvm::MapVector<std::pair<Value, Block *>, SmallVector<LinearOp>> byInput;
  getOperation().walk([&](LinearOp linear) {
    byInput[{linear.getInput(), linear->getBlock()}].push_back(linear);
  });
  for (auto &[input, linears] : byInput) {
    if (linears.size() < 2)
      continue;
    Location loc = linears.front().getLoc();
    size_t left = 0;
    std::map<std::pair<Operation *, Operation *>, SmallVector<Projection>>
        groups;
    SmallVector<std::pair<Operation *, Operation *>> order;
    for (LinearOp linear : linears) {
      std::optional<Projection> projection = getProjection(linear);
      if (!projection) {
        ++left;
        continue;
      }
      auto key = std::make_pair(projection->rows.param.getOperation(),
                                projection->bias.getOperation());
      if (groups[key].empty())
        order.push_back(key);
      groups[key].push_back(*projection);
    }
    for (auto key : order)
      left += mergeNeighbours(groups[key]);
    if (left > 1)
      remark::missed(
          loc, remark::RemarkOpts::name("merge-projections").category("fuse"))
          << std::to_string(left) +
                 " projections of one input stay separate: their weights lie "
                 "apart in the weight file, or only some have an epilogue";
  }
}
