//===- Interpreter.cpp - The oracle: import stage in plain loops ----------===//

#include "reference/Interpreter.h"
#include "dialect/Shape.h"

#include "reference/Evaluator.h"

using namespace mlir;
using namespace attune;
using namespace attune::reference;

static std::string argumentName(func::FuncOp function, unsigned index) {
  if (auto name = function.getArgAttrOfType<StringAttr>(index, "attune.name"))
    return name.getValue().str();
  return std::to_string(index);
}

/// Reads the dims that stand alone as an extent of an input.
static llvm::Error readDims(func::FuncOp function, ArrayRef<Array> inputs,
                            llvm::StringMap<int64_t> &dims) {
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto tensor = cast<RankedTensorType>(type);
    const Array &input = inputs[index];
    std::string name = argumentName(function, index);
    if (int64_t(input.shape.size()) != tensor.getRank())
      return llvm::createStringError("input `%s` has rank %zu, expected %lld",
                                     name.c_str(), input.shape.size(),
                                     (long long)tensor.getRank());
    auto symbolic = dyn_cast_or_null<ShapeAttr>(tensor.getEncoding());
    if (!symbolic)
      continue;
    for (auto [axis, extent] : llvm::enumerate(symbolic.getExtents())) {
      ArrayRef<MonomialAttr> terms = extent.getTerms();
      if (terms.size() != 1 || terms[0].getCoefficient() != 1 ||
          terms[0].getFactors().size() != 1)
        continue;
      StringRef dim = terms[0].getFactors()[0].getValue();
      auto [known, isNew] = dims.try_emplace(dim, input.shape[axis]);
      if (!isNew && known->second != input.shape[axis])
        return llvm::createStringError(
            "`%s` is %lld in axis %zu of input `%s`, but %lld elsewhere",
            dim.str().c_str(), (long long)input.shape[axis], size_t(axis),
            name.c_str(), (long long)known->second);
    }
  }
  return llvm::Error::success();
}

/// Refuses dims above their bounds, as a library does.
static llvm::Error checkDims(func::FuncOp function,
                             const llvm::StringMap<int64_t> &dims) {
  auto valueOf = [&](StringRef name) -> std::optional<int64_t> {
    auto found = dims.find(name);
    return found == dims.end() ? std::nullopt : std::optional(found->second);
  };
  if (auto list = function->getAttrOfType<ArrayAttr>("attune.dims"))
    for (auto dim : list.getAsRange<DimAttr>()) {
      std::string name = dim.getName().str();
      std::optional<int64_t> value = valueOf(name);
      if (value && (*value < 0 || *value > dim.getBound()))
        return llvm::createStringError(
            "dim `%s` is %lld: expected 0 <= %s <= %lld", name.c_str(),
            (long long)*value, name.c_str(), (long long)dim.getBound());
    }
  if (auto list = function->getAttrOfType<ArrayAttr>("attune.conditions"))
    for (auto condition : list.getAsRange<ConditionAttr>()) {
      std::optional<int64_t> value =
          Extent::get(condition.getValue()).evaluate(valueOf);
      if (value && *value < 0)
        return llvm::createStringError(
            "model `%s` needs `%s`, which is false at these dims",
            function.getName().str().c_str(),
            condition.getText().str().c_str());
    }
  return llvm::Error::success();
}

static std::string textOf(ArrayRef<int64_t> shape) {
  return shapeText(llvm::map_to_vector(shape, Extent::constant));
}

template <typename Real>
static llvm::Expected<std::vector<Array>>
interpretIn(func::FuncOp function, ArrayRef<Array> inputs, WeightLookup weights,
            llvm::StringMap<int64_t> dims, AttendObserver *observer) {
  Evaluator<Real> evaluator(weights, std::move(dims), observer);
  Block &body = function.getBody().front();
  for (auto [index, argument] : llvm::enumerate(body.getArguments())) {
    auto shape = evaluator.shapeOf(argument.getType());
    if (!shape)
      return shape.takeError();
    const Array &input = inputs[index];
    std::string name = argumentName(function, index);
    bool isFloat =
        isa<FloatType>(cast<ShapedType>(argument.getType()).getElementType());
    if (*shape != input.shape)
      return llvm::createStringError("input `%s` has shape %s: expected %s",
                                     name.c_str(), textOf(input.shape).c_str(),
                                     textOf(*shape).c_str());
    std::optional<int64_t> count = countElements(*shape);
    if (!count || input.isFloat != isFloat || input.size() != *count)
      return llvm::createStringError("input `%s` has another type than the "
                                     "model declares",
                                     name.c_str());
    auto tensor = std::make_shared<Tensor<Real>>();
    tensor->isFloat = isFloat;
    tensor->shape = *shape;
    tensor->reals.assign(input.reals.begin(), input.reals.end());
    tensor->integers = input.integers;
    if (cast<ShapedType>(argument.getType()).getElementType().isInteger(1))
      for (int64_t &value : tensor->integers)
        value = value != 0;
    evaluator.values[argument] = tensor;
  }
  if (llvm::Error error = evaluator.runBlock(body))
    return std::move(error);
  std::vector<Array> outputs;
  for (Value value : body.getTerminator()->getOperands()) {
    if (!evaluator.values[value])
      return std::vector<Array>(); // an observer kept it from being computed
    const Tensor<Real> &tensor = *evaluator.values[value];
    Array output;
    output.isFloat = tensor.isFloat;
    output.shape = tensor.shape;
    output.reals.assign(tensor.reals.begin(), tensor.reals.end());
    output.integers = tensor.integers;
    outputs.push_back(std::move(output));
  }
  return outputs;
}

llvm::Expected<std::vector<Array>>
attune::reference::interpret(func::FuncOp function, ArrayRef<Array> inputs,
                             WeightLookup weights,
                             const llvm::StringMap<int64_t> &dims,
                             Precision precision, AttendObserver *observer) {
  if (inputs.size() != function.getNumArguments())
    return llvm::createStringError("the model has %u inputs, not %zu",
                                   function.getNumArguments(), inputs.size());
  llvm::StringMap<int64_t> known = dims;
  if (llvm::Error error = readDims(function, inputs, known))
    return std::move(error);
  if (llvm::Error error = checkDims(function, known))
    return std::move(error);
  if (precision == Precision::F64)
    return interpretIn<double>(function, inputs, weights, std::move(known),
                               observer);
  return interpretIn<float>(function, inputs, weights, std::move(known),
                            observer);
}
