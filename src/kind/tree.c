#include "kind/tree.h"
#include "base/limits.h"
#include "base/timeutil.h"
#include "kind/kind.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <assert.h>

struct unit_tree {
  atomic_int refs;
  struct arena *a;
  struct unit_row *rows; /* in pre-order */
  size_t n;
  int32_t max_no;
  int32_t *by_no;   /* number → place in rows, -1 where none */
  int32_t *by_code; /* open addressing over rows, -1 free */
  int32_t *by_id;
  size_t mask;
};

struct unit_tree *unit_tree_ref(struct unit_tree *t) {
  if (t) atomic_fetch_add(&t->refs, 1);
  return t;
}

struct unit_tree *unit_tree_unref(struct unit_tree *t) {
  if (t && atomic_fetch_sub(&t->refs, 1) == 1) {
    arena_free(t->a);
    free(t);
  }
  return NULL;
}

void unit_tree_release(void *tree) {
  unit_tree_unref(tree);
}

void unit_path_make(const struct unit_row *parent, int32_t no, char out[UNIT_PATH_MAX]) {
  if (parent)
    snprintf(out, UNIT_PATH_MAX, STR_FMT "/%06d", STR_ARG(parent->path), (int)no);
  else
    snprintf(out, UNIT_PATH_MAX, "%06d", (int)no);
}

void unit_path_range(const struct unit_row *u, char low[UNIT_PATH_MAX], char high[UNIT_PATH_MAX]) {
  snprintf(low, UNIT_PATH_MAX, STR_FMT, STR_ARG(u->path));
  /* '/' and the digits sort before '~' */
  snprintf(high, UNIT_PATH_MAX, STR_FMT "/~", STR_ARG(u->path));
}

QUERY(q_tree_units,
      "SELECT no, coalesce(parent, 0), id, code, name, kind, valid_from, valid_to, "
      "coalesce(merged_into, 0), retired, path FROM unit WHERE no IS NOT NULL ORDER BY path");
QUERY(q_tree_placements,
      "SELECT unit, from_day, to_day, parent FROM unit_spell ORDER BY unit, from_day");
QUERY(q_tree_aliases, "SELECT no, aliases FROM unit WHERE no IS NOT NULL AND aliases IS NOT NULL");
QUERY(q_tree_count, "SELECT count(*) FROM unit WHERE no IS NOT NULL");
QUERY(q_tree_spell_count, "SELECT count(*) FROM unit_spell");

static int32_t day_or(struct str s, int32_t otherwise) {
  int32_t day;
  return s.p && day_parse(s, &day) == 0 ? day : otherwise;
}

static int read_units(struct unit_tree *t, struct tx *tx, size_t max, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_tree_units, P_NONE, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    if (t->n == max) break;
    struct unit_row *u = &t->rows[t->n++];
    *u = (struct unit_row){
        .no = (int32_t)cur_i64(c, 0),
        .parent = (int32_t)cur_i64(c, 1),
        .id = cur_uuid(c, 2),
        .code = arena_dup(t->a, cur_text(c, 3)),
        .name = arena_dup(t->a, cur_text(c, 4)),
        .kind = arena_dup(t->a, cur_text(c, 5)),
        .valid_from = day_or(cur_text(c, 6), INT32_MIN),
        .valid_to = day_or(cur_text(c, 7), INT32_MAX),
        .merged_into = (int32_t)cur_i64(c, 8),
        .retired = cur_i64(c, 9) != 0,
        .path = arena_dup(t->a, cur_text(c, 10)),
    };
    if (u->no > t->max_no) t->max_no = u->no;
  }
  return r < 0 ? r : 0;
}

