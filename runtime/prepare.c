/* What weights alone determine, computed once. */
#include "runtime/model.h"
#include "runtime/weights.h"

#include <stdlib.h>

/* The outputs of the prepare function: parts of the blob. */
static void describe_outputs(const attune_model_desc *m, float *blob,
                             attune_tensor *tensors,
                             int64_t (*shapes)[ATTUNE_MAX_RANK]) {
  const attune_model_desc *p = m->prepare;
  for (int32_t i = 0; i < p->num_outputs; ++i) {
    const attune_tensor_desc *d = &p->tensors[i];
    /* Without dims, and checked by the compiler. */
    for (int32_t axis = 0; axis < d->rank; ++axis)
      attune_extent_value(&d->extents[axis], NULL, &shapes[i][axis]);
    tensors[i] = (attune_tensor){.data = blob + m->hoisted[i],
                                 .device_type = 1,
                                 .ndim = d->rank,
                                 .code = d->code,
                                 .bits = d->bits,
                                 .lanes = 1,
                                 .shape = shapes[i]};
  }
}

int attune_prepare(const attune_model_desc *m, const attune_weights *own,
                   float *blob, attune_error *e) {
  const attune_model_desc *p = m->prepare;
  size_t bytes;
  int code = attune_rt_workspace(p, NULL, &bytes, e);
  if (code)
    return code;
  size_t count = (size_t)p->num_outputs;
  void *workspace = bytes ? aligned_alloc(ATTUNE_SLOT_ALIGN, bytes) : NULL;
  attune_tensor *tensors = calloc(count, sizeof(*tensors));
  const attune_tensor **pointers = calloc(count, sizeof(*pointers));
  int64_t (*shapes)[ATTUNE_MAX_RANK] = calloc(count, sizeof(*shapes));
  if ((bytes && !workspace) || !tensors || !pointers || !shapes) {
    code = attune_fail(e, ATTUNE_E_NOMEM,
                       "no memory for the %zu bytes that finishing the weights "
                       "of model `%.100s` takes",
                       bytes, m->name);
  } else {
    describe_outputs(m, blob, tensors, shapes);
    for (size_t i = 0; i < count; ++i)
      pointers[i] = &tensors[i];
    code = attune_rt_run(p, own, pointers, workspace, bytes, NULL, e);
  }
  free(shapes);
  free(pointers);
  free(tensors);
  free(workspace);
  return code;
}
