#include "base/id.h"
#include "base/err.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *out, size_t n) {
  char *p = out;
  while (n) {
    ssize_t r = getrandom(p, n, 0);
    if (r < 0) {
      if (errno == EINTR) continue;
      abort(); /* no entropy source: any key or id made now would be unsafe */
    }
    p += r;
    n -= (size_t)r;
  }
}

static void kernel_random(void *arg, void *out, size_t n) {
  (void)arg;
  random_bytes(out, n);
}

void idgen_init(struct idgen *g) {
  *g = (struct idgen){.random = kernel_random};
  pthread_mutex_init(&g->lock, NULL);
}

void idgen_reset_random(struct idgen *g) {
  pthread_mutex_lock(&g->lock);
  g->random = kernel_random;
  g->arg = NULL;
  pthread_mutex_unlock(&g->lock);
}

void idgen_done(struct idgen *g) {
  pthread_mutex_destroy(&g->lock);
}

/* 48 bits of time, then 74 bits: a counter of 42 that starts at random within a millisecond and
 * grows by a random step, and 32 fresh random bits. */
struct uuid idgen_next(struct idgen *g, int64_t now_ms) {
  struct uuid u;
  uint64_t random[2];
  pthread_mutex_lock(&g->lock);
  g->random(g->arg, random, sizeof random);
  if (now_ms > g->last_ms) {
    g->last_ms = now_ms;
    g->counter = random[0] & ((UINT64_C(1) << 41) - 1);
  } else {
    g->counter += 1 + (random[0] & 0xff);
    if (g->counter >> 42) {
      g->last_ms++;
      g->counter &= (UINT64_C(1) << 41) - 1;
    }
  }
  uint64_t t = (uint64_t)g->last_ms, c = g->counter;
  pthread_mutex_unlock(&g->lock);
  for (int i = 0; i < 6; i++) u.b[i] = (uint8_t)(t >> (40 - 8 * i));
  u.b[6] = (uint8_t)(0x70 | (c >> 38 & 0x0f));
  u.b[7] = (uint8_t)(c >> 30);
  u.b[8] = (uint8_t)(0x80 | (c >> 24 & 0x3f));
  u.b[9] = (uint8_t)(c >> 16);
  u.b[10] = (uint8_t)(c >> 8);
  u.b[11] = (uint8_t)c;
  for (int i = 0; i < 4; i++) u.b[12 + i] = (uint8_t)(random[1] >> (8 * i));
  return u;
}

int uuid_parse(struct str s, struct uuid *ret_u) {
  struct uuid u;
  static const uint8_t group[] = {4, 2, 2, 2, 6};
  size_t at = 0, byte = 0;
  if (s.n != 36) return -E_INVALID;
  for (size_t g = 0; g < ARRAY_LEN(group); g++) {
    if (g && s.p[at++] != '-') return -E_INVALID;
    if (hex_decode(str_sub(s, at, 2u * group[g]), u.b + byte, group[g]) < 0) return -E_INVALID;
    at += 2u * group[g];
    byte += group[g];
  }
  *ret_u = u;
  return 0;
}

void uuid_format(const struct uuid *u, char out[UUID_TEXT]) {
  static const uint8_t group[] = {4, 2, 2, 2, 6};
  char tmp[13];
  size_t at = 0, byte = 0;
  for (size_t g = 0; g < ARRAY_LEN(group); g++) {
    if (g) out[at++] = '-';
    hex_encode(u->b + byte, group[g], tmp);
    memcpy(out + at, tmp, 2u * group[g]);
    at += 2u * group[g];
    byte += group[g];
  }
  out[at] = '\0';
}

bool uuid_is_nil(const struct uuid *u) {
  static const struct uuid nil;
  return uuid_eq(u, &nil);
}

uint64_t hash64(const void *p, size_t n) {
  const unsigned char *c = p;
  uint64_t h = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < n; i++) h = (h ^ c[i]) * UINT64_C(0x100000001b3);
  h ^= h >> 32;
  h *= UINT64_C(0xd6e8feb86659fd93);
  return h ^ h >> 32;
}

struct uuid uuid_derive(const struct uuid *space, struct str name) {
  struct uuid u;
  uint64_t a = hash64(space->b, 16) ^ hash64(name.p, name.n);
  uint64_t b = hash64(&a, sizeof a) + hash64(name.p, name.n) * 31;
  for (int i = 0; i < 8; i++) {
    u.b[i] = (uint8_t)(a >> (8 * i));
    u.b[8 + i] = (uint8_t)(b >> (8 * i));
  }
  u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x80);
  u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
  return u;
}
