#include "runtime/safetensors_impl.h"

#include <stdlib.h>
#include <string.h>

/* An index lists each tensor with its file: some 100 bytes a tensor. */
enum { MAX_INDEX = 100000000 };

char *attune_st_copy(const char *text) {
  size_t bytes = strlen(text) + 1;
  char *copy = malloc(bytes);
  return copy ? memcpy(copy, text, bytes) : NULL;
}

static int no_memory(attune_error *e) {
  return attune_fail(e, ATTUNE_E_NOMEM, "no memory to open a weights file");
}

static int compare_names(const void *a, const void *b) {
  return strcmp(((const attune_st_tensor *)a)->name,
                ((const attune_st_tensor *)b)->name);
}

int attune_st_complete(attune_safetensors *s, attune_error *e) {
  /* The extents do not move any more. */
  for (size_t i = 0; i < s->num_tensors; ++i)
    s->tensors[i].shape = s->extents.values + s->first_extent[i];
  free(s->first_extent);
  s->first_extent = NULL;
  if (s->num_tensors > 1)
    qsort(s->tensors, s->num_tensors, sizeof(*s->tensors), compare_names);
  for (size_t i = 1; i < s->num_tensors; ++i)
    if (compare_names(&s->tensors[i - 1], &s->tensors[i]) == 0) {
      char path[ATTUNE_TEXT], name[ATTUNE_TEXT];
      return attune_fail(
          e, ATTUNE_E_FILE, "`%s`: tensor `%s` occurs twice",
          attune_name_text(path, s->files[s->tensors[i].file].path),
          attune_name_text(name, s->tensors[i].name));
    }
  return ATTUNE_OK;
}

/* A set with one file, whose size the caller fills in. */
static attune_safetensors *make_single(const char *path) {
  attune_safetensors *s = calloc(1, sizeof(*s));
  if (!s)
    return NULL;
  s->files = calloc(1, sizeof(*s->files));
  if (s->files) {
    s->num_files = 1;
    s->files[0].file.fd = -1;
    s->files[0].path = attune_st_copy(path);
  }
  if (s->files && s->files[0].path)
    return s;
  attune_st_close(s);
  return NULL;
}

/* Hands the set to the caller, or takes it down. */
static int finish(attune_safetensors *s, int code, attune_safetensors **out,
                  attune_error *e) {
  if (!code)
    code = attune_st_complete(s, e);
  if (code) {
    attune_st_close(s);
    return code;
  }
  *out = s;
  return attune_succeed(e);
}

static int open_index(const char *path, attune_safetensors **out,
                      attune_error *e) {
  attune_file file;
  int code =
      attune_file_open(path, "a .safetensors file or an index", &file, e);
  if (code)
    return code;
  if (file.size > MAX_INDEX) {
    attune_file_close(&file);
    return attune_fail(e, ATTUNE_E_FILE,
                       "`%.100s`: the index is larger than 100,000,000 bytes",
                       path);
  }
  attune_safetensors *s = calloc(1, sizeof(*s));
  char *text = malloc((size_t)file.size);
  if (!s || !text)
    code = no_memory(e);
  else
    code = attune_file_read(&file, path, 0, text, (size_t)file.size, e);
  attune_file_close(&file);
  if (!code)
    code = attune_st_read_index(s, path, text, (size_t)file.size, e);
  free(text);
  return finish(s, code, out, e);
}

int attune_st_open(const char *path, attune_safetensors **out,
                   attune_error *e) {
  *out = NULL;
  size_t length = strlen(path);
  if (length >= 5 && strcmp(path + length - 5, ".json") == 0)
    return open_index(path, out, e);
  attune_safetensors *s = make_single(path);
  if (!s)
    return no_memory(e);
  attune_st_file *file = &s->files[0];
  int code = attune_file_open(path, "a .safetensors file", &file->file, e);
  if (code) {
    attune_st_close(s);
    return code;
  }
  file->size = file->file.size;
  return finish(s, attune_st_read_header(s, 0, e), out, e);
}

int attune_st_open_memory(const void *bytes, size_t size, const char *path,
                          attune_safetensors **out, attune_error *e) {
  *out = NULL;
  attune_safetensors *s = make_single(path);
  if (!s)
    return no_memory(e);
  s->files[0].memory = bytes;
  s->files[0].size = (int64_t)size;
  return finish(s, attune_st_read_header(s, 0, e), out, e);
}

void attune_st_close(attune_safetensors *s) {
  if (!s)
    return;
  for (int32_t i = 0; i < s->num_files; ++i) {
    attune_file_close(&s->files[i].file);
    free(s->files[i].path);
    free(s->files[i].names);
  }
  free(s->files);
  free(s->tensors);
  free(s->first_extent);
  free(s->extents.values);
  free(s);
}

size_t attune_st_count(const attune_safetensors *s) { return s->num_tensors; }

const attune_st_tensor *attune_st_at(const attune_safetensors *s,
                                     size_t index) {
  return &s->tensors[index];
}

const attune_st_tensor *attune_st_find(const attune_safetensors *s,
                                       const char *name) {
  attune_st_tensor key = {.name = name};
  if (s->num_tensors == 0)
    return NULL;
  return bsearch(&key, s->tensors, s->num_tensors, sizeof(*s->tensors),
                 compare_names);
}

/* Whether `longer` is a prefix that ends in a dot, then `shorter`. */
static int extends(const char *longer, size_t n, const char *shorter,
                   size_t k) {
  return n > k + 1 && longer[n - k - 1] == '.' &&
         memcmp(longer + n - k, shorter, k) == 0;
}

const attune_st_tensor *attune_st_near(const attune_safetensors *s,
                                       const char *name, int32_t rank,
                                       const int64_t *shape) {
  const attune_st_tensor *best = NULL;
  size_t wanted = strlen(name), best_length = 0;
  for (size_t i = 0; i < s->num_tensors; ++i) {
    const attune_st_tensor *t = &s->tensors[i];
    if (t->rank != rank ||
        (rank && memcmp(t->shape, shape, (size_t)rank * sizeof(*shape)) != 0))
      continue;
    size_t length = strlen(t->name);
    if (!extends(t->name, length, name, wanted) &&
        !extends(name, wanted, t->name, length))
      continue;
    /* Longer names first: a missing prefix is the usual mistake. */
    int is_longer = length > wanted, best_longer = best_length > wanted;
    if (!best || is_longer > best_longer ||
        (is_longer == best_longer && length < best_length)) {
      best = t;
      best_length = length;
    }
  }
  return best;
}

int attune_st_read(const attune_safetensors *s, const attune_st_tensor *t,
                   int64_t begin, void *to, size_t bytes, attune_error *e) {
  const attune_st_file *file = &s->files[t->file];
  if (begin < 0 || begin > t->bytes || bytes > (uint64_t)(t->bytes - begin))
    return attune_fail(e, ATTUNE_E_FILE, "a read past the end of `%.100s`",
                       t->name);
  if (bytes == 0)
    return ATTUNE_OK;
  if (file->memory) {
    memcpy(to, file->memory + t->offset + begin, bytes);
    return ATTUNE_OK;
  }
  return attune_file_read(&file->file, file->path, t->offset + begin, to, bytes,
                          e);
}
