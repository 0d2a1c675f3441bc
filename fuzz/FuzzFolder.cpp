//===- FuzzFolder.cpp - Input bytes as files ------------------------------===//

#include "fuzz/FuzzFolder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

using namespace llvm;

namespace {

/// The folder, removed with its files when the process ends by itself.
struct Folder {
  SmallString<128> path;
  Folder() {
    if (std::error_code error =
            sys::fs::createUniqueDirectory("attune-fuzz", path))
      attune::fuzz::fail("no temporary folder: " + error.message());
  }
  ~Folder() { sys::fs::remove_directories(path); }
};

} // namespace

void attune::fuzz::fail(const Twine &why) {
  errs() << "fuzz: " << why << "\n";
  abort();
}

std::string attune::fuzz::writeFile(StringRef name, StringRef bytes) {
  static Folder folder;
  SmallString<128> path(folder.path);
  sys::path::append(path, name);
  std::error_code error;
  raw_fd_ostream stream(path, error);
  stream << bytes;
  stream.close();
  if (error || stream.has_error())
    fail("cannot write a temporary file");
  return path.str().str();
}
