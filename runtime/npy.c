#include "runtime/npy.h"
#include "runtime/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_START = 10012 }; /* header and what precedes it */

/* Copies Fortran-ordered elements into C order. */
static void to_c_order(const attune_npy_header *h, const char *from, char *to) {
  size_t width = h->bits / 8;
  int64_t stride[ATTUNE_MAX_RANK], at[ATTUNE_MAX_RANK] = {0};
  int64_t total = 1;
  for (int32_t i = 0; i < h->rank; ++i) {
    stride[i] = total;
    total *= h->shape[i];
  }
  int64_t source = 0;
  for (int64_t n = 0; n < total; ++n) {
    memcpy(to + (size_t)n * width, from + (size_t)source * width, width);
    for (int32_t i = h->rank; i-- > 0;) {
      source += stride[i];
      if (++at[i] < h->shape[i])
        break;
      source -= stride[i] * h->shape[i];
      at[i] = 0;
    }
  }
}

int attune_npy_read(const char *path, attune_npy_header *header, void **data,
                    attune_error *e) {
  *data = NULL;
  attune_file file;
  int code = attune_file_open(path, "a .npy file", &file, e);
  if (code)
    return code;
  char start[MAX_START];
  size_t available = file.size < MAX_START ? (size_t)file.size : MAX_START;
  code = attune_file_read(&file, path, 0, start, available, e);
  if (!code)
    code = attune_npy_parse(start, available, (uint64_t)file.size, path, header,
                            e);
  char *elements = NULL, *ordered = NULL;
  if (!code) {
    int reorder = header->fortran && header->rank > 1 && header->bytes;
    elements = malloc(header->bytes + 1);
    if (reorder)
      ordered = malloc(header->bytes);
    if (!elements || (reorder && !ordered))
      code = attune_fail(e, ATTUNE_E_NOMEM,
                         "no memory for the %zu bytes of "
                         "`%.100s`",
                         header->bytes, path);
    else
      code = attune_file_read(&file, path, (int64_t)header->data_offset,
                              elements, header->bytes, e);
    if (!code && ordered) {
      to_c_order(header, elements, ordered);
      free(elements);
      elements = ordered;
      ordered = NULL;
    }
  }
  attune_file_close(&file);
  free(ordered);
  if (code) {
    free(elements);
    return code;
  }
  *data = elements;
  return attune_succeed(e);
}

static const char *find_descr(uint8_t code, uint8_t bits) {
  switch (code << 8 | bits) {
  case 2 << 8 | 16:
    return "<f2";
  case 2 << 8 | 32:
    return "<f4";
  case 2 << 8 | 64:
    return "<f8";
  case 0 << 8 | 8:
    return "|i1";
  case 0 << 8 | 16:
    return "<i2";
  case 0 << 8 | 32:
    return "<i4";
  case 0 << 8 | 64:
    return "<i8";
  case 1 << 8 | 8:
    return "|u1";
  case 1 << 8 | 16:
    return "<u2";
  case 6 << 8 | 8:
    return "|b1";
  default:
    return NULL;
  }
}

int attune_npy_write(const char *path, uint8_t code, uint8_t bits, int32_t rank,
                     const int64_t *shape, const void *data, attune_error *e) {
  char text[ATTUNE_TEXT], start[512];
  const char *descr = find_descr(code, bits);
  if (!descr)
    return attune_fail(e, ATTUNE_E_DTYPE,
                       "`%s`: .npy files do not hold elements of type %s here",
                       path, attune_type_text(text, code, bits));
  int64_t count;
  if (rank < 0 || rank > ATTUNE_MAX_RANK)
    return attune_fail(e, ATTUNE_E_RANK, "`%.100s`: rank %d is not in [0, 8]",
                       path, rank);
  for (int32_t i = 0; i < rank; ++i)
    if (shape[i] < 0)
      return attune_fail(e, ATTUNE_E_SHAPE, "`%.100s`: a negative extent",
                         path);
  if (!attune_count(rank, shape, &count) ||
      !attune_multiply(count, bits / 8, &count))
    return attune_fail(e, ATTUNE_E_OVERFLOW,
                       "`%.100s`: the size overflows 64 bits", path);
  /* 10 bytes, the dict, spaces, a line end: a multiple of 64. */
  size_t used = 10;
  used += (size_t)sprintf(start + used,
                          "{'descr': '%s', 'fortran_order': False, 'shape': (",
                          descr);
  for (int32_t i = 0; i < rank; ++i)
    used += (size_t)sprintf(start + used, "%s%lld%s", i ? ", " : "",
                            (long long)shape[i], rank == 1 ? "," : "");
  used += (size_t)sprintf(start + used, "), }");
  while ((used + 1) % 64 != 0)
    start[used++] = ' ';
  start[used++] = '\n';
  memcpy(start, "\x93NUMPY\x01\x00", 8);
  start[8] = (char)((used - 10) & 0xff);
  start[9] = (char)((used - 10) >> 8);
  FILE *file = fopen(path, "wb");
  if (!file)
    return attune_fail(e, ATTUNE_E_FILE, "cannot write `%s`: %s",
                       attune_name_text(text, path), strerror(errno));
  int written =
      fwrite(start, 1, used, file) == used &&
      (count == 0 || fwrite(data, 1, (size_t)count, file) == (size_t)count);
  if (fclose(file) != 0 || !written)
    return attune_fail(e, ATTUNE_E_FILE,
                       "cannot write all of `%s`: is the disk full?",
                       attune_name_text(text, path));
  return attune_succeed(e);
}
