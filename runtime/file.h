/* Regular files that somebody else wrote. */
#ifndef ATTUNE_RUNTIME_FILE_H
#define ATTUNE_RUNTIME_FILE_H

#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A file opened for reading, and its size at that moment. Read with pread and
 * never mapped: a file cut short by another process gives an error, not a
 * SIGBUS. */
typedef struct {
  int fd; /* -1: not open */
  int64_t size;
} attune_file;

/* Opens a regular file. Directories, pipes, missing and unreadable files give
 * ATTUNE_E_FILE; `what` says what was wanted ("a safetensors file"). */
int attune_file_open(const char *path, const char *what, attune_file *file,
                     attune_error *e);
/* The same for `name` in the directory `directory_fd`; refuses symbolic links.
 */
int attune_file_open_in(int directory_fd, const char *name, const char *what,
                        attune_file *file, attune_error *e);
void attune_file_close(attune_file *file);

/* Reads exactly `bytes` bytes at `offset`. */
int attune_file_read(const attune_file *file, const char *path, int64_t offset,
                     void *buffer, size_t bytes, attune_error *e);

/* What the first bytes of a file of the wrong kind say it is, with advice: "a
 * Git LFS pointer: run `git lfs pull`". NULL: no known kind. */
const char *attune_file_kind(const void *start, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
