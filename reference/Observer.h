//===- Observer.h - What the oracle shows of its attends --------*- C++ -*-===//
#ifndef ATTUNE_REFERENCE_OBSERVER_H
#define ATTUNE_REFERENCE_OBSERVER_H

#include "dialect/Attune.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <functional>

namespace attune::reference {

/// Integer values of a region's arguments to the integer values it yields.
using RegionFunction = std::function<llvm::SmallVector<int64_t>(
    llvm::ArrayRef<int64_t> arguments)>;

/// One attend, or spatial gate, at the moment it is run.
struct AttendVisit {
  mlir::Operation *op;
  mlir::Value mask; ///< null: none
  /// The steps of the loops around it, outermost first.
  llvm::ArrayRef<int64_t> steps;
  /// Of a gate, groups of channels are heads, and positions queries and keys.
  int64_t batch, heads, queries, keys;
  /// Makes a function of a region of indices, such as that of key ranges, whose
  /// captured arrays have the values of this moment. Valid as long as the run.
  llvm::function_ref<llvm::Expected<RegionFunction>(mlir::Region &)> compile;
};

/// Is told of every attend of a run, in order of execution.
class AttendObserver {
public:
  virtual ~AttendObserver() = default;

  /// False: `op` is not run, and nothing that is run may need its results. A
  /// loop's body is run if the loop is.
  virtual bool runs(mlir::Operation *op) { return true; }

  /// Before the rows of an attend; also of one that is not run.
  virtual llvm::Error visit(const AttendVisit &visit) = 0;

  /// Before a spatial gate; also of one that is not run.
  virtual llvm::Error visitGate(const AttendVisit &visit) {
    return llvm::Error::success();
  }

  /// The probabilities of one query; `attended` is false for keys that the mask
  /// excludes or whose score is -inf.
  virtual void row(int64_t b, int64_t h, int64_t q,
                   llvm::ArrayRef<double> probabilities,
                   llvm::ArrayRef<char> attended) {}
};

} // namespace attune::reference

#endif // ATTUNE_REFERENCE_OBSERVER_H
