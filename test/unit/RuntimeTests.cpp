//===- RuntimeTests.cpp - Every code that a run can answer ----------------===//

#include "RuntimeCase.h"
#include "runtime/model.h"
#include <functional>
#include <limits>
#include <thread>

using namespace attune::test;

namespace {

TEST_F(RuntimeTest, Runs) {
  expectRight();
  EXPECT_STREQ(error.message, "");
}

TEST_F(RuntimeTest, WorkspaceIsExact) {
  size_t size;
  auto ask = [&](int64_t b, int64_t t) {
    int64_t dims[] = {b, t};
    return attune_rt_workspace(&toy.model, dims, &size, &error);
  };
  EXPECT_EQ(ask(1, 1), 0); // 12 -> 64, then 64 workers * 64
  EXPECT_EQ(size, 64u + 4096u);
  EXPECT_EQ(ask(2, 4), 0); // 96 -> 128
  EXPECT_EQ(size, 128u + 4096u);
  EXPECT_EQ(ask(1000, 1000), 0); // capped at 100 -> 128
  EXPECT_EQ(size, 128u + 4096u);
  EXPECT_EQ(ask(0, 1), 0);
  EXPECT_EQ(size, 4096u);
  EXPECT_EQ(ask(-1, 1), ATTUNE_E_DIM_BOUND);
  EXPECT_STREQ(error.message, "dim `B` is -1: expected 0 <= B <= 1048576");
  EXPECT_EQ(ask(1, (1 << 20) + 1), ATTUNE_E_DIM_BOUND);
  EXPECT_EQ(ask(1, 0), ATTUNE_E_DIM_BOUND);
  EXPECT_NE(std::string(error.message).find("T >= 1"), std::string::npos);
  toy.dims[0].bound = toy.dims[1].bound = INT64_MAX;
  EXPECT_EQ(ask(INT64_MAX / 2, 3), ATTUNE_E_OVERFLOW);
  toy.slots[0].caps = nullptr;
  EXPECT_EQ(ask(INT64_MAX / 12, 1), ATTUNE_E_OVERFLOW) << "the rounding";
  EXPECT_EQ(attune_rt_workspace(&toy.model, nullptr, &size, &error),
            ATTUNE_E_NULL);
  int64_t dims[] = {1, 1};
  EXPECT_EQ(attune_rt_workspace(&toy.model, dims, nullptr, &error),
            ATTUNE_E_NULL);
  EXPECT_EQ(attune_rt_workspace(nullptr, dims, &size, &error), ATTUNE_E_NULL);
}

TEST_F(RuntimeTest, RefusesAnotherAbi) {
  toy.model.abi_version = ATTUNE_ABI_VERSION - 1;
  expectRefused(ATTUNE_E_ABI, "ABI version 1, the runtime 2");
  attune_weights *other;
  EXPECT_EQ(attune_rt_weights_new(&toy.model, &other, &error), ATTUNE_E_ABI);
  toy.model.abi_version = ATTUNE_ABI_VERSION;
  toy.model.num_slots = 1 << 30;
  expectRefused(ATTUNE_E_ABI, "more dims, tensors or slots");
}

TEST_F(RuntimeTest, RefusesNull) {
  arguments[0] = nullptr;
  expectRefused(ATTUNE_E_NULL, "input `x` is NULL");
  arguments[0] = &x.tensor;
  y.tensor.data = nullptr;
  expectRefused(ATTUNE_E_NULL, "the data of output `y`");
  y.tensor.data = y.floats.data();
  x.tensor.shape = nullptr;
  expectRefused(ATTUNE_E_NULL, "the shape of input `x`");
  x.tensor.shape = x.shape.data();
  EXPECT_EQ(attune_rt_run(&toy.model, weights, nullptr, workspace, bytes,
                          nullptr, &error),
            ATTUNE_E_NULL);
  EXPECT_EQ(attune_rt_run(&toy.model, weights, arguments, nullptr, bytes,
                          nullptr, &error),
            ATTUNE_E_NULL);
  EXPECT_EQ(attune_rt_run(&toy.model, nullptr, arguments, workspace, bytes,
                          nullptr, &error),
            ATTUNE_E_NULL);
  EXPECT_EQ(attune_rt_run(nullptr, weights, arguments, workspace, bytes,
                          nullptr, &error),
            ATTUNE_E_NULL);
}

TEST_F(RuntimeTest, RefusesForms) {
  struct {
    std::function<void(attune_tensor &)> change;
    int code;
    const char *text;
  } cases[] = {
      {[](auto &t) { t.ndim = 2; }, ATTUNE_E_RANK,
       "input `x` has rank 2: expected rank 3"},
      {[](auto &t) { t.ndim = -1; }, ATTUNE_E_RANK, "rank -1"},
      {[](auto &t) { t.bits = 64; }, ATTUNE_E_DTYPE,
       "elements of type f64: expected f32"},
      {[](auto &t) { t.code = 0; }, ATTUNE_E_DTYPE, "type i32"},
      {[](auto &t) { t.code = 77; }, ATTUNE_E_DTYPE, "code 77"},
      {[](auto &t) { t.lanes = 4; }, ATTUNE_E_DTYPE, "4 lanes"},
      {[](auto &t) { t.device_type = 2; }, ATTUNE_E_DEVICE, "device type 2"},
      {[](auto &t) { t.shape[2] = 4; }, ATTUNE_E_SHAPE,
       "has shape [2, 4, 4]: expected [B, T, 3]"},
      {[](auto &t) { t.shape[0] = -2; }, ATTUNE_E_SHAPE, "not be negative"},
      {[](auto &t) { t.shape[1] = 1 << 21; }, ATTUNE_E_DIM_BOUND,
       "dim `T` is 2097152"},
      {[](auto &t) { t.shape[1] = 0; }, ATTUNE_E_DIM_BOUND, "T >= 1"},
      {[](auto &t) { t.byte_offset = 1; }, ATTUNE_E_ALIGN,
       "`x` is not aligned"},
      {[](auto &t) { t.byte_offset = ~uint64_t(0); }, ATTUNE_E_OVERFLOW,
       "byte_offset"},
  };
  for (auto &c : cases) {
    attune_tensor good = x.tensor;
    std::vector<int64_t> shape = x.shape;
    c.change(x.tensor);
    expectRefused(c.code, c.text);
    x.tensor = good;
    x.shape = shape;
    x.tensor.shape = x.shape.data();
  }
  expectRight();
}

TEST_F(RuntimeTest, RefusesDimsThatDisagree) {
  y.shape[1] = 5;
  expectRefused(ATTUNE_E_DIM_MISMATCH,
                "output `y` has shape [2, 5, 3]: expected [B, T, 3], where `T` "
                "is 4 (dim `T` is 4 by `x`)");
  y.shape[1] = 4;
  len.shape[0] = 1;
  expectRefused(ATTUNE_E_DIM_MISMATCH, "input `len`");
}

TEST_F(RuntimeTest, RefusesOverflowingSizes) {
  toy.dims[0].bound = toy.dims[1].bound = INT64_MAX;
  for (ToyTensor *t : {&x, &y}) {
    t->shape[0] = int64_t(1) << 40;
    t->shape[1] = int64_t(1) << 40;
  }
  len.shape[0] = int64_t(1) << 40;
  expectRefused(ATTUNE_E_OVERFLOW, "the size of `x` overflows");
  toy.condition.value.terms = &toy.slot; // 12 * B * T
  toy.condition.value.num_terms = 1;
  expectRefused(ATTUNE_E_OVERFLOW, "condition");
}

TEST_F(RuntimeTest, Strides) {
  x.strides = {12, 3, 1};
  x.tensor.strides = x.strides.data();
  expectRight();
  x.strides[2] = 2;
  expectRefused(ATTUNE_E_STRIDE,
                "`x` is not C-contiguous: stride 2 on axis 2, expected 1");
  x.strides = {0, 3, 1};
  x.tensor.strides = x.strides.data();
  expectRefused(ATTUNE_E_STRIDE, "axis 0");
  // An extent of one may have any stride.
  int64_t one[] = {1, 4, 3}, anything[] = {-77, 3, 1}, lenShape[] = {1};
  x.tensor.shape = one;
  x.tensor.strides = anything;
  y.tensor.shape = one;
  len.tensor.shape = lenShape;
  EXPECT_EQ(run(), ATTUNE_OK) << error.message;
}

TEST_F(RuntimeTest, EmptyTensorsNeedNoData) {
  int64_t empty[] = {0, 4, 3}, strides[] = {5, 5, 5}, none[] = {0};
  for (ToyTensor *t : {&x, &y}) {
    t->tensor.shape = empty;
    t->tensor.data = nullptr;
    t->tensor.byte_offset = 1;
    t->tensor.strides = strides;
  }
  len.tensor.shape = none;
  len.tensor.data = nullptr;
  EXPECT_EQ(run(), ATTUNE_OK) << error.message;
}

TEST_F(RuntimeTest, ByteOffsetsCount) {
  std::vector<float> shifted(x.floats.size() + 1, -5);
  std::copy(x.floats.begin(), x.floats.end(), shifted.begin() + 1);
  x.tensor.data = shifted.data();
  x.tensor.byte_offset = 4;
  expectRight();
}

TEST_F(RuntimeTest, RefusesAliases) {
  y.tensor.data = x.tensor.data;
  expectRefused(ATTUNE_E_ALIAS, "output `y` overlaps the memory of input `x`");
  y.tensor.data = workspace;
  expectRefused(ATTUNE_E_ALIAS, "output `y` overlaps the workspace");
  y.tensor.data = y.floats.data();
  x.tensor.data = workspace + bytes - 4;
  expectRefused(ATTUNE_E_ALIAS, "input `x` overlaps the workspace");
  // An output that begins before an input, and ends in it.
  std::vector<float> both(x.floats.size() + y.floats.size());
  y.tensor.data = both.data();
  x.tensor.data = both.data() + y.floats.size() - 1;
  expectRefused(ATTUNE_E_ALIAS, "output `y` overlaps the memory of input `x`");
  x.tensor.data = workspace + bytes;
  EXPECT_EQ(run(), ATTUNE_OK) << "right behind the workspace is free";
}

TEST_F(RuntimeTest, RefusesWorkspaces) {
  --bytes;
  expectRefused(ATTUNE_E_WORKSPACE, "the workspace has 4223 bytes");
  ++bytes;
  workspace += 32;
  expectRefused(ATTUNE_E_ALIGN, "aligned to 64 bytes");
  workspace -= 32;
  char *own = workspace;
  workspace = reinterpret_cast<char *>(UINTPTR_MAX / 64 * 64);
  expectRefused(ATTUNE_E_OVERFLOW, "ends past the end of memory");
  workspace = own;
}

TEST(Extents, ZeroMakesAnyProductZero) {
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  attune_term term{3, 3, {0, 1, 2}};
  attune_extent extent{&term, 1, "3 * A * B * C"};
  int64_t dims[] = {most, most, 0}, value = -1;
  EXPECT_TRUE(attune_extent_value(&extent, dims, &value));
  EXPECT_EQ(value, 0);
  dims[2] = 1;
  EXPECT_FALSE(attune_extent_value(&extent, dims, &value));
}

TEST(Slots, AreAsLargeAsTheLargestOfTheirBuffers) {
  attune_term terms[] = {{4, 1, {0}}, {8, 1, {0}}, {100, 0, {}}};
  attune_extent bytes[] = {
      {&terms[0], 1, "4 * A"}, {&terms[1], 1, "8 * A"}, {&terms[2], 1, "100"}};
  attune_slot_desc slot{bytes, nullptr, 3};
  attune_model_desc model{};
  model.slots = &slot;
  model.num_slots = 1;
  for (auto [a, size] : {std::pair<int64_t, size_t>{1, 128}, {100, 832}}) {
    size_t total = 0;
    EXPECT_EQ(attune_slots_layout(&model, &a, nullptr, &total, nullptr), 0);
    EXPECT_EQ(total, size);
  }
}

TEST_F(RuntimeTest, RefusesIdsOutOfRange) {
  for (int32_t bad : {-1, 5, INT32_MIN, INT32_MAX}) {
    len.ints[1] = bad;
    EXPECT_EQ(run(), ATTUNE_E_VALUE);
    EXPECT_EQ(std::string(error.message),
              "`len` holds " + std::to_string(bad) +
                  " at position 1: expected 0 <= id < 5");
  }
  len.ints[1] = 4;
  EXPECT_EQ(run(), ATTUNE_OK);
}

int32_t checkManyIds(const float *, char *, const int64_t *, const int64_t *,
                     void *const *, attune_run_context *run) {
  std::vector<int64_t> ids(1000, 6);
  EXPECT_TRUE(attune_check_ids(run, "a", ids.data(), 64, 1000, 7));
  EXPECT_TRUE(attune_check_ids(run, "a", nullptr, 64, 0, 7));
  ids[700] = int64_t(1) << 32;
  EXPECT_FALSE(attune_check_ids(run, "a", ids.data(), 64, 1000, 7));
  ids[3] = -1; // the first record stays
  EXPECT_FALSE(attune_check_ids(run, "b", ids.data(), 64, 1000, 7));
  return ATTUNE_OK; // does not hide the failure
}

TEST_F(RuntimeTest, KeepsTheFirstError) {
  toy.model.body = checkManyIds;
  EXPECT_EQ(run(), ATTUNE_E_VALUE);
  EXPECT_STREQ(error.message, "`a` holds 4294967296 at position 700: expected "
                              "0 <= id < 7");
}

// --- attune_call ---------------------------------------------------------

using Loop = void (*)(void *, int64_t, void (*)(void *, int64_t, int64_t),
                      void *);

TEST_F(RuntimeTest, ChecksTheCallsSize) {
  attune_call call{sizeof(attune_call) - 8, nullptr, nullptr, nullptr};
  expectRefused(ATTUNE_E_ABI, "struct_size is 24: expected 32", &call);
  call.struct_size = sizeof(call);
  EXPECT_EQ(run(&call), ATTUNE_OK) << "without a callback: the pool";
}

TEST_F(RuntimeTest, UsesTheCallback) {
  static int64_t seen;
  attune_call call{sizeof(attune_call), nullptr,
                   [](void *user, int64_t tasks, auto body, void *context) {
                     EXPECT_EQ(user, &seen);
                     seen = tasks;
                     for (int64_t i = tasks; i-- > 0;)
                       body(context, i, 63 - i);
                   },
                   &seen};
  ASSERT_EQ(run(&call), ATTUNE_OK) << error.message;
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(y.floats[3], x.floats[3] + 1);
}

TEST_F(RuntimeTest, SurvivesBadCallbacks) {
  struct {
    Loop loop;
    const char *text;
  } cases[] = {
      {[](void *, int64_t tasks, auto body, void *context) {
         for (int64_t i = 0; i < tasks; ++i)
           body(context, i, 64);
       },
       "gave worker 64"},
      {[](void *, int64_t tasks, auto body, void *context) {
         for (int64_t i = 0; i < tasks; ++i)
           body(context, i, -1);
       },
       "gave worker -1"},
      {[](void *, int64_t tasks, auto body, void *context) {
         body(context, tasks, 0);
       },
       "gave task 2"},
      {[](void *, int64_t, auto body, void *context) {
         body(context, INT64_MIN, 0);
       },
       "gave task -9223372036854775808"},
      {[](void *, int64_t, auto body, void *context) {
         body(context, 1, 0);
         body(context, 1, 0);
       },
       "some of them twice"},
      {[](void *, int64_t, auto body, void *context) { body(context, 0, 0); },
       "after 1 of 2 tasks"},
      {[](void *, int64_t, auto, void *) {}, "after 0 of 2 tasks"},
  };
  for (auto &c : cases) {
    attune_call call{sizeof(attune_call), nullptr, c.loop, nullptr};
    EXPECT_EQ(run(&call), ATTUNE_E_ABI);
    EXPECT_NE(std::string(error.message).find(c.text), std::string::npos)
        << error.message;
  }
}

/// Hands a task to the callback's body from inside a task of the same worker.
struct Nested {
  void (*body)(void *, int64_t, int64_t);
  void *context;
};
thread_local Nested nested;

int32_t nestedBody(const float *, char *, const int64_t *, const int64_t *,
                   void *const *, attune_run_context *run) {
  attune_parallel_for(
      run, 2,
      [](void *, int64_t task, int64_t) {
        if (task == 0)
          nested.body(nested.context, 1, 5);
      },
      nullptr);
  return ATTUNE_OK;
}

TEST_F(RuntimeTest, RefusesOneWorkerTwiceAtOnce) {
  toy.model.body = nestedBody;
  attune_call call{sizeof(attune_call), nullptr,
                   [](void *, int64_t, auto body, void *context) {
                     nested = {body, context};
                     body(context, 0, 5);
                   },
                   nullptr};
  EXPECT_EQ(run(&call), ATTUNE_E_ABI);
  EXPECT_NE(std::string(error.message).find("as worker 5 at once"),
            std::string::npos)
      << error.message;
}

TEST_F(RuntimeTest, RunsFromManyThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      ToyTensor in({2, 4, 3}, true), lengths({2}, false), out({2, 4, 3}, true);
      for (float &value : in.floats)
        value = float(i);
      const attune_tensor *list[] = {&in.tensor, &lengths.tensor, &out.tensor};
      auto *ws = static_cast<char *>(aligned_alloc(64, bytes + 64));
      for (int round = 0; round < 200; ++round) {
        attune_error e;
        wrong += attune_rt_run(&toy.model, weights, list, ws, bytes, nullptr,
                               &e) != ATTUNE_OK;
        for (size_t k = 0; k < out.floats.size(); ++k)
          wrong += out.floats[k] != float(i) + 1 + float(k % 3);
      }
      free(ws);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

} // namespace
