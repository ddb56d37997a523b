#include "figures/figures_inner.h"
#include "core/operation.h"
#include "core/verify.h"
#include <stdlib.h>

QUERY(q_verify_figures, "SELECT op, unit, ind, day, CAST(sum(value) AS BIGINT), minute FROM figure "
                        "GROUP BY op, unit, ind, day, minute");
QUERY(q_verify_members,
      "SELECT op, unit, ind, day, CAST(sum(value) AS BIGINT), member FROM figure_member "
      "GROUP BY op, unit, ind, member, day");

enum { SHOWN = VERIFY_SHOWN };

struct recount {
  struct app *app;
  struct sums sums;
  struct spells spells;
  struct buf *report;
  int64_t checked, wrong;
};

static int add_record(struct record *rec, void *arg, struct err *e) {
  struct recount *rc = arg;
  struct contribs out;
  out.tree = rc->spells.tree;
  out.zone = figures_zone(rc->app, rec->op);
  record_contribs(rec, &out);
  for (size_t i = 0; i < out.n; i++) {
    const struct contrib *c = &out.c[i];
    int32_t up[LIMIT_UNIT_DEPTH];
    size_t n = 0;
    struct sum_key k = contrib_key(rec, c, 0);
    int r = spells_ancestors(&rc->spells, c->unit, c->day, up, LIMIT_UNIT_DEPTH, &n, e);
    for (size_t u = 0; u < n && r == 0; u++) {
      k.unit = up[u];
      r = sums_add(&rc->sums, &k, c->n, NULL, e);
    }
    if (r < 0) return r;
  }
  return 0;
}

static void differs(struct recount *rc, const struct sum_key *k, int64_t stored, int64_t counted) {
  const struct indicator *ind = indicator_by_no(k->ind);
  const struct unit_row *u = unit_by_no(rc->spells.tree, k->unit);
  char day[DAY_TEXT], member[UUID_TEXT];
  if (rc->wrong++ >= SHOWN) return;
  day_format(k->day, day);
  buf_printf(rc->report, "  operation %lld, %s (" STR_FMT "), unit %d (" STR_FMT "), %s",
             (long long)k->op, ind ? ind->code : "?", STR_ARG(str_from(ind ? ind->zh : "?")),
             (int)k->unit, STR_ARG(u ? u->code : S("?")), day);
  if (k->minute != ALL_DAY) {
    minute_format(k->minute, day);
    buf_printf(rc->report, " %s", day);
  }
  if (!uuid_is_nil(&k->member)) {
    uuid_format(&k->member, member);
    buf_printf(rc->report, ", member %s", member);
  }
  buf_printf(rc->report, ": stored %lld, recomputed %lld\n", (long long)stored, (long long)counted);
}

static int compare(struct recount *rc, struct tx *tx, const struct query *q, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  const bool member = q == &q_verify_members;
  int r = cur_open(tx, q, P_NONE, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    struct sum_key k = {.op = cur_i64(c, 0),
                        .unit = (int32_t)cur_i64(c, 1),
                        .ind = (uint32_t)cur_i64(c, 2),
                        .day = (int32_t)cur_i64(c, 3),
                        .minute = member ? ALL_DAY : (int16_t)cur_i64(c, 5)};
    if (member) k.member = cur_uuid(c, 5);
    struct sum *found = sums_find(&rc->sums, &k);
    rc->checked++;
    if (cur_i64(c, 4) != (found ? found->n : 0))
      differs(rc, &k, cur_i64(c, 4), found ? found->n : 0);
    if (found) found->n = 0; /* what is left over has no row */
  }
  return r < 0 ? r : 0;
}

QUERY(q_verify_ops, "SELECT coalesce(min(op), -1) FROM figure WHERE op > $1");

static int recount_kinds(struct recount *rc, struct tx *tx, const int64_t *ops, size_t n_ops,
                         struct err *e) {
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    if (!kind_counts(k)) continue;
    const bool global = k->flags & KF_GLOBAL;
    for (size_t o = 0; o < (global ? 1 : n_ops); o++) {
      int r = record_each(tx, k, global ? 0 : ops[o], add_record, rc, e);
      if (r < 0) return r;
    }
  }
  return 0;
}

int figures_verify(struct app *app, struct tx *tx, struct buf *report, int64_t *ret_checked,
                   int64_t *ret_wrong, struct err *e) {
  struct recount rc = {.app = app, .report = report, .spells = {.tx = tx}};
  int64_t ops[1024];
  size_t n = 0;
  struct unit_tree *tree = NULL;
  int r = unit_tree_load(tx, &tree, e);
  rc.spells.tree = tree;
  OPERATIONS(app, all);
  if (r == 0 && all->n > ARRAY_LEN(ops)) r = err_set(e, E_TOO_LARGE, "too many operations");
  for (; n < all->n && n < ARRAY_LEN(ops); n++) ops[n] = all->list[n].no;
  /* Operations that have figures and are not in the list any more (retired). */
  for (int64_t op = -1; r == 0;) {
    bool known = false;
    r = tx_i64(tx, &q_verify_ops, P(V_I64(op)), &op, e);
    if (r < 0 || op < 0) break;
    for (size_t i = 0; i < n && !known; i++) known = ops[i] == op;
    if (!known && n == ARRAY_LEN(ops)) r = err_set(e, E_TOO_LARGE, "too many operations");
    if (!known && r == 0) ops[n++] = op;
  }
  if (r == 0) r = recount_kinds(&rc, tx, ops, n, e);
  if (r == 0) r = figures_under_way(tx, &rc.spells, &rc.sums, &rc.wrong, e);
  if (rc.wrong)
    buf_printf(report, "  %lld leaves outside of the roll-up's position\n", (long long)rc.wrong);
  if (r == 0) r = compare(&rc, tx, &q_verify_figures, e);
  if (r == 0) r = compare(&rc, tx, &q_verify_members, e);
  for (size_t i = 0; i < rc.sums.n && r == 0; i++) {
    if (rc.sums.e[i].n == 0) continue;
    rc.checked++;
    differs(&rc, &rc.sums.e[i].k, 0, rc.sums.e[i].n);
  }
  if (rc.wrong > SHOWN) buf_printf(report, "  … %lld more\n", (long long)(rc.wrong - SHOWN));
  sums_done(&rc.sums);
  spells_done(&rc.spells);
  unit_tree_unref(tree);
  if (r < 0) return r;
  *ret_checked = rc.checked;
  *ret_wrong = rc.wrong;
  return 0;
}
