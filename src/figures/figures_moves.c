#include "figures/figures_inner.h"
#include <assert.h>
#include <stdlib.h>

QUERY(q_figure_spells,
      "SELECT from_day, to_day, parent FROM unit_spell WHERE unit = $1 ORDER BY from_day");
QUERY(q_figure_unit_known, "SELECT coalesce(parent, 0) FROM unit WHERE no = $1");
QUERY(q_figure_next_op, "SELECT coalesce(min(op), -1) FROM figure WHERE op > $1");
QUERY(q_member_next_op, "SELECT coalesce(min(op), -1) FROM figure_member WHERE op > $1");
QUERY(q_figure_of_unit,
      "SELECT ind, day, CAST(sum(value) AS BIGINT), minute FROM figure WHERE op = $1 "
      "AND unit = $2 AND day >= $3 AND day < $4 GROUP BY ind, day, minute");
QUERY(q_member_of_unit,
      "SELECT ind, day, CAST(sum(value) AS BIGINT), member FROM figure_member WHERE op = $1 "
      "AND unit = $2 AND day >= $3 AND day < $4 GROUP BY ind, day, member");

int32_t spell_parent(const struct unit_spell *spells, size_t n, int32_t day, int32_t otherwise) {
  /* before its first validity period a unit has the parent that it began with */
  for (size_t i = 0; i < n; i++)
    if (day < spells[i].to) return spells[i].parent;
  return otherwise;
}

void spells_done(struct spells *s) {
  for (size_t i = 0; i < s->n; i++) free(s->changed[i].spells);
  free(s->changed);
  s->changed = NULL;
  s->n = s->cap = 0;
}

int spells_load(struct spells *s, int32_t unit, struct unit_change *ret_change, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct unit_change found = {.no = unit};
  size_t cap = 0;
  int r = cur_open(s->tx, &q_figure_spells, P(V_I64(unit)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    if (found.n == cap) {
      cap = cap ? cap * 2 : 4;
      struct unit_spell *more = realloc(found.spells, cap * sizeof *more);
      if (!more) {
        r = err_set(e, E_NOMEM, "no memory for a unit's spells");
        break;
      }
      found.spells = more;
    }
    found.spells[found.n++] = (struct unit_spell){.from = (int32_t)cur_i64(c, 0),
                                                  .to = (int32_t)cur_i64(c, 1),
                                                  .parent = (int32_t)cur_i64(c, 2)};
  }
  if (r == 0 && found.n == 0) {
    int64_t parent = 0;
    r = tx_i64(s->tx, &q_figure_unit_known, P(V_I64(unit)), &parent, e);
    found.absent = r == -E_NOROW || parent == 0;
    if (r == -E_NOROW) r = 0;
    if (r == 0 && parent) {
      found.spells = malloc(sizeof *found.spells);
      if (!found.spells) return err_set(e, E_NOMEM, "no memory for a unit's spells");
      found.spells[found.n++] =
          (struct unit_spell){.from = INT32_MIN, .to = INT32_MAX, .parent = (int32_t)parent};
    }
  }
  if (r < 0) {
    free(found.spells);
    return r;
  }
  *ret_change = found;
  return 0;
}

static struct unit_change *changed(const struct spells *s, int32_t unit) {
  for (size_t i = s->n; i > 0; i--)
    if (s->changed[i - 1].no == unit) return &s->changed[i - 1];
  return NULL;
}

int spells_set(struct spells *s, struct unit_change *c, struct err *e) {
  struct unit_change *old = changed(s, c->no);
  if (old) {
    free(old->spells);
    *old = *c;
    return 0;
  }
  if (s->n == s->cap) {
    size_t cap = s->cap ? s->cap * 2 : 16;
    struct unit_change *more = realloc(s->changed, cap * sizeof *more);
    if (!more) {
      free(c->spells);
      return err_set(e, E_NOMEM, "no memory for changed units");
    }
    s->changed = more;
    s->cap = cap;
  }
  s->changed[s->n++] = *c;
  return 0;
}

/* *ret_parent: 0 at the root. Units that the snapshot does not know are looked up once. */
static int parent_of(struct spells *s, int32_t unit, int32_t day, int32_t *ret_parent,
                     struct err *e) {
  const struct unit_change *c = s->n ? changed(s, unit) : NULL;
  const struct unit_row *u = c ? NULL : unit_by_no(s->tree, unit);
  if (!c && !u) {
    struct unit_change found;
    int r = spells_load(s, unit, &found, e);
    if (r == 0) r = spells_set(s, &found, e);
    if (r < 0) return r;
    c = changed(s, unit);
  }
  if (c)
    *ret_parent = spell_parent(c->spells, c->n, day, c->n ? c->spells[c->n - 1].parent : 0);
  else
    *ret_parent = u ? spell_parent(u->spells, u->n_spells, day, u->parent) : 0;
  return 0;
}

int spells_ancestors(struct spells *s, int32_t unit, int32_t day, int32_t *out, size_t max,
                     size_t *ret_n, struct err *e) {
  size_t n = 0;
  while (unit && n < max) {
    out[n++] = unit;
    int r = parent_of(s, unit, day, &unit, e);
    if (r < 0) return r;
  }
  if (unit) return err_set(e, E_TOO_LARGE, "units lie deeper than the limit");
  *ret_n = n;
  return 0;
}

/* ---- a move ---------------------------------------------------------------------------------- */

struct move {
  struct tx *tx;
  struct spells *spells;
  struct sums *out;
  int32_t unit, known;
  const struct unit_change *now;
};

static bool among(const int32_t *list, size_t n, int32_t unit) {
  for (size_t i = 0; i < n; i++)
    if (list[i] == unit) return true;
  return false;
}

/* One day's sum of the unit leaves its former ancestors and reaches the new ones; those above both
 * keep what they have. */
static int move_row(struct move *m, struct sum_key k, int64_t n, int32_t from, int32_t to,
                    struct err *e) {
  int32_t old[LIMIT_UNIT_DEPTH], new[LIMIT_UNIT_DEPTH];
  size_t n_old = 0, n_new = 0;
  int r = spells_ancestors(m->spells, from, k.day, old, LIMIT_UNIT_DEPTH, &n_old, e);
  if (r == 0) r = spells_ancestors(m->spells, to, k.day, new, LIMIT_UNIT_DEPTH, &n_new, e);
  for (size_t i = 0; i < n_old && r == 0; i++) {
    k.unit = old[i];
    if (!among(new, n_new, k.unit)) r = sums_add(m->out, &k, -n, NULL, e);
  }
  for (size_t i = 0; i < n_new && r == 0; i++) {
    k.unit = new[i];
    if (!among(old, n_old, k.unit)) r = sums_add(m->out, &k, n, NULL, e);
  }
  return r;
}

static int move_rows(struct move *m, const struct query *q, int64_t op, int32_t lo, int32_t hi,
                     int32_t from, int32_t to, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(m->tx, q, P(V_I64(op), V_I64(m->unit), V_I64(lo), V_I64(hi)), &c, e);
  const bool member = q == &q_member_of_unit;
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    struct sum_key k = {.op = op,
                        .ind = (uint32_t)cur_i64(c, 0),
                        .day = (int32_t)cur_i64(c, 1),
                        .known = m->known,
                        .minute = member ? ALL_DAY : (int16_t)cur_i64(c, 3)};
    if (member) k.member = cur_uuid(c, 3);
    if (cur_i64(c, 2)) r = move_row(m, k, cur_i64(c, 2), from, to, e);
  }
  return r < 0 ? r : 0;
}

