/* The header of one safetensors file: u64 little-endian size N, N bytes of
 * JSON, then the data of the tensors without holes or overlaps. */
#include "runtime/safetensors_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_HEADER = 100000000 };

typedef struct {
  attune_safetensors *set;
  attune_st_file *file;
  int32_t index;
  attune_json json;
  char *names_end; /* free room in file->names */
  attune_error *error;
} reader;

static int fail(reader *r, const char *message) {
  char path[ATTUNE_TEXT];
  return attune_fail(r->error, ATTUNE_E_FILE, "`%s`: %s",
                     attune_name_text(path, r->file->path), message);
}

static int fail_tensor(reader *r, const char *name, const char *message) {
  char path[ATTUNE_TEXT], text[ATTUNE_TEXT];
  return attune_fail(r->error, ATTUNE_E_FILE, "`%s`: tensor `%s` %s",
                     attune_name_text(path, r->file->path),
                     attune_name_text(text, name), message);
}

static int fail_memory(reader *r) {
  return attune_fail(r->error, ATTUNE_E_NOMEM,
                     "no memory for the header of `%.100s`", r->file->path);
}

static int fail_json(reader *r) {
  char path[ATTUNE_TEXT];
  return attune_fail(
      r->error, ATTUNE_E_FILE, "`%s`: the header is malformed at byte %llu: %s",
      attune_name_text(path, r->file->path),
      (unsigned long long)r->json.error_offset + 8, r->json.error);
}

static int read_bytes(reader *r, int64_t offset, void *to, size_t bytes) {
  if (r->file->memory) {
    memcpy(to, r->file->memory + offset, bytes);
    return ATTUNE_OK;
  }
  return attune_file_read(&r->file->file, r->file->path, offset, to, bytes,
                          r->error);
}

/* Names live in one buffer: decoded text is never longer than its source. */
static const char *read_string(reader *r, int64_t *length) {
  char *at = r->names_end;
  *length = attune_json_string(&r->json, at);
  if (*length < 0)
    return NULL;
  r->names_end = at + *length + 1;
  return at;
}

static int find_dtype(attune_st_tensor *t) {
  static const struct {
    const char *name;
    uint8_t code, bits;
  } types[] = {
      {"F32", 2, 32},     {"F16", 2, 16},     {"BF16", 4, 16},
      {"F64", 2, 64},     {"I64", 0, 64},     {"I32", 0, 32},
      {"I16", 0, 16},     {"I8", 0, 8},       {"U64", 1, 64},
      {"U32", 1, 32},     {"U16", 1, 16},     {"U8", 1, 8},
      {"BOOL", 6, 8},     {"F8_E4M3", 10, 8}, {"F8_E5M2", 12, 8},
      {"F8_E8M0", 14, 8}, {"F6_E2M3", 15, 6}, {"F6_E3M2", 16, 6},
      {"F4", 17, 4},      {"C64", 5, 64},
  };
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); ++i)
    if (strcmp(t->dtype, types[i].name) == 0) {
      t->dtype = types[i].name;
      t->code = types[i].code;
      t->bits = types[i].bits;
      return 1;
    }
  return 0;
}

static int push_extent(reader *r, int64_t value) {
  attune_st_extents *x = &r->set->extents;
  if (x->used == x->capacity) {
    size_t capacity = x->capacity ? x->capacity * 2 : 64;
    int64_t *values = realloc(x->values, capacity * sizeof(int64_t));
    if (!values)
      return 0;
    x->values = values;
    x->capacity = capacity;
  }
  x->values[x->used++] = value;
  return 1;
}

static attune_st_tensor *push_tensor(reader *r) {
  attune_safetensors *s = r->set;
  if (s->num_tensors == s->capacity) {
    size_t capacity = s->capacity ? s->capacity * 2 : 64;
    void *tensors = realloc(s->tensors, capacity * sizeof(attune_st_tensor));
    if (tensors)
      s->tensors = tensors;
    void *first = realloc(s->first_extent, capacity * sizeof(size_t));
    if (first)
      s->first_extent = first;
    if (!tensors || !first)
      return NULL;
    s->capacity = capacity;
  }
  s->first_extent[s->num_tensors] = s->extents.used;
  attune_st_tensor *t = &s->tensors[s->num_tensors++];
  memset(t, 0, sizeof(*t));
  t->file = r->index;
  return t;
}

/* "[" integers "]" */
static int read_shape(reader *r, attune_st_tensor *t) {
  attune_json *j = &r->json;
  if (!attune_json_expect(j, '[', "expected a list of extents"))
    return fail_json(r);
  if (attune_json_take(j, ']'))
    return ATTUNE_OK;
  do {
    int64_t extent;
    if (!attune_json_integer(j, &extent))
      return fail_json(r);
    if (!push_extent(r, extent))
      return fail_memory(r);
    ++t->rank;
  } while (attune_json_take(j, ','));
  return attune_json_expect(j, ']', "expected `,` or `]`") ? ATTUNE_OK
                                                           : fail_json(r);
}

