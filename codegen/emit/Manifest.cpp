//===- Manifest.cpp - Models described as JSON ----------------------------===//

#include "codegen/emit/Manifest.h"
#include "dialect/Extent.h"
#include "runtime/abi.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace attune;

namespace {
/// Writes one model.
class Writer {
public:
  Writer(llvm::json::OStream &json, const ModelInfo &model)
      : json(json), model(model) {}

  void write();

private:
  template <typename Range, typename Each>
  void list(StringRef name, const Range &range, Each each) {
    json.attributeArray(name, [&] {
      for (const auto &element : range)
        each(element);
    });
  }
  void arguments(StringRef name, ArrayRef<ArgumentAttr> arguments);
  void extent(ExtentAttr extent) {
    auto known = Extent::get(extent).asConstant();
    known ? json.value(*known) : json.value(Extent::get(extent).str());
  }

  llvm::json::OStream &json;
  const ModelInfo &model;
};
} // namespace

static StringRef packName(PackKind kind) {
  switch (kind) {
  case PackKind::Copy:
    return "copy";
  case PackKind::Panels:
    return "panels";
  case PackKind::Pad:
    return "pad";
  case PackKind::Hoisted:
    return "hoisted";
  }
  return "";
}

void Writer::arguments(StringRef name, ArrayRef<ArgumentAttr> arguments) {
  list(name, arguments, [&](ArgumentAttr argument) {
    json.object([&] {
      json.attribute("name", argument.getName().getValue());
      json.attribute("dtype", elementName(argument.getElement()));
      list("shape", argument.getShape().getExtents(),
           [&](ExtentAttr size) { extent(size); });
    });
  });
}

void Writer::write() {
  json.object([&] {
    json.attribute("model", model.name);
    json.attribute("abi_version", int64_t(ATTUNE_ABI_VERSION));
    json.attribute("cpu", model.target.getCpu().getValue());
    list("features", featureNames(model.features()),
         [&](StringRef name) { json.value(name); });
    list("dims", model.dims, [&](DimAttr dim) {
      json.object([&] {
        json.attribute("name", dim.getName().getValue());
        json.attribute("bound", dim.getBound());
      });
    });
    list("conditions", model.conditions, [&](ConditionAttr condition) {
      json.value(condition.getText().getValue());
    });
    arguments("inputs", model.inputs);
    arguments("outputs", model.outputs);
    // A weight stands once, however many layouts the code reads.
    llvm::SmallDenseSet<StringAttr> seen;
    json.attributeArray("weights", [&] {
      for (WeightAttr weight : model.fileWeights()) {
        if (!seen.insert(weight.getName()).second)
          continue;
        json.object([&] {
          json.attribute("name", weight.getName().getValue());
          list("shape", weight.getShape(),
               [&](int64_t size) { json.value(size); });
          json.attribute("layout", packName(weight.getPack().getKind()));
        });
      }
    });
    json.attribute("packed_floats", model.packedFloats);
    list("workspace", model.slots, [&](SlotAttr slot) {
      json.object([&] {
        list("bytes", slot.getBytes(), [&](ExtentAttr size) { extent(size); });
        if (!slot.getCaps().empty())
          list("caps", slot.getCaps(), [&](ExtentAttr size) { extent(size); });
      });
    });
  });
}

std::string attune::emitManifest(const ModelInfo &model) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream);
  Writer(json, model).write();
  json.flush();
  return text;
}

std::string attune::emitManifest(ArrayRef<ModelInfo> models) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream, /*IndentSize=*/2);
  json.object([&] {
    json.attributeArray("models", [&] {
      for (const ModelInfo &model : models)
        Writer(json, model).write();
    });
  });
  json.flush();
  return text + "\n";
}