static int move_span(struct move *m, int32_t lo, int32_t hi, int32_t from, int32_t to,
                     struct err *e) {
  static const struct {
    const struct query *next, *rows;
  } tables[] = {{&q_figure_next_op, &q_figure_of_unit}, {&q_member_next_op, &q_member_of_unit}};
  for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
    for (int64_t op = -1;;) {
      int r = tx_i64(m->tx, tables[t].next, P(V_I64(op)), &op, e);
      if (r < 0) return r;
      if (op < 0) break;
      r = move_rows(m, tables[t].rows, op, lo, hi, from, to, e);
      if (r < 0) return r;
    }
  }
  return 0;
}

/* The next day after `day` on which either list changes the parent. */
static int32_t next_border(const struct unit_spell *a, size_t n_a, const struct unit_spell *b,
                           size_t n_b, int32_t day) {
  int32_t best = INT32_MAX;
  for (size_t i = 0; i < n_a; i++)
    if (a[i].to > day && a[i].to < best) best = a[i].to;
  for (size_t i = 0; i < n_b; i++)
    if (b[i].to > day && b[i].to < best) best = b[i].to;
  return best;
}

int figures_move(struct tx *tx, struct spells *s, int32_t unit, int32_t known, struct sums *scratch,
                 bool *ret_moved, struct err *e) {
  const struct unit_row *u = unit_by_no(s->tree, unit);
  struct unit_change now;
  int64_t rows = 0;
  *ret_moved = false;
  if (!u) return 0; /* new: it has no figures that were counted elsewhere */
  int r = spells_load(s, unit, &now, e);
  if (r < 0) return r;
  struct move m = {.tx = tx, .spells = s, .out = scratch, .unit = unit, .known = known};
  sums_clear(scratch);
  for (int32_t lo = INT32_MIN, hi; r == 0; lo = hi) {
    hi = next_border(u->spells, u->n_spells, now.spells, now.n, lo);
    assert(lo < hi);
    int32_t from = spell_parent(u->spells, u->n_spells, lo, u->parent);
    int32_t to = spell_parent(now.spells, now.n, lo, now.n ? now.spells[now.n - 1].parent : 0);
    if (from != to) {
      *ret_moved = true;
      r = move_span(&m, lo, hi, from, to, e);
    }
    if (hi == INT32_MAX) break;
  }
  /* Whether or not it worked: `now` is given away here. */
  int kept = spells_set(s, &now, e);
  if (r == 0) r = kept;
  return r < 0 ? r : figures_store(tx, scratch, &rows, e);
}
