//===- LowerAbi.cpp - Models take the form of attune_body -----------------===//

#include "codegen/cpu/LowerPasses.h"
#include "codegen/cpu/MemRefParts.h"
#include "dialect/Shape.h"
#include "passes/ExtentValues.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Pass/Pass.h"

#define DEBUG_TYPE "attune-lower-abi"

using namespace mlir;
using namespace attune;

namespace {

/// The arguments of attune_body, in order.
enum BodyArgument { Weights, Workspace, Offsets, Dims, Tensors, Run, Count };

/// One model function.
class ModelLowering {
public:
  ModelLowering(func::FuncOp func)
      : func(func), builder(func.getContext()),
        pointer(LLVM::LLVMPointerType::get(func.getContext())) {}

  LogicalResult run();

private:
  LogicalResult collectArguments();
  LogicalResult addBodyArguments();
  void lowerDim(DimOp op);
  LogicalResult lowerParam(ParamOp op);
  LogicalResult lowerAlloc(memref::AllocOp op);
  void lowerCheck(func::CallOp call, int32_t bits);
  Value bodyArgument(BodyArgument which) { return func.getArgument(which); }
  /// The i64 `table[index]`.
  Value loadEntry(BodyArgument table, int64_t index);
  Value textPointer(StringRef text);

  func::FuncOp func;
  OpBuilder builder;
  Type pointer;
  SmallVector<ArgumentAttr> arguments;
  int64_t numTexts = 0;
};

} // namespace

// Names, types and shapes outlive the arguments that carried them.
LogicalResult ModelLowering::collectArguments() {
  for (BlockArgument argument : func.getArguments()) {
    unsigned i = argument.getArgNumber();
    auto type = dyn_cast<MemRefType>(argument.getType());
    if (!type || !type.getLayout().isIdentity())
      return func.emitOpError("has an argument that is no contiguous memref: "
                              "run attune-stage-bufferize");
    auto name = func.getArgAttrOfType<StringAttr>(i, "attune.name");
    if (!name)
      return func.emitOpError("has an argument without `attune.name`");
    auto shape = func.getArgAttrOfType<ShapeAttr>(i, "attune.shape");
    if (!shape) {
      if (!type.hasStaticShape())
        return func.emitOpError("has an argument without `attune.shape`");
      SmallVector<Extent> extents;
      for (int64_t size : type.getShape())
        extents.push_back(Extent::constant(size));
      shape = makeShapeAttr(extents, func.getContext());
    }
    if (shape.getExtents().size() != static_cast<size_t>(type.getRank()))
      return func.emitOpError("has an `attune.shape` of another rank");
    Type element = type.getElementType();
    if (auto known = func.getArgAttrOfType<TypeAttr>(i, "attune.element_type"))
      element = known.getValue();
    else if (element.isInteger(8))
      element = builder.getI1Type();
    bool isOutput = func.getArgAttr(i, "attune.output") != nullptr;
    arguments.push_back(
        ArgumentAttr::get(func.getContext(), name, element, shape, isOutput));
  }
  return success();
}

