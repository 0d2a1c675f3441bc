#include "tools/attune/Signature.h"
#include "dialect/Shape.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace llvm;
using namespace mlir;

namespace attune::tool {

std::pair<uint8_t, uint8_t> TensorInfo::dlpack() const {
  if (element.isF32())
    return {2, 32};
  if (element.isInteger(1))
    return {6, 8};
  if (element.isUnsignedInteger(8))
    return {1, 8};
  if (element.isInteger(32) || element.isInteger(64))
    return {0, uint8_t(element.getIntOrFloatBitWidth())};
  return {0, 0};
}

std::string TensorInfo::str() const {
  std::string text;
  raw_string_ostream os(text);
  if (element.isInteger(1))
    os << "bool";
  else if (element.isUnsignedInteger(8))
    os << "u8";
  else
    os << element;
  os << "[";
  interleaveComma(extents, os, [&](const Extent &e) { os << e.str(); });
  os << "]";
  return text;
}

std::optional<int64_t> evaluate(const Extent &extent, const DimValues &dims) {
  return extent.evaluate([&](StringRef dim) -> std::optional<int64_t> {
    auto known = dims.find(dim);
    if (known == dims.end())
      return std::nullopt;
    return known->second;
  });
}

static TensorInfo describe(StringRef name, Type type) {
  TensorInfo info;
  info.name = name.str();
  auto tensor = cast<RankedTensorType>(type);
  info.element = tensor.getElementType();
  for (const Extent &extent : symbolicShape(tensor))
    info.extents.push_back(extent);
  return info;
}

/// The extent that `ids` index where they are used as rows of a table, looking
/// through views and casts; the smaller one of two constants.
static std::optional<Extent> indexedExtent(Value ids) {
  SmallVector<Value> work = {ids};
  SmallPtrSet<Operation *, 8> seen;
  std::optional<Extent> found;
  while (!work.empty()) {
    Value value = work.pop_back_val();
    for (OpOperand &use : value.getUses()) {
      Operation *user = use.getOwner();
      Value table, read;
      if (auto gather = dyn_cast<GatherOp>(user)) {
        table = gather.getTable();
        read = gather.getIds();
      } else if (auto embedding = dyn_cast<EmbeddingOp>(user)) {
        table = embedding.getTable();
        read = embedding.getIds();
      }
      if (table) {
        if (read != value)
          continue;
        Extent rows =
            symbolicShape(cast<RankedTensorType>(table.getType())).front();
        std::optional<int64_t> smallest =
            found ? found->asConstant() : std::nullopt;
        if (!found || rows.asConstant().value_or(INT64_MAX) <
                          smallest.value_or(INT64_MAX))
          found = rows;
      } else if (user->getNumOperands() == 1 && seen.insert(user).second) {
        append_range(work, user->getResults());
      }
    }
  }
  return found;
}

Signature Signature::of(func::FuncOp function) {
  Signature signature;
  signature.model = function.getName().str();
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto name = function.getArgAttrOfType<StringAttr>(i, "attune.name");
    signature.inputs.push_back(
        describe(name ? name.getValue() : "", function.getArgumentTypes()[i]));
    signature.inputs.back().indexed = indexedExtent(function.getArgument(i));
  }
  for (unsigned i = 0; i < function.getNumResults(); ++i) {
    auto name = function.getResultAttrOfType<StringAttr>(i, "attune.name");
    signature.outputs.push_back(
        describe(name ? name.getValue() : "", function.getResultTypes()[i]));
  }
  if (auto dims = function->getAttrOfType<ArrayAttr>("attune.dims"))
    for (DimAttr dim : dims.getAsRange<DimAttr>())
      signature.dims.push_back(dim);
  return signature;
}

} // namespace attune::tool
