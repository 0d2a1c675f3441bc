/* Inside the safetensors reader: one file's header, and sets of files. */
#ifndef ATTUNE_RUNTIME_SAFETENSORS_IMPL_H
#define ATTUNE_RUNTIME_SAFETENSORS_IMPL_H

#include "runtime/json.h"
#include "runtime/safetensors.h"

/* One file of a set: on disk, or in memory when `memory` is not NULL. */
typedef struct {
  attune_file file;
  const char *memory;
  int64_t size;
  char *path;
  char *names; /* all strings of the header, decoded */
} attune_st_file;

/* Extents of all shapes, one after the other. */
typedef struct {
  int64_t *values;
  size_t used, capacity;
} attune_st_extents;

struct attune_safetensors {
  attune_st_file *files;
  int32_t num_files;
  attune_st_tensor *tensors; /* sorted by name once complete */
  size_t num_tensors, capacity;
  /* While headers are read, shapes are positions in here. */
  attune_st_extents extents;
  size_t *first_extent; /* of each tensor, same capacity as tensors */
};

/* Reads and checks the header of files[index], appends its tensors. */
int attune_st_read_header(attune_safetensors *s, int32_t index,
                          attune_error *e);

/* Sorts the tensors, refuses names that occur twice, resolves the shapes. */
int attune_st_complete(attune_safetensors *s, attune_error *e);

/* Opens the shards that the index lists and reads their headers. `text` is the
 * index; its directory is that of `path`. */
int attune_st_read_index(attune_safetensors *s, const char *path,
                         const char *text, size_t bytes, attune_error *e);

/* A copy of a string, NULL without memory. */
char *attune_st_copy(const char *text);

#endif
