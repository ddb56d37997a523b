#include "figures/figures_inner.h"
#include "core/settings.h"
#include "kind/ddl.h"
#include <assert.h>

/* From the leaves to the units above them, in the commit or after it. In the commit (the usual way)
 * figures_put does both. After it, a commit writes its leaves' figures, and the same once more
 * under its number into figure_leaf; the roll-up adds them above and moves the lane's position up
 * to that number. What is above stands as of that position until then: answers say how many commits
 * it is behind, and verify takes into account what is under way. */

static const struct table_def tables[] = {
    {.name = "figure_leaf",
     .columns = "lane i64 NOT NULL, n i64 NOT NULL, op i64 NOT NULL, unit i64 NOT NULL, "
                "ind i64 NOT NULL, member uuid NOT NULL, day i64 NOT NULL, minute i64 NOT NULL, "
                "known_day i64 NOT NULL, value i64 NOT NULL, "
                "PRIMARY KEY (lane, n, op, unit, ind, member, day, minute, known_day)",
     .clustered = true},
    {.name = "figure_position",
     .columns = "lane i64 PRIMARY KEY, written i64 NOT NULL, rolled i64 NOT NULL"},
};
__attribute__((constructor)) static void declare_tables(void) {
  schema_add_tables(tables, ARRAY_LEN(tables));
}
static const struct bulk bulk_leaf = {
    .name = "figure_leaf",
    .table = "figure_leaf",
    .columns = "lane, n, op, unit, ind, member, day, minute, known_day, value",
    .types = (const enum val_type[]){VAL_I64, VAL_I64, VAL_I64, VAL_I64, VAL_I64, VAL_UUID, VAL_I64,
                                     VAL_I64, VAL_I64, VAL_I64},
    .n_columns = 10,
};

enum { LEAVES_AT_ONCE = 256 };

QUERY(q_roll_next, "INSERT INTO figure_position AS p (lane, written, rolled) VALUES ($1, 1, 0) "
                   "ON CONFLICT (lane) DO UPDATE SET written = p.written + 1 RETURNING written");
QUERY(q_roll_behind,
      "SELECT CAST(coalesce(sum(written - rolled), 0) AS BIGINT) FROM figure_position");
/* The row is locked from here: no commit of its lane comes between the position and its leaves. */
QUERY(q_roll_move, "UPDATE figure_position SET rolled = CASE WHEN written - rolled > $1 "
                   "THEN rolled + $1 ELSE written END WHERE lane = (SELECT min(lane) FROM "
                   "figure_position WHERE rolled < written) RETURNING lane, rolled");
#define LEAF_COLUMNS "SELECT op, unit, ind, member, day, minute, known_day, value FROM figure_leaf "
QUERY(q_roll_leaves, LEAF_COLUMNS "WHERE lane = $1 AND n <= $2");
QUERY(q_roll_done, "DELETE FROM figure_leaf WHERE lane = $1 AND n <= $2");
QUERY(q_roll_all, LEAF_COLUMNS);
QUERY(q_roll_astray, "SELECT count(*) FROM figure_leaf l WHERE NOT EXISTS (SELECT 1 FROM "
                     "figure_position p WHERE p.lane = l.lane AND l.n > p.rolled AND "
                     "l.n <= p.written)");

bool figures_after_commit(const struct figures *f) {
  return setting_i64(f->app, 0, "figures.roll_up_after_commit") != 0;
}

int figures_behind(struct tx *tx, int64_t *ret_n, struct err *e) {
  return tx_i64(tx, &q_roll_behind, P_NONE, ret_n, e);
}

int figures_leave(struct tx *tx, const struct sums *leaves, struct sums *full, int64_t *ret_rows,
                  struct err *e) {
  struct val rows[LEAVES_AT_ONCE * 10], *v = rows;
  const int64_t lane = (int64_t)tx_lane(tx);
  int64_t no = 0;
  sums_clear(full);
  for (size_t i = 0; i < leaves->n; i++) {
    int r = leaves->e[i].n ? sums_add(full, &leaves->e[i].k, leaves->e[i].n, NULL, e) : 0;
    if (r < 0) return r;
  }
  int r = full->n ? tx_i64(tx, &q_roll_next, P(V_I64(lane)), &no, e) : 0;
  if (r == 0) r = figures_store(tx, full, ret_rows, e);
  for (size_t i = 0; i < full->n && r == 0; i++) {
    const struct sum_key *k = &full->e[i].k;
    const struct val row[] = {V_I64(lane),     V_I64(no),          V_I64(k->op),  V_I64(k->unit),
                              V_I64(k->ind),   V_UUID(k->member),  V_I64(k->day), V_I64(k->minute),
                              V_I64(k->known), V_I64(full->e[i].n)};
    for (size_t c = 0; c < ARRAY_LEN(row); c++) *v++ = row[c];
    const size_t n = (size_t)(v - rows) / ARRAY_LEN(row);
    if (n < LEAVES_AT_ONCE && i + 1 < full->n) continue;
    r = tx_bulk_later(tx, &bulk_leaf, rows, n, e);
    v = rows;
  }
  return r;
}

/* Adds each leaf read, times `sign`, at the units above it. */
static int add_above(struct tx *tx, const struct query *q, const struct val *p, size_t n,
                     struct spells *s, int sign, bool known, struct sums *out, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, q, p, n, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    int32_t up[LIMIT_UNIT_DEPTH];
    size_t n_up = 0;
    struct sum_key k = {.op = cur_i64(c, 0),
                        .ind = (uint32_t)cur_i64(c, 2),
                        .member = cur_uuid(c, 3),
                        .day = (int32_t)cur_i64(c, 4),
                        .minute = (int16_t)cur_i64(c, 5),
                        .known = known ? (int32_t)cur_i64(c, 6) : 0};
    r = spells_ancestors(s, (int32_t)cur_i64(c, 1), k.day, up, LIMIT_UNIT_DEPTH, &n_up, e);
    assert(r < 0 || (n_up > 0 && k.ind < INDICATOR_NO_MAX));
    for (size_t u = 1; u < n_up && r == 0; u++) {
      k.unit = up[u];
      r = sums_add(out, &k, sign * cur_i64(c, 7), NULL, e);
    }
  }
  return r < 0 ? r : 0;
}

static int next_position(struct tx *tx, int64_t *ret_lane, int64_t *ret_upto, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_roll_move, P(V_I64(ROLL_COMMITS)), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r <= 0) return r;
  *ret_lane = cur_i64(c, 0);
  *ret_upto = cur_i64(c, 1);
  assert(*ret_upto > 0);
  return 1;
}

int figures_roll(struct tx *tx, struct spells *s, bool all, struct sums *up, struct err *e) {
  int64_t lane = 0, upto = 0, rows = 0;
  int r;
  sums_clear(up);
  while ((r = next_position(tx, &lane, &upto, e)) == 1) {
    const struct val where[] = {V_I64(lane), V_I64(upto)};
    r = add_above(tx, &q_roll_leaves, where, 2, s, 1, true, up, e);
    if (r == 0) r = tx_exec(tx, &q_roll_done, where, 2, NULL, e);
    if (r < 0 || !all) break;
  }
  return r < 0 ? r : figures_store(tx, up, &rows, e);
}

int figures_under_way(struct tx *tx, struct spells *s, struct sums *counted, int64_t *ret_astray,
                      struct err *e) {
  int r = add_above(tx, &q_roll_all, P_NONE, s, -1, false, counted, e);
  return r < 0 ? r : tx_i64(tx, &q_roll_astray, P_NONE, ret_astray, e);
}
