#include "sync/devices.h"
#include "figures/figures.h"
#include "core/operation.h"
#include "core/settings.h"
#include "domain/rosters/roster_api.h"
#include <stdio.h>

/* What a gate's phone needs for the days ahead of it, asked for with the device's own credential:
 * its unit's posts, shifts and who is on them, and the rules of every day that it may be without a
 * network. Names are masked, since the phone's viewer may read none. */

enum { ROSTER_DAYS = 3, POLICY_DAYS = 9, DAY_RECORDS = 4000 };

static struct str day_text(struct arena *a, int32_t day) {
  char text[DAY_TEXT];
  day_format(day, text);
  return arena_dup(a, (struct str){text, 10});
}

static int write_list(struct rq *rq, struct tx *tx, struct jw *w, const char *name,
                      const struct kind *k, const char *key, struct str value, struct err *e) {
  struct type_ctx c = rq_types(rq);
  struct list_query lq = {.limit = LIMIT_PAGE, .unit = rq->device->unit};
  struct emit em = {
      .tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a, .masked = true};
  size_t written = 0;
  int r = 0;
  list_parse(&lq, rq->viewer, k, str_from(key), value, &c);
  jw_key(w, str_from(name));
  jw_array(w);
  do {
    struct list_page page = {.total = -1};
    r = record_list(tx, rq->a, &rq->app->registry, rq->viewer, k, &lq, &page, e);
    if (r >= 0) r = emit_records(&em, w, page.items, page.n, e);
    lq.after = page.next;
    written += page.n;
  } while (r >= 0 && lq.after.p && written < DAY_RECORDS);
  jw_end(w);
  return r;
}

static void write_policy(struct rq *rq, struct jw *w, int32_t day) {
  jw_object(w);
  for (const struct policy_key *k = policy_keys; k->key; k++) {
    jw_key(w, str_from(k->key));
    jw_decimal(w, policy(rq->app, rq->viewer->op, k->key, day), k->scale);
  }
  jw_end(w);
}

/* No operation, no rules: the defaults would be taken for somebody's decision. */
static void write_rules(struct rq *rq, struct jw *w, int32_t from) {
  struct operation op;
  if (!rq_operation_open(rq, w, &op)) return;
  jw_end(w);
  jw_k(w, "policy");
  write_policy(rq, w, from);
  jw_kobject(w, "policies");
  for (int32_t day = from; day < from + POLICY_DAYS; day++) {
    jw_key(w, day_text(rq->a, day));
    write_policy(rq, w, day);
  }
  jw_end(w);
}

/* GET device/day?date= */
int device_day(struct rq *rq, struct jw *w, struct err *e) {
  int32_t from;
  if (!rq->device || rq->session)
    return err_set(e, E_FORBIDDEN, "a registered device asks this with its own token");
  int r = rq_day(rq, "date", &from, e);
  if (r < 0) return r;
  const struct str range = arena_printf(rq->a, STR_FMT ".." STR_FMT, STR_ARG(day_text(rq->a, from)),
                                        STR_ARG(day_text(rq->a, from + ROSTER_DAYS - 1)));
  jw_object(w);
  jw_kstr(w, "today", day_text(rq->a, rq->viewer->today));
  r = device_facts(rq, rq->tx, w, e);
  write_rules(rq, w, from);
  if (r >= 0) r = write_list(rq, rq->tx, w, "posts", &post_kind, "filter[state]", S("open"), e);
  if (r >= 0) r = write_list(rq, rq->tx, w, "shifts", &shift_kind, "filter[date]", range, e);
  if (r >= 0)
    r = write_list(rq, rq->tx, w, "assignments", &assignment_kind, "filter[date]", range, e);
  jw_end(w);
  if (r >= 0) r = rq_check(rq, e);
  return r;
}

/* ---- gates that have fallen silent ---- */

/* Manned now, with a phone of their own that has not spoken for so long; from when on, of the one
 * that is silent longest. */
QUERY(q_silent,
      "SELECT COUNT(*), MIN(x.heard) FROM (SELECT p.id AS post, MAX(COALESCE(d.last_seen, "
      "d.created_ms)) AS heard FROM post p JOIN unit u ON u.no = p.unit JOIN device d ON "
      "d.post = p.id AND d.state = 'active' WHERE p.op = $1 AND p.retired = 0 AND "
      "p.state = 'open' AND p.kind = 'gate' AND u.path BETWEEN $2 AND $3 AND EXISTS (SELECT 1 "
      "FROM shift s WHERE s.post = p.id AND s.retired = 0 AND s.state = 'open' AND "
      "s.starts_at <= $4 AND s.ends_at > $4) GROUP BY p.id) AS x WHERE x.heard < $5");

static int silent_gates(struct app *app, struct tx *tx, const struct figure_query *q, struct jw *w,
                        struct err *e) {
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  struct operation op;
  const int64_t now = clock_now_ms(&app->clock);
  if (operation_get(app, q->op, &op, NULL) < 0 || zone_day(op.zone, now, NULL) != q->day) return 0;
  struct unit_tree *tree = app_tree(app);
  const struct unit_row *u = unit_by_no(tree, q->unit);
  if (u) unit_path_range(u, low, high);
  unit_tree_unref(tree);
  if (!u) return 0;
  const int64_t minutes = setting_i64(app, q->op, "sync.silent_minutes");
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(
      tx, &q_silent,
      P(V_I64(q->op), V_TEXTZ(low), V_TEXTZ(high), V_I64(now), V_I64(now - minutes * MS_MINUTE)),
      &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r <= 0) return r;
  const int64_t n = cur_i64(c, 0), since = cur_i64(c, 1);
  int minute;
  char at[6], day[DAY_TEXT], zh[160], en[160];
  if (n == 0) return 0;
  const int32_t on = zone_day(op.zone, since, &minute);
  minute_format(minute, at);
  day_format(on, day);
  const bool today = on == q->day;
  snprintf(zh, sizeof zh, "%lld 个卡口自 %s%s%s 起未同步", (long long)n, today ? "" : day + 5,
           today ? "" : " ", at);
  snprintf(en, sizeof en, "%lld gates have not synchronised since %s%s%s", (long long)n,
           today ? "" : day + 5, today ? "" : " ", at);
  figures_note(w, "silent_gates", n, str_from(zh), str_from(en));
  return 0;
}

int silent_start(struct app *app, struct err *e) {
  return figures_add_completeness(app->figures, silent_gates, e);
}
