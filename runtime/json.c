#include "runtime/json.h"

#include <string.h>

void attune_json_start(attune_json *j, const char *text, size_t bytes) {
  j->start = j->at = text;
  j->end = text + bytes;
  j->error = NULL;
  j->error_offset = 0;
}

int attune_json_fail(attune_json *j, const char *error) {
  if (!j->error) {
    j->error = error;
    j->error_offset = (size_t)(j->at - j->start);
  }
  return 0;
}

static void skip_space(attune_json *j) {
  while (j->at < j->end &&
         (*j->at == ' ' || *j->at == '\n' || *j->at == '\r' || *j->at == '\t'))
    ++j->at;
}

int attune_json_at_end(attune_json *j) {
  skip_space(j);
  return j->at == j->end;
}

int attune_json_take(attune_json *j, char c) {
  skip_space(j);
  if (j->at == j->end || *j->at != c)
    return 0;
  ++j->at;
  return 1;
}

int attune_json_expect(attune_json *j, char c, const char *error) {
  if (attune_json_take(j, c))
    return 1;
  return attune_json_fail(j,
                          j->at == j->end ? "the text ends too early" : error);
}

/* Four hexadecimal digits; -1 if they are not. */
static int32_t read_hex(attune_json *j) {
  if (j->end - j->at < 4)
    return -1;
  int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    char c = *j->at++;
    int32_t digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
    if (digit < 0)
      return -1;
    value = value * 16 + digit;
  }
  return value;
}

static char *encode(char *to, int32_t point) {
  if (point < 0x80) {
    *to++ = (char)point;
  } else if (point < 0x800) {
    *to++ = (char)(0xc0 | point >> 6);
    *to++ = (char)(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    *to++ = (char)(0xe0 | point >> 12);
    *to++ = (char)(0x80 | (point >> 6 & 0x3f));
    *to++ = (char)(0x80 | (point & 0x3f));
  } else {
    *to++ = (char)(0xf0 | point >> 18);
    *to++ = (char)(0x80 | (point >> 12 & 0x3f));
    *to++ = (char)(0x80 | (point >> 6 & 0x3f));
    *to++ = (char)(0x80 | (point & 0x3f));
  }
  return to;
}

/* After a backslash; NULL on an error. */
static char *read_escape(attune_json *j, char *to) {
  static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
  if (j->at == j->end)
    return NULL;
  char c = *j->at++;
  if (c != 'u') {
    const char *found = c ? strchr(from, c) : NULL;
    if (!found) {
      attune_json_fail(j, "an unknown escape in a string");
      return NULL;
    }
    *to++ = into[found - from];
    return to;
  }
  int32_t point = read_hex(j);
  if (point >= 0xd800 && point < 0xdc00) {
    int32_t low = -1;
    if (j->end - j->at >= 2 && j->at[0] == '\\' && j->at[1] == 'u') {
      j->at += 2;
      low = read_hex(j);
    }
    point = low >= 0xdc00 && low < 0xe000
                ? 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00)
                : -1;
  } else if (point >= 0xdc00 && point < 0xe000) {
    point = -1;
  }
  if (point <= 0) {
    attune_json_fail(j, point ? "a bad \\u escape in a string"
                              : "a NUL character in a string");
    return NULL;
  }
  return encode(to, point);
}

