/* Reader and writer of .npy files, versions 1 to 3. Nothing is evaluated: the
 * header's Python literal is read by a small parser. */
#ifndef ATTUNE_RUNTIME_NPY_H
#define ATTUNE_RUNTIME_NPY_H

#include "runtime/abi.h"
#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the header says. Types: f16, f32, f64, i8, i16, i32, i64, u8, u16 and
 * bool, little-endian. */
typedef struct {
  uint8_t code, bits; /* DLPack */
  int32_t rank;       /* at most ATTUNE_MAX_RANK */
  int64_t shape[ATTUNE_MAX_RANK];
  int fortran;        /* the data is in Fortran order */
  size_t data_offset; /* where the data starts */
  size_t bytes;       /* of the data */
} attune_npy_header;

/* Reads the header in the first `available` bytes of a file that is `size`
 * bytes long, and checks that exactly the data follows. 10,012 bytes are always
 * enough. `path` is for messages. */
int attune_npy_parse(const void *start, size_t available, uint64_t size,
                     const char *path, attune_npy_header *header,
                     attune_error *e);

/* Reads a file. *data: the elements in C order, to be freed with free(); never
 * NULL on success. The header's `fortran` keeps saying how the file was laid
 * out. */
int attune_npy_read(const char *path, attune_npy_header *header, void **data,
                    attune_error *e);

/* Writes C-ordered elements as version 1.0. An existing file is replaced. */
int attune_npy_write(const char *path, uint8_t code, uint8_t bits, int32_t rank,
                     const int64_t *shape, const void *data, attune_error *e);

#ifdef __cplusplus
}
#endif
#endif