static int read_offsets(reader *r, int64_t *begin, int64_t *end) {
  attune_json *j = &r->json;
  return attune_json_expect(j, '[', "expected `[begin, end]`") &&
                 attune_json_integer(j, begin) &&
                 attune_json_expect(j, ',', "expected `[begin, end]`") &&
                 attune_json_integer(j, end) &&
                 attune_json_expect(j, ']', "expected `[begin, end]`")
             ? ATTUNE_OK
             : fail_json(r);
}

/* The size that the type and the shape ask for. */
static int check_size(reader *r, const attune_st_tensor *t) {
  int64_t bits;
  if (!attune_count(t->rank,
                    r->set->extents.values + r->set->extents.used - t->rank,
                    &bits) ||
      !attune_multiply(bits, t->bits, &bits))
    return fail_tensor(r, t->name, "has a shape whose size overflows 64 bits");
  if (bits % 8 != 0)
    return fail_tensor(r, t->name, "does not fill whole bytes");
  if (bits / 8 == t->bytes)
    return ATTUNE_OK;
  char path[ATTUNE_TEXT], text[ATTUNE_TEXT];
  return attune_fail(r->error, ATTUNE_E_FILE,
                     "`%s`: tensor `%s` has %lld bytes of data, but its type "
                     "and shape need %lld",
                     attune_name_text(path, r->file->path),
                     attune_name_text(text, t->name), (long long)t->bytes,
                     (long long)(bits / 8));
}

/* {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]} */
static int read_tensor(reader *r, const char *name) {
  attune_json *j = &r->json;
  attune_st_tensor *t = push_tensor(r);
  if (!t)
    return fail_memory(r);
  t->name = name;
  if (!attune_json_expect(j, '{', "expected a tensor's description"))
    return fail_json(r);
  int has_dtype = 0, has_shape = 0, has_offsets = 0;
  int64_t begin = 0, end = 0, length;
  do {
    const char *key = read_string(r, &length);
    if (!key || !attune_json_expect(j, ':', "expected `:`"))
      return fail_json(r);
    int *seen = strcmp(key, "dtype") == 0          ? &has_dtype
                : strcmp(key, "shape") == 0        ? &has_shape
                : strcmp(key, "data_offsets") == 0 ? &has_offsets
                                                   : NULL;
    if (!seen)
      return fail_tensor(r, name,
                         "has a key other than dtype, shape, data_offsets");
    if (*seen)
      return fail_tensor(r, name, "has a key twice");
    *seen = 1;
    int code = ATTUNE_OK;
    if (seen == &has_shape) {
      code = read_shape(r, t);
    } else if (seen == &has_offsets) {
      code = read_offsets(r, &begin, &end);
    } else {
      t->dtype = read_string(r, &length);
      if (!t->dtype)
        return fail_json(r);
    }
    if (code)
      return code;
  } while (attune_json_take(j, ','));
  if (!attune_json_expect(j, '}', "expected `,` or `}`"))
    return fail_json(r);
  if (!has_dtype || !has_shape || !has_offsets)
    return fail_tensor(r, name, "lacks dtype, shape or data_offsets");
  if (!find_dtype(t)) {
    char text[64];
    snprintf(text, sizeof(text), "has the unknown dtype `%.24s`", t->dtype);
    return fail_tensor(r, name, text);
  }
  if (end < begin)
    return fail_tensor(r, name, "ends before it begins");
  t->offset = begin;
  t->bytes = end - begin;
  return check_size(r, t);
}

