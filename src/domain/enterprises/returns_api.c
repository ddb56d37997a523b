#include "domain/enterprises/returns_api.h"
#include "domain/enterprises/buildings.h"
#include "domain/enterprises/filings.h"
#include "domain/enterprises/remind.h"
#include "domain/enterprises/responsibilities.h"
#include "base/limits.h"
#include "domain/enterprises/shipped.h"

static struct str text_of(struct rq *rq, const char *name, size_t most) {
  const json_t *j = json_object_get(rq->body, name);
  const struct str s = str_trim(json_str(j));
  if (!j || json_is_null(j)) return (struct str){NULL, 0};
  if (!json_is_string(j)) {
    problem_text(&rq->problems, PROBLEM_wrong_type, str_from(name), S("text"), (struct str){0},
                 S("文字"));
    return (struct str){NULL, 0};
  }
  if (str_utf8_len(s) > most)
    problem_limit(&rq->problems, PROBLEM_too_long, str_from(name), (int64_t)most);
  return s;
}

static bool flag_of(struct rq *rq, const char *name) {
  const json_t *j = json_object_get(rq->body, name);
  if (!j || json_is_null(j)) return false;
  if (!json_is_boolean(j))
    problem_text(&rq->problems, PROBLEM_wrong_type, str_from(name), S("true or false"),
                 (struct str){0}, S("是或否"));
  return json_is_true(j);
}

static void known_keys(struct rq *rq) {
  static const char *const keys[] = {"id",      "enterprise", "template",       "day",
                                     "values",  "nil",        "no_change",      "draft",
                                     "channel", "taker",      "reminder_given", "prevention",
                                     "note",    "dry"};
  const char *key;
  json_t *value;
  json_object_foreach(rq->body, key, value) {
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) known |= strcmp(key, keys[i]) == 0;
    if (!known)
      problem_add(&rq->problems, PROBLEM_unknown_field, arena_printf(rq->a, "%.60s", key));
  }
}

static void enum_of(struct rq *rq, int field, struct str *ret) {
  const struct field *f = &daily_return_kind.fields[field];
  const struct str s = text_of(rq, f->name, 20);
  *ret = s;
  if (!s.n) return;
  for (const struct choice *c = f->choices; c->value; c++)
    if (str_is(s, c->value)) return;
  problem_text(&rq->problems, PROBLEM_not_in_list, str_from(f->name), (struct str){0}, s,
               (struct str){0});
}

void submission_from(struct rq *rq, const struct viewer *v, struct submission *s) {
  json_t *values = json_object_get(rq->body, "values");
  const json_t *reminder = json_object_get(rq->body, "reminder_given");
  const struct str id = text_of(rq, "id", 36), taker = text_of(rq, "taker", 36);
  const struct str day = text_of(rq, "day", 10);
  known_keys(rq);
  *s = (struct submission){.app = rq->app,
                           .a = rq->a,
                           .viewer = v,
                           .source = "api",
                           .template_code = text_of(rq, "template", 40),
                           .day = v->today,
                           .at_ms = rq->now_ms,
                           .nil = flag_of(rq, "nil"),
                           .no_change = flag_of(rq, "no_change"),
                           .draft = flag_of(rq, "draft"),
                           .dry = flag_of(rq, "dry"),
                           .reminder = reminder ? flag_of(rq, "reminder_given") : -1,
                           .note = text_of(rq, "note", 300)};
  enum_of(rq, RETURN_PREVENTION, &s->prevention);
  if (id.n && uuid_parse(id, &s->id) < 0)
    problem_text(&rq->problems, PROBLEM_bad_format, S("id"), S("UUID"), (struct str){0},
                 (struct str){0});
  if (taker.n && uuid_parse(taker, &s->taker) < 0)
    problem_text(&rq->problems, PROBLEM_bad_format, S("taker"), S("UUID"), (struct str){0},
                 (struct str){0});
  if (day.n && day_parse(day, &s->day) < 0) problem_add(&rq->problems, PROBLEM_bad_date, S("day"));
  if (values && json_is_object(values))
    s->values = values;
  else if (values && !json_is_null(values))
    problem_text(&rq->problems, PROBLEM_wrong_type, S("values"), S("an object"), (struct str){0},
                 S("对象"));
  if (s->nil && s->no_change)
    problem_text(&rq->problems, PROBLEM_rule, S("nil"), (struct str){0},
                 S("零报告与无变化只能选一个 / nil or no change, not both"), (struct str){0});
}

