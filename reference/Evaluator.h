//===- Evaluator.h - The oracle's state (internal) --------------*- C++ -*-===//
#ifndef ATTUNE_REFERENCE_EVALUATOR_H
#define ATTUNE_REFERENCE_EVALUATOR_H

#include "dialect/Attune.h"
#include "dialect/Extent.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "reference/Interpreter.h"
#include "reference/Observer.h"
#include "reference/RegionProgram.h"
#include "llvm/ADT/DenseMap.h"

#include <array>
#include <memory>

namespace attune::reference {

using Shape = std::vector<int64_t>;

/// An array in the working precision.
template <typename Real> struct Tensor {
  bool isFloat = true;
  Shape shape;
  std::vector<Real> reals;
  std::vector<int64_t> integers;

  int64_t size() const {
    return isFloat ? int64_t(reals.size()) : int64_t(integers.size());
  }

  /// Element i becomes element j of `from`.
  void copyElement(int64_t i, const Tensor &from, int64_t j) {
    if (isFloat)
      reals[i] = from.reals[j];
    else
      integers[i] = from.integers[j];
  }
};

/// The largest array the oracle makes, elements.
inline constexpr int64_t maxElements = int64_t(1) << 31;

/// The number of elements of a shape; nothing when above maxElements.
std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> shape);

/// Row-major strides, 0 where the extent is 1 and `stretched` is larger;
/// `shape` is aligned with the last axes of `stretched`.
Shape broadcastStrides(llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<int64_t> stretched);

/// Calls `body` with the multi-index of each element of `shape`, row-major.
void forEachIndex(llvm::ArrayRef<int64_t> shape,
                  llvm::function_ref<void(llvm::ArrayRef<int64_t>)> body);

/// An activation of one number.
template <typename Real> Real activate(Activation function, Real x);

/// Evaluates one model.
template <typename Real> class Evaluator {
public:
  Evaluator(WeightLookup weights, llvm::StringMap<int64_t> dims,
            AttendObserver *observer)
      : weights(weights), dims(std::move(dims)), observer(observer) {}

  /// Runs the ops of `block`; results land in `values`.
  llvm::Error runBlock(mlir::Block &block);

  llvm::Expected<Shape> shapeOf(mlir::Type type);
  llvm::Expected<int64_t> evaluate(ExtentAttr extent);

  llvm::DenseMap<mlir::Value, std::shared_ptr<Tensor<Real>>> values;
  llvm::DenseMap<mlir::Value, int64_t> steps;

private:
  using TensorPtr = std::shared_ptr<Tensor<Real>>;
  using Program = RegionProgram<Real>;

  llvm::Error run(mlir::Operation &op);
  llvm::Expected<TensorPtr> make(mlir::Value result);
  const Tensor<Real> &get(mlir::Value value) { return *values[value]; }

  // Program ops (Evaluator.cpp).
  llvm::Error runParam(ParamOp op);
  llvm::Error runFor(ForOp op);
  llvm::Error runConstant(mlir::Operation &op);
  llvm::Expected<int64_t> numberOf(mlir::Value value);
  llvm::Error runNumber(mlir::tensor::FromElementsOp op);
  // Layer ops (EvaluateLayers.cpp).
  llvm::Error runLinear(LinearOp op);
  llvm::Error runMatmul(MatmulOp op);
  llvm::Error runLayerNorm(LayerNormOp op);
  llvm::Error runRows(mlir::Operation *op, mlir::Value table, mlir::Value ids,
                      mlir::Value result);
  llvm::Error runActivation(ActivationOp op);
  llvm::Error runElementwise(ElementwiseOp op);
  llvm::Error runCast(CastOp op);
  // Lines and made arrays (EvaluateArrays.cpp).
  llvm::Error runReduce(ReduceOp op);
  llvm::Error runSoftmax(SoftmaxOp op);
  llvm::Error runRmsNorm(RmsNormOp op);
  llvm::Error runBroadcast(BroadcastOp op);
  llvm::Error runRepetition(mlir::Operation *op, int64_t axis);
  llvm::Error runWhere(WhereOp op);
  llvm::Error runArange(ArangeOp op);
  llvm::Error runSinusoid(SinusoidOp op);
  llvm::Error runRope(RopeOp op);
  // Shape ops (EvaluateShapes.cpp).
  llvm::Error runConcat(ConcatOp op);
  llvm::Error runView(mlir::Operation *op);
  // Mixing (EvaluateMixing.cpp).
  llvm::Error runAttend(AttendOp op);
  llvm::Error showAttend(AttendOp op);
  llvm::Error showGate(SpatialGateOp op);
  llvm::Error show(mlir::Operation *op, mlir::Value mask,
                   std::array<int64_t, 4> sizes);
  // The spatial gate (EvaluateGate.cpp).
  llvm::Error runSpatialGate(SpatialGateOp op);
  using ScoreFunction =
      std::function<Real(int64_t b, int64_t h, int64_t q, int64_t k)>;
  /// A score source by its formula, or nothing (EvaluateSources.cpp).
  ScoreFunction sourceOf(mlir::Operation *op, int64_t heads);
  llvm::Expected<ScoreFunction> scoresOf(mlir::Value scores,
                                         llvm::ArrayRef<int64_t> extents);
  using IndexFunction =
      std::function<Register<Real>(int64_t b, int64_t h, int64_t q, int64_t k)>;
  llvm::Expected<IndexFunction> indexFunction(mlir::Region &body,
                                              llvm::ArrayRef<int64_t> extents);
  using MaskFunction =
      std::function<bool(int64_t b, int64_t h, int64_t q, int64_t k)>;
  llvm::Expected<MaskFunction> maskOf(mlir::Value mask,
                                      llvm::ArrayRef<int64_t> extents);
  llvm::Expected<std::shared_ptr<Program>> compileRegion(mlir::Region &region);

  WeightLookup weights;
  llvm::StringMap<int64_t> dims;
  AttendObserver *observer; // null: none
};

extern template class Evaluator<double>;
extern template class Evaluator<float>;

} // namespace attune::reference

#endif // ATTUNE_REFERENCE_EVALUATOR_H
