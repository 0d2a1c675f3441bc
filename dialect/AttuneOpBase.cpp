//===- AttuneOpBase.cpp - What all array ops share ------------------------===//

#include "dialect/Attune.h"

using namespace mlir;
using namespace attune;

bool attune::isScoreOrMaskProducer(Operation *op) {
  return isa_and_nonnull<ScoreSourceInterface, CombineOp, ModifyOp, MaskOp>(op);
}

using Effects =
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

/// On memrefs an array op reads its operands and writes its destination; on
/// tensors it has no effect.
static void addArrayEffects(Operation *op, MutableOperandRange destination,
                            Effects &effects) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    bool written = llvm::any_of(destination, [&](OpOperand &init) {
      return init.getOperandNumber() == operand.getOperandNumber();
    });
    if (written)
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
    else
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
  }
}

#define ARRAY_OP_EFFECTS(OP)                                                   \
  void OP::getEffects(Effects &effects) {                                      \
    addArrayEffects(*this, getInitMutable(), effects);                         \
  }
ARRAY_OP_EFFECTS(AttendOp)
ARRAY_OP_EFFECTS(SpatialGateOp)
ARRAY_OP_EFFECTS(LinearOp)
ARRAY_OP_EFFECTS(MatmulOp)
ARRAY_OP_EFFECTS(LayerNormOp)
ARRAY_OP_EFFECTS(EmbeddingOp)
ARRAY_OP_EFFECTS(GatherOp)
ARRAY_OP_EFFECTS(ActivationOp)
ARRAY_OP_EFFECTS(ElementwiseOp)
ARRAY_OP_EFFECTS(CastOp)
ARRAY_OP_EFFECTS(ConcatOp)
ARRAY_OP_EFFECTS(ReduceOp)
ARRAY_OP_EFFECTS(SoftmaxOp)
ARRAY_OP_EFFECTS(RmsNormOp)
ARRAY_OP_EFFECTS(BroadcastOp)
ARRAY_OP_EFFECTS(WhereOp)
ARRAY_OP_EFFECTS(ArangeOp)
ARRAY_OP_EFFECTS(SinusoidOp)
ARRAY_OP_EFFECTS(RopeOp)

void KernelOp::getEffects(Effects &effects) {
  MutableOperandRange workspace = getWorkspaceMutable();
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    bool isOut = operand.get() == getOut() || operand.get() == getProbs() ||
                 operand.get() == getLse();
    bool isWorkspace = llvm::any_of(workspace, [&](OpOperand &other) {
      return other.getOperandNumber() == operand.getOperandNumber();
    });
    if (isOut || isWorkspace)
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
    if (!isOut)
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
  }
}
