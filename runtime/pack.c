#include "runtime/weights.h"

#include <string.h>

int attune_can_widen(uint8_t code, uint8_t bits) {
  return (code == 2 && (bits == 32 || bits == 16)) || (code == 4 && bits == 16);
}

static float from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

/* In integers: the code must not need F16C. */
static float widen_half(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16;
  uint32_t exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;
  if (exponent == 0x1f) /* infinity, NaN */
    return from_bits(sign | 0x7f800000 | fraction << 13);
  if (exponent != 0)
    return from_bits(sign | (exponent + 112) << 23 | fraction << 13);
  /* Subnormal halves are normal floats: fraction * 2^-24. */
  float value = (float)fraction * 0x1p-24f;
  return sign ? -value : value;
}

void attune_widen(uint8_t code, uint8_t bits, const void *from, size_t count,
                  float *to) {
  const char *bytes = from;
  if (bits == 32) {
    memcpy(to, from, count * sizeof(float));
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    uint16_t half;
    memcpy(&half, bytes + 2 * i, sizeof(half));
    to[i] = code == 4 ? from_bits((uint32_t)half << 16) : widen_half(half);
  }
}

/* `rows` rounded up to whole panels. */
static int64_t whole_panels(int64_t rows, int32_t width) {
  return (rows + width - 1) / width * width;
}

int64_t attune_packed_size(const attune_weight_desc *d) {
  int32_t padded = d->pack == ATTUNE_PACK_COPY  ? -1
                   : d->pack == ATTUNE_PACK_PAD ? 0
                                                : d->rank - 2;
  int64_t count = 1;
  for (int32_t i = 0; i < d->rank; ++i)
    count *= i == padded ? whole_panels(d->shape[i], d->width) : d->shape[i];
  return count;
}

void attune_pack_floats(const attune_weight_desc *d, float *blob, int64_t first,
                        int64_t count, const float *from) {
  float *to = blob + d->offset;
  if (d->pack != ATTUNE_PACK_PANELS) {
    memcpy(to + first, from, (size_t)count * sizeof(float));
    return;
  }
  int64_t rows = d->shape[d->rank - 2], columns = d->shape[d->rank - 1];
  int64_t width = d->width, padded = whole_panels(rows, d->width);
  while (count > 0) {
    int64_t matrix = first / columns / rows, row = first / columns % rows;
    int64_t column = first % columns;
    int64_t run = columns - column < count ? columns - column : count;
    float *lane = to + matrix * padded * columns +
                  (row / width * columns + column) * width + row % width;
    for (int64_t i = 0; i < run; ++i)
      lane[i * width] = from[i];
    first += run;
    from += run;
    count -= run;
  }
}
