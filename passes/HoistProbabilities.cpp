//===- HoistProbabilities.cpp - Softmax at weight load ----------*- C++ -*-===//
//
// The probabilities of a random Synthesizer are the same for every input. They
// are computed once, by a function that runs when the weights are finished, and
// the attend becomes one product with them.
//
//===----------------------------------------------------------------------===//
#include "dialect/Shape.h"
#include "dialect/Target.h"
#include "passes/LinearForm.h"
#include "passes/Passes.h"
#include "passes/WeightProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/Support/MathExtras.h"

namespace attune {
#define GEN_PASS_DEF_HOISTPROBABILITIESPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// Probabilities take as much memory as the weights that they are made of, or
/// this many floats,
static constexpr int64_t smallFloats = int64_t(4) << 20;

/// but not more than these: while they are made, those weights are in memory
/// as well.
static constexpr int64_t maxFloats = int64_t(64) << 20;

/// A prepare function has as many results at most.
static constexpr size_t maxHoisted = 128;

/// The name of a result of the prepare function, and of the param that reads
/// it.
static std::string nameOf(size_t result) {
  return "hoisted." + std::to_string(result);
}

/// Whether `condition`, inside a mask region, is false for all keys k > q.
static bool isCausal(Value condition) {
  if (auto both = condition.getDefiningOp<arith::AndIOp>())
    return isCausal(both.getLhs()) || isCausal(both.getRhs());
  if (auto either = condition.getDefiningOp<arith::OrIOp>())
    return isCausal(either.getLhs()) && isCausal(either.getRhs());
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  if (!compare)
    return false;
  Value low = compare.getLhs(), high = compare.getRhs();
  arith::CmpIPredicate predicate = compare.getPredicate();
  if (predicate == arith::CmpIPredicate::sge ||
      predicate == arith::CmpIPredicate::sgt)
    std::swap(low, high);
  bool isStrict = predicate == arith::CmpIPredicate::slt ||
                  predicate == arith::CmpIPredicate::sgt;
  if (!isStrict && predicate != arith::CmpIPredicate::sle &&
      predicate != arith::CmpIPredicate::sge)
    return false;
  std::optional<LinearForm> a = getLinearForm(low), b = getLinearForm(high);
  std::optional<LinearForm> negated = b ? b->scaled(-1) : std::nullopt;
  std::optional<LinearForm> form =
      a && negated ? a->plus(*negated) : std::nullopt;
  // k - q + constant <= 0, or < 0.
  return form && form->kCoefficient == 1 && form->qCoefficient == -1 &&
         form->uniform.empty() && form->constant + isStrict >= 0;
}

static bool isCausal(MaskOp mask) {
  return mask &&
         isCausal(mask.getBody().front().getTerminator()->getOperand(0));
}

namespace {

/// Hoists the probabilities of one model.
class Hoister {
public:
  Hoister(func::FuncOp model, SymbolTable &symbols)
      : model(model), symbols(symbols), builder(model.getContext()) {}
  void run();

private:
  /// What an attend needs to be hoisted.
  struct Plan {
    AttendOp attend;
    WeightProgram program;
    SmallVector<ForOp> loops;
    std::optional<FixedDim> fixed;
    SmallVector<Extent> sizes;  // H, Tq, Tk of the model
    SmallVector<int64_t> shape; // of the probabilities, a size a loop first
  };
  /// Why not, as far as the scores come from weights; empty when all is well.
  std::string fixSizes(Plan &plan);
  Value prepare(Plan &plan);
  void replace(Plan &plan, StringRef name);

