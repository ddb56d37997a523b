/* Text with its length. A `struct str` borrows: it never owns what it points at, and what it
 * points at need not end in NUL. Functions here allocate nothing. Safe from any thread. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define _cleanup_(fn)  __attribute__((cleanup(fn)))
#define _must_check_   __attribute__((warn_unused_result))
#define _printf_(a, b) __attribute__((format(printf, a, b)))
#define ARRAY_LEN(a)   (sizeof(a) / sizeof((a)[0]))

struct str {
  const char *p;
  size_t n;
};

/* A literal as a str, usable in static initialisers. */
#define STR_INIT(lit)                                                                              \
  { (lit), sizeof(lit) - 1 }
#define S(lit)     ((struct str)STR_INIT(lit))
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct str str_from(const char *z) {
  return (struct str){z, z ? strlen(z) : 0};
}
static inline bool str_eq(struct str a, struct str b) {
  return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_is(struct str a, const char *z) {
  return str_eq(a, str_from(z));
}
static inline bool str_empty(struct str a) {
  return a.n == 0;
}

int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Without ASCII white space, ideographic spaces (U+3000), NBSP and BOM at both ends. */
struct str str_trim(struct str s);
struct str str_sub(struct str s, size_t from, size_t n);
/* Cuts *s at the first `sep`: returns what stands before it and moves *s behind it; the last
 * piece leaves *s with p == NULL. */
struct str str_split(struct str *s, char sep);
/* Position of the first occurrence, or (size_t)-1. */
size_t str_find(struct str s, struct str what);
size_t str_find_char(struct str s, char c);
/* Number of Unicode code points; (size_t)-1 where the bytes are not valid UTF-8. */
size_t str_utf8_len(struct str s);
bool str_utf8_valid(struct str s);

/* Whole string as a decimal number within [lo, hi]; 0, or -E_INVALID with *ret_v untouched. */
_must_check_ int parse_i64(struct str s, int64_t lo, int64_t hi, int64_t *ret_v);
/* Decimal with at most `scale` digits behind the point, as an integer in units of 10^-scale:
 * "36.5" with scale 1 gives 365. Full-width digits are not accepted. */
_must_check_ int parse_decimal(struct str s, int scale, int64_t lo, int64_t hi, int64_t *ret_v);

/* Lower-case hex. `out` holds 2*n+1 bytes. */
void hex_encode(const void *data, size_t n, char *out);
_must_check_ int hex_decode(struct str s, void *out, size_t n);

#endif
