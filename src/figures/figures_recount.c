#include "figures/figures_inner.h"
#include "core/operation.h"
#include "base/log.h"

/* An installation may be older than an indicator: its records were never asked for it. Table
 * figure_indicator says which have been counted; what is missing is counted once, at start, as
 * known from the day on which each record was made. */

QUERY(q_indicator_counted, "SELECT ind FROM figure_indicator");
QUERY(
    q_indicator_mark,
    "INSERT INTO figure_indicator (ind, counted_ms) VALUES ($1, $2) ON CONFLICT (ind) DO NOTHING");
QUERY(q_indicator_clear, "DELETE FROM figure WHERE ind = $1");
QUERY(q_indicator_clear_leaves, "DELETE FROM figure_leaf WHERE ind = $1");
QUERY(q_indicator_clear_members, "DELETE FROM figure_member WHERE ind = $1");

struct recount {
  struct app *app;
  bool missing[INDICATOR_NO_MAX];
  size_t n;
  struct unit_tree *tree;
  struct sums leaves;
  const struct zone *zone; /* of the operation being counted */
};

static int find_missing(struct tx *tx, struct recount *rc, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  rc->n = 0;
  memset(rc->missing, 0, sizeof rc->missing);
  for (size_t i = 0; i < indicators_count(); i++)
    rc->missing[indicator_at(i)->no] = indicator_at(i)->type != IND_DERIVED;
  int r = cur_open(tx, &q_indicator_counted, P_NONE, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    const int64_t no = cur_i64(c, 0);
    if (no >= 0 && no < INDICATOR_NO_MAX) rc->missing[no] = false;
  }
  for (size_t i = 0; i < INDICATOR_NO_MAX; i++) rc->n += rc->missing[i];
  return r < 0 ? r : 0;
}

static int count_record(struct record *rec, void *arg, struct err *e) {
  struct recount *rc = arg;
  struct contribs out;
  out.tree = rc->tree;
  out.zone = rc->zone;
  record_contribs(rec, &out);
  const int32_t known =
      rc->zone ? zone_day(rc->zone, rec->created_ms, NULL) : (int32_t)(rec->created_ms / MS_DAY);
  for (size_t i = 0; i < out.n; i++) {
    const struct sum_key k = contrib_key(rec, &out.c[i], known);
    if (k.ind >= INDICATOR_NO_MAX || !rc->missing[k.ind]) continue;
    int r = sums_add(&rc->leaves, &k, out.c[i].n, NULL, e);
    if (r < 0) return r;
  }
  return 0;
}

static int count_all(struct tx *tx, struct recount *rc, struct err *e) {
  OPERATIONS(rc->app, ops);
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    if (!kind_counts(k)) continue;
    const bool global = k->flags & KF_GLOBAL;
    for (size_t o = 0; o < (global ? 1 : ops->n); o++) {
      rc->zone = global ? NULL : ops->list[o].zone;
      int r = record_each(tx, k, global ? 0 : ops->list[o].no, count_record, rc, e);
      if (r < 0) return r;
    }
  }
  return 0;
}

static int clear_and_mark(struct tx *tx, struct recount *rc, struct err *e) {
  const struct val now = V_I64(clock_now_ms(&rc->app->clock));
  for (size_t no = 0; no < INDICATOR_NO_MAX; no++) {
    if (!rc->missing[no]) continue;
    const struct val ind = V_I64((int64_t)no);
    int r = tx_exec(tx, &q_indicator_clear, P(ind), NULL, e);
    if (r == 0) r = tx_exec(tx, &q_indicator_clear_members, P(ind), NULL, e);
    if (r == 0) r = tx_exec(tx, &q_indicator_clear_leaves, P(ind), NULL, e);
    if (r == 0) r = tx_exec(tx, &q_indicator_mark, P(ind, now), NULL, e);
    if (r < 0) return r;
  }
  return 0;
}

/* Before anybody is served: nothing else changes the operations or the records meanwhile. */
static int recount_run(struct tx *tx, void *arg, struct err *e) {
  struct recount *rc = arg;
  struct sums full = {0};
  int64_t rows = 0;
  int r = find_missing(tx, rc, e); /* again: another server may have been first */
  if (r < 0 || rc->n == 0) return r;
  r = unit_tree_load(tx, &rc->tree, e);
  struct spells spells = {.tx = tx, .tree = rc->tree};
  if (r == 0) r = clear_and_mark(tx, rc, e);
  if (r == 0) r = count_all(tx, rc, e);
  if (r == 0) r = figures_put(tx, &rc->leaves, &spells, &full, &rows, e);
  if (r == 0 && rows)
    log_info("indicators_counted", "indicators=%zu rows=%lld", rc->n, (long long)rows);
  sums_done(&full);
  sums_done(&rc->leaves);
  spells_done(&spells);
  rc->tree = unit_tree_unref(rc->tree);
  return r;
}
static const struct cmd_class recount_cmd = {.name = "indicators", .run = recount_run};

int figures_count_new(struct app *app, struct err *e) {
  _cleanup_(arena_freep) struct arena *a = arena_create(KIB(64));
  struct recount *rc = a ? arena_new(a, struct recount) : NULL;
  if (!rc) return err_set(e, E_NOMEM, "no memory for indicators");
  rc->app = app;
  {
    _cleanup_(tx_endp) struct tx *tx = NULL;
    int r = store_read(app->store, &tx, e);
    if (r == 0) r = find_missing(tx, rc, e);
    if (r < 0 || rc->n == 0) return r;
  }
  return writer_run(app->writer, &recount_cmd, rc, CMD_NORMAL, e);
}