  func::FuncOp model;
  SymbolTable &symbols;
  OpBuilder builder;
  func::FuncOp prepared; // null until something is hoisted
  SmallVector<Value> results;
};

} // namespace

/// The length that a run-time size takes in the prepare function is its bound:
/// rows that only read keys up to their own are then right for shorter ones.
std::string Hoister::fixSizes(Plan &plan) {
  AttendOp attend = plan.attend;
  if (attend.getLse() || attend.getProbs())
    return "probabilities or log-sum-exp are asked for";
  if (attend.getEmptyRow() != EmptyRow::Zero)
    return "empty rows are not zero";
  SmallVector<Extent> result = symbolicShape(
      cast<RankedTensorType>(attend.getResult().front().getType()));
  Extent keys =
      symbolicShape(cast<RankedTensorType>(attend.getValue().getType()))[2];
  plan.sizes = {result[1], result[2], keys};
  if (!result[2].isConstant() || !keys.isConstant()) {
    std::optional<std::string> dim = result[2].asDim();
    if (!dim || !(keys == result[2]))
      return "their sizes are known in a run only";
    auto mask =
        attend.getMask() ? attend.getMask().getDefiningOp<MaskOp>() : MaskOp();
    if (!isCausal(mask))
      return "rows depend on `" + *dim +
             "`, known in a run only: the mask is not causal";
    if (!plan.program.isSameForAllSizes())
      return "they are computed from `" + *dim + "`, known in a run only";
    if (plan.program.readsSizes(/*begin=*/2))
      return "they read nq or nk, known in a run only";
    for (auto attr :
         model->getAttrOfType<ArrayAttr>("attune.dims").getAsRange<DimAttr>())
      if (attr.getName().getValue() == *dim)
        plan.fixed = FixedDim{*dim, attr.getBound()};
    if (!plan.fixed)
      return "their sizes are known in a run only";
  }
  int64_t floats = 1, steps = 1;
  plan.loops = plan.program.getLoops();
  for (ForOp loop : plan.loops) {
    plan.shape.push_back(loop.getUpper() - loop.getLower());
    if (llvm::MulOverflow(steps, plan.shape.back(), steps))
      return "they take too much memory";
  }
  for (const Extent &size : plan.sizes) {
    plan.shape.push_back(
        size.asConstant().value_or(plan.fixed ? plan.fixed->value : -1));
    if (plan.shape.back() < 1 ||
        llvm::MulOverflow(floats, plan.shape.back(), floats))
      return "their sizes are known in a run only";
  }
  bool isMore = floats > plan.program.getWeightFloats();
  steps = std::max<int64_t>(steps, 1);
  if (floats > (isMore ? smallFloats : maxFloats) / steps)
    return llvm::formatv("they take {0} floats, the weights {1}", floats,
                         plan.program.getWeightFloats());
  if (results.size() == maxHoisted)
    return "there are too many already";
  return {};
}

/// The probabilities of all steps, in the prepare function.
Value Hoister::prepare(Plan &plan) {
  AttendOp attend = plan.attend;
  Location loc = attend.getLoc();
  MLIRContext *context = model.getContext();
  IRMapping mapping;
  SmallVector<ForOp> loops;
  SmallVector<int64_t> own(ArrayRef(plan.shape).take_back(3));
  own.insert(own.begin(), 1);
  Type f32 = builder.getF32Type();
  for (auto [depth, loop] : llvm::enumerate(plan.loops)) {
    SmallVector<int64_t> shape(
        ArrayRef(plan.shape).slice(depth, plan.loops.size() - depth));
    llvm::append_range(shape, own);
    auto copy = ForOp::create(
        builder, loop.getLoc(), TypeRange{RankedTensorType::get(shape, f32)},
        loop.getIvName(), loop.getLower(), loop.getUpper(), ValueRange());
    Block *body = builder.createBlock(&copy.getBody(), {},
                                      {builder.getIndexType()}, {loc});
    mapping.map(loop.getBody().getArgument(0), body->getArgument(0));
    loops.push_back(copy);
  }
  if (!plan.program.clone(builder, mapping, plan.fixed))
    return {};
  // Only the probabilities are read.
  auto valueType = RankedTensorType::get({1, 1, own[3], 1}, f32);
  Value values = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(valueType, 0.0f));
  auto outType = RankedTensorType::get({1, own[1], own[2], 1}, f32);
  auto probsType = RankedTensorType::get(own, f32);
  Value mask = attend.getMask();
  Value result =
      AttendOp::create(builder, loc, TypeRange{outType, probsType},
                       mapping.lookup(attend.getScores()), values,
                       mask ? mapping.lookup(mask) : Value(), ValueRange(),
                       EmptyRow::Zero, /*probs=*/true, /*lse=*/false,
                       /*no_softmax=*/false)
          .getResult()[1];
  for (ForOp loop : llvm::reverse(loops)) {
    YieldOp::create(builder, loc, ValueRange{result});
    result = loop.getResult(0);
    builder.setInsertionPointAfter(loop);
  }
  return ReshapeOp::create(
      builder, loc,
      makeTensorType(llvm::map_to_vector(plan.shape, Extent::constant), f32,
                     context),
      result);
}

