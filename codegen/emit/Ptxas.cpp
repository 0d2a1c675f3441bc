//===- Ptxas.cpp - From PTX to machine code, where a toolkit is -----------===//

#include "codegen/emit/DeviceCode.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

static std::optional<std::string> findPtxas() {
  if (auto named = sys::Process::GetEnv("ATTUNE_PTXAS"))
    return named;
  if (auto found = sys::findProgramByName("ptxas"))
    return *found;
  SmallString<128> home(
      sys::Process::GetEnv("CUDA_HOME").value_or("/usr/local/cuda"));
  sys::path::append(home, "bin");
  if (auto found = sys::findProgramByName("ptxas", {home.str()}))
    return *found;
  return std::nullopt;
}

std::optional<std::string>
attune::assembleDeviceCode(StringRef ptx, StringRef gpu, std::string &message) {
  std::optional<std::string> ptxas = findPtxas();
  if (!ptxas) {
    message = "ptxas was not found: a cubin needs NVIDIA's toolkit";
    return std::nullopt;
  }
  SmallString<128> paths[3]; // PTX, cubin, what ptxas says
  const char *endings[] = {"ptx", "cubin", "log"};
  for (auto [path, ending] : zip(paths, endings))
    if (std::error_code error =
            sys::fs::createTemporaryFile("attune", ending, path)) {
      message = "cannot make a temporary file: " + error.message();
      return std::nullopt;
    }
  FileRemover removers[3] = {FileRemover(paths[0]), FileRemover(paths[1]),
                             FileRemover(paths[2])};
  {
    std::error_code error;
    raw_fd_ostream os(paths[0], error);
    os << ptx;
    os.flush();
    if (error || os.has_error()) {
      message = "cannot write " + paths[0].str().str();
      os.clear_error();
      return std::nullopt;
    }
  }
  std::string arch = ("-arch=" + gpu).str();
  StringRef arguments[] = {*ptxas, arch, "-O3", paths[0], "-o", paths[1]};
  std::optional<StringRef> redirects[] = {StringRef(), StringRef(paths[2]),
                                          StringRef(paths[2])};
  std::string error;
  int code = sys::ExecuteAndWait(*ptxas, arguments, std::nullopt, redirects, 0,
                                 0, &error);
  auto read = [](StringRef path) {
    auto buffer = MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  };
  if (code) {
    message = "ptxas failed: " + (error.empty() ? read(paths[2]) : error);
    return std::nullopt;
  }
  return read(paths[1]);
}
