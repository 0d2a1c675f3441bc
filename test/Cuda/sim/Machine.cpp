#include "test/Cuda/sim/Machine.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ucontext.h>

using namespace attune::sim;

static constexpr size_t stackBytes = 256 << 10;
alignas(1024) static char sharedMemory[Machine::maxShared];

char *Machine::shared() { return sharedMemory; }

struct Machine::Fibre {
  ucontext_t context;
  std::vector<char> stack = std::vector<char>(stackBytes);
  unsigned thread = 0;
  bool done = false;
};

/// A place where a number of threads wait for each other.
struct Machine::Meeting {
  unsigned arrived = 0;
  uint64_t generation = 0;
  float values[warp] = {};
};

/// Who touched four bytes of shared memory last, and after which barriers.
struct Machine::Word {
  static constexpr unsigned nobody = ~0u, several = ~0u - 1;
  uint64_t writeBlock = 0, writeWarp = 0, readBlock = 0, readWarp = 0;
  unsigned writer = nobody, reader = nobody;
  /// The warp of several readers, or `several`.
  unsigned readers = nobody;
};

Machine &Machine::get() {
  static Machine machine;
  return machine;
}

Machine::~Machine() {
  for (auto &[memory, bytes] : allocations)
    std::free(memory);
}

void *Machine::allocate(size_t bytes) {
  // Like the driver's: aligned to 256 bytes, and never null.
  size_t rounded = (std::max<size_t>(bytes, 1) + 255) / 256 * 256;
  auto *memory = static_cast<char *>(std::aligned_alloc(256, rounded));
  if (!memory)
    return nullptr;
  std::memset(memory, 0xFF, rounded);
  allocations[memory] = bytes;
  return memory;
}

bool Machine::release(void *memory) {
  if (!allocations.erase(static_cast<char *>(memory)))
    return false;
  std::free(memory);
  return true;
}

bool Machine::contains(const void *address, size_t bytes) const {
  auto *at = static_cast<char *>(const_cast<void *>(address));
  auto after = allocations.upper_bound(at);
  if (after == allocations.begin())
    return bytes == 0;
  auto [begin, size] = *std::prev(after);
  size_t offset = at - begin;
  return offset <= size && bytes <= size - offset;
}

unsigned Machine::thread() const { return current->thread; }

static ucontext_t scheduler;

void Machine::suspend() {
  Fibre *me = current;
  swapcontext(&me->context, &scheduler);
}

void Machine::fail(const std::string &text) {
  if (failure.empty())
    failure = "block (" + std::to_string(blockIndex[0]) + ", " +
              std::to_string(blockIndex[1]) + "), thread " +
              std::to_string(thread()) + ": " + text;
  for (;;)
    suspend();
}

void Machine::meet(Meeting &meeting, unsigned count) {
  uint64_t mine = meeting.generation;
  ++progress;
  if (++meeting.arrived == count) {
    meeting.arrived = 0;
    ++meeting.generation;
    return;
  }
  while (meeting.generation == mine)
    suspend();
}

void Machine::barrier() { meet(*whole, fibres.size()); }

void Machine::warpBarrier() { meet(warps[thread() / warp], warp); }

float Machine::shuffleXor(float value, unsigned mask) {
  Meeting &meeting = shuffles[thread() / warp];
  meeting.values[thread() % warp] = value;
  meet(meeting, warp);
  float result = meeting.values[(thread() ^ mask) % warp];
  // Nobody writes his next value before all have read.
  meet(meeting, warp);
  return result;
}

/// A write conflicts with any other thread's access since the last barrier of
/// both, a read with any other thread's write. Two writes do not: threads that
/// set a flag write the same.
void Machine::checkRace(Word &word, bool isWrite) {
  unsigned me = thread(), myWarp = me / warp;
  uint64_t blockNow = whole->generation, warpNow = warps[myWarp].generation;
  auto ordered = [&](uint64_t block, uint64_t warpThen, unsigned otherWarp) {
    return block != blockNow || (otherWarp == myWarp && warpThen != warpNow);
  };
  if (isWrite) {
    bool alone = word.reader == me || word.reader == Word::nobody;
    if (!alone && !ordered(word.readBlock, word.readWarp, word.readers))
      fail("writes shared memory that another thread reads: a barrier is "
           "missing");
    word.writer = me;
    word.writeBlock = blockNow;
    word.writeWarp = warpNow;
    return;
  }
  if (word.writer != Word::nobody && word.writer != me &&
      !ordered(word.writeBlock, word.writeWarp, word.writer / warp))
    fail("reads shared memory that another thread writes: a barrier is "
         "missing");
  bool fresh = word.reader == Word::nobody || word.readBlock != blockNow;
  if (fresh) {
    word.reader = me;
    word.readers = myWarp;
  } else {
    if (word.reader != me)
      word.reader = Word::several;
    if (word.readers != myWarp)
      word.readers = Word::several;
  }
  word.readBlock = blockNow;
  word.readWarp = warpNow;
}

