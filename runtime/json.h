/* A cursor over JSON text. There is no tree and no recursion: readers ask for
 * the values that they expect, and skipping others counts its depth. */
#ifndef ATTUNE_RUNTIME_JSON_H
#define ATTUNE_RUNTIME_JSON_H

#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *at, *end, *start;
  /* What went wrong first; NULL while nothing has. */
  const char *error;
  size_t error_offset;
} attune_json;

void attune_json_start(attune_json *j, const char *text, size_t bytes);

/* Records an error at the present position; always 0. */
int attune_json_fail(attune_json *j, const char *error);

/* Skips white space; 1 if the next character is c, which is then taken. */
int attune_json_take(attune_json *j, char c);

/* The same, and an error if it is not. */
int attune_json_expect(attune_json *j, char c, const char *error);

/* Reads a string, decodes its escapes and writes it with a NUL to `to`, which
 * must have room for the rest of the text and one byte (decoding never grows
 * a string). Refuses invalid UTF-8, control characters, lone surrogates and
 * U+0000, which a C name cannot hold. Returns the length or -1. */
int64_t attune_json_string(attune_json *j, char *to);

/* Reads a non-negative integer below 2^63: no sign, point, exponent or leading
 * zero. */
int attune_json_integer(attune_json *j, int64_t *value);

/* Skips one value of any kind, nested at most 64 deep. */
int attune_json_skip(attune_json *j);

/* Skips white space; 1 at the end of the text. */
int attune_json_at_end(attune_json *j);

#ifdef __cplusplus
}
#endif
#endif
