#include "notify/alarms.h"
#include "core/jobs.h"
#include "core/operation.h"
#include "notify/deadlines.h"
#include "notify/owner_remind.h"
#include "notify/outbox.h"
#include "core/settings.h"
#include "notify/topics.h"
#include <assert.h>
#include <stdlib.h>

enum { ALARM_TYPES = 256 };

/* Made once at start of the modules' rows. */
static struct {
  const struct alarm_type *list[ALARM_TYPES];
  size_t n;
} reg;

struct alarms {
  struct app *app;
};

QUERY(q_alarm_of_cause, "SELECT id, op, state FROM alarm WHERE op = $1 AND open_cause = $2");
QUERY(q_alarm_of_record,
      "SELECT id, op, state FROM alarm WHERE subject_id = $1 AND open_cause IS NOT NULL "
      "AND (op = $2 OR $2 = 0) AND (code = $3 OR $3 = '') AND open_cause <> $4 LIMIT 1");
QUERY(q_alarm_owner,
      "SELECT count(*) FROM role_grant g WHERE g.unit = $1 AND g.role = $2 AND " GRANT_IN_FORCE(
          "$3", "$4"));
QUERY(q_alarm_due, "SELECT id FROM alarm WHERE state = 'open' AND due_at <= $1 AND op = $2 "
                   "AND retired = 0 AND id > $3 ORDER BY id LIMIT $4");
QUERY(q_alarm_unmailed,
      "SELECT id FROM alarm WHERE state = 'open' AND mailed_at IS NULL AND severity >= $1 "
      "AND op = $2 AND raised_at >= $3 AND retired = 0 AND id > $4 ORDER BY id LIMIT $5");

int alarms_init(const struct module *const *list, struct err *e) {
  memset(&reg, 0, sizeof reg);
  for (; *list; list++) {
    for (const struct alarm_type *const *t = (*list)->alarms; t && *t; t++) {
      if (reg.n == ALARM_TYPES) return err_field(e, E_BUG, "too many alarm types", (*t)->code);
      reg.list[reg.n++] = *t;
    }
  }
  int r = deadlines_init(e);
  return r < 0 ? r : owners_init(e);
}

const struct alarm_type *alarm_type_by_code(struct str code) {
  for (size_t i = 0; i < reg.n; i++)
    if (str_is(code, reg.list[i]->code)) return reg.list[i];
  return NULL;
}

const struct alarm_type *alarm_type_at(size_t i) {
  return i < reg.n ? reg.list[i] : NULL;
}

int alarms_open(struct app *app, struct alarms **ret_alarms, struct err *e) {
  struct registry *en = &app->registry;
  struct alarms *al = calloc(1, sizeof *al);
  if (!al) return err_set(e, E_NOMEM, "no memory for alarms");
  if (en->n_observers == ARRAY_LEN(en->observers)) {
    free(al);
    return err_set(e, E_BUG, "too many observers of changes");
  }
  al->app = app;
  en->observers[en->n_observers++] = (struct change_observer){.changed = alarms_follow};
  *ret_alarms = al;
  return 0;
}

struct alarms *alarms_close(struct alarms *al) {
  free(al);
  return NULL;
}

/* ---- raising and clearing ---- */

struct by {
  struct registry *en;
  const struct viewer *viewer;
  struct arena *a;
  int64_t at_ms;
};

static struct by by_change(const struct change *c) {
  return (struct by){c->en, c->viewer, c->a, c->at_ms};
}

static struct by by_viewer(struct registry *en, const struct viewer *v, struct arena *a) {
  return (struct by){en, v, a, clock_now_ms(en->clock)};
}

/* "code:cause", and ":value" where the cause has one. */
static struct str key_of(struct arena *a, const struct alarm *al) {
  char id[UUID_TEXT];
  uuid_format(&al->subject_id, id);
  const struct str cause = al->cause.n ? al->cause : str_from(id);
  return arena_printf(a, "%s:" STR_FMT "%s" STR_FMT, al->type->code, STR_ARG(cause),
                      al->cause_value.n ? ":" : "", STR_ARG(al->cause_value));
}

