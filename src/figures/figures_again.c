#include "figures/figures_inner.h"

/* A contribution may rest on the tree: "distinct subdistricts" counts the subdistrict in which a
 * receiving community lies. Where units move or become another kind of unit, the records that name
 * them, or anything that ever lay below them, are asked again, and the difference is added. */

enum { UNITS_MAX = 1 << 20 };

struct again {
  struct app *app;
  struct tx *tx;
  struct spells *spells; /* with all moves of this transaction */
  struct unit_tree *before, *after;
  struct arena *a;
  struct sums *leaves;
  int32_t known;
};

/* Everything that lies or lay below the units marked, by either tree. */
void figures_mark_below(const struct unit_tree *t, bool *marked, int32_t max) {
  for (bool more = true; more;) {
    more = false;
    for (size_t i = 0; i < unit_count(t); i++) {
      const struct unit_row *u = unit_at(t, i);
      if (u->no > max || marked[u->no]) continue;
      bool below = u->parent > 0 && u->parent <= max && marked[u->parent];
      for (uint16_t s = 0; s < u->n_spells && !below; s++)
        below =
            u->spells[s].parent > 0 && u->spells[s].parent <= max && marked[u->spells[s].parent];
      if (below) marked[u->no] = more = true;
    }
  }
}

static int32_t highest(const struct unit_tree *t) {
  int32_t max = 0;
  for (size_t i = 0; i < unit_count(t); i++)
    if (unit_at(t, i)->no > max) max = unit_at(t, i)->no;
  return max;
}

/* "[3,17,18]" */
static int list_units(struct again *ag, const int32_t *units, size_t n, struct buf *out,
                      struct err *e) {
  int32_t max = highest(ag->after);
  if (highest(ag->before) > max) max = highest(ag->before);
  bool *marked = max < UNITS_MAX ? arena_array(ag->a, bool, (size_t)max + 1) : NULL;
  if (!marked || arena_failed(ag->a)) return err_set(e, E_NOMEM, "too many units");
  for (size_t i = 0; i < n; i++)
    if (units[i] > 0 && units[i] <= max) marked[units[i]] = true;
  figures_mark_below(ag->before, marked, max);
  figures_mark_below(ag->after, marked, max);
  buf_char(out, '[');
  for (int32_t no = 1; no <= max; no++)
    if (marked[no]) buf_printf(out, "%s%d", out->n > 1 ? "," : "", (int)no);
  buf_char(out, ']');
  return buf_ok(out) ? 0 : err_set(e, E_NOMEM, "too many units");
}

/* The ids of a kind's records that name one of the units in any field. */
static void naming_sql(struct buf *out, const struct kind *k, enum engine engine) {
  const char *among = engine == ENGINE_SQLITE
                          ? "SELECT value FROM json_each($1)"
                          : "SELECT CAST(json_array_elements_text(CAST($1 AS json)) AS BIGINT)";
  const char *op = k->flags & KF_GLOBAL ? "0" : "op";
  for (size_t f = 0; f < k->n_fields; f++)
    if (k->fields[f].type == FT_UNIT)
      buf_printf(out, "%sSELECT id, %s FROM \"%s\" WHERE \"%s\" IN (%s)", out->n ? " UNION " : "",
                 op, k->name, k->fields[f].name, among);
}

static int add(struct again *ag, const struct record *rec, struct unit_tree *tree, int sign,
               struct err *e) {
  struct contribs out;
  out.tree = tree;
  out.zone = figures_zone(ag->app, rec->op);
  record_contribs(rec, &out);
  for (size_t i = 0; i < out.n; i++) {
    struct sum_key k = contrib_key(rec, &out.c[i], ag->known);
    int r = sums_add(ag->leaves, &k, sign * out.c[i].n, NULL, e);
    if (r < 0) return r;
  }
  return 0;
}

static int ask_kind(struct again *ag, const struct kind *k, struct str units, struct err *e) {
  struct buf sql = BUF_INIT(LIMIT_SQL_TEXT);
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  if (!a) return err_set(e, E_NOMEM, "no memory for a record");
  naming_sql(&sql, k, tx_engine(ag->tx));
  if (sql.n == 0) return 0;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open_sql(ag->tx, buf_str(&sql), P(V_TEXT(units)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    struct record *rec;
    const struct uuid id = cur_uuid(c, 0);
    arena_reset(a);
    r = record_load(ag->tx, a, k, cur_i64(c, 1), &id, &rec, e);
    if (r == 0) r = add(ag, rec, ag->after, 1, e);
    if (r == 0) r = add(ag, rec, ag->before, -1, e);
  }
  buf_done(&sql);
  return r < 0 ? r : 0;
}

int figures_again(struct app *app, struct tx *tx, struct spells *s, const int32_t *units, size_t n,
                  int32_t known, struct sums *leaves, struct err *e) {
  struct unit_tree *after = NULL;
  struct buf list = BUF_INIT(MIB(8));
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  if (!a) return err_set(e, E_NOMEM, "no memory for moved units");
  int r = unit_tree_load(tx, &after, e);
  struct again ag = {.app = app,
                     .tx = tx,
                     .spells = s,
                     .before = s->tree,
                     .after = after,
                     .a = a,
                     .leaves = leaves,
                     .known = known};
  if (r == 0) r = list_units(&ag, units, n, &list, e);
  for (size_t i = 0; i < kinds_count() && r == 0; i++) {
    const struct kind *k = kind_at(i);
    /* Events are many, and what they add is at their own unit. */
    if (kind_counts(k) && !(k->flags & KF_EVENT)) r = ask_kind(&ag, k, buf_str(&list), e);
  }
  buf_done(&list);
  unit_tree_unref(after);
  return r;
}
