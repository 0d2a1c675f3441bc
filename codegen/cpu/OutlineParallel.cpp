//===- OutlineParallel.cpp - Parallel loops become functions --------------===//
//
// scf.parallel (i) = (0) to (n) step (1) { body } becomes
//
//   context = { what the body reads }          on the stack
//   attune_parallel_for(run, n, @body, &context)
//
// Constants are cloned into the body. A memref travels as its address and what
// its type does not know, so that the body indexes with constants where it can.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LowerPasses.h"
#include "codegen/cpu/MemRefParts.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/RegionUtils.h"

#define DEBUG_TYPE "attune-outline-parallel"

using namespace mlir;
using namespace attune;

/// Position of the run context among the arguments of attune_body.
static constexpr unsigned runArgument = 5;

namespace {

/// Outlines the parallel loops of one function.
class Outliner {
public:
  Outliner(func::FuncOp func, SymbolTable &symbols)
      : func(func), symbols(symbols), builder(func.getContext()),
        converter(func.getContext()),
        pointer(LLVM::LLVMPointerType::get(func.getContext())) {}

  LogicalResult run();

private:
  LogicalResult checkLoop(scf::ParallelOp loop);
  func::FuncOp createTask(scf::ParallelOp loop);
  void outline(scf::ParallelOp loop);
  Value createContext(LLVM::LLVMStructType type, ValueRange fields);
  Value loadField(LLVM::LLVMStructType type, Value context, unsigned index);

  func::FuncOp func;
  SymbolTable &symbols;
  OpBuilder builder;
  LLVMTypeConverter converter;
  Type pointer;
};

} // namespace

LogicalResult Outliner::checkLoop(scf::ParallelOp loop) {
  auto isConstant = [](ValueRange values, int64_t expected) {
    return values.size() == 1 && getConstantIntValue(values[0]) == expected;
  };
  if (!isConstant(loop.getLowerBound(), 0) || !isConstant(loop.getStep(), 1) ||
      loop.getNumResults() != 0)
    return loop.emitOpError("must count from 0 by 1 and have no result");
  if (func.getNumArguments() <= runArgument ||
      func.getArgument(runArgument).getType() != pointer)
    return loop.emitOpError("is in no lowered model: run attune-lower-abi");
  return success();
}

func::FuncOp Outliner::createTask(scf::ParallelOp loop) {
  Type i64 = builder.getI64Type();
  auto task =
      func::FuncOp::create(loop.getLoc(), (func.getSymName() + ".task").str(),
                           builder.getFunctionType({pointer, i64, i64}, {}));
  task.setPrivate();
  task->setAttr(
      "llvm.linkage",
      LLVM::LinkageAttr::get(func.getContext(), LLVM::Linkage::Internal));
  // Nobody writes the context while tasks run.
  task.setArgAttr(0, "llvm.noalias", builder.getUnitAttr());
  task.setArgAttr(0, "llvm.readonly", builder.getUnitAttr());
  symbols.insert(task, ++Block::iterator(func));
  task.addEntryBlock();
  return task;
}

// In the function's entry: a loop around would grow the stack.
Value Outliner::createContext(LLVM::LLVMStructType type, ValueRange fields) {
  Location loc = func.getLoc();
  Value context;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&func.getBody().front());
    Value one = LLVM::ConstantOp::create(builder, loc, builder.getI64Type(),
                                         builder.getI64IntegerAttr(1));
    context = LLVM::AllocaOp::create(builder, loc, pointer, type, one);
  }
  for (auto [i, field] : llvm::enumerate(fields)) {
    Value address =
        LLVM::GEPOp::create(builder, loc, pointer, type, context,
                            ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    LLVM::StoreOp::create(builder, loc, field, address);
  }
  return context;
}

Value Outliner::loadField(LLVM::LLVMStructType type, Value context,
                          unsigned index) {
  Location loc = context.getLoc();
  Value address = LLVM::GEPOp::create(
      builder, loc, pointer, type, context,
      ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(index)});
  return LLVM::LoadOp::create(builder, loc, type.getBody()[index], address);
}