struct standing {
  struct uuid id;
  int64_t op;
  bool closed; /* by a person: it keeps its cause until that ends */
};

/* 1 with the first that the query finds, 0 where none stands. */
static int find(struct tx *tx, const struct query *q, const struct val *p, size_t n,
                struct standing *ret, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, q, p, n, &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r == 1)
    *ret = (struct standing){cur_uuid(c, 0), cur_i64(c, 1), str_is(cur_text(c, 2), "closed")};
  return r;
}

/* The cause is gone: what is open is closed, and what a person has closed gives the cause free. */
static int end_one(struct tx *tx, const struct by *by, const struct standing *s, struct err *e) {
  struct change *c = change_make(by->a, by->en, by->viewer, &alarm_kind,
                                 s->closed ? CHANGE_UPDATE : CHANGE_ACTION);
  c->internal = true;
  c->id = s->id;
  c->op = s->op;
  c->at_ms = by->at_ms;
  c->source = "alarm";
  if (!s->closed) c->transition = kind_transition(&alarm_kind, S("close"));
  change_set(c, ALARM_OPEN_CAUSE, V_NULL);
  int r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}

/* All that stand for the record, of one type ("": of any), but the one with that key. */
static int end_of_record(struct tx *tx, const struct by *by, int64_t op, const char *code,
                         const struct uuid *id, struct str but, struct err *e) {
  struct standing s;
  int r;
  while ((r = find(tx, &q_alarm_of_record,
                   P(V_UUID(*id), V_I64(op), V_TEXTZ(code), V_TEXT(but.p ? but : S(""))), &s, e)) ==
         1)
    if ((r = end_one(tx, by, &s, e)) < 0) return r;
  return r;
}

/* The unit itself or the nearest above it where somebody has the role; the unit where nobody. */
static int owner_unit(struct tx *tx, const struct by *by, const struct alarm *al, int32_t *ret_unit,
                      struct err *e) {
  int32_t up[LIMIT_UNIT_DEPTH];
  size_t n = unit_ancestors(by->viewer->tree, al->unit, by->viewer->today, up, LIMIT_UNIT_DEPTH);
  const struct val today = day_val(by->a, by->viewer->today);
  *ret_unit = al->unit;
  for (size_t i = 0; i < n && al->type->owner_role; i++) {
    int64_t holders = 0;
    int r = tx_i64(tx, &q_alarm_owner,
                   P(V_I64(up[i]), V_TEXTZ(al->type->owner_role), today,
                     V_I64(al->op ? al->op : by->viewer->op)),
                   &holders, e);
    if (r < 0) return r;
    if (holders) {
      *ret_unit = up[i];
      return 0;
    }
  }
  return 0;
}

static struct str clipped(struct str s, size_t max) {
  if (s.n <= max) return s;
  while (max && ((unsigned char)s.p[max] & 0xc0) == 0x80) max--; /* not within a character */
  return str_sub(s, 0, max);
}

