#include "notify/owner_remind.h"
#include "core/jobs.h"
#include "core/settings.h"

enum { OWNED = 32, MORNING = 8 * 60 + 30, EVENING = 20 * 60 };

struct row {
  const struct kind *k, *person; /* whose it is */
  int responder, due, phone;
  struct query soon; /* $1 operation, $2 … $3 the times, $4 told since, $5 after, $6 n */
  char sql[900];
};
static struct {
  struct row rows[OWNED];
  size_t n;
} reg;

static bool telephone(const struct kind *k, int *ret_field) {
  for (*ret_field = 0; *ret_field < (int)k->n_fields; ++*ret_field)
    if (k->fields[*ret_field].type == FT_PHONE) return true;
  return false;
}

static int add(const struct kind *k, struct err *e) {
  const struct owner *o = k->owner;
  if (reg.n == OWNED) return err_field(e, E_BUG, "too many kinds have an owner", k->name);
  struct row *row = &reg.rows[reg.n++];
  *row = (struct row){
      .k = k, .responder = field_named(k, o->responder), .due = field_named(k, o->due)};
  row->person = kind_by_name(str_from(k->fields[row->responder].ref));
  if (!telephone(row->person, &row->phone))
    return err_field(e, E_BUG, "an owner without a telephone", k->name);
  struct buf b = BUF_INIT(sizeof row->sql);
  buf_printf(&b, "SELECT t.id FROM \"%s\" t WHERE op = $1 AND ", k->name);
  deadline_where(&b, &(const struct deadline){.states = o->states});
  buf_printf(&b,
             " AND t.\"%s\" IS NOT NULL AND t.\"%s\" > $2 AND t.\"%s\" <= $3 AND NOT EXISTS "
             "(SELECT 1 FROM outbox_message x WHERE x.subject_id = t.id AND x.topic = '%s' "
             "AND x.created_ms > $4) AND t.id > $5 ORDER BY t.id LIMIT $6",
             o->responder, o->due, o->due, topic_work_due.code);
  const bool fits = buf_ok(&b) && b.n < sizeof row->sql;
  if (fits) memcpy(row->sql, buf_z(&b), b.n + 1);
  buf_done(&b);
  row->soon = (struct query){"owner_soon", row->sql, NULL};
  return fits ? 0 : err_field(e, E_BUG, "an owner's row is too long", k->name);
}

int owners_init(struct err *e) {
  int r = 0;
  memset(&reg, 0, sizeof reg);
  for (size_t i = 0; i < kinds_count() && r == 0; i++) {
    const struct owner *o = kind_at(i)->owner;
    if (o && o->responder && o->due) r = add(kind_at(i), e);
  }
  return r;
}

/* ---- is it still to be done? ---- */

static bool is_open(const struct row *row, const struct record *rec) {
  return !rec->retired && !rec_null(rec, row->responder) && !rec_null(rec, row->due) &&
         (!row->k->owner->states || word_in(row->k->owner->states, rec->state));
}

/* Withdraws what waited while the work was done. */
static int still_open(struct app *app, struct tx *tx, int64_t op, const struct uuid *id,
                      bool *ret_wanted, struct err *e) {
  _cleanup_(arena_freep) struct arena *a = arena_create(KIB(64));
  (void)app;
  *ret_wanted = false;
  if (!a) return err_set(e, E_NOMEM, "no memory for a reminder");
  for (size_t i = 0; i < reg.n && !*ret_wanted; i++) {
    struct record *rec;
    int r = record_load(tx, a, reg.rows[i].k, op, id, &rec, e);
    if (r < 0 && r != -E_NOROW) return r;
    *ret_wanted = r >= 0 && is_open(&reg.rows[i], rec);
  }
  return 0;
}

const struct message_topic topic_work_due = {
    .code = "work_due",
    .zh = "到期提醒",
    .en = "Reminder of work due",
    .args = "kind_zh kind_en what when",
    .window_ms = MS_MINUTE,
    .wanted = still_open,
    .in_zh = {.subject = "{kind_zh}将到期：{what}",
              .body = "{kind_zh}“{what}”应于{when}前办理，请及时处理；已办请不必理会。\n",
              .brief = "{kind_zh}“{what}”应于{when}前办理，已办请忽略。"},
    .in_en = {.subject = "{kind_en} due: {what}",
              .body = "{kind_en} \"{what}\" is to be done by {when}. If it is done, never mind.\n",
              .brief = "{kind_en} \"{what}\" is to be done by {when}."}};

