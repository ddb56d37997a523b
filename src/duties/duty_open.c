#include "base/limits.h"
#include "core/jobs.h"
#include "core/operation.h"
#include "duties/duties_inner.h"

/* The records that say what is due. They are made when the day begins, and follow a subject that
 * comes, moves or goes during the day; one is the same however often it is asked for. */

enum { CATCH_UP_DAYS = 14 };

/* ---- one record ---- */

/* Who was named by the subject and has left since is not carried over: it is due without him. */
static int copy(struct tx *tx, const struct duty_row *row, size_t i, const struct record *subject,
                struct change *in, struct err *e) {
  const struct field *f = &row->d->kind->fields[row->copies[i].due];
  struct val v = subject->v[row->copies[i].subject];
  if (f->type == FT_REF && v.t == VAL_UUID) {
    struct record *named;
    const int r =
        record_load(tx, in->a, kind_by_name(str_from(f->ref)), subject->op, &v.u, &named, e);
    if (r < 0 && r != -E_NOROW) return r;
    if (r == -E_NOROW || named->retired) v = V_NULL;
  }
  if (in->verb != CHANGE_CREATE || v.t != VAL_NULL) change_set(in, row->copies[i].due, v);
  return 0;
}

static int bear(struct tx *tx, const struct duty_row *row, const struct record *subject,
                struct change *in, struct err *e) {
  int r = 0;
  change_set(in, row->unit, V_I64(rec_unit(subject, row->subject_unit)));
  for (size_t i = 0; i < row->n_copies && r >= 0; i++) r = copy(tx, row, i, subject, in, e);
  return r;
}

int duty_record(struct tx *tx, struct arena *a, struct registry *en, const struct viewer *v,
                const struct due *what, const struct record *subject, struct change **ret_change,
                struct err *e) {
  const struct duty_row *row = duty_row_of(what->duty);
  struct change *in = change_make(a, en, v, what->duty->kind, CHANGE_CREATE);
  change_set(in, row->of, V_UUID(subject->id));
  change_set(in, row->day, day_val(a, what->day));
  if (what->form) {
    change_set(in, row->form, V_UUID(what->form->id));
    change_set(in, row->code, V_TEXT(arena_dup(a, what->code)));
  }
  *ret_change = in;
  return bear(tx, row, subject, in, e);
}

/* ---- the day begins ---- */

struct opening {
  struct duty_row *row;
  const struct due *what;
};

static int open_one(struct tx *tx, struct job_row *of, struct err *e) {
  const struct opening *o = of->arg;
  const struct viewer *v = of->run->viewer;
  struct record *subject;
  struct change *in;
  int64_t there = 0;
  int r = tx_i64(tx, &o->row->q[DQ_THERE],
                 P(V_I64(v->op), of->v[0], V_TEXT(o->what->code), day_val(of->a, o->what->day)),
                 &there, e);
  if (r < 0 || there) return r;
  r = record_load(tx, of->a, o->row->d->subject, v->op, &of->v[0].u, &subject, e);
  if (r >= 0) r = duty_record(tx, of->a, &of->run->app->registry, v, o->what, subject, &in, e);
  if (r < 0) return r;
  in->source = "job";
  in->internal = true;
  in->at_ms = v->now_ms;
  r = change_ready(in, e);
  return r < 0 ? r : change_run(tx, in, e);
}

static int open_due(struct job_run *run, struct duty_row *row, const struct due *what,
                    struct err *e) {
  const struct unit_row *u = unit_by_no(run->viewer->tree, what->unit);
  struct opening o = {row, what};
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  const struct uuid none = {{0}}, *id = what->form ? &what->form->id : &none;
  const struct job_walk lacking = {.name = row->d->code,
                                   .q = &row->q[DQ_LACKING],
                                   .columns = "u",
                                   .row = open_one,
                                   .arg = &o,
                                   .part = (int64_t)hash64(id->b, sizeof id->b) ^ what->day};
  if (!u) return 0;
  unit_path_range(u, low, high);
  return job_each(run, &lacking,
                  P(V_I64(run->viewer->op), day_val(run->a, what->day), V_TEXTZ(low), V_TEXTZ(high),
                    V_TEXT(what->code), V_I64(zone_moment(run->viewer->zone, what->day + 1, 0))),
                  e);
}

int duty_open_day(struct job_run *run, const struct duty *d, int32_t day, struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  struct due *list = arena_array(run->a, struct due, DUES_A_DAY);
  if (!list) return err_set(e, E_NOMEM, "no memory for what is due");
  const size_t n = dues(run->app, run->viewer, d, set, 0, day, list, DUES_A_DAY);
  int r = 0;
  for (size_t i = 0; i < n && r >= 0; i++) r = open_due(run, duty_row_of(d), &list[i], e);
  return r;
}

/* Has the hour come at which a day's records are made? */
static bool begun(const struct viewer *v, const struct duty *d, int32_t day) {
  return v->now_ms >= zone_moment(v->zone, day, d->opens);
}

