/* The checks of a run's tensors, before any generated code sees them. */
#include "runtime/model.h"

static const char *kind(const attune_tensor_desc *d) {
  return d->is_output ? "output" : "input";
}

/* Everything that does not need the dims. */
static int check_form(const attune_model_desc *m, const attune_tensor_desc *d,
                      const attune_tensor *t, attune_error *e) {
  char expected[ATTUNE_TEXT], given[ATTUNE_TEXT];
  if (!t)
    return attune_fail(e, ATTUNE_E_NULL, "%s `%.100s` is NULL", kind(d),
                       d->name);
  if (t->ndim != d->rank)
    return attune_fail(e, ATTUNE_E_RANK,
                       "%s `%.100s` has rank %d: expected rank %d", kind(d),
                       d->name, t->ndim, d->rank);
  if (t->lanes != 1)
    return attune_fail(e, ATTUNE_E_DTYPE,
                       "%s `%.100s` has %d lanes: expected 1", kind(d), d->name,
                       t->lanes);
  if (t->code != d->code || t->bits != d->bits)
    return attune_fail(
        e, ATTUNE_E_DTYPE, "%s `%.100s` has elements of type %s: expected %s",
        kind(d), d->name, attune_type_text(given, t->code, t->bits),
        attune_type_text(expected, d->code, d->bits));
  const attune_backend *backend = m->device ? m->device->backend : NULL;
  int32_t device_type = backend ? backend->device_type : 1;
  if (t->device_type != device_type)
    return attune_fail(e, ATTUNE_E_DEVICE,
                       "%s `%.100s` lives on device type %d: expected %d (%s)",
                       kind(d), d->name, t->device_type, device_type,
                       backend ? backend->device_name : "CPU");
  if (d->rank > 0 && !t->shape)
    return attune_fail(e, ATTUNE_E_NULL, "the shape of %s `%.100s` is NULL",
                       kind(d), d->name);
  for (int32_t axis = 0; axis < d->rank; ++axis)
    if (t->shape[axis] < 0)
      return attune_fail(e, ATTUNE_E_SHAPE,
                         "%s `%.100s` has shape %s: extents must not be "
                         "negative",
                         kind(d), d->name,
                         attune_shape_text(given, t->ndim, t->shape));
  return ATTUNE_OK;
}

/* The shape as the model declares it: "[B, T, 48]". */
static const char *declared_shape(char text[ATTUNE_TEXT],
                                  const attune_tensor_desc *d) {
  size_t used = 0;
  text[used++] = '[';
  for (int32_t i = 0; i < d->rank; ++i) {
    const char *s = d->extents[i].text;
    if (i) {
      text[used++] = ',';
      text[used++] = ' ';
    }
    while (*s && used < ATTUNE_TEXT - 8)
      text[used++] = *s++;
    if (used >= ATTUNE_TEXT - 12)
      break;
  }
  text[used++] = ']';
  text[used] = 0;
  return text;
}

static int check_extent(const attune_model_desc *m, int32_t index, int32_t axis,
                        const attune_tensor *t, const int64_t *dims,
                        attune_error *e) {
  const attune_tensor_desc *d = &m->tensors[index];
  const attune_extent *extent = &d->extents[axis];
  int64_t expected;
  if (!attune_extent_value(extent, dims, &expected))
    return attune_fail(e, ATTUNE_E_OVERFLOW,
                       "the extent `%.60s` of %s `%.60s` overflows 64 bits",
                       extent->text, kind(d), d->name);
  if (t->shape[axis] == expected)
    return ATTUNE_OK;
  char shape[ATTUNE_TEXT], declared[ATTUNE_TEXT];
  attune_shape_text(shape, t->ndim, t->shape);
  declared_shape(declared, d);
  int symbolic = -1; /* some dim of the extent */
  for (int32_t i = 0; i < extent->num_terms; ++i)
    if (extent->terms[i].degree > 0)
      symbolic = extent->terms[i].factors[0];
  if (symbolic < 0)
    return attune_fail(e, ATTUNE_E_SHAPE,
                       "%s `%.60s` has shape %.80s: expected %.80s", kind(d),
                       d->name, shape, declared);
  const attune_dim_desc *dim = &m->dims[symbolic];
  return attune_fail(
      e, ATTUNE_E_DIM_MISMATCH,
      "%s `%.40s` has shape %.50s: expected %.50s, where `%.24s` is %lld "
      "(dim `%.24s` is %lld by `%.24s`)",
      kind(d), d->name, shape, declared, extent->text, (long long)expected,
      dim->name, (long long)dims[symbolic], m->tensors[dim->tensor].name);
}

int attune_strides_check(const char *name, const attune_tensor *t,
                         attune_error *e) {
  if (!t->strides)
    return ATTUNE_OK;
  for (int32_t axis = 0; axis < t->ndim; ++axis)
    if (t->shape[axis] == 0)
      return ATTUNE_OK;
  int64_t expected = 1;
  for (int32_t axis = t->ndim; axis-- > 0;) {
    if (t->shape[axis] != 1 && t->strides[axis] != expected)
      return attune_fail(
          e, ATTUNE_E_STRIDE,
          "`%.100s` is not C-contiguous: stride %lld on axis %d, "
          "expected %lld; pass a contiguous copy",
          name, (long long)t->strides[axis], axis, (long long)expected);
    expected *= t->shape[axis]; /* the whole size is known to fit */
  }
  return ATTUNE_OK;
}