/* String to string; duplicates are refused by sorting the keys. */
static int compare_strings(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_metadata(reader *r) {
  attune_json *j = &r->json;
  if (!attune_json_expect(j, '{', "`__metadata__` must be an object"))
    return fail_json(r);
  if (attune_json_take(j, '}'))
    return ATTUNE_OK;
  const char **keys = NULL;
  size_t count = 0, capacity = 0;
  int code = ATTUNE_OK;
  do {
    int64_t length;
    const char *key = read_string(r, &length);
    if (!key || !attune_json_expect(j, ':', "expected `:`") ||
        !read_string(r, &length)) {
      code = fail_json(r);
      break;
    }
    if (count == capacity) {
      capacity = capacity ? capacity * 2 : 16;
      const char **grown = realloc(keys, capacity * sizeof(*keys));
      if (!grown) {
        code = fail_memory(r);
        break;
      }
      keys = grown;
    }
    keys[count++] = key;
  } while (attune_json_take(j, ','));
  if (!code && !attune_json_expect(j, '}', "expected `,` or `}`"))
    code = fail_json(r);
  if (!code) {
    qsort(keys, count, sizeof(*keys), compare_strings);
    for (size_t i = 1; i < count && !code; ++i)
      if (strcmp(keys[i - 1], keys[i]) == 0)
        code = fail(r, "`__metadata__` has a key twice");
  }
  free(keys);
  return code;
}

static int read_entries(reader *r) {
  attune_json *j = &r->json;
  int has_metadata = 0;
  if (!attune_json_expect(j, '{', "expected `{`"))
    return fail_json(r);
  if (!attune_json_take(j, '}')) {
    do {
      int64_t length;
      const char *name = read_string(r, &length);
      if (!name || !attune_json_expect(j, ':', "expected `:`"))
        return fail_json(r);
      int code;
      if (strcmp(name, "__metadata__") != 0)
        code = read_tensor(r, name);
      else if (has_metadata)
        code = fail(r, "`__metadata__` occurs twice");
      else
        code = read_metadata(r), has_metadata = 1;
      if (code)
        return code;
    } while (attune_json_take(j, ','));
    if (!attune_json_expect(j, '}', "expected `,` or `}`"))
      return fail_json(r);
  }
  if (!attune_json_at_end(j))
    return attune_json_fail(j, "text after the header's `}`"), fail_json(r);
  return ATTUNE_OK;
}

static int compare_places(const void *a, const void *b) {
  const attune_st_tensor *x = *(const attune_st_tensor *const *)a;
  const attune_st_tensor *y = *(const attune_st_tensor *const *)b;
  if (x->offset != y->offset)
    return x->offset < y->offset ? -1 : 1;
  return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

/* The data must be covered exactly once; makes offsets absolute. */
static int check_places(reader *r, size_t first, int64_t data) {
  size_t count = r->set->num_tensors - first;
  const attune_st_tensor **order = malloc((count + 1) * sizeof(*order));
  if (!order)
    return fail_memory(r);
  for (size_t i = 0; i < count; ++i)
    order[i] = &r->set->tensors[first + i];
  qsort(order, count, sizeof(*order), compare_places);
  int64_t at = 0, size = r->file->size - data;
  int code = ATTUNE_OK;
  for (size_t i = 0; i < count && !code; ++i) {
    const attune_st_tensor *t = order[i];
    if (t->offset > size || t->bytes > size - t->offset)
      code = fail_tensor(r, t->name,
                         "ends past the end of the file: the file is "
                         "truncated or not a safetensors file");
    else if (t->offset < at)
      code = fail_tensor(r, t->name,
                         strcmp(t->name, order[i - 1]->name) == 0
                             ? "occurs twice"
                             : "overlaps the data of another tensor");
    else if (t->offset > at)
      code = fail_tensor(r, t->name, "leaves a hole in the data before it");
    if (!code)
      at = t->offset + t->bytes;
  }
  if (!code && at != size)
    code = fail(r, "bytes trail after the data of the last tensor");
  free(order);
  /* Offsets of a refused file may be too large to add to. */
  for (size_t i = 0; i < count && !code; ++i)
    r->set->tensors[first + i].offset += data;
  return code;
}

/* A file that cannot be safetensors: say what it is, if that shows. */
static int fail_kind(reader *r, const char *otherwise) {
  char start[64], message[200];
  size_t bytes = r->file->size < (int64_t)sizeof(start) ? (size_t)r->file->size
                                                        : sizeof(start);
  int code = read_bytes(r, 0, start, bytes);
  if (code)
    return code;
  const char *kind = attune_file_kind(start, bytes);
  if (!kind)
    return fail(r, otherwise);
  strcpy(message, "not a safetensors file but ");
  return fail(r, strncat(message, kind, sizeof(message) - 40));
}

int attune_st_read_header(attune_safetensors *s, int32_t index,
                          attune_error *e) {
  reader r = {.set = s, .file = &s->files[index], .index = index, .error = e};
  unsigned char size[9];
  if (r.file->size < 10)
    return fail_kind(&r, "too short for a safetensors file");
  int code = read_bytes(&r, 0, size, 9);
  if (code)
    return code;
  uint64_t header = 0;
  for (int i = 8; i-- > 0;)
    header = header << 8 | size[i];
  if (header > MAX_HEADER)
    return fail_kind(&r, "the header is larger than 100,000,000 bytes: not a "
                         "safetensors file");
  if (header > (uint64_t)r.file->size - 8)
    return fail_kind(&r, "the header ends past the end of the file: the file "
                         "is truncated or not a safetensors file");
  char *text = malloc(header + 1);
  r.file->names = malloc(header + 1);
  size_t first = s->num_tensors;
  if (!text || !r.file->names)
    code = fail_memory(&r);
  else
    code = read_bytes(&r, 8, text, header);
  if (!code) {
    r.names_end = r.file->names;
    attune_json_start(&r.json, text, header);
    if (!attune_json_take(&r.json, '{')) {
      code = fail_kind(&r, "the header does not begin with `{`: not a "
                           "safetensors file");
    } else {
      attune_json_start(&r.json, text, header);
      code = read_entries(&r);
    }
  }
  free(text);
  return code ? code : check_places(&r, first, 8 + (int64_t)header);
}
