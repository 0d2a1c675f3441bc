//===- GateTask.h - Some channels of one batch element --------------------===//

#ifndef ATTUNE_CODEGEN_CPU_GATETASK_H
#define ATTUNE_CODEGEN_CPU_GATETASK_H

#include "codegen/cpu/LoopBuilder.h"
#include "dialect/Attune.h"

namespace attune {

/// Sizes of a gate kernel, known before its loops.
struct GatePlan {
  KernelOp kernel;
  int64_t rows, columns, width; // register block, floats in a vector
  int64_t keyBlock;             // weights of a row in scratch
  int64_t groups;               // of channels, each with weights of its own
  mlir::Value batch, positions;
  mlir::Value groupChannels, groupPanels; // of one group
  bool channelsFillPanels; // no panel hangs over the last channel of a group

  bool hasMask() { return !kernel.getMask().empty(); }
};

/// The panels of one task: `count` from panel `begin` of channel group `group`
/// on, packed as [panel][position][column].
struct GatePanels {
  mlir::Value group, begin, count, packed;
};

/// body(panel, column, bound) for each panel of a task: its number in the task,
/// its first channel, and the end of the channels where it hangs over, else
/// null.
void forEachPanel(
    LoopBuilder &loops, GatePlan &plan, const GatePanels &panels,
    llvm::function_ref<void(mlir::Value, mlir::Value, mlir::Value)> body);

/// Asks for the channels of a task in a row of `matrix`, those of whole panels.
void prefetchRow(LoopBuilder &loops, GatePlan &plan, const GatePanels &panels,
                 mlir::Value matrix, mlir::Value row);

/// The body of a task at the insertion point of `loops`: all positions of the
/// packed channels of batch element `batch`.
mlir::LogicalResult expandGateTask(LoopBuilder &loops, GatePlan &plan,
                                   mlir::Value batch, const GatePanels &panels);

} // namespace attune

#endif
