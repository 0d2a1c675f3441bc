/// A model description made by hand, with a body written in C++, as the
/// compiler would emit it:
///
///   model toy(x: [B, T, 3] f32, len: [B] i32) -> y: [B, T, 3] f32
///   y = x + w0 (the first weight), ids of `len` checked against T + 1
#ifndef ATTUNE_TEST_UNIT_RUNTIMEMODEL_H
#define ATTUNE_TEST_UNIT_RUNTIMEMODEL_H

#include "runtime/abi.h"
#include <atomic>
#include <cstring>
#include <vector>

namespace attune::test {

inline std::atomic<int> bodyRuns{0};

struct ToyTask {
  const float *weights, *x;
  float *y;
  int64_t columns;
  float *scratch; ///< 16 floats for each worker
};

inline void runToyTask(void *context, int64_t task, int64_t worker) {
  auto *toy = static_cast<ToyTask *>(context);
  float *scratch = toy->scratch + worker * 16;
  for (int64_t i = 0; i < toy->columns; ++i) {
    scratch[0] = toy->x[task * toy->columns + i];
    toy->y[task * toy->columns + i] = scratch[0] + toy->weights[i % 3];
  }
}

/// dims: B, T. Slots: B*T*12 bytes capped at 100, then worker scratch.
inline int32_t toyBody(const float *weights, char *workspace,
                       const int64_t *offsets, const int64_t *dims,
                       void *const *tensors, attune_run_context *run) {
  ++bodyRuns;
  if (!attune_check_ids(run, "len", tensors[1], 32, dims[0], dims[1] + 1))
    return ATTUNE_E_VALUE;
  std::memset(workspace + offsets[0], 1,
              std::min<int64_t>(dims[0] * dims[1] * 12, 100));
  ToyTask toy{weights, static_cast<const float *>(tensors[0]),
              static_cast<float *>(tensors[2]), dims[1] * 3,
              reinterpret_cast<float *>(workspace + offsets[1])};
  attune_parallel_for(run, dims[0], runToyTask, &toy);
  return ATTUNE_OK;
}

/// Owns everything that the description points to; change it before use.
struct ToyModel {
  attune_term b{1, 1, {0}}, t{1, 1, {1}}, three{3, 0, {}};
  attune_term slot{12, 2, {0, 1}}, cap{100, 0, {}},
      scratch{64 * ATTUNE_MAX_WORKERS, 0, {}};
  attune_term minusOne[2] = {{1, 1, {1}}, {-1, 0, {}}}; // T - 1
  attune_extent extents[3] = {{&b, 1, "B"}, {&t, 1, "T"}, {&three, 1, "3"}};
  attune_extent slotBytes{&slot, 1, "12 * B * T"}, slotCap{&cap, 1, "100"},
      scratchBytes{&scratch, 1, "4096"};
  attune_dim_desc dims[2] = {{"B", 1 << 20, 0, 0}, {"T", 1 << 20, 0, 1}};
  attune_tensor_desc tensors[3] = {{"x", 2, 32, 0, 3, extents},
                                   {"len", 0, 32, 0, 1, extents},
                                   {"y", 2, 32, 1, 3, extents}};
  attune_condition condition{{minusOne, 2, "T - 1"}, "T >= 1"};
  attune_weight_desc weights[4] = {
      {"layer.bias", 1, {3}, ATTUNE_PACK_COPY, 0, 0},
      {"layer.weight", 2, {5, 3}, ATTUNE_PACK_PANELS, 4, 16},
      {"layer.weight", 2, {5, 3}, ATTUNE_PACK_COPY, 0, 48},
      {"pad", 1, {5}, ATTUNE_PACK_PAD, 4, 64}};
  attune_slot_desc slots[2] = {{&slotBytes, &slotCap, 1},
                               {&scratchBytes, nullptr, 1}};
  attune_model_desc model{ATTUNE_ABI_VERSION,
                          "toy",
                          "{}",
                          "x86-64",
                          0,
                          dims,
                          2,
                          tensors,
                          2,
                          1,
                          &condition,
                          1,
                          weights,
                          4,
                          80,
                          slots,
                          2,
                          toyBody,
                          /*prepare=*/nullptr,
                          /*hoisted=*/nullptr,
                          /*device=*/nullptr};
  ToyModel() = default;
  ToyModel(const ToyModel &) = delete;
};

/// A tensor with its memory.
struct ToyTensor {
  std::vector<int64_t> shape, strides;
  std::vector<float> floats;
  std::vector<int32_t> ints;
  attune_tensor tensor{};

  ToyTensor(std::vector<int64_t> shapeArg, bool isFloat)
      : shape(std::move(shapeArg)) {
    int64_t count = 1;
    for (int64_t extent : shape)
      count *= extent;
    floats.resize(isFloat ? count : 0);
    ints.resize(isFloat ? 0 : count);
    tensor.data = isFloat ? static_cast<void *>(floats.data()) : ints.data();
    tensor.device_type = 1;
    tensor.ndim = int32_t(shape.size());
    tensor.code = isFloat ? 2 : 0;
    tensor.bits = 32;
    tensor.lanes = 1;
    tensor.shape = shape.data();
  }
  ToyTensor(const ToyTensor &) = delete;
};

} // namespace attune::test

#endif
