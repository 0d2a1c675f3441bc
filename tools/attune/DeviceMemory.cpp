#include "tools/attune/DeviceMemory.h"
#include "runtime/cuda_driver.h"

namespace attune::tool {

/// Calls the driver with its context current.
template <typename Call>
static int inContext(const attune_cu_driver *driver, const char *what,
                     attune_error &error, Call call) {
  attune_cu_result result = driver->context_push(driver->context);
  if (!result) {
    attune_cu_context old;
    result = call();
    driver->context_pop(&old);
  }
  return result ? attune_cuda_fail(driver, what, result, &error) : ATTUNE_OK;
}

static const attune_cu_driver *as(const void *driver) {
  return static_cast<const attune_cu_driver *>(driver);
}

static attune_cu_pointer number(const void *pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}

DeviceMemory::~DeviceMemory() {
  attune_error error;
  for (void *pointer : memory)
    inContext(as(driver), "cuMemFree", error,
              [&] { return as(driver)->memory_free(number(pointer)); });
}

int DeviceMemory::open(attune_error &error) {
  const attune_cu_driver *found = nullptr;
  int code = attune_cuda_open(&found, &error);
  driver = found;
  return code;
}

int DeviceMemory::device() const { return as(driver)->device; }

int DeviceMemory::allocate(size_t bytes, void *&pointer, attune_error &error) {
  attune_cu_pointer address = 0;
  pointer = nullptr;
  if (bytes == 0)
    return ATTUNE_OK;
  int code = inContext(as(driver), "no device memory", error,
                       [&] { return as(driver)->memory_new(&address, bytes); });
  if (!code)
    memory.push_back(pointer = reinterpret_cast<void *>(address));
  return code;
}

int DeviceMemory::copyIn(void *to, const void *from, size_t bytes,
                         attune_error &error) {
  if (bytes == 0)
    return ATTUNE_OK;
  return inContext(as(driver), "copying to the device", error, [&] {
    return as(driver)->copy_to_device(number(to), from, bytes);
  });
}

int DeviceMemory::copyOut(void *to, const void *from, size_t bytes,
                          attune_error &error) {
  if (bytes == 0)
    return ATTUNE_OK;
  return inContext(as(driver), "copying from the device", error, [&] {
    return as(driver)->copy_to_host(to, number(from), bytes);
  });
}

} // namespace attune::tool