/* The length of the valid multi-byte UTF-8 sequence at s, else 0. */
static int64_t utf8_length(const unsigned char *s, int64_t left) {
  int64_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
  if (s[0] < 0xc2 || s[0] > 0xf4 || length > left)
    return 0;
  for (int64_t i = 1; i < length; ++i)
    if ((s[i] & 0xc0) != 0x80)
      return 0;
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
      (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
    return 0;
  return length;
}

int64_t attune_json_string(attune_json *j, char *to) {
  char *begin = to;
  if (!attune_json_expect(j, '"', "expected a string"))
    return -1;
  while (j->at < j->end) {
    unsigned char c = (unsigned char)*j->at;
    if (c == '"') {
      ++j->at;
      *to = 0;
      return to - begin;
    }
    if (c < 0x20) {
      attune_json_fail(j, c ? "a control character in a string"
                            : "a NUL character in a string");
      return -1;
    }
    if (c == '\\') {
      ++j->at;
      to = read_escape(j, to);
      if (!to)
        break;
    } else {
      int64_t length =
          c < 0x80 ? 1
                   : utf8_length((const unsigned char *)j->at, j->end - j->at);
      if (length == 0) {
        attune_json_fail(j, "a string is not valid UTF-8");
        return -1;
      }
      memcpy(to, j->at, (size_t)length);
      to += length;
      j->at += length;
    }
  }
  attune_json_fail(j, "a string has no end");
  return -1;
}

int attune_json_integer(attune_json *j, int64_t *value) {
  skip_space(j);
  if (j->at == j->end)
    return attune_json_fail(j, "the text ends too early");
  if (*j->at == '-')
    return attune_json_fail(j, "a negative number");
  if (*j->at < '0' || *j->at > '9')
    return attune_json_fail(j, "expected an integer");
  if (*j->at == '0' && j->at + 1 < j->end && j->at[1] >= '0' && j->at[1] <= '9')
    return attune_json_fail(j, "a number with a leading zero");
  *value = 0;
  for (; j->at < j->end && *j->at >= '0' && *j->at <= '9'; ++j->at)
    if (__builtin_mul_overflow(*value, (int64_t)10, value) ||
        __builtin_add_overflow(*value, (int64_t)(*j->at - '0'), value))
      return attune_json_fail(j, "a number that does not fit 64 bits");
  if (j->at < j->end && (*j->at == '.' || *j->at == 'e' || *j->at == 'E'))
    return attune_json_fail(j, "a number with a point or an exponent where an "
                               "integer is expected");
  return 1;
}

/* A string of which only the end matters; escapes and UTF-8 are not decoded. */
static int skip_string(attune_json *j) {
  for (++j->at; j->at < j->end; ++j->at) {
    if (*j->at == '"') {
      ++j->at;
      return 1;
    }
    if ((unsigned char)*j->at < 0x20)
      return attune_json_fail(j, "a control character in a string");
    if (*j->at == '\\' && j->end - j->at > 1)
      ++j->at;
  }
  j->at = j->end;
  return attune_json_fail(j, "a string has no end");
}

static int skip_scalar(attune_json *j) {
  if (*j->at == '"')
    return skip_string(j);
  const char *begin = j->at;
  while (j->at < j->end && ((*j->at >= '0' && *j->at <= '9') ||
                            (*j->at >= 'a' && *j->at <= 'z') || *j->at == '-' ||
                            *j->at == '+' || *j->at == '.' || *j->at == 'E'))
    ++j->at;
  return j->at > begin || attune_json_fail(j, "expected a value");
}

int attune_json_skip(attune_json *j) {
  enum { MAX_DEPTH = 64 };
  char closing[MAX_DEPTH];
  int depth = 0;
  do {
    /* A value starts here, or a container ends. */
    skip_space(j);
    if (j->at == j->end)
      return attune_json_fail(j, "the text ends too early");
    if (depth > 0 && *j->at == closing[depth - 1]) {
      ++j->at;
      --depth;
    } else if (*j->at == '{' || *j->at == '[') {
      if (depth == MAX_DEPTH)
        return attune_json_fail(j, "values are nested too deeply");
      closing[depth++] = *j->at++ == '{' ? '}' : ']';
      continue;
    } else if (!skip_scalar(j)) {
      return 0;
    }
    /* After a value: separators, leniently, since nobody reads it. */
    while (depth > 0 && (attune_json_take(j, ',') || attune_json_take(j, ':')))
      ;
  } while (depth > 0);
  return 1;
}
