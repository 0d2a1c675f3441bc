#include "runtime/weights.h"
#include "runtime/cpu.h"
#include "runtime/model.h"
#include "runtime/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct attune_weights {
  const attune_model_desc *model;
  float *blob;           /* 64-byte aligned, zeros at first */
  unsigned char *is_set; /* for each description */
  /* Those of the model's prepare function until it has run, else NULL. */
  attune_weights *prepare;
  void *copy; /* on the model's device, once finished */
  int finished;
};

enum { CHUNK = 4096 }; /* elements converted at a time */

const float *attune_weights_blob(const attune_weights *w) {
  return !w ? NULL : w->copy ? w->copy : w->blob;
}

int attune_weights_check(const attune_model_desc *m, const attune_weights *w,
                         attune_error *e) {
  if (m->num_weights == 0 && !m->prepare)
    return ATTUNE_OK;
  if (!w)
    return attune_fail(e, ATTUNE_E_NULL,
                       "the weights of model `%.60s` are NULL: load them with "
                       "%.60s_weights_load",
                       m->name, m->name);
  if (w->model != m)
    return attune_fail(e, ATTUNE_E_WEIGHTS,
                       "these weights were made for model `%.80s`, not for "
                       "`%.80s` of this library",
                       w->model->name, m->name);
  if (!w->finished)
    return attune_fail(e, ATTUNE_E_WEIGHTS,
                       "the weights of model `%.60s` are not finished: call "
                       "%.60s_weights_finish after setting them",
                       m->name, m->name);
  return ATTUNE_OK;
}

int attune_rt_weights_new(const attune_model_desc *m, attune_weights **out,
                          attune_error *e) {
  int code = attune_model_check(m, e);
  if (code)
    return code;
  if (!out)
    return attune_fail(e, ATTUNE_E_NULL, "the argument `out` is NULL");
  *out = NULL;
  if ((code = attune_cpu_check(m, e)))
    return code;
  /* A constant of the model, checked by the compiler; at least one line, so
   * that aligned_alloc does not get 0. */
  size_t bytes = ((size_t)m->packed_floats * sizeof(float) + 127) / 64 * 64;
  attune_weights *w = calloc(1, sizeof(*w));
  if (w) {
    w->model = m;
    w->is_set = calloc((size_t)m->num_weights + 1, 1);
    w->blob = aligned_alloc(64, bytes);
  }
  if (!w || !w->is_set || !w->blob) {
    attune_rt_weights_free(w);
    return attune_fail(e, ATTUNE_E_NOMEM,
                       "no memory for the %zu bytes of weights of model "
                       "`%.100s`",
                       bytes, m->name);
  }
  memset(w->blob, 0, bytes);
  if (m->prepare &&
      (code = attune_rt_weights_new(m->prepare, &w->prepare, e))) {
    attune_rt_weights_free(w);
    return code;
  }
  *out = w;
  return attune_succeed(e);
}

void attune_rt_weights_free(attune_weights *w) {
  if (!w)
    return;
  if (w->copy)
    w->model->device->backend->release(w->copy);
  attune_rt_weights_free(w->prepare);
  free(w->is_set);
  free(w->blob);
  free(w);
}

/* What is given for a weight, from memory or from a file. */
typedef struct {
  int32_t rank;
  const int64_t *shape;
  uint8_t code, bits;
} given_tensor;

static int check_given(const attune_weight_desc *d, const given_tensor *given,
                       attune_error *e) {
  char name[ATTUNE_TEXT], want[ATTUNE_TEXT], have[ATTUNE_TEXT];
  if (given->rank != d->rank ||
      (d->rank &&
       memcmp(given->shape, d->shape, (size_t)d->rank * sizeof(int64_t)) != 0))
    return attune_fail(e, ATTUNE_E_WEIGHTS,
                       "weight `%s` has shape %.60s: expected %.60s",
                       attune_name_text(name, d->name),
                       attune_shape_text(have, given->rank, given->shape),
                       attune_shape_text(want, d->rank, d->shape));
  if (!attune_can_widen(given->code, given->bits))
    return attune_fail(
        e, ATTUNE_E_DTYPE,
        "weight `%s` has elements of type %s: expected f32, f16 or bf16%s",
        attune_name_text(name, d->name),
        attune_type_text(have, given->code, given->bits),
        given->code == 2 && given->bits == 64
            ? "; f64 is not narrowed silently: convert it to f32 first"
            : "");
  return ATTUNE_OK;
}

/* Scatters `count` widened floats to every description of that name. */
static void pack_all(attune_weights *w, int32_t first_index, int64_t first,
                     int64_t count, const float *from) {
  const attune_model_desc *m = w->model;
  const char *name = m->weights[first_index].name;
  for (int32_t i = first_index; i < m->num_weights;
       i = attune_weight_find(m, name, i + 1))
    attune_pack_floats(&m->weights[i], w->blob, first, count, from);
}

