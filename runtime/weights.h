/* A model's weights in memory, and the conversions that packing needs. */
#ifndef ATTUNE_RUNTIME_WEIGHTS_H
#define ATTUNE_RUNTIME_WEIGHTS_H

#include "runtime/abi.h"
#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ATTUNE_E_NULL or ATTUNE_E_WEIGHTS unless `w` is finished and belongs to the
 * model, or the model has no weights. */
int attune_weights_check(const attune_model_desc *m, const attune_weights *w,
                         attune_error *e);

/* The packed blob, or NULL. */
const float *attune_weights_blob(const attune_weights *w);

/* Whether elements of this DLPack type can be widened to f32: f32, f16, bf16.
 */
int attune_can_widen(uint8_t code, uint8_t bits);

/* Widens `count` elements to f32. `from` may have any alignment. */
void attune_widen(uint8_t code, uint8_t bits, const void *from, size_t count,
                  float *to);

/* Writes elements [first, first + count) of the weight, in C order, to their
 * places in the blob (which starts as zeros: padding stays zero). */
void attune_pack_floats(const attune_weight_desc *d, float *blob, int64_t first,
                        int64_t count, const float *from);

/* The first description from `begin` on with that name, or num_weights. */
int32_t attune_weight_find(const attune_model_desc *m, const char *name,
                           int32_t begin);

/* Fails with ATTUNE_E_WEIGHTS: the model has no weight `name`. */
int attune_weight_unknown(const attune_model_desc *m, const char *name,
                          attune_error *e);

/* Runs the prepare function of `m` with its own finished weights: fills the
 * hoisted parts of the blob. ATTUNE_E_NOMEM without memory for its workspace.
 */
int attune_prepare(const attune_model_desc *m, const attune_weights *own,
                   float *blob, attune_error *e);

/* How many floats the packed weight takes in the blob. */
int64_t attune_packed_size(const attune_weight_desc *d);

#ifdef __cplusplus
}
#endif
#endif
