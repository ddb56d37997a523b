#include "notify/deadlines.h"
#include "core/jobs.h"
#include "core/operation.h"
#include <assert.h>

enum { DEADLINES = 64 };

/* Made once at start. */
struct row {
  const struct kind *k;
  const struct deadline *d;
  const struct alarm_type *type;
  int field;
  struct query
      over; /* $1 operation, $2 …$3 the values that are over and still news, $4 after, $5 n */
  char sql[900];
};
static struct {
  struct row rows[DEADLINES];
  size_t n;
} reg;

static int bad(struct err *e, const struct kind *k, const char *what) {
  return err_field(e, E_BUG, what, k->name);
}

static int add(const struct kind *k, const struct deadline *d, struct err *e) {
  if (reg.n == DEADLINES) return bad(e, k, "too many deadlines");
  struct row *row = &reg.rows[reg.n++];
  *row = (struct row){.k = k,
                      .d = d,
                      .type = alarm_type_by_code(str_from(d->alarm)),
                      .field = field_named(k, d->field)};
  assert(row->type); /* apidoc/rows.c */
  struct buf b = BUF_INIT(sizeof row->sql);
  buf_printf(&b, "SELECT t.id FROM \"%s\" t WHERE op = $1 AND ", k->name);
  deadline_where(&b, d);
  buf_printf(&b,
             " AND t.\"%s\" <= $2 AND t.\"%s\" >= $3 AND NOT EXISTS (SELECT 1 FROM alarm x WHERE "
             "x.subject_id = t.id AND x.code = '%s' AND x.open_cause IS NOT NULL) AND t.id > $4 "
             "ORDER BY t.id LIMIT $5",
             d->field, d->field, d->alarm);
  const bool fits = buf_ok(&b) && b.n < sizeof row->sql;
  if (fits) memcpy(row->sql, buf_z(&b), b.n + 1);
  buf_done(&b);
  row->over = (struct query){"deadline_over", row->sql, NULL};
  return fits ? 0 : bad(e, k, "a deadline's row is too long");
}

int deadlines_init(struct err *e) {
  memset(&reg, 0, sizeof reg);
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct owner *o = kind_at(i)->owner;
    if (o && o->role && role_index(str_from(o->role)) < 0)
      return bad(e, kind_at(i), "an owner has an unknown role");
    for (const struct deadline *d = kind_at(i)->deadlines; d && d->no; d++) {
      int r = add(kind_at(i), d, e);
      if (r < 0) return r;
    }
  }
  return 0;
}

static bool is_date(const struct row *row) {
  return row->k->fields[row->field].type == FT_DATE;
}

/* ---- what is over ---- */

/* The last value that is over now, or with `back_ms` was over then. */
static struct val over_at(struct app *app, const struct viewer *v, const struct row *row,
                          struct arena *a, int64_t back_ms) {
  char day[DAY_TEXT];
  if (is_date(row)) {
    day_format(zone_day(v->zone, v->now_ms - back_ms, NULL) - 1, day);
    return V_TEXT(arena_dup(a, str_from(day)));
  }
  const int64_t grace = row->d->after ? policy(app, v->op, row->d->after, v->today) * MS_MINUTE : 0;
  return V_I64(v->now_ms - grace - back_ms);
}

static bool not_after(const struct val *x, const struct val *y) {
  return x->t == VAL_TEXT ? str_cmp(x->s, y->s) <= 0 : x->i <= y->i;
}

/* "2020-05-08", or with the time of day. */
static struct str said(const struct viewer *v, struct arena *a, const struct val *x) {
  char text[MOMENT_TEXT];
  if (x->t == VAL_TEXT) return x->s;
  moment_format(x->i, v->zone, text);
  return arena_printf(a, "%.10s %.5s", text, text + 11);
}

/* The next time that the clock shows that minute of the day. */
static int64_t next_at(const struct viewer *v, int minute) {
  const int64_t at = zone_moment(v->zone, v->today, minute);
  return at > v->now_ms ? at : zone_moment(v->zone, v->today + 1, minute);
}