static void mark_set(attune_weights *w, int32_t first_index) {
  const attune_model_desc *m = w->model;
  const char *name = m->weights[first_index].name;
  for (int32_t i = first_index; i < m->num_weights;
       i = attune_weight_find(m, name, i + 1))
    w->is_set[i] = 1;
}

/* Checks that hold for each way of setting a weight. */
static int check_settable(const attune_weights *w, int32_t index,
                          const given_tensor *given, attune_error *e) {
  const attune_model_desc *m = w->model;
  char text[ATTUNE_TEXT];
  const char *name = m->weights[index].name;
  if (w->is_set[index])
    return attune_fail(e, ATTUNE_E_WEIGHTS, "weight `%s` is set twice",
                       attune_name_text(text, name));
  for (int32_t i = index; i < m->num_weights;
       i = attune_weight_find(m, name, i + 1)) {
    int code = check_given(&m->weights[i], given, e);
    if (code)
      return code;
  }
  return ATTUNE_OK;
}

/* Gathers elements of a tensor with any strides, chunk by chunk. */
static void pack_tensor(attune_weights *w, int32_t index,
                        const attune_tensor *t, int64_t total) {
  float chunk[CHUNK];
  int64_t at[ATTUNE_MAX_RANK] = {0}, stride[ATTUNE_MAX_RANK];
  size_t width = t->bits / 8;
  int64_t expected = 1;
  int contiguous = 1;
  for (int32_t i = t->ndim; i-- > 0; expected *= t->shape[i]) {
    /* The stride of a single element is of no consequence, and may be huge. */
    stride[i] = !t->strides || t->shape[i] == 1 ? expected : t->strides[i];
    contiguous &= stride[i] == expected;
  }
  const char *from = (const char *)t->data + t->byte_offset;
  int64_t place = 0; /* in elements */
  for (int64_t first = 0; first < total; first += CHUNK) {
    int64_t count = total - first < CHUNK ? total - first : CHUNK;
    if (contiguous)
      attune_widen(t->code, t->bits, from + (size_t)first * width,
                   (size_t)count, chunk);
    for (int64_t n = 0; !contiguous && n < count; ++n) {
      attune_widen(t->code, t->bits, from + place * (int64_t)width, 1,
                   &chunk[n]);
      for (int32_t i = t->ndim; i-- > 0;) {
        place += stride[i];
        if (++at[i] < t->shape[i])
          break;
        place -= stride[i] * t->shape[i];
        at[i] = 0;
      }
    }
    pack_all(w, index, first, count, chunk);
  }
}

int attune_rt_weights_set(attune_weights *w, const char *name,
                          const attune_tensor *t, attune_error *e) {
  if (!w || !name || !t)
    return attune_fail(e, ATTUNE_E_NULL, "the argument `%s` is NULL",
                       !w      ? "weights"
                       : !name ? "name"
                               : "tensor");
  if (w->finished)
    return attune_fail(e, ATTUNE_E_WEIGHTS,
                       "the weights are finished: they cannot be set any more");
  /* The model, its prepare function or both read it. */
  attune_weights *holder = w;
  int32_t index = attune_weight_find(holder->model, name, 0);
  if (index == holder->model->num_weights && w->prepare) {
    holder = w->prepare;
    index = attune_weight_find(holder->model, name, 0);
  }
  if (index == holder->model->num_weights)
    return attune_weight_unknown(w->model, name, e);
  char text[ATTUNE_TEXT];
  const char *given_name = name;
  name = attune_name_text(text, name);
  if (t->ndim < 0 || t->ndim > ATTUNE_MAX_RANK)
    return attune_fail(e, ATTUNE_E_WEIGHTS,
                       "weight `%s` has rank %d: expected %d", name, t->ndim,
                       holder->model->weights[index].rank);
  if (t->ndim > 0 && !t->shape)
    return attune_fail(e, ATTUNE_E_NULL, "the shape of weight `%s` is NULL",
                       name);
  if (t->device_type != 1)
    return attune_fail(e, ATTUNE_E_DEVICE,
                       "weight `%s` lives on device type %d: expected 1 (CPU)",
                       name, t->device_type);
  if (t->lanes != 1)
    return attune_fail(e, ATTUNE_E_DTYPE,
                       "weight `%s` has %d lanes: expected 1", name, t->lanes);
  given_tensor given = {t->ndim, t->shape, t->code, t->bits};
  int code = check_settable(holder, index, &given, e);
  if (code)
    return code;
  int64_t total;
  attune_count(t->ndim, t->shape, &total); /* as the model's: it fits */
  if (total > 0 && !t->data)
    return attune_fail(e, ATTUNE_E_NULL, "the data of weight `%s` is NULL",
                       name);
  if (total > 0 && !attune_is_addressable(t))
    return attune_fail(e, ATTUNE_E_OVERFLOW,
                       "the data of weight `%s` begins before or ends past the "
                       "end of memory: look at its strides and byte_offset",
                       name);
  for (; holder; holder = holder->prepare) {
    index = attune_weight_find(holder->model, given_name, 0);
    if (index == holder->model->num_weights)
      continue;
    if (total > 0)
      pack_tensor(holder, index, t, total);
    mark_set(holder, index);
  }
  return attune_succeed(e);
}

