#include "app/figures_inner.h"
#include <stdlib.h>

enum { SUMS_FIRST = 256, SUMS_KEEP = 1 << 15 };

void sums_done(struct sums *s) {
  free(s->e);
  free(s->slots);
  *s = (struct sums){0};
}

void sums_clear(struct sums *s) {
  if (s->cap > SUMS_KEEP) {
    sums_done(s);
    return;
  }
  if (s->n) memset(s->slots, 0, (s->mask + 1) * sizeof *s->slots);
  s->n = 0;
}

static uint64_t mix(uint64_t h, uint64_t v) {
  h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
  return h ^ (h >> 29);
}

static uint64_t key_hash(const struct sum_key *k) {
  uint64_t m[2], h;
  memcpy(m, k->member.b, 16);
  h = mix((uint64_t)k->op, (uint64_t)(uint32_t)k->unit << 32 | (uint32_t)k->day);
  h = mix(h, (uint64_t)(uint32_t)k->known << 32 | k->ind);
  return mix(mix(h, m[0]), m[1]);
}

static bool key_eq(const struct sum_key *a, const struct sum_key *b) {
  return a->op == b->op && a->unit == b->unit && a->day == b->day && a->known == b->known &&
         a->ind == b->ind && uuid_eq(&a->member, &b->member);
}

/* The slot of the key, or the free one where it belongs. */
static size_t slot_of(const struct sums *s, const struct sum_key *k) {
  size_t at = (size_t)key_hash(k) & s->mask;
  while (s->slots[at] && !key_eq(&s->e[s->slots[at] - 1].k, k)) at = (at + 1) & s->mask;
  return at;
}

static int grow(struct sums *s, struct err *e) {
  if (s->cap >= SUMS_MAX) return err_set(e, E_NOMEM, "too many figures in one transaction");
  size_t cap = s->cap ? s->cap * 2 : SUMS_FIRST;
  struct sum *entries = realloc(s->e, cap * sizeof *entries);
  if (!entries) return err_set(e, E_NOMEM, "no memory for figures");
  s->e = entries;
  uint32_t *slots = calloc(cap * 2, sizeof *slots);
  if (!slots) return err_set(e, E_NOMEM, "no memory for figures");
  free(s->slots);
  s->slots = slots;
  s->mask = cap * 2 - 1;
  s->cap = cap;
  for (size_t i = 0; i < s->n; i++) {
    size_t at = (size_t)key_hash(&s->e[i].k) & s->mask;
    while (s->slots[at]) at = (at + 1) & s->mask;
    s->slots[at] = (uint32_t)i + 1;
  }
  return 0;
}

int sums_add(struct sums *s, const struct sum_key *k, int64_t n, size_t *ret_place, struct err *e) {
  if (s->n == s->cap) {
    int r = grow(s, e);
    if (r < 0) return r;
  }
  size_t at = slot_of(s, k);
  if (!s->slots[at]) {
    s->e[s->n] = (struct sum){.k = *k};
    s->slots[at] = (uint32_t)++s->n;
  }
  size_t place = s->slots[at] - 1;
  s->e[place].n += n;
  if (ret_place) *ret_place = place;
  return 0;
}

struct sum *sums_find(const struct sums *s, const struct sum_key *k) {
  if (!s->n) return NULL;
  size_t at = slot_of(s, k);
  return s->slots[at] ? &s->e[s->slots[at] - 1] : NULL;
}

#define ORDER(a, b)                                                                                \
  do {                                                                                             \
    if ((a) != (b)) return (a) < (b) ? -1 : 1;                                                     \
  } while (0)
static int by_key(const void *pa, const void *pb) {
  const struct sum_key *a = &((const struct sum *)pa)->k, *b = &((const struct sum *)pb)->k;
  ORDER(a->op, b->op);
  ORDER(a->unit, b->unit);
  ORDER(a->ind, b->ind);
  int m = memcmp(a->member.b, b->member.b, 16);
  if (m) return m;
  ORDER(a->day, b->day);
  ORDER(a->known, b->known);
  return 0;
}

void sums_sort(struct sums *s) {
  if (s->n > 1) qsort(s->e, s->n, sizeof *s->e, by_key);
}
