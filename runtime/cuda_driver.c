#include "runtime/cuda_driver.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static attune_cu_driver driver;
static int is_open;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int attune_cuda_fail(const attune_cu_driver *d, const char *what,
                     attune_cu_result result, attune_error *e) {
  const char *text = NULL;
  if (!d->error_text || d->error_text(result, &text) || !text)
    text = "unknown error";
  return attune_fail(e, ATTUNE_E_CUDA,
                     "%s: the CUDA driver says \"%.120s\" "
                     "(%d)",
                     what, text, result);
}

/* The device's number, from the environment. */
static int chosen_device(attune_error *e, int *ordinal) {
  const char *text = getenv("ATTUNE_CUDA_DEVICE");
  *ordinal = 0;
  if (!text || !*text)
    return ATTUNE_OK;
  char *end;
  long value = strtol(text, &end, 10);
  if (*end || value < 0 || value > 1023)
    return attune_fail(e, ATTUNE_E_CUDA,
                       "ATTUNE_CUDA_DEVICE is `%.40s`: expected the number of "
                       "a device",
                       text);
  *ordinal = (int)value;
  return ATTUNE_OK;
}

static int find_functions(void *library, const char *path, attune_error *e) {
  struct {
    void **field;
    const char *name;
  } wanted[] = {
#define ATTUNE_CU_WANTED(field, name, parameters)                              \
  {(void **)(void *)&driver.field, name},
      ATTUNE_CU_FUNCTIONS(ATTUNE_CU_WANTED)
#undef ATTUNE_CU_WANTED
  };
  for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); ++i)
    if (!(*wanted[i].field = dlsym(library, wanted[i].name)))
      return attune_fail(
          e, ATTUNE_E_CUDA,
          "the CUDA driver %.80s has no function `%s`: it is too "
          "old",
          path, wanted[i].name);
  return ATTUNE_OK;
}

static int open_driver(attune_error *e) {
  const char *path = getenv("ATTUNE_LIBCUDA");
  if (!path || !*path)
    path = "libcuda.so.1";
  int code, major = 0, minor = 0, ordinal;
  if ((code = chosen_device(e, &ordinal)))
    return code;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return attune_fail(e, ATTUNE_E_CUDA, "there is no CUDA driver here: %.180s",
                       dlerror());
  if ((code = find_functions(library, path, e)))
    return code;
  attune_cu_device device;
  attune_cu_result result;
  if ((result = driver.init(0)))
    return attune_cuda_fail(&driver, "cuInit", result, e);
  if ((result = driver.device_get(&device, ordinal)))
    return attune_cuda_fail(&driver, "there is no such CUDA device", result, e);
  if ((result = driver.device_attribute(&major, ATTUNE_CU_CAPABILITY_MAJOR,
                                        device)) ||
      (result = driver.device_attribute(&minor, ATTUNE_CU_CAPABILITY_MINOR,
                                        device)) ||
      (result = driver.device_attribute(&driver.shared_limit,
                                        ATTUNE_CU_MAX_SHARED_OPTIN, device)))
    return attune_cuda_fail(&driver, "cuDeviceGetAttribute", result, e);
  if ((result = driver.context_retain(&driver.context, device)))
    return attune_cuda_fail(&driver, "cuDevicePrimaryCtxRetain", result, e);
  driver.device = ordinal;
  driver.capability = 10 * major + minor;
  return ATTUNE_OK;
}

int attune_cuda_open(const attune_cu_driver **out, attune_error *e) {
  pthread_mutex_lock(&lock);
  int code = is_open ? ATTUNE_OK : open_driver(e);
  is_open |= code == ATTUNE_OK;
  pthread_mutex_unlock(&lock);
  *out = &driver;
  return code;
}
