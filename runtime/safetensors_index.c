/* model.safetensors.index.json: {"metadata": ..., "weight_map": {tensor: file
 * name}}. Shards are plain file names beside the index, never links. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "runtime/safetensors_impl.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One line of the weight map. */
typedef struct {
  const char *tensor, *file;
  int found;
} entry;

typedef struct {
  attune_safetensors *set;
  const char *path;
  attune_json json;
  char *strings, *strings_end;
  entry *entries;
  size_t count, capacity;
  attune_error *error;
} index_reader;

static int fail(index_reader *r, const char *what, const char *name) {
  char path[ATTUNE_TEXT], text[ATTUNE_TEXT];
  return attune_fail(r->error, ATTUNE_E_FILE, "`%s`: %s `%s`",
                     attune_name_text(path, r->path), what,
                     attune_name_text(text, name));
}

static int fail_json(index_reader *r) {
  char path[ATTUNE_TEXT];
  return attune_fail(r->error, ATTUNE_E_FILE,
                     "`%s`: the index is malformed at byte %llu: %s",
                     attune_name_text(path, r->path),
                     (unsigned long long)r->json.error_offset, r->json.error);
}

static int fail_memory(index_reader *r) {
  return attune_fail(r->error, ATTUNE_E_NOMEM,
                     "no memory for the index `%.100s`", r->path);
}

static const char *read_string(index_reader *r) {
  char *at = r->strings_end;
  int64_t length = attune_json_string(&r->json, at);
  if (length < 0)
    return NULL;
  r->strings_end = at + length + 1;
  return at;
}

static int read_map(index_reader *r) {
  attune_json *j = &r->json;
  if (!attune_json_expect(j, '{', "`weight_map` must be an object"))
    return fail_json(r);
  if (attune_json_take(j, '}'))
    return fail(r, "the index maps no tensor:", "weight_map");
  do {
    if (r->count == r->capacity) {
      r->capacity = r->capacity ? r->capacity * 2 : 64;
      entry *grown = realloc(r->entries, r->capacity * sizeof(*grown));
      if (!grown)
        return fail_memory(r);
      r->entries = grown;
    }
    entry *next = &r->entries[r->count];
    next->found = 0;
    next->tensor = read_string(r);
    if (!next->tensor || !attune_json_expect(j, ':', "expected `:`"))
      return fail_json(r);
    next->file = read_string(r);
    if (!next->file)
      return fail_json(r);
    ++r->count;
  } while (attune_json_take(j, ','));
  return attune_json_expect(j, '}', "expected `,` or `}`") ? ATTUNE_OK
                                                           : fail_json(r);
}

static int read_document(index_reader *r) {
  attune_json *j = &r->json;
  int has_map = 0;
  if (!attune_json_expect(j, '{', "expected `{`"))
    return fail_json(r);
  do {
    const char *key = read_string(r);
    if (!key || !attune_json_expect(j, ':', "expected `:`"))
      return fail_json(r);
    if (strcmp(key, "weight_map") != 0) {
      if (!attune_json_skip(j))
        return fail_json(r);
      continue;
    }
    if (has_map)
      return fail(r, "a key occurs twice:", key);
    has_map = 1;
    int code = read_map(r);
    if (code)
      return code;
  } while (attune_json_take(j, ','));
  if (!attune_json_expect(j, '}', "expected `,` or `}`"))
    return fail_json(r);
  if (!attune_json_at_end(j))
    return attune_json_fail(j, "text after the index's `}`"), fail_json(r);
  return has_map ? ATTUNE_OK : fail(r, "the index lacks", "weight_map");
}

static int compare_files(const void *a, const void *b) {
  return strcmp(((const entry *)a)->file, ((const entry *)b)->file);
}

static int compare_tensors(const void *a, const void *b) {
  return strcmp(((const entry *)a)->tensor, ((const entry *)b)->tensor);
}

static int open_shard(index_reader *r, int directory, const char *name) {
  if (!*name || strchr(name, '/') || strchr(name, '\\') ||
      strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
    return fail(r, "a shard must be a plain file name, not", name);
  attune_safetensors *s = r->set;
  attune_st_file *file = &s->files[s->num_files];
  memset(file, 0, sizeof(*file));
  file->file.fd = -1;
  file->path = attune_st_copy(name);
  if (!file->path)
    return fail_memory(r);
  ++s->num_files;
  int code = attune_file_open_in(directory, name, "a .safetensors file",
                                 &file->file, r->error);
  if (code)
    return code;
  file->size = file->file.size;
  return attune_st_read_header(s, s->num_files - 1, r->error);
}

/* Opens each file of the map once, in the order of the names. */
static int open_shards(index_reader *r, int directory) {
  qsort(r->entries, r->count, sizeof(*r->entries), compare_files);
  size_t shards = 0;
  for (size_t i = 0; i < r->count; ++i)
    shards += i == 0 || compare_files(&r->entries[i - 1], &r->entries[i]) != 0;
  r->set->files = calloc(shards + 1, sizeof(*r->set->files));
  if (!r->set->files)
    return fail_memory(r);
  for (size_t i = 0; i < r->count; ++i) {
    if (i && compare_files(&r->entries[i - 1], &r->entries[i]) == 0)
      continue;
    int code = open_shard(r, directory, r->entries[i].file);
    if (code)
      return code;
  }
  return ATTUNE_OK;
}

/* The map and the shards must say the same. */
static int check_map(index_reader *r) {
  attune_safetensors *s = r->set;
  qsort(r->entries, r->count, sizeof(*r->entries), compare_tensors);
  for (size_t i = 1; i < r->count; ++i)
    if (compare_tensors(&r->entries[i - 1], &r->entries[i]) == 0)
      return fail(r, "the index names a tensor twice:", r->entries[i].tensor);
  for (size_t i = 0; i < s->num_tensors; ++i) {
    entry key = {.tensor = s->tensors[i].name};
    entry *found = bsearch(&key, r->entries, r->count, sizeof(*r->entries),
                           compare_tensors);
    if (!found || strcmp(found->file, s->files[s->tensors[i].file].path) != 0)
      return fail(r,
                  "a shard holds a tensor that the index does not map to it:",
                  key.tensor);
    found->found = 1;
  }
  for (size_t i = 0; i < r->count; ++i)
    if (!r->entries[i].found)
      return fail(r, "no shard holds the mapped tensor", r->entries[i].tensor);
  return ATTUNE_OK;
}

static int open_directory(const char *path) {
  const char *slash = strrchr(path, '/');
  char *folder = attune_st_copy(slash ? path : ".");
  if (!folder)
    return -1;
  if (slash)
    folder[slash == path ? 1 : slash - path] = 0;
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  free(folder);
  return fd;
}

int attune_st_read_index(attune_safetensors *s, const char *path,
                         const char *text, size_t bytes, attune_error *e) {
  index_reader r = {.set = s, .path = path, .error = e};
  attune_json_start(&r.json, text, bytes);
  r.strings = r.strings_end = malloc(bytes + 1);
  int directory = open_directory(path);
  int code;
  if (!r.strings)
    code = fail_memory(&r);
  else if (directory < 0)
    code = fail(&r, "cannot open the folder of", path);
  else
    code = read_document(&r);
  if (!code)
    code = open_shards(&r, directory);
  if (!code)
    code = check_map(&r);
  if (directory >= 0)
    close(directory);
  free(r.entries);
  free(r.strings);
  return code;
}
