/* Models for a GPU: their weights on the device, their kernels in a module of
 * the driver, launches on the caller's stream. Linked only by such models. */
#include "runtime/cuda_driver.h"
#include "runtime/run.h"

#include <pthread.h>

/* The library's kernels on the device; all models of a library share them. */
static attune_cu_module module;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int push(const attune_cu_driver *d, attune_error *e) {
  attune_cu_result result = d->context_push(d->context);
  return result ? attune_cuda_fail(d, "cuCtxPushCurrent", result, e)
                : ATTUNE_OK;
}

static void pop(const attune_cu_driver *d) {
  attune_cu_context old;
  d->context_pop(&old);
}

static int load_module(const attune_cu_driver *d, const attune_device *device,
                       attune_error *e) {
  char log[512] = "";
  int options[] = {ATTUNE_CU_JIT_ERROR_LOG, ATTUNE_CU_JIT_ERROR_BYTES};
  void *values[] = {log, (void *)(uintptr_t)(sizeof(log) - 1)};
  if (d->capability < device->capability)
    return attune_fail(e, ATTUNE_E_DEVICE,
                       "the model was compiled for GPUs of compute capability "
                       "%d.%d and later: device %d has %d.%d",
                       device->capability / 10, device->capability % 10,
                       d->device, d->capability / 10, d->capability % 10);
  attune_cu_result result =
      d->module_load(&module, device->image, 2, options, values);
  if (!result)
    return ATTUNE_OK;
  module = NULL;
  attune_cuda_fail(d, "the kernels cannot be loaded", result, e);
  return log[0] ? attune_fail(e, ATTUNE_E_CUDA,
                              "the kernels cannot be loaded: %.200s", log)
                : ATTUNE_E_CUDA;
}

static int cuda_upload(const float *blob, size_t bytes, void **copy,
                       attune_error *e) {
  const attune_cu_driver *d;
  attune_cu_pointer memory = 0;
  int code;
  *copy = NULL;
  if ((code = attune_cuda_open(&d, e)) || (code = push(d, e)))
    return code;
  attune_cu_result result = d->memory_new(&memory, bytes);
  if (result) {
    code = attune_cuda_fail(d, "no device memory for the weights", result, e);
  } else if ((result = d->copy_to_device(memory, blob, bytes))) {
    code = attune_cuda_fail(d, "copying the weights", result, e);
    d->memory_free(memory);
  } else {
    *copy = (void *)(uintptr_t)memory;
  }
  pop(d);
  return code;
}

static void cuda_release(void *copy) {
  const attune_cu_driver *d;
  if (!copy || attune_cuda_open(&d, NULL) || push(d, NULL))
    return;
  d->memory_free((attune_cu_pointer)(uintptr_t)copy);
  pop(d);
}

static int cuda_begin(const attune_model_desc *m,
                      const attune_tensor *const *tensors,
                      attune_run_context *run) {
  const attune_cu_driver *d;
  int code = attune_cuda_open(&d, run->error);
  if (code)
    return code;
  for (int32_t i = 0; i < m->num_inputs + m->num_outputs; ++i)
    if (tensors[i]->device_id != d->device)
      return attune_fail(run->error, ATTUNE_E_DEVICE,
                         "`%.100s` lives on CUDA device %d: this library runs "
                         "on device %d (ATTUNE_CUDA_DEVICE)",
                         m->tensors[i].name, tensors[i]->device_id, d->device);
  if ((code = push(d, run->error)))
    return code;
  pthread_mutex_lock(&lock);
  if (!module)
    code = load_module(d, m->device, run->error);
  pthread_mutex_unlock(&lock);
  if (code)
    pop(d);
  else
    run->device = d;
  return code;
}

/* Without a stream of the caller's the results are there when run returns. */
static int cuda_end(attune_run_context *run) {
  const attune_cu_driver *d = run->device;
  int code = ATTUNE_OK;
  if (!run->call || !run->call->stream) {
    attune_cu_result result = d->stream_wait(NULL);
    if (result)
      code = attune_cuda_fail(d, "a kernel failed", result, run->error);
  }
  pop(d);
  return code;
}

const attune_backend attune_cuda_backend = {
    2, "CUDA", cuda_upload, cuda_release, cuda_begin, cuda_end};

static void record(attune_run_context *run, int code) {
  if (attune_run_claim_error(run))
    run->code = code;
}

void attune_cuda_launch(attune_run_context *run, const char *kernel,
                        int64_t grid_x, int64_t grid_y, int64_t grid_z,
                        int64_t threads, int32_t shared_bytes,
                        void **arguments) {
  const attune_cu_driver *d = run->device;
  attune_cu_function function;
  attune_cu_result result;
  /* An empty array: nothing to do, and the driver would refuse. */
  if (atomic_load(&run->failed) || grid_x <= 0 || grid_y <= 0 || grid_z <= 0)
    return;
  if (grid_x > INT32_MAX || grid_y > 65535 || grid_z > 65535) {
    record(run, attune_fail(run->error, ATTUNE_E_OVERFLOW,
                            "kernel `%.100s` needs more blocks than a grid has",
                            kernel));
    return;
  }
  if (shared_bytes > d->shared_limit) {
    record(run,
           attune_fail(run->error, ATTUNE_E_DEVICE,
                       "kernel `%.100s` needs %d bytes of shared memory: a "
                       "block of this device has %d",
                       kernel, shared_bytes, d->shared_limit));
    return;
  }
  if ((result = d->module_function(&function, module, kernel))) {
    record(run, attune_cuda_fail(d, kernel, result, run->error));
    return;
  }
  /* More than 48 KiB is granted on request only. */
  if (shared_bytes > 48 * 1024 &&
      (result = d->function_set(function, ATTUNE_CU_FUNC_MAX_SHARED,
                                shared_bytes))) {
    record(run, attune_cuda_fail(d, kernel, result, run->error));
    return;
  }
  attune_cu_stream stream = run->call ? run->call->stream : NULL;
  result = d->launch(function, (unsigned)grid_x, (unsigned)grid_y,
                     (unsigned)grid_z, (unsigned)threads, 1, 1,
                     (unsigned)shared_bytes, stream, arguments, NULL);
  if (result)
    record(run, attune_cuda_fail(d, kernel, result, run->error));
}
