#include "base/str.h"
#include "base/err.h"

int str_cmp(struct str a, struct str b) {
  size_t n = a.n < b.n ? a.n : b.n;
  int r = n ? memcmp(a.p, b.p, n) : 0;
  if (r) return r;
  return a.n < b.n ? -1 : a.n > b.n;
}

bool str_starts(struct str s, struct str prefix) {
  return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_ends(struct str s, struct str suffix) {
  return s.n >= suffix.n &&
         (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

/* Length of the blank that starts (or, with `back`, ends) the text; 0 where there is none. */
static size_t blank_len(struct str s, bool back) {
  static const struct str wide[] = {STR_INIT("\xe3\x80\x80"), STR_INIT("\xc2\xa0"),
                                    STR_INIT("\xef\xbb\xbf"), STR_INIT("\xe2\x80\x8b")};
  if (!s.n) return 0;
  char c = back ? s.p[s.n - 1] : s.p[0];
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  for (size_t i = 0; i < ARRAY_LEN(wide); i++)
    if (back ? str_ends(s, wide[i]) : str_starts(s, wide[i])) return wide[i].n;
  return 0;
}

struct str str_trim(struct str s) {
  for (size_t n; (n = blank_len(s, false)) > 0;) s.p += n, s.n -= n;
  for (size_t n; (n = blank_len(s, true)) > 0;) s.n -= n;
  return s;
}

struct str str_sub(struct str s, size_t from, size_t n) {
  if (from > s.n) from = s.n;
  if (n > s.n - from) n = s.n - from;
  return (struct str){s.p ? s.p + from : NULL, n};
}

struct str str_split(struct str *s, char sep) {
  size_t at = str_find_char(*s, sep);
  struct str head = *s;
  if (at == (size_t)-1) {
    *s = (struct str){NULL, 0};
    return head;
  }
  head.n = at;
  s->p += at + 1;
  s->n -= at + 1;
  return head;
}

size_t str_find(struct str s, struct str what) {
  if (what.n == 0) return 0;
  const char *at = s.n ? memmem(s.p, s.n, what.p, what.n) : NULL;
  return at ? (size_t)(at - s.p) : (size_t)-1;
}

size_t str_find_char(struct str s, char c) {
  const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
  return at ? (size_t)(at - s.p) : (size_t)-1;
}

/* Bytes of the code point at p, 0 where it is not well-formed (RFC 3629). */
static size_t utf8_step(const unsigned char *p, size_t n) {
  unsigned char c = p[0];
  if (c < 0x80) return 1;
  if (c < 0xc2 || c > 0xf4) return 0;
  size_t len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
  if (n < len) return 0;
  for (size_t i = 1; i < len; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  if (c == 0xe0 && p[1] < 0xa0) return 0;
  if (c == 0xed && p[1] > 0x9f) return 0;
  if (c == 0xf0 && p[1] < 0x90) return 0;
  if (c == 0xf4 && p[1] > 0x8f) return 0;
  return len;
}

size_t str_utf8_len(struct str s) {
  size_t count = 0;
  for (size_t i = 0; i < s.n; count++) {
    size_t step = utf8_step((const unsigned char *)s.p + i, s.n - i);
    if (!step) return (size_t)-1;
    i += step;
  }
  return count;
}

bool str_utf8_valid(struct str s) {
  return str_utf8_len(s) != (size_t)-1;
}

int parse_i64(struct str s, int64_t lo, int64_t hi, int64_t *ret_v) {
  return parse_decimal(s, 0, lo, hi, ret_v);
}

int parse_decimal(struct str s, int scale, int64_t lo, int64_t hi, int64_t *ret_v) {
  size_t i = 0;
  bool minus = s.n && s.p[0] == '-';
  if (s.n && (s.p[0] == '-' || s.p[0] == '+')) i++;
  int64_t v = 0;
  int behind = -1, digits = 0;
  for (; i < s.n; i++) {
    char c = s.p[i];
    if (c == '.' && behind < 0 && scale > 0 && digits > 0) {
      behind = 0;
      continue;
    }
    if (c < '0' || c > '9') return -E_INVALID;
    if (behind >= 0 && ++behind > scale) {
      /* zeros beyond the scale lose nothing */
      if (c != '0') return -E_INVALID;
      behind--;
      continue;
    }
    digits++;
    if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, c - '0', &v))
      return -E_INVALID;
  }
  if (!digits || behind == 0) return -E_INVALID;
  for (int k = behind < 0 ? 0 : behind; k < scale; k++)
    if (__builtin_mul_overflow(v, 10, &v)) return -E_INVALID;
  /* counted downwards so that INT64_MIN is read too */
  if (!minus && __builtin_sub_overflow(0, v, &v)) return -E_INVALID;
  if (v < lo || v > hi) return -E_INVALID;
  *ret_v = v;
  return 0;
}

void hex_encode(const void *data, size_t n, char *out) {
  static const char digit[] = "0123456789abcdef";
  const unsigned char *p = data;
  for (size_t i = 0; i < n; i++) {
    out[2 * i] = digit[p[i] >> 4];
    out[2 * i + 1] = digit[p[i] & 15];
  }
  out[2 * n] = '\0';
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int hex_decode(struct str s, void *out, size_t n) {
  unsigned char *p = out;
  if (s.n != 2 * n) return -E_INVALID;
  for (size_t i = 0; i < s.n; i++)
    if (hex_digit(s.p[i]) < 0) return -E_INVALID;
  for (size_t i = 0; i < n; i++)
    p[i] =
        (unsigned char)((unsigned)hex_digit(s.p[2 * i]) << 4 | (unsigned)hex_digit(s.p[2 * i + 1]));
  return 0;
}
