/// A model's arguments, read from its import-stage function: what `run` needs
/// to make inputs and to call a compiled model.
#ifndef ATTUNE_TOOLS_SIGNATURE_H
#define ATTUNE_TOOLS_SIGNATURE_H

#include "dialect/Attune.h"
#include "dialect/Extent.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include <string>
#include <vector>

namespace attune::tool {

/// Values of dims by name.
using DimValues = llvm::StringMap<int64_t>;

/// One input or output.
struct TensorInfo {
  std::string name;
  mlir::Type element; ///< f32, i64, i32, i1 (bool), ui8
  std::vector<Extent> extents;
  /// The extent that an integer input's elements index, if they index any:
  /// random inputs are drawn below it.
  std::optional<Extent> indexed;

  /// DLPack code and bits; {0, 0} for a type that no array file holds.
  std::pair<uint8_t, uint8_t> dlpack() const;
  /// "f32[B, T, 48]", as the user would write it.
  std::string str() const;
};

struct Signature {
  std::string model;
  std::vector<TensorInfo> inputs, outputs;
  /// In order of declaration: what the library's workspace function takes.
  std::vector<DimAttr> dims;

  static Signature of(mlir::func::FuncOp function);
};

/// The extent's value; nothing when a dim has none or on overflow.
std::optional<int64_t> evaluate(const Extent &extent, const DimValues &dims);

} // namespace attune::tool

#endif
