/* JSON in and out. Reading rests on jansson with our limits set (size by the caller, depth,
 * duplicate keys refused, integers only where integers are meant); the tree belongs to the arena
 * given and goes with it. Writing is a stream onto a `struct buf`: no tree is built to answer a
 * request. One thread per document or writer. */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include <jansson.h>

/* Parses one document. The tree is released with the arena; callers take no reference.
 * Errors: -E_MALFORMED (with the byte offset in err.sys), -E_TOO_LARGE (too deep). */
_must_check_ int json_read(struct arena *a, struct str text, json_t **ret_root, struct err *e);

static inline struct str json_str(const json_t *j) {
  return (struct str){json_string_value(j), json_string_length(j)};
}

/* The writer. Commas are its business; it keeps a stack of at most 32 levels. Misuse (a value
 * without a key in an object…) sets `bad`, which tests assert. */
struct jw {
  struct buf *b;
  uint32_t has_item; /* bit per level: an item was written at that level */
  uint32_t is_object;
  uint8_t depth;
  bool after_key, bad;
};
void jw_init(struct jw *w, struct buf *b);
void jw_object(struct jw *w);
void jw_array(struct jw *w);
void jw_end(struct jw *w); /* closes whichever is open */
void jw_key(struct jw *w, struct str key);
#define jw_k(w, lit) jw_key((w), S(lit))
void jw_str(struct jw *w, struct str s);   /* p == NULL writes null */
void jw_strz(struct jw *w, const char *z); /* so does NULL */
void jw_i64(struct jw *w, int64_t v);
void jw_bool(struct jw *w, bool v);
void jw_null(struct jw *w);
void jw_decimal(struct jw *w, int64_t v, int scale); /* 365, 1 → 36.5 */
void jw_uuid(struct jw *w, const struct uuid *u);    /* so does NULL */
/* A value that is JSON text already. */
void jw_raw(struct jw *w, struct str json);
void jw_tree(struct jw *w, const json_t *j);
/* The one text of a value, however it was written: keys in their order, no white space, numbers in
 * one spelling (1.0 is 1). */
void json_canonical(struct buf *out, const json_t *j);
/* A member of the open object: its name, a literal, and what it holds. */
#define jw_kstr(w, lit, ...)  (jw_k((w), lit), jw_str((w), __VA_ARGS__))
#define jw_kstrz(w, lit, ...) (jw_k((w), lit), jw_strz((w), __VA_ARGS__))
#define jw_ki64(w, lit, ...)  (jw_k((w), lit), jw_i64((w), __VA_ARGS__))
#define jw_kbool(w, lit, ...) (jw_k((w), lit), jw_bool((w), __VA_ARGS__))
#define jw_kuuid(w, lit, ...) (jw_k((w), lit), jw_uuid((w), __VA_ARGS__))
#define jw_kobject(w, lit)    (jw_k((w), lit), jw_object(w))
#define jw_karray(w, lit)     (jw_k((w), lit), jw_array(w))
bool jw_ok(const struct jw *w); /* balanced, not misused, buffer not failed */

#endif
