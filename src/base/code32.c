#include "base/code32.h"

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

void code32_write(const uint8_t *bytes, size_t n, char *out) {
  const size_t chars = CODE32_TEXT(n) - 1;
  for (size_t i = 0; i < chars; i++) {
    const size_t bit = 5 * i, at = bit / 8;
    const unsigned pair = (unsigned)bytes[at] << 8 | (at + 1 < n ? bytes[at + 1] : 0U);
    out[i] = digits[pair >> (11 - bit % 8) & 31U];
  }
  out[chars] = 0;
}

static const char *digit_of(char c) {
  if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
  if (c == 'o') c = '0';
  if (c == 'i' || c == 'l') c = '1';
  return c ? strchr(digits, c) : NULL;
}

size_t code32_normal(struct str text, char *out, size_t max) {
  size_t n = 0;
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == '-' || text.p[i] == ' ') continue;
    const char *d = digit_of(text.p[i]);
    if (!d || n == max) return 0;
    out[n++] = *d;
  }
  return n;
}

size_t code32_read(struct str text, uint8_t *out, size_t max) {
  size_t bits = 0;
  memset(out, 0, max);
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == '-' || text.p[i] == ' ') continue;
    const char *d = digit_of(text.p[i]);
    if (!d || bits + 5 >= 8 * (max + 1)) return 0;
    for (int k = 4; k >= 0; k--, bits++)
      if ((d - digits) >> k & 1 && bits / 8 < max) out[bits / 8] |= (uint8_t)(0x80U >> bits % 8);
  }
  return bits / 8;
}
