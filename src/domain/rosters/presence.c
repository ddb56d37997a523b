#include "app/alarms.h"
#include "app/figures.h"
#include "app/jobs.h"
#include "app/operation.h"
#include "base/limits.h"
#include "domain/rosters/roster_api.h"
#include <stdio.h>

/* Absent and not heard from are different. After the grace, whoever has been heard from (his phone
 * spoke to the server, or someone spoke for him) and has not signed in is absent; of the others
 * nothing is known. In both cases the lead is told once. */

enum { SETTLE_AT_ONCE = 200 };

QUERY(q_unsettled, "SELECT a.id, a.unit, coalesce(x.last_seen, 0) FROM assignment a "
                   "LEFT JOIN account x ON x.responder = a.responder AND x.retired = 0 "
                   "WHERE a.op = $1 AND a.date IN ($4, $5) AND a.state = 'due' AND a.retired = 0 "
                   "AND a.starts_at < $2 AND a.ends_at > $3 ORDER BY a.id LIMIT 200");

struct unsettled {
  struct uuid id;
  int32_t unit;
  int64_t heard_ms;
};

struct settle {
  struct app *app;
  struct arena *a;
  struct viewer *v;
  struct unsettled who;
  int64_t grace_ms;
};

static int settle_run(struct tx *tx, void *arg, struct err *e) {
  struct settle *s = arg;
  struct record *rec;
  int r = record_load(tx, s->a, &assignment_kind, s->v->op, &s->who.id, &rec, e);
  if (r == -E_NOROW) return 0;
  if (r < 0 || !str_is(rec->state, "due")) return r;
  const bool heard = s->who.heard_ms >= rec_i64(rec, ASSIGNMENT_STARTS_AT) + s->grace_ms;
  struct emit em = {.tx = tx, .en = &s->app->registry, .viewer = s->v, .a = s->a};
  const struct alarm al = {.type = &alarm_no_show,
                           .op = s->v->op,
                           .unit = s->who.unit,
                           .subject_kind = &assignment_kind,
                           .subject_id = rec->id,
                           .subject = record_title(&em, rec),
                           .value = heard ? S("缺勤 / absent") : S("未联系上 / not heard from")};
  r = alarm_raise_as(tx, &s->app->registry, s->v, s->a, &al, NULL, NULL, e);
  if (r < 0 || !heard) return r;
  struct change *c = change_make(s->a, &s->app->registry, s->v, &assignment_kind, CHANGE_ACTION);
  c->id = rec->id;
  c->transition = kind_transition(&assignment_kind, S("mark_absent"));
  c->at_ms = s->v->now_ms;
  c->source = "job";
  c->internal = true;
  change_set(c, ASSIGNMENT_HEARD_AT, V_I64(s->who.heard_ms));
  r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}
static const struct cmd_class settle_cmd = {.name = "presence_settle", .run = settle_run};

static struct val day_val(struct arena *a, int32_t day) {
  char text[DAY_TEXT];
  day_format(day, text);
  return V_TEXT(arena_dup(a, (struct str){text, 10}));
}

int presence_settle(struct app *app, struct arena *a, struct err *e) {
  struct unsettled who[SETTLE_AT_ONCE];
  size_t n = 0;
  struct viewer *v;
  int r = app_system_viewer(app, a, 0, &v, e);
  if (r < 0 || !v->op) return r;
  const int64_t grace = policy(app, v->op, "late_grace_minutes", v->today) * MS_MINUTE;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  r = store_read(app->store, &tx, e);
  if (r >= 0)
    r = cur_open(tx, &q_unsettled,
                 P(V_I64(v->op), V_I64(v->now_ms - grace), V_I64(v->now_ms - 12 * MS_HOUR),
                   day_val(a, v->today), day_val(a, v->today - 1)),
                 &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1 && n < SETTLE_AT_ONCE)
    who[n++] = (struct unsettled){
        .id = cur_uuid(cur, 0), .unit = (int32_t)cur_i64(cur, 1), .heard_ms = cur_i64(cur, 2)};
  cur_donep(&cur);
  tx_endp(&tx);
  for (size_t i = 0; i < n && r >= 0; i++) {
    struct settle s = {.app = app, .a = a, .v = v, .who = who[i], .grace_ms = grace};
    r = writer_run(app->writer, &settle_cmd, &s, CMD_NORMAL, e);
  }
  return r < 0 ? r : 0;
}

/* "Not heard from" counts the whole day's shifts: how many of them have not begun stands beside. */
QUERY(q_not_begun, "SELECT count(*) FROM assignment a JOIN unit u ON u.no = a.unit WHERE a.op = $1 "
                   "AND a.date = $2 AND a.state = 'due' AND a.retired = 0 AND a.starts_at > $3 "
                   "AND u.path BETWEEN $4 AND $5");

static int not_begun(struct app *app, struct tx *tx, const struct figure_query *q, struct jw *w,
                     struct err *e) {
  char day[DAY_TEXT], low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  int64_t n = 0;
  struct unit_tree *tree = app_tree(app);
  const struct unit_row *u = unit_by_no(tree, q->unit);
  int r = 0;
  if (u) {
    unit_path_range(u, low, high);
    day_format(q->day, day);
    r = tx_i64(tx, &q_not_begun,
               P(V_I64(q->op), V_TEXTZ(day), V_I64(clock_now_ms(&app->clock)), V_TEXTZ(low),
                 V_TEXTZ(high)),
               &n, e);
  }
  unit_tree_unref(tree);
  if (r >= 0 && n) {
    char zh[96], en[96];
    snprintf(zh, sizeof zh, "未联系上中有 %lld 人次的班次尚未开始", (long long)n);
    snprintf(en, sizeof en, "of those not heard from, %lld shifts have not begun", (long long)n);
    figures_note(w, "not_begun", n, str_from(zh), str_from(en));
  }
  return r;
}

int presence_start(struct app *app, struct err *e) {
  return figures_add_completeness(app->figures, not_begun, e);
}

const struct job roster_jobs[] = {
    {.name = "presence", .every_ms = 30 * MS_SECOND, .run = presence_settle},
    {.name = "photos_expire", .every_ms = MS_HOUR, .run = photos_expire},
    {0}};