/* Days of which nothing can be lacking any more, by this process's knowledge. */
static struct opened {
  int64_t op;
  uint64_t set;
  int32_t day;
} opened[DUTIES_MAX][OPERATIONS_MAX];

static int open_duty(struct job_run *run, size_t at, const struct template_set *set,
                     struct err *e) {
  const struct viewer *v = run->viewer;
  const struct duty *d = duty_row_at(at)->d;
  const int32_t last = begun(v, d, v->today) ? v->today : v->today - 1;
  struct opened *o = opened[at];
  int r = 0;
  while (o < opened[at] + OPERATIONS_MAX - 1 && o->op && o->op != v->op) o++;
  const struct opened now = {v->op, set ? set->serial : 0, last};
  if (o->op == now.op && o->set == now.set && o->day == now.day) return 0;
  /* after days without a server, each of them is still due */
  for (int32_t back = CATCH_UP_DAYS; back >= 0 && r >= 0; back--)
    r = duty_open_day(run, d, last - back, e);
  if (r >= 0 && job_run_clean(run)) *o = now;
  return r;
}

int duties_open(struct job_run *run, struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  int r = 0;
  for (size_t i = 0; duty_row_at(i) && r >= 0; i++) r = open_duty(run, i, set, e);
  return r;
}

/* ---- a subject comes, moves, goes ---- */

struct day_row {
  struct uuid id;
  struct str code, state;
};
struct following {
  struct tx *tx;
  struct change *by;
  const struct duty_row *row;
  const struct record *subject;
  int32_t day;
  struct day_row rows[DUTY_ROWS_A_DAY];
  size_t n;
};

static int read_rows(struct following *g, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct arena *a = g->by->a;
  int r = cur_open(g->tx, &g->row->q[DQ_OF_DAY],
                   P(V_I64(g->subject->op), V_UUID(g->subject->id), day_val(a, g->day)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    if (g->n == DUTY_ROWS_A_DAY) return err_set(e, E_TOO_LARGE, "too much is due on one day");
    g->rows[g->n++] = (struct day_row){cur_uuid(c, 0), arena_dup(a, cur_text(c, 1)),
                                       arena_dup(a, cur_text(c, 2))};
  }
  return r < 0 ? r : 0;
}

static int act(struct following *g, const struct uuid *id, const char *action, struct err *e) {
  struct change *in =
      change_make(g->by->a, g->by->en, g->by->viewer, g->row->d->kind, CHANGE_ACTION);
  in->id = *id;
  in->transition = kind_transition(g->row->d->kind, str_from(action));
  return change_within(g->tx, g->by, in, e);
}

static bool owed(const struct following *g, const struct day_row *r) {
  return word_in(g->row->d->owed, r->state);
}

static bool exempted(const struct following *g, const struct day_row *r) {
  return str_is(r->state, kind_transition(g->row->d->kind, str_from(g->row->d->exempt))->to);
}

/* The chase goes by what the record bears, so one that is owed bears what the file says now. */
static int follows(struct following *g, const struct uuid *id, struct err *e) {
  struct change *in =
      change_make(g->by->a, g->by->en, g->by->viewer, g->row->d->kind, CHANGE_UPDATE);
  in->id = *id;
  int r = bear(g->tx, g->row, g->subject, in, e);
  return r < 0 ? r : change_within(g->tx, g->by, in, e);
}

static int due_here(struct following *g, const struct due *what, struct err *e) {
  struct change *in;
  for (size_t i = 0; i < g->n; i++) {
    const struct day_row *row = &g->rows[i];
    if (!str_eq(row->code, what->code)) continue;
    const bool back = exempted(g, row);
    int r = back ? act(g, &row->id, g->row->d->again, e) : 0;
    const bool today = g->day == g->by->viewer->today;
    return r >= 0 && today && (back || owed(g, row)) ? follows(g, &row->id, e) : r;
  }
  int r = duty_record(g->tx, g->by->a, g->by->en, g->by->viewer, what, g->subject, &in, e);
  return r < 0 ? r : change_within(g->tx, g->by, in, e);
}

/* What was still owed elsewhere is due from here, and what only this place asks for is due as well;
 * what only the former place asked for is not due any more. */
static int stands_at(struct following *g, struct app *app, struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  const struct viewer *v = g->by->viewer;
  struct due *list = arena_array(g->by->a, struct due, DUTY_ROWS_A_DAY);
  if (!list) return err_set(e, E_NOMEM, "no memory for what is due");
  const size_t n = dues(app, v, g->row->d, set, rec_unit(g->subject, g->row->subject_unit), g->day,
                        list, DUTY_ROWS_A_DAY);
  int r = 0;
  for (size_t i = 0; i < n && r >= 0; i++) r = due_here(g, &list[i], e);
  for (size_t i = 0; i < g->n && r >= 0; i++) {
    bool asked = false;
    for (size_t k = 0; k < n; k++) asked |= str_eq(list[k].code, g->rows[i].code);
    if (!asked && owed(g, &g->rows[i])) r = act(g, &g->rows[i].id, g->row->d->exempt, e);
  }
  return r;
}

static bool owes(const struct duty_row *row, const struct record *subject, int32_t day) {
  const bool before =
      row->from >= 0 && !rec_null(subject, row->from) && rec_day(subject, row->from) > day;
  const bool after =
      row->until >= 0 && !rec_null(subject, row->until) && rec_day(subject, row->until) < day;
  return !subject->retired && !word_in(row->d->spared, subject->state) && !before && !after;
}

/* In the same place, under the same name, asked by the same people. */
static bool as_before(const struct duty_row *row, const struct record *old,
                      const struct record *rec) {
  bool same = rec_unit(old, row->subject_unit) == rec_unit(rec, row->subject_unit);
  for (size_t i = 0; i < row->n_copies; i++)
    same &= val_same(&old->v[row->copies[i].subject], &rec->v[row->copies[i].subject]);
  return same;
}

static int follow_day(struct following *g, bool there, bool owed_now, struct err *e) {
  int r = there ? read_rows(g, e) : 0;
  if (r >= 0 && owed_now) return stands_at(g, change_app(g->by), e);
  for (size_t i = 0; i < g->n && r >= 0; i++)
    if (owed(g, &g->rows[i])) r = act(g, &g->rows[i].id, g->row->d->exempt, e);
  return r;
}

static int follow_one(struct tx *tx, struct change *by, const struct duty_row *row,
                      const struct record *old, const struct record *rec, struct err *e) {
  const int32_t day = by->viewer->today;
  const bool now = owes(row, rec, day), then = old && owes(row, old, day);
  if (!now && !then) return 0;
  if ((now == then && as_before(row, old, rec)) || !begun(by->viewer, row->d, day)) return 0;
  struct following *g = arena_new(by->a, struct following);
  *g = (struct following){.tx = tx, .by = by, .row = row, .subject = rec, .day = day};
  return follow_day(g, old, now, e);
}

static int state_on(struct tx *tx, const struct duty_row *row, struct record *subject, int32_t day,
                    struct arena *a, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &row->q[DQ_SUBJECT_STATE], P(V_UUID(subject->id), day_val(a, day)), &c, e);
  if (r >= 0 && (r = cur_next(c, e)) == 1) subject->state = arena_dup(a, cur_text(c, 0));
  return r < 0 ? r : 0;
}