static int make(struct tx *tx, const struct by *by, const struct alarm *al, int64_t op,
                struct str key, struct uuid *ret_id, struct err *e) {
  const int64_t due = al->due_ms              ? al->due_ms
                      : al->type->escalate_ms ? by->at_ms + al->type->escalate_ms
                                              : 0;
  int32_t owner = 0;
  int r = owner_unit(tx, by, al, &owner, e);
  if (r < 0) return r;
  struct change *c = change_make(by->a, by->en, by->viewer, &alarm_kind, CHANGE_CREATE);
  c->internal = true;
  c->op = op;
  c->at_ms = by->at_ms;
  c->source = "alarm";
  change_set(c, ALARM_CODE, V_TEXTZ(al->type->code));
  change_set(c, ALARM_UNIT, V_I64(al->unit));
  change_set(c, ALARM_SEVERITY, V_I64(al->type->severity));
  if (al->subject_kind) {
    change_set(c, ALARM_SUBJECT_KIND, V_TEXTZ(al->subject_kind->name));
    change_set(c, ALARM_SUBJECT_ID, V_UUID(al->subject_id));
  }
  change_set(c, ALARM_SUBJECT, V_TEXT(clipped(al->subject, 600)));
  change_set(c, ALARM_VALUE, V_TEXT(clipped(al->value, 600)));
  change_set(c, ALARM_CAUSE, V_TEXT(str_sub(key, strlen(al->type->code) + 1, key.n)));
  change_set(c, ALARM_OPEN_CAUSE, V_TEXT(key));
  change_set(c, ALARM_OWNER_ROLE, V_TEXTZ(al->type->owner_role));
  change_set(c, ALARM_OWNER_UNIT, V_I64(owner));
  change_set(c, ALARM_RAISED_AT, V_I64(by->at_ms));
  change_set(c, ALARM_ESCALATIONS, V_I64(0));
  if (due) change_set(c, ALARM_DUE_AT, V_I64(due));
  r = change_ready(c, e);
  if (r == 0) r = change_run(tx, c, e);
  *ret_id = c->id;
  return r;
}

static int raise_by(struct tx *tx, const struct by *by, const struct alarm *al, struct uuid *ret_id,
                    bool *ret_new, struct err *e) {
  const int64_t op = al->op ? al->op : by->viewer->op;
  const struct str key = key_of(by->a, al);
  struct standing s = {0};
  assert(!al->subject_kind || !al->cause.n);
  assert(al->subject_kind || !al->cause_value.n);
  int r = find(tx, &q_alarm_of_cause, P(V_I64(op), V_TEXT(key)), &s, e);
  const bool stands = r == 1;
  /* Another value of the same cause: what stood for the earlier one is over. */
  if (r == 0 && al->subject_kind)
    r = end_of_record(tx, by, op, al->type->code, &al->subject_id, key, e);
  if (r == 0) r = make(tx, by, al, op, key, &s.id, e);
  if (r < 0) return r;
  if (ret_id) *ret_id = s.id;
  if (ret_new) *ret_new = !stands;
  return 0;
}

int alarm_raise(struct tx *tx, struct change *by, const struct alarm *al, struct uuid *ret_id,
                bool *ret_new, struct err *e) {
  const struct by b = by_change(by);
  return raise_by(tx, &b, al, ret_id, ret_new, e);
}

int alarm_raise_as(struct tx *tx, struct registry *en, const struct viewer *v, struct arena *a,
                   const struct alarm *al, struct uuid *ret_id, bool *ret_new, struct err *e) {
  const struct by b = by_viewer(en, v, a);
  return raise_by(tx, &b, al, ret_id, ret_new, e);
}

static int clear_by(struct tx *tx, const struct by *by, const struct alarm *al, struct err *e) {
  const int64_t op = al->op ? al->op : by->viewer->op;
  struct standing s;
  if (al->subject_kind) return end_of_record(tx, by, op, al->type->code, &al->subject_id, S(""), e);
  int r = find(tx, &q_alarm_of_cause, P(V_I64(op), V_TEXT(key_of(by->a, al))), &s, e);
  return r == 1 ? end_one(tx, by, &s, e) : r;
}

int alarm_clear(struct tx *tx, struct change *by, const struct alarm *al, struct err *e) {
  const struct by b = by_change(by);
  return clear_by(tx, &b, al, e);
}

int alarm_clear_as(struct tx *tx, struct registry *en, const struct viewer *v, struct arena *a,
                   const struct alarm *al, struct err *e) {
  const struct by b = by_viewer(en, v, a);
  return clear_by(tx, &b, al, e);
}

static int find_open(struct tx *tx, const struct viewer *v, struct arena *a, const struct alarm *al,
                     struct standing *ret, struct err *e) {
  int r =
      find(tx, &q_alarm_of_cause, P(V_I64(al->op ? al->op : v->op), V_TEXT(key_of(a, al))), ret, e);
  return r == 1 && ret->closed ? 0 : r;
}

