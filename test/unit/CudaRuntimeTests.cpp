// The host side of models for a GPU: what it refuses, with the simulated driver
// of test/Cuda/sim. One test: the driver and the module are opened once.

#include "runtime/abi.h"
#include "gtest/gtest.h"

#include <cstdlib>
#include <fstream>
#include <string>

namespace {

// A kernel that does nothing, as PTX and as LLVM IR.
constexpr char ptx[] = ".version 8.0\n.visible .entry idle(\n)\n.entry gone(";
constexpr char code[] = "define ptx_kernel void @idle() { ret void }\n";

struct Call {
  const char *kernel = "idle";
  int64_t grid[3] = {1, 1, 1};
  int32_t shared = 0;
} call;
int launched;

int32_t launchBody(const float *, char *, const int64_t *, const int64_t *,
                   void *const *, attune_run_context *run) {
  attune_cuda_launch(run, call.kernel, call.grid[0], call.grid[1], call.grid[2],
                     32, call.shared, nullptr);
  ++launched;
  return ATTUNE_OK;
}

/// A model without weights whose one input and output are on a GPU.
struct GpuModel {
  attune_term term{1, 1, {0}};
  attune_extent extent{&term, 1, "T"};
  attune_dim_desc dim{"T", 64, 0, 0};
  attune_tensor_desc tensors[2] = {{"x", 2, 32, 0, 1, &extent},
                                   {"y", 2, 32, 1, 1, &extent}};
  attune_device device{&attune_cuda_backend, "no code", 80};
  attune_model_desc model{ATTUNE_ABI_VERSION,
                          "toy",
                          "{}",
                          "sm_80",
                          0,
                          &dim,
                          1,
                          tensors,
                          1,
                          1,
                          nullptr,
                          0,
                          nullptr,
                          0,
                          0,
                          nullptr,
                          0,
                          launchBody,
                          /*prepare=*/nullptr,
                          /*hoisted=*/nullptr,
                          &device};
  int64_t shape[1] = {4};
  float memory[8] = {};
  attune_tensor x{memory, 2, 0, 1, 2, 32, 1, shape, nullptr, 0};
  attune_tensor y{memory + 4, 2, 0, 1, 2, 32, 1, shape, nullptr, 0};
  attune_error error = {};

  int run() {
    const attune_tensor *list[] = {&x, &y};
    error = {};
    return attune_rt_run(&model, nullptr, list, nullptr, 0, nullptr, &error);
  }
  std::string said() const { return error.message; }
};

bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

TEST(CudaRuntime, refusesWithACodeAndGoesOn) {
  GpuModel gpu;
  setenv("ATTUNE_LIBCUDA", "/none/libcuda.so.1", 1);
  EXPECT_EQ(gpu.run(), ATTUNE_E_CUDA);
  EXPECT_TRUE(contains(gpu.said(), "there is no CUDA driver here"))
      << gpu.said();

  setenv("ATTUNE_LIBCUDA", ATTUNE_BINARY_DIR "/test/attune_cuda_sim.so", 1);
  gpu.x.device_type = 1;
  EXPECT_EQ(gpu.run(), ATTUNE_E_DEVICE);
  EXPECT_TRUE(contains(gpu.said(), "expected 2 (CUDA)")) << gpu.said();
  gpu.x.device_type = 2;
  gpu.y.device_id = 1;
  EXPECT_EQ(gpu.run(), ATTUNE_E_DEVICE);
  EXPECT_TRUE(contains(gpu.said(), "`y` lives on CUDA device 1")) << gpu.said();
  gpu.y.device_id = 0;

  // What the driver's compiler says of the kernels.
  EXPECT_EQ(gpu.run(), ATTUNE_E_CUDA);
  EXPECT_TRUE(contains(gpu.said(), "the image is no PTX")) << gpu.said();
  gpu.device.capability = 90;
  EXPECT_EQ(gpu.run(), ATTUNE_E_DEVICE);
  EXPECT_TRUE(contains(gpu.said(), "compute capability 9.0")) << gpu.said();
  gpu.device.capability = 80;
  EXPECT_EQ(launched, 0);

  gpu.device.image = ptx;
  std::string path = testing::TempDir() + "attune_idle.ll";
  std::ofstream(path) << code;
  setenv("ATTUNE_SIM_KERNELS", path.c_str(), 1);
  EXPECT_EQ(gpu.run(), ATTUNE_OK) << gpu.said();

  // Launches that no device could do.
  call.grid[0] = int64_t(1) << 31;
  EXPECT_EQ(gpu.run(), ATTUNE_E_OVERFLOW);
  call.grid[0] = 1;
  call.grid[1] = 65536;
  EXPECT_EQ(gpu.run(), ATTUNE_E_OVERFLOW);
  call.grid[1] = 1;
  call.shared = 164 << 10;
  EXPECT_EQ(gpu.run(), ATTUNE_E_DEVICE);
  EXPECT_TRUE(contains(gpu.said(), "bytes of shared memory")) << gpu.said();
  // More than 48 KiB is asked for.
  call.shared = 100 << 10;
  EXPECT_EQ(gpu.run(), ATTUNE_OK) << gpu.said();
  call.shared = 0;
  for (const char *name : {"missing", "gone"}) {
    call.kernel = name;
    EXPECT_EQ(gpu.run(), ATTUNE_E_CUDA) << name;
    EXPECT_TRUE(contains(gpu.said(), name)) << gpu.said();
  }
  // An empty array launches nothing, not even a kernel that is not there.
  call.grid[0] = 0;
  EXPECT_EQ(gpu.run(), ATTUNE_OK) << gpu.said();
  call = Call();
  EXPECT_EQ(gpu.run(), ATTUNE_OK) << gpu.said();
}

} // namespace