int attune_is_addressable(const attune_tensor *t) {
  int64_t low = 0, high = 1, expected = 1; /* in elements, from the first one */
  for (int32_t axis = t->ndim; axis-- > 0;) {
    int64_t stride = t->strides ? t->strides[axis] : expected, reach;
    if (__builtin_mul_overflow(t->shape[axis] - 1, stride, &reach) ||
        __builtin_add_overflow(reach, reach < 0 ? low : high,
                               reach < 0 ? &low : &high) ||
        (!t->strides &&
         __builtin_mul_overflow(expected, t->shape[axis], &expected)))
      return 0;
  }
  uintptr_t at = (uintptr_t)t->data, end;
  int64_t width = t->bits / 8;
  return !__builtin_mul_overflow(low, width, &low) &&
         !__builtin_mul_overflow(high, width, &high) &&
         !__builtin_add_overflow(at, (uintptr_t)t->byte_offset, &at) &&
         !__builtin_sub_overflow(at, 0 - (uintptr_t)low, &end) &&
         !__builtin_add_overflow(at, (uintptr_t)high, &end);
}

int attune_tensors_check(const attune_model_desc *m,
                         const attune_tensor *const *tensors, int64_t *dims,
                         attune_error *e) {
  int32_t count = m->num_inputs + m->num_outputs;
  int code;
  if (!tensors && count > 0)
    return attune_fail(e, ATTUNE_E_NULL, "the list of tensors is NULL");
  for (int32_t i = 0; i < count; ++i)
    if ((code = check_form(m, &m->tensors[i], tensors[i], e)))
      return code;
  for (int32_t i = 0; i < m->num_dims; ++i)
    dims[i] = tensors[m->dims[i].tensor]->shape[m->dims[i].axis];
  if ((code = attune_dims_check(m, dims, e)))
    return code;
  for (int32_t i = 0; i < count; ++i) {
    const attune_tensor *t = tensors[i];
    for (int32_t axis = 0; axis < t->ndim; ++axis)
      if ((code = check_extent(m, i, axis, t, dims, e)))
        return code;
    int64_t bytes;
    if (!attune_count(t->ndim, t->shape, &bytes) ||
        !attune_multiply(bytes, t->bits / 8, &bytes))
      return attune_fail(e, ATTUNE_E_OVERFLOW,
                         "the size of `%.100s` overflows 64 bits",
                         m->tensors[i].name);
    if ((code = attune_strides_check(m->tensors[i].name, t, e)))
      return code;
  }
  return ATTUNE_OK;
}

static size_t tensor_bytes(const attune_tensor *t) {
  int64_t count = 0;
  attune_count(t->ndim, t->shape, &count);
  return (size_t)count * (t->bits / 8);
}

/* Whether [a, a + n) and [b, b + k) share a byte. */
static int overlap(const void *a, size_t n, const void *b, size_t k) {
  uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;
  return n > 0 && k > 0 && x < y + k && y < x + n;
}

int attune_addresses_check(const attune_model_desc *m,
                           const attune_tensor *const *tensors, const void *ws,
                           size_t ws_bytes, void **data, attune_error *e) {
  int32_t count = m->num_inputs + m->num_outputs;
  for (int32_t i = 0; i < count; ++i) {
    const attune_tensor_desc *d = &m->tensors[i];
    const attune_tensor *t = tensors[i];
    size_t bytes = tensor_bytes(t);
    uintptr_t at = (uintptr_t)t->data;
    if (bytes == 0) {
      data[i] = t->data; /* never followed */
      continue;
    }
    if (!t->data)
      return attune_fail(e, ATTUNE_E_NULL, "the data of %s `%.100s` is NULL",
                         kind(d), d->name);
    if (__builtin_add_overflow(at, (uintptr_t)t->byte_offset, &at) ||
        at > UINTPTR_MAX - bytes)
      return attune_fail(e, ATTUNE_E_OVERFLOW,
                         "%s `%.100s` ends past the end of memory: its "
                         "byte_offset is %llu",
                         kind(d), d->name, (unsigned long long)t->byte_offset);
    if (at % (t->bits / 8) != 0)
      return attune_fail(e, ATTUNE_E_ALIGN,
                         "the data of %s `%.100s` is not aligned to its "
                         "elements of %d bytes",
                         kind(d), d->name, t->bits / 8);
    data[i] = (void *)at;
  }
  for (int32_t i = m->num_inputs; i < count; ++i) {
    size_t bytes = tensor_bytes(tensors[i]);
    for (int32_t k = 0; k < i; ++k)
      if (overlap(data[i], bytes, data[k], tensor_bytes(tensors[k])))
        return attune_fail(e, ATTUNE_E_ALIAS,
                           "output `%.80s` overlaps the memory of %s `%.80s`",
                           m->tensors[i].name, kind(&m->tensors[k]),
                           m->tensors[k].name);
  }
  for (int32_t i = 0; i < count; ++i)
    if (overlap(data[i], tensor_bytes(tensors[i]), ws, ws_bytes))
      return attune_fail(e, ATTUNE_E_ALIAS,
                         "%s `%.100s` overlaps the workspace",
                         kind(&m->tensors[i]), m->tensors[i].name);
  return ATTUNE_OK;
}