int alarm_stands(struct tx *tx, const struct viewer *v, struct arena *a, const struct alarm *al,
                 bool *ret_stands, struct err *e) {
  struct standing s;
  int r = find_open(tx, v, a, al, &s, e);
  *ret_stands = r == 1;
  return r < 0 ? r : 0;
}

int alarm_revalue_as(struct tx *tx, struct registry *en, const struct viewer *v, struct arena *a,
                     const struct alarm *al, struct err *e) {
  const struct by by = by_viewer(en, v, a);
  struct standing s;
  int r = find_open(tx, v, a, al, &s, e);
  if (r <= 0) return r;
  struct change *c = change_make(by.a, by.en, by.viewer, &alarm_kind, CHANGE_UPDATE);
  c->internal = true;
  c->id = s.id;
  c->op = s.op;
  c->at_ms = by.at_ms;
  c->source = "alarm";
  change_set(c, ALARM_VALUE, V_TEXT(clipped(al->value, 600)));
  r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}

int alarms_end(struct tx *tx, const struct change *by, const struct record *rec, const char *code,
               struct err *e) {
  const struct by b = by_change(by);
  return end_of_record(tx, &b, rec->op, code ? code : "", &rec->id, S(""), e);
}

static void fill(struct buf *out, struct str text, struct str subject, struct str value) {
  while (text.n) {
    if (str_starts(text, S("{subject}"))) {
      buf_str_add(out, subject);
      text = str_sub(text, 9, text.n);
    } else if (str_starts(text, S("{value}"))) {
      buf_str_add(out, value);
      text = str_sub(text, 7, text.n);
    } else {
      buf_char(out, text.p[0]);
      text = str_sub(text, 1, text.n);
    }
  }
}

struct str alarm_text(struct arena *a, const struct record *alarm, bool zh) {
  const struct alarm_type *t = alarm_type_by_code(rec_text(alarm, ALARM_CODE));
  if (!t) return rec_text(alarm, ALARM_CODE);
  struct buf out = BUF_INIT(KIB(8));
  const struct kind *of = kind_by_name(rec_text(alarm, ALARM_SUBJECT_KIND));
  struct str subject = rec_text(alarm, ALARM_SUBJECT);
  if (of && title_names(of, TITLE_DEPTH) != RIGHT_NONE) subject = mask_text(a, MASK_NAME, subject);
  fill(&out, str_from(zh ? t->zh : t->en), subject, rec_text(alarm, ALARM_VALUE));
  struct str text = arena_dup(a, buf_str(&out));
  buf_done(&out);
  return text;
}

/* ---- the job ---- */

/* One alarm's turn: one that somebody has taken up meanwhile is left alone. */
static int load_open(struct tx *tx, const struct job_row *row, struct record **ret_rec,
                     struct err *e) {
  int r = record_load(tx, row->a, &alarm_kind, row->run->viewer->op, &row->v[0].u, ret_rec, e);
  if (r < 0) return r == -E_NOROW ? 0 : r;
  return str_is((*ret_rec)->state, "open");
}

static struct change *update_of(const struct job_row *row, const struct record *rec) {
  struct change *c =
      change_make(row->a, &row->run->app->registry, row->run->viewer, &alarm_kind, CHANGE_UPDATE);
  c->internal = true;
  c->id = rec->id;
  c->op = rec->op;
  c->if_rev = rec->rev;
  c->source = "job";
  return c;
}

