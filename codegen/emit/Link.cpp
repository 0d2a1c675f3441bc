//===- Link.cpp - Object and runtime to a shared library ------------------===//

#include "codegen/emit/Emit.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace attune;
using llvm::StringRef;

/// Where Linux systems keep the C library that every program runs with. Its
/// shared object is enough: no development files are needed.
static constexpr StringRef libraryFolders[] = {"/lib/x86_64-linux-gnu",
                                               "/usr/lib/x86_64-linux-gnu",
                                               "/lib64",
                                               "/usr/lib64",
                                               "/lib",
                                               "/usr/lib"};

static std::string findLinker(std::string &message) {
  for (StringRef name : {"ld.lld", "ld.lld-22"}) {
    StringRef beside[] = {ATTUNE_LLVM_TOOLS_DIR};
    if (auto found = llvm::sys::findProgramByName(name, beside))
      return *found;
    if (auto found = llvm::sys::findProgramByName(name))
      return *found;
  }
  message = "cannot find the linker ld.lld: install lld 22 or put it in PATH";
  return "";
}

/// Something whose address lies in the program.
static void anchor() {}

static std::string findRuntime(std::string &message) {
  std::string program = llvm::sys::fs::getMainExecutable(
      nullptr, reinterpret_cast<void *>(&anchor));
  llvm::SmallString<256> folder(program);
  // build/bin/attune, and build/test/unit/SomeTests.
  for (int level = 0; level < 3; ++level) {
    llvm::sys::path::remove_filename(folder);
    for (StringRef place : {"lib", "lib/attune"}) {
      llvm::SmallString<256> path(folder);
      llvm::sys::path::append(path, place, "libattune_runtime.a");
      if (llvm::sys::fs::exists(path))
        return path.str().str();
    }
  }
  message = "cannot find libattune_runtime.a near " + program;
  return "";
}

/// What the linker said, at most a few lines.
static std::string readErrors(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return "";
  StringRef text = (*buffer)->getBuffer().trim();
  return text.take_front(2000).str();
}

bool attune::linkLibrary(StringRef object, StringRef output,
                         const LinkOptions &options, std::string &message) {
  std::string linker =
      options.linker.empty() ? findLinker(message) : options.linker;
  std::string runtime =
      options.runtime.empty() ? findRuntime(message) : options.runtime;
  if (linker.empty() || runtime.empty())
    return false;
  std::string soname = llvm::sys::path::filename(output).str();
  std::string out = output.str(), in = object.str();
  llvm::SmallVector<StringRef> arguments = {linker,
                                            "-shared",
                                            "-o",
                                            out,
                                            in,
                                            runtime,
                                            "-soname",
                                            soname,
                                            "-z",
                                            "nodelete",
                                            "-z",
                                            "relro",
                                            "-z",
                                            "now",
                                            "-z",
                                            "defs",
                                            "-z",
                                            "noexecstack",
                                            "--gc-sections",
                                            "--exclude-libs=ALL",
                                            "--hash-style=gnu",
                                            "--build-id=none"};
  std::vector<std::string> folders;
  for (StringRef folder : libraryFolders)
    if (llvm::sys::fs::is_directory(folder))
      folders.push_back("-L" + folder.str());
  for (const std::string &folder : folders)
    arguments.push_back(folder);
  arguments.append({"--as-needed", "-l:libm.so.6", "-l:libc.so.6",
                    "-l:ld-linux-x86-64.so.2"});

  llvm::SmallString<128> errors;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("attune-link", "txt", errors)) {
    message = "cannot make a temporary file: " + error.message();
    return false;
  }
  llvm::FileRemover remover(errors);
  std::optional<StringRef> redirects[] = {StringRef(), StringRef(),
                                          StringRef(errors)};
  std::string failure;
  int code = llvm::sys::ExecuteAndWait(linker, arguments, std::nullopt,
                                       redirects, 0, 0, &failure);
  if (code == 0)
    return true;
  message = "linking failed";
  for (const std::string &text : {failure, readErrors(errors)})
    if (!text.empty())
      message += ": " + text;
  return false;
}
