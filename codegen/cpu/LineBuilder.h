//===- LineBuilder.h - Loops along one axis of an array ---------*- C++ -*-===//
//
// A line is the elements that differ in one axis only. Along the last axis a
// line itself is made of vectors; along another one, vectors hold one element
// of each of several neighbouring lines. The same folds and maps serve both:
// they are built for a bundle of lines of `width` lanes, or for one line.
//
//===----------------------------------------------------------------------===//

#ifndef ATTUNE_CODEGEN_CPU_LINEBUILDER_H
#define ATTUNE_CODEGEN_CPU_LINEBUILDER_H

#include "codegen/cpu/LoopBuilder.h"

namespace attune {

class LineBuilder {
public:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<Value>;

  /// Lines along `axis` of `in`, with vectors of `lanes` elements where all of
  /// `arrays` (which the caller reads and writes) allow them.
  LineBuilder(LoopBuilder &loops, Value in, int64_t axis, int64_t lanes,
              mlir::ValueRange arrays);

  /// Where a line, or a bundle of neighbouring ones, is.
  struct Line {
    /// Of the first element; null along the axis.
    Values indices;
    /// Lines in the bundle.
    int64_t width = 1;
  };

  /// The number of elements of a line.
  Value size() const { return length; }

  /// body(line) for each line or bundle, as tasks.
  void forEach(llvm::function_ref<void(const Line &)> body);

  /// One combination for each of `inits` (neutral scalars) over all elements x
  /// of the line: `make(x, i)` gives what element i adds to each. A bundle
  /// gives vectors, a line scalars.
  Values fold(const Line &line, mlir::vector::CombiningKind kind,
              mlir::ValueRange inits,
              llvm::function_ref<Values(Value x, Value i)> make);

  /// out[i] = make(x, i) for all elements of the line.
  void map(const Line &line, Value out,
           llvm::function_ref<Value(Value x, Value i)> make);

  /// A result of `fold` beside an element: spread over the lanes of `x`.
  Value like(Value value, Value x);

  /// Lane numbers from `i` on as i64 beside an element x: the positions of its
  /// lanes along the axis.
  Value positions(Value i, Value x);

  /// Writes the results of a bundle or line to an array without the axis.
  void storeResult(const Line &line, Value value, Value out);

  /// Elements [i, i + lanes) of a row beside an element x.
  Value loadBeside(Value row, Value i, Value x);

private:
  bool isAlong() const { return axis + 1 == rank; }
  Values at(const Line &line, Value i) const;
  Value load(Value memref, mlir::ValueRange indices, int64_t width);
  void store(Value value, Value memref, mlir::ValueRange indices);
  Value combine(mlir::vector::CombiningKind kind, Value a, Value b);
  Values combineAll(mlir::vector::CombiningKind kind, mlir::ValueRange sums,
                    const Values &more);
  Values foldVectors(const Line &line, mlir::vector::CombiningKind kind,
                     mlir::ValueRange inits, Value whole,
                     llvm::function_ref<Values(Value x, Value i)> make);

  LoopBuilder &loops;
  Value in, length;
  int64_t axis, rank, lanes;
};

} // namespace attune

#endif
