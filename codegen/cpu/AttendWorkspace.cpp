//===- AttendWorkspace.cpp - Where an attend kernel packs its arrays ------===//

#include "codegen/cpu/AttendPlan.h"

using namespace mlir;
using namespace attune;

Value attune::packedKeys(LoopBuilder &loops, AttendPlan &plan,
                         const AttendSource &source, Value slot) {
  if (source.isLoadedInPanels())
    return loops.window(source.key,
                        {loops.constant(0), slot, loops.constant(0),
                         loops.constant(0), loops.constant(0)},
                        {getAsOpFoldResult(loops.extent(source.key, 2)),
                         getAsOpFoldResult(source.packedDepth),
                         loops.builder.getIndexAttr(plan.columns)});
  Value offset = loops.add(source.base, loops.mul(slot, source.headFloats));
  return loops.carve(plan.kernel.getWorkspace()[0], offset,
                     {getAsOpFoldResult(plan.panels),
                      getAsOpFoldResult(source.packedDepth),
                      loops.builder.getIndexAttr(plan.columns)});
}

Value attune::packedValues(LoopBuilder &loops, AttendPlan &plan, Value slot) {
  Value offset =
      loops.add(plan.values.base, loops.mul(slot, plan.values.headFloats));
  return loops.carve(
      plan.kernel.getWorkspace()[0], offset,
      {getAsOpFoldResult(loops.div(plan.outColumns, plan.columns)),
       getAsOpFoldResult(plan.keys), loops.builder.getIndexAttr(plan.columns)});
}

Value attune::valueFlags(LoopBuilder &loops, AttendPlan &plan, Value slot) {
  Value head =
      loops.add(plan.values.base, loops.mul(slot, plan.values.headFloats));
  return loops.carve(
      plan.kernel.getWorkspace()[0],
      loops.add(head, loops.mul(plan.keys, plan.outColumns)),
      {getAsOpFoldResult(loops.ceilDiv(plan.keys, valueChunkKeys))});
}