static int escalate_one(struct tx *tx, struct job_row *row, struct err *e) {
  const struct viewer *v = row->run->viewer;
  struct record *rec;
  int32_t up[LIMIT_UNIT_DEPTH];
  int r = load_open(tx, row, &rec, e);
  if (r <= 0) return r;
  if (rec_null(rec, ALARM_DUE_AT) || rec_i64(rec, ALARM_DUE_AT) > v->now_ms) return 0;
  int32_t at = rec_unit(rec, ALARM_ESCALATED_TO);
  if (!at) at = rec_unit(rec, ALARM_OWNER_UNIT);
  if (!at) at = rec_unit(rec, ALARM_UNIT);
  const size_t n = unit_ancestors(v->tree, at, v->today, up, LIMIT_UNIT_DEPTH);
  const struct climb climb = alarm_climb(rec, v, up, n);
  struct change *c = update_of(row, rec);
  if (climb.up) {
    change_set(c, ALARM_ESCALATED_TO, V_I64(climb.up));
    change_set(c, ALARM_ESCALATIONS, V_I64(rec_i64(rec, ALARM_ESCALATIONS) + 1));
    change_set(c, ALARM_MAILED_AT, V_NULL); /* the next level is told anew */
  }
  change_set(c, ALARM_DUE_AT, climb.again_ms ? V_I64(climb.again_ms) : V_NULL);
  r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}

const struct message_topic topic_alarm = {.code = "alarm",
                                          .zh = "报警",
                                          .en = "Alarm",
                                          .args = "unit zh en",
                                          .window_ms = 2 * MS_MINUTE,
                                          .in_zh = {.subject = "【报警】{unit}",
                                                    .body = "{unit}\n{zh}\n",
                                                    .brief = "【报警】{unit}：{zh}"},
                                          .in_en = {.subject = "Alarm: {unit}",
                                                    .body = "{unit}\n{en}\n",
                                                    .brief = "Alarm, {unit}: {en}"}};

static int queue_mails(struct tx *tx, struct job_row *row, const struct record *rec,
                       struct err *e) {
  const struct str *mail_to = row->arg;
  const struct unit_row *u = unit_by_no(row->run->viewer->tree, rec_unit(rec, ALARM_UNIT));
  const struct message_arg args[] = {{"unit", u ? u->name : S("")},
                                     {"zh", alarm_text(row->a, rec, true)},
                                     {"en", alarm_text(row->a, rec, false)},
                                     {0}};
  for (struct str rest = *mail_to; rest.p;) {
    const struct message m = {.topic = &topic_alarm,
                              .to = str_trim(str_split(&rest, ',')),
                              .args = args,
                              .op = rec->op,
                              .unit = rec_unit(rec, ALARM_UNIT),
                              .subject_kind = &alarm_kind,
                              .subject_id = rec->id};
    int r = m.to.n ? message_say(tx, row->run->app, row->run->viewer, row->a, &m, e) : 0;
    if (r < 0) return r;
  }
  return 0;
}

static int mail_one(struct tx *tx, struct job_row *row, struct err *e) {
  struct record *rec;
  int r = load_open(tx, row, &rec, e);
  if (r <= 0 || !rec_null(rec, ALARM_MAILED_AT)) return r < 0 ? r : 0;
  struct change *c = update_of(row, rec);
  change_set(c, ALARM_MAILED_AT, V_I64(row->run->viewer->now_ms));
  r = change_ready(c, e);
  if (r == 0) r = change_run(tx, c, e);
  if (r == 0) r = queue_mails(tx, row, rec, e);
  if (r == 0) tx_on_commit(tx, outbox_wake, row->run->app);
  return r;
}

int alarms_escalate(struct job_run *run, struct err *e) {
  const struct viewer *v = run->viewer;
  const int64_t severity = setting_i64(run->app, v->op, "alarm.mail_severity");
  struct str to = setting_text(run->app, v->op, "alarm.mail_to", run->a);
  const struct job_walk due = {
      .name = "escalate", .q = &q_alarm_due, .columns = "u", .row = escalate_one};
  const struct job_walk unmailed = {
      .name = "mail", .q = &q_alarm_unmailed, .columns = "u", .row = mail_one, .arg = &to};
  int r = job_each(run, &due, P(V_I64(v->now_ms), V_I64(v->op)), e);
  if (r < 0 || !to.n) return r;
  /* what is a day old is no news */
  return job_each(run, &unmailed, P(V_I64(severity), V_I64(v->op), V_I64(v->now_ms - MS_DAY)), e);
}
