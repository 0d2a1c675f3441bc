//===- AttendRuns.cpp - The keys that a summary of the mask leaves --------===//
//
// Where a mask reads arrays, the chunks of a block of keys are classified first
// (KeySummary.cpp). Runs of chunks of one class are then attended to as one.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/AttendTask.h"

using namespace mlir;
using namespace attune;

/// The keys of `part` in the chunks [firstChunk, lastChunk).
AttendTask::BlockRange AttendTask::runOf(const BlockRange &part,
                                         Value blockBegin, Value firstChunk,
                                         Value lastChunk, Value isFull) {
  int64_t panels = summaryKeys / plan.columns;
  auto keyOf = [&](Value chunk) {
    return loops.add(blockBegin, loops.mul(chunk, summaryKeys));
  };
  BlockRange run;
  run.keyBegin = loops.max(part.keyBegin, keyOf(firstChunk));
  run.keyEnd = loops.min(part.keyEnd, keyOf(lastChunk));
  run.first = loops.max(part.first, loops.mul(firstChunk, panels));
  run.last = loops.min(part.last, loops.mul(lastChunk, panels));
  auto inRun = [&](Value panel) {
    return loops.min(loops.max(panel, run.first), run.last);
  };
  auto select = [&](Value then, Value otherwise) -> Value {
    return loops.select(isFull, then, otherwise);
  };
  // A panel that hangs over the last key is masked whatever its class.
  Value whole = loops.div(loops.sub(plan.keys, blockBegin), plan.columns);
  run.fullFirst = select(run.first, inRun(part.fullFirst));
  run.fullLast = select(inRun(whole), inRun(part.fullLast));
  return run;
}

LogicalResult AttendTask::attendToRuns(Value row, Value blockBegin,
                                       Value blockEnd, const BlockRange &part) {
  int64_t panels = summaryKeys / plan.columns;
  Value first = loops.div(part.first, panels);
  Value last = loops.ceilDiv(part.last, panels);
  summary->classify(blockBegin, loops.min(blockEnd, plan.keys), first, last,
                    loops.add(queryBegin, row), lastQueryOf(row));
  LogicalResult result = success();
  loops.forEach(first, last, 1, [&](Value chunk) {
    Value kind = summary->classOf(chunk);
    Value before =
        summary->classOf(loops.max(loops.sub(chunk, loops.constant(1)), first));
    auto both = [&](Value a, Value b) {
      return builder.createOrFold<arith::AndIOp>(loc, a, b);
    };
    Value begins = builder.createOrFold<arith::OrIOp>(
        loc, loops.compare(arith::CmpIPredicate::eq, chunk, first),
        loops.compare(arith::CmpIPredicate::ne, kind, before));
    Value isEmpty = summary->isClass(kind, ChunkClass::Empty);
    Value attends = builder.createOrFold<arith::XOrIOp>(
        loc, isEmpty,
        arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true)));
    loops.ifThen(both(begins, attends), [&] {
      // One past the last chunk of this class in a row.
      Value next = loops.add(chunk, 1);
      Value end = loops.forEach(
          next, last, 1, ValueRange{next},
          [&](Value other, ValueRange carried) -> SmallVector<Value> {
            Value goesOn =
                both(loops.compare(arith::CmpIPredicate::eq, other, carried[0]),
                     loops.compare(arith::CmpIPredicate::eq,
                                   summary->classOf(other), kind));
            return {loops.select(goesOn, loops.add(other, 1), carried[0])};
          })[0];
      BlockRange run = runOf(part, blockBegin, chunk, end,
                             summary->isClass(kind, ChunkClass::Full));
      if (failed(attendTo(row, blockBegin, run)))
        result = failure();
    });
  });
  return result;
}
