//===- MisuseTests.cpp - What is allowed, workspace, parallel_for ---------===//

#include "MisuseCall.h"
#include <cstring>
#include <functional>
#include <thread>

using namespace attune::test;

namespace {

bool contains(const attune_error &error, const std::string &text) {
  return std::string(error.message).find(text) != std::string::npos;
}

//===----------------------------------------------------------------------===//
// Odd but right
//===----------------------------------------------------------------------===//

TEST(MisuseAllowed, EveryCornerOfTheDims) {
  for (int64_t B : {0, 1, 4})
    for (int64_t T : {1, 24})
      for (int64_t S : {0, 1, 16}) {
        SCOPED_TRACE(testing::Message() << B << " " << T << " " << S);
        Call(B, T, S).expectRight();
      }
}

/// Moves the data of `array` to `shift` bytes behind a line of 64.
std::unique_ptr<char[]> shiftData(CallArray &array, size_t shift) {
  auto memory = std::make_unique<char[]>(array.bytes + 128);
  size_t to64 = -reinterpret_cast<uintptr_t>(memory.get()) % 64;
  char *at = memory.get() + to64 + shift;
  std::memcpy(at, array.memory.get(), array.bytes);
  array.tensor.data = at;
  return memory;
}

TEST(MisuseAllowed, DataAlignedToItsElementsOnly) {
  for (size_t shift = 1; shift < 64; ++shift) {
    SCOPED_TRACE(shift);
    Call call(2, 5, 3);
    std::vector<std::unique_ptr<char[]>> kept;
    for (auto *list : {call.inputs, call.outputs})
      for (int i = 0; i < (list == call.inputs ? 6 : 4); ++i)
        if (shift % (list[i]->tensor.bits / 8) == 0)
          kept.push_back(shiftData(*list[i], shift));
    for (CallArray *output : call.outputs)
      output->fill(0);
    ASSERT_EQ(call.run(), ATTUNE_OK) << call.error.message;
    // What the run left in shifted memory, where expectRight looks.
    for (CallArray *output : call.outputs) {
      std::memmove(output->memory.get(), output->tensor.data, output->bytes);
      output->tensor.data = output->memory.get();
    }
    Call right(2, 5, 3);
    right.expectRight();
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(std::memcmp(call.outputs[i]->memory.get(),
                            right.outputs[i]->memory.get(),
                            right.outputs[i]->bytes),
                0)
          << right.outputs[i]->name;
  }
}

TEST(MisuseAllowed, AnyByteIsTrue) {
  Call call(2, 5, 3);
  for (int64_t i = 0; i < call.keep.count(); ++i)
    if (call.keep.as<char>()[i])
      call.keep.as<char>()[i] = char(i * 37 | 0x80);
  call.expectRight();
}

TEST(MisuseAllowed, StridesOfNoConsequence) {
  Call call(1, 5, 1);
  int64_t odd[] = {-77, INT64_MAX, 1}, one[] = {INT64_MIN, 1};
  call.mem.tensor.strides = odd; // [1, 1, 8]
  call.ids.tensor.strides = one; // [1, 5]
  call.expectRight();
}

TEST(MisuseAllowed, InputsMayOverlapEachOther) {
  Call call(2, 5, 3);
  call.bias.tensor.data = call.mem.tensor.data;
  std::memcpy(call.bias.memory.get(), call.mem.memory.get(), call.bias.bytes);
  call.expectRight();
}

TEST(MisuseAllowed, EmptyTensorsAnywhere) {
  Call call(0, 5, 3);
  for (CallArray *array : {&call.ids, &call.mem, &call.far, &call.keep}) {
    array->tensor.data = nullptr;
    array->tensor.byte_offset = 3;
  }
  call.y.tensor.data = call.bias.tensor.data;
  call.expectRight();
}

TEST(MisuseAllowed, ARunAfterABadIdIsRight) {
  // A run that failed leaves the workspace and the weights as they were.
  Call call(2, 5, 3);
  for (int i = 0; i < 3; ++i) {
    call.ids.as<int32_t>()[4] = 99;
    EXPECT_EQ(call.run(), ATTUNE_E_VALUE);
    call.ids.as<int32_t>()[4] = 6;
    call.expectRight();
  }
}

//===----------------------------------------------------------------------===//
// workspace
//===----------------------------------------------------------------------===//

TEST(MisuseWorkspace, Refuses) {
  struct {
    int64_t dims[3];
    int code;
    const char *text;
  } cases[] = {
      {{-1, 5, 3}, ATTUNE_E_DIM_BOUND, "`B` is -1"},
      {{5, 5, 3}, ATTUNE_E_DIM_BOUND, "`B` is 5"},
      {{2, -5, 3}, ATTUNE_E_DIM_BOUND, "`T` is -5"},
      {{2, 25, 3}, ATTUNE_E_DIM_BOUND, "T <= 24"},
      {{2, 5, 17}, ATTUNE_E_DIM_BOUND, "`S` is 17"},
      {{2, 0, 3}, ATTUNE_E_DIM_BOUND, "1 <= T"},
      {{INT64_MAX, INT64_MAX, INT64_MAX}, ATTUNE_E_DIM_BOUND, "`B`"},
      {{INT64_MIN, INT64_MIN, INT64_MIN}, ATTUNE_E_DIM_BOUND, "`B`"},
  };
  size_t bytes = 77;
  attune_error error;
  for (auto &c : cases) {
    EXPECT_EQ(misuse_workspace(c.dims, &bytes, &error), c.code);
    EXPECT_EQ(error.code, c.code);
    EXPECT_TRUE(contains(error, c.text)) << error.message;
    EXPECT_EQ(misuse_workspace(c.dims, &bytes, nullptr), c.code);
    EXPECT_EQ(bytes, 77u);
  }
  int64_t dims[] = {2, 5, 3};
  EXPECT_EQ(misuse_workspace(nullptr, &bytes, &error), ATTUNE_E_NULL);
  EXPECT_TRUE(contains(error, "`dims`")) << error.message;
  EXPECT_EQ(misuse_workspace(dims, nullptr, &error), ATTUNE_E_NULL);
  EXPECT_TRUE(contains(error, "`bytes`")) << error.message;
  EXPECT_EQ(misuse_workspace(dims, &bytes, nullptr), ATTUNE_OK);
  Call call(2, 5, 3);
  EXPECT_EQ(call.bytes, bytes);
  call.expectRight();
}

//===----------------------------------------------------------------------===//
// attune_call.parallel_for
//===----------------------------------------------------------------------===//

using Body = void (*)(void *context, int64_t task, int64_t worker);
using Loop = std::function<void(int64_t tasks, Body body, void *context)>;

void callLoop(void *user, int64_t tasks, Body body, void *context) {
  (*static_cast<Loop *>(user))(tasks, body, context);
}

/// A call whose loops `loop` runs.
struct LoopCall : Call {
  explicit LoopCall(Loop loopArg) : Call(2, 5, 3), loop(std::move(loopArg)) {
    ownOptions.parallel_for = callLoop;
    ownOptions.user = &loop;
    options = &ownOptions;
  }
  Loop loop;
};

TEST(MisuseParallelFor, RightOnes) {
  for (Loop loop : {Loop([](int64_t tasks, Body body, void *context) {
                      for (int64_t i = tasks; i-- > 0;)
                        body(context, i, i % 64);
                    }),
                    Loop([](int64_t tasks, Body body, void *context) {
                      std::vector<std::thread> threads;
                      for (int64_t w = 0; w < 3; ++w)
                        threads.emplace_back([=] {
                          for (int64_t i = w; i < tasks; i += 3)
                            body(context, i, 61 + w);
                        });
                      for (std::thread &thread : threads)
                        thread.join();
                    })}) {
    LoopCall call(loop);
    call.expectRight();
  }
}

TEST(MisuseParallelFor, WrongOnes) {
  struct {
    Loop loop;
    const char *text;
  } cases[] = {
      {[](int64_t, Body, void *) {}, "after 0 of"},
      {[](int64_t tasks, Body body, void *context) {
         for (int64_t i = 1; i < tasks; ++i)
           body(context, i, 0);
       },
       "must run each task once"},
      {[](int64_t tasks, Body body, void *context) {
         for (int64_t i = 0; i <= tasks; ++i)
           body(context, i % tasks, 0);
       },
       "must run each task once"},
      // As many runs as tasks, but one task twice and another never.
      {[](int64_t tasks, Body body, void *context) {
         for (int64_t i = 0; i < tasks; ++i)
           body(context, i ? i : tasks - 1, 0);
         if (tasks == 1)
           body(context, 0, 0);
       },
       "must run each task once"},
      {[](int64_t tasks, Body body, void *context) {
         for (int64_t i = 0; i < tasks; ++i)
           body(context, i + 1, 0);
       },
       "task"},
      {[](int64_t tasks, Body body, void *context) {
         body(context, -1, 0);
         body(context, INT64_MIN, 0);
         body(context, INT64_MAX, 0);
       },
       "task -1"},
      {[](int64_t tasks, Body body, void *context) {
         for (int64_t i = 0; i < tasks; ++i)
           body(context, i, 64);
       },
       "worker 64"},
      {[](int64_t tasks, Body body, void *context) {
         for (int64_t i = 0; i < tasks; ++i)
           body(context, i, INT64_MIN);
       },
       "worker -9223372036854775808"},
  };
  for (auto &c : cases) {
    LoopCall call(c.loop);
    EXPECT_EQ(call.run(), ATTUNE_E_ABI) << c.text;
    EXPECT_TRUE(contains(call.error, "attune_call.parallel_for"))
        << call.error.message;
    EXPECT_TRUE(contains(call.error, c.text)) << call.error.message;
    call.options = nullptr;
    call.expectRight();
  }
}

/// A run inside the callback of another: re-entrant, with its own workspace.
TEST(MisuseParallelFor, ARunWithinARun) {
  Call inner(1, 3, 2);
  LoopCall call([&](int64_t tasks, Body body, void *context) {
    inner.expectRight();
    for (int64_t i = 0; i < tasks; ++i)
      body(context, i, 0);
  });
  call.expectRight();
}

#if __has_feature(address_sanitizer)
/// An output with a float less than its shape says.
void overflow() {
  Call call(2, 5, 3);
  auto tooSmall = std::make_unique<char[]>(call.y.bytes - 4);
  call.y.tensor.data = tooSmall.get();
  call.run();
}

/// These tests see memory errors of the model's own code.
TEST(MisuseSanitizer, SeesTheModel) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(overflow(), "heap-buffer-overflow(.|\n)*misuse.body");
}
#endif

} // namespace
