//===- RealizeArrays.cpp - Made and stretched arrays to loops -------------===//

#include "codegen/cpu/ElementKind.h"
#include "codegen/cpu/FloatBuilder.h"
#include "codegen/cpu/RealizeOps.h"
#include "codegen/cpu/RealizeRows.h"
#include "dialect/Extent.h"
#include "passes/ExtentValues.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <cmath>

using namespace mlir;
using namespace attune;

LogicalResult attune::realizeBroadcast(BroadcastOp op, int64_t vectorBytes) {
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  buildMap(loops, op.getInput(), op.getInit(), vectorBytes,
           [](LoopBuilder &, ValueRange elements) { return elements[0]; });
  op.erase();
  return success();
}

LogicalResult attune::realizeWhere(WhereOp op, int64_t vectorBytes) {
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  buildMap(loops, {op.getCondition(), op.getLhs(), op.getRhs()}, op.getInit(),
           vectorBytes, [](LoopBuilder &loops, ValueRange elements) -> Value {
             Value condition =
                 fromStored(loops, elements[0], ElementKind::Bool);
             return arith::SelectOp::create(loops.builder, loops.loc, condition,
                                            elements[1], elements[2]);
           });
  op.erase();
  return success();
}

LogicalResult attune::realizeArange(ArangeOp op, int64_t vectorBytes) {
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  Value out = op.getInit();
  buildRows(loops, loops.extent(out, 0), loops.constant(1), [&](ValueRange i) {
    loops.store(arith::IndexCastOp::create(builder, loops.loc,
                                           builder.getI64Type(), i[0]),
                out, i);
  });
  op.erase();
  return success();
}

//===----------------------------------------------------------------------===//
// Sines and cosines of positions
//===----------------------------------------------------------------------===//

/// Element (p, c) is sin(2 pi (p rate[c] + phase[c])): a cosine is a quarter of
/// a turn ahead. The rates, then the phases, of all columns.
static SmallVector<double> turnsOfColumns(PairLayout layout, double base,
                                          int64_t width) {
  SmallVector<double> table(2 * width);
  bool isInterleaved = layout == PairLayout::Interleaved;
  for (int64_t c = 0; c < width; ++c) {
    int64_t pair = isInterleaved ? c / 2 : c % (width / 2);
    bool isCosine = isInterleaved ? c % 2 == 1 : c >= width / 2;
    table[c] = std::pow(base, -2.0 * double(pair) / double(width)) / (2 * M_PI);
    table[width + c] = isCosine ? 0.25 : 0;
  }
  return table;
}

static Value constantArray(ModuleOp module, LoopBuilder &loops,
                           ArrayRef<double> numbers) {
  Type f64 = loops.builder.getF64Type();
  auto type = MemRefType::get({int64_t(numbers.size())}, f64);
  auto data = DenseElementsAttr::get(
      RankedTensorType::get(type.getShape(), f64), numbers);
  OpBuilder atModule(module.getContext());
  auto global = memref::GlobalOp::create(
      atModule, loops.loc, "attune_turns", atModule.getStringAttr("private"),
      type, data, /*constant=*/true, /*alignment=*/IntegerAttr());
  StringAttr name = SymbolTable(module).insert(global);
  return memref::GetGlobalOp::create(loops.builder, loops.loc, type, name);
}

/// sin(2 pi turns) as f32, from f64 turns below 2^51: the whole turns are taken
/// off exactly, so that the angle's size does not matter.
static Value buildSineOfTurns(LoopBuilder &loops, Value turns) {
  OpBuilder &builder = loops.builder;
  Location loc = loops.loc;
  // Adding 1.5 * 2^52 rounds to an integer.
  Value magic = constantLike(loops, turns, 0x1.8p52);
  Value whole = arith::SubFOp::create(
      builder, loc, arith::AddFOp::create(builder, loc, turns, magic), magic);
  Value rest = arith::SubFOp::create(builder, loc, turns, whole);
  Type f32 = builder.getF32Type();
  if (auto vector = dyn_cast<VectorType>(turns.getType()))
    f32 = vector.clone(f32);
  Value r = arith::TruncFOp::create(builder, loc, f32, rest);
  FloatBuilder b(builder, loc, r);
  // sin(pi - a) = sin(a): [-1/2, 1/2] to [-1/4, 1/4] turns.
  Value isFar =
      b.compare(arith::CmpFPredicate::OGT, b.absolute(r), b.constant(0.25));
  r = b.select(isFar, b.sub(b.copySign(b.constant(0.5), r), r), r);
  // r P(r^2) by interpolation at Chebyshev nodes, error 3e-11.
  Value p = b.polynomial(b.mul(r, r), {-14.393966340619201, 42.009779310595135,
                                       -76.70427987650572, 81.60522617404322,
                                       -41.34170211674418, 6.283185307072265});
  return b.mul(r, p);
}

LogicalResult attune::realizeSinusoid(SinusoidOp op, int64_t vectorBytes) {
  OpBuilder builder(op);
  LoopBuilder loops{builder, op.getLoc()};
  Value out = op.getInit();
  int64_t width = cast<MemRefType>(out.getType()).getDimSize(1);
  if (width == 0) {
    op.erase();
    return success();
  }
  Value table = constantArray(
      op->getParentOfType<ModuleOp>(), loops,
      turnsOfColumns(op.getLayout(), op.getBase().convertToDouble(), width));
  Value offset = ExtentValues(op->getParentOfType<func::FuncOp>())
                     .getValue(Extent::get(op.getOffset()));
  int64_t lanes =
      hasUnitStride(cast<MemRefType>(out.getType())) ? vectorBytes / 4 : 1;
  buildRows(
      loops, loops.extent(out, 0), loops.constant(width), [&](ValueRange row) {
        Value position = arith::SIToFPOp::create(
            builder, loops.loc, builder.getF64Type(),
            arith::IndexCastOp::create(builder, loops.loc, builder.getI64Type(),
                                       loops.add(row[0], offset)));
        auto sine = [&](Value c, bool isVector) {
          auto load = [&](Value i) {
            return isVector ? loadLanes(loops, table, i, lanes)
                            : loops.load(table, i);
          };
          Value p = isVector ? loops.broadcast(position, lanes) : position;
          Value turns = arith::AddFOp::create(
              builder, loops.loc,
              arith::MulFOp::create(builder, loops.loc, p, load(c)),
              load(loops.add(c, width)));
          return buildSineOfTurns(loops, turns);
        };
        Value whole = loops.constant(lanes > 1 ? width / lanes * lanes : 0);
        if (lanes > 1)
          loops.forEach(loops.constant(0), whole, lanes, [&](Value c) {
            loops.storeVector(sine(c, true), out, {row[0], c});
          });
        loops.forEach(whole, loops.constant(width), 1, [&](Value c) {
          loops.store(sine(c, false), out, {row[0], c});
        });
      });
  op.erase();
  return success();
}
