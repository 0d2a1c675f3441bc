//===- Descriptor.cpp - Tables and entry points of a model ----------------===//

#include "codegen/emit/Descriptor.h"
#include "codegen/emit/Manifest.h"
#include "dialect/Extent.h"
#include "dialect/Target.h"
#include "runtime/abi.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"

using namespace llvm;
using namespace attune;

namespace {

/// Makes the constants of runtime/abi.h's structs: LLVM's natural layout of
/// the same fields is C's.
class Tables {
public:
  Tables(Module &module, const ModelInfo &model)
      : module(module), context(module.getContext()), model(model),
        pointer(PointerType::get(context, 0)) {
    IntegerType *i64 = Type::getInt64Ty(context),
                *i32 = Type::getInt32Ty(context);
    IntegerType *i8 = Type::getInt8Ty(context);
    term = StructType::get(i64, i32, ArrayType::get(i32, ATTUNE_MAX_RANK));
    extent = StructType::get(pointer, i32, pointer);
    dim = StructType::get(pointer, i64, i32, i32);
    tensor = StructType::get(pointer, i8, i8, i8, i32, pointer);
    condition = StructType::get(extent, pointer);
    weight = StructType::get(pointer, i32, ArrayType::get(i64, ATTUNE_MAX_RANK),
                             i32, i32, i64);
    slot = StructType::get(pointer, pointer, i32);
    desc = StructType::get(i32, pointer, pointer, pointer, i64, pointer, i32,
                           pointer, i32, i32, pointer, i32, pointer, i32, i64,
                           pointer, i32, pointer, pointer, pointer, pointer);
    device = StructType::get(pointer, pointer, i32);
  }

  Constant *describe(StringRef image);
  Constant *text(StringRef bytes);
  bool checkLayout() const;

private:
  Constant *int32(int64_t value) {
    return ConstantInt::getSigned(Type::getInt32Ty(context), value);
  }
  Constant *int64(int64_t value) {
    return ConstantInt::getSigned(Type::getInt64Ty(context), value);
  }
  Constant *int8(uint8_t value) {
    return ConstantInt::get(Type::getInt8Ty(context), value);
  }
  /// A private constant array; null for an empty one.
  Constant *table(StructType *type, ArrayRef<Constant *> rows);
  Constant *makeExtent(ExtentAttr attr);
  Constant *extents(ArrayRef<ExtentAttr> list);
  Constant *tensors();
  Constant *weights();
  Constant *slots();
  Constant *prepare();
  Constant *hoisted();
  Constant *makeDevice(StringRef image);

  Module &module;
  LLVMContext &context;
  const ModelInfo &model;
  PointerType *pointer;
  StructType *term, *extent, *dim, *tensor, *condition, *weight, *slot, *desc,
      *device;
  StringMap<Constant *> texts;
};

} // namespace

bool Tables::checkLayout() const {
  const DataLayout &layout = module.getDataLayout();
  std::pair<StructType *, size_t> sizes[] = {
      {term, sizeof(attune_term)},
      {extent, sizeof(attune_extent)},
      {dim, sizeof(attune_dim_desc)},
      {tensor, sizeof(attune_tensor_desc)},
      {condition, sizeof(attune_condition)},
      {weight, sizeof(attune_weight_desc)},
      {slot, sizeof(attune_slot_desc)},
      {device, sizeof(attune_device)},
      {desc, sizeof(attune_model_desc)}};
  return all_of(sizes, [&](auto entry) {
    return layout.getTypeAllocSize(entry.first) == entry.second;
  });
}

Constant *Tables::text(StringRef bytes) {
  Constant *&known = texts[bytes];
  if (!known) {
    Constant *data = ConstantDataArray::getString(context, bytes);
    auto *global = new GlobalVariable(module, data->getType(), true,
                                      GlobalValue::PrivateLinkage, data);
    global->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    global->setAlignment(Align(1));
    known = global;
  }
  return known;
}

Constant *Tables::table(StructType *type, ArrayRef<Constant *> rows) {
  if (rows.empty())
    return ConstantPointerNull::get(pointer);
  Constant *data = ConstantArray::get(ArrayType::get(type, rows.size()), rows);
  return new GlobalVariable(module, data->getType(), true,
                            GlobalValue::PrivateLinkage, data);
}

Constant *Tables::makeExtent(ExtentAttr attr) {
  SmallVector<Constant *> terms;
  for (MonomialAttr monomial : attr.getTerms()) {
    SmallVector<Constant *> factors(ATTUNE_MAX_RANK, int32(0));
    for (auto [i, factor] : enumerate(monomial.getFactors()))
      for (auto [index, entry] : enumerate(model.dims))
        if (entry.getName() == factor)
          factors[i] = int32(index);
    auto *type = cast<ArrayType>(term->getElementType(2));
    terms.push_back(
        ConstantStruct::get(term, {int64(monomial.getCoefficient()),
                                   int32(monomial.getFactors().size()),
                                   ConstantArray::get(type, factors)}));
  }
  return ConstantStruct::get(extent, {table(term, terms), int32(terms.size()),
                                      text(Extent::get(attr).str())});
}