static int check_all_set(const attune_weights *w, attune_error *e) {
  const attune_model_desc *m = w->model;
  for (int32_t i = 0; i < m->num_weights; ++i)
    if (!w->is_set[i]) {
      char name[ATTUNE_TEXT], shape[ATTUNE_TEXT];
      return attune_fail(
          e, ATTUNE_E_WEIGHTS, "weight `%s` %s is not set",
          attune_name_text(name, m->weights[i].name),
          attune_shape_text(shape, m->weights[i].rank, m->weights[i].shape));
    }
  return ATTUNE_OK;
}

int attune_rt_weights_finish(attune_weights *w, attune_error *e) {
  if (!w)
    return attune_fail(e, ATTUNE_E_NULL, "the argument `weights` is NULL");
  int code = check_all_set(w, e);
  if (code)
    return code;
  if (w->prepare) {
    if ((code = attune_rt_weights_finish(w->prepare, e)) ||
        (code = attune_prepare(w->model, w->prepare, w->blob, e)))
      return code;
    attune_rt_weights_free(w->prepare);
    w->prepare = NULL;
  }
  if (w->model->device && w->model->num_weights > 0 && !w->copy) {
    size_t bytes = (size_t)w->model->packed_floats * sizeof(float);
    code = w->model->device->backend->upload(w->blob, bytes + 64, &w->copy, e);
    if (code)
      return code;
  }
  w->finished = 1;
  return attune_succeed(e);
}

static int fail_missing(const attune_weight_desc *d, const char *path,
                        const attune_safetensors *file, attune_error *e) {
  char name[ATTUNE_TEXT], shape[ATTUNE_TEXT];
  const attune_st_tensor *near =
      attune_st_near(file, d->name, d->rank, d->shape);
  attune_shape_text(shape, d->rank, d->shape);
  if (!near)
    return attune_fail(e, ATTUNE_E_WEIGHTS,
                       "weight `%s` %.60s is missing from `%.80s`",
                       attune_name_text(name, d->name), shape, path);
  size_t longer = strlen(near->name), wanted = strlen(d->name);
  if (longer < wanted)
    return attune_fail(e, ATTUNE_E_WEIGHTS,
                       "weight `%.70s` %.40s is missing; the file has `%.70s` "
                       "with that shape",
                       d->name, shape, near->name);
  return attune_fail(e, ATTUNE_E_WEIGHTS,
                     "weight `%.70s` %.40s is missing; the file has `%.70s` "
                     "with that shape: use --weights-prefix %.*s",
                     d->name, shape, near->name, (int)(longer - wanted),
                     near->name);
}

static int load_weight(attune_weights *w, int32_t index, const char *path,
                       const attune_safetensors *file, attune_error *e) {
  const attune_weight_desc *d = &w->model->weights[index];
  const attune_st_tensor *t = attune_st_find(file, d->name);
  if (!t)
    return fail_missing(d, path, file, e);
  given_tensor given = {t->rank, t->shape, t->code, t->bits};
  int code = check_settable(w, index, &given, e);
  if (code)
    return code;
  char raw[CHUNK * 4];
  float chunk[CHUNK];
  int64_t width = t->bits / 8, total = t->bytes / width;
  for (int64_t first = 0; first < total; first += CHUNK) {
    int64_t count = total - first < CHUNK ? total - first : CHUNK;
    code =
        attune_st_read(file, t, first * width, raw, (size_t)(count * width), e);
    if (code)
      return code;
    attune_widen(t->code, t->bits, raw, (size_t)count, chunk);
    pack_all(w, index, first, count, chunk);
  }
  mark_set(w, index);
  return ATTUNE_OK;
}

int attune_rt_weights_load(const attune_model_desc *m, const char *path,
                           attune_weights **out, attune_error *e) {
  int code = attune_model_check(m, e);
  if (code)
    return code;
  if (!out || !path)
    return attune_fail(e, ATTUNE_E_NULL, "the argument `%s` is NULL",
                       out ? "path" : "out");
  *out = NULL;
  attune_safetensors *file;
  if ((code = attune_st_open(path, &file, e)))
    return code;
  attune_weights *w = NULL;
  code = attune_rt_weights_new(m, &w, e);
  for (attune_weights *holder = w; holder && !code; holder = holder->prepare)
    for (int32_t i = 0; i < holder->model->num_weights && !code; ++i)
      if (!holder->is_set[i])
        code = load_weight(holder, i, path, file, e);
  attune_st_close(file);
  if (!code)
    code = attune_rt_weights_finish(w, e);
  if (code) {
    attune_rt_weights_free(w);
    return code;
  }
  *out = w;
  return ATTUNE_OK;
}