void Machine::access(const void *address, uint64_t bytes, uint64_t alignment,
                     bool isWrite) {
  uintptr_t at = reinterpret_cast<uintptr_t>(address);
  if (at % alignment)
    fail("accesses " + std::to_string(bytes) +
         " bytes at an address that is "
         "not aligned to them");
  uintptr_t base = reinterpret_cast<uintptr_t>(sharedMemory);
  if (at >= base && at < base + maxShared) {
    if (at - base + bytes > sharedBytes)
      fail("accesses shared memory past the bytes of the launch");
    for (uintptr_t i = at - base; i < at - base + bytes; i += 4)
      checkRace(words[i / 4], isWrite);
    return;
  }
  if (!contains(address, bytes))
    fail(std::string(isWrite ? "writes" : "reads") +
         " global memory outside every array");
}

void Machine::enter() {
  Machine &machine = get();
  machine.kernel(machine.arguments);
  machine.current->done = true;
  ++machine.progress;
  for (;;)
    machine.suspend();
}

void Machine::runBlock(const Launch &launch) {
  // NaN, and different from what the last block left.
  std::memset(sharedMemory, 0xFF, sizeof(sharedMemory));
  words.assign(maxShared / 4, Word());
  warps.assign(launch.threads / warp, Meeting());
  shuffles = warps;
  whole = std::make_unique<Meeting>();
  while (fibres.size() < launch.threads)
    fibres.push_back(std::make_unique<Fibre>());
  fibres.resize(launch.threads);
  std::vector<Fibre *> order;
  for (unsigned i = 0; i < launch.threads; ++i) {
    Fibre &fibre = *fibres[i];
    fibre.thread = i;
    fibre.done = false;
    getcontext(&fibre.context);
    fibre.context.uc_stack.ss_sp = fibre.stack.data();
    fibre.context.uc_stack.ss_size = fibre.stack.size();
    fibre.context.uc_link = nullptr;
    makecontext(&fibre.context, enter, 0);
    order.push_back(&fibre);
  }
  unsigned left = launch.threads;
  while (left) {
    // Another order in each round.
    for (unsigned i = left; i > 1; --i) {
      seed = seed * 1664525u + 1013904223u;
      std::swap(order[i - 1], order[(seed >> 8) % i]);
    }
    uint64_t before = progress;
    for (unsigned i = 0; i < left && failure.empty(); ++i) {
      current = order[i];
      swapcontext(&scheduler, &current->context);
    }
    if (!failure.empty())
      return;
    auto end = std::remove_if(order.begin(), order.end(),
                              [](Fibre *fibre) { return fibre->done; });
    order.erase(end, order.end());
    left = order.size();
    if (left && before == progress) {
      failure = "block (" + std::to_string(blockIndex[0]) + ", " +
                std::to_string(blockIndex[1]) + "): " + std::to_string(left) +
                " threads wait for ever";
      return;
    }
  }
}

std::string Machine::run(Kernel kernelFunction, void **values,
                         const Launch &launch) {
  failure.clear();
  kernel = kernelFunction;
  arguments = values;
  sharedBytes = launch.sharedBytes;
  for (blockIndex[2] = 0; blockIndex[2] < launch.grid[2]; ++blockIndex[2])
    for (blockIndex[1] = 0; blockIndex[1] < launch.grid[1]; ++blockIndex[1])
      for (blockIndex[0] = 0; blockIndex[0] < launch.grid[0]; ++blockIndex[0]) {
        runBlock(launch);
        if (!failure.empty())
          return failure;
      }
  return failure;
}
