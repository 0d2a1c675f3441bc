//===- Bufferizer.h - Bufferization of one function -------------*- C++ -*-===//
//
// Internal to the bufferize pass: what its parts share.
//
//===----------------------------------------------------------------------===//
#ifndef ATTUNE_PASSES_BUFFERIZER_H
#define ATTUNE_PASSES_BUFFERIZER_H

#include "dialect/Attune.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/SymbolTable.h"
#include "passes/ArrayView.h"

namespace attune {

/// The element type in memory: booleans and u8 are stored as i8.
mlir::Type getStoredType(mlir::Type elementType);

/// The symbolic shape of a tensor as an attribute, static or not.
ShapeAttr getShapeAttr(mlir::RankedTensorType type);

/// True for the ops whose result is a view of their operand.
bool isView(mlir::Operation *op);

/// The result of a view op as a view of the memory of its operand; nothing
/// when no strides describe it.
std::optional<ArrayView> applyView(mlir::Operation *op, const ArrayView &input);

/// Where the operand of a view op must lie so that its result lies in `result`;
/// nothing when there is no such place or the view drops elements.
std::optional<ArrayView> invertView(mlir::Operation *op,
                                    const ArrayView &result);

/// The last op of `block` that reads `value`, directly, through views or
/// through score and mask producers; null when none does. Asks for tensors: to
/// be called before the users are converted.
mlir::Operation *findLastReader(mlir::Value value, mlir::Block *block);

/// What the carried values of a loop body live in.
struct LoopStates {
  llvm::SmallVector<ArrayView> buffers;
  /// The last op of the body that reads each of them, or null.
  llvm::SmallVector<mlir::Operation *> lastReaders;
  /// The stacked results, and the step that is first in them.
  llvm::SmallVector<ArrayView> stacks;
  int64_t lower = 0;
};

/// Converts one function. Values keep their tensor types until the end: the
/// maps say where each lives.
class Bufferizer {
public:
  /// `symbols`: of the module, where constants become globals.
  Bufferizer(mlir::func::FuncOp func, mlir::SymbolTable &symbols);

  mlir::LogicalResult run();

private:
  mlir::LogicalResult convertBlock(mlir::Block &block);
  mlir::LogicalResult convertOp(mlir::Operation &op);
  mlir::LogicalResult convertDestinationOp(mlir::Operation *op);
  mlir::LogicalResult convertViewOp(mlir::Operation *op);
  mlir::LogicalResult convertConstant(mlir::Operation *op);
  mlir::LogicalResult convertParam(mlir::Operation *op);
  /// A number of the run as an array of rank 0.
  mlir::LogicalResult convertNumber(mlir::tensor::FromElementsOp op);
  mlir::LogicalResult convertFor(mlir::Operation *op);
  mlir::LogicalResult convertReturn(mlir::Operation *op);
  mlir::LogicalResult convertGenerator(mlir::Operation *op);
  mlir::LogicalResult storeCarried(mlir::Operation *yield);
  mlir::Value materializeStep(const ArrayView &stack, mlir::Value index,
                              mlir::Location loc);
  mlir::LogicalResult storeStacked(mlir::Operation *yield,
                                   const LoopStates &state);
  mlir::LogicalResult checkTypes();
  mlir::LogicalResult addArguments();
  void finishSignature();

  /// Where `value`, which `writer` is about to write, shall live.
  mlir::FailureOr<ArrayView> getDestination(mlir::Value value,
                                            mlir::Operation *writer);
  std::optional<ArrayView> findDestination(mlir::Value value,
                                           mlir::Operation *writer);
  mlir::FailureOr<ArrayView> allocate(mlir::RankedTensorType type,
                                      mlir::Operation *before);
  mlir::FailureOr<mlir::Value> getCompact(mlir::Value value,
                                          mlir::Operation *user);
  void setHome(mlir::Value value, const ArrayView &view, mlir::Value memref);
  void copy(mlir::Location loc, mlir::Value from, mlir::Value to);

  mlir::func::FuncOp func;
  mlir::OpBuilder builder;
  ExtentValues extents;
  mlir::SymbolTable &symbols;
  unsigned numInputs = 0;
  unsigned depth = 0;
  llvm::SmallVector<ArrayView> outputs;
  llvm::SmallVector<bool> outputTaken;
  /// Where a converted value lives, and the memref that says so.
  llvm::DenseMap<mlir::Value, ArrayView> views;
  llvm::DenseMap<mlir::Value, mlir::Value> memrefs;
  /// Chosen places of values that are not written yet.
  llvm::DenseMap<mlir::Value, ArrayView> destinations;
  /// The loop bodies under conversion.
  llvm::DenseMap<mlir::Block *, LoopStates> loops;
  llvm::SmallVector<mlir::Operation *> dead;
};

} // namespace attune

#endif // ATTUNE_PASSES_BUFFERIZER_H
