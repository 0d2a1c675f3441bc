#include "runtime/model.h"

int attune_model_check(const attune_model_desc *m, attune_error *e) {
  if (!m)
    return attune_fail(e, ATTUNE_E_NULL, "the model description is NULL");
  if (m->abi_version != ATTUNE_ABI_VERSION)
    return attune_fail(e, ATTUNE_E_ABI,
                       "the model has ABI version %d, the runtime %d: build "
                       "the model again",
                       m->abi_version, ATTUNE_ABI_VERSION);
  if (m->num_dims > ATTUNE_MAX_DIMS || m->num_slots > ATTUNE_MAX_SLOTS ||
      m->num_inputs > ATTUNE_MAX_TENSORS ||
      m->num_outputs > ATTUNE_MAX_TENSORS - m->num_inputs)
    return attune_fail(e, ATTUNE_E_ABI,
                       "model `%.100s` has more dims, tensors or slots than "
                       "the runtime allows",
                       m->name);
  return ATTUNE_OK;
}

int attune_extent_value(const attune_extent *extent, const int64_t *dims,
                        int64_t *value) {
  int64_t sum = 0;
  for (int32_t i = 0; i < extent->num_terms; ++i) {
    const attune_term *term = &extent->terms[i];
    int64_t product = term->coefficient;
    /* A zero makes the term zero, however large the other factors are. */
    for (int32_t k = 0; k < term->degree; ++k)
      if (dims[term->factors[k]] == 0)
        product = 0;
    for (int32_t k = 0; k < term->degree && product != 0; ++k)
      if (__builtin_mul_overflow(product, dims[term->factors[k]], &product))
        return 0;
    if (__builtin_add_overflow(sum, product, &sum))
      return 0;
  }
  *value = sum;
  return 1;
}

int attune_dims_check(const attune_model_desc *m, const int64_t *dims,
                      attune_error *e) {
  for (int32_t i = 0; i < m->num_dims; ++i)
    if (dims[i] < 0 || dims[i] > m->dims[i].bound)
      return attune_fail(e, ATTUNE_E_DIM_BOUND,
                         "dim `%.60s` is %lld: expected 0 <= %.60s <= %lld",
                         m->dims[i].name, (long long)dims[i], m->dims[i].name,
                         (long long)m->dims[i].bound);
  for (int32_t i = 0; i < m->num_conditions; ++i) {
    const attune_condition *c = &m->conditions[i];
    int64_t value;
    if (!attune_extent_value(&c->value, dims, &value))
      return attune_fail(e, ATTUNE_E_OVERFLOW,
                         "the condition `%.120s` overflows 64 bits at these "
                         "dims",
                         c->text);
    if (value < 0)
      return attune_fail(e, ATTUNE_E_DIM_BOUND,
                         "model `%.60s` needs `%.120s`, which is false at "
                         "these dims",
                         m->name, c->text);
  }
  return ATTUNE_OK;
}

/* The maximum over i of min(bytes[i], caps[i]); negative counts as 0. */
static int slot_bytes(const attune_slot_desc *slot, const int64_t *dims,
                      int64_t *bytes) {
  *bytes = 0;
  for (int32_t i = 0; i < slot->num_bytes; ++i) {
    int64_t value, cap;
    if (!attune_extent_value(&slot->bytes[i], dims, &value))
      return 0;
    if (slot->caps) {
      if (!attune_extent_value(&slot->caps[i], dims, &cap))
        return 0;
      value = value < cap ? value : cap;
    }
    *bytes = *bytes > value ? *bytes : value;
  }
  return 1;
}

int attune_slots_layout(const attune_model_desc *m, const int64_t *dims,
                        int64_t *offsets, size_t *bytes, attune_error *e) {
  int64_t total = 0;
  for (int32_t i = 0; i < m->num_slots; ++i) {
    if (offsets)
      offsets[i] = total;
    int64_t size;
    if (!slot_bytes(&m->slots[i], dims, &size) ||
        __builtin_add_overflow(size, (int64_t)(ATTUNE_SLOT_ALIGN - 1), &size) ||
        __builtin_add_overflow(total, size - size % ATTUNE_SLOT_ALIGN,
                               &total) ||
        total > (int64_t)(SIZE_MAX / 2))
      return attune_fail(e, ATTUNE_E_OVERFLOW,
                         "the workspace of model `%.100s` overflows 64 bits at "
                         "these dims",
                         m->name);
  }
  *bytes = (size_t)total;
  return ATTUNE_OK;
}
