//===- KernelScratch.h - Workspace of a kernel ------------------*- C++ -*-===//
#ifndef ATTUNE_PASSES_KERNELSCRATCH_H
#define ATTUNE_PASSES_KERNELSCRATCH_H

#include "passes/MaskSummary.h"

namespace attune {

/// Packed keys of all heads in flight together stay below this, floats.
inline constexpr int64_t packedKeysBudget = int64_t(4) << 20;

/// Packed channels of a spatial gate stay below this, floats: 8 MiB, so that
/// what the norm has read is near when it is packed.
inline constexpr int64_t packedChannelsBudget = int64_t(2) << 20;

/// Panels of channels that one task of a spatial gate takes at most.
inline constexpr int64_t maxGatePanels = 8;

/// Workers that a run may use at once (ATTUNE_MAX_WORKERS of runtime/abi.h).
inline constexpr int64_t maxWorkers = 64;

/// Vector lanes that per-row state may need on any target.
inline constexpr int64_t maxVectorLanes = 16;

/// Floats of per-worker scratch of an attend kernel: a tile of scores
/// [rows, depth_block], a copy of the queries [row_block, columns of q, summed
/// over the sources, rounded up], the output accumulator [row_block, columns of
/// v rounded up], and for each row the running sum and maximum as vectors and
/// the maximum as a number; then the summary of the mask. Each part is a
/// multiple of 16 floats (64 bytes).
/// codegen/cpu/AttendTask.cpp carves it.
int64_t attendScratchFloats(BlockingAttr blocking, int64_t queryColumns,
                            int64_t valueColumns, const MaskSummary &summary);

/// Floats of per-worker scratch of a gate kernel: a tile of weights
/// [rows, depth_block] with room for a vector that hangs over, and the sums of
/// all panels of a task [maxGatePanels, rows, columns].
/// codegen/cpu/ExpandGate.cpp carves it.
int64_t gateScratchFloats(BlockingAttr blocking);

} // namespace attune

#endif // ATTUNE_PASSES_KERNELSCRATCH_H
