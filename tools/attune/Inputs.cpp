#include "tools/attune/Inputs.h"
#include "tools/attune/ArrayFile.h"
#include "tools/attune/Report.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"
#include <cmath>

using namespace llvm;
using attune::reference::Array;

namespace attune::tool {

bool readAssignments(const Arguments &arguments, StringRef option,
                     ArrayRef<StringRef> known, StringRef what,
                     StringMap<std::string> &values) {
  for (const std::string &text : arguments.all(option)) {
    auto [name, value] = StringRef(text).split('=');
    if (name.size() == text.size()) {
      userError("T0101", "`" + option + " " + text + "` lacks `=`",
                "write `" + option + " NAME=VALUE`");
      return false;
    }
    if (!is_contained(known, name)) {
      StringRef meant = nearest(name, known);
      userError("T0102", "the model has no " + what + " `" + name + "`",
                meant.empty() ? "it has " + join(known, ", ")
                              : "did you mean `" + meant.str() + "`?");
      return false;
    }
    if (!values.try_emplace(name, value.str()).second) {
      userError("T0103", what + " `" + name + "` is given twice");
      return false;
    }
  }
  return true;
}

std::optional<int64_t> elementCount(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  bool empty = is_contained(shape, 0);
  for (int64_t extent : shape) {
    if (extent < 0)
      return std::nullopt;
    if (!empty && (__builtin_mul_overflow(count, extent, &count) ||
                   count > (int64_t(1) << 40)))
      return std::nullopt;
  }
  return empty ? 0 : count;
}

/// splitmix64.
static uint64_t nextRandom(uint64_t &state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

Array randomArray(uint64_t seed, StringRef name, ArrayRef<int64_t> shape,
                  bool isFloat, int64_t limit) {
  Array array;
  array.isFloat = isFloat;
  array.shape.assign(shape.begin(), shape.end());
  int64_t count = elementCount(shape).value_or(0);
  // The name takes part, so that x and mem differ under one seed.
  uint64_t state = seed * 0x2545f4914f6cdd1d ^ xxh3_64bits(name);
  for (int64_t i = 0; i < count; ++i) {
    uint64_t bits = nextRandom(state);
    if (isFloat) // 24 bits: exact in f32
      array.reals.push_back(double(bits >> 40) / (1 << 23) - 1.0);
    else
      array.integers.push_back(limit > 0 ? int64_t(bits % uint64_t(limit)) : 0);
  }
  return array;
}

/// Shape of a generated array: every extent must have a value.
static bool generatedShape(const TensorInfo &info, const DimValues &dims,
                           SmallVector<int64_t> &shape) {
  for (const Extent &extent : info.extents) {
    for (const std::string &dim : extent.dims())
      if (!dims.contains(dim)) {
        userError("T0104",
                  "dim `" + dim + "` of input `" + info.name + "` has no value",
                  "pass `--dim " + dim + "=N`");
        return false;
      }
    shape.push_back(evaluate(extent, dims).value_or(-1));
  }
  std::optional<int64_t> count = elementCount(shape);
  if (count && *count <= (int64_t(1) << 28))
    return true;
  userError("T0105", "input `" + info.name + "` of type " + info.str() +
                         " is negative or too large at these dims");
  return false;
}

static std::optional<Array> generate(const TensorInfo &info, StringRef text,
                                     const DimValues &dims) {
  SmallVector<int64_t> shape;
  if (!generatedShape(info, dims, shape))
    return std::nullopt;
  bool isFloat = isa<mlir::FloatType>(info.element);
  StringRef argument = text.split(':').second;
  if (text.starts_with("random")) {
    int64_t seed = 0;
    if (argument.size() && argument.getAsInteger(10, seed)) {
      userError("T0106", "`" + argument + "` is not a seed: " + info.name,
                "write `random:7`");
      return std::nullopt;
    }
    int64_t limit =
        info.indexed ? evaluate(*info.indexed, dims).value_or(2) : 2;
    return randomArray(seed, info.name, shape, isFloat, limit);
  }
  std::string message;
  std::optional<Array> value =
      parseLiteral(text == "zero" ? "0" : argument, isFloat, message);
  if (!value || !value->shape.empty()) {
    userError("T0106", "`" + text + "` for input `" + info.name + "`: " +
                           (message.empty() ? "not one number" : message));
    return std::nullopt;
  }
  int64_t count = *elementCount(shape);
  value->shape.assign(shape.begin(), shape.end());
  if (isFloat)
    value->reals.assign(count, double(value->reals[0]));
  else
    value->integers.assign(count, int64_t(value->integers[0]));
  return value;
}

static bool isGenerated(StringRef text) {
  return text == "zero" || text == "random" || text.starts_with("random:") ||
         text.starts_with("const:");
}

/// Reads an array that brings its own shape: a file or a literal.
static std::optional<Array> readGiven(const TensorInfo &info, StringRef text) {
  bool isFloat = isa<mlir::FloatType>(info.element);
  if (text.consume_front("@"))
    return readArrayFile(text, "input `" + info.name + "`", isFloat,
                         /*allowDouble=*/false);
  std::string message;
  std::optional<Array> array = parseLiteral(text, isFloat, message);
  if (!array)
    userError("T0106",
              "the value of input `" + info.name +
                  "` cannot be read: " + message,
              "write `@file.npy`, `random:SEED`, `zero`, `const:V` or a "
              "literal such as `[7, 4]`");
  return array;
}

static std::string shapeText(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [i, extent] : enumerate(shape))
    text += (i ? ", " : "") + std::to_string(extent);
  return text + "]";
}

/// Takes the dims that `array` shows and checks its shape against them.
static bool bindShape(const TensorInfo &info, const Array &array,
                      DimValues &dims) {
  bool agrees = array.shape.size() == info.extents.size();
  for (size_t i = 0; agrees && i < array.shape.size(); ++i) {
    if (std::optional<std::string> dim = info.extents[i].asDim())
      dims.try_emplace(*dim, array.shape[i]);
  }
  for (size_t i = 0; agrees && i < array.shape.size(); ++i) {
    std::optional<int64_t> expected = evaluate(info.extents[i], dims);
    // An extent whose dims another input shows is checked at the model's entry.
    agrees = !expected || *expected == array.shape[i];
  }
  if (agrees)
    return true;
  std::string known;
  for (const Extent &extent : info.extents)
    if (std::optional<std::string> dim = extent.asDim();
        dim && dims.contains(*dim))
      known += (known.empty() ? "" : ", ") + *dim + " = " +
               std::to_string(dims.lookup(*dim));
  userError("T0107", "input `" + info.name + "` has shape " +
                         shapeText(array.shape) + ", expected " + info.str() +
                         (known.empty() ? "" : " with " + known));
  return false;
}

static bool readDims(const Arguments &arguments, const Signature &signature,
                     DimValues &dims) {
  SmallVector<StringRef> names;
  for (DimAttr dim : signature.dims)
    names.push_back(dim.getName().getValue());
  StringMap<std::string> values;
  if (!readAssignments(arguments, "--dim", names, "dim", values))
    return false;
  for (DimAttr dim : signature.dims) {
    auto given = values.find(dim.getName().getValue());
    if (given == values.end())
      continue;
    std::optional<int64_t> value =
        parseInteger(given->second, 0, dim.getBound());
    if (!value) {
      userError("T0108", "`" + given->second + "` is not a value of dim `" +
                             given->first() + "`: an integer from 0 to " +
                             Twine(dim.getBound()));
      return false;
    }
    dims[given->first()] = *value;
  }
  return true;
}

bool readInputs(const Arguments &arguments, const Signature &signature,
                std::vector<Array> &inputs, DimValues &dims) {
  SmallVector<StringRef> names;
  for (const TensorInfo &info : signature.inputs)
    names.push_back(info.name);
  StringMap<std::string> values;
  if (!readAssignments(arguments, "--input", names, "input", values) ||
      !readDims(arguments, signature, dims))
    return false;
  for (const TensorInfo &info : signature.inputs)
    if (!values.contains(info.name)) {
      userError("T0109",
                "input `" + info.name + "` of type " + info.str() +
                    " has no value",
                "pass `--input " + info.name + "=random:1` or `--input " +
                    info.name + "=@file.npy`");
      return false;
    }
  // Given arrays first: they show the dims that generated ones need.
  inputs.resize(signature.inputs.size());
  for (bool generated : {false, true})
    for (auto [info, input] : zip(signature.inputs, inputs)) {
      StringRef text = values[info.name];
      if (isGenerated(text) != generated)
        continue;
      std::optional<Array> array =
          generated ? generate(info, text, dims) : readGiven(info, text);
      if (!array || !bindShape(info, *array, dims))
        return false;
      input = std::move(*array);
    }
  return true;
}

} // namespace attune::tool
