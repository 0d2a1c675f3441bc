/* The header of .npy: magic, version, length, then a Python dict literal such
 * as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } */
#include "runtime/file.h"
#include "runtime/npy.h"

#include <string.h>

enum { MAX_HEADER = 10000 };

typedef struct {
  const char *at, *end, *path;
  attune_npy_header *header;
  attune_error *error;
} reader;

static int fail(reader *r, const char *message) {
  char path[ATTUNE_TEXT];
  attune_fail(r->error, ATTUNE_E_FILE, "`%s`: %s",
              attune_name_text(path, r->path), message);
  return 0;
}

static int take(reader *r, char c) {
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' ||
                            *r->at == '\r' || *r->at == '\f'))
    ++r->at;
  if (r->at == r->end || *r->at != c)
    return 0;
  ++r->at;
  return 1;
}

/* A quoted string without escapes. */
static int read_string(reader *r, const char **text, size_t *length) {
  char quote = take(r, '\'') ? '\'' : take(r, '"') ? '"' : 0;
  if (!quote)
    return fail(r, "the .npy header is malformed: expected a string");
  const char *close = memchr(r->at, quote, (size_t)(r->end - r->at));
  if (!close)
    return fail(r, "the .npy header is malformed: a string has no end");
  *text = r->at;
  *length = (size_t)(close - r->at);
  r->at = close + 1;
  if (memchr(*text, '\\', *length))
    return fail(r, "the .npy header is malformed: an escape in a string");
  return 1;
}

static int equals(const char *text, size_t length, const char *expected) {
  return strlen(expected) == length && memcmp(text, expected, length) == 0;
}

static int read_descr(reader *r) {
  static const struct {
    const char *descr;
    uint8_t code, bits;
  } types[] = {
      {"<f4", 2, 32}, {"<f2", 2, 16}, {"<f8", 2, 64}, {"<i4", 0, 32},
      {"<i8", 0, 64}, {"|b1", 6, 8},  {"|i1", 0, 8},  {"|u1", 1, 8},
      {"<i2", 0, 16}, {"<u2", 1, 16},
  };
  if (take(r, '['))
    return fail(r, "structured arrays are not supported: save one plain array");
  const char *text;
  size_t length;
  if (!read_string(r, &text, &length))
    return 0;
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); ++i)
    if (equals(text, length, types[i].descr)) {
      r->header->code = types[i].code;
      r->header->bits = types[i].bits;
      return 1;
    }
  if (length && *text == '>')
    return fail(r, "big-endian arrays are not supported: save with "
                   "a.astype(a.dtype.newbyteorder('<'))");
  if (length > 1 && text[1] == 'O')
    return fail(r, "arrays of Python objects (pickles) are not supported");
  char path[ATTUNE_TEXT];
  attune_fail(r->error, ATTUNE_E_FILE,
              "`%s`: elements of type `%.*s` are not supported: use f2, f4, "
              "f8, i1, i2, i4, i8, u1, u2 or b1",
              attune_name_text(path, r->path), (int)(length < 30 ? length : 30),
              text);
  return 0;
}

static int read_bool(reader *r, int *value) {
  take(r, ' ');
  size_t left = (size_t)(r->end - r->at);
  if (left >= 4 && memcmp(r->at, "True", 4) == 0) {
    *value = 1;
    r->at += 4;
    return 1;
  }
  if (left >= 5 && memcmp(r->at, "False", 5) == 0) {
    *value = 0;
    r->at += 5;
    return 1;
  }
  return fail(r, "the .npy header is malformed: fortran_order must be True or "
                 "False");
}

static int read_shape(reader *r) {
  if (!take(r, '('))
    return fail(r, "the .npy header is malformed: expected a shape");
  while (!take(r, ')')) {
    attune_npy_header *h = r->header;
    if (h->rank == ATTUNE_MAX_RANK)
      return fail(r, "the array has more than 8 dimensions");
    if (r->at == r->end || *r->at < '0' || *r->at > '9')
      return fail(r, "the .npy header is malformed: an extent must be a "
                     "non-negative integer");
    int64_t extent = 0;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; ++r->at)
      if (__builtin_mul_overflow(extent, (int64_t)10, &extent) ||
          __builtin_add_overflow(extent, (int64_t)(*r->at - '0'), &extent))
        return fail(r, "an extent of the shape does not fit 64 bits");
    take(r, 'L'); /* as Python 2 wrote it */
    h->shape[h->rank++] = extent;
    if (take(r, ','))
      continue;
    /* (3) is a number in Python, not a shape. */
    if (h->rank == 1 || !take(r, ')'))
      return fail(r, "the .npy header is malformed: expected `,` in the shape");
    break;
  }
  return 1;
}