void Outliner::outline(scf::ParallelOp loop) {
  Location loc = loop.getLoc();
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(loop.getRegion(), captured);

  // What travels, as values of LLVM types, and how each value is made again.
  builder.setInsertionPoint(loop);
  SmallVector<Value> fields, travelling;
  SmallVector<size_t> numFields;
  SmallVector<Operation *> cloned;
  for (Value value : captured) {
    Operation *definition = value.getDefiningOp();
    if (definition &&
        (definition->hasTrait<OpTrait::ConstantLike>() ||
         isa<memref::GetGlobalOp, LLVM::AddressOfOp>(definition))) {
      if (!llvm::is_contained(cloned, definition))
        cloned.push_back(definition);
      continue;
    }
    travelling.push_back(value);
    if (isa<MemRefType>(value.getType())) {
      SmallVector<Value> parts = splitMemRef(builder, loc, value);
      numFields.push_back(parts.size());
      fields.append(parts);
      continue;
    }
    numFields.push_back(1);
    fields.push_back(value.getType().isIndex()
                         ? arith::IndexCastOp::create(
                               builder, loc, builder.getI64Type(), value)
                         : value);
  }
  SmallVector<Type> types;
  for (Value field : fields)
    types.push_back(field.getType());
  auto contextType = LLVM::LLVMStructType::getLiteral(func.getContext(), types);

  func::FuncOp task = createTask(loop);
  Block &entry = task.getBody().front();
  builder.setInsertionPointToStart(&entry);
  IRMapping mapping;
  for (Operation *definition : cloned)
    builder.clone(*definition, mapping);
  unsigned index = 0;
  for (auto [value, count] : llvm::zip_equal(travelling, numFields)) {
    SmallVector<Value> parts;
    for (size_t i = 0; i < count; ++i)
      parts.push_back(loadField(contextType, entry.getArgument(0), index++));
    Type type = value.getType();
    Value again = parts.front();
    if (auto memref = dyn_cast<MemRefType>(type))
      again = buildMemRef(builder, loc, again, memref,
                          ArrayRef<Value>(parts).drop_front());
    else if (type.isIndex())
      again = arith::IndexCastOp::create(builder, loc, type, again);
    mapping.map(value, again);
  }
  mapping.map(loop.getInductionVars().front(),
              arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                         entry.getArgument(1)));
  Value worker = arith::IndexCastOp::create(
      builder, loc, builder.getIndexType(), entry.getArgument(2));
  for (Operation &op : loop.getBody()->without_terminator())
    builder.clone(op, mapping);
  func::ReturnOp::create(builder, loc);
  task.walk([&](func::CallOp call) {
    if (call.getCallee() != workerMarker)
      return;
    call.getResult(0).replaceAllUsesWith(worker);
    call.erase();
  });

  builder.setInsertionPoint(loop);
  Value context = createContext(contextType, fields);
  Value tasks = arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                           loop.getUpperBound().front());
  Value body = func::ConstantOp::create(builder, loc, task.getFunctionType(),
                                        task.getSymName());
  Value address =
      UnrealizedConversionCastOp::create(builder, loc, TypeRange(pointer), body)
          .getResult(0);
  func::CallOp::create(
      builder, loc, parallelForName, TypeRange(),
      ValueRange{func.getArgument(runArgument), tasks, address, context});
  loop.erase();
}

LogicalResult Outliner::run() {
  SmallVector<scf::ParallelOp> loops;
  LogicalResult result = success();
  func.walk<WalkOrder::PreOrder>([&](scf::ParallelOp loop) {
    loops.push_back(loop);
    auto nested = loop.getBody()->walk([](scf::ParallelOp inner) {
      inner.emitOpError("must not be inside another parallel loop");
      return WalkResult::interrupt();
    });
    if (nested.wasInterrupted() || failed(checkLoop(loop)))
      result = failure();
    return WalkResult::skip();
  });
  if (failed(result))
    return failure();
  if (!loops.empty())
    declareFunction(func->getParentOfType<ModuleOp>(), parallelForName,
                    builder.getFunctionType(
                        {pointer, builder.getI64Type(), pointer, pointer}, {}));
  for (scf::ParallelOp loop : loops)
    outline(loop);
  // What is left runs on the thread that called.
  func.walk([&](func::CallOp call) {
    if (call.getCallee() != workerMarker)
      return;
    builder.setInsertionPoint(call);
    call.getResult(0).replaceAllUsesWith(
        arith::ConstantIndexOp::create(builder, call.getLoc(), 0));
    call.erase();
  });
  return success();
}

namespace {
struct OutlineParallelPass
    : PassWrapper<OutlineParallelPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(OutlineParallelPass)

  StringRef getArgument() const final { return DEBUG_TYPE; }
  StringRef getDescription() const final {
    return "Outline each scf.parallel into a function that "
           "attune_parallel_for calls";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry
        .insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect>();
  }

  void runOnOperation() final {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    SmallVector<func::FuncOp> functions;
    for (auto func : module.getOps<func::FuncOp>())
      if (!func.isDeclaration())
        functions.push_back(func);
    for (func::FuncOp func : functions)
      if (failed(Outliner(func, symbols).run()))
        return signalPassFailure();
    if (auto marker = module.lookupSymbol<func::FuncOp>(workerMarker))
      if (SymbolTable::symbolKnownUseEmpty(marker, module))
        marker.erase();
  }
};
} // namespace

std::unique_ptr<Pass> attune::createOutlineParallelPass() {
  return std::make_unique<OutlineParallelPass>();
}
