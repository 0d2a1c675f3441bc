//===- Evaluator.cpp - Program ops of the oracle --------------------------===//

#include "reference/Evaluator.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attune;
using namespace attune::reference;

std::optional<int64_t>
attune::reference::countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  bool zero = llvm::is_contained(shape, 0);
  for (int64_t extent : shape)
    if (extent < 0 || (!zero && (llvm::MulOverflow(count, extent, count) ||
                                 count > maxElements)))
      return std::nullopt;
  return zero ? 0 : count;
}

Shape attune::reference::broadcastStrides(ArrayRef<int64_t> shape,
                                          ArrayRef<int64_t> stretched) {
  Shape strides(stretched.size(), 0);
  int64_t stride = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    size_t from = shape.size() - 1 - i, to = stretched.size() - 1 - i;
    strides[to] = shape[from] == 1 ? 0 : stride;
    stride *= shape[from];
  }
  return strides;
}

void attune::reference::forEachIndex(
    ArrayRef<int64_t> shape, llvm::function_ref<void(ArrayRef<int64_t>)> body) {
  if (llvm::is_contained(shape, 0))
    return;
  SmallVector<int64_t, 8> index(shape.size(), 0);
  while (true) {
    body(index);
    size_t axis = shape.size();
    while (axis > 0 && ++index[axis - 1] == shape[axis - 1])
      index[--axis] = 0;
    if (axis == 0)
      return;
  }
}

template <typename Real>
llvm::Expected<int64_t> Evaluator<Real>::evaluate(ExtentAttr extent) {
  int64_t sum = 0;
  for (MonomialAttr term : extent.getTerms()) {
    int64_t product = term.getCoefficient();
    for (StringAttr factor : term.getFactors()) {
      auto dim = dims.find(factor.getValue());
      if (dim == dims.end())
        return llvm::createStringError("dim `%s` has no value: give it with "
                                       "--dim",
                                       factor.getValue().str().c_str());
      if (llvm::MulOverflow(product, dim->second, product))
        return llvm::createStringError("an extent overflows");
    }
    if (llvm::AddOverflow(sum, product, sum))
      return llvm::createStringError("an extent overflows");
  }
  return sum;
}

template <typename Real>
llvm::Expected<Shape> Evaluator<Real>::shapeOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  auto symbolic = dyn_cast_or_null<ShapeAttr>(tensor.getEncoding());
  Shape shape;
  for (int64_t axis = 0; axis < tensor.getRank(); ++axis) {
    if (!tensor.isDynamicDim(axis)) {
      shape.push_back(tensor.getDimSize(axis));
      continue;
    }
    if (!symbolic)
      return llvm::createStringError("a dynamic extent has no symbol");
    llvm::Expected<int64_t> extent = evaluate(symbolic.getExtents()[axis]);
    if (!extent)
      return extent.takeError();
    if (*extent < 0)
      return llvm::createStringError("an extent is negative");
    shape.push_back(*extent);
  }
  return shape;
}

template <typename Real>
llvm::Expected<std::shared_ptr<Tensor<Real>>>
Evaluator<Real>::make(Value result) {
  llvm::Expected<Shape> shape = shapeOf(result.getType());
  if (!shape)
    return shape.takeError();
  std::optional<int64_t> count = countElements(*shape);
  if (!count)
    return llvm::createStringError("an array is too large for the oracle");
  auto tensor = std::make_shared<Tensor<Real>>();
  tensor->shape = std::move(*shape);
  tensor->isFloat =
      isa<FloatType>(cast<ShapedType>(result.getType()).getElementType());
  if (tensor->isFloat)
    tensor->reals.resize(*count);
  else
    tensor->integers.resize(*count);
  values[result] = tensor;
  return tensor;
}

