/* Checks that concern a compiled model and its dims. */
#ifndef ATTUNE_RUNTIME_MODEL_H
#define ATTUNE_RUNTIME_MODEL_H

#include "runtime/abi.h"
#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The counts of a model that live on the stack of a run. */
enum {
  ATTUNE_MAX_DIMS = 256,
  ATTUNE_MAX_TENSORS = 256,
  ATTUNE_MAX_SLOTS = 8192
};

/* ATTUNE_E_NULL or ATTUNE_E_ABI for a description that this runtime does not
 * understand. */
int attune_model_check(const attune_model_desc *m, attune_error *e);

/* *value = the extent at these dims; 0 on overflow. */
int attune_extent_value(const attune_extent *extent, const int64_t *dims,
                        int64_t *value);

/* Bounds of each dim, then the model's conditions. */
int attune_dims_check(const attune_model_desc *m, const int64_t *dims,
                      attune_error *e);

/* Fills offsets[i] with the byte offset of each slot (offsets may be NULL) and
 * *bytes with the workspace's size. */
int attune_slots_layout(const attune_model_desc *m, const int64_t *dims,
                        int64_t *offsets, size_t *bytes, attune_error *e);

/* Checks the tensors of a run, except their addresses, and reads the dims. */
int attune_tensors_check(const attune_model_desc *m,
                         const attune_tensor *const *tensors, int64_t *dims,
                         attune_error *e);

/* data + byte_offset of each tensor, checked for NULL, alignment and overlap;
 * after attune_tensors_check. */
int attune_addresses_check(const attune_model_desc *m,
                           const attune_tensor *const *tensors, const void *ws,
                           size_t ws_bytes, void **data, attune_error *e);

/* ATTUNE_E_STRIDE unless the tensor, whose shape is checked, is C-contiguous.
 * Extents of size 1 and empty tensors may have any strides. */
int attune_strides_check(const char *name, const attune_tensor *t,
                         attune_error *e);

/* Whether each byte of a tensor with elements, any strides and whole bytes for
 * an element lies between address 0 and the last: nothing wraps. */
int attune_is_addressable(const attune_tensor *t);

#ifdef __cplusplus
}
#endif
#endif
