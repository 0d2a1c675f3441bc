#include "tools/attune/Library.h"
#include <array>
#include <dlfcn.h>
#include <utility>

using namespace llvm;

namespace attune::tool {

Library::Library(Library &&other) { *this = std::move(other); }

Library &Library::operator=(Library &&other) {
  std::swap(handle, other.handle);
  std::swap(weights, other.weights);
  std::swap(functions, other.functions);
  return *this;
}

Library::~Library() { close(); }

void Library::close() {
  if (weights)
    functions.free(weights);
  // The library's pool threads live until the process ends, so it stays mapped.
  weights = nullptr;
}

bool Library::open(StringRef path, StringRef model, std::string &message) {
  // A bare name would be searched for in the system's folders.
  std::string file = path.contains('/') ? path.str() : "./" + path.str();
  handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    message = dlerror();
    return false;
  }
  auto find = [&](const char *suffix, auto &function) {
    std::string symbol = model.str() + suffix;
    void *address = dlsym(handle, symbol.c_str());
    if (!address && message.empty())
      message = file + " has no function `" + symbol +
                "`: was it built from "
                "another file?";
    function = reinterpret_cast<std::decay_t<decltype(function)>>(address);
  };
  find("_weights_load", functions.load);
  find("_weights_new", functions.create);
  find("_weights_set", functions.set);
  find("_weights_finish", functions.finish);
  find("_weights_free", functions.free);
  find("_workspace", functions.workspace);
  find("_run", functions.run);
  find("_manifest", functions.manifest);
  return message.empty();
}

int Library::loadWeights(const std::string &path, attune_error &error) {
  return functions.load(path.c_str(), &weights, &error);
}

int Library::newWeights(attune_error &error) {
  return functions.create(&weights, &error);
}

int Library::setWeight(const char *name, const attune_tensor &tensor,
                       attune_error &error) {
  return functions.set(weights, name, &tensor, &error);
}

int Library::finishWeights(attune_error &error) {
  return functions.finish(weights, &error);
}

int Library::workspace(ArrayRef<int64_t> dims, size_t &bytes,
                       attune_error &error) {
  return functions.workspace(dims.data(), &bytes, &error);
}

const char *Library::manifest() const { return functions.manifest(); }

/// Calls `run` with N tensors. Every argument is a pointer or a size, so the
/// function type follows from N alone.
template <size_t... I>
static int callRun(void *function, const void *weights,
                   ArrayRef<attune_tensor *> tensors, void *workspace,
                   size_t bytes, const attune_call *call, attune_error *error,
                   std::index_sequence<I...>) {
  using Run = int (*)(const void *, decltype((void)I, (attune_tensor *)0)...,
                      void *, size_t, const attune_call *, attune_error *);
  return reinterpret_cast<Run>(function)(weights, tensors[I]..., workspace,
                                         bytes, call, error);
}

using Caller = int (*)(void *, const void *, ArrayRef<attune_tensor *>, void *,
                       size_t, const attune_call *, attune_error *);

template <size_t... N>
static constexpr std::array<Caller, sizeof...(N)>
makeCallers(std::index_sequence<N...>) {
  return {[](void *function, const void *weights,
             ArrayRef<attune_tensor *> tensors, void *workspace, size_t bytes,
             const attune_call *call, attune_error *error) {
    return callRun(function, weights, tensors, workspace, bytes, call, error,
                   std::make_index_sequence<N>());
  }...};
}

int Library::run(ArrayRef<attune_tensor *> tensors, void *workspace,
                 size_t bytes, const attune_call *call, attune_error &error) {
  static constexpr auto callers =
      makeCallers(std::make_index_sequence<maxTensors + 1>());
  return callers[tensors.size()](functions.run, weights, tensors, workspace,
                                 bytes, call, &error);
}

} // namespace attune::tool
