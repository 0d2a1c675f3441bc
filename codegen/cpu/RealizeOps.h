//===- RealizeOps.h - Layer ops to loops of vectors -----------------------===//

#ifndef ATTUNE_CODEGEN_CPU_REALIZEOPS_H
#define ATTUNE_CODEGEN_CPU_REALIZEOPS_H

#include "codegen/cpu/LoopBuilder.h"
#include "dialect/Attune.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace attune {

/// attune-cpu-realize: what is not a kernel, on memrefs, to scf and vector.
std::unique_ptr<mlir::Pass> createRealizePass();

/// Registers the pass with its flag.
void registerCPURealizePasses();

/// Elements of one task of a parallel loop over simple work.
inline constexpr int64_t taskElements = 16384;

/// Makes one result element, or a vector of them, from the elements of each
/// input: scalars, or vectors of equally many lanes.
using ElementBody =
    llvm::function_ref<mlir::Value(LoopBuilder &, mlir::ValueRange)>;

/// out[i] = body(inputs[0][i], ...) with numpy broadcasting of static extents
/// 1, as parallel loops (serial ones inside a parallel loop). `vectorBytes`:
/// width of a vector register.
void buildMap(LoopBuilder &loops, mlir::ValueRange inputs, mlir::Value out,
              int64_t vectorBytes, ElementBody body);

/// Runs tasks [0, count): in parallel, or one after the other when the
/// insertion point is inside a parallel loop already.
void buildTasks(LoopBuilder &loops, mlir::Value count, LoopBuilder::Body body);

/// Each replaces one op (vectorBytes as above). The op is erased.
mlir::LogicalResult realizeActivation(ActivationOp op, int64_t vectorBytes);
mlir::LogicalResult realizeElementwise(ElementwiseOp op, int64_t vectorBytes);
mlir::LogicalResult realizeCast(CastOp op, int64_t vectorBytes);
mlir::LogicalResult realizeConcat(ConcatOp op, int64_t vectorBytes);
mlir::LogicalResult realizeLayerNorm(LayerNormOp op, int64_t vectorBytes);
mlir::LogicalResult realizeRmsNorm(RmsNormOp op, int64_t vectorBytes);
mlir::LogicalResult realizeReduce(ReduceOp op, int64_t vectorBytes);
mlir::LogicalResult realizeSoftmax(SoftmaxOp op, int64_t vectorBytes);
mlir::LogicalResult realizeBroadcast(BroadcastOp op, int64_t vectorBytes);
mlir::LogicalResult realizeWhere(WhereOp op, int64_t vectorBytes);
mlir::LogicalResult realizeArange(ArangeOp op, int64_t vectorBytes);
mlir::LogicalResult realizeSinusoid(SinusoidOp op, int64_t vectorBytes);
mlir::LogicalResult realizeRope(RopeOp op, int64_t vectorBytes);
mlir::LogicalResult realizeGather(GatherOp op, int64_t vectorBytes);
mlir::LogicalResult realizeEmbedding(EmbeddingOp op, int64_t vectorBytes);

} // namespace attune

#endif
