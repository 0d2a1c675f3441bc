//===- MisuseThreadTests.cpp - Many threads, one model --------------------===//

#include "MisuseCall.h"
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <thread>

using namespace attune::test;

namespace {

constexpr int Threads = 16, Calls = 1000;

/// A pool of several threads even on a small machine; read at the first loop.
const int poolSize = setenv("ATTUNE_NUM_THREADS", "4", 1);

/// The sizes of a thread's calls: neighbours differ.
std::unique_ptr<Call> makeCall(int thread) {
  return std::make_unique<Call>(1 + thread % 4, 1 + thread * 7 % 24,
                                thread * 5 % 17);
}

void runThreads(const std::function<void(int thread)> &body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < Threads; ++i)
    threads.emplace_back(body, i);
  for (std::thread &thread : threads)
    thread.join();
}

/// Whether both calls left the same bytes.
bool sameOutputs(const Call &a, const Call &b) {
  for (int i = 0; i < 4; ++i)
    if (a.outputs[i]->bytes != b.outputs[i]->bytes ||
        std::memcmp(a.outputs[i]->memory.get(), b.outputs[i]->memory.get(),
                    a.outputs[i]->bytes) != 0)
      return false;
  return true;
}

/// An input that differs from call to call; the same for equal arguments.
void vary(Call &call, int step) {
  *call.scale.as<float>() = 1.0f + float(step % 5);
  call.ids.as<int32_t>()[0] = step % 11;
}

TEST(MisuseThreads, SharedWeightsEqualSerialCalls) {
  CallWeights arrays;
  misuse_weights *shared = arrays.make();
  // Serial results for each thread's sizes and each of 55 inputs.
  std::vector<std::vector<std::unique_ptr<Call>>> serial(Threads);
  for (int thread = 0; thread < Threads; ++thread)
    for (int step = 0; step < 55; ++step) {
      serial[thread].push_back(makeCall(thread));
      Call &call = *serial[thread].back();
      call.weights = shared;
      vary(call, step);
      if (step < 2)
        call.expectRight();
      else
        ASSERT_EQ(call.run(), ATTUNE_OK) << call.error.message;
      free(call.ownWorkspace);
      call.workspace = call.ownWorkspace = nullptr;
    }
  std::atomic<int> wrong{0}, done{0};
  runThreads([&](int thread) {
    std::unique_ptr<Call> call = makeCall(thread);
    call->weights = shared;
    attune_tensor *const *a = call->arguments;
    for (int step = 0; step < Calls; ++step) {
      vary(*call, step);
      for (CallArray *output : call->outputs)
        output->fill(-1);
      attune_error error;
      int code =
          misuse_run(shared, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7],
                     a[8], a[9], call->workspace, call->bytes, nullptr, &error);
      wrong +=
          code != ATTUNE_OK || !sameOutputs(*call, *serial[thread][step % 55]);
      ++done;
    }
  });
  EXPECT_EQ(done, Threads * Calls);
  EXPECT_EQ(wrong, 0);
  misuse_weights_free(shared);
}

/// Refused calls among right ones: an error is the caller's alone.
TEST(MisuseThreads, MistakesOfOneThreadStayThere) {
  CallWeights arrays;
  misuse_weights *shared = arrays.make();
  std::atomic<int> wrong{0};
  runThreads([&](int thread) {
    Call call(2, 5, 3);
    call.weights = shared;
    for (int step = 0; step < 50; ++step) {
      call.ids.as<int32_t>()[step % 10] = thread % 2 ? 11 + thread : 3;
      std::string text = "holds " + std::to_string(11 + thread) +
                         " at position " + std::to_string(step % 10);
      if (thread % 2)
        wrong += call.run() != ATTUNE_E_VALUE ||
                 !std::strstr(call.error.message, text.c_str());
      else
        wrong += call.run() != ATTUNE_OK;
      call.ids.as<int32_t>()[step % 10] = 0;
    }
  });
  EXPECT_EQ(wrong, 0);
  misuse_weights_free(shared);
}

/// Weights are made, used and freed by many threads at once.
TEST(MisuseThreads, WeightsOfTheirOwn) {
  std::atomic<int> wrong{0};
  runThreads([&](int thread) {
    for (int step = 0; step < 5; ++step) {
      Call call(1 + thread % 4, 3, 2);
      wrong += call.run() != ATTUNE_OK;
      int64_t dims[] = {1, 25, 1};
      size_t bytes;
      wrong += misuse_workspace(dims, &bytes, nullptr) != ATTUNE_E_DIM_BOUND;
    }
  });
  EXPECT_EQ(wrong, 0);
}

/// Loops of the callers' own beside the pool's.
TEST(MisuseThreads, ParallelForBesideThePool) {
  auto loop = [](void *, int64_t tasks,
                 void (*body)(void *context, int64_t task, int64_t worker),
                 void *context) {
    std::thread other([=] {
      for (int64_t i = 1; i < tasks; i += 2)
        body(context, i, 1);
    });
    for (int64_t i = 0; i < tasks; i += 2)
      body(context, i, 63);
    other.join();
  };
  Call serial(4, 24, 16);
  serial.expectRight();
  std::atomic<int> wrong{0};
  runThreads([&](int thread) {
    Call call(4, 24, 16);
    call.ownOptions.parallel_for = loop;
    for (int step = 0; step < 10; ++step) {
      call.options = (thread + step) % 2 ? &call.ownOptions : nullptr;
      wrong += call.run() != ATTUNE_OK || !sameOutputs(call, serial);
    }
  });
  EXPECT_EQ(wrong, 0);
}

#if __has_feature(thread_sanitizer)
/// Two runs with one workspace.
[[noreturn]] void race() {
  Call a(4, 24, 16), b(4, 24, 16);
  b.workspace = a.workspace;
  std::thread other([&] { b.run(); });
  a.run();
  other.join();
  exit(0);
}

/// These tests see races of the model's own code.
TEST(MisuseSanitizer, SeesTheModel) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(race(), ::testing::ExitedWithCode(66),
              "data race(.|\n)*misuse.body");
}
#endif

} // namespace
