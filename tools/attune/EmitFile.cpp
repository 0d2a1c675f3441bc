#include "tools/attune/EmitFile.h"
#include "tools/attune/Options.h"
#include "tools/attune/Report.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir;

namespace attune::tool {

ArrayRef<EmitKindInfo> allEmitKinds() {
  static constexpr EmitKindInfo kinds[] = {
      {EmitKind::Attune, "attune", ".mlir"},
      {EmitKind::Llvm, "llvm", ".ll"},
      {EmitKind::Assembly, "asm", ".s"},
      {EmitKind::Object, "obj", ".o"},
      {EmitKind::SharedLibrary, "so", ".so"},
      {EmitKind::Header, "header", ".h"},
      {EmitKind::Manifest, "manifest", ".json"},
  };
  return kinds;
}

/// Writes a file through `write`; a failure is the user's path or disk.
static int writeFile(StringRef path,
                     llvm::function_ref<LogicalResult(raw_pwrite_stream &)> write) {
  // In memory first: an object needs to seek, and a failure leaves no file.
  SmallVector<char, 0> bytes;
  raw_svector_ostream buffer(bytes);
  if (failed(write(buffer)))
    return internalError("the code generator failed");
  std::error_code error;
  raw_fd_ostream os(path, error);
  if (!error) {
    os.write(bytes.data(), bytes.size());
    os.flush();
    error = os.error();
    os.clear_error();
  }
  if (error)
    return userError("T0009", "cannot write " + path + ": " + error.message());
  return Done;
}

int emitFile(ModuleOp module, EmitKind kind, StringRef path) {
  if (kind == EmitKind::Attune)
    return writeFile(path, [&](raw_pwrite_stream &os) {
      module.print(os);
      return success();
    });
  return internalError("not there yet");
}

} // namespace attune::tool
