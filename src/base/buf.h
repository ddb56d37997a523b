/* The one growing byte buffer. It is born with its maximum; going over it, or out of memory,
 * sets `failed` (sticky) and further appends do nothing: nothing is ever cut short silently,
 * whoever uses the result asks buf_ok() once. Owns heap memory; freed by buf_done(). One thread. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"

struct buf {
  char *p;
  size_t n, cap, max;
  bool failed;
};

#define BUF_INIT(maximum) ((struct buf){.max = (maximum)})
void buf_done(struct buf *b);
void buf_clear(struct buf *b);
static inline bool buf_ok(const struct buf *b) {
  return !b->failed;
}
static inline struct str buf_str(const struct buf *b) {
  return (struct str){b->p, b->n};
}
void buf_add(struct buf *b, const void *p, size_t n);
void buf_str_add(struct buf *b, struct str s);
void buf_char(struct buf *b, char c);
void buf_i64(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) _printf_(2, 3);
#define buf_lit(b, lit) buf_add((b), (lit), sizeof(lit) - 1)
/* Room for n more bytes, or NULL; the caller writes there and adds to b->n. */
char *buf_room(struct buf *b, size_t n);
/* NUL behind the content (not counted). NULL when failed. */
const char *buf_z(struct buf *b);

#endif
