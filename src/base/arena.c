#include "base/arena.h"
#include "base/limits.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_CHUNK = 16 * 1024, MAX_STEP = 1024 * 1024, ALIGN = 16 };

struct chunk {
  struct chunk *next;
  size_t n, cap;
  _Alignas(16) char p[];
};

struct deferred {
  struct deferred *next;
  void (*fn)(void *);
  void *p;
};

struct arena {
  struct chunk *head; /* newest first; the last one is the first made */
  struct deferred *deferred;
  size_t used, limit, overdrawn;
  uint64_t fail_at;
  bool failed;
  char *spare; /* made with the arena: what callers get after a failure */
};

/* Chunks that were given back wait here for the next arena, of whatever thread: a request's memory
 * then costs neither the allocator's bookkeeping nor the machine's zeroing of new pages. Sizes are
 * FIRST_CHUNK, twice that, … MAX_STEP. Under a sanitizer nothing is kept: it would no longer see
 * who reads what is gone. */
enum {
  SIZES = 7,
#ifdef __SANITIZE_ADDRESS__
  KEPT_MAX = 0,
#else
  KEPT_MAX = 8 * 1024 * 1024, /* in bytes, over all sizes */
#endif
};
_Static_assert(FIRST_CHUNK << (SIZES - 1) == MAX_STEP, "the last size is the largest step");

