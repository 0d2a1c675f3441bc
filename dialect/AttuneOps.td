#ifndef ATTUNE_OPS
#define ATTUNE_OPS
include "dialect/ScoreOps.td"
include "dialect/SynthesizerOps.td"
include "dialect/MaskOps.td"
include "dialect/MixingOps.td"
include "dialect/GateOps.td"
include "dialect/LayerOps.td"
include "dialect/ReduceOps.td"
include "dialect/ArrayOps.td"
include "dialect/ViewOps.td"
include "dialect/ProgramOps.td"
include "dialect/KernelOps.td"
include "dialect/TileOps.td"
#endif