template <typename Real> llvm::Error Evaluator<Real>::runParam(ParamOp op) {
  std::string name;
  auto step = op.getSteps().begin();
  for (StringRef rest = op.getName(); !rest.empty();) {
    size_t open = rest.find('{');
    size_t close = rest.find('}', open);
    if (open == StringRef::npos || close == StringRef::npos ||
        step == op.getSteps().end()) {
      name += rest;
      break;
    }
    name += rest.take_front(open);
    name += std::to_string(steps[*step++]);
    rest = rest.drop_front(close + 1);
  }
  const Array *weight = weights(name);
  if (!weight)
    return llvm::createStringError("no weight `%s`", name.c_str());
  auto result = make(op.getResult());
  if (!result)
    return result.takeError();
  if (weight->shape != (*result)->shape || !weight->isFloat)
    return llvm::createStringError("weight `%s` has another shape or type",
                                   name.c_str());
  (*result)->reals.assign(weight->reals.begin(), weight->reals.end());
  return llvm::Error::success();
}

template <typename Real> llvm::Error Evaluator<Real>::runFor(ForOp op) {
  Block &body = op.getBody().front();
  SmallVector<TensorPtr> carried;
  for (Value init : op.getInits())
    carried.push_back(values[init]);
  SmallVector<TensorPtr> stacks;
  for (Value result : op.getResults().drop_front(carried.size())) {
    auto stack = make(result);
    if (!stack)
      return stack.takeError();
    stacks.push_back(*stack);
  }
  for (int64_t step = op.getLower(); step < int64_t(op.getUpper()); ++step) {
    steps[body.getArgument(0)] = step;
    for (auto [index, tensor] : llvm::enumerate(carried))
      values[body.getArgument(index + 1)] = tensor;
    if (llvm::Error error = runBlock(body))
      return error;
    auto yield = cast<YieldOp>(body.getTerminator());
    for (auto [index, value] : llvm::enumerate(yield.getValues())) {
      if (index < carried.size()) {
        carried[index] = values[value];
        continue;
      }
      if (!values[value])
        continue; // an observer kept it from being computed
      const Tensor<Real> &part = get(value);
      Tensor<Real> &stack = *stacks[index - carried.size()];
      int64_t first = (step - int64_t(op.getLower())) * part.size();
      llvm::copy(part.reals, stack.reals.begin() + (part.isFloat ? first : 0));
      llvm::copy(part.integers,
                 stack.integers.begin() + (part.isFloat ? 0 : first));
    }
  }
  for (auto [result, tensor] : llvm::zip(op.getResults(), carried))
    values[result] = tensor;
  return llvm::Error::success();
}

template <typename Real>
llvm::Error Evaluator<Real>::runConstant(Operation &op) {
  auto elements =
      dyn_cast<DenseElementsAttr>(cast<arith::ConstantOp>(op).getValue());
  if (!elements)
    return llvm::Error::success(); // an index or scalar: read where it is used
  auto result = make(op.getResult(0));
  if (!result)
    return result.takeError();
  if ((*result)->isFloat) {
    int64_t i = 0;
    for (APFloat value : elements.getValues<APFloat>())
      (*result)->reals[i++] = Real(value.convertToDouble());
  } else {
    bool isBool = elements.getElementType().isInteger(1);
    int64_t i = 0;
    for (APInt value : elements.getValues<APInt>())
      (*result)->integers[i++] =
          isBool ? value.getZExtValue() : value.getSExtValue();
  }
  return llvm::Error::success();
}

/// Integer arithmetic on dims and steps.
template <typename Real>
llvm::Expected<int64_t> Evaluator<Real>::numberOf(Value value) {
  if (auto step = steps.find(value); step != steps.end())
    return step->second;
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  Operation *op = value.getDefiningOp();
  if (auto dim = dyn_cast_or_null<DimOp>(op)) {
    auto found = dims.find(dim.getName());
    if (found != dims.end())
      return found->second;
  } else if (isa_and_nonnull<arith::IndexCastOp, arith::MulIOp, arith::AddIOp>(
                 op)) {
    llvm::Expected<int64_t> a = numberOf(op->getOperand(0));
    if (!a || isa<arith::IndexCastOp>(op))
      return a;
    llvm::Expected<int64_t> b = numberOf(op->getOperand(1));
    if (!b)
      return b;
    return int64_t(isa<arith::MulIOp>(op) ? uint64_t(*a) * uint64_t(*b)
                                          : uint64_t(*a) + uint64_t(*b));
  }
  return llvm::createStringError("a number has no value");
}

