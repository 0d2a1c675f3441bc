/* A strict reader of safetensors files and of sharded checkpoints
 * (model.safetensors.index.json). The headers are checked completely when the
 * file is opened; data is read on demand. */
#ifndef ATTUNE_RUNTIME_SAFETENSORS_H
#define ATTUNE_RUNTIME_SAFETENSORS_H

#include "runtime/file.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *name;   /* UTF-8 without NUL; valid until close */
  const char *dtype;  /* as in the file: "F32", "BF16" */
  uint8_t code, bits; /* DLPack; bits < 8 for packed types */
  int32_t rank;
  const int64_t *shape;
  int64_t offset, bytes; /* within file `file` of the set */
  int32_t file;
} attune_st_tensor;

typedef struct attune_safetensors attune_safetensors;

/* Opens a .safetensors file, or the index of a sharded checkpoint if the path
 * ends in ".json". Every mistake is ATTUNE_E_FILE with its own message. */
int attune_st_open(const char *path, attune_safetensors **out, attune_error *e);

/* The same for a file's bytes in memory, which must outlive the result. `path`
 * is for messages only. */
int attune_st_open_memory(const void *bytes, size_t size, const char *path,
                          attune_safetensors **out, attune_error *e);

void attune_st_close(attune_safetensors *file);

/* Tensors in the order of their names (bytewise). */
size_t attune_st_count(const attune_safetensors *file);
const attune_st_tensor *attune_st_at(const attune_safetensors *file,
                                     size_t index);

/* The tensor of that name, or NULL. */
const attune_st_tensor *attune_st_find(const attune_safetensors *file,
                                       const char *name);

/* A tensor of that shape that `name` may mean: its name ends in ".name", or
 * `name` ends in "." and its name. Prefers the first kind, then the shortest.
 * NULL: none. */
const attune_st_tensor *attune_st_near(const attune_safetensors *file,
                                       const char *name, int32_t rank,
                                       const int64_t *shape);

/* Copies bytes [begin, begin + bytes) of the tensor's data. Alignment is never
 * assumed. May be called from several threads. */
int attune_st_read(const attune_safetensors *file, const attune_st_tensor *t,
                   int64_t begin, void *to, size_t bytes, attune_error *e);

#ifdef __cplusplus
}
#endif
#endif
