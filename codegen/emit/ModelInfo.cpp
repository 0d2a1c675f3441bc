//===- ModelInfo.cpp - What is known of a lowered model -------------------===//

#include "codegen/emit/ModelInfo.h"
#include "runtime/abi.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace attune;

static constexpr std::pair<llvm::StringLiteral, uint64_t> featureTable[] = {
    {"sse2", ATTUNE_CPU_SSE2},         {"avx", ATTUNE_CPU_AVX},
    {"avx2", ATTUNE_CPU_AVX2},         {"fma", ATTUNE_CPU_FMA},
    {"f16c", ATTUNE_CPU_F16C},         {"bmi2", ATTUNE_CPU_BMI2},
    {"avx512f", ATTUNE_CPU_AVX512F},   {"avx512bw", ATTUNE_CPU_AVX512BW},
    {"avx512dq", ATTUNE_CPU_AVX512DQ}, {"avx512vl", ATTUNE_CPU_AVX512VL},
    {"bmi", ATTUNE_CPU_BMI},           {"lzcnt", ATTUNE_CPU_LZCNT},
    {"popcnt", ATTUNE_CPU_POPCNT}};

// The code is made for x86-64 plus exactly these features (Translate.cpp).
uint64_t ModelInfo::features() const {
  uint64_t bits = ATTUNE_CPU_SSE2;
  SmallVector<StringRef> list;
  target.getFeatures().getValue().split(list, ',');
  for (auto [name, bit] : featureTable)
    for (StringRef feature : list)
      if (feature.consume_front("+") && feature == name)
        bits |= bit;
  return bits;
}

SmallVector<WeightAttr> ModelInfo::fileWeights() const {
  SmallVector<WeightAttr> rows(weights);
  if (prepare)
    llvm::append_range(rows, prepare->weights);
  return rows;
}

SmallVector<StringRef> attune::featureNames(uint64_t features) {
  SmallVector<StringRef> names;
  for (auto [name, bit] : featureTable)
    if (features & bit)
      names.push_back(name);
  return names;
}

std::pair<uint8_t, uint8_t> attune::dlpackType(Type element) {
  if (element.isF32())
    return {2, 32};
  if (element.isInteger(1))
    return {6, 8};
  if (element.isUnsignedInteger(8))
    return {1, 8};
  if (element.isSignlessInteger(32) || element.isSignlessInteger(64))
    return {0, static_cast<uint8_t>(element.getIntOrFloatBitWidth())};
  return {0, 0};
}

std::string attune::elementName(Type element) {
  auto [code, bits] = dlpackType(element);
  if (code == 6)
    return "bool";
  return (code == 2 ? "f" : code == 1 ? "u" : "i") + std::to_string(bits);
}

/// The elements of an array attribute; an absent one has none.
template <typename AttrTy>
static LogicalResult readList(LLVM::LLVMFuncOp func, StringRef name,
                              SmallVectorImpl<AttrTy> &list) {
  Attribute attr = func->getAttr(name);
  if (!attr)
    return success();
  auto array = dyn_cast<ArrayAttr>(attr);
  if (!array || !llvm::all_of(array, llvm::IsaPred<AttrTy>))
    return func.emitError("attribute `") << name << "` holds something else";
  for (Attribute element : array)
    list.push_back(cast<AttrTy>(element));
  return success();
}

static LogicalResult checkLimits(LLVM::LLVMFuncOp func,
                                 const ModelInfo &model) {
  auto checkExtent = [&](ExtentAttr extent) -> LogicalResult {
    for (MonomialAttr term : extent.getTerms())
      if (term.getFactors().size() > ATTUNE_MAX_RANK)
        return func.emitError("an extent multiplies more than ")
               << unsigned(ATTUNE_MAX_RANK) << " dims";
    return success();
  };
  for (const auto *list : {&model.inputs, &model.outputs})
    for (ArgumentAttr argument : *list) {
      if (dlpackType(argument.getElement()).second == 0)
        return func.emitError("`")
               << argument.getName().getValue()
               << "` has elements that the C interface does not know";
      if (argument.getShape().getExtents().size() > ATTUNE_MAX_RANK)
        return func.emitError("`")
               << argument.getName().getValue() << "` has more than "
               << unsigned(ATTUNE_MAX_RANK) << " axes";
      for (ExtentAttr extent : argument.getShape().getExtents())
        if (failed(checkExtent(extent)))
          return failure();
    }
  for (ConditionAttr condition : model.conditions)
    if (failed(checkExtent(condition.getValue())))
      return failure();
  for (WeightAttr weight : model.weights)
    if (weight.getShape().size() > ATTUNE_MAX_RANK)
      return func.emitError("weight `")
             << weight.getName().getValue() << "` has more than "
             << unsigned(ATTUNE_MAX_RANK) << " axes";
  for (SlotAttr slot : model.slots)
    for (ArrayRef<ExtentAttr> list : {slot.getBytes(), slot.getCaps()})
      for (ExtentAttr extent : list)
        if (failed(checkExtent(extent)))
          return failure();
  // attune_* belongs to the runtime, in C and in the library.
  if (model.name == "attune" || StringRef(model.name).starts_with("attune_"))
    return func.emitError("a model must not be called `")
           << model.name << "`: the names attune_* belong to the runtime";
  return success();
}

