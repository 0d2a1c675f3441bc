//===- TileToVector.cpp - Tile ops as rank-1 vectors ----------------------===//
//
// A tile becomes rows x (columns / width) named vectors. The contraction is one
// scf.for with all accumulators as iter_args, scalar loads and broadcasts of
// the left side and vector loads of the right side: LLVM keeps that in
// registers as long as nothing unrolls the loop.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LoopBuilder.h"
#include "codegen/cpu/Passes.h"
#include "codegen/cpu/TileTranspose.h"
#include "codegen/cpu/VectorAccess.h"
#include "codegen/cpu/VectorMath.h"
#include "dialect/Attune.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/TypeSwitch.h"

#define DEBUG_TYPE "attune-cpu-lower-tiles"

using namespace mlir;
using namespace attune;

/// Steps of a contraction in one turn of its loop: the counter and the branch
/// are a fifth of the instructions of a step.
static constexpr int64_t kUnrolledSteps = 4;

/// Vectors of the smallest register block, 6 x 2.
static constexpr int64_t kBlockVectors = 12;

namespace {

/// How many rows of an unpacked right side are fetched ahead: 3 points of the
/// peak in P V with 64 columns on Zen 3, no difference on panels.
constexpr int64_t kPrefetchRows = 8;

class TileLowering {
public:
  explicit TileLowering(int64_t width) : width(width) {}
  LogicalResult lower(Operation *op);

private:
  using Vectors = SmallVector<Value>;

  LogicalResult checkWidth(Operation *op, TileType type) {
    if (type.getColumns() % width == 0)
      return success();
    return op->emitOpError() << "tile columns must be a multiple of the vector "
                                "width "
                             << width;
  }
  /// A vector of the right side of a contraction: an array, its panel (null in
  /// plain rows), what is added to the loop's depth, its column and lanes.
  struct RhsVector {
    Value memref, panel, depth, column, mask;
  };
  SmallVector<Value> lhsRows(LoopBuilder &loops, TileContractOp op);
  SmallVector<RhsVector> rhsVectors(LoopBuilder &loops, TileContractOp op);
  Vectors lowerOp(LoopBuilder &loops, TileFillOp op);
  Vectors lowerOp(LoopBuilder &loops, TileLoadOp op);
  Vectors lowerOp(LoopBuilder &loops, TileLoadRowOp op);
  Vectors lowerOp(LoopBuilder &loops, TileContractOp op);
  Vectors lowerOp(LoopBuilder &loops, TileAddOp op);
  Vectors lowerOp(LoopBuilder &loops, TileActivationOp op);
  Vectors lowerOp(LoopBuilder &loops, TileTransposeOp op);
  Vectors lowerOp(LoopBuilder &loops, TileStoreOp op);
  Vectors lowerOp(LoopBuilder &loops, TileFoldMaxOp op);

  int64_t width;
  DenseMap<Value, Vectors> vectors; // row-major
};

struct LowerTilesPass
    : PassWrapper<LowerTilesPass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerTilesPass)
  LowerTilesPass() = default;
  LowerTilesPass(const LowerTilesPass &other) : PassWrapper(other) {}

  StringRef getArgument() const final { return DEBUG_TYPE; }
  StringRef getDescription() const final {
    return "Lower tile ops to rank-1 vectors";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, memref::MemRefDialect, scf::SCFDialect,
                    vector::VectorDialect>();
  }
  void runOnOperation() final;

  Option<int64_t> vectorWidth{
      *this, "vector-width",
      llvm::cl::desc("Floats in a vector: 4, 8 or 16; 0: those of the module's "
                     "attune.target"),
      llvm::cl::init(0)};
};

} // namespace

auto TileLowering::lowerOp(LoopBuilder &loops, TileFillOp op) -> Vectors {
  int64_t count = op.getType().getColumns() / width;
  return Vectors(op.getType().getRows() * count,
                 loops.broadcast(op.getValue(), width));
}

auto TileLowering::lowerOp(LoopBuilder &loops, TileLoadOp op) -> Vectors {
  VectorAccess access(loops, op.getSource(), width, op.getColumnBound());
  Vectors result;
  for (int64_t r = 0; r < op.getType().getRows(); ++r) {
    Value row = loops.add(op.getRow(), r);
    if (Value bound = op.getRowBound())
      row = loops.min(row, loops.sub(bound, loops.constant(1)));
    for (int64_t c = 0; c < op.getType().getColumns(); c += width)
      result.push_back(access.load({row, loops.add(op.getColumn(), c)}));
  }
  return result;
}

auto TileLowering::lowerOp(LoopBuilder &loops, TileLoadRowOp op) -> Vectors {
  VectorAccess access(loops, op.getSource(), width, Value());
  Vectors row, result;
  for (int64_t c = 0; c < op.getType().getColumns(); c += width)
    row.push_back(access.load({loops.add(op.getColumn(), c)}));
  for (int64_t r = 0; r < op.getType().getRows(); ++r)
    result.append(row);
  return result;
}

