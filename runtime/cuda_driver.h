/* NVIDIA's driver through dlopen: no toolkit, no headers, nothing to link. */
#ifndef ATTUNE_RUNTIME_CUDA_DRIVER_H
#define ATTUNE_RUNTIME_CUDA_DRIVER_H

#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The driver's own types, as its header has them. */
typedef int attune_cu_result; /* 0: success */
typedef int attune_cu_device;
typedef unsigned long long attune_cu_pointer;
typedef struct CUctx_st *attune_cu_context;
typedef struct CUmod_st *attune_cu_module;
typedef struct CUfunc_st *attune_cu_function;
typedef struct CUstream_st *attune_cu_stream;

enum {
  ATTUNE_CU_CAPABILITY_MAJOR = 75, /* CU_DEVICE_ATTRIBUTE_... */
  ATTUNE_CU_CAPABILITY_MINOR = 76,
  ATTUNE_CU_MAX_SHARED_OPTIN = 97,
  ATTUNE_CU_FUNC_MAX_SHARED = 8, /* CU_FUNC_ATTRIBUTE_... */
  ATTUNE_CU_JIT_ERROR_LOG = 5,   /* CU_JIT_... */
  ATTUNE_CU_JIT_ERROR_BYTES = 6
};

/* X(field, the name in the library, parameters) */
#define ATTUNE_CU_FUNCTIONS(X)                                                 \
  X(init, "cuInit", (unsigned flags))                                          \
  X(device_get, "cuDeviceGet", (attune_cu_device * device, int ordinal))       \
  X(device_attribute, "cuDeviceGetAttribute",                                  \
    (int *value, int attribute, attune_cu_device device))                      \
  X(context_retain, "cuDevicePrimaryCtxRetain",                                \
    (attune_cu_context * context, attune_cu_device device))                    \
  X(context_push, "cuCtxPushCurrent_v2", (attune_cu_context context))          \
  X(context_pop, "cuCtxPopCurrent_v2", (attune_cu_context * context))          \
  X(module_load, "cuModuleLoadDataEx",                                         \
    (attune_cu_module * module, const void *image, unsigned count,             \
     int *options, void **values))                                             \
  X(module_function, "cuModuleGetFunction",                                    \
    (attune_cu_function * function, attune_cu_module module,                   \
     const char *name))                                                        \
  X(function_set, "cuFuncSetAttribute",                                        \
    (attune_cu_function function, int attribute, int value))                   \
  X(launch, "cuLaunchKernel",                                                  \
    (attune_cu_function function, unsigned grid_x, unsigned grid_y,            \
     unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,    \
     unsigned shared_bytes, attune_cu_stream stream, void **arguments,         \
     void **extra))                                                            \
  X(stream_wait, "cuStreamSynchronize", (attune_cu_stream stream))             \
  X(memory_new, "cuMemAlloc_v2", (attune_cu_pointer * pointer, size_t bytes))  \
  X(memory_free, "cuMemFree_v2", (attune_cu_pointer pointer))                  \
  X(copy_to_device, "cuMemcpyHtoD_v2",                                         \
    (attune_cu_pointer to, const void *from, size_t bytes))                    \
  X(copy_to_host, "cuMemcpyDtoH_v2",                                           \
    (void *to, attune_cu_pointer from, size_t bytes))                          \
  X(error_text, "cuGetErrorString",                                            \
    (attune_cu_result result, const char **text))

typedef struct {
#define ATTUNE_CU_FIELD(field, name, parameters)                               \
  attune_cu_result(*field) parameters;
  ATTUNE_CU_FUNCTIONS(ATTUNE_CU_FIELD)
#undef ATTUNE_CU_FIELD
  int device;                /* the ordinal, $ATTUNE_CUDA_DEVICE or 0 */
  int capability;            /* 80 for compute capability 8.0 */
  int shared_limit;          /* bytes a block may have */
  attune_cu_context context; /* the device's primary context */
} attune_cu_driver;

/* The driver and its device, opened by the first call of the process's copy of
 * this runtime; ATTUNE_E_CUDA and a reason where there is none. The library is
 * libcuda.so.1, or what $ATTUNE_LIBCUDA names. */
int attune_cuda_open(const attune_cu_driver **driver, attune_error *e);

/* Records what the driver said about a failed call. */
int attune_cuda_fail(const attune_cu_driver *driver, const char *what,
                     attune_cu_result result, attune_error *e);

#ifdef __cplusplus
}
#endif
#endif
