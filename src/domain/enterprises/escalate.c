#include "app/jobs.h"
#include "app/settings.h"
#include "domain/enterprises/remind.h"

/* One level up: at a set hour the unit's coordinator learns who is missing, by name, as an alarm
 * that goes further up while nobody takes it; the list may also be sent to whoever the operation
 * names. Once a day for a unit and a return; the alarm ends by itself when the last one has
 * reported. */

enum { UNITS = 200, NAMES = 300, SETTLED_AT_ONCE = 200 };
#define LATE_MS (12 * MS_HOUR) /* after a break of the server */

const struct alarm_type alarm_returns_missing = {.no = 62,
                                                 .code = "returns.missing",
                                                 .zh = "{subject}过时未报：{value}",
                                                 .en = "{subject} still missing: {value}",
                                                 .owner_role = "coordinator",
                                                 .escalate_ms = 2 * MS_HOUR,
                                                 .severity = 2};
const struct message_topic topic_returns_missing = {
    .code = "returns_missing",
    .zh = "未报名单",
    .en = "Who is missing",
    .args = "unit return return_en day n names",
    .window_ms = 3 * MS_MINUTE,
    .in_zh = {.subject = "{unit}{day}{return}未报{n}家",
              .body = "{unit}{day}的{return}，过时未报{n}家：\n{names}\n",
              .brief = "{unit}{day}{return}未报{n}家。"},
    .in_en = {.subject = "{unit}: {n} missing, {return_en} of {day}",
              .body = "{unit}, {return_en} of {day}: {n} missing after the deadline:\n{names}\n"}};

QUERY(q_units_missing,
      "SELECT d.unit FROM daily_return d WHERE d.op = $1 AND d.template_code = $2 AND d.day = $3 "
      "AND d.state IN ('missing', 'draft') AND d.retired = 0 AND NOT EXISTS (SELECT 1 FROM "
      "return_escalation x WHERE x.op = $1 AND x.day = $3 AND x.template_code = $2 "
      "AND x.unit = d.unit) GROUP BY d.unit ORDER BY d.unit LIMIT 200");
QUERY(
    q_names_missing,
    "SELECT name FROM daily_return WHERE op = $1 AND template_code = $2 AND day = $3 AND unit = $4 "
    "AND state IN ('missing', 'draft') AND retired = 0 ORDER BY name, id LIMIT 300");
QUERY(q_count_missing,
      "SELECT count(*) FROM daily_return WHERE op = $1 AND template_code = $2 AND day = $3 "
      "AND unit = $4 AND state IN ('missing', 'draft') AND retired = 0");
QUERY(q_escalated,
      "INSERT INTO return_escalation (op, day, template_code, unit, at_ms, settled) "
      "VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (op, day, template_code, unit) DO NOTHING");
QUERY(q_to_settle,
      "SELECT x.day, x.template_code, x.unit FROM return_escalation x WHERE x.op = $1 "
      "AND x.day >= $2 AND x.settled = 0 AND NOT EXISTS (SELECT 1 FROM daily_return d "
      "WHERE d.op = x.op AND d.day = x.day AND d.template_code = x.template_code "
      "AND d.unit = x.unit AND d.state IN ('missing', 'draft') AND d.retired = 0) LIMIT 200");
QUERY(q_settled, "UPDATE return_escalation SET settled = 1 WHERE op = $1 AND day = $2 "
                 "AND template_code = $3 AND unit = $4");

static struct str cause_of(struct arena *a, struct str day, struct str code, int64_t unit) {
  return arena_printf(a, STR_FMT ":" STR_FMT ":%lld", STR_ARG(day), STR_ARG(code), (long long)unit);
}

struct escalating {
  struct app *app;
  struct arena *a;
  const struct viewer *v;
  const struct return_form *form;
  int32_t day;
  struct str day_text, recipients;
  int64_t units[UNITS];
  size_t n;
};

/* "3家：甲、乙、丙", as many as a line of an alarm holds, and how many more. */
static struct str in_short(struct arena *a, int64_t n, struct str names) {
  enum { LINE = 420 };
  size_t take = names.n;
  if (take > LINE) {
    take = LINE;
    while (take && names.p[take] != '\n') take--;
  }
  struct buf b = BUF_INIT(KIB(4));
  struct str rest = str_sub(names, 0, take);
  buf_printf(&b, "%lld家：", (long long)n);
  for (bool first = true; rest.p; first = false) {
    if (!first) buf_lit(&b, "、");
    buf_str_add(&b, str_split(&rest, '\n'));
  }
  if (take < names.n) buf_lit(&b, "等");
  const struct str text = arena_dup(a, buf_str(&b));
  buf_done(&b);
  return text;
}

static int read_names(struct tx *tx, struct escalating *g, int64_t unit, struct str *ret,
                      struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct buf b = BUF_INIT(KIB(64));
  int r =
      cur_open(tx, &q_names_missing,
               P(V_I64(g->v->op), V_TEXT(g->form->code), V_TEXT(g->day_text), V_I64(unit)), &c, e);
  for (bool first = true; r >= 0 && (r = cur_next(c, e)) == 1; first = false) {
    if (!first) buf_char(&b, '\n');
    buf_str_add(&b, cur_text(c, 0));
  }
  *ret = arena_dup(g->a, buf_str(&b));
  buf_done(&b);
  return r < 0 ? r : 0;
}

