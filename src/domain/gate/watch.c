#include "domain/gate/watch.h"
#include "domain/gate/passes.h"
#include "figures/figures.h"
#include "core/operation.h"
#include "domain/gate/gate.h"
#include "domain/gate/visitor.h"
#include "domain/rosters/rosters.h"
#include <stdio.h>

enum { HOURS = 24, OUT_MAX = 500, VISITORS_MAX = 500, OUT_DAYS = 3 };

/* ---- passages by the hour ---- */

/* The branch, or that of the gate that is named; his right is asked there. */
static int where(struct rq *rq, int32_t *ret_unit, struct uuid *ret_post, struct err *e) {
  const struct str text = rq_arg(rq, "post");
  struct post_facts post;
  *ret_post = (struct uuid){{0}};
  if (!text.n) return rq_unit(rq, "unit", "gate_event.read", ret_unit, e);
  if (uuid_parse(text, ret_post) < 0 || !post_facts(rq->app, ret_post, &post) ||
      post.op != rq->viewer->op ||
      !viewer_may(rq->viewer, kind_right(&gate_event_kind, VERB_READ), post.unit))
    return err_field(e, E_NOT_FOUND, "no such gate, or not for this reader", "post");
  *ret_unit = post.unit;
  return 0;
}

/* The day's figures by the hour; one gate's are added up from its events by the same rows. */
int gate_hours(struct rq *rq, struct jw *w, struct err *e) {
  struct figure_query q = {.op = rq->viewer->op, .from = INT32_MIN, .as_known = INT32_MAX};
  int64_t n[GATE_BY_HOUR_ * HOURS];
  struct uuid post;
  int r = where(rq, &q.unit, &post, e);
  if (r >= 0) r = rq_day(rq, "date", &q.day, e);
  if (r >= 0)
    r = figures_hours(rq->app, rq->tx, &q, gate_by_hour, GATE_BY_HOUR_,
                      uuid_is_nil(&post) ? -1 : GATE_POST, &post, n, e);
  if (r < 0) return r;
  jw_object(w);
  jw_karray(w, "hours");
  for (size_t hour = 0; hour < HOURS; hour++) {
    jw_object(w);
    jw_ki64(w, "hour", (int64_t)hour);
    for (size_t i = 0; i < GATE_BY_HOUR_; i++) {
      jw_key(w, str_from(gate_by_hour[i]->code + strlen("gate.")));
      jw_i64(w, n[i * HOURS + hour]);
    }
    jw_end(w);
  }
  jw_end(w);
  jw_end(w);
  return 0;
}

/* ---- who is inside, and who is not back ---- */

/* The last passage of a household's pass was an exit. Who is out is kept by the job that follows
 * the events (clash_follow.c); what has arrived since it looked is read here, and of the passes in
 * either the last passage decides. The day's other passages are not touched. */
#define OUT_NOW                                                                                    \
  "SELECT e.pass, p.number, e.household, h.code, e.post, o.name, e.happened_at FROM "              \
  "(SELECT g.pass FROM unit u JOIN gate_out g ON g.unit = u.no "                                   \
  "WHERE u.path BETWEEN $1 AND $2 AND g.op = $3 "                                                  \
  "UNION SELECT a.pass FROM unit u LEFT JOIN gate_cursor c ON c.unit = u.no "                      \
  "JOIN gate_event a ON a.unit = u.no AND a.seq > coalesce(c.seq, 0) "                             \
  "WHERE u.path BETWEEN $1 AND $2 AND a.op = $3 AND a.pass IS NOT NULL) x "                        \
  "JOIN gate_event e ON e.pass = x.pass JOIN unit w ON w.no = e.unit "                             \
  "JOIN pass p ON p.id = e.pass AND p.class = 'household' "                                        \
  "JOIN post o ON o.id = e.post LEFT JOIN household h ON h.id = e.household "                      \
  "WHERE w.path BETWEEN $1 AND $2 AND e.op = $3 AND e.day >= $4 AND e.direction = 'out' "          \
  "AND e.corrects IS NULL AND e.outcome IN ('admitted', 'remeasured') "                            \
  "AND NOT EXISTS (SELECT 1 FROM gate_event k WHERE k.corrects = e.id) "                           \
  "AND NOT EXISTS (SELECT 1 FROM gate_event f WHERE f.pass = e.pass "                              \
  "AND (f.happened_at > e.happened_at OR (f.happened_at = e.happened_at AND f.id > e.id)) "        \
  "AND f.corrects IS NULL AND f.outcome IN ('admitted', 'remeasured') "                            \
  "AND NOT EXISTS (SELECT 1 FROM gate_event k WHERE k.corrects = f.id)) "
QUERY(q_out_now, OUT_NOW "ORDER BY e.happened_at LIMIT 501"); /* limit: more */
QUERY(q_out_now_post, OUT_NOW "AND e.post = $5 ORDER BY e.happened_at LIMIT 501");

static void write_named(struct jw *w, const char *key, struct uuid id, const char *name,
                        struct str text) {
  jw_key(w, str_from(key));
  if (uuid_is_nil(&id)) {
    jw_null(w);
    return;
  }
  jw_object(w);
  jw_kuuid(w, "id", &id);
  jw_key(w, str_from(name));
  jw_str(w, text);
  jw_end(w);
}

