//===- RegionProgram.h - A mask or score region as a program ----*- C++ -*-===//
#ifndef ATTUNE_REFERENCE_REGIONPROGRAM_H
#define ATTUNE_REFERENCE_REGIONPROGRAM_H

#include "mlir/IR/Region.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <vector>

namespace attune::reference {

/// A register: integers (and booleans) or a floating-point number.
template <typename Real> union Register {
  int64_t integer;
  Real real;
};

/// The straight-line body of a mask or score region, turned once into a list of
/// instructions over numbered registers and then run for each (b, h, q, k).
template <typename Real> class RegionProgram {
public:
  using Registers = std::vector<Register<Real>>;
  /// Reads an element of a captured array at the given indices.
  using Capture =
      std::function<Register<Real>(llvm::ArrayRef<int64_t> indices)>;

  /// Compiles `region`. `captureOf` gives the reader of a captured array,
  /// `dimOf` the value of a dim and `stepOf` that of the step of a loop around
  /// it; fails on an op it does not know.
  static llvm::Expected<RegionProgram>
  compile(mlir::Region &region,
          llvm::function_ref<llvm::Expected<Capture>(mlir::Value)> captureOf,
          llvm::function_ref<llvm::Expected<int64_t>(llvm::StringRef)> dimOf,
          llvm::function_ref<llvm::Expected<int64_t>(mlir::Value)> stepOf);

  /// Runs the program on the region's arguments and returns what it yields
  /// first.
  Register<Real> run(llvm::ArrayRef<Register<Real>> arguments) const;

  /// What the last run yielded.
  Register<Real> yielded(unsigned index) const {
    return registers[results[index]];
  }
  unsigned numYielded() const { return results.size(); }

private:
  using Instruction = std::function<void(Registers &)>;

  llvm::Error add(mlir::Operation &op);
  unsigned registerOf(mlir::Value value);

  std::vector<Instruction> instructions;
  llvm::DenseMap<mlir::Value, unsigned> numbers;
  std::vector<unsigned> results;
  unsigned numArguments = 0;
  mutable Registers registers;
};

} // namespace attune::reference

#endif // ATTUNE_REFERENCE_REGIONPROGRAM_H
