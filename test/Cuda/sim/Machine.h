/// A GPU on the CPU: runs the threads of a block as fibres in a random order,
/// one block after the other, and watches their memory.
///
/// Modelled: barriers of a block and of a warp, shuffles, shared memory that is
/// NaN at first, bounds and alignment of every access, and races: two threads
/// that touch the same four bytes of shared memory, one writing, without a
/// barrier between them. Not modelled: global races between blocks, weak memory
/// order, bank conflicts, the error of approximate functions.
#ifndef ATTUNE_TEST_CUDA_SIM_MACHINE_H
#define ATTUNE_TEST_CUDA_SIM_MACHINE_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace attune::sim {

/// A kernel: gets the array of pointers to its arguments.
using Kernel = void (*)(void **arguments);

struct Launch {
  unsigned grid[3], threads, sharedBytes;
};

class Machine {
public:
  static Machine &get();
  ~Machine();

  /// Device memory, NaN at first. Null when there is none.
  void *allocate(size_t bytes);
  bool release(void *memory);
  /// Whether [address, address + bytes) lies in one allocation.
  bool contains(const void *address, size_t bytes) const;

  /// Runs a grid. Empty: it went well; else what a thread did wrong.
  std::string run(Kernel kernel, void **arguments, const Launch &launch);

  // What kernels call.
  unsigned thread() const;
  unsigned block(int dimension) const { return blockIndex[dimension]; }
  void barrier();
  void warpBarrier();
  /// The value that lane `thread ^ mask` brings.
  float shuffleXor(float value, unsigned mask);
  void access(const void *address, uint64_t bytes, uint64_t alignment,
              bool isWrite);

  static constexpr unsigned maxShared = 163 << 10, warp = 32;
  /// The address of shared memory.
  static char *shared();

private:
  struct Fibre;
  struct Meeting;
  struct Word;

  void runBlock(const Launch &launch);
  void meet(Meeting &meeting, unsigned count);
  void suspend();
  /// Ends the launch: the calling fibre never goes on.
  void fail(const std::string &text);
  void checkRace(Word &word, bool isWrite);
  static void enter();

  std::map<char *, size_t> allocations;
  std::vector<std::unique_ptr<Fibre>> fibres;
  std::vector<Meeting> warps, shuffles; ///< a shuffle orders no memory
  std::unique_ptr<Meeting> whole;
  std::vector<Word> words;
  std::string failure;
  Fibre *current = nullptr;
  Kernel kernel = nullptr;
  void **arguments = nullptr;
  unsigned blockIndex[3] = {}, sharedBytes = 0;
  uint64_t progress = 0;
  uint32_t seed = 1;
};

} // namespace attune::sim

#endif