static int read_dict(reader *r) {
  if (!take(r, '{'))
    return fail(r, "the .npy header is malformed: expected `{`");
  int descr = 0, fortran = 0, shape = 0;
  while (!take(r, '}')) {
    const char *key;
    size_t length;
    if (!read_string(r, &key, &length))
      return 0;
    int *seen = equals(key, length, "descr")           ? &descr
                : equals(key, length, "fortran_order") ? &fortran
                : equals(key, length, "shape")         ? &shape
                                                       : NULL;
    if (!seen || *seen)
      return fail(r, seen ? "the .npy header has a key twice"
                          : "the .npy header has an unknown key");
    *seen = 1;
    if (!take(r, ':'))
      return fail(r, "the .npy header is malformed: expected `:`");
    if (!(seen == &descr     ? read_descr(r)
          : seen == &fortran ? read_bool(r, &r->header->fortran)
                             : read_shape(r)))
      return 0;
    if (take(r, ','))
      continue;
    if (!take(r, '}'))
      return fail(r, "the .npy header is malformed: expected `,` or `}`");
    break;
  }
  take(r, '\n');
  if (r->at != r->end)
    return fail(r, "the .npy header is malformed: text after `}`");
  return (descr && fortran && shape) ||
         fail(r, "the .npy header lacks descr, fortran_order or shape");
}

/* The data must fill the rest of the file. */
static int check_size(reader *r, uint64_t size) {
  attune_npy_header *h = r->header;
  int64_t bytes;
  if (!attune_count(h->rank, h->shape, &bytes) ||
      !attune_multiply(bytes, h->bits / 8, &bytes))
    return fail(r, "the size of the array overflows 64 bits");
  uint64_t given = size - h->data_offset;
  h->bytes = (size_t)bytes;
  if ((uint64_t)bytes == given)
    return 1;
  char path[ATTUNE_TEXT], shape[ATTUNE_TEXT];
  attune_fail(r->error, ATTUNE_E_FILE,
              "`%s`: %s: %llu bytes of data, but shape %s needs %llu",
              attune_name_text(path, r->path),
              given < (uint64_t)bytes ? "the file is truncated"
                                      : "bytes trail after the array",
              (unsigned long long)given,
              attune_shape_text(shape, h->rank, h->shape),
              (unsigned long long)bytes);
  return 0;
}

int attune_npy_parse(const void *start, size_t available, uint64_t size,
                     const char *path, attune_npy_header *header,
                     attune_error *e) {
  reader r = {.path = path, .header = header, .error = e};
  memset(header, 0, sizeof(*header));
  const unsigned char *u = start;
  if (available < 10 || memcmp(u, "\x93NUMPY", 6) != 0) {
    char text[ATTUNE_TEXT];
    const char *kind = attune_file_kind(start, available);
    return attune_fail(e, ATTUNE_E_FILE, "`%s`: not a .npy file%s%s",
                       attune_name_text(text, path), kind ? " but " : "",
                       kind ? kind : "");
  }
  if (u[6] < 1 || u[6] > 3 || u[7] != 0) {
    fail(&r, "an unknown version of .npy: 1.0, 2.0 and 3.0 are known");
    return ATTUNE_E_FILE;
  }
  size_t begin = u[6] == 1 ? 10 : 12;
  uint64_t length = u[8] | (uint64_t)u[9] << 8;
  if (begin == 12 && available >= 12)
    length |= (uint64_t)u[10] << 16 | (uint64_t)u[11] << 24;
  if (length > MAX_HEADER) {
    fail(&r, "the .npy header is longer than 10,000 bytes");
    return ATTUNE_E_FILE;
  }
  if (available < begin || length > available - begin) {
    fail(&r, "the file is truncated within its header");
    return ATTUNE_E_FILE;
  }
  r.at = (const char *)start + begin;
  r.end = r.at + length;
  header->data_offset = begin + (size_t)length;
  return read_dict(&r) && check_size(&r, size) ? attune_succeed(e)
                                               : ATTUNE_E_FILE;
}