Constant *Tables::extents(ArrayRef<ExtentAttr> list) {
  SmallVector<Constant *> rows;
  for (ExtentAttr attr : list)
    rows.push_back(makeExtent(attr));
  return table(extent, rows);
}

Constant *Tables::tensors() {
  SmallVector<Constant *> rows;
  for (const auto *list : {&model.inputs, &model.outputs})
    for (ArgumentAttr argument : *list) {
      auto [code, bits] = dlpackType(argument.getElement());
      ArrayRef<ExtentAttr> shape = argument.getShape().getExtents();
      rows.push_back(ConstantStruct::get(
          tensor,
          {text(argument.getName().getValue()), int8(code), int8(bits),
           int8(argument.getOutput()), int32(shape.size()), extents(shape)}));
    }
  return table(tensor, rows);
}

Constant *Tables::weights() {
  SmallVector<Constant *> rows;
  for (WeightAttr attr : model.weights) {
    SmallVector<Constant *> shape;
    for (int64_t size : attr.getShape())
      shape.push_back(int64(size));
    shape.resize(ATTUNE_MAX_RANK, int64(0));
    auto *type = cast<ArrayType>(weight->getElementType(2));
    rows.push_back(ConstantStruct::get(
        weight, {text(attr.getName().getValue()), int32(attr.getShape().size()),
                 ConstantArray::get(type, shape),
                 int32(static_cast<int32_t>(attr.getPack().getKind())),
                 int32(attr.getPack().getWidth()), int64(attr.getOffset())}));
  }
  return table(weight, rows);
}

Constant *Tables::slots() {
  SmallVector<Constant *> rows;
  for (SlotAttr attr : model.slots)
    rows.push_back(ConstantStruct::get(slot, {extents(attr.getBytes()),
                                              extents(attr.getCaps()),
                                              int32(attr.getBytes().size())}));
  return table(slot, rows);
}

/// The descriptor of the prepare function.
Constant *Tables::prepare() {
  if (!model.prepare)
    return ConstantPointerNull::get(pointer);
  return Tables(module, *model.prepare).describe(/*image=*/"");
}

/// Where its outputs lie in the packed weights.
Constant *Tables::hoisted() {
  if (!model.prepare)
    return ConstantPointerNull::get(pointer);
  SmallVector<uint64_t> offsets;
  for (WeightAttr row : model.hoisted)
    offsets.push_back(row.getOffset());
  Constant *data = ConstantDataArray::get(context, offsets);
  return new GlobalVariable(module, data->getType(), true,
                            GlobalValue::PrivateLinkage, data);
}

/// The kernels and what runs them; the runtime's table is referred to by models
/// for a GPU only.
Constant *Tables::makeDevice(StringRef image) {
  if (!isCuda(model.target))
    return ConstantPointerNull::get(pointer);
  auto *backend = cast<GlobalVariable>(module.getOrInsertGlobal(
      "attune_cuda_backend", ArrayType::get(Type::getInt8Ty(context), 0)));
  backend->setVisibility(GlobalValue::HiddenVisibility);
  int capability = 0;
  model.target.getCpu().getValue().drop_front(3).getAsInteger(10, capability);
  return table(device, {ConstantStruct::get(
                           device, {backend, text(image), int32(capability)})});
}

Constant *Tables::describe(StringRef image) {
  SmallVector<Constant *> dims, conditions;
  for (DimAttr attr : model.dims)
    dims.push_back(ConstantStruct::get(
        dim, {text(attr.getName().getValue()), int64(attr.getBound()),
              int32(attr.getArgument()), int32(attr.getAxis())}));
  for (ConditionAttr attr : model.conditions)
    conditions.push_back(
        ConstantStruct::get(condition, {makeExtent(attr.getValue()),
                                        text(attr.getText().getValue())}));
  Constant *data =
      ConstantStruct::get(desc, {int32(ATTUNE_ABI_VERSION),
                                 text(model.name),
                                 text(emitManifest(model)),
                                 text(model.target.getCpu().getValue()),
                                 int64(model.features()),
                                 table(dim, dims),
                                 int32(dims.size()),
                                 tensors(),
                                 int32(model.inputs.size()),
                                 int32(model.outputs.size()),
                                 table(condition, conditions),
                                 int32(conditions.size()),
                                 weights(),
                                 int32(model.weights.size()),
                                 int64(model.packedFloats),
                                 slots(),
                                 int32(model.slots.size()),
                                 module.getFunction(model.body),
                                 prepare(),
                                 hoisted(),
                                 makeDevice(image)});
  return new GlobalVariable(module, data->getType(), true,
                            GlobalValue::PrivateLinkage, data,
                            model.name + ".desc");
}

