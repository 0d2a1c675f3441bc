//===- LayerOps.cpp - Verifiers of layer ops ------------------------------===//

#include "dialect/Verify.h"

using namespace mlir;
using namespace attune;

/// The shapes of the result and of an input, where the op is on tensors.
template <typename OpTy> static bool hasTensorResult(OpTy op) {
  return op.getResult() && onTensors(op);
}

LogicalResult LinearOp::verify() {
  if (!hasTensorResult(*this))
    return success();
  SmallVector<Extent> input = extentsOf(getInput().getType());
  if (input.empty())
    return emitOpError("(C1) x has no axis");
  if (failed(checkRank(*this, "C1", "the weight", getWeight().getType(), 2)))
    return failure();
  SmallVector<Extent> weight = extentsOf(getWeight().getType());
  if (failed(checkShape(*this, "C2", "the weight", weight,
                        {weight[0], input.back()})) ||
      (getBias() &&
       failed(checkShape(*this, "C3", "the bias",
                         extentsOf(getBias().getType()), {weight[0]}))))
    return failure();
  input.back() = weight[0];
  if (getResidual() &&
      failed(checkShape(*this, "C4", "the residual",
                        extentsOf(getResidual().getType()), input)))
    return failure();
  return checkShape(*this, "C5", "the result", extentsOf(getResult().getType()),
                    input);
}

LogicalResult MatmulOp::verify() {
  if (!hasTensorResult(*this))
    return success();
  SmallVector<Extent> lhs = extentsOf(getLhs().getType());
  SmallVector<Extent> rhs = extentsOf(getRhs().getType());
  if (lhs.size() < 2 || rhs.size() < 2)
    return emitOpError() << "(C1) multiplies " << shapeText(lhs) << " and "
                         << shapeText(rhs) << ", expected rank 2 or more";
  if (!agree(lhs.back(), rhs[rhs.size() - 2]))
    return emitOpError() << "(C2) multiplies " << shapeText(lhs) << " and "
                         << shapeText(rhs) << ", whose inner extents differ";
  SmallVector<Extent> result = extentsOf(getResult().getType());
  if (result.size() < 2 || !agree(result.back(), rhs.back()) ||
      !agree(result[result.size() - 2], lhs[lhs.size() - 2]))
    return emitOpError() << "(C3) gives " << shapeText(result) << " from "
                         << shapeText(lhs) << " and " << shapeText(rhs);
  return success();
}

LogicalResult LayerNormOp::verify() {
  if (!hasTensorResult(*this))
    return success();
  SmallVector<Extent> input = extentsOf(getInput().getType());
  if (input.empty())
    return emitOpError("(C1) x has no axis");
  for (Value scale : {getGamma(), getBeta()})
    if (scale && failed(checkShape(*this, "C2", "gamma or beta",
                                   extentsOf(scale.getType()), {input.back()})))
      return failure();
  return checkShape(*this, "C3", "the result", extentsOf(getResult().getType()),
                    input);
}

/// `[ids..., table axes but the first...]`, ids of i32 or i64.
static LogicalResult verifyRows(Operation *op, Value ids, Value table,
                                Value result) {
  Type id = cast<ShapedType>(ids.getType()).getElementType();
  if (!id.isInteger(32) && !id.isInteger(64))
    return op->emitOpError()
           << "(C1) ids are " << id << ", expected i32 or i64";
  SmallVector<Extent> rows = extentsOf(table.getType());
  if (rows.empty())
    return op->emitOpError("(C2) the table has no axis");
  SmallVector<Extent> expected = extentsOf(ids.getType());
  expected.append(rows.begin() + 1, rows.end());
  return checkShape(op, "C3", "the result", extentsOf(result.getType()),
                    expected);
}

LogicalResult EmbeddingOp::verify() {
  if (!hasTensorResult(*this))
    return success();
  if (failed(checkRank(*this, "C2", "the table", getTable().getType(), 2)))
    return failure();
  return verifyRows(*this, getIds(), getTable(), getResult());
}

LogicalResult GatherOp::verify() {
  if (!hasTensorResult(*this))
    return success();
  return verifyRows(*this, getIds(), getTable(), getResult());
}

LogicalResult ActivationOp::verify() {
  if (!hasTensorResult(*this))
    return success();
  return checkShape(*this, "C1", "the result", extentsOf(getResult().getType()),
                    extentsOf(getInput().getType()));
}

LogicalResult ElementwiseOp::verify() {
  if (!hasTensorResult(*this))
    return success();
  SmallVector<Extent> result = extentsOf(getResult().getType());
  Extent one = Extent::constant(1);
  size_t rank = 0;
  for (Value operand : {getLhs(), getRhs()}) {
    SmallVector<Extent> extents = extentsOf(operand.getType());
    rank = std::max(rank, extents.size());
    bool fits = extents.size() <= result.size();
    for (size_t back = 1; fits && back <= extents.size(); ++back) {
      const Extent &extent = extents[extents.size() - back];
      fits = extent == one || agree(extent, result[result.size() - back]);
    }
    if (!fits)
      return emitOpError() << "(C1) an operand of shape " << shapeText(extents)
                           << " does not stretch to " << shapeText(result);
  }
  if (rank != result.size())
    return emitOpError() << "(C2) the result has rank " << result.size()
                         << ", expected " << rank;
  return success();
}

LogicalResult CastOp::verify() {
  if (!hasTensorResult(*this))
    return success();
  return checkShape(*this, "C1", "the result", extentsOf(getResult().getType()),
                    extentsOf(getInput().getType()));
}

LogicalResult ConcatOp::verify() {
  if (!hasTensorResult(*this))
    return success();
  SmallVector<Extent> result = extentsOf(getResult().getType());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= int64_t(result.size()))
    return emitOpError() << "(C1) axis " << axis << " is outside the result "
                         << shapeText(result);
  std::optional<Extent> sum = Extent::constant(0);
  for (Value input : getInputs()) {
    SmallVector<Extent> extents = extentsOf(input.getType());
    SmallVector<Extent> expected = result;
    if (extents.size() == result.size()) {
      expected[axis] = extents[axis];
      sum = sum ? *sum + extents[axis] : sum;
    }
    if (failed(checkShape(*this, "C2", "an input", extents, expected)))
      return failure();
  }
  if (sum && !agree(*sum, result[axis]))
    return emitOpError() << "(C3) the inputs' extents along axis " << axis
                         << " add up to " << sum->str() << ", the result has "
                         << shapeText(result);
  return success();
}

void EmbeddingOp::getCanonicalizationPatterns(RewritePatternSet &,
                                              MLIRContext *) {}
void ActivationOp::getCanonicalizationPatterns(RewritePatternSet &,
                                               MLIRContext *) {}
void ElementwiseOp::getCanonicalizationPatterns(RewritePatternSet &,
                                                MLIRContext *) {}
void CastOp::getCanonicalizationPatterns(RewritePatternSet &, MLIRContext *) {}
