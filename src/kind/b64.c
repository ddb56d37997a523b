#include "kind/inner.h"

static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct str b64_encode(struct arena *a, struct str bytes) {
  const size_t n = (bytes.n * 4 + 2) / 3;
  char *out = arena_alloc(a, n + 1);
  if (!out || arena_failed(a)) return (struct str){NULL, 0};
  uint32_t bits = 0;
  unsigned have = 0;
  size_t at = 0;
  for (size_t i = 0; i < bytes.n; i++) {
    bits = bits << 8 | (unsigned char)bytes.p[i];
    for (have += 8; have >= 6; have -= 6) out[at++] = digit[bits >> (have - 6) & 63];
  }
  if (have) out[at++] = digit[bits << (6 - have) & 63];
  return (struct str){out, at};
}

int b64_decode(struct arena *a, struct str text, struct str *ret_bytes) {
  if (text.n % 4 == 1) return -E_INVALID;
  char *out = arena_alloc(a, text.n * 3 / 4 + 1);
  if (!out || arena_failed(a)) return -E_NOMEM;
  uint32_t bits = 0;
  unsigned have = 0;
  size_t at = 0;
  for (size_t i = 0; i < text.n; i++) {
    const char *d = text.p[i] ? strchr(digit, text.p[i]) : NULL;
    if (!d) return -E_INVALID;
    bits = bits << 6 | (uint32_t)(d - digit);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out[at++] = (char)(bits >> have & 255);
  }
  if (bits & ((1u << have) - 1)) return -E_INVALID; /* one text for one value */
  *ret_bytes = (struct str){out, at};
  return 0;
}
