#include "api/limiter.h"
#include "base/id.h"
#include <pthread.h>
#include <stdlib.h>

enum { WAYS = 8, SALT = 16, NAME_MAX = 200 };
#define MINUTE_US INT64_C(60000000)

struct caller {
  uint64_t hash;
  int64_t whole_us; /* his allowance is whole again from then on */
};
struct limiter {
  pthread_mutex_t lock;
  uint8_t salt[SALT];
  size_t sets;
  struct caller callers[];
};

int limiter_open(size_t callers, struct limiter **ret_limiter, struct err *e) {
  const size_t sets = (callers + WAYS - 1) / WAYS;
  struct limiter *l = calloc(1, sizeof *l + sets * WAYS * sizeof(struct caller));
  if (!l || !sets) {
    free(l);
    return err_set(e, E_NOMEM, "no memory for a limiter");
  }
  pthread_mutex_init(&l->lock, NULL);
  random_bytes(l->salt, sizeof l->salt);
  l->sets = sets;
  *ret_limiter = l;
  return 0;
}

struct limiter *limiter_close(struct limiter *l) {
  if (l) pthread_mutex_destroy(&l->lock);
  free(l);
  return NULL;
}

static uint64_t hash_of(const struct limiter *l, struct str caller) {
  uint8_t text[SALT + NAME_MAX];
  const size_t n = caller.n < NAME_MAX ? caller.n : NAME_MAX;
  memcpy(text, l->salt, SALT);
  if (n) memcpy(text + SALT, caller.p, n);
  return hash64(text, SALT + n);
}

/* His place, or that of whoever has used least in his set. */
static struct caller *place(struct limiter *l, uint64_t hash) {
  struct caller *set = &l->callers[hash % l->sets * WAYS], *least = set;
  for (size_t i = 0; i < WAYS; i++) {
    if (set[i].hash == hash) return &set[i];
    if (set[i].whole_us < least->whole_us) least = &set[i];
  }
  *least = (struct caller){.hash = hash};
  return least;
}

int limiter_take(struct limiter *l, struct str caller, int64_t per_minute, int64_t now_ms) {
  if (per_minute <= 0 || per_minute > MINUTE_US) return 0;
  const int64_t now_us = now_ms * 1000, one_us = MINUTE_US / per_minute;
  const uint64_t hash = hash_of(l, caller);
  pthread_mutex_lock(&l->lock);
  struct caller *c = place(l, hash);
  const int64_t from = c->whole_us > now_us ? c->whole_us : now_us;
  const int64_t over = from + one_us - now_us - one_us * per_minute;
  if (over <= 0) c->whole_us = from + one_us;
  pthread_mutex_unlock(&l->lock);
  return over <= 0 ? 0 : (int)((over + 999999) / 1000000);
}