/// The attend reads the probabilities as scores.
void Hoister::replace(Plan &plan, StringRef name) {
  AttendOp attend = plan.attend;
  Location loc = attend.getLoc();
  MLIRContext *context = model.getContext();
  OpBuilder builder(attend);
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
  SmallVector<Extent> shape = llvm::map_to_vector(plan.shape, Extent::constant);
  Value array = ParamOp::create(
      builder, loc, makeTensorType(shape, f32, context), name, ValueRange(),
      PackAttr::get(context, PackKind::Hoisted, 1), IntegerAttr(),
      DenseI64ArrayAttr());
  size_t numLoops = plan.loops.size();
  for (size_t axis : {numLoops + 1, numLoops + 2}) {
    if (shape[axis] == plan.sizes[axis - numLoops])
      continue;
    shape[axis] = plan.sizes[axis - numLoops];
    array = SliceOp::create(builder, loc, makeTensorType(shape, f32, context),
                            array, axis, Extent::constant(0).toAttr(context));
  }
  SmallVector<Value> steps;
  for (ForOp loop : plan.loops) {
    Value step = arith::IndexCastOp::create(builder, loc, i32,
                                            loop.getBody().getArgument(0));
    Value lower =
        arith::ConstantIntOp::create(builder, loc, loop.getLower(), 32);
    steps.push_back(builder.createOrFold<arith::SubIOp>(loc, step, lower));
  }
  SmallVector<Extent> extents = symbolicShape(
      cast<RankedTensorType>(attend.getResult().front().getType()));
  extents[3] = plan.sizes[2];
  auto scores =
      IndexScoresOp::create(builder, loc, attend.getScores().getType(),
                            makeShapeAttr(extents, context));
  {
    OpBuilder::InsertionGuard guard(builder);
    Block *block =
        builder.createBlock(&scores.getBody(), {}, SmallVector<Type>(8, i32),
                            SmallVector<Location>(8, loc));
    SmallVector<Value> indices(steps);
    for (unsigned i : {1, 2, 3})
      indices.push_back(block->getArgument(i));
    Value element = CaptureOp::create(builder, loc, f32, array, indices);
    YieldOp::create(builder, loc, ValueRange{element});
  }
  attend.getScoresMutable().assign(scores.getScores());
  attend.setNoSoftmax(true);
}

void Hoister::run() {
  SmallVector<AttendOp> attends;
  model.walk([&](AttendOp attend) { attends.push_back(attend); });
  auto options =
      remark::RemarkOpts::name("hoist-probabilities").category("fuse");
  for (AttendOp attend : attends) {
    Plan plan;
    plan.attend = attend;
    if (attend.getNoSoftmax() || !plan.program.add(attend.getScores()) ||
        !plan.program.hasWeights())
      continue;
    std::string reason;
    if (attend.getMask() && !plan.program.add(attend.getMask()))
      reason = "the mask depends on the batch or an input";
    else
      reason = fixSizes(plan);
    if (reason.empty()) {
      std::string name = nameOf(results.size());
      if (!prepared) {
        builder.setInsertionPointAfter(model);
        prepared = func::FuncOp::create(builder, model.getLoc(),
                                        (model.getName() + ".prepare").str(),
                                        builder.getFunctionType({}, {}));
        builder.setInsertionPointToStart(prepared.addEntryBlock());
      }
      Operation *last = prepared.getBody().front().empty()
                            ? nullptr
                            : &prepared.getBody().front().back();
      if (Value result = prepare(plan)) {
        results.push_back(result);
        replace(plan, name);
        remark::passed(attend.getLoc(), options)
            << remark::add("the weights alone determine the probabilities: "
                           "computed once, when the weights are finished");
        continue;
      }
      // What was copied before the dim was met.
      while (!prepared.getBody().front().empty() &&
             &prepared.getBody().front().back() != last)
        prepared.getBody().front().back().erase();
      builder.setInsertionPointToEnd(&prepared.getBody().front());
      reason = "they read sizes known in a run only";
    }
    remark::missed(attend.getLoc(), options)
        << "the scores depend on weights alone, but the softmax runs in each "
           "call: " +
               reason;
  }
  if (results.empty()) {
    if (prepared)
      prepared.erase();
    return;
  }
  func::ReturnOp::create(builder, model.getLoc(), results);
  prepared.setFunctionType(builder.getFunctionType({}, TypeRange(results)));
  for (size_t i = 0; i < results.size(); ++i)
    prepared.setResultAttr(i, "attune.name", builder.getStringAttr(nameOf(i)));
  prepared->setAttr("attune.model", builder.getUnitAttr());
  prepared->setAttr("attune.dims", builder.getArrayAttr({}));
  symbols.insert(prepared);
  prepared->setAttr("attune.prepares", model.getSymNameAttr());
  model->setAttr("attune.prepare", prepared.getSymNameAttr());
}

namespace {
struct HoistProbabilitiesPass
    : attune::impl::HoistProbabilitiesPassBase<HoistProbabilitiesPass> {
  void runOnOperation() override {
    auto target = getOperation()->getAttrOfType<TargetAttr>("attune.target");
    if (target && isCuda(target))
      return;
    SymbolTable symbols(getOperation());
    SmallVector<func::FuncOp> models;
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func->hasAttr("attune.model") && !func->hasAttr("attune.prepares"))
        models.push_back(func);
    for (func::FuncOp model : models)
      Hoister(model, symbols).run();
  }
};
} // namespace