/* A state that is dated back, or whose date is put right: each day since is owed, or not, by what
 * the subject was then. Nobody owes for days before the system knew of him. */
static int follow_states(struct tx *tx, struct change *by, const struct duty_row *row,
                         const struct record *old, const struct record *rec, struct err *e) {
  const struct duty_states *s = row->d->states;
  const struct viewer *v = by->viewer;
  const int f = field_named(s->kind, s->day);
  int32_t day = rec_day(rec, f);
  struct record *subject;
  if (old && rec_day(old, f) < day) day = rec_day(old, f);
  /* what is restored brings what was due of it along */
  if (rec->retired || (old && old->retired) || day >= v->today) return 0;
  int r = record_load(tx, by->a, row->d->subject, rec->op, &rec->v[field_named(s->kind, s->of)].u,
                      &subject, e);
  if (r < 0) return r;
  const int32_t known = zone_day(v->zone, subject->created_ms, NULL);
  for (day = day < known ? known : day; day < v->today && r >= 0; day++) {
    struct following *g = arena_new(by->a, struct following);
    struct record then = *subject;
    if ((r = state_on(tx, row, &then, day, by->a, e)) < 0) break;
    *g = (struct following){.tx = tx, .by = by, .row = row, .subject = &then, .day = day};
    const bool now = owes(row, &then, day) && day >= v->today - CATCH_UP_DAYS;
    if (now || !owes(row, &then, day)) r = follow_day(g, true, now, e);
  }
  return r;
}

int duties_follow(struct tx *tx, const struct change *c, const struct record *old,
                  const struct record *rec, void *arg, struct err *e) {
  int r = 0;
  (void)arg;
  for (size_t i = 0; duty_row_at(i) && r >= 0; i++) {
    const struct duty_row *row = duty_row_at(i);
    if (old && rec->kind == row->d->kind && (r = duty_settle(tx, c, row, old, rec, e)) < 0)
      return r;
    const bool dated = row->d->states && rec->kind == row->d->states->kind;
    if (rec->kind != row->d->subject && !dated) continue;
    struct change *by = arena_new(c->a, struct change);
    *by = *c;
    r = dated ? follow_states(tx, by, row, old, rec, e) : follow_one(tx, by, row, old, rec, e);
    if (r == -E_INVALID) return err_set(e, E_BUG, "what is due could not follow its subject");
  }
  return r;
}
