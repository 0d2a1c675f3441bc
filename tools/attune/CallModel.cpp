#include "tools/attune/CallModel.h"
#include "tools/attune/ArrayFile.h"
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

using namespace llvm;
using attune::reference::Array;

namespace attune::tool {

namespace {
/// An argument of a run: a DLPack tensor and the memory it describes.
struct Argument {
  std::vector<int64_t> shape;
  std::vector<char> bytes;
  attune_tensor tensor;

  void describe(const TensorInfo &info) {
    auto [code, bits] = info.dlpack();
    tensor = {bytes.data(), 1,       0, int32_t(shape.size()), code, bits, 1,
              shape.data(), nullptr, 0};
  }

  int moveTo(DeviceMemory &gpu, attune_error &error) {
    tensor.device_type = 2;
    tensor.device_id = gpu.device();
    if (int code = gpu.allocate(bytes.size(), tensor.data, error))
      return code;
    return gpu.copyIn(tensor.data, bytes.data(), bytes.size(), error);
  }
};
} // namespace

static int fail(attune_error &error, int code, const char *message) {
  error.code = code;
  std::snprintf(error.message, sizeof(error.message), "%s", message);
  return code;
}

static std::optional<Array> emptyOutput(const TensorInfo &info,
                                        const DimValues &dims) {
  Array output;
  output.isFloat = isa<mlir::FloatType>(info.element);
  int64_t count = 1;
  for (const Extent &extent : info.extents) {
    std::optional<int64_t> value = evaluate(extent, dims);
    if (!value || *value < 0 || __builtin_mul_overflow(count, *value, &count) ||
        count > (int64_t(1) << 34))
      return std::nullopt;
    output.shape.push_back(*value);
  }
  output.reals.resize(output.isFloat ? count : 0);
  output.integers.resize(output.isFloat ? 0 : count);
  return output;
}

int callModel(Library &library, const Signature &signature,
              ArrayRef<Array> inputs, const DimValues &dims, int repeat,
              const attune_call *call, DeviceMemory *gpu, RunResult &result,
              attune_error &error) {
  size_t count = signature.inputs.size() + signature.outputs.size();
  if (count > Library::maxTensors)
    return fail(error, ATTUNE_E_VALUE, "the model has more than 64 arguments");
  std::vector<Argument> arguments(count);
  std::vector<attune_tensor *> tensors;
  for (auto [i, argument] : enumerate(arguments)) {
    bool isInput = i < inputs.size();
    const TensorInfo &info =
        isInput ? signature.inputs[i] : signature.outputs[i - inputs.size()];
    std::optional<Array> array =
        isInput ? std::optional(inputs[i]) : emptyOutput(info, dims);
    if (!array)
      return fail(error, ATTUNE_E_OVERFLOW,
                  "an output is negative or too large at these dims");
    auto [code, bits] = info.dlpack();
    argument.shape = array->shape;
    argument.bytes = toBytes(*array, code, bits);
    argument.describe(info);
    if (gpu)
      if (int code = argument.moveTo(*gpu, error))
        return code;
    tensors.push_back(&argument.tensor);
    if (!isInput)
      result.outputs.push_back(std::move(*array));
  }
  std::vector<int64_t> dimValues;
  for (DimAttr dim : signature.dims)
    dimValues.push_back(dims.lookup(dim.getName().getValue()));
  if (int code = library.workspace(dimValues, result.workspaceBytes, error))
    return code;
  std::unique_ptr<void, void (*)(void *)> workspace(
      std::aligned_alloc(64, (result.workspaceBytes / 64 + 1) * 64), std::free);
  if (!workspace)
    return fail(error, ATTUNE_E_NOMEM, "no memory for the workspace");
  void *place = workspace.get();
  if (gpu)
    if (int code = gpu->allocate(result.workspaceBytes, place, error))
      return code;
  for (int i = 0; i < repeat; ++i) {
    auto start = std::chrono::steady_clock::now();
    if (int code =
            library.run(tensors, place, result.workspaceBytes, call, error))
      return code;
    result.seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count());
  }
  for (auto [i, output] : enumerate(result.outputs)) {
    Argument &argument = arguments[inputs.size() + i];
    if (gpu)
      if (int code = gpu->copyOut(argument.bytes.data(), argument.tensor.data,
                                  argument.bytes.size(), error))
        return code;
    fromBytes(argument.bytes.data(), argument.tensor.code, argument.tensor.bits,
              output);
  }
  return ATTUNE_OK;
}

} // namespace attune::tool
