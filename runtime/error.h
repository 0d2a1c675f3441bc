/* How the runtime reports mistakes: a code and a message in the caller's
 * attune_error, nothing global, no allocation. */
#ifndef ATTUNE_RUNTIME_ERROR_H
#define ATTUNE_RUNTIME_ERROR_H

#include "attune/attune.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ATTUNE_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define ATTUNE_PRINTF(f, a)
#endif

/* Room for a shape or a shortened name in a message. */
enum { ATTUNE_TEXT = 104 };

/* Records `code` and the message in *e (which may be NULL) and returns `code`.
 * A message that does not fit ends in "..."; bytes that are not printable UTF-8
 * become '?', so that a hostile name cannot break a terminal or a JSON log. */
int attune_fail(attune_error *e, int code, const char *format, ...)
    ATTUNE_PRINTF(3, 4);

/* Clears *e (which may be NULL) and returns ATTUNE_OK. */
int attune_succeed(attune_error *e);

/* Writes "[2, 3]" to text and returns text. Long shapes end in "...]". */
const char *attune_shape_text(char text[ATTUNE_TEXT], int32_t rank,
                              const int64_t *shape);

/* Writes a DLPack type as "f32", "bf16", "i64", "u8", "bool" to text. */
const char *attune_type_text(char text[ATTUNE_TEXT], uint8_t code,
                             uint8_t bits);

/* Shortens a name to at most 100 bytes: "start...end". Returns `name` itself
 * when it is short enough. */
const char *attune_name_text(char text[ATTUNE_TEXT], const char *name);

/* *product = a * b for non-negative a and b; 0 when that overflows. */
int attune_multiply(int64_t a, int64_t b, int64_t *product);

/* The number of elements of a shape with non-negative extents; 0 when it
 * overflows. A shape with a zero has 0 elements however large the others. */
int attune_count(int32_t rank, const int64_t *shape, int64_t *count);

#ifdef __cplusplus
}
#endif
#endif
