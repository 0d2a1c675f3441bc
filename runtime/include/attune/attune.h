/* The C types of every compiled model (docs/runtime.md). C99 and C++. */
#ifndef ATTUNE_ATTUNE_H
#define ATTUNE_ATTUNE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A dense array. The layout of DLPack's DLTensor, 48 bytes. */
typedef struct {
  void *data;
  int32_t device_type, device_id; /* 1, 0: CPU */
  int32_t ndim;
  uint8_t code, bits;       /* 0 int, 1 uint, 2 float, 4 bfloat, 6 bool */
  uint16_t lanes;           /* 1 */
  int64_t *shape, *strides; /* strides in elements; NULL: C-contiguous */
  uint64_t byte_offset;
} attune_tensor;

/* The caller's: no globals, no allocation. */
typedef struct {
  int32_t code;
  char message[252];
} attune_error;

enum {
  ATTUNE_OK,
  ATTUNE_E_NULL,
  ATTUNE_E_ABI,
  ATTUNE_E_RANK,
  ATTUNE_E_SHAPE,
  ATTUNE_E_DIM_MISMATCH,
  ATTUNE_E_DIM_BOUND,
  ATTUNE_E_DTYPE,
  ATTUNE_E_STRIDE,
  ATTUNE_E_ALIGN,
  ATTUNE_E_ALIAS,
  ATTUNE_E_DEVICE,
  ATTUNE_E_WORKSPACE,
  ATTUNE_E_OVERFLOW,
  ATTUNE_E_NOMEM,
  ATTUNE_E_FILE,
  ATTUNE_E_WEIGHTS,
  ATTUNE_E_VALUE,
  ATTUNE_E_CUDA
};

/* Options of one run; NULL for the defaults. */
typedef struct {
  size_t struct_size; /* sizeof(attune_call) */
  void *stream;       /* CUDA only */
  /* Replaces the library's own thread pool: must call body(context, task,
   * worker) once for each task in [0, tasks) and return when all are done;
   * worker in [0, 64), never the same for two tasks that run at once. */
  void (*parallel_for)(void *user, int64_t tasks,
                       void (*body)(void *context, int64_t task,
                                    int64_t worker),
                       void *context);
  void *user;
} attune_call;

#ifdef __cplusplus
}
#endif
#endif
