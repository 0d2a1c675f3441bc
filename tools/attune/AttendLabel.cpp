/// Names of attends and gates: users know them by the modules that their
/// weights are in.
#include "dialect/Shape.h"
#include "tools/attune/Place.h"
#include "tools/attune/ViewAttends.h"
#include "tools/view/Font.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir;

namespace attune::tool {

/// The full name of a param at the present steps of the loops around it.
static std::string nameOf(ParamOp param, Operation *op,
                          ArrayRef<int64_t> steps) {
  SmallVector<ForOp> loops;
  for (auto loop = op->getParentOfType<ForOp>(); loop;
       loop = loop->getParentOfType<ForOp>())
    loops.insert(loops.begin(), loop);
  std::string name;
  StringRef rest = param.getName();
  for (Value step : param.getSteps()) {
    auto [before, after] = rest.split('{');
    name += before;
    auto argument = dyn_cast<BlockArgument>(step);
    for (auto [loop, value] : zip(loops, steps))
      if (argument && loop.getBody().getArgument(0) == argument)
        name += std::to_string(value);
    rest = after.split('}').second;
  }
  return name + rest.str();
}

namespace {
/// The weights that make a value, up to the arrays that other modules made.
struct WeightCollector {
  SmallVector<ParamOp> params;
  llvm::DenseSet<Operation *> seen;

  void add(Value value) {
    Operation *op = value ? value.getDefiningOp() : nullptr;
    if (!op || !seen.insert(op).second)
      return;
    if (auto param = dyn_cast<ParamOp>(op))
      return params.push_back(param);
    if (auto linear = dyn_cast<LinearOp>(op)) {
      add(linear.getWeight());
      return add(linear.getBias());
    }
    if (isScoreOrMaskProducer(op) ||
        isa<HeadSplitOp, SliceOp, SplitOp, TransposeOp, ReshapeOp, ConcatOp,
            RopeOp, CastOp, BroadcastOp>(op))
      for (Value operand : op->getOperands())
        add(operand);
  }
};
} // namespace

/// The modules that all names are in.
static StringRef commonModule(ArrayRef<std::string> names) {
  StringRef common = names.empty() ? StringRef() : StringRef(names.front());
  common = common.substr(
      0, common.rfind('.') == StringRef::npos ? 0 : common.rfind('.'));
  for (StringRef name : names)
    while (!common.empty() && !name.starts_with((common + ".").str()))
      common = common.substr(
          0, common.rfind('.') == StringRef::npos ? 0 : common.rfind('.'));
  return common;
}

static std::string labelOf(const reference::AttendVisit &visit) {
  auto attend = dyn_cast<AttendOp>(visit.op);
  SmallVector<Value> arrays;
  if (attend)
    arrays = {attend.getValue(), attend.getScores()};
  else
    arrays = {cast<SpatialGateOp>(visit.op).getWeight()};
  // The module of all, else that of the values: a table of scores may be
  // shared.
  for (; !arrays.empty(); arrays.pop_back()) {
    WeightCollector weights;
    for (Value array : arrays)
      weights.add(array);
    SmallVector<std::string> names;
    for (ParamOp param : weights.params)
      names.push_back(nameOf(param, visit.op, visit.steps));
    if (StringRef common = commonModule(names); !common.empty())
      return view::cleanText(common);
  }
  std::string label = attend ? "attention" : "spatial";
  if (std::optional<Place> place = Place::of(visit.op->getLoc()))
    label += " at " + sys::path::filename(place->file).str() + ":" +
             std::to_string(place->line);
  for (int64_t step : visit.steps)
    label += ", step " + std::to_string(step);
  return view::cleanText(label);
}

static std::string dimOf(Value array, int64_t axis) {
  return symbolicShape(cast<RankedTensorType>(array.getType()))[axis]
      .asDim()
      .value_or("");
}

ViewedAttend::ViewedAttend(int64_t number, const reference::AttendVisit &visit)
    : number(number), label(labelOf(visit)), batch(visit.batch),
      heads(visit.heads), queries(visit.queries), keys(visit.keys) {
  if (auto attend = dyn_cast<AttendOp>(visit.op)) {
    queryDim = dimOf(attend.getResult().front(), 2);
    keyDim = dimOf(attend.getValue(), 2);
  } else {
    queryDim = keyDim = dimOf(cast<SpatialGateOp>(visit.op).getInput(), 1);
  }
}

} // namespace attune::tool
