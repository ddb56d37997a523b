/* Memory that is freed at once: one arena per request, job or import batch. The arena owns all
 * that is taken from it; a pointer into it never outlives it. When the limit or the machine's
 * memory is reached the arena turns `failed`, and hands out a zeroed spare block so that callers
 * need no check per allocation: whoever owns the arena asks arena_failed() once before it
 * commits or replies. One thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena;

/* NULL only when the machine has no memory at all. `limit` in bytes counts what was handed out. */
struct arena *arena_create(size_t limit);
struct arena *arena_free(struct arena *a);
/* Everything handed out so far becomes invalid; the first chunk is kept for reuse. */
void arena_reset(struct arena *a);
bool arena_failed(const struct arena *a);

/* Zeroed, aligned to 16. Never NULL. A request over LIMIT_ARENA_SPARE bytes on a failed arena
 * returns NULL instead: large blocks must be checked by the caller. */
void *arena_alloc(struct arena *a, size_t n);
#define arena_new(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc_array((a), sizeof(type), (n)))
void *arena_alloc_array(struct arena *a, size_t size, size_t n);
/* A copy in which full-width signs and the ideographic space are the ASCII ones: "１３９　" is
 * "139 ". */
struct str arena_half_width(struct arena *a, struct str s);
struct str arena_dup(struct arena *a, struct str s);
/* NUL-terminated copy. */
char *arena_strz(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *fmt, ...) _printf_(2, 3);
/* `fn(p)` runs when the arena is reset or freed, in reverse order of registration. */
void arena_defer(struct arena *a, void (*fn)(void *), void *p);

/* For tests: the n-th allocation from now fails (n >= 1); 0 switches off. Counts per arena. */
void arena_fail_at(struct arena *a, uint64_t n);

static inline void arena_freep(struct arena **a) {
  *a = arena_free(*a);
}

#endif