static int write_out(struct rq *rq, struct tx *tx, int32_t unit, const struct uuid *post,
                     struct jw *w, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX], date[DAY_TEXT], since[MOMENT_TEXT];
  const struct viewer *v = rq->viewer;
  const bool one = !uuid_is_nil(post);
  const int64_t allowed = policy(rq->app, v->op, "pass_household_minutes", v->today);
  unit_path_range(unit_by_no(v->tree, unit), low, high);
  day_format(v->today - OUT_DAYS, date);
  const struct val p[] = {V_TEXTZ(low), V_TEXTZ(high), V_I64(v->op), V_TEXTZ(date), V_UUID(*post)};
  jw_ki64(w, "allowed_minutes", allowed);
  jw_karray(w, "households");
  int r = cur_open(tx, one ? &q_out_now_post : &q_out_now, p, one ? 5 : 4, &cur, e);
  int n = 0;
  while (r >= 0 && (r = cur_next(cur, e)) == 1 && n++ < OUT_MAX) {
    const int64_t minutes = (rq->now_ms - cur_i64(cur, 6)) / MS_MINUTE;
    moment_format(cur_i64(cur, 6), v->zone, since);
    jw_object(w);
    write_named(w, "pass", cur_uuid(cur, 0), "number", cur_text(cur, 1));
    write_named(w, "household", cur_uuid(cur, 2), "code", cur_text(cur, 3));
    write_named(w, "post", cur_uuid(cur, 4), "title", cur_text(cur, 5));
    jw_kstrz(w, "since", since);
    jw_ki64(w, "minutes", minutes);
    jw_kbool(w, "overdue", allowed > 0 && minutes > allowed);
    jw_end(w);
  }
  jw_end(w);
  jw_kbool(w, "households_more", n > OUT_MAX);
  return r < 0 ? r : 0;
}

static int write_visitors(struct rq *rq, struct tx *tx, int32_t unit, const struct uuid *post,
                          struct jw *w, struct err *e) {
  const struct kind *k = &visitor_kind;
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  struct type_ctx c = rq_types(rq);
  struct list_query lq = {
      .sort = list_field(VISITOR_ARRIVED_AT), .limit = VISITORS_MAX, .unit = unit};
  struct list_page page = {.total = -1};
  int64_t people = 0;
  char id[UUID_TEXT];
  int r = 0;
  list_parse(&lq, rq->viewer, k, S("filter[state]"), S("inside"), &c);
  if (!uuid_is_nil(post)) {
    uuid_format(post, id);
    list_parse(&lq, rq->viewer, k, S("filter[post]"), arena_dup(rq->a, str_from(id)), &c);
  }
  const bool may = viewer_may(rq->viewer, kind_right(k, VERB_READ), unit);
  if (may) r = record_list(tx, rq->a, &rq->app->registry, rq->viewer, k, &lq, &page, e);
  if (r < 0) return r;
  for (size_t i = 0; i < page.n; i++) people += rec_i64(page.items[i], VISITOR_PARTY);
  jw_ki64(w, "people", people);
  jw_karray(w, "visitors");
  if (page.n) r = emit_records(&em, w, page.items, page.n, e);
  jw_end(w);
  jw_kbool(w, "visitors_more", page.next.p != NULL);
  return r;
}

int gate_inside(struct rq *rq, struct jw *w, struct err *e) {
  struct uuid post;
  int32_t unit;
  int r = where(rq, &unit, &post, e);
  if (r < 0) return r;
  jw_object(w);
  r = write_visitors(rq, rq->tx, unit, &post, w, e);
  if (r >= 0) r = write_out(rq, rq->tx, unit, &post, w, e);
  jw_end(w);
  return r;
}

/* ---- beside the figures ---- */

QUERY(q_clashes_open, "SELECT count(*) FROM unit u JOIN clash c ON c.unit = u.no "
                      "AND c.state = 'open' WHERE u.path BETWEEN $1 AND $2 AND c.op = $3 "
                      "AND c.day <= $4 AND c.retired = 0");

static int unresolved(struct app *app, struct tx *tx, const struct figure_query *q, struct jw *w,
                      struct err *e) {
  char day[DAY_TEXT], low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  int64_t n = 0;
  struct unit_tree *tree = app_tree(app);
  const struct unit_row *u = unit_by_no(tree, q->unit);
  int r = 0;
  if (u) {
    unit_path_range(u, low, high);
    day_format(q->day, day);
    r = tx_i64(tx, &q_clashes_open, P(V_TEXTZ(low), V_TEXTZ(high), V_I64(q->op), V_TEXTZ(day)), &n,
               e);
  }
  unit_tree_unref(tree);
  if (r >= 0 && n) {
    char zh[96], en[96];
    snprintf(zh, sizeof zh, "卡口登记中有 %lld 项冲突待核实", (long long)n);
    snprintf(en, sizeof en, "%lld clashes at gates are not resolved yet", (long long)n);
    figures_note(w, "clashes_open", n, str_from(zh), str_from(en));
  }
  return r;
}

int watch_start(struct app *app, struct err *e) {
  struct registry *en = &app->registry;
  if (en->n_observers == ARRAY_LEN(en->observers))
    return err_set(e, E_BUG, "no place for a further observer");
  en->observers[en->n_observers++] = (struct change_observer){.changed = passes_follow_holders};
  return figures_add_completeness(app->figures, unresolved, e);
}
