/* Identities: UUIDv7 (RFC 9562), made here or by a client. A generator is owned by whoever holds
 * it and keeps its ids in order even within one millisecond; it locks itself, so threads may
 * share it. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/str.h"
#include <pthread.h>

struct uuid {
  uint8_t b[16];
};
#define UUID_TEXT 37

struct idgen {
  pthread_mutex_t lock;
  int64_t last_ms;
  uint64_t counter;
  /* Source of randomness; the default is the kernel's. Tests and the demonstration seed theirs. */
  void (*random)(void *arg, void *out, size_t n);
  void *arg;
};
void idgen_init(struct idgen *g);
void idgen_done(struct idgen *g);
/* Back to the kernel's randomness after a seeded stretch. */
void idgen_reset_random(struct idgen *g);
struct uuid idgen_next(struct idgen *g, int64_t now_ms);

/* Lower case, hyphens at the usual places; upper case is read too. 0 or -E_INVALID. */
_must_check_ int uuid_parse(struct str s, struct uuid *ret_u);
void uuid_format(const struct uuid *u, char out[UUID_TEXT]);
bool uuid_is_nil(const struct uuid *u);
static inline bool uuid_eq(const struct uuid *a, const struct uuid *b) {
  return memcmp(a->b, b->b, 16) == 0;
}
/* The same (space, name) always gives the same id (v8, keyed hash-free: FNV-based): for rows that
 * the program itself derives. */
struct uuid uuid_derive(const struct uuid *space, struct str name);
void random_bytes(void *out, size_t n);

/* 64-bit non-cryptographic hash for tables. */
uint64_t hash64(const void *p, size_t n);

#endif