static int read_spells(struct unit_tree *t, struct tx *tx, struct unit_spell *spells, size_t max,
                       struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  size_t n = 0;
  int r = cur_open(tx, &q_tree_placements, P_NONE, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1 && n < max) {
    int64_t no = cur_i64(c, 0);
    if (no < 1 || no > t->max_no || t->by_no[no] < 0) continue;
    struct unit_row *u = &t->rows[t->by_no[no]];
    spells[n] = (struct unit_spell){.parent = (int32_t)cur_i64(c, 3),
                                    .from = (int32_t)cur_i64(c, 1),
                                    .to = (int32_t)cur_i64(c, 2)};
    if (!u->spells) u->spells = &spells[n];
    u->n_spells++;
    n++;
  }
  return r < 0 ? r : 0;
}

/* Only where the kind of units has further names. */
static int read_aliases(struct unit_tree *t, struct tx *tx, struct err *e) {
  const struct kind *k = kind_by_name(S("unit"));
  int f;
  if (!k || !field_find(k, S("aliases"), &f) || !(k->fields[f].flags & FF_ALIAS)) return 0;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_tree_aliases, P_NONE, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    const int64_t no = cur_i64(c, 0);
    if (no < 1 || no > t->max_no || t->by_no[no] < 0) continue;
    t->rows[t->by_no[no]].aliases = arena_dup(t->a, cur_text(c, 1));
  }
  return r < 0 ? r : 0;
}

static void table_put(int32_t *table, size_t mask, uint64_t h, int32_t place) {
  size_t at = (size_t)h & mask;
  while (table[at] >= 0) at = (at + 1) & mask;
  table[at] = place;
}

/* Rows come ordered by path, which is pre-order; the branch of a row ends where the next row does
 * not begin with its path. */
static void index_rows(struct unit_tree *t) {
  int32_t stack[LIMIT_UNIT_DEPTH + 1];
  size_t depth = 0;
  for (size_t i = 0; i < t->n; i++) {
    struct unit_row *u = &t->rows[i];
    u->first = (int32_t)i;
    while (depth) {
      const struct unit_row *top = &t->rows[stack[depth - 1]];
      if (u->path.n > top->path.n && str_starts(u->path, top->path) &&
          u->path.p[top->path.n] == '/')
        break;
      t->rows[stack[--depth]].last = (int32_t)i - 1;
    }
    u->depth = (uint8_t)depth;
    if (depth <= LIMIT_UNIT_DEPTH) stack[depth++] = (int32_t)i;
    t->by_no[u->no] = (int32_t)i;
    table_put(t->by_code, t->mask, hash64(u->code.p, u->code.n), (int32_t)i);
    table_put(t->by_id, t->mask, hash64(u->id.b, 16), (int32_t)i);
  }
  while (depth) t->rows[stack[--depth]].last = (int32_t)t->n - 1;
}

int unit_tree_load(struct tx *tx, struct unit_tree **ret_tree, struct err *e) {
  int64_t n, n_spells;
  int r = tx_i64(tx, &q_tree_count, P_NONE, &n, e);
  if (r >= 0) r = tx_i64(tx, &q_tree_spell_count, P_NONE, &n_spells, e);
  if (r < 0) return r;
  _cleanup_(unit_tree_unrefp) struct unit_tree *t = calloc(1, sizeof *t);
  if (!t) return err_set(e, E_NOMEM, "no memory for the unit tree");
  atomic_init(&t->refs, 1);
  size_t slots = 64;
  while (slots < (size_t)n * 2 + 2) slots *= 2;
  t->mask = slots - 1;
  t->a = arena_create(LIMIT_ARENA_JOB);
  if (!t->a) return err_set(e, E_NOMEM, "no memory for the unit tree");
  t->rows = arena_array(t->a, struct unit_row, (size_t)n + 1);
  t->by_code = arena_array(t->a, int32_t, slots);
  t->by_id = arena_array(t->a, int32_t, slots);
  struct unit_spell *spells = arena_array(t->a, struct unit_spell, (size_t)n_spells + 1);
  if (arena_failed(t->a)) return err_set(e, E_NOMEM, "no memory for the unit tree");
  memset(t->by_code, 0xff, slots * sizeof(int32_t));
  memset(t->by_id, 0xff, slots * sizeof(int32_t));
  r = read_units(t, tx, (size_t)n, e);
  if (r < 0) return r;
  t->by_no = arena_array(t->a, int32_t, (size_t)t->max_no + 1);
  if (arena_failed(t->a)) return err_set(e, E_NOMEM, "no memory for the unit tree");
  memset(t->by_no, 0xff, ((size_t)t->max_no + 1) * sizeof(int32_t));
  index_rows(t);
  r = read_spells(t, tx, spells, (size_t)n_spells, e);
  if (r >= 0) r = read_aliases(t, tx, e);
  if (r < 0) return r;
  if (arena_failed(t->a)) return err_set(e, E_NOMEM, "no memory for the unit tree");
  *ret_tree = unit_tree_ref(t);
  return 0;
}