static void submission_answer(struct rq *rq, void *arg) {
  const struct submission *s = arg;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "id");
  jw_uuid(&w, &s->row);
  jw_k(&w, "receipt");
  jw_str(&w, s->receipt);
  jw_k(&w, "version");
  jw_i64(&w, s->number);
  jw_k(&w, "late");
  jw_bool(&w, s->late);
  jw_k(&w, "beside");
  jw_bool(&w, s->beside);
  if (s->replayed) {
    jw_k(&w, "replayed");
    jw_bool(&w, true);
  }
  jw_k(&w, "values");
  if (s->result_values.p)
    jw_raw(&w, s->result_values);
  else
    jw_null(&w);
  if (s->problems.warnings) {
    jw_k(&w, "warnings");
    problems_write(&w, &s->problems);
  }
  jw_end(&w);
  rq_json(rq, s->replayed || s->draft || s->dry ? 200 : 201, &b);
}

/* The submission's own problems are the request's. */
struct taking {
  struct rq *rq;
  struct submission *s;
};

static int taking_run(struct tx *tx, void *arg, struct err *e) {
  struct taking *t = arg;
  int r = submission_run(tx, t->s, e);
  t->rq->problems = t->s->problems;
  return r;
}
static const struct cmd_class taking_cmd = {.name = "return_submit", .run = taking_run};

static void taking_answer(struct rq *rq, void *arg) {
  struct taking *t = arg;
  submission_answer(rq, t->s);
}

int submission_commit(struct rq *rq, struct submission *s, struct err *e) {
  struct taking *t = arena_new(rq->a, struct taking);
  *t = (struct taking){.rq = rq, .s = s};
  return rq_commit(rq, &taking_cmd, t, CMD_NORMAL, taking_answer, e);
}

/* POST daily-returns: the caller's. */
static int return_post(struct rq *rq, struct err *e) {
  struct submission *s = arena_new(rq->a, struct submission);
  if (!json_is_object(rq->body)) return err_set(e, E_MALFORMED, "the body must be an object");
  submission_from(rq, rq->viewer, s);
  const struct str enterprise = text_of(rq, "enterprise", 36);
  if (!enterprise.n)
    problem_add(&rq->problems, PROBLEM_required, S("enterprise"));
  else if (uuid_parse(enterprise, &s->enterprise) < 0)
    problem_text(&rq->problems, PROBLEM_not_found, S("enterprise"), (struct str){0}, enterprise,
                 (struct str){0});
  enum_of(rq, RETURN_CHANNEL, &s->channel);
  if (!s->channel.n && !s->draft) problem_add(&rq->problems, PROBLEM_required, S("channel"));
  if (uuid_is_nil(&s->taker)) s->taker = rq->viewer->responder;
  int r = rq_check(rq, e);
  return r < 0 ? r : submission_commit(rq, s, e);
}

/* GET enterprises/:id/return?date=&template= */
static int return_form_get(struct rq *rq, struct err *e) {
  struct form_query q = {.code = rq_arg(rq, "template")};
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  if (uuid_parse(rq->params[0], &q.enterprise) < 0)
    return err_set(e, E_NOT_FOUND, "no such enterprise");
  int r = rq_day(rq, "date", &q.day, e);
  if (r < 0) return r;
  jw_init(&w, &b);
  r = form_write(rq, rq->viewer, &q, &w, e);
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  rq_json(rq, 200, &b);
  return 0;
}

/* ---- who is due, who is missing ---- */

struct due_query {
  struct list_query lq;
  int32_t unit, day;
};

