#include "intake/relay.h"

/* The text of a chat as people mean it: one width, no ornaments. */

size_t relay_code_point(struct str s, uint32_t *ret_cp) {
  if (!s.n) return 0;
  const unsigned char *p = (const unsigned char *)s.p;
  const size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
  if (!n || n > s.n || !str_utf8_valid(str_sub(s, 0, n))) return 0;
  uint32_t cp = n == 1 ? p[0] : n == 2 ? p[0] & 0x1fU : n == 3 ? p[0] & 0x0fU : p[0] & 0x07U;
  for (size_t i = 1; i < n; i++) cp = cp << 6 | (p[i] & 0x3fU);
  *ret_cp = cp;
  return n;
}

struct out {
  char *p;
  size_t n;
  size_t keycap; /* where the dot of the last keycap stands, or 0 */
};

static void add(struct out *o, char c) {
  o->p[o->n++] = c;
}

static void add_number(struct out *o, uint32_t v) {
  if (v >= 10) add(o, (char)('0' + v / 10 % 10));
  add(o, (char)('0' + v % 10));
  add(o, '.');
}

/* ①, ⑴, ⒈, ㈠, ❶ and their like. */
static uint32_t enclosed(uint32_t cp) {
  static const struct {
    uint32_t from, to;
  } ranges[] = {{0x2460, 0x2473}, {0x2474, 0x2487}, {0x2488, 0x249b}, {0x3220, 0x3229},
                {0x3280, 0x3289}, {0x2776, 0x277f}, {0x2780, 0x2789}, {0x278a, 0x2793}};
  for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
    if (cp >= ranges[i].from && cp <= ranges[i].to) return cp - ranges[i].from + 1;
  return cp == 0x1f51f ? 10 : 0;
}

static bool unseen(uint32_t cp) {
  return (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x202a && cp <= 0x202e) ||
         (cp >= 0x2060 && cp <= 0x206f) || (cp >= 0xfe00 && cp <= 0xfe0f) || cp == 0xfeff ||
         cp == 0xad || cp == '\r';
}

/* Spaces, brackets that only frame a name, ornaments. */
static bool blank(uint32_t cp) {
  return cp == 0xa0 || cp == 0x3000 || (cp >= 0x2000 && cp <= 0x200a) ||
         (cp >= 0x3008 && cp <= 0x3011) || (cp >= 0x3014 && cp <= 0x301b) ||
         (cp >= 0x2190 && cp <= 0x21ff) || (cp >= 0x2500 && cp <= 0x27bf) ||
         (cp >= 0x2b00 && cp <= 0x2bff) || (cp >= 0xe000 && cp <= 0xf8ff) ||
         (cp >= 0x1f000 && cp <= 0x1faff) || cp >= 0xe0000 || cp == 0x2022 || cp == 0xb7 ||
         cp == 0x2014 || cp == 0x2013 || cp == 0x2026 || (cp < 0x20 && cp != '\n') || cp == 0x7f ||
         cp == 0x2028 || cp == 0x2029;
}

static void add_one(struct out *o, uint32_t cp, struct str bytes) {
  const uint32_t number = enclosed(cp);
  if (unseen(cp)) return;
  if (number) {
    add_number(o, number);
    return;
  }
  if (cp == 0x20e3) { /* 1️⃣2️⃣ is twelve */
    const bool digit = o->n && o->p[o->n - 1] >= '0' && o->p[o->n - 1] <= '9';
    if (digit && o->keycap && o->keycap == o->n - 2) {
      o->p[o->n - 2] = o->p[o->n - 1];
      o->n--;
    }
    if (digit) {
      o->keycap = o->n;
      add(o, '.');
    }
    return;
  }
  if (cp >= 0xff01 && cp <= 0xff5e) cp -= 0xfee0;
  if (cp == 0x2795) cp = '+';
  if (cp == 0x3002) cp = ';';
  if (cp == 0x201c || cp == 0x201d || cp == 0x2018 || cp == 0x2019) cp = ' ';
  if (blank(cp)) cp = ' ';
  if (cp >= 'A' && cp <= 'Z') cp += 'a' - 'A';
  if (cp < 0x80) {
    add(o, (char)cp);
    return;
  }
  memcpy(o->p + o->n, bytes.p, bytes.n);
  o->n += bytes.n;
}

struct str relay_normal(struct arena *a, struct str text) {
  /* never longer than it was: what grows (⑫ → "12.") takes the place of as many bytes */
  struct out o = {.p = arena_alloc(a, text.n + 1)};
  if (!o.p) return (struct str){NULL, 0};
  while (text.n) {
    uint32_t cp = ' ';
    const size_t n = relay_code_point(text, &cp);
    const struct str bytes = str_sub(text, 0, n ? n : 1);
    add_one(&o, cp, bytes);
    text = str_sub(text, bytes.n, text.n);
  }
  return (struct str){o.p, o.n};
}
