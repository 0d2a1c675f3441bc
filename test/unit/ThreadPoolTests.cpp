//===- ThreadPoolTests.cpp - Parallel loops of the runtime ----------------===//

#include "runtime/pool.h"
#include "gtest/gtest.h"
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <sched.h>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

/// What a loop saw: how often each task ran, and who ran it.
struct Record {
  explicit Record(int64_t tasks) : runs(tasks), workers(tasks) {}
  std::vector<std::atomic<int>> runs;
  std::vector<int64_t> workers;
  std::atomic<uint64_t> active{0};
  std::atomic<int> mistakes{0};
  int64_t work = 0; ///< spins in each task

  static void task(void *context, int64_t task, int64_t worker) {
    auto *record = static_cast<Record *>(context);
    uint64_t bit = uint64_t(1) << worker;
    if (worker < 0 || worker >= ATTUNE_MAX_WORKERS ||
        (record->active.fetch_or(bit) & bit))
      ++record->mistakes;
    ++record->runs[task];
    record->workers[task] = worker;
    for (volatile int64_t i = 0; i < record->work; i = i + 1)
      ;
    record->active &= ~bit;
  }
  void expectOnce() {
    EXPECT_EQ(mistakes, 0);
    for (auto &count : runs)
      ASSERT_EQ(count, 1);
  }
};

class ThreadPool : public ::testing::Test {
protected:
  void TearDown() override {
    unsetenv("ATTUNE_NUM_THREADS");
    attune_pool_set_threads(0);
  }
};

TEST_F(ThreadPool, RunsEachTaskOnce) {
  for (int threads : {1, 2, 3, 8, 64, 5})
    for (int64_t tasks : {0, 1, 2, 3, 7, 64, 1000}) {
      attune_pool_set_threads(threads);
      Record record(tasks);
      attune_pool_for(tasks, Record::task, &record);
      record.expectOnce();
      for (int64_t worker : record.workers)
        EXPECT_LT(worker, threads);
    }
}

TEST_F(ThreadPool, UsesItsThreads) {
  attune_pool_set_threads(4);
  EXPECT_EQ(attune_pool_threads(), 4);
  // On a busy machine one thread may do all the work of a loop.
  std::set<int64_t> workers;
  for (int i = 0; i < 200 && (workers.size() < 2 || !workers.count(0)); ++i) {
    Record record(400);
    record.work = 100000;
    attune_pool_for(400, Record::task, &record);
    record.expectOnce();
    workers.insert(record.workers.begin(), record.workers.end());
  }
  EXPECT_GT(workers.size(), 1u);
  EXPECT_TRUE(workers.count(0)) << "the caller takes part";
}

TEST_F(ThreadPool, ManySmallLoops) {
  attune_pool_set_threads(3);
  std::atomic<int64_t> sum{0};
  for (int64_t i = 0; i < 20000; ++i)
    attune_pool_for(
        4,
        [](void *context, int64_t task, int64_t) {
          *static_cast<std::atomic<int64_t> *>(context) += task;
        },
        &sum);
  EXPECT_EQ(sum, 20000 * 6);
}

TEST_F(ThreadPool, WakesSleepingWorkers) {
  attune_pool_set_threads(3);
  for (int i = 0; i < 50; ++i) {
    Record record(30);
    record.work = 1000;
    attune_pool_for(30, Record::task, &record);
    record.expectOnce();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// Tasks that only end when as many have begun, or after a second.
struct Meeting {
  int expected = 0;
  std::atomic<int> begun{0}, ended{0};
  std::atomic<int64_t> highest{0}; ///< worker

  static void task(void *context, int64_t, int64_t worker) {
    auto *meeting = static_cast<Meeting *>(context);
    for (int64_t known = meeting->highest; known < worker;)
      if (meeting->highest.compare_exchange_weak(known, worker))
        break;
    ++meeting->begun;
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (meeting->begun < meeting->expected &&
           std::chrono::steady_clock::now() < end)
      std::this_thread::yield();
    // The caller is done first.
    if (worker != 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ++meeting->ended;
  }
};

TEST_F(ThreadPool, WaitsForItsWorkers) {
  attune_pool_set_threads(2);
  // Outlives workers that are not waited for.
  static Meeting meeting;
  meeting.expected = 2;
  attune_pool_for(2, Meeting::task, &meeting);
  EXPECT_EQ(meeting.ended, 2);
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
}

TEST_F(ThreadPool, KeepsWorkersBeyondTheLimitOut) {
  attune_pool_set_threads(4);
  Meeting all;
  all.expected = 4;
  attune_pool_for(4, Meeting::task, &all);
  attune_pool_set_threads(2);
  for (int i = 0; i < 10; ++i) {
    Meeting two;
    two.expected = 2;
    attune_pool_for(8, Meeting::task, &two);
    EXPECT_LT(two.highest, 2);
  }
}

TEST_F(ThreadPool, ABusyPoolMeansInline) {
  attune_pool_set_threads(2);
  struct Both {
    std::atomic<bool> inner{false};
  } both;
  attune_pool_for(
      2,
      [](void *context, int64_t task, int64_t) {
        if (task != 0)
          return;
        Record record(10);
        attune_pool_for(10, Record::task, &record);
        record.expectOnce();
        std::set<int64_t> workers(record.workers.begin(), record.workers.end());
        EXPECT_EQ(workers, std::set<int64_t>{0});
        static_cast<Both *>(context)->inner = true;
      },
      &both);
  EXPECT_TRUE(both.inner);
}

TEST_F(ThreadPool, LoopsFromManyThreads) {
  attune_pool_set_threads(3);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([] {
      for (int round = 0; round < 1000; ++round) {
        Record record(9);
        attune_pool_for(9, Record::task, &record);
        record.expectOnce();
      }
    });
  for (std::thread &caller : callers)
    caller.join();
}

TEST_F(ThreadPool, ReadsTheEnvironment) {
  cpu_set_t mask;
  ASSERT_EQ(sched_getaffinity(0, sizeof(mask), &mask), 0);
  int affinity = std::min(CPU_COUNT(&mask), int(ATTUNE_MAX_WORKERS));
  unsetenv("ATTUNE_NUM_THREADS");
  EXPECT_EQ(attune_pool_default_threads(), affinity);
  for (auto [text, threads] : {std::pair{"1", 1},
                               {"3", 3},
                               {"64", 64},
                               {"65", affinity},
                               {"0", affinity},
                               {"-2", affinity},
                               {"two", affinity},
                               {"3x", affinity},
                               {"", affinity},
                               {"99999999999999999999", affinity}}) {
    setenv("ATTUNE_NUM_THREADS", text, 1);
    EXPECT_EQ(attune_pool_default_threads(), threads) << text;
  }
  setenv("ATTUNE_NUM_THREADS", "2", 1);
  attune_pool_set_threads(0);
  EXPECT_EQ(attune_pool_threads(), 2);
}

TEST_F(ThreadPool, AForkedChildRunsInline) {
  attune_pool_set_threads(3);
  Record before(100);
  attune_pool_for(100, Record::task, &before);
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(20);
    Record record(100);
    attune_pool_for(100, Record::task, &record);
    bool right = record.mistakes == 0;
    for (int64_t i = 0; i < 100; ++i)
      right &= record.runs[i] == 1 && record.workers[i] == 0;
    _exit(right ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  before.expectOnce();
}

} // namespace