static int due_query(struct rq *rq, struct due_query *q, struct err *e) {
  static const struct {
    const char *arg, *filter;
  } passed[] = {{"template", "filter[template_code]"},
                {"building", "filter[building]"},
                {"caller", "filter[caller]"},
                {"channel", "filter[channel]"},
                {"q", "q"},
                {"after", "after"},
                {"limit", "limit"},
                {"sort", "sort"},
                {"count", "count"}};
  struct type_ctx c = {.a = rq->a,
                       .tree = rq->viewer->tree,
                       .zone = rq->viewer->zone,
                       .today = rq->viewer->today,
                       .ps = &rq->problems};
  const struct str status = rq_arg(rq, "status");
  char day[DAY_TEXT];
  *q = (struct due_query){.lq = {.sort = -1, .limit = LIMIT_PAGE_DEFAULT}};
  int r = rq_unit(rq, "unit", "daily_return.read", &q->unit, e);
  if (r >= 0) r = rq_day(rq, "date", &q->day, e);
  if (r < 0) return r;
  q->lq.unit = q->unit;
  day_format(q->day, day);
  list_parse(&q->lq, rq->viewer, &daily_return_kind, S("filter[day]"),
             arena_dup(rq->a, (struct str){day, 10}), &c);
  list_parse(&q->lq, rq->viewer, &daily_return_kind, S("filter[state]"),
             status.n ? status : S("missing,draft"), &c);
  for (size_t i = 0; i < ARRAY_LEN(passed); i++) {
    const struct str v = rq_arg(rq, passed[i].arg);
    if (v.n) list_parse(&q->lq, rq->viewer, &daily_return_kind, str_from(passed[i].filter), v, &c);
  }
  return rq_check(rq, e);
}

QUERY(q_last_note, "SELECT id FROM chase_note WHERE op = $1 AND enterprise = $2 AND day = $3 "
                   "ORDER BY seq DESC LIMIT 1");

static int write_due(struct rq *rq, struct emit *em, struct jw *w, struct record *row,
                     struct err *e) {
  const struct uuid id = rec_uuid(row, RETURN_ENTERPRISE);
  struct record *enterprise, *note = NULL;
  struct uuid note_id = {{0}};
  struct cur *c = NULL;
  int r = record_load(em->tx, rq->a, &enterprise_kind, rq->viewer->op, &id, &enterprise, e);
  if (r < 0) return r;
  r = cur_open(em->tx, &q_last_note, P(V_I64(rq->viewer->op), V_UUID(id), row->v[RETURN_DAY]), &c,
               e);
  if (r >= 0 && (r = cur_next(c, e)) == 1) note_id = cur_uuid(c, 0);
  c = cur_done(c);
  if (r >= 0 && !uuid_is_nil(&note_id))
    r = record_load(em->tx, rq->a, &chase_note_kind, rq->viewer->op, &note_id, &note, e);
  if (r < 0) return r;
  jw_object(w);
  jw_k(w, "return");
  r = emit_record(em, w, row, e);
  jw_k(w, "enterprise");
  if (r >= 0) r = emit_record(em, w, enterprise, e);
  jw_k(w, "chase");
  if (r >= 0 && note)
    r = emit_record(em, w, note, e);
  else if (r >= 0)
    jw_null(w);
  if (r >= 0) r = reminders_write(rq, em->tx, row, w, e);
  jw_end(w);
  return r;
}

/* GET enterprises/due?unit=&date=&status=missing,draft */
static int due_list(struct rq *rq, struct err *e) {
  struct due_query q;
  struct list_page page = {.total = -1};
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  int r = due_query(rq, &q, e);
  if (r >= 0) r = rq_read(rq, &tx, e);
  if (r >= 0)
    r = record_list(tx, rq->a, &rq->app->registry, rq->viewer, &daily_return_kind, &q.lq, &page, e);
  if (r < 0) return r;
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  r = emit_prefetch(&em, page.items, page.n, e);
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "items");
  jw_array(&w);
  for (size_t i = 0; i < page.n && r >= 0; i++) r = write_due(rq, &em, &w, page.items[i], e);
  jw_end(&w);
  jw_k(&w, "next");
  jw_str(&w, page.next);
  if (page.total >= 0) {
    jw_k(&w, "total");
    jw_i64(&w, page.total);
  }
  jw_end(&w);
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  rq_json(rq, 200, &b);
  return 0;
}