static struct {
  pthread_mutex_t lock;
  struct chunk *of[SIZES];
  size_t bytes;
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* SIZES: a size of its own. */
static size_t size_of(size_t cap) {
  size_t i = 0;
  while (i < SIZES && cap != (size_t)FIRST_CHUNK << i) i++;
  return i;
}

static struct chunk *chunk_make(size_t cap) {
  const size_t i = size_of(cap);
  struct chunk *c = NULL;
  if (i < SIZES) {
    pthread_mutex_lock(&kept.lock);
    c = kept.of[i];
    if (c) {
      kept.of[i] = c->next;
      kept.bytes -= cap;
    }
    pthread_mutex_unlock(&kept.lock);
  }
  if (!c) c = malloc(sizeof *c + cap);
  if (c) *c = (struct chunk){.cap = cap};
  return c;
}

static void chunk_free(struct chunk *c) {
  const size_t i = size_of(c->cap);
  bool keep = false;
  if (i < SIZES) {
    pthread_mutex_lock(&kept.lock);
    keep = kept.bytes + c->cap <= KEPT_MAX;
    if (keep) {
      c->next = kept.of[i];
      kept.of[i] = c;
      kept.bytes += c->cap;
    }
    pthread_mutex_unlock(&kept.lock);
  }
  if (!keep) free(c);
}

struct arena *arena_create(size_t limit) {
  struct arena *a = calloc(1, sizeof *a);
  if (!a) return NULL;
  a->limit = limit;
  a->head = chunk_make(FIRST_CHUNK);
  if (!a->head) return arena_free(a);
  return a;
}

static void run_deferred(struct arena *a) {
  while (a->deferred) {
    struct deferred *d = a->deferred;
    a->deferred = d->next;
    d->fn(d->p);
  }
}

struct arena *arena_free(struct arena *a) {
  if (!a) return NULL;
  run_deferred(a);
  while (a->head) {
    struct chunk *next = a->head->next;
    chunk_free(a->head);
    a->head = next;
  }
  free(a->spare);
  free(a);
  return NULL;
}

void arena_reset(struct arena *a) {
  run_deferred(a);
  while (a->head->next) {
    struct chunk *next = a->head->next;
    chunk_free(a->head);
    a->head = next;
  }
  a->head->n = 0;
  a->used = a->overdrawn = 0;
  a->failed = false;
  a->fail_at = 0;
}

bool arena_failed(const struct arena *a) {
  return a->failed;
}
void arena_fail_at(struct arena *a, uint64_t n) {
  a->fail_at = n;
}

static void *take(struct arena *a, size_t n) {
  size_t need = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
  if (a->head->cap - a->head->n < need) {
    size_t step = a->head->cap < MAX_STEP / 2 ? a->head->cap * 2 : MAX_STEP;
    while (step < need && step < MAX_STEP) step *= 2;
    struct chunk *c = chunk_make(need > step ? need : step);
    if (!c) return NULL;
    c->next = a->head;
    a->head = c;
  }
  void *p = a->head->p + a->head->n;
  a->head->n += need;
  return memset(p, 0, n);
}

/* Blocks of their own for a while, so that what was handed out after the failure is not zeroed
 * under its owner before he asks; then, and where the machine has no memory, one for all. */
static void *give_spare(struct arena *a, size_t n) {
  a->failed = true;
  if (n > LIMIT_ARENA_SPARE) return NULL;
  if (n <= LIMIT_ARENA_OVERDRAFT - a->overdrawn) {
    void *p = take(a, n);
    if (p) {
      a->overdrawn += n;
      return p;
    }
  }
  if (!a->spare) a->spare = malloc(LIMIT_ARENA_SPARE);
  /* A machine without 64 KiB cannot answer anybody: stopping keeps what was acknowledged. */
  if (!a->spare) abort();
  memset(a->spare, 0, LIMIT_ARENA_SPARE);
  return a->spare;
}

void *arena_alloc(struct arena *a, size_t n) {
  if (n == 0) n = 1;
  if (a->fail_at && --a->fail_at == 0) return give_spare(a, n);
  if (a->failed || n > a->limit || a->used > a->limit - n) return give_spare(a, n);
  void *p = take(a, n);
  if (!p) return give_spare(a, n);
  a->used += n;
  return p;
}

void *arena_alloc_array(struct arena *a, size_t size, size_t n) {
  size_t bytes;
  if (__builtin_mul_overflow(size, n, &bytes)) {
    a->failed = true;
    return NULL;
  }
  return arena_alloc(a, bytes);
}

struct str arena_dup(struct arena *a, struct str s) {
  if (!s.p) return s;
  char *p = arena_alloc(a, s.n + 1);
  if (!p || a->failed) return (struct str){NULL, 0};
  memcpy(p, s.p, s.n);
  return (struct str){p, s.n};
}

char *arena_strz(struct arena *a, struct str s) {
  char *p = arena_alloc(a, s.n + 1);
  if (!p) return arena_alloc(a, 1);
  if (s.n && !a->failed) memcpy(p, s.p, s.n);
  return p;
}

struct str arena_printf(struct arena *a, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  if (n < 0) {
    a->failed = true;
    return (struct str){NULL, 0};
  }
  char *p = arena_alloc(a, (size_t)n + 1);
  if (!p || a->failed) return (struct str){NULL, 0};
  va_start(ap, fmt);
  vsnprintf(p, (size_t)n + 1, fmt, ap);
  va_end(ap);
  return (struct str){p, (size_t)n};
}

void arena_defer(struct arena *a, void (*fn)(void *), void *p) {
  struct deferred *d = arena_alloc(a, sizeof *d);
  if (a->failed) {
    /* nobody would call it later: the handle is released now, the request is lost anyway */
    fn(p);
    return;
  }
  *d = (struct deferred){a->deferred, fn, p};
  a->deferred = d;
}

struct str arena_half_width(struct arena *a, struct str s) {
  char *out = arena_alloc(a, s.n + 1);
  size_t n = 0;
  for (size_t i = 0; out && i < s.n; n++) {
    const unsigned char *p = (const unsigned char *)s.p + i;
    const bool three = s.n - i >= 3 && (p[0] == 0xE3 || p[0] == 0xEF);
    const unsigned code = three ? (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu) : 0;
    const bool wide = code == 0x3000 || (code >= 0xFF01 && code <= 0xFF5E);
    out[n] = code == 0x3000 ? ' ' : wide ? (char)(code - 0xFF01 + '!') : s.p[i];
    i += wide ? 3 : 1;
  }
  return (struct str){out, n};
}