const struct unit_row *unit_by_no(const struct unit_tree *t, int32_t no) {
  if (!t || no < 1 || no > t->max_no || t->by_no[no] < 0) return NULL;
  return &t->rows[t->by_no[no]];
}

const struct unit_row *unit_by_code(const struct unit_tree *t, struct str code) {
  if (!t || !t->n) return NULL;
  for (size_t at = (size_t)hash64(code.p, code.n) & t->mask; t->by_code[at] >= 0;
       at = (at + 1) & t->mask)
    if (str_eq(t->rows[t->by_code[at]].code, code)) return &t->rows[t->by_code[at]];
  return NULL;
}

const struct unit_row *unit_by_id(const struct unit_tree *t, const struct uuid *id) {
  if (!t || !t->n) return NULL;
  for (size_t at = (size_t)hash64(id->b, 16) & t->mask; t->by_id[at] >= 0; at = (at + 1) & t->mask)
    if (uuid_eq(&t->rows[t->by_id[at]].id, id)) return &t->rows[t->by_id[at]];
  return NULL;
}

bool unit_within(const struct unit_tree *t, int32_t no, int32_t root) {
  const struct unit_row *u = unit_by_no(t, no), *top = unit_by_no(t, root);
  return u && top && u->first >= top->first && u->first <= top->last;
}

static int32_t parent_on(const struct unit_row *u, int32_t day) {
  /* before its first validity period a unit has the parent it began with */
  for (size_t i = 0; i < u->n_spells; i++)
    if (day < u->spells[i].to) return u->spells[i].parent;
  return u->parent;
}

size_t unit_ancestors(const struct unit_tree *t, int32_t no, int32_t day, int32_t *out,
                      size_t max) {
  size_t n = 0;
  const struct unit_row *u = unit_by_no(t, no);
  while (u && n < max) {
    out[n++] = u->no;
    u = unit_by_no(t, parent_on(u, day));
  }
  return n;
}

int32_t unit_ancestor_of_kind(const struct unit_tree *t, int32_t no, int32_t day,
                              const char *kind) {
  int32_t up[LIMIT_UNIT_DEPTH];
  size_t n = unit_ancestors(t, no, day, up, LIMIT_UNIT_DEPTH);
  for (size_t i = 0; i < n; i++)
    if (str_is(unit_by_no(t, up[i])->kind, kind)) return up[i];
  return 0;
}

size_t unit_count(const struct unit_tree *t) {
  return t ? t->n : 0;
}
int32_t unit_root(const struct unit_tree *t) {
  return t && t->n ? t->rows[0].no : 0;
}
const struct unit_row *unit_at(const struct unit_tree *t, size_t i) {
  assert(i < unit_count(t));
  return t && i < t->n ? &t->rows[i] : NULL;
}

bool unit_has_children(const struct unit_tree *t, int32_t no) {
  const struct unit_row *u = unit_by_no(t, no);
  return u && u->last > u->first;
}