namespace {

/// Adds the exported functions.
class EntryPoints {
public:
  EntryPoints(Module &module, const ModelInfo &model, Constant *desc)
      : module(module), model(model), builder(module.getContext()), desc(desc),
        i32(builder.getInt32Ty()), i64(builder.getInt64Ty()),
        pointer(builder.getPtrTy()) {}

  void add(Constant *manifest);
  std::string taken; ///< a name that was there already

private:
  Function *begin(StringRef suffix, Type *result, ArrayRef<Type *> parameters);
  /// `suffix` hands its arguments, behind the descriptor if `withDesc`, to
  /// `callee`.
  void forward(StringRef suffix, StringRef callee, Type *result,
               ArrayRef<Type *> parameters, bool withDesc);
  void addRun();
  FunctionCallee runtime(StringRef name, Type *result,
                         ArrayRef<Type *> parameters);

  Module &module;
  const ModelInfo &model;
  IRBuilder<> builder;
  Constant *desc;
  Type *i32, *i64, *pointer;
};

} // namespace

Function *EntryPoints::begin(StringRef suffix, Type *result,
                             ArrayRef<Type *> parameters) {
  std::string name = model.name + suffix.str();
  if (module.getNamedValue(name))
    taken = name;
  auto *function =
      Function::Create(FunctionType::get(result, parameters, false),
                       GlobalValue::ExternalLinkage, name, module);
  function->setDSOLocal(true);
  builder.SetInsertPoint(BasicBlock::Create(module.getContext(), "", function));
  return function;
}

FunctionCallee EntryPoints::runtime(StringRef name, Type *result,
                                    ArrayRef<Type *> parameters) {
  return module.getOrInsertFunction(
      name, FunctionType::get(result, parameters, false));
}

void EntryPoints::forward(StringRef suffix, StringRef callee, Type *result,
                          ArrayRef<Type *> parameters, bool withDesc) {
  Function *function = begin(suffix, result, parameters);
  SmallVector<Type *> types;
  SmallVector<Value *> values;
  if (withDesc) {
    types.push_back(pointer);
    values.push_back(desc);
  }
  types.append(parameters.begin(), parameters.end());
  for (Argument &argument : function->args())
    values.push_back(&argument);
  Value *answer = builder.CreateCall(runtime(callee, result, types), values);
  result->isVoidTy() ? builder.CreateRetVoid() : builder.CreateRet(answer);
}

// run(weights, tensors..., workspace, bytes, call, error) puts the tensors into
// an array.
void EntryPoints::addRun() {
  unsigned numTensors = model.inputs.size() + model.outputs.size();
  SmallVector<Type *> parameters(1 + numTensors, pointer);
  parameters.append({pointer, i64, pointer, pointer});
  Function *function = begin("_run", i32, parameters);
  auto *type = ArrayType::get(pointer, numTensors);
  Value *tensors = builder.CreateAlloca(type);
  for (unsigned i = 0; i < numTensors; ++i)
    builder.CreateStore(
        function->getArg(1 + i),
        builder.CreateConstInBoundsGEP2_32(type, tensors, 0, i));
  SmallVector<Value *> values = {desc, function->getArg(0), tensors};
  for (unsigned i = 0; i < 4; ++i)
    values.push_back(function->getArg(1 + numTensors + i));
  builder.CreateRet(builder.CreateCall(
      runtime("attune_rt_run", i32,
              {pointer, pointer, pointer, pointer, i64, pointer, pointer}),
      values));
}

void EntryPoints::add(Constant *manifest) {
  Type *nothing = builder.getVoidTy();
  forward("_weights_load", "attune_rt_weights_load", i32,
          {pointer, pointer, pointer}, /*withDesc=*/true);
  forward("_weights_new", "attune_rt_weights_new", i32, {pointer, pointer},
          /*withDesc=*/true);
  forward("_weights_set", "attune_rt_weights_set", i32,
          {pointer, pointer, pointer, pointer}, /*withDesc=*/false);
  forward("_weights_finish", "attune_rt_weights_finish", i32,
          {pointer, pointer}, /*withDesc=*/false);
  forward("_weights_free", "attune_rt_weights_free", nothing, {pointer},
          /*withDesc=*/false);
  forward("_workspace", "attune_rt_workspace", i32, {pointer, pointer, pointer},
          /*withDesc=*/true);
  addRun();
  begin("_manifest", pointer, {});
  builder.CreateRet(manifest);
  begin("_abi_version", i32, {});
  builder.CreateRet(builder.getInt32(ATTUNE_ABI_VERSION));
}

bool attune::addEntryPoints(Module &module, const ModelInfo &model,
                            StringRef deviceImage, std::string &message) {
  Tables tables(module, model);
  if (!tables.checkLayout()) {
    message = "the tables of a model are laid out unlike runtime/abi.h";
    return false;
  }
  Constant *desc = tables.describe(deviceImage);
  EntryPoints entries(module, model, desc);
  entries.add(tables.text(emitManifest(model)));
  if (!entries.taken.empty())
    message = "two models of the library need the function `" + entries.taken +
              "`: rename one";
  return entries.taken.empty();
}
