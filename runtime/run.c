/* The entry points of a compiled model, behind its <model>_* functions. */
#include "runtime/run.h"
#include "runtime/cpu.h"
#include "runtime/model.h"
#include "runtime/weights.h"

int attune_rt_workspace(const attune_model_desc *m, const int64_t *dims,
                        size_t *bytes, attune_error *e) {
  int code = attune_model_check(m, e);
  if (code)
    return code;
  if (!bytes || (!dims && m->num_dims > 0))
    return attune_fail(e, ATTUNE_E_NULL, "the argument `%s` is NULL",
                       bytes ? "dims" : "bytes");
  if ((code = attune_dims_check(m, dims, e)) ||
      (code = attune_slots_layout(m, dims, NULL, bytes, e)))
    return code;
  return attune_succeed(e);
}

static int check_call(const attune_call *call, attune_error *e) {
  if (!call || call->struct_size == sizeof(*call))
    return ATTUNE_OK;
  return attune_fail(e, ATTUNE_E_ABI,
                     "attune_call.struct_size is %zu: expected %zu, "
                     "sizeof(attune_call)",
                     call->struct_size, sizeof(*call));
}

static int check_workspace(const attune_model_desc *m, const void *ws,
                           size_t given, size_t needed, attune_error *e) {
  if (needed == 0)
    return ATTUNE_OK;
  if (!ws)
    return attune_fail(e, ATTUNE_E_NULL,
                       "the workspace is NULL: `%.100s_workspace` asks for "
                       "%zu bytes",
                       m->name, needed);
  if (given < needed)
    return attune_fail(e, ATTUNE_E_WORKSPACE,
                       "the workspace has %zu bytes: `%.100s_workspace` asks "
                       "for %zu at these dims",
                       given, m->name, needed);
  if ((uintptr_t)ws > UINTPTR_MAX - needed)
    return attune_fail(e, ATTUNE_E_OVERFLOW,
                       "the workspace of %zu bytes ends past the end of memory",
                       needed);
  if ((uintptr_t)ws % ATTUNE_SLOT_ALIGN != 0)
    return attune_fail(e, ATTUNE_E_ALIGN,
                       "the workspace is not aligned to %d bytes: use "
                       "aligned_alloc(64, ...)",
                       ATTUNE_SLOT_ALIGN);
  return ATTUNE_OK;
}

int attune_rt_run(const attune_model_desc *m, const attune_weights *w,
                  const attune_tensor *const *tensors, void *ws,
                  size_t ws_bytes, const attune_call *call, attune_error *e) {
  int code = attune_model_check(m, e);
  if (code)
    return code;
  /* On the stack: a run never allocates. The counts are checked. */
  int64_t dims[ATTUNE_MAX_DIMS], offsets[m->num_slots + 1];
  void *data[ATTUNE_MAX_TENSORS];
  size_t needed;
  if ((code = check_call(call, e)) || (code = attune_cpu_check(m, e)) ||
      (code = attune_weights_check(m, w, e)) ||
      (code = attune_tensors_check(m, tensors, dims, e)) ||
      (code = attune_slots_layout(m, dims, offsets, &needed, e)) ||
      (code = check_workspace(m, ws, ws_bytes, needed, e)) ||
      (code = attune_addresses_check(m, tensors, ws, needed, data, e)))
    return code;
  attune_run_context run = {.call = call, .error = e};
  const attune_backend *backend = m->device ? m->device->backend : NULL;
  if (backend && (code = backend->begin(m, tensors, &run)))
    return code;
  code = m->body(attune_weights_blob(w), ws, offsets, dims, data, &run);
  if (backend) {
    int end = backend->end(&run);
    code = code ? code : end;
  }
  if (atomic_load(&run.failed))
    return run.code;
  return code ? code : attune_succeed(e);
}