/// The rows of the left side from (row, depth) on, so that element (r, d) is at
/// a hoisted address plus d: one view when the distance of rows is known, else
/// one for each row.
SmallVector<Value> TileLowering::lhsRows(LoopBuilder &loops,
                                         TileContractOp op) {
  SmallVector<int64_t> strides;
  int64_t offset;
  auto type = cast<MemRefType>(op.getLhs().getType());
  bool known = succeeded(type.getStridesAndOffset(strides, offset)) &&
               !ShapedType::isDynamic(strides[0]);
  OpFoldResult depth = getAsOpFoldResult(op.getDepth());
  int64_t rows = op.getType().getRows();
  if (known)
    return {loops.window(op.getLhs(), {op.getRow(), op.getLhsDepth()},
                         {loops.builder.getIndexAttr(rows), depth})};
  SmallVector<Value> views;
  for (int64_t r = 0; r < rows; ++r)
    views.push_back(loops.window(
        op.getLhs(), {loops.add(op.getRow(), r), op.getLhsDepth()}, {depth}));
  return views;
}

/// Where the vectors of the right side are read.
SmallVector<TileLowering::RhsVector>
TileLowering::rhsVectors(LoopBuilder &loops, TileContractOp op) {
  auto type = cast<MemRefType>(op.getRhs().getType());
  SmallVector<Value> origin(op.getRhsIndices());
  Value column = origin.back(), zero = loops.constant(0);
  int64_t columns = op.getType().getColumns();
  OpFoldResult depth = getAsOpFoldResult(op.getDepth());
  auto size = [&](int64_t value) -> OpFoldResult {
    return loops.builder.getIndexAttr(value);
  };
  SmallVector<RhsVector> result;
  if (type.getRank() == 3) {
    int64_t panel = type.getDimSize(2), count = (columns + panel - 1) / panel;
    Value view =
        loops.window(op.getRhs(), origin, {size(count), depth, size(panel)});
    for (int64_t c = 0; c < columns; c += width)
      result.push_back({view, loops.constant(c / panel), zero,
                        loops.constant(c % panel), Value()});
    return result;
  }
  VectorAccess access(loops, op.getRhs(), width, op.getColumnBound());
  bool contiguous = hasUnitStride(type);
  // Strided columns are read lane by lane: the bound wants true columns.
  Value view = op.getRhs();
  if (contiguous)
    view = loops.window(op.getRhs(), origin, {depth, size(columns)});
  for (int64_t c = 0; c < columns; c += width) {
    Value at = loops.add(column, c);
    result.push_back({view, Value(), contiguous ? zero : origin[0],
                      contiguous ? loops.constant(c) : at, access.mask(at)});
  }
  return result;
}

