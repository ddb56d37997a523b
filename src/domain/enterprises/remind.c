#include "domain/enterprises/remind.h"
#include "app/jobs.h"
#include "app/operation.h"
#include "app/settings.h"
#include "domain/enterprises/links.h"

const struct table_def reminder_tables[3] = {
    {.name = "return_reminder",
     .columns = "daily_return uuid NOT NULL, slot i64 NOT NULL, at_ms i64 NOT NULL, "
                "messages i64 NOT NULL, PRIMARY KEY (daily_return, slot)",
     .clustered = true},
    {.name = "return_escalation",
     .columns = "op i64 NOT NULL, day text NOT NULL, template_code text NOT NULL, "
                "unit i64 NOT NULL, at_ms i64 NOT NULL, settled i64 NOT NULL, "
                "PRIMARY KEY (op, day, template_code, unit)",
     .clustered = true},
    {0}};

enum { AT_ONCE = 200, SLICES = 100, FORMS_A_DAY = 16, OPERATIONS = 64 };
/* After a break only what is still news is said. */
#define STALE_MS (2 * MS_HOUR)

/* ---- wanted still? ---- */

QUERY(q_row_state, "SELECT state, day FROM daily_return WHERE id = $1");

static int still_missing(struct app *app, struct tx *tx, int64_t op, const struct uuid *row,
                         bool *ret_wanted, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct operation o;
  int32_t day;
  int r = cur_open(tx, &q_row_state, P(V_UUID(*row)), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  *ret_wanted = r == 1 && (str_is(cur_text(c, 0), "missing") || str_is(cur_text(c, 0), "draft"));
  /* the next noon it is another day's return that matters */
  if (*ret_wanted && day_parse(cur_text(c, 1), &day) == 0 && operation_get(app, op, &o, NULL) == 0)
    *ret_wanted = clock_now_ms(&app->clock) < zone_moment(o.zone, day + 1, 12 * 60);
  return 0;
}

const struct message_topic topic_return_reminder = {
    .code = "return_reminder",
    .zh = "催报提醒",
    .en = "Reminder of a return",
    .args = "enterprise return return_en day when_zh when_en how_zh how_en",
    .window_ms = 3 * MS_MINUTE,
    .wanted = still_missing,
    .in_zh = {.subject = "{enterprise}：{day}的{return}还没有报",
              .body = "{enterprise}：\n{day}的{return}还没有收到，{when_zh}。{how_zh}\n"
                      "已经报过的请不必理会。\n",
              .brief = "{enterprise}{day}的{return}还没有报，{when_zh}。{how_zh}已报请忽略。"},
    .in_en = {.subject = "{enterprise}: {return_en} of {day} is missing",
              .body = "{enterprise}:\nyour return ({return_en}) of {day} has not arrived; "
                      "{when_en}. {how_en}\nIf you have reported meanwhile, never mind.\n",
              .brief = "{enterprise}: your return of {day} is missing; {when_en}. {how_en}"}};

/* ---- one who is missing ---- */

QUERY(
    q_to_remind,
    "SELECT d.id, d.enterprise FROM daily_return d WHERE d.op = $1 AND d.template_code = $2 "
    "AND d.day = $3 AND d.state IN ('missing', 'draft') AND d.retired = 0 "
    "AND NOT EXISTS (SELECT 1 FROM return_reminder r WHERE r.daily_return = d.id AND r.slot = $4) "
    "AND (SELECT count(*) FROM return_reminder r WHERE r.daily_return = d.id "
    "AND r.messages > 0 AND r.slot < 100) < $5 " /* SLOT_SENT_BACK: another matter */
    "AND NOT EXISTS (SELECT 1 FROM chase_note n WHERE n.op = $1 AND n.enterprise = d.enterprise "
    "AND n.day = $3 AND n.promise_at > $6) ORDER BY d.id LIMIT 200");
QUERY(q_reminded, "INSERT INTO return_reminder (daily_return, slot, at_ms, messages) "
                  "VALUES ($1, $2, $3, 0) ON CONFLICT (daily_return, slot) DO NOTHING");

QUERY(q_reminded_with,
      "UPDATE return_reminder SET messages = $3 WHERE daily_return = $1 AND slot = $2");

struct reminding {
  struct app *app;
  struct arena *a;
  const struct viewer *v;
  const struct return_form *form;
  int32_t day;
  int slot;
  enum reach_by by;
  struct uuid rows[AT_ONCE], enterprises[AT_ONCE];
  size_t n;
  int64_t messages;
};

struct str remind_link(struct app *app, struct arena *a, const struct viewer *v,
                       const struct record *enterprise) {
  char text[LINK_TEXT];
  struct str base = setting_text(app, 0, "public_url", a);
  const struct link l = {.enterprise = enterprise->id,
                         .serial = rec_i64(enterprise, ENTERPRISE_LINK_SERIAL),
                         .last_day =
                             v->today + (int32_t)setting_i64(app, v->op, "returns.link_days")};
  while (base.n && base.p[base.n - 1] == '/') base.n--;
  if (!base.n) return base;
  link_make(app, &l, text);
  return arena_printf(a, STR_FMT "/e/%s", STR_ARG(base), text);
}

bool remind_by(struct app *app, int64_t op, struct arena *a, enum reach_by *ret_by) {
  const struct str by = setting_text(app, op, "returns.remind_by", a);
  *ret_by = str_is(by, "sms") ? REACH_SMS : str_is(by, "smtp") ? REACH_MAIL : REACH_ANY;
  return !str_is(by, "none");
}

static int say(struct tx *tx, struct reminding *g, const struct uuid *row,
               const struct record *enterprise, const struct reach *to, struct err *e) {
  struct arena *a = g->a;
  const int at = g->form->deadline;
  const struct str link = remind_link(g->app, a, g->v, enterprise);
  const bool over = g->v->now_ms > zone_moment(g->v->zone, g->day, at);
  int y, m, d;
  day_to_civil(g->day, &y, &m, &d);
  const struct message_arg args[] = {
      {"enterprise", rec_text(enterprise, ENTERPRISE_NAME)},
      {"return", g->form->name},
      {"return_en", g->form->name_en.n ? g->form->name_en : g->form->name},
      {"day", to->language == SAY_EN ? arena_printf(a, "%04d-%02d-%02d", y, m, d)
                                     : arena_printf(a, "%d月%d日", m, d)},
      {"when_zh", over ? arena_printf(a, "已过%02d:%02d时限，仍可补报", at / 60, at % 60)
                       : arena_printf(a, "%02d:%02d截止", at / 60, at % 60)},
      {"when_en",
       over ? arena_printf(a, "it was due by %02d:%02d and is still taken", at / 60, at % 60)
            : arena_printf(a, "it is due by %02d:%02d", at / 60, at % 60)},
      {"how_zh", link.n ? arena_printf(a, "请打开 " STR_FMT " 填报。", STR_ARG(link))
                        : S("请用您的填报链接填报，或电话报给联络人。")},
      {"how_en", link.n ? arena_printf(a, "Open " STR_FMT " to report.", STR_ARG(link))
                        : S("Report by your link, or by telephone.")},
      {0}};
  const struct message msg = {.topic = &topic_return_reminder,
                              .to = to->to,
                              .language = to->language,
                              .args = args,
                              .op = g->v->op,
                              .unit = rec_unit(enterprise, ENTERPRISE_UNIT),
                              .subject_kind = &daily_return_kind,
                              .subject_id = *row};
  return message_say(tx, g->app, g->v, a, &msg, e);
}

/* Found a moment ago: who has reported meanwhile, or was reminded by another server, is left out.
 */
static int remind_one(struct tx *tx, struct reminding *g, const struct uuid *row,
                      const struct uuid *enterprise, struct err *e) {
  struct reach to[REACH_MAX];
  struct record *rec;
  int64_t first = 0;
  bool missing = false;
  size_t n = 0;
  int r = still_missing(g->app, tx, g->v->op, row, &missing, e);
  if (r >= 0 && missing)
    r = tx_exec(tx, &q_reminded, P(V_UUID(*row), V_I64(g->slot), V_I64(g->v->now_ms)), &first, e);
  if (r < 0 || !first) return r;
  r = record_load(tx, g->a, &enterprise_kind, g->v->op, enterprise, &rec, e);
  if (r >= 0) r = reach_of(tx, &g->app->registry, g->a, rec, g->day, g->by, to, &n, e);
  for (size_t i = 0; i < n && r >= 0; i++) r = say(tx, g, row, rec, &to[i], e);
  /* none, where nobody can be reached: the chase list says so */
  if (r >= 0 && n)
    r = tx_exec(tx, &q_reminded_with, P(V_UUID(*row), V_I64(g->slot), V_I64((int64_t)n)), NULL, e);
  g->messages += (int64_t)n;
  return r;
}

static int remind_run(struct tx *tx, void *arg, struct err *e) {
  struct reminding *g = arg;
  int r = 0;
  g->messages = 0;
  for (size_t i = 0; i < g->n && r >= 0; i++)
    r = remind_one(tx, g, &g->rows[i], &g->enterprises[i], e);
  return r;
}
static const struct cmd_class remind_cmd = {.name = "returns_remind", .run = remind_run};

/* Outside the writer, which others wait for. */
static int find_missing(struct reminding *g, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  char day[DAY_TEXT];
  day_format(g->day, day);
  g->n = 0;
  int r = store_read(g->app->store, &tx, e);
  if (r >= 0)
    r = cur_open(tx, &q_to_remind,
                 P(V_I64(g->v->op), V_TEXT(g->form->code), V_TEXTZ(day), V_I64(g->slot),
                   V_I64(setting_i64(g->app, g->v->op, "returns.remind_most")),
                   V_I64(g->v->now_ms)),
                 &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1 && g->n < AT_ONCE) {
    g->rows[g->n] = cur_uuid(c, 0);
    g->enterprises[g->n++] = cur_uuid(c, 1);
  }
  return r < 0 ? r : 0;
}

/* ---- when ---- */

/* The latest of the form's moments that has come and is still news; -1: none. */
static int slot_now(struct app *app, const struct viewer *v, const struct return_form *f,
                    int32_t day) {
  const int64_t due = zone_moment(v->zone, day, f->deadline);
  const int64_t before = setting_i64(app, v->op, "returns.remind_before_minutes");
  const int64_t again = setting_i64(app, v->op, "returns.remind_again_minutes");
  const int64_t after = setting_i64(app, v->op, "returns.remind_after_minutes");
  const int64_t moments[] = {f->remind >= 0 ? zone_moment(v->zone, day, f->remind) : INT64_MAX,
                             before ? due - before * MS_MINUTE : INT64_MAX,
                             again ? due - again * MS_MINUTE : INT64_MAX,
                             after ? due + after * MS_MINUTE : INT64_MAX};
  int slot = -1;
  for (int i = 0; i < (int)ARRAY_LEN(moments); i++)
    if (moments[i] <= v->now_ms && (slot < 0 || moments[i] > moments[slot])) slot = i;
  return slot >= 0 && v->now_ms - moments[slot] <= STALE_MS ? slot : -1;
}

static bool hour_fits(struct app *app, const struct viewer *v) {
  int minute;
  (void)zone_day(v->zone, v->now_ms, &minute);
  return minute >= 60 * setting_i64(app, v->op, "returns.remind_from_hour") &&
         minute < 60 * setting_i64(app, v->op, "returns.remind_until_hour");
}

static int remind_form(struct app *app, struct arena *a, const struct viewer *v,
                       const struct return_form *f, int32_t day, struct err *e) {
  enum reach_by by;
  const int slot = slot_now(app, v, f, day);
  if (!remind_by(app, v->op, a, &by) || slot < 0 || !hour_fits(app, v)) return 0;
  struct reminding *g = arena_new(a, struct reminding);
  *g = (struct reminding){
      .app = app, .v = v, .form = f, .day = day, .slot = slot, .by = by, .n = AT_ONCE};
  int64_t messages = 0;
  int r = 0;
  for (int i = 0; i < SLICES && g->n == AT_ONCE && r >= 0; i++) {
    _cleanup_(arena_freep) struct arena *mine = arena_create(MIB(32));
    if (!mine) return err_set(e, E_NOMEM, "no memory for reminders");
    g->a = mine;
    r = find_missing(g, e);
    if (r >= 0 && g->n) r = writer_run(app->writer, &remind_cmd, g, CMD_BULK, e);
    messages += g->n ? g->messages : 0;
  }
  if (messages) jobs_wake(app->jobs, "outbox");
  return r;
}

/* ---- the job ---- */

static bool in_force(const struct template_set *set, const struct viewer *v,
                     const struct return_form *f, int32_t day) {
  const struct return_form *forms[FORMS_A_DAY];
  const size_t n = forms_for(set, v->tree, v->op, f->unit, day, forms, FORMS_A_DAY);
  for (size_t i = 0; i < n; i++)
    if (forms[i] == f) return true;
  return false;
}

int remind_round(struct app *app, struct arena *a, const struct viewer *v, struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  int r = 0;
  for (size_t i = 0; set && i < set->n && r >= 0; i++) {
    const struct return_form *f = &set->forms[i];
    /* what follows a deadline may fall into the next day */
    for (int32_t day = v->today - 1; day <= v->today && r >= 0; day++) {
      if (f->op != v->op || !in_force(set, v, f, day)) continue;
      r = remind_form(app, a, v, f, day, e);
      if (r >= 0) r = returns_escalate(app, a, v, f, day, e);
    }
  }
  return r < 0 ? r : returns_settle(app, a, v, e);
}

int returns_remind(struct app *app, struct arena *a, struct err *e) {
  int64_t ops[OPERATIONS];
  size_t n = 0;
  int r = 0;
  pthread_rwlock_rdlock(&app->operations_lock);
  for (size_t i = 0; i < app->n_operations && n < OPERATIONS; i++)
    if (app->operations[i].open) ops[n++] = app->operations[i].no;
  pthread_rwlock_unlock(&app->operations_lock);
  for (size_t i = 0; i < n && r >= 0; i++) {
    struct viewer *v;
    r = app_system_viewer(app, a, ops[i], &v, e);
    if (r >= 0) r = remind_round(app, a, v, e);
  }
  return r;
}
