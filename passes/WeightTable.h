//===- WeightTable.h - Rows of the weight table -----------------*- C++ -*-===//
#ifndef ATTUNE_PASSES_WEIGHTTABLE_H
#define ATTUNE_PASSES_WEIGHTTABLE_H

#include "dialect/Attune.h"

#include <string>

namespace attune {

/// A weight of the file, or a family of them, and the floats of each packed.
struct WeightPart {
  llvm::StringRef name; ///< with `{...}` for the step of each loop
  llvm::SmallVector<int64_t> fileShape;
  int64_t packedFloats;
};

/// The weight table of a function in the making. Rows start at multiples of 16
/// floats.
class WeightTable {
public:
  explicit WeightTable(mlir::MLIRContext *context) : context(context) {}

  /// Adds the rows of `param`, whose pack is set and whose parts lie one after
  /// the other, for all steps of the `scf.for` loops around it, or finds them
  /// if they are there; sets offset and strides. Says what is wrong at `param`.
  mlir::LogicalResult place(ParamOp param, llvm::ArrayRef<WeightPart> parts);

  mlir::ArrayAttr toAttr() const;
  /// Floats of the whole blob.
  int64_t size() const { return packedFloats; }

private:
  struct Row {
    std::string name;
    const WeightPart *part;
    int64_t offset; ///< from the first row
  };
  mlir::LogicalResult placeRows(ParamOp param, llvm::ArrayRef<Row> rows,
                                int64_t floats, int64_t &offset);

  mlir::MLIRContext *context;
  int64_t packedFloats = 0;
  llvm::SmallVector<mlir::Attribute> table;
  /// Offsets of the rows by name and layout.
  llvm::DenseMap<std::pair<mlir::Attribute, mlir::Attribute>, int64_t> offsets;
};

} // namespace attune

#endif // ATTUNE_PASSES_WEIGHTTABLE_H