auto TileLowering::lowerOp(LoopBuilder &loops, TileContractOp op) -> Vectors {
  int64_t rows = op.getType().getRows();
  int64_t count = op.getType().getColumns() / width;
  SmallVector<Value> lhs = lhsRows(loops, op);
  SmallVector<RhsVector> rhs = rhsVectors(loops, op);
  bool panels = cast<MemRefType>(op.getRhs().getType()).getRank() == 3;
  bool oneView = cast<MemRefType>(lhs[0].getType()).getRank() == 2;

  auto step = [&](Value depth, ValueRange sums) {
    Vectors next(sums), b;
    for (RhsVector &vector : rhs) {
      VectorAccess access(loops, vector.memref, width, op.getColumnBound());
      SmallVector<Value> at{loops.add(vector.depth, depth), vector.column};
      if (vector.panel)
        at.insert(at.begin(), vector.panel);
      b.push_back(access.load(at, vector.mask));
    }
    // Rows that are far apart: the hardware follows panels, but not these.
    if (!panels)
      memref::PrefetchOp::create(
          loops.builder, loops.loc, rhs[0].memref,
          ValueRange{loops.add(rhs[0].depth, loops.add(depth, kPrefetchRows)),
                     rhs[0].column},
          /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
    for (int64_t r = 0; r < rows; ++r) {
      Value element = oneView ? loops.load(lhs[0], {loops.constant(r), depth})
                              : loops.load(lhs[r], {depth});
      Value a = loops.broadcast(element, width), skipped;
      if (op.getSkipZeros())
        skipped = arith::CmpFOp::create(loops.builder, loops.loc,
                                        arith::CmpFPredicate::OEQ, element,
                                        loops.scalar(0.0));
      for (int64_t c = 0; c < count; ++c) {
        Value factor = b[c];
        if (skipped)
          factor = arith::SelectOp::create(loops.builder, loops.loc, skipped,
                                           loops.splat(0.0, width), factor);
        next[r * count + c] = vector::FMAOp::create(
            loops.builder, loops.loc, a, factor, next[r * count + c]);
      }
    }
    return next;
  };
  // Without multiply-adds, products need registers that there are not; what is
  // less than a register block is seldom run, and takes as long to compile.
  bool isBlock = width >= 8 && rows * count >= kBlockVectors;
  int64_t unroll = isBlock ? kUnrolledSteps : 1;
  Value whole = loops.mul(loops.div(op.getDepth(), unroll), unroll);
  Vectors sums = loops.forEach(loops.constant(0), whole, unroll,
                               vectors[op.getAccumulator()],
                               [&](Value depth, ValueRange sums) {
                                 Vectors next(sums);
                                 for (int64_t i = 0; i < unroll; ++i)
                                   next = step(loops.add(depth, i), next);
                                 return next;
                               });
  if (isEqualConstantIntOrValue(whole, op.getDepth()))
    return sums;
  return loops.forEach(whole, op.getDepth(), 1, sums, step);
}

auto TileLowering::lowerOp(LoopBuilder &loops, TileAddOp op) -> Vectors {
  Vectors result;
  for (auto [lhs, rhs] : llvm::zip(vectors[op.getLhs()], vectors[op.getRhs()]))
    result.push_back(arith::AddFOp::create(loops.builder, loops.loc, lhs, rhs));
  return result;
}

auto TileLowering::lowerOp(LoopBuilder &loops, TileActivationOp op) -> Vectors {
  Vectors result;
  for (Value vector : vectors[op.getInput()])
    result.push_back(
        buildActivation(loops.builder, loops.loc, op.getFunction(), vector));
  return result;
}

auto TileLowering::lowerOp(LoopBuilder &loops, TileTransposeOp op) -> Vectors {
  return buildTranspose(loops.builder, loops.loc, vectors[op.getInput()]);
}

auto TileLowering::lowerOp(LoopBuilder &loops, TileStoreOp op) -> Vectors {
  VectorAccess access(loops, op.getDestination(), width, op.getColumnBound());
  const Vectors &values = vectors[op.getTile()];
  int64_t count = op.getTile().getType().getColumns() / width;
  for (int64_t r = 0; r < op.getTile().getType().getRows(); ++r)
    for (int64_t c = 0; c < count; ++c)
      access.store(
          values[r * count + c],
          {loops.add(op.getRow(), r), loops.add(op.getColumn(), c * width)});
  return {};
}

auto TileLowering::lowerOp(LoopBuilder &loops, TileFoldMaxOp op) -> Vectors {
  const Vectors &values = vectors[op.getTile()];
  int64_t count = op.getTile().getType().getColumns() / width;
  for (int64_t r = 0; r < op.getTile().getType().getRows(); ++r) {
    SmallVector<Value> at{loops.add(op.getRow(), r), loops.constant(0)};
    // The old maximum goes first: LLVM makes a slow masked store of
    // `store select(x > load p, x, load p), p`.
    Value highest = loops.loadVector(op.getLanes(), at, width);
    for (int64_t c = 0; c < count; ++c)
      highest = loops.maximum(highest, values[r * count + c]);
    loops.storeVector(highest, op.getLanes(), at);
  }
  return {};
}

LogicalResult TileLowering::lower(Operation *op) {
  for (Type type :
       llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
    if (auto tile = dyn_cast<TileType>(type);
        tile && failed(checkWidth(op, tile)))
      return failure();
  if (auto transpose = dyn_cast<TileTransposeOp>(op))
    if (transpose.getType().getRows() != width ||
        transpose.getType().getColumns() != width)
      return op->emitOpError() << "only tiles of " << width << "x" << width
                               << " are transposed on this target";
  OpBuilder builder(op);
  LoopBuilder loops{builder, op->getLoc()};
  TypeSwitch<Operation *>(op)
      .Case<TileFillOp, TileLoadOp, TileLoadRowOp, TileContractOp, TileAddOp,
            TileActivationOp, TileTransposeOp, TileStoreOp, TileFoldMaxOp>(
          [&](auto tileOp) {
            Vectors result = lowerOp(loops, tileOp);
            if (op->getNumResults())
              vectors[op->getResult(0)] = std::move(result);
          });
  return success();
}

void LowerTilesPass::runOnOperation() {
  SmallVector<Operation *> tileOps;
  getOperation().walk([&](Operation *op) {
    if (isa<TileFillOp, TileLoadOp, TileLoadRowOp, TileContractOp, TileAddOp,
            TileActivationOp, TileTransposeOp, TileStoreOp, TileFoldMaxOp>(op))
      tileOps.push_back(op);
  });
  if (tileOps.empty())
    return;
  int64_t width = vectorWidth;
  auto module = getOperation()->getParentOfType<ModuleOp>();
  if (auto target = module->getAttrOfType<TargetAttr>("attune.target");
      target && !width)
    width = target.getVectorWidth();
  if (!llvm::is_contained({4, 8, 16}, width)) {
    getOperation().emitError(
        "vector-width must be 4, 8 or 16, or the module have an attune.target");
    return signalPassFailure();
  }
  TileLowering lowering(width);
  for (Operation *op : tileOps)
    if (failed(lowering.lower(op)))
      return signalPassFailure();
  for (Operation *op : llvm::reverse(tileOps))
    op->erase();
}

std::unique_ptr<Pass> attune::createLowerTilesPass(int64_t vectorWidth) {
  auto pass = std::make_unique<LowerTilesPass>();
  pass->vectorWidth = vectorWidth;
  return pass;
}
