/// Device code on the CPU: LLVM IR for NVPTX becomes machine code of this
/// machine, whose special instructions and memory accesses call the Machine.
#ifndef ATTUNE_TEST_CUDA_SIM_TRANSLATE_H
#define ATTUNE_TEST_CUDA_SIM_TRANSLATE_H

#include "test/Cuda/sim/Machine.h"

namespace attune::sim {

/// The kernels of one file.
class Program {
public:
  /// Reads and translates the LLVM IR at `path`. Null: `message` says why.
  static std::unique_ptr<Program> load(const std::string &path,
                                       std::string &message);
  virtual ~Program();
  /// Null when there is no such kernel.
  virtual Kernel find(const std::string &name) = 0;
};

} // namespace attune::sim

#endif
