//===- Interpreter.h - The oracle: import stage in plain loops --*- C++ -*-===//
//
// Says what a model means. Written independently of every lowering: no tiling,
// no online softmax, no fusion; each op is its formula.
//
//===----------------------------------------------------------------------===//
#ifndef ATTUNE_REFERENCE_INTERPRETER_H
#define ATTUNE_REFERENCE_INTERPRETER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "reference/Array.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

namespace attune::reference {

class AttendObserver;

enum class Precision {
  F64, ///< the truth
  F32, ///< the naive unfused evaluation of the tolerance rule
};

/// Finds a weight by its full name; the result stays valid during the run.
/// Null: there is no such weight.
using WeightLookup = llvm::function_ref<const Array *(llvm::StringRef name)>;

/// Runs the import-stage model `function` on `inputs` (in order of
/// declaration). `dims` may give dims that no input shows; others are read from
/// the inputs. Fails with a message on missing or misshapen inputs and weights,
/// disagreeing dims, dims above their bounds, ids out of range and ops it does
/// not know. An observer that keeps ops from being run gets no outputs.
llvm::Expected<std::vector<Array>>
interpret(mlir::func::FuncOp function, llvm::ArrayRef<Array> inputs,
          WeightLookup weights, const llvm::StringMap<int64_t> &dims,
          Precision precision, AttendObserver *observer = nullptr);

} // namespace attune::reference

#endif // ATTUNE_REFERENCE_INTERPRETER_H