/* ---- telling ---- */

/* The plain number of a person who can be written to; empty where there is none. */
static int number_of(struct tx *tx, const struct job_row *of, const struct row *row,
                     const struct uuid *id, struct str *ret, struct err *e) {
  struct app *app = of->run->app;
  struct record *who;
  *ret = S("");
  int r = record_load(tx, of->a, row->person, of->run->viewer->op, id, &who, e);
  if (r == -E_NOROW ||
      (r >= 0 &&
       (who->retired || (who->kind->states && !str_is(who->state, who->kind->states[0].value)))))
    return 0;
  if (r >= 0) r = record_plain(app->registry.sealer, who, row->phone, of->a, e);
  if (r < 0) return r == -E_GONE ? 0 : r;
  const struct str s = rec_text(who, row->phone);
  if (s.n == 11 && s.p[0] == '1') *ret = s;
  return 0;
}

static struct str said(const struct viewer *v, struct arena *a, const struct record *rec, int f) {
  char text[MOMENT_TEXT];
  if (rec->kind->fields[f].type == FT_DATE) return rec_text(rec, f);
  moment_format(rec_i64(rec, f), v->zone, text);
  return arena_printf(a, "%.10s %.5s", text, text + 11);
}

/* Found a moment ago: it may have been done meanwhile. */
static int tell_one(struct tx *tx, struct job_row *of, struct err *e) {
  const struct row *row = of->arg;
  const struct viewer *v = of->run->viewer;
  struct app *app = of->run->app;
  struct record *rec;
  struct str phone;
  int r = record_load(tx, of->a, row->k, v->op, &of->v[0].u, &rec, e);
  if (r < 0) return r == -E_NOROW ? 0 : r;
  if (!is_open(row, rec)) return 0;
  r = number_of(tx, of, row, &rec->v[row->responder].u, &phone, e);
  if (r < 0 || !phone.n) return r;
  struct emit em = {.tx = tx, .en = &app->registry, .viewer = v, .a = of->a};
  const struct message_arg args[] = {{"kind_zh", str_from(row->k->zh)},
                                     {"kind_en", str_from(row->k->en)},
                                     {"what", record_title(&em, rec)},
                                     {"when", said(v, of->a, rec, row->due)},
                                     {0}};
  const struct message m = {.topic = &topic_work_due,
                            .to = arena_printf(of->a, "sms:" STR_FMT, STR_ARG(phone)),
                            .language = SAY_ZH,
                            .args = args,
                            .op = v->op,
                            .unit = record_unit(rec),
                            .subject_kind = row->k,
                            .subject_id = rec->id};
  r = message_say(tx, app, v, of->a, &m, e);
  if (r >= 0) tx_on_commit(tx, outbox_wake, app);
  return r;
}

int owners_remind(struct job_run *run, struct err *e) {
  const struct viewer *v = run->viewer;
  const int64_t ahead = setting_i64(run->app, v->op, "todo.remind_minutes") * MS_MINUTE;
  const int64_t now = v->now_ms, midnight = zone_moment(v->zone, v->today, 0);
  const bool day = now >= zone_moment(v->zone, v->today, MORNING) &&
                   now < zone_moment(v->zone, v->today, EVENING);
  int r = 0;
  for (size_t i = 0; ahead && i < reg.n && r >= 0; i++) {
    struct row *row = &reg.rows[i];
    const bool dated = row->k->fields[row->due].type == FT_DATE;
    const struct job_walk walk = {.name = "remind",
                                  .q = &row->soon,
                                  .columns = "u",
                                  .row = tell_one,
                                  .arg = row,
                                  .part = row->k->no};
    if (dated && !day) continue;
    r = job_each(run, &walk,
                 P(V_I64(v->op), dated ? day_val(run->a, v->today - 1) : V_I64(now),
                   dated ? day_val(run->a, v->today) : V_I64(now + ahead),
                   V_I64(dated ? midnight - 1 : now - ahead)),
                 e);
  }
  return r;
}