const struct route return_routes[] = {
    {HTTP_GET, "/api/v1/enterprises/due", "daily_return.read", 0, 0, due_list,
     "应报企业（默认未报）",
     "who is due that day, by name; the missing ones unless told otherwise"},
    {HTTP_GET, "/api/v1/enterprises/:id/return", "daily_return.read", 0, 0, return_form_get,
     "一家企业当日的表", "one enterprise's form of a day, prefilled"},
    {HTTP_POST, "/api/v1/enterprises/:id/link", "enterprise.link", 0, 0, enterprise_link,
     "企业填报链接", "the link by which an enterprise reports without an account"},
    {HTTP_POST, "/api/v1/enterprises/letters", "enterprise.link", 0, 0, enterprise_letters,
     "填报码通知单", "letters or sheets of codes with enterprises' links"},
    {HTTP_POST, "/api/v1/daily-returns", "daily_return.create", 0, 0, return_post, "代报",
     "a return taken by telephone, mail or chat"},
    {HTTP_GET, "/api/v1/return-templates/burden", "daily_return.read", 0, 0, burden_get,
     "填报负担：当日要填多少格", "how many boxes are to be filled by hand that day"},
    {HTTP_GET, "/api/v1/consolidations/beside", "daily_return.read", 0, 0, beside_get,
     "锁定之后报来的", "what arrived after the day was locked, by enterprise"},
    {HTTP_GET, "/api/v1/enterprises/rates", "enterprise.read", 0, 0, rates_get,
     "复工率：企业、楼宇、职工", "rates of enterprises, buildings and staff back at work"},
    {HTTP_GET, "/api/v1/enterprises/buildings", "enterprise.read", 0, 0, buildings_get,
     "楼宇（园区）：复工、报送、盲点、双楼长",
     "buildings and parks: who is back, who has reported, gaps, both heads"},
    {HTTP_GET, "/api/v1/enterprises/unanswered", "responsibility.read", 0, 0, unanswered_get,
     "四方责任有空缺的企业", "enterprises where one of the four parties is empty"},
    {HTTP_POST, "/api/v1/prevention-gaps/:id/register", "enterprise.create", 0, 0, gap_register,
     "将盲点企业纳入台账", "puts the enterprise found on the register, which fixes the gap"},
    {HTTP_GET, "/api/v1/filings/form", "filing.read", 0, 0, filing_form_get, "复工备案的表",
     "the checklists in force for an enterprise, and its open filing"},
    {HTTP_GET, "/api/v1/shipped", "return_template.read", 0, 0, shipped_list_get,
     "随产品提供的模板与清单", "templates and checklists that come along"},
    {HTTP_POST, "/api/v1/shipped/:code/take", "return_template.create", 0, 0, shipped_take_post,
     "取用随产品提供的模板或清单", "puts a shipped template or checklist into the operation"},
    {HTTP_GET, "/api/v1/daily-returns/forms", "daily_return.create", 0, 0, return_forms,
     "当日的报表", "the forms in force that day where you take returns"},
    {HTTP_POST, "/api/v1/daily-returns/paste", "daily_return.create", 0, LIMIT_BODY_IMPORT,
     return_paste, "接龙预览", "a chat relay read row by row; nothing is kept"},
    {HTTP_POST, "/api/v1/daily-returns/sheet", "daily_return.create", ROUTE_UNTYPED,
     LIMIT_BODY_IMPORT, return_sheet, "日报表格预览",
     "a sheet of returns that came by mail, read row by row; nothing is kept"},
    {HTTP_POST, "/api/v1/daily-returns/take", "daily_return.create", 0, LIMIT_BODY_IMPORT,
     return_take, "成批代报",
     "takes the rows that somebody has looked at; `dry` only judges them again"},
    {HTTP_GET, "/api/v1/returns/:token", NULL, ROUTE_PUBLIC, 0, link_form, "企业自填：表",
     "the clerk's form, by link"},
    {HTTP_POST, "/api/v1/returns/:token", NULL, ROUTE_PUBLIC, 0, link_submit, "企业自填：报送",
     "the clerk's return, by link"},
    {HTTP_POST, "/api/v1/returns/:token/lines", NULL, ROUTE_PUBLIC, 0, link_line_add,
     "企业自填：增加人员", "a further staff line, by link"},
    {HTTP_PATCH, "/api/v1/returns/:token/lines/:id", NULL, ROUTE_PUBLIC, 0, link_line_change,
     "企业自填：更新人员", "a staff line, by link"},
    {0}};