static int send_list(struct tx *tx, struct escalating *g, const struct unit_row *u, int64_t n,
                     struct str names, struct err *e) {
  const struct message_arg args[] = {
      {"unit", u->name},
      {"return", g->form->name},
      {"return_en", g->form->name_en.n ? g->form->name_en : g->form->name},
      {"day", g->day_text},
      {"n", arena_printf(g->a, "%lld", (long long)n)},
      {"names", names},
      {0}};
  int r = 0;
  for (struct str rest = g->recipients; rest.p && r >= 0;) {
    const struct message m = {.topic = &topic_returns_missing,
                              .to = str_trim(str_split(&rest, ',')),
                              .args = args,
                              .op = g->v->op,
                              .unit = u->no};
    if (m.to.n) r = message_say(tx, g->app, g->v, g->a, &m, e);
  }
  return r;
}

static int escalate_unit(struct tx *tx, struct escalating *g, int64_t unit, struct err *e) {
  const struct unit_row *u = unit_by_no(g->v->tree, (int32_t)unit);
  struct str names;
  int64_t n = 0, first = 0;
  int r =
      tx_i64(tx, &q_count_missing,
             P(V_I64(g->v->op), V_TEXT(g->form->code), V_TEXT(g->day_text), V_I64(unit)), &n, e);
  if (r < 0 || !u || !n) return r;
  r = tx_exec(tx, &q_escalated,
              P(V_I64(g->v->op), V_TEXT(g->day_text), V_TEXT(g->form->code), V_I64(unit),
                V_I64(g->v->now_ms)),
              &first, e);
  if (r < 0 || !first) return r;
  r = read_names(tx, g, unit, &names, e);
  if (r < 0) return r;
  const struct alarm al = {.type = &alarm_returns_missing,
                           .op = g->v->op,
                           .unit = u->no,
                           .subject = g->form->name,
                           .value = in_short(g->a, n, names),
                           .cause = cause_of(g->a, g->day_text, g->form->code, unit)};
  r = alarm_raise_as(tx, &g->app->registry, g->v, g->a, &al, NULL, NULL, e);
  return r < 0 ? r : send_list(tx, g, u, n, names, e);
}

static int escalate_run(struct tx *tx, void *arg, struct err *e) {
  struct escalating *g = arg;
  int r = 0;
  for (size_t i = 0; i < g->n && r >= 0; i++) r = escalate_unit(tx, g, g->units[i], e);
  return r;
}
static const struct cmd_class escalate_cmd = {.name = "returns_escalate", .run = escalate_run};

static int find_units(struct escalating *g, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = store_read(g->app->store, &tx, e);
  if (r >= 0)
    r = cur_open(tx, &q_units_missing,
                 P(V_I64(g->v->op), V_TEXT(g->form->code), V_TEXT(g->day_text)), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1 && g->n < UNITS) g->units[g->n++] = cur_i64(c, 0);
  return r < 0 ? r : 0;
}

int returns_escalate(struct app *app, struct arena *a, const struct viewer *v,
                     const struct return_form *f, int32_t day, struct err *e) {
  const int64_t after = setting_i64(app, v->op, "returns.escalate_minutes");
  const int64_t at = f->escalate >= 0 ? zone_moment(v->zone, day, f->escalate)
                                      : zone_moment(v->zone, day, f->deadline) + after * MS_MINUTE;
  char text[DAY_TEXT];
  if ((f->escalate < 0 && !after) || v->now_ms < at || v->now_ms - at > LATE_MS) return 0;
  day_format(day, text);
  struct escalating g = {.app = app,
                         .a = a,
                         .v = v,
                         .form = f,
                         .day = day,
                         .day_text = arena_dup(a, str_from(text)),
                         .recipients = setting_text(app, v->op, "returns.escalate_to", a)};
  int r = find_units(&g, e);
  if (r >= 0 && g.n) r = writer_run(app->writer, &escalate_cmd, &g, CMD_BULK, e);
  if (r >= 0 && g.n && g.recipients.n) jobs_wake(app->jobs, "outbox");
  return r;
}

/* ---- all have reported ---- */

struct settling {
  struct app *app;
  struct arena *a;
  const struct viewer *v;
  struct {
    struct str day, code;
    int64_t unit;
  } found[SETTLED_AT_ONCE];
  size_t n;
};

static int settle_run(struct tx *tx, void *arg, struct err *e) {
  struct settling *g = arg;
  int r = 0;
  for (size_t i = 0; i < g->n && r >= 0; i++) {
    const struct str day = g->found[i].day, code = g->found[i].code;
    r = alarm_clear_as(tx, &g->app->registry, g->v, g->a, &alarm_returns_missing,
                       cause_of(g->a, day, code, g->found[i].unit), e);
    if (r >= 0)
      r = tx_exec(tx, &q_settled,
                  P(V_I64(g->v->op), V_TEXT(day), V_TEXT(code), V_I64(g->found[i].unit)), NULL, e);
  }
  return r;
}
static const struct cmd_class settle_cmd = {.name = "returns_settle", .run = settle_run};

static int find_settled(struct settling *g, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  char since[DAY_TEXT];
  day_format(g->v->today - 7, since);
  int r = store_read(g->app->store, &tx, e);
  if (r >= 0) r = cur_open(tx, &q_to_settle, P(V_I64(g->v->op), V_TEXTZ(since)), &c, e);
  for (; r >= 0 && (r = cur_next(c, e)) == 1 && g->n < SETTLED_AT_ONCE; g->n++) {
    g->found[g->n].day = arena_dup(g->a, cur_text(c, 0));
    g->found[g->n].code = arena_dup(g->a, cur_text(c, 1));
    g->found[g->n].unit = cur_i64(c, 2);
  }
  return r < 0 ? r : 0;
}

int returns_settle(struct app *app, struct arena *a, const struct viewer *v, struct err *e) {
  struct settling *g = arena_new(a, struct settling);
  *g = (struct settling){.app = app, .a = a, .v = v};
  int r = find_settled(g, e);
  return r < 0 || !g->n ? r : writer_run(app->writer, &settle_cmd, g, CMD_BULK, e);
}