/* Found a moment ago: it may have moved on. */
static int raise_one(struct tx *tx, struct job_row *of, struct err *e) {
  const struct row *row = of->arg;
  struct viewer *v = of->run->viewer;
  struct app *app = of->run->app;
  struct record *rec;
  int r = record_load(tx, of->a, row->k, v->op, &of->v[0].u, &rec, e);
  if (r < 0) return r == -E_NOROW ? 0 : r;
  const struct val over = over_at(app, v, row, of->a, 0);
  if (!deadline_runs(row->d, rec) || !not_after(&rec->v[row->field], &over)) return 0;
  struct emit em = {.tx = tx, .en = &app->registry, .viewer = v, .a = of->a};
  const struct str value = said(v, of->a, &rec->v[row->field]);
  const struct alarm al = {.type = row->type,
                           .op = v->op,
                           .unit = record_unit(rec),
                           .subject_kind = row->k,
                           .subject_id = rec->id,
                           .cause_value = value,
                           .subject = record_title(&em, rec),
                           .value = value,
                           .due_ms = row->d->escalate_at ? next_at(v, row->d->escalate_at) : 0};
  return alarm_raise_as(tx, &app->registry, v, of->a, &al, NULL, NULL, e);
}

static int run_row(struct job_run *run, struct row *row, struct err *e) {
  const struct viewer *v = run->viewer;
  const struct val over = over_at(run->app, v, row, run->a, 0);
  const struct val first = row->d->news_ms ? over_at(run->app, v, row, run->a, row->d->news_ms)
                           : is_date(row)  ? V_TEXTZ("")
                                           : V_I64(INT64_MIN);
  const struct job_walk walk = {.name = row->d->alarm,
                                .q = &row->over,
                                .columns = "u",
                                .row = raise_one,
                                .arg = row,
                                .part = row - reg.rows};
  return job_each(run, &walk, P(V_I64(v->op), over, first), e);
}

int deadlines_run(struct job_run *run, struct err *e) {
  int r = 0;
  for (size_t k = 0; k < reg.n && r >= 0; k++) r = run_row(run, &reg.rows[k], e);
  return r;
}

/* ---- what has moved on ---- */

int alarms_follow(struct tx *tx, const struct change *c, const struct record *old,
                  const struct record *rec, void *arg, struct err *e) {
  (void)arg;
  if (!old || rec->kind == &alarm_kind) return 0;
  if (rec->retired) return old->retired ? 0 : alarms_end(tx, c, rec, NULL, e);
  int r = 0;
  for (const struct deadline *d = rec->kind->deadlines; d && d->no && r >= 0; d++) {
    const int f = field_named(rec->kind, d->field);
    if (!deadline_runs(d, old)) continue;
    const bool same =
        rec->v[f].t == old->v[f].t &&
        (rec->v[f].t == VAL_TEXT ? str_eq(rec->v[f].s, old->v[f].s) : rec->v[f].i == old->v[f].i);
    const bool there = record_unit(old) == record_unit(rec); /* elsewhere others have to be told */
    if (!same || !there || !deadline_runs(d, rec)) r = alarms_end(tx, c, rec, d->alarm, e);
  }
  return r;
}

/* ---- up the tree ---- */

static const struct deadline *deadline_of(const struct record *alarm) {
  const struct kind *k = kind_by_name(rec_text(alarm, ALARM_SUBJECT_KIND));
  for (const struct deadline *d = k ? k->deadlines : NULL; d && d->no; d++)
    if (rec_is(alarm, ALARM_CODE, d->alarm)) return d;
  return NULL;
}

struct climb alarm_climb(const struct record *alarm, const struct viewer *v, const int32_t *units,
                         size_t n) {
  const struct alarm_type *type = alarm_type_by_code(rec_text(alarm, ALARM_CODE));
  const struct deadline *d = deadline_of(alarm);
  size_t top = n ? n - 1 : 0; /* at the root there is nobody left to tell */
  if (d && d->escalate_to) {
    while (top && !str_is(unit_by_no(v->tree, units[top])->kind, d->escalate_to)) top--;
  }
  if (!top) return (struct climb){0};
  const int64_t again = d && d->escalate_at         ? next_at(v, d->escalate_at)
                        : type && type->escalate_ms ? v->now_ms + type->escalate_ms
                                                    : 0;
  return (struct climb){.up = units[1], .again_ms = top > 1 ? again : 0};
}
