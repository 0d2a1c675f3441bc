#include "tools/attune/EmitFile.h"
#include "codegen/emit/DeviceCode.h"
#include "codegen/emit/Emit.h"
#include "dialect/Target.h"
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
      {EmitKind::Python, "python", ".py"},
      {EmitKind::Ptx, "ptx", ".ptx"},
      {EmitKind::DeviceLlvm, "nvvm", ".ll"},
      {EmitKind::Cubin, "cubin", ".cubin"},
  };
  return kinds;
}

/// Writes a file through `write`; a failure is the user's path or disk.
static int
writeFile(StringRef path,
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

static int writeText(StringRef path, StringRef text) {
  return writeFile(path, [&](raw_pwrite_stream &os) {
    os << text;
    return success();
  });
}

/// Whether the models have their arrays in the memory that Python's are in.
static bool hasPython(const Emitter &emitter) {
  return none_of(emitter.models(), [](const ModelInfo &model) {
    return attune::isCuda(model.target);
  });
}

/// A shared library with its header, manifest and Python module beside it.
static int writeLibrary(const Emitter &emitter, StringRef path) {
  if (path == "-")
    return userError("T0013",
                     "a shared library cannot be written to standard "
                     "output",
                     "give a file: -o libNAME.so");
  std::string message;
  if (failed(emitter.writeLibrary(path, {}, message)))
    return userError("T0009", "cannot write " + path + ": " + message);
  // libdecoder.so goes with decoder.h, decoder.json and decoder.py.
  StringRef stem = sys::path::stem(path);
  stem.consume_front("lib");
  SmallString<128> beside(sys::path::parent_path(path));
  sys::path::append(beside, stem + ".h");
  if (int code = writeText(beside, emitter.header(sys::path::filename(beside))))
    return code;
  sys::path::replace_extension(beside, ".json");
  if (int code = writeText(beside, emitter.manifest()))
    return code;
  if (!hasPython(emitter))
    return Done;
  sys::path::replace_extension(beside, ".py");
  return writeText(beside, emitter.python(sys::path::filename(path)));
}

/// A Python module with its library beside it: decoder.py, libdecoder.so.
static int writePython(const Emitter &emitter, StringRef path) {
  if (!hasPython(emitter))
    return userError("T0027", "there are no Python modules for --target=cuda",
                     "--target=cpu has them");
  std::string library = ("lib" + sys::path::stem(path) + ".so").str();
  if (path == "-")
    return writeText(path, emitter.python("libmodel.so"));
  SmallString<128> beside(sys::path::parent_path(path));
  sys::path::append(beside, library);
  std::string message;
  if (failed(emitter.writeLibrary(beside, {}, message)))
    return userError("T0009", "cannot write " + beside + ": " + message);
  return writeText(path, emitter.python(library));
}

/// The kernels of a module after the lower stage, without the host's side.
static int writeDevice(ModuleOp module, EmitKind kind, StringRef path) {
  std::optional<DeviceCode> code = emitDeviceCode(module);
  if (!code)
    return internalError("the code generator failed");
  if (code->ptx.empty())
    return userError("T0020", "there are no kernels to write",
                     "compile a model with --target=cuda");
  std::string bytes = kind == EmitKind::Ptx ? code->ptx : code->llvm;
  if (kind == EmitKind::Cubin) {
    auto target = module->getAttrOfType<TargetAttr>("attune.target");
    std::string message;
    std::optional<std::string> cubin =
        assembleDeviceCode(code->ptx, target.getCpu().getValue(), message);
    if (!cubin)
      return userError("T0021", message,
                       "--emit=ptx needs no toolkit: drivers compile PTX");
    bytes = std::move(*cubin);
  }
  return writeText(path, bytes);
}

int emitFile(ModuleOp module, EmitKind kind, StringRef path) {
  if (kind == EmitKind::Attune)
    return writeFile(path, [&](raw_pwrite_stream &os) {
      module.print(os);
      return success();
    });
  if (kind == EmitKind::Ptx || kind == EmitKind::DeviceLlvm ||
      kind == EmitKind::Cubin)
    return writeDevice(module, kind, path);
  std::unique_ptr<Emitter> emitter = Emitter::create(module);
  if (!emitter)
    return internalError("the code generator failed");
  if (kind == EmitKind::SharedLibrary)
    return writeLibrary(*emitter, path);
  if (kind == EmitKind::Python)
    return writePython(*emitter, path);
  return writeFile(path, [&](raw_pwrite_stream &os) -> LogicalResult {
    switch (kind) {
    case EmitKind::Llvm:
      os << emitter->llvmText();
      return success();
    case EmitKind::Assembly:
      return emitter->writeAssembly(os);
    case EmitKind::Object:
      return emitter->writeObject(os);
    case EmitKind::Header:
      os << emitter->header(sys::path::filename(path));
      return success();
    default:
      os << emitter->manifest();
      return success();
    }
  });
}

} // namespace attune::tool
