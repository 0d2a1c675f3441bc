#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "runtime/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* strerror_r of the XSI or the GNU kind, whichever this libc has. */
static const char *describe(int number) {
  switch (number) {
  case ENOENT:
    return "no such file";
  case ENOTDIR:
    return "a part of the path is not a folder";
  case EACCES:
  case EPERM:
    return "permission denied";
  case ENAMETOOLONG:
    return "the path is too long";
  case ELOOP:
    return "it is a symbolic link, or too many of them";
  case EMFILE:
  case ENFILE:
    return "too many open files";
  case EIO:
    return "input/output error";
  default:
    return NULL;
  }
}

static int fail_errno(attune_error *e, const char *path, const char *verb,
                      int number) {
  char text[ATTUNE_TEXT];
  const char *reason = describe(number);
  path = attune_name_text(text, path);
  return reason ? attune_fail(e, ATTUNE_E_FILE, "cannot %s `%s`: %s", verb,
                              path, reason)
                : attune_fail(e, ATTUNE_E_FILE, "cannot %s `%s`: error %d",
                              verb, path, number);
}

static int open_at(int directory_fd, const char *path, int flags,
                   const char *what, attune_file *file, attune_error *e) {
  char text[ATTUNE_TEXT];
  file->fd = -1;
  file->size = 0;
  /* O_NONBLOCK: opening a named pipe must not wait for its writer. */
  int fd =
      openat(directory_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
  if (fd < 0)
    return fail_errno(e, path, "open", errno);
  struct stat status;
  if (fstat(fd, &status) != 0) {
    int number = errno;
    close(fd);
    return fail_errno(e, path, "read", number);
  }
  if (!S_ISREG(status.st_mode)) {
    close(fd);
    path = attune_name_text(text, path);
    if (S_ISDIR(status.st_mode))
      return attune_fail(e, ATTUNE_E_FILE,
                         "`%s` is a folder: give the path of %s", path, what);
    return attune_fail(e, ATTUNE_E_FILE,
                       "`%s` is not a regular file: give the path of %s", path,
                       what);
  }
  if (status.st_size == 0) {
    close(fd);
    return attune_fail(e, ATTUNE_E_FILE, "`%s` is empty: expected %s",
                       attune_name_text(text, path), what);
  }
  file->fd = fd;
  file->size = status.st_size;
  return ATTUNE_OK;
}

int attune_file_open(const char *path, const char *what, attune_file *file,
                     attune_error *e) {
  return open_at(AT_FDCWD, path, 0, what, file, e);
}

int attune_file_open_in(int directory_fd, const char *name, const char *what,
                        attune_file *file, attune_error *e) {
  return open_at(directory_fd, name, O_NOFOLLOW, what, file, e);
}

void attune_file_close(attune_file *file) {
  if (file->fd >= 0)
    close(file->fd);
  file->fd = -1;
}

int attune_file_read(const attune_file *file, const char *path, int64_t offset,
                     void *buffer, size_t bytes, attune_error *e) {
  char *to = buffer;
  while (bytes > 0) {
    /* Linux moves at most 2 GiB in one call. */
    size_t step = bytes < ((size_t)1 << 30) ? bytes : (size_t)1 << 30;
    ssize_t got = pread(file->fd, to, step, (off_t)offset);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return fail_errno(e, path, "read", errno);
    if (got == 0) {
      char text[ATTUNE_TEXT];
      return attune_fail(e, ATTUNE_E_FILE,
                         "`%s` became shorter while it was read",
                         attune_name_text(text, path));
    }
    to += got;
    offset += got;
    bytes -= (size_t)got;
  }
  return ATTUNE_OK;
}

static int starts_with(const void *start, size_t bytes, const char *magic,
                       size_t length) {
  return bytes >= length && memcmp(start, magic, length) == 0;
}

/* Letters compare without case; `text` is lower case. */
static int starts_with_text(const char *start, size_t bytes, const char *text) {
  for (; *text; ++text, ++start, --bytes) {
    if (bytes == 0)
      return 0;
    char c = *start >= 'A' && *start <= 'Z' ? (char)(*start + 32) : *start;
    if (c != *text)
      return 0;
  }
  return 1;
}

const char *attune_file_kind(const void *start, size_t bytes) {
  static const struct {
    const char *magic;
    size_t length;
    const char *kind;
  } kinds[] = {
      {"version https://git-lfs", 23,
       "a Git LFS pointer, not the file itself: run `git lfs pull`"},
      {"PK\3\4", 4,
       "a zip archive (PyTorch .pt or .npz): save its tensors with "
       "safetensors.torch.save_file"},
      {"PK\5\6", 4, "an empty zip archive"},
      {"GGUF", 4, "a GGUF file: convert it to safetensors"},
      {"\x93NUMPY", 6, "a .npy array"},
      {"\x89HDF\r\n", 6, "an HDF5 file: save its tensors with safetensors"},
      {"\x7f"
       "ELF",
       4, "an executable or a shared library"},
      {"\x1f\x8b", 2, "a gzip file: decompress it"},
  };
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); ++i)
    if (starts_with(start, bytes, kinds[i].magic, kinds[i].length))
      return kinds[i].kind;
  const unsigned char *u = start;
  /* PROTO of protocols 2 to 5. */
  if (bytes >= 2 && u[0] == 0x80 && u[1] >= 2 && u[1] <= 5)
    return "a pickle (an old PyTorch checkpoint): save its tensors with "
           "safetensors.torch.save_file";
  const char *s = start;
  while (bytes > 0 && (*s == ' ' || *s == '\n' || *s == '\r' || *s == '\t')) {
    ++s;
    --bytes;
  }
  if (starts_with_text(s, bytes, "<!doctype html") ||
      starts_with_text(s, bytes, "<html") ||
      starts_with_text(s, bytes, "<?xml"))
    return "an HTML page: the download got a web page instead of the file";
  if (bytes > 0 && *s == '{')
    return "JSON text";
  return NULL;
}
