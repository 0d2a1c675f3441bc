/// The functions of libcuda.so.1 that the runtime calls, on the simulated
/// machine. $ATTUNE_SIM_KERNELS names the LLVM IR of the kernels whose PTX the
/// library brings (attune build --emit=nvvm). Misuse is answered as the driver
/// would, or more strictly.

#include "test/Cuda/sim/Translate.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace attune::sim;

namespace {
enum Result {
  Success = 0,
  InvalidValue = 1,
  OutOfMemory = 2,
  NotInitialized = 3,
  NoDevice = 100,
  InvalidDevice = 101,
  InvalidContext = 201,
  InvalidPtx = 218,
  NotFound = 500,
  IllegalAddress = 700
};

struct Function {
  Kernel kernel;
  unsigned maxShared = 48 << 10;
};
struct Module {
  std::unique_ptr<Program> program;
  std::string ptx;
  std::map<std::string, Function> functions;
};

bool initialized;
int depth;     ///< contexts pushed
int lastError; ///< of a kernel: sticky, as an illegal address is
char contextTag;
} // namespace

#define EXPORT extern "C" __attribute__((visibility("default"))) int

EXPORT cuInit(unsigned flags) {
  if (flags)
    return InvalidValue;
  initialized = true;
  return Success;
}

EXPORT cuDeviceGet(int *device, int ordinal) {
  if (!initialized)
    return NotInitialized;
  if (ordinal != 0)
    return InvalidDevice;
  *device = 0;
  return Success;
}

EXPORT cuDeviceGetAttribute(int *value, int attribute, int device) {
  if (device != 0)
    return InvalidDevice;
  const char *capability = std::getenv("ATTUNE_SIM_CAPABILITY");
  int number = capability ? std::atoi(capability) : 80;
  switch (attribute) {
  case 75:
    *value = number / 10;
    return Success;
  case 76:
    *value = number % 10;
    return Success;
  case 97:
    *value = Machine::maxShared;
    return Success;
  }
  return InvalidValue;
}

EXPORT cuDevicePrimaryCtxRetain(void **context, int device) {
  if (device != 0)
    return InvalidDevice;
  *context = &contextTag;
  return Success;
}

EXPORT cuCtxPushCurrent_v2(void *context) {
  if (context != &contextTag)
    return InvalidContext;
  ++depth;
  return Success;
}

EXPORT cuCtxPopCurrent_v2(void **context) {
  if (depth == 0)
    return InvalidContext;
  --depth;
  *context = &contextTag;
  return Success;
}

EXPORT cuModuleLoadDataEx(void **result, const void *image, unsigned count,
                          int *options, void **values) {
  if (depth == 0)
    return InvalidContext;
  auto *module = new Module{nullptr, static_cast<const char *>(image), {}};
  const char *path = std::getenv("ATTUNE_SIM_KERNELS");
  std::string message = "ATTUNE_SIM_KERNELS names no file";
  if (module->ptx.find(".version") == std::string::npos)
    message = "the image is no PTX";
  else if (path)
    module->program = Program::load(path, message);
  if (module->program) {
    *result = module;
    return Success;
  }
  // The error log, as the PTX compiler writes it.
  char *log = nullptr;
  size_t room = 0;
  for (unsigned i = 0; i < count; ++i) {
    if (options[i] == 5)
      log = static_cast<char *>(values[i]);
    if (options[i] == 6)
      room = reinterpret_cast<size_t>(values[i]);
  }
  if (log && room)
    std::snprintf(log, room, "%s", message.c_str());
  delete module;
  return InvalidPtx;
}

EXPORT cuModuleGetFunction(void **result, void *handle, const char *name) {
  auto *module = static_cast<Module *>(handle);
  // The kernel must be in the PTX, not only in the LLVM IR beside it.
  if (module->ptx.find(".entry " + std::string(name) + "(") ==
      std::string::npos)
    return NotFound;
  Function &function = module->functions[name];
  if (!function.kernel)
    function.kernel = module->program->find(name);
  if (!function.kernel)
    return NotFound;
  *result = &function;
  return Success;
}

EXPORT cuFuncSetAttribute(void *handle, int attribute, int value) {
  if (attribute != 8 || value < 0 || unsigned(value) > Machine::maxShared)
    return InvalidValue;
  static_cast<Function *>(handle)->maxShared = value;
  return Success;
}

EXPORT cuLaunchKernel(void *handle, unsigned gridX, unsigned gridY,
                      unsigned gridZ, unsigned threads, unsigned threadsY,
                      unsigned threadsZ, unsigned sharedBytes, void *,
                      void **arguments, void **extra) {
  auto *function = static_cast<Function *>(handle);
  if (depth == 0)
    return InvalidContext;
  if (lastError)
    return lastError;
  if (!gridX || !gridY || !gridZ || gridY > 65535 || gridZ > 65535 ||
      threads == 0 || threads > 1024 || threads % 32 || threadsY != 1 ||
      threadsZ != 1 || extra || sharedBytes > function->maxShared)
    return InvalidValue;
  std::string failure =
      Machine::get().run(function->kernel, arguments,
                         {{gridX, gridY, gridZ}, threads, sharedBytes});
  if (failure.empty())
    return Success;
  // A launch returns before its kernel ran: the failure shows later.
  std::fprintf(stderr, "simulated GPU: %s\n", failure.c_str());
  lastError = IllegalAddress;
  return Success;
}

EXPORT cuStreamSynchronize(void *) {
  return depth == 0 ? InvalidContext : lastError;
}

EXPORT cuMemAlloc_v2(unsigned long long *pointer, size_t bytes) {
  if (depth == 0)
    return InvalidContext;
  if (bytes == 0)
    return InvalidValue;
  void *memory = Machine::get().allocate(bytes);
  *pointer = reinterpret_cast<uintptr_t>(memory);
  return memory ? Success : OutOfMemory;
}

EXPORT cuMemFree_v2(unsigned long long pointer) {
  return Machine::get().release(reinterpret_cast<void *>(pointer))
             ? Success
             : InvalidValue;
}

EXPORT cuMemcpyHtoD_v2(unsigned long long to, const void *from, size_t bytes) {
  if (!Machine::get().contains(reinterpret_cast<void *>(to), bytes))
    return InvalidValue;
  std::memcpy(reinterpret_cast<void *>(to), from, bytes);
  return lastError;
}

EXPORT cuMemcpyDtoH_v2(void *to, unsigned long long from, size_t bytes) {
  if (!Machine::get().contains(reinterpret_cast<void *>(from), bytes))
    return InvalidValue;
  std::memcpy(to, reinterpret_cast<void *>(from), bytes);
  return lastError;
}

EXPORT cuGetErrorString(int result, const char **text) {
  switch (result) {
  case InvalidDevice:
    *text = "invalid device ordinal";
    return Success;
  case InvalidPtx:
    *text = "a PTX JIT compilation failed";
    return Success;
  case IllegalAddress:
    *text = "an illegal memory access was encountered";
    return Success;
  default:
    *text = "an error of the simulated driver";
    return Success;
  }
}
