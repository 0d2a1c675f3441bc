//===- Replay.cpp - Runs a fuzz target on files ---------------------------===//
//
// usage: fuzz-TARGET FILE...
//
//===----------------------------------------------------------------------===//

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv) {
  llvm::sys::PrintStackTraceOnErrorSignal(argv[0]);
  for (int i = 1; i < argc; ++i) {
    // Says which file it was when the target crashes.
    llvm::PrettyStackTraceString what(argv[i]);
    auto buffer = llvm::MemoryBuffer::getFile(argv[i]);
    if (!buffer) {
      llvm::errs() << argv[i] << ": " << buffer.getError().message() << "\n";
      return 1;
    }
    // A copy of exactly that size, as libFuzzer makes it.
    std::vector<uint8_t> bytes((*buffer)->getBufferStart(),
                               (*buffer)->getBufferEnd());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  llvm::outs() << argc - 1 << " files replayed\n";
  return argc > 1 ? 0 : 1;
}
