#include "runtime/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The length of the UTF-8 sequence at s, or 0 if there is no valid one. Over
 * long forms, surrogates and values past U+10FFFF are invalid. */
static size_t sequence_length(const unsigned char *s) {
  if (s[0] < 0x80)
    return s[0] >= 0x20 && s[0] != 0x7f;
  size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
  if (s[0] < 0xc2 || s[0] > 0xf4)
    return 0;
  for (size_t i = 1; i < length; ++i)
    if ((s[i] & 0xc0) != 0x80)
      return 0; /* the terminating NUL also ends here */
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
      (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
    return 0;
  return length;
}

int attune_fail(attune_error *e, int code, const char *format, ...) {
  if (!e)
    return code;
  e->code = code;
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(e->message, sizeof(e->message), format, arguments);
  va_end(arguments);
  if (length < 0) {
    e->message[0] = 0;
    return code;
  }
  if ((size_t)length >= sizeof(e->message)) {
    size_t end = sizeof(e->message) - 4;
    /* Not in the middle of a sequence. */
    while (end > 0 && ((unsigned char)e->message[end] & 0xc0) == 0x80)
      --end;
    memcpy(e->message + end, "...", 4);
  }
  for (unsigned char *s = (unsigned char *)e->message; *s;) {
    size_t valid = sequence_length(s);
    if (!valid)
      *s = '?';
    s += valid ? valid : 1;
  }
  return code;
}

int attune_succeed(attune_error *e) {
  if (e) {
    e->code = ATTUNE_OK;
    e->message[0] = 0;
  }
  return ATTUNE_OK;
}

const char *attune_shape_text(char text[ATTUNE_TEXT], int32_t rank,
                              const int64_t *shape) {
  size_t used = 0;
  text[used++] = '[';
  for (int32_t i = 0; i < rank; ++i) {
    /* An extent takes at most 22 bytes with its comma. */
    if (used > ATTUNE_TEXT - 30) {
      memcpy(text + used, "...", 3);
      used += 3;
      break;
    }
    used +=
        (size_t)snprintf(text + used, ATTUNE_TEXT - used,
                         i + 1 < rank ? "%lld, " : "%lld", (long long)shape[i]);
  }
  text[used++] = ']';
  text[used] = 0;
  return text;
}

const char *attune_type_text(char text[ATTUNE_TEXT], uint8_t code,
                             uint8_t bits) {
  if (code == 6 && bits == 8)
    return "bool";
  const char *kind = code == 0   ? "i"
                     : code == 1 ? "u"
                     : code == 2 ? "f"
                     : code == 4 ? "bf"
                     : code == 5 ? "complex"
                     : code == 6 ? "bool"
                                 : NULL;
  if (kind)
    snprintf(text, ATTUNE_TEXT, "%s%d", kind, bits);
  else
    snprintf(text, ATTUNE_TEXT, "DLPack type code %d of %d bits", code, bits);
  return text;
}

const char *attune_name_text(char text[ATTUNE_TEXT], const char *name) {
  size_t length = strlen(name);
  if (length <= 100)
    return name;
  memcpy(text, name, 48);
  memcpy(text + 48, "...", 3);
  memcpy(text + 51, name + length - 49, 50); /* with its NUL */
  return text;
}

int attune_multiply(int64_t a, int64_t b, int64_t *product) {
  return !__builtin_mul_overflow(a, b, product);
}

int attune_count(int32_t rank, const int64_t *shape, int64_t *count) {
  *count = 1;
  for (int32_t i = 0; i < rank; ++i)
    if (shape[i] == 0) {
      *count = 0;
      return 1;
    }
  for (int32_t i = 0; i < rank; ++i)
    if (!attune_multiply(*count, shape[i], count))
      return 0;
  return 1;
}