/// The model of a lowered function.
static FailureOr<ModelInfo> readModel(LLVM::LLVMFuncOp func,
                                      TargetAttr target) {
  ModelInfo model;
  model.body = func.getSymName().str();
  StringRef name = func.getSymName();
  name.consume_back(".body");
  model.name = name.str();
  model.target = target;
  SmallVector<ArgumentAttr> arguments;
  SmallVector<WeightAttr> weights;
  if (failed(readList(func, "attune.dims", model.dims)) ||
      failed(readList(func, "attune.conditions", model.conditions)) ||
      failed(readList(func, "attune.arguments", arguments)) ||
      failed(readList(func, "attune.weights", weights)) ||
      failed(readList(func, "attune.slots", model.slots)))
    return failure();
  for (ArgumentAttr argument : arguments) {
    if (!argument.getOutput() && !model.outputs.empty())
      return func.emitError("has an input behind an output");
    (argument.getOutput() ? model.outputs : model.inputs).push_back(argument);
  }
  for (WeightAttr weight : weights)
    (weight.getPack().getKind() == PackKind::Hoisted ? model.hoisted
                                                     : model.weights)
        .push_back(weight);
  if (auto floats = func->getAttrOfType<IntegerAttr>("attune.packed_floats"))
    model.packedFloats = floats.getInt();
  if (failed(checkLimits(func, model)))
    return failure();
  return model;
}

/// Gives a model its prepare function, whose outputs `hoisted` is ordered by.
static LogicalResult
linkPrepare(LLVM::LLVMFuncOp func, ModelInfo &model,
            const llvm::StringMap<std::shared_ptr<ModelInfo>> &prepares) {
  auto name = func->getAttrOfType<StringAttr>("attune.prepare");
  model.prepare = name ? prepares.lookup(name.getValue()) : nullptr;
  SmallVector<WeightAttr> rows;
  if (model.prepare)
    for (ArgumentAttr output : model.prepare->outputs)
      for (WeightAttr row : model.hoisted)
        if (row.getName() == output.getName())
          rows.push_back(row);
  if (rows.size() != model.hoisted.size() ||
      (model.prepare &&
       (rows.size() != model.prepare->outputs.size() ||
        !model.prepare->inputs.empty() || !model.prepare->dims.empty())))
    return func.emitError("does not fit its prepare function");
  model.hoisted = std::move(rows);
  return success();
}

FailureOr<SmallVector<ModelInfo, 0>> attune::collectModels(ModuleOp module) {
  auto target = module->getAttrOfType<TargetAttr>("attune.target");
  if (!target)
    return module.emitError("expects a module with an `attune.target`");
  SmallVector<ModelInfo, 0> models;
  SmallVector<LLVM::LLVMFuncOp> functions;
  llvm::StringMap<std::shared_ptr<ModelInfo>> prepares;
  for (auto func : module.getOps<LLVM::LLVMFuncOp>()) {
    if (!func->hasAttr("attune.model"))
      continue;
    FailureOr<ModelInfo> model = readModel(func, target);
    if (failed(model))
      return failure();
    if (func->hasAttr("attune.prepares")) {
      auto prepare = std::make_shared<ModelInfo>(std::move(*model));
      prepares[prepare->name] = prepare;
      continue;
    }
    models.push_back(std::move(*model));
    functions.push_back(func);
  }
  if (models.empty())
    return module.emitError("holds no lowered model: run attune-stage-lower");
  for (auto [func, model] : llvm::zip(functions, models))
    if (failed(linkPrepare(func, model, prepares)))
      return failure();
  return models;
}
