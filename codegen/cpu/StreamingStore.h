//===- StreamingStore.h - Results that nobody reads soon --------*- C++ -*-===//
//
// A large output of the model is not read again in the run: written around the
// caches, its lines need not be fetched first.
//
//===----------------------------------------------------------------------===//

#ifndef ATTUNE_CODEGEN_CPU_STREAMINGSTORE_H
#define ATTUNE_CODEGEN_CPU_STREAMINGSTORE_H

#include "codegen/cpu/LoopBuilder.h"

namespace attune {

/// Stores vectors of `width` floats into views of one array, whose columns are
/// multiples of the width.
class StreamingStore {
public:
  /// Decides for `array` at the insertion point of `loops`: it must be an
  /// output of the model with rows of whole vectors, and in a run aligned to a
  /// vector and larger than what caches keep.
  StreamingStore(LoopBuilder &loops, mlir::Value array, int64_t width);

  /// Stores into `view`, a part of the array.
  void store(mlir::Value vector, mlir::Value view,
             llvm::ArrayRef<mlir::Value> indices);
  /// Makes what was stored visible to other threads before anything later.
  void finish();

private:
  LoopBuilder &loops;
  int64_t width;
  mlir::Value streams; // i1; null: never
};

} // namespace attune

#endif
