#include "core/jobs.h"
#include "core/operation.h"
#include "duties/duties_inner.h"

/* Who is missing is told at set hours before and after it is due, and nobody else; at a set hour
 * the unit learns who is missing, by name, as an alarm that goes further up while nobody takes it,
 * and ends by itself when the last one has answered. That a reminder went out is a row of
 * duty_reminder, and that a unit has learnt it is its alarm: so neither comes twice. */

enum { NAMES = 300 };
/* After a break only what is still news is said. */
#define STALE_MS (2 * MS_HOUR)
#define LATE_MS  (12 * MS_HOUR)

/* ---- is it still owed? ---- */

int duty_owed(struct app *app, struct tx *tx, const struct duty *d, int64_t op,
              const struct uuid *record, bool *ret_owed, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct operation o;
  int32_t day;
  int r = cur_open(tx, &duty_row_of(d)->q[DQ_STATE], P(V_UUID(*record)), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  *ret_owed = r == 1 && word_in(d->owed, cur_text(c, 0));
  /* the next noon it is another day's that matters */
  if (*ret_owed && day_parse(cur_text(c, 1), &day) == 0 && operation_get(app, op, &o, NULL) == 0)
    *ret_owed = clock_now_ms(&app->clock) < zone_moment(o.zone, day + 1, 12 * 60);
  return 0;
}

int64_t duty_not_before(struct app *app, const struct viewer *v, const struct duty *d) {
  const int from = 60 * (int)duty_tuned(app, v->op, d, "remind_from_hour", 0);
  const int until = 60 * (int)duty_tuned(app, v->op, d, "remind_until_hour", 24);
  int minute;
  const int32_t day = zone_day(v->zone, v->now_ms, &minute);
  if (minute < from) return zone_moment(v->zone, day, from);
  return minute < until ? 0 : zone_moment(v->zone, day + 1, from);
}

QUERY(q_duty_told, "INSERT INTO duty_reminder (record, slot, at_ms, messages) "
                   "VALUES ($1, $2, $3, $4) ON CONFLICT (record, slot) DO NOTHING");
QUERY(q_duty_told_with, "UPDATE duty_reminder SET messages = $3 WHERE record = $1 AND slot = $2");
QUERY(q_duty_told_times, "SELECT count(*) FROM duty_reminder WHERE record = $1 "
                         "AND slot >= 100 AND messages > 0"); /* SLOT_OWN */

int duty_told(struct tx *tx, const struct uuid *record, int64_t which, int64_t at_ms,
              size_t messages, struct err *e) {
  return tx_exec(
      tx, &q_duty_told,
      P(V_UUID(*record), V_I64(SLOT_OWN + which), V_I64(at_ms), V_I64((int64_t)messages)), NULL, e);
}

int duty_told_times(struct tx *tx, const struct uuid *record, int64_t *ret_n, struct err *e) {
  return tx_i64(tx, &q_duty_told_times, P(V_UUID(*record)), ret_n, e);
}

/* ---- reminders ---- */

struct telling {
  struct app *app;
  const struct viewer *v;
  const struct duty_row *row;
  const struct due *what;
  struct str day, recipients;
  int slot;
};

/* Found a moment ago: who has answered meanwhile, or was reminded by another server, is left out.
 */
static int remind_one(struct tx *tx, struct job_row *of, struct err *e) {
  const struct telling *g = of->arg;
  const struct duty *d = g->row->d;
  struct record *subject;
  const struct uuid id = of->v[0].u;
  int64_t first = 0;
  bool missing = false;
  size_t n = 0;
  int r = duty_owed(g->app, tx, d, g->v->op, &id, &missing, e);
  if (r >= 0 && missing)
    r = tx_exec(tx, &q_duty_told, P(V_UUID(id), V_I64(g->slot), V_I64(g->v->now_ms), V_I64(0)),
                &first, e);
  if (r < 0 || !first) return r;
  r = record_load(tx, of->a, d->subject, g->v->op, &of->v[1].u, &subject, e);
  if (r < 0) return r;
  const struct reminding one = {.app = g->app,
                                .a = of->a,
                                .v = g->v,
                                .what = *g->what,
                                .over = g->v->now_ms >
                                        zone_moment(g->v->zone, g->what->day, g->what->due),
                                .record = id,
                                .subject = subject};
  r = d->remind(tx, &one, &n, e);
  /* none, where nobody can be reached: the list says so */
  if (r >= 0 && n)
    r = tx_exec(tx, &q_duty_told_with, P(V_UUID(id), V_I64(g->slot), V_I64((int64_t)n)), NULL, e);
  if (r >= 0 && n) tx_on_commit(tx, outbox_wake, g->app);
  return r;
}

/* The latest of the moments that has come and is still news; -1: none. */
static int slot_now(const struct telling *g) {
  const struct viewer *v = g->v;
  const struct due *w = g->what;
  const int64_t due = zone_moment(v->zone, w->day, w->due);
  const int64_t before = duty_tuned(g->app, v->op, w->duty, "remind_before_minutes", 0);
  const int64_t again = duty_tuned(g->app, v->op, w->duty, "remind_again_minutes", 0);
  const int64_t after = duty_tuned(g->app, v->op, w->duty, "remind_after_minutes", 0);
  const int64_t moments[] = {w->remind >= 0 ? zone_moment(v->zone, w->day, w->remind) : INT64_MAX,
                             before ? due - before * MS_MINUTE : INT64_MAX,
                             again ? due - again * MS_MINUTE : INT64_MAX,
                             after ? due + after * MS_MINUTE : INT64_MAX};
  int slot = -1;
  for (int i = 0; i < (int)ARRAY_LEN(moments); i++)
    if (moments[i] <= v->now_ms && (slot < 0 || moments[i] > moments[slot])) slot = i;
  return slot >= 0 && v->now_ms - moments[slot] <= STALE_MS ? slot : -1;
}

static int64_t part_of(const struct due *what) {
  const struct uuid none = {{0}}, *id = what->form ? &what->form->id : &none;
  return (int64_t)hash64(id->b, sizeof id->b) ^ what->day;
}

static int remind(struct job_run *run, struct telling *g, struct err *e) {
  const struct duty *d = g->row->d;
  const struct job_walk missing = {.name = "remind",
                                   .q = &g->row->q[DQ_REMIND],
                                   .columns = "uu",
                                   .row = remind_one,
                                   .arg = g,
                                   .part = part_of(g->what)};
  g->slot = slot_now(g);
  if (!d->remind || g->slot < 0 || duty_not_before(g->app, g->v, d)) return 0;
  if (str_is(duty_tuned_text(g->app, g->v->op, d, "remind_by", run->a), "none")) return 0;
  return job_each(run, &missing,
                  P(V_I64(g->v->op), V_TEXT(g->what->code), V_TEXT(g->day), V_I64(g->slot),
                    V_I64(duty_tuned(g->app, g->v->op, d, "remind_most", 0)), V_I64(g->v->now_ms)),
                  e);
}

/* ---- one level up ---- */

/* "3家：甲、乙、丙", as many as a line of an alarm holds, and that there are more. */
static struct str in_short(struct arena *a, const struct duty *d, int64_t n, struct str names) {
  enum { LINE = 420 };
  struct buf b = BUF_INIT(KIB(4));
  size_t take = names.n;
  if (take > LINE) {
    take = LINE;
    while (take && names.p[take] != '\n') take--;
  }
  struct str rest = str_sub(names, 0, take);
  buf_printf(&b, "%lld%s：", (long long)n, d->measure);
  for (bool first = true; rest.p; first = false) {
    if (!first) buf_lit(&b, "、");
    buf_str_add(&b, str_split(&rest, '\n'));
  }
  if (take < names.n) buf_lit(&b, "等");
  const struct str text = arena_dup(a, buf_str(&b));
  buf_done(&b);
  return text;
}

static int read_names(struct tx *tx, const struct telling *g, struct arena *a, int64_t unit,
                      struct str *ret, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  _cleanup_(buf_done) struct buf b = BUF_INIT(KIB(64));
  int64_t n = 0;
  int r = cur_open(
      tx, &g->row->q[DQ_NAMES],
      P(V_I64(g->v->op), V_TEXT(g->what->code), V_TEXT(g->day), V_I64(unit), V_I64(NAMES + 1)), &c,
      e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    if (n) buf_char(&b, '\n');
    buf_str_add(&b, n++ < NAMES ? cur_text(c, 0) : S("……"));
  }
  *ret = arena_dup(a, buf_str(&b));
  return r < 0 ? r : 0;
}

static int send_list(struct tx *tx, const struct telling *g, struct arena *a,
                     const struct unit_row *u, int64_t n, struct str names, struct err *e) {
  const struct message_arg args[] = {{"unit", u->name},
                                     {"what", g->what->name},
                                     {"what_en", g->what->name_en},
                                     {"day", g->day},
                                     {"n", arena_printf(a, "%lld", (long long)n)},
                                     {"names", names},
                                     {0}};
  int r = 0;
  for (struct str rest = g->recipients; rest.p && r >= 0;) {
    const struct message m = {.topic = g->row->d->list,
                              .to = str_trim(str_split(&rest, ',')),
                              .args = args,
                              .op = g->v->op,
                              .unit = u->no};
    if (m.to.n) r = message_say(tx, g->app, g->v, a, &m, e);
  }
  if (r >= 0 && g->recipients.n) tx_on_commit(tx, outbox_wake, g->app);
  return r;
}

static struct str cause_of(struct arena *a, struct str day, struct str code, int64_t unit) {
  return arena_printf(a, STR_FMT ":" STR_FMT ":%lld", STR_ARG(day), STR_ARG(code), (long long)unit);
}

static int escalate_one(struct tx *tx, struct job_row *of, struct err *e) {
  const struct telling *g = of->arg;
  const int64_t unit = of->v[0].i;
  const struct unit_row *u = unit_by_no(g->v->tree, (int32_t)unit);
  struct str names;
  int64_t n = 0;
  bool fresh = false;
  int r = tx_i64(tx, &g->row->q[DQ_COUNT],
                 P(V_I64(g->v->op), V_TEXT(g->what->code), V_TEXT(g->day), V_I64(unit)), &n, e);
  if (r < 0 || !u || !n) return r;
  r = read_names(tx, g, of->a, unit, &names, e);
  if (r < 0) return r;
  const struct alarm al = {.type = g->row->d->alarm,
                           .op = g->v->op,
                           .unit = u->no,
                           .subject = g->what->name,
                           .value = in_short(of->a, g->row->d, n, names),
                           .cause = cause_of(of->a, g->day, g->what->code, unit)};
  r = alarm_raise_as(tx, &g->app->registry, g->v, of->a, &al, NULL, &fresh, e);
  return r < 0 || !fresh || !g->row->d->list ? r : send_list(tx, g, of->a, u, n, names, e);
}

static int escalate(struct job_run *run, struct telling *g, struct err *e) {
  const struct viewer *v = g->v;
  const struct due *w = g->what;
  const int64_t after =
      duty_tuned(run->app, v->op, w->duty, "escalate_minutes", w->duty->escalate_minutes);
  const int64_t at = w->escalate >= 0 ? zone_moment(v->zone, w->day, w->escalate)
                                      : zone_moment(v->zone, w->day, w->due) + after * MS_MINUTE;
  const struct job_walk missing = {.name = "escalate",
                                   .q = &g->row->q[DQ_UNITS],
                                   .columns = "i",
                                   .row = escalate_one,
                                   .arg = g,
                                   .part = part_of(w)};
  if (!w->duty->alarm || (w->escalate < 0 && !after)) return 0;
  if (v->now_ms < at || v->now_ms - at > LATE_MS) return 0;
  g->recipients = duty_tuned_text(run->app, v->op, w->duty, "escalate_to", run->a);
  return job_each(run, &missing, P(V_I64(v->op), V_TEXT(w->code), V_TEXT(g->day)), e);
}

/* ---- one has answered ---- */

/* Whoever calls up the missing by the alarm reads who is missing now. */
static int fewer(struct tx *tx, const struct change *c, const struct telling *g, struct alarm *al,
                 int64_t unit, int64_t n, struct err *e) {
  struct str names;
  int r = read_names(tx, g, c->a, unit, &names, e);
  if (r < 0) return r;
  al->value = in_short(c->a, g->row->d, n, names);
  return alarm_revalue_as(tx, c->en, g->v, c->a, al, e);
}

int duty_settle(struct tx *tx, const struct change *c, const struct duty_row *row,
                const struct record *old, const struct record *rec, struct err *e) {
  const int32_t unit = rec_unit(old, row->unit);
  const bool was = !old->retired && word_in(row->d->owed, old->state);
  const bool is = !rec->retired && word_in(row->d->owed, rec->state);
  const struct str code = row->code < 0 ? S("") : rec_text(old, row->code);
  const struct str day = rec_text(old, row->day);
  struct viewer *v;
  int64_t n = 0;
  if (!row->d->alarm || !was || (is && rec_unit(rec, row->unit) == unit)) return 0;
  struct alarm al = {
      .type = row->d->alarm, .op = rec->op, .cause = cause_of(c->a, day, code, unit)};
  int r = tx_i64(tx, &row->q[DQ_COUNT], P(V_I64(rec->op), V_TEXT(code), V_TEXT(day), V_I64(unit)),
                 &n, e);
  bool stands = true;
  if (r >= 0 && n) r = alarm_stands(tx, c->viewer, c->a, &al, &stands, e);
  if (r < 0 || !stands) return r;
  /* whoever answered, by a link perhaps, has no part in alarms */
  r = app_system_viewer(change_app(c), c->a, rec->op, &v, e);
  if (r < 0) return r;
  if (!n) return alarm_clear_as(tx, c->en, v, c->a, &al, e);
  const struct due what = {.duty = row->d, .code = code};
  const struct telling g = {.app = change_app(c), .v = v, .row = row, .what = &what, .day = day};
  return fewer(tx, c, &g, &al, unit, n, e);
}

/* ---- the job ---- */

static int tell_day(struct job_run *run, struct duty_row *row, const struct template_set *set,
                    int32_t day, struct err *e) {
  struct due *list = arena_array(run->a, struct due, DUES_A_DAY);
  char text[DAY_TEXT];
  int r = 0;
  if (!list) return err_set(e, E_NOMEM, "no memory for what is due");
  day_format(day, text);
  const size_t n = dues(run->app, run->viewer, row->d, set, 0, day, list, DUES_A_DAY);
  for (size_t i = 0; i < n && r >= 0; i++) {
    struct telling g = {.app = run->app,
                        .v = run->viewer,
                        .row = row,
                        .what = &list[i],
                        .day = arena_dup(run->a, str_from(text))};
    r = remind(run, &g, e);
    if (r >= 0) r = escalate(run, &g, e);
  }
  return r;
}

int duties_tell(struct job_run *run, struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  struct duty_row *row;
  int r = 0;
  for (size_t i = 0; (row = duty_row_at(i)) && r >= 0; i++) {
    /* what follows an hour may fall into the next day */
    for (int32_t day = run->viewer->today - 1; day <= run->viewer->today && r >= 0; day++)
      r = tell_day(run, row, set, day, e);
  }
  return r;
}