Value ModelLowering::loadEntry(BodyArgument table, int64_t index) {
  Location loc = func.getLoc();
  Type i64 = builder.getI64Type();
  Value address =
      LLVM::GEPOp::create(builder, loc, pointer, i64, bodyArgument(table),
                          ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
  return LLVM::LoadOp::create(builder, loc, i64, address);
}

// Each memref argument is rebuilt from its data pointer and the dims.
LogicalResult ModelLowering::addBodyArguments() {
  Block &entry = func.getBody().front();
  unsigned numOld = entry.getNumArguments();
  Location loc = func.getLoc();
  for (unsigned i = 0; i < BodyArgument::Count; ++i)
    entry.insertArgument(i, pointer, loc);
  ExtentValues extents(func);
  Operation *first = &entry.front();
  for (unsigned i = 0; i < numOld; ++i) {
    BlockArgument old = entry.getArgument(BodyArgument::Count + i);
    auto type = cast<MemRefType>(old.getType());
    SmallVector<Value> sizes;
    for (auto [axis, extent] :
         llvm::enumerate(symbolicShape(arguments[i].getShape())))
      if (type.isDynamicDim(axis))
        sizes.push_back(extents.getValue(extent));
    builder.setInsertionPoint(first);
    Value address = LLVM::GEPOp::create(
        builder, loc, pointer, pointer, bodyArgument(Tensors),
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
    Value data = LLVM::LoadOp::create(builder, loc, pointer, address);
    old.replaceAllUsesWith(buildMemRef(builder, loc, data, type, sizes));
  }
  entry.eraseArguments(BodyArgument::Count, numOld);

  func.removeArgAttrsAttr();
  func.setFunctionType(
      builder.getFunctionType(entry.getArgumentTypes(), builder.getI32Type()));
  UnitAttr unit = builder.getUnitAttr();
  for (BodyArgument constant : {Weights, Offsets, Dims, Tensors}) {
    func.setArgAttr(constant, "llvm.noalias", unit);
    func.setArgAttr(constant, "llvm.readonly", unit);
  }
  // Slots are reached through this pointer only.
  func.setArgAttr(Workspace, "llvm.noalias", unit);
  return success();
}

void ModelLowering::lowerDim(DimOp op) {
  // Checked by run(): every dim that occurs is in the table.
  auto dims = func->getAttrOfType<ArrayAttr>("attune.dims");
  int64_t index = 0;
  for (DimAttr dim : dims.getAsRange<DimAttr>()) {
    if (dim.getName() == op.getNameAttr())
      break;
    ++index;
  }
  Value value = arith::IndexCastOp::create(
      builder, op.getLoc(), builder.getIndexType(), loadEntry(Dims, index));
  op.replaceAllUsesWith(value);
  op.erase();
}

LogicalResult ModelLowering::lowerParam(ParamOp op) {
  auto type = dyn_cast<MemRefType>(op.getType());
  ArrayRef<int64_t> strides = op.getStrides().value_or(ArrayRef<int64_t>());
  if (!type || !type.hasStaticShape() || !op.getOffset() ||
      strides.size() != op.getSteps().size())
    return op.emitOpError("has no place: run attune-stage-plan");
  Location loc = op.getLoc();
  Type i64 = builder.getI64Type();
  Value offset = LLVM::ConstantOp::create(
      builder, loc, i64, builder.getI64IntegerAttr(*op.getOffset()));
  for (auto [step, stride] : llvm::zip_equal(op.getSteps(), strides)) {
    Value index = arith::IndexCastOp::create(builder, loc, i64, step);
    Value floats = LLVM::ConstantOp::create(builder, loc, i64,
                                            builder.getI64IntegerAttr(stride));
    offset = LLVM::AddOp::create(
        builder, loc, offset,
        LLVM::MulOp::create(builder, loc, index, floats).getResult());
  }
  Value data = LLVM::GEPOp::create(
      builder, loc, pointer, type.getElementType(), bodyArgument(Weights),
      ArrayRef<LLVM::GEPArg>{LLVM::GEPArg(offset)});
  op.replaceAllUsesWith(buildMemRef(builder, loc, data, type, {}));
  op.erase();
  return success();
}

LogicalResult ModelLowering::lowerAlloc(memref::AllocOp op) {
  auto slot = op->getAttrOfType<IntegerAttr>("attune.slot");
  auto slots = func->getAttrOfType<ArrayAttr>("attune.slots");
  if (!slot || !slots || slot.getInt() < 0 ||
      slot.getInt() >= static_cast<int64_t>(slots.size()))
    return op.emitOpError("has no workspace slot: run attune-stage-plan");
  if (!op.getType().getLayout().isIdentity())
    return op.emitOpError("must be contiguous");
  Location loc = op.getLoc();
  Value data = LLVM::GEPOp::create(
      builder, loc, pointer, builder.getI8Type(), bodyArgument(Workspace),
      ArrayRef<LLVM::GEPArg>{LLVM::GEPArg(loadEntry(Offsets, slot.getInt()))});
  op.replaceAllUsesWith(
      buildMemRef(builder, loc, data, op.getType(), op.getDynamicSizes()));
  op.erase();
  return success();
}

Value ModelLowering::textPointer(StringRef text) {
  auto module = func->getParentOfType<ModuleOp>();
  OpBuilder atModule(module.getBodyRegion());
  SmallString<32> bytes(text);
  bytes.push_back('\0');
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
  std::string name = (func.getSymName() + ".text" + Twine(numTexts++)).str();
  auto global = LLVM::GlobalOp::create(
      atModule, func.getLoc(), type, /*isConstant=*/true,
      LLVM::Linkage::Internal, name, builder.getStringAttr(bytes));
  return LLVM::AddressOfOp::create(builder, func.getLoc(), global);
}

// attune_check_ids_i32 (ids, count, limit) of the realize stage becomes the
// runtime's function.
void ModelLowering::lowerCheck(func::CallOp call, int32_t bits) {
  Location loc = call.getLoc();
  auto name = call->getAttrOfType<StringAttr>("attune.ids_name");
  Type i64 = builder.getI64Type(), i32 = builder.getI32Type();
  auto toI64 = [&](Value value) -> Value {
    return arith::IndexCastOp::create(builder, loc, i64, value);
  };
  Value text = textPointer(name ? name.getValue() : "ids");
  Value ids = LLVM::IntToPtrOp::create(builder, loc, pointer,
                                       toI64(call.getOperand(0)));
  Value width = LLVM::ConstantOp::create(builder, loc, i32,
                                         builder.getI32IntegerAttr(bits));
  SmallVector<Value> operands = {
      bodyArgument(Run),        text, ids, width, toI64(call.getOperand(1)),
      toI64(call.getOperand(2))};
  declareFunction(
      func->getParentOfType<ModuleOp>(), checkIdsName,
      builder.getFunctionType({pointer, pointer, pointer, i32, i64, i64}, i32));
  func::CallOp::create(builder, loc, checkIdsName, i32, operands);
  call.erase();
}

LogicalResult ModelLowering::run() {
  if (func.isDeclaration() || func.getNumResults() != 0)
    return func.emitOpError("is no bufferized model");
  auto dims = func->getAttrOfType<ArrayAttr>("attune.dims");
  llvm::SmallDenseSet<StringAttr> known;
  if (dims)
    for (Attribute dim : dims)
      if (auto entry = dyn_cast<DimAttr>(dim))
        known.insert(entry.getName());
  if (failed(collectArguments()) || failed(addBodyArguments()))
    return failure();

  SmallVector<Operation *> work;
  func.walk([&](Operation *op) {
    if (isa<DimOp, ParamOp, memref::AllocOp, memref::DeallocOp, func::CallOp,
            func::ReturnOp>(op))
      work.push_back(op);
  });
  for (Operation *op : work) {
    builder.setInsertionPoint(op);
    if (auto dim = dyn_cast<DimOp>(op)) {
      if (!known.contains(dim.getNameAttr()))
        return dim.emitOpError("names a dim that the model does not have");
      lowerDim(dim);
    } else if (auto param = dyn_cast<ParamOp>(op)) {
      if (failed(lowerParam(param)))
        return failure();
    } else if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
      if (failed(lowerAlloc(alloc)))
        return failure();
    } else if (isa<memref::DeallocOp>(op)) {
      op->erase();
    } else if (auto call = dyn_cast<func::CallOp>(op)) {
      if (call.getCallee() == checkIds32Marker)
        lowerCheck(call, 32);
      else if (call.getCallee() == checkIds64Marker)
        lowerCheck(call, 64);
    } else if (isa<func::ReturnOp>(op)) {
      Value ok =
          LLVM::ConstantOp::create(builder, op->getLoc(), builder.getI32Type(),
                                   builder.getI32IntegerAttr(0));
      op->setOperands(ok);
    }
  }
  func->setAttr("attune.arguments", builder.getArrayAttr(SmallVector<Attribute>(
                                        arguments.begin(), arguments.end())));
  return success();
}

namespace {
struct LowerAbiPass : PassWrapper<LowerAbiPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerAbiPass)

  StringRef getArgument() const final { return DEBUG_TYPE; }
  StringRef getDescription() const final {
    return "Give models the signature of attune_body: arguments, weights, "
           "buffers and dims come from its pointers";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, LLVM::LLVMDialect>();
  }

  void runOnOperation() final {
    ModuleOp module = getOperation();
    SmallVector<func::FuncOp> models;
    for (auto func : module.getOps<func::FuncOp>())
      if (func->hasAttr("attune.model"))
        models.push_back(func);
    for (func::FuncOp func : models) {
      if (failed(ModelLowering(func).run()))
        return signalPassFailure();
      // The exported functions have the model's name as their prefix, and no
      // name of the language holds a dot.
      func.setSymName((func.getSymName() + ".body").str());
      func->setAttr(
          "llvm.linkage",
          LLVM::LinkageAttr::get(&getContext(), LLVM::Linkage::Internal));
    }
    for (StringRef marker : {checkIds32Marker, checkIds64Marker})
      if (auto func = module.lookupSymbol<func::FuncOp>(marker))
        func.erase();
  }
};
} // namespace

std::unique_ptr<Pass> attune::createLowerAbiPass() {
  return std::make_unique<LowerAbiPass>();
}
