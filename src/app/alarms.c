#include "app/alarms.h"
#include "app/jobs.h"
#include "app/operation.h"
#include "app/outbox.h"
#include "app/settings.h"
#include "app/topics.h"
#include <stdlib.h>

enum { ALARM_TYPES = 256, ALARMS_PER_RUN = 200 };

/* Made once at start of the modules' rows. */
static struct {
  const struct alarm_type *list[ALARM_TYPES];
  size_t n;
} reg;

struct alarms {
  struct app *app;
};

QUERY(q_alarm_open, "SELECT id FROM alarm WHERE op = $1 AND open_cause = $2 AND retired = 0");
QUERY(q_alarm_owner,
      "SELECT count(*) FROM role_grant WHERE unit = $1 AND role = $2 AND retired = 0");
QUERY(q_alarm_due, "SELECT id, op FROM alarm WHERE state = 'open' AND due_at <= $1 AND retired = 0 "
                   "ORDER BY due_at LIMIT 200");
QUERY(q_alarm_unmailed,
      "SELECT id, op FROM alarm WHERE state = 'open' AND mailed_at IS NULL AND severity >= $1 "
      "AND op = $2 AND raised_at >= $3 AND retired = 0 ORDER BY raised_at LIMIT 200");

int alarms_init(const struct module *const *list, struct err *e) {
  memset(&reg, 0, sizeof reg);
  for (; *list; list++) {
    for (const struct alarm_type *const *t = (*list)->alarms; t && *t; t++) {
      const char *code = (*t)->code;
      if (!code || !(*t)->zh || !(*t)->en || !(*t)->no)
        return err_field(e, E_BUG, "an alarm type needs number, code and names", code ? code : "?");
      if (alarm_type_by_code(str_from(code)))
        return err_field(e, E_BUG, "an alarm type's code is used twice", code);
      for (size_t i = 0; i < reg.n; i++)
        if (reg.list[i]->no == (*t)->no)
          return err_field(e, E_BUG, "an alarm type's number is used twice", code);
      if ((*t)->owner_role && role_index(str_from((*t)->owner_role)) < 0)
        return err_field(e, E_BUG, "an alarm's owner has an unknown role", code);
      if ((*t)->severity < 1 || (*t)->severity > 3)
        return err_field(e, E_BUG, "an alarm's severity is 1, 2 or 3", code);
      if (reg.n == ALARM_TYPES) return err_field(e, E_BUG, "too many alarm types", code);
      reg.list[reg.n++] = *t;
    }
  }
  return 0;
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
  struct alarms *al = calloc(1, sizeof *al);
  if (!al) return err_set(e, E_NOMEM, "no memory for alarms");
  al->app = app;
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

static struct str open_cause(struct arena *a, const struct alarm_type *t, struct str cause) {
  return arena_printf(a, "%s:" STR_FMT, t->code, STR_ARG(cause));
}

/* *ret_found says whether one stands open. */
static int find_open(struct tx *tx, int64_t op, struct str key, struct uuid *ret_id,
                     bool *ret_found, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_alarm_open, P(V_I64(op), V_TEXT(key)), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  *ret_found = r == 1;
  if (r == 1) *ret_id = cur_uuid(c, 0);
  return 0;
}

/* The unit itself or the nearest above it where somebody has the role; the unit where nobody. */
static int owner_unit(struct tx *tx, const struct by *by, const struct alarm *al, int32_t *ret_unit,
                      struct err *e) {
  int32_t up[LIMIT_UNIT_DEPTH];
  size_t n = unit_ancestors(by->viewer->tree, al->unit, by->viewer->today, up, LIMIT_UNIT_DEPTH);
  *ret_unit = al->unit;
  for (size_t i = 0; i < n && al->type->owner_role; i++) {
    int64_t holders = 0;
    int r = tx_i64(tx, &q_alarm_owner, P(V_I64(up[i]), V_TEXTZ(al->type->owner_role)), &holders, e);
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

static int raise_by(struct tx *tx, const struct by *by, const struct alarm *al, struct uuid *ret_id,
                    bool *ret_new, struct err *e) {
  const int64_t op = al->op ? al->op : by->viewer->op;
  struct str cause = al->cause;
  struct uuid id = {{0}};
  bool open = false;
  if (!cause.n) {
    char text[UUID_TEXT];
    uuid_format(&al->subject_id, text);
    cause = arena_dup(by->a, str_from(text));
  }
  const struct str key = open_cause(by->a, al->type, cause);
  int r = find_open(tx, op, key, &id, &open, e);
  int32_t owner = 0;
  if (r == 0 && !open) r = owner_unit(tx, by, al, &owner, e);
  if (r == 0 && !open) {
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
    change_set(c, ALARM_CAUSE, V_TEXT(cause));
    change_set(c, ALARM_OPEN_CAUSE, V_TEXT(key));
    change_set(c, ALARM_OWNER_ROLE, V_TEXTZ(al->type->owner_role));
    change_set(c, ALARM_OWNER_UNIT, V_I64(owner));
    change_set(c, ALARM_RAISED_AT, V_I64(by->at_ms));
    change_set(c, ALARM_ESCALATIONS, V_I64(0));
    if (al->type->escalate_ms)
      change_set(c, ALARM_DUE_AT, V_I64(by->at_ms + al->type->escalate_ms));
    r = change_ready(c, e);
    if (r == 0) r = change_run(tx, c, e);
    id = c->id;
  }
  if (r < 0) return r;
  if (ret_id) *ret_id = id;
  if (ret_new) *ret_new = !open;
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

static int clear_by(struct tx *tx, const struct by *by, const struct alarm_type *type, int64_t op,
                    struct str cause, struct err *e) {
  struct uuid id;
  bool open = false;
  int r = find_open(tx, op, open_cause(by->a, type, cause), &id, &open, e);
  if (r < 0 || !open) return r;
  struct change *c = change_make(by->a, by->en, by->viewer, &alarm_kind, CHANGE_ACTION);
  c->internal = true;
  c->id = id;
  c->op = op;
  c->at_ms = by->at_ms;
  c->source = "alarm";
  c->transition = kind_transition(&alarm_kind, S("close"));
  r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}

int alarm_clear(struct tx *tx, struct change *by, const struct alarm_type *type, struct str cause,
                struct err *e) {
  const struct by b = by_change(by);
  return clear_by(tx, &b, type, by->op ? by->op : by->viewer->op, cause, e);
}

int alarm_clear_as(struct tx *tx, struct registry *en, const struct viewer *v, struct arena *a,
                   const struct alarm_type *type, struct str cause, struct err *e) {
  const struct by b = by_viewer(en, v, a);
  return clear_by(tx, &b, type, v->op, cause, e);
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
  fill(&out, str_from(zh ? t->zh : t->en), rec_text(alarm, ALARM_SUBJECT),
       rec_text(alarm, ALARM_VALUE));
  struct str text = arena_dup(a, buf_str(&out));
  buf_done(&out);
  return text;
}

/* ---- the job ---- */

struct found {
  struct uuid id;
  int64_t op;
};

static int find_some(struct app *app, const struct query *q, const struct val *params, size_t n,
                     struct found *out, size_t *ret_n, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(app->store, &tx, e);
  if (r < 0) return r;
  _cleanup_(cur_donep) struct cur *c = NULL;
  r = cur_open(tx, q, params, n, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1 && *ret_n < ALARMS_PER_RUN)
    out[(*ret_n)++] = (struct found){cur_uuid(c, 0), cur_i64(c, 1)};
  return r < 0 ? r : 0;
}

/* One alarm's turn, in a transaction of its own share: an alarm that somebody has taken up
 * meanwhile is left alone. */
struct turn {
  struct app *app;
  struct viewer *viewer;
  struct arena *a;
  struct found f;
  struct str mail_to; /* set: the mails; else the escalation */
};

static struct change *update_of(struct turn *t, const struct record *rec) {
  struct change *c = change_make(t->a, &t->app->registry, t->viewer, &alarm_kind, CHANGE_UPDATE);
  c->internal = true;
  c->id = rec->id;
  c->op = rec->op;
  c->if_rev = rec->rev;
  c->source = "job";
  return c;
}

static int escalate_one(struct tx *tx, void *arg, struct err *e) {
  struct turn *t = arg;
  struct record *rec;
  int32_t up[LIMIT_UNIT_DEPTH];
  int r = record_load(tx, t->a, &alarm_kind, t->f.op, &t->f.id, &rec, e);
  if (r < 0) return r == -E_NOROW ? 0 : r;
  if (!str_is(rec->state, "open") || rec_i64(rec, ALARM_DUE_AT) > t->viewer->now_ms) return 0;
  int32_t at = rec_unit(rec, ALARM_ESCALATED_TO);
  if (!at) at = rec_unit(rec, ALARM_OWNER_UNIT);
  if (!at) at = rec_unit(rec, ALARM_UNIT);
  const size_t n = unit_ancestors(t->viewer->tree, at, t->viewer->today, up, LIMIT_UNIT_DEPTH);
  const struct alarm_type *type = alarm_type_by_code(rec_text(rec, ALARM_CODE));
  struct change *c = update_of(t, rec);
  if (n > 1) {
    change_set(c, ALARM_ESCALATED_TO, V_I64(up[1]));
    change_set(c, ALARM_ESCALATIONS, V_I64(rec_i64(rec, ALARM_ESCALATIONS) + 1));
    change_set(c, ALARM_MAILED_AT, V_NULL); /* the next level is told anew */
  }
  /* At the root there is nobody left to tell. */
  const bool again = n > 2 && type && type->escalate_ms;
  change_set(c, ALARM_DUE_AT, again ? V_I64(t->viewer->now_ms + type->escalate_ms) : V_NULL);
  r = change_ready(c, e);
  return r < 0 ? r : change_run(tx, c, e);
}
static const struct cmd_class escalate_cmd = {.name = "alarm_escalate", .run = escalate_one};

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

static int queue_mails(struct tx *tx, struct turn *t, const struct record *rec, struct err *e) {
  const struct unit_row *u = unit_by_no(t->viewer->tree, rec_unit(rec, ALARM_UNIT));
  const struct message_arg args[] = {{"unit", u ? u->name : S("")},
                                     {"zh", alarm_text(t->a, rec, true)},
                                     {"en", alarm_text(t->a, rec, false)},
                                     {0}};
  for (struct str rest = t->mail_to; rest.p;) {
    const struct message m = {.topic = &topic_alarm,
                              .to = str_trim(str_split(&rest, ',')),
                              .args = args,
                              .op = rec->op,
                              .unit = rec_unit(rec, ALARM_UNIT),
                              .subject_kind = &alarm_kind,
                              .subject_id = rec->id};
    int r = m.to.n ? message_say(tx, t->app, t->viewer, t->a, &m, e) : 0;
    if (r < 0) return r;
  }
  return 0;
}

static int mail_one(struct tx *tx, void *arg, struct err *e) {
  struct turn *t = arg;
  struct record *rec;
  int r = record_load(tx, t->a, &alarm_kind, t->f.op, &t->f.id, &rec, e);
  if (r < 0) return r == -E_NOROW ? 0 : r;
  if (!str_is(rec->state, "open") || !rec_null(rec, ALARM_MAILED_AT)) return 0;
  struct change *c = update_of(t, rec);
  change_set(c, ALARM_MAILED_AT, V_I64(t->viewer->now_ms));
  r = change_ready(c, e);
  if (r == 0) r = change_run(tx, c, e);
  return r < 0 ? r : queue_mails(tx, t, rec, e);
}
static const struct cmd_class mail_cmd = {.name = "alarm_mail", .run = mail_one};

static int take_turns(struct app *app, struct arena *a, const struct cmd_class *cls,
                      const struct found *found, size_t n, struct str mail_to, struct err *e) {
  int first = 0;
  for (size_t i = 0; i < n; i++) {
    struct turn *t = arena_new(a, struct turn);
    *t = (struct turn){.app = app, .a = a, .f = found[i], .mail_to = mail_to};
    int r = app_system_viewer(app, a, found[i].op, &t->viewer, e);
    if (r == 0) r = writer_run(app->writer, cls, t, CMD_NORMAL, e);
    /* One that cannot be handled must not hold up the others. */
    if (r < 0 && first == 0) first = r;
    if (r < 0 && err_class(r) != ERR_CALLER) break;
  }
  return first;
}

static int mail_operation(struct app *app, struct arena *a, int64_t op, struct err *e) {
  const int64_t severity = setting_i64(app, op, "alarm.mail_severity");
  const struct str to = setting_text(app, op, "alarm.mail_to", a);
  const int64_t since = clock_now_ms(&app->clock) - MS_DAY; /* old ones are no news */
  size_t n = 0;
  if (!to.n) return 0;
  struct found *found = arena_array(a, struct found, ALARMS_PER_RUN);
  int r =
      find_some(app, &q_alarm_unmailed, P(V_I64(severity), V_I64(op), V_I64(since)), found, &n, e);
  if (r == 0) r = take_turns(app, a, &mail_cmd, found, n, to, e);
  if (n) jobs_wake(app->jobs, "outbox");
  return r;
}

int alarms_escalate(struct app *app, struct arena *a, struct err *e) {
  const int64_t now = clock_now_ms(&app->clock);
  struct found *found = arena_array(a, struct found, ALARMS_PER_RUN);
  int64_t ops[64];
  size_t n = 0, n_ops = 0;
  int r = find_some(app, &q_alarm_due, P(V_I64(now)), found, &n, e);
  if (r == 0) r = take_turns(app, a, &escalate_cmd, found, n, S(""), e);
  pthread_rwlock_rdlock(&app->operations_lock);
  for (size_t i = 0; i < app->n_operations && n_ops < ARRAY_LEN(ops); i++)
    if (app->operations[i].open) ops[n_ops++] = app->operations[i].no;
  pthread_rwlock_unlock(&app->operations_lock);
  for (size_t i = 0; i < n_ops && r == 0; i++) r = mail_operation(app, a, ops[i], e);
  return r;
}
