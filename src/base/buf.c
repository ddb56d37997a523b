#include "base/buf.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_done(struct buf *b) {
  free(b->p);
  *b = BUF_INIT(b->max);
}

void buf_clear(struct buf *b) {
  b->n = 0;
  b->failed = false;
}

char *buf_room(struct buf *b, size_t n) {
  size_t need;
  if (b->failed) return NULL;
  if (__builtin_add_overflow(b->n, n, &need) || need > b->max) {
    b->failed = true;
    return NULL;
  }
  if (need > b->cap) {
    size_t cap = b->cap ? b->cap : 256;
    while (cap < need) cap *= 2;
    if (cap > b->max) cap = b->max;
    char *p = realloc(b->p, cap);
    if (!p) {
      b->failed = true;
      return NULL;
    }
    b->p = p;
    b->cap = cap;
  }
  return b->p + b->n;
}

void buf_add(struct buf *b, const void *p, size_t n) {
  if (n == 0) return;
  char *at = buf_room(b, n);
  if (!at) return;
  memcpy(at, p, n);
  b->n += n;
}

void buf_str_add(struct buf *b, struct str s) {
  buf_add(b, s.p, s.n);
}
void buf_char(struct buf *b, char c) {
  buf_add(b, &c, 1);
}

void buf_i64(struct buf *b, int64_t v) {
  char tmp[24];
  size_t at = sizeof tmp;
  uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
  do {
    tmp[--at] = (char)('0' + u % 10);
    u /= 10;
  } while (u);
  if (v < 0) tmp[--at] = '-';
  buf_add(b, tmp + at, sizeof tmp - at);
}

void buf_printf(struct buf *b, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  if (n < 0) {
    b->failed = true;
    return;
  }
  /* one byte more for the NUL that vsnprintf writes; it is not counted */
  char *at = buf_room(b, (size_t)n + 1);
  if (!at) return;
  va_start(ap, fmt);
  vsnprintf(at, (size_t)n + 1, fmt, ap);
  va_end(ap);
  b->n += (size_t)n;
}

const char *buf_z(struct buf *b) {
  char *at = buf_room(b, 1);
  if (!at) return NULL;
  *at = '\0';
  return b->p;
}