template <typename Real>
llvm::Error Evaluator<Real>::runNumber(tensor::FromElementsOp op) {
  auto result = make(op.getResult());
  if (!result)
    return result.takeError();
  if (op.getType().getRank() != 0 || (*result)->isFloat)
    return llvm::createStringError("the oracle knows integers of rank 0 only");
  llvm::Expected<int64_t> number = numberOf(op.getElements().front());
  if (!number)
    return number.takeError();
  (*result)->integers[0] = *number;
  return llvm::Error::success();
}

template <typename Real> llvm::Error Evaluator<Real>::run(Operation &op) {
  return llvm::TypeSwitch<Operation *, llvm::Error>(&op)
      .Case([&](ParamOp op) { return runParam(op); })
      .Case([&](ForOp op) { return runFor(op); })
      .Case([&](arith::ConstantOp) { return runConstant(op); })
      .Case([&](tensor::FromElementsOp op) { return runNumber(op); })
      .Case([&](LinearOp op) { return runLinear(op); })
      .Case([&](MatmulOp op) { return runMatmul(op); })
      .Case([&](LayerNormOp op) { return runLayerNorm(op); })
      .Case([&](EmbeddingOp op) {
        return runRows(op, op.getTable(), op.getIds(), op.getResult());
      })
      .Case([&](GatherOp op) {
        return runRows(op, op.getTable(), op.getIds(), op.getResult());
      })
      .Case([&](ActivationOp op) { return runActivation(op); })
      .Case([&](ElementwiseOp op) { return runElementwise(op); })
      .Case([&](CastOp op) { return runCast(op); })
      .Case([&](ReduceOp op) { return runReduce(op); })
      .Case([&](SoftmaxOp op) { return runSoftmax(op); })
      .Case([&](RmsNormOp op) { return runRmsNorm(op); })
      .Case([&](BroadcastOp op) { return runBroadcast(op); })
      .template Case<RepeatElementsOp, TileAxisOp>(
          [&](auto op) { return runRepetition(op, op.getAxis()); })
      .Case([&](WhereOp op) { return runWhere(op); })
      .Case([&](ArangeOp op) { return runArange(op); })
      .Case([&](SinusoidOp op) { return runSinusoid(op); })
      .Case([&](RopeOp op) { return runRope(op); })
      .Case([&](ConcatOp op) { return runConcat(op); })
      .template Case<HeadSplitOp, HeadMergeOp, SliceOp, SplitOp, TransposeOp,
                     ReshapeOp>([&](auto op) { return runView(op); })
      .Case([&](AttendOp op) { return runAttend(op); })
      .Case([&](SpatialGateOp op) { return runSpatialGate(op); })
      // Symbolic: evaluated by what consumes them.
      .template Case<DimOp, YieldOp, func::ReturnOp, arith::IndexCastOp,
                     arith::MulIOp, arith::AddIOp>(
          [](auto) { return llvm::Error::success(); })
      .Default([](Operation *op) -> llvm::Error {
        if (isScoreOrMaskProducer(op))
          return llvm::Error::success();
        return llvm::createStringError(
            "the oracle does not know `%s`",
            op->getName().getStringRef().str().c_str());
      });
}

template <typename Real> llvm::Error Evaluator<Real>::runBlock(Block &block) {
  for (Operation &op : block) {
    if (auto attend = dyn_cast<AttendOp>(op); attend && observer)
      if (llvm::Error error = showAttend(attend))
        return error;
    if (auto gate = dyn_cast<SpatialGateOp>(op); gate && observer)
      if (llvm::Error error = showGate(gate))
        return error;
    if (observer && !observer->runs(&op))
      continue;
    if (llvm::Error error = run(op))
      return error;
  }
  return llvm::Error::success();
}

template class attune::reference::Evaluator<double>;
template class attune::reference::Evaluator<float>;
