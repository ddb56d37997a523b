#include "figures/figures_inner.h"
#include "kind/ddl.h"
#include <assert.h>
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
  h = mix(h, (uint16_t)k->minute);
  return mix(mix(h, m[0]), m[1]);
}

static bool key_eq(const struct sum_key *a, const struct sum_key *b) {
  return a->op == b->op && a->unit == b->unit && a->day == b->day && a->known == b->known &&
         a->minute == b->minute && a->ind == b->ind && uuid_eq(&a->member, &b->member);
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
  assert(place < s->n && s->n <= s->cap);
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
  ORDER(a->minute, b->minute);
  ORDER(a->known, b->known);
  return 0;
}

void sums_sort(struct sums *s) {
  if (s->n > 1) qsort(s->e, s->n, sizeof *s->e, by_key);
}

/* ---- as rows of this lane ---- */

static const struct table_def tables[] = {
    {.name = "figure",
     .columns = "op i64 NOT NULL, unit i64 NOT NULL, ind i64 NOT NULL, day i64 NOT NULL, "
                "minute i64 NOT NULL, known_day i64 NOT NULL, lane i64 NOT NULL, "
                "value i64 NOT NULL, "
                "PRIMARY KEY (op, unit, ind, day, minute, known_day, lane)",
     .clustered = true},
    {.name = "figure_member",
     .columns = "op i64 NOT NULL, unit i64 NOT NULL, ind i64 NOT NULL, member uuid NOT NULL, "
                "day i64 NOT NULL, known_day i64 NOT NULL, lane i64 NOT NULL, "
                "value i64 NOT NULL, "
                "PRIMARY KEY (op, unit, ind, member, day, known_day, lane)",
     .clustered = true},
    {.name = "figure_indicator", .columns = "ind i64 PRIMARY KEY, counted_ms i64 NOT NULL"},
};
__attribute__((constructor)) static void declare_tables(void) {
  schema_add_tables(tables, ARRAY_LEN(tables));
}

static const struct bulk bulk_figure = {
    .name = "figure",
    .table = "figure",
    .columns = "op, unit, ind, day, known_day, lane, value, minute",
    .types = (const enum val_type[]){VAL_I64, VAL_I64, VAL_I64, VAL_I64, VAL_I64, VAL_I64, VAL_I64,
                                     VAL_I64},
    .n_columns = 8,
    .conflict = "ON CONFLICT (op, unit, ind, day, minute, known_day, lane) "
                "DO UPDATE SET value = figure.value + excluded.value",
};
static const struct bulk bulk_member = {
    .name = "figure_member",
    .table = "figure_member",
    .columns = "op, unit, ind, member, day, known_day, lane, value",
    .types = (const enum val_type[]){VAL_I64, VAL_I64, VAL_I64, VAL_UUID, VAL_I64, VAL_I64, VAL_I64,
                                     VAL_I64},
    .n_columns = 8,
    .conflict = "ON CONFLICT (op, unit, ind, member, day, known_day, lane) "
                "DO UPDATE SET value = figure_member.value + excluded.value",
};

enum { ROWS_AT_ONCE = 256 };

int figures_store(struct tx *tx, struct sums *s, int64_t *ret_rows, struct err *e) {
  struct val rows[2][ROWS_AT_ONCE * 8];
  size_t n[2] = {0, 0};
  const struct bulk *bulks[2] = {&bulk_figure, &bulk_member};
  const int64_t lane = (int64_t)tx_lane(tx);
  *ret_rows = 0;
  /* In the order of the keys: neighbours share pages, and two servers never wait crosswise. */
  sums_sort(s);
  for (size_t i = 0; i <= s->n; i++) {
    const bool end = i == s->n;
    for (int t = 0; t < 2; t++) {
      if (n[t] == 0 || (!end && n[t] < ROWS_AT_ONCE)) continue;
      int r = tx_bulk_later(tx, bulks[t], rows[t], n[t], e);
      if (r < 0) return r;
      *ret_rows += (int64_t)n[t];
      n[t] = 0;
    }
    if (end || s->e[i].n == 0) continue;
    const struct sum_key *k = &s->e[i].k;
    const struct indicator *ind = indicator_by_no(k->ind);
    const int t = ind && ind->type == IND_DISTINCT;
    struct val *v = &rows[t][n[t]++ * bulks[t]->n_columns];
    *v++ = V_I64(k->op);
    *v++ = V_I64(k->unit);
    *v++ = V_I64(k->ind);
    if (t) *v++ = V_UUID(k->member);
    *v++ = V_I64(k->day);
    *v++ = V_I64(k->known);
    *v++ = V_I64(lane);
    *v++ = V_I64(s->e[i].n);
    assert(!t || k->minute == ALL_DAY);
    if (!t) *v++ = V_I64(k->minute);
  }
  return 0;
}
