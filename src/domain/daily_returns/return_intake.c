#include "domain/daily_returns/return_intake.h"
#include "domain/daily_returns/consolidation.h"
#include "domain/daily_returns/returns.h"
#include "domain/daily_returns/values.h"
#include "intake/taking.h"
#include <stdlib.h>

/* Returns that came by chat or mail (intake/reading.h): what a row of them means, how it is kept as
 * a return of its own, and how that is taken back. */

enum { AGAIN_MAX = 8 };

/* ---- what a row would be kept as ---- */

/* In the form of the other ids, with the day for its time: the same content gives the same. */
static struct uuid content_id(struct reading *r, const struct reading_row *row, int again) {
  char *values = row->values ? json_dumps(row->values, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
  const struct str text =
      arena_printf(r->a, STR_FMT "|%d|%d%d|%d|" STR_FMT "|%s", STR_ARG(r->form->code), r->day,
                   row->nil, row->no_change, again, STR_ARG(row->note), values ? values : "");
  free(values);
  struct uuid u = uuid_derive(&row->subject->id, text);
  const uint64_t ms = (uint64_t)r->day * 86400000U;
  for (int i = 0; i < 6; i++) u.b[i] = (uint8_t)(ms >> (40 - 8 * i));
  u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x70);
  return u;
}

static struct submission *submission_of(struct reading *r, struct reading_row *row) {
  struct submission *sub = row->of = row->of ?: arena_new(r->a, struct submission);
  *sub = (struct submission){.app = r->app,
                             .a = r->a,
                             .viewer = r->viewer,
                             .source = "import",
                             .enterprise = row->subject->id,
                             .template_code = r->form->code,
                             .day = r->day,
                             .at_ms = r->viewer->now_ms,
                             .values = row->values,
                             .nil = row->nil,
                             .no_change = row->no_change,
                             .reminder = -1,
                             .note = row->note,
                             .taker = r->viewer->responder};
  problems_init(&sub->problems, r->a);
  return sub;
}

QUERY(q_version_state, "SELECT COALESCE(withdrawn, 0) FROM return_version WHERE id = $1");

/* Taken back ones do not count: the id of the first that was not. */
static int version_of(struct tx *tx, struct reading *r, struct reading_row *row, bool *ret_taken,
                      struct err *e) {
  *ret_taken = false;
  for (int again = 0; again < AGAIN_MAX; again++) {
    struct cur *c = NULL;
    bool withdrawn = false;
    row->version = content_id(r, row, again);
    int x = cur_open(tx, &q_version_state, P(V_UUID(row->version)), &c, e);
    if (x >= 0) x = cur_next(c, e);
    if (x > 0) withdrawn = cur_i64(c, 0) != 0;
    c = cur_done(c);
    if (x < 0) return x;
    *ret_taken = x > 0 && !withdrawn;
    if (x == 0 || !withdrawn) return 0;
  }
  row->version = (struct uuid){{0}};
  return 0;
}

/* ---- beside what stands ---- */

QUERY(q_stands, "SELECT state, content FROM daily_return WHERE op = $1 AND enterprise = $2 AND "
                "template_code = $3 AND day = $4 AND retired = 0");

/* *ret.p == NULL: nothing. */
static int stands(struct tx *tx, struct reading *r, const struct reading_row *row, struct str *ret,
                  bool *ret_returned, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  char day[DAY_TEXT];
  day_format(r->day, day);
  *ret = (struct str){NULL, 0};
  int x = cur_open(
      tx, &q_stands,
      P(V_I64(r->viewer->op), V_UUID(row->subject->id), V_TEXT(r->form->code), V_TEXTZ(day)), &c,
      e);
  if (x >= 0) x = cur_next(c, e);
  if (x <= 0) return x < 0 ? x : 0;
  const struct str state = cur_text(c, 0);
  *ret_returned = str_is(state, "returned");
  if (str_is(state, "missing") || str_is(state, "draft") || str_is(state, "exempt")) return 0;
  if (!cur_null(c, 1)) *ret = arena_dup(r->a, cur_text(c, 1));
  return 0;
}

static int compare(struct tx *tx, struct reading *r, struct reading_row *row, struct verdict *v,
                   struct err *e) {
  json_t *now, *then;
  bool returned = false;
  int x = stands(tx, r, row, &row->stands, &returned, e);
  if (x < 0 || !row->stands.n || !row->filled.n) return x;
  x = json_read(r->a, row->stands, &then, e);
  if (x >= 0) x = json_read(r->a, row->filled, &now, e);
  if (x < 0) return x;
  v->same = json_equal(now, then) && !returned;
  v->other = !v->same;
  return 0;
}

static int judge(struct tx *tx, struct reading *r, struct reading_row *row, struct verdict *v,
                 struct err *e) {
  struct submission *sub = submission_of(r, row);
  sub->dry = true;
  int x = row->again ? 0 : version_of(tx, r, row, &v->taken, e);
  if (x >= 0) x = submission_run(tx, sub, e);
  if (x < 0 && x != -E_INVALID) {
    if (err_class(x) != ERR_CALLER) return x;
    problem_rule(&sub->problems, S("enterprise"), str_from(err_text(x, true)),
                 str_from(err_text(x, false)));
  }
  row->problems = sub->problems;
  row->filled = sub->result_values;
  return problems_any(&sub->problems) ? 0 : compare(tx, r, row, v, e);
}

/* ---- taking ---- */

/* Its command may run again, and long after the judging: what stands there by now is looked at once
 * more, so that no newer correction is written over. */
static int take(struct tx *tx, struct reading *r, struct reading_row *row,
                const struct uuid *import, struct str channel, bool *ret_again, struct err *e) {
  struct submission *sub = submission_of(r, row);
  struct str now;
  bool returned;
  int x = stands(tx, r, row, &now, &returned, e);
  if (x < 0) return x;
  if (!str_eq(now, row->stands)) {
    bool taken = false; /* this very row, by the same request sent twice */
    x = row->again ? 0 : version_of(tx, r, row, &taken, e);
    if (x >= 0 && !taken) x = err_set(e, E_CONFLICT, "something else was reported meanwhile");
  }
  sub->id = row->version;
  sub->channel = channel;
  if (x >= 0) x = submission_run(tx, sub, e);
  row->problems = sub->problems;
  row->filled = sub->result_values;
  *ret_again = sub->replayed;
  if (x < 0 || sub->replayed) return x;
  return import_traced(tx, import, row->n, &return_version_kind, &sub->version, 1, e);
}

static void write(struct jw *w, const struct reading_row *row) {
  const struct submission *sub = row->of;
  if (!sub || !sub->receipt.n) return;
  jw_kstr(w, "receipt", sub->receipt);
  jw_ki64(w, "version", sub->number);
  jw_kbool(w, "late", sub->late);
  jw_kbool(w, "beside", sub->beside);
}

QUERY(q_names, "SELECT id, unit, name, credit_code, address, short_names FROM enterprise "
               "WHERE op = $1 AND retired = 0 AND state <> 'closed' ORDER BY id");

static const struct intake_words words[] = {
    {.key = "staff.present", .words = "到岗人数|到岗|在岗人数|在岗|上岗|上班|返岗|实到|在班"},
    {.key = "staff.total",
     .words = "职工总数|员工总数|总人数|在册人数|在册|职工人数|员工人数|职工|员工"},
    {.key = "staff.away", .words = "离京未返|出京未返|未返京|离京|出京|未返|在外"},
    {.key = "staff.returned_today", .words = "当日返京|今日返京|今日新返|返京"},
    {.key = "staff.isolating", .words = "隔离人数|隔离中|居家隔离|隔离|观察中|居家观察|观察"},
    {.key = "staff.hubei", .words = "湖北籍职工|湖北籍|湖北"},
    {.piece = "居家办公", .words = "居家办公|居家|在家办公|在家|远程办公|远程"},
    {.piece = "发热", .words = "新发热|发热|发烧"},
    {.piece = "请假", .words = "请假"},
    {.piece = "口罩", .words = "口罩"},
    {0}};
const struct intake returns_intake = {
    .code = "daily_returns",
    .kind = &daily_return_kind,
    .right = "daily_return.create",
    .subject = "enterprise",
    .channels = "phone qq wechat mail",
    .said = "staff.total",
    .name_titles = "企业名称|单位名称|公司名称|企业|单位|名称|企业全称|name|enterprise",
    .code_titles = "统一社会信用代码|信用代码|社会信用代码|组织机构代码|creditcode",
    .words = words,
    .names = &q_names,
    .judge = judge,
    .take = take,
    .write = write};

int return_forms(struct rq *rq, struct jw *w, struct err *e) {
  return intake_forms(rq, &returns_intake, w, e);
}

int return_paste(struct rq *rq, struct jw *w, struct err *e) {
  return intake_paste(rq, &returns_intake, w, e);
}

int return_sheet(struct rq *rq, struct jw *w, struct err *e) {
  return intake_sheet(rq, &returns_intake, w, e);
}

int return_take(struct rq *rq, struct jw *w, struct err *e) {
  return intake_take(rq, &returns_intake, w, e);
}

/* ---- taking back ---- */

QUERY(q_version, "SELECT id FROM return_version WHERE daily_return = $1 AND number < $2 AND "
                 "COALESCE(withdrawn, 0) = 0 AND COALESCE(beside, 0) = 0 "
                 "ORDER BY number DESC LIMIT 1");

static struct change *inner(const struct import_undoing *u, const struct kind *k,
                            enum change_verb verb, const struct uuid *id) {
  struct change *c = change_make(u->a, &u->app->registry, u->viewer, k, verb);
  c->id = *id;
  c->at_ms = u->at_ms;
  c->source = "import";
  c->internal = true;
  return c;
}

static int run(struct tx *tx, struct change *c, struct err *e) {
  const int x = change_ready(c, e);
  return x < 0 ? x : change_run(tx, c, e);
}

static int version_before(struct tx *tx, const struct import_undoing *u, const struct uuid *row,
                          int64_t number, struct record **ret, struct err *e) {
  struct cur *c = NULL;
  struct uuid id = {{0}};
  *ret = NULL;
  int x = cur_open(tx, &q_version, P(V_UUID(*row), V_I64(number)), &c, e);
  if (x >= 0 && (x = cur_next(c, e)) == 1) id = cur_uuid(c, 0);
  c = cur_done(c);
  if (x < 0 || uuid_is_nil(&id)) return x < 0 ? x : 0;
  return record_load(tx, u->a, &return_version_kind, u->viewer->op, &id, ret, e);
}

static int counts_of(const struct import_undoing *u, const struct record *row, struct str content,
                     struct change *c, struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  const struct uuid form = rec_uuid(row, RETURN_TEMPLATE);
  struct values v = {.form = form_by_id(set, &form)};
  if (!v.form) return err_set(e, E_STATE, "the template is no more");
  const int x = json_read(u->a, content, &v.set, e);
  if (x >= 0) return_set_counts(c, &v);
  return x;
}

static int back_to(struct tx *tx, const struct import_undoing *u, const struct record *row,
                   const struct record *before, struct err *e) {
  struct change *c = inner(u, &daily_return_kind, CHANGE_ACTION, &row->id);
  static const struct {
    int row, version;
  } same[] = {{RETURN_VERSION, VERSION_NUMBER}, {RETURN_CHANNEL, VERSION_CHANNEL},
              {RETURN_TAKER, VERSION_TAKER},    {RETURN_VALUES, VERSION_VALUES},
              {RETURN_NIL, VERSION_NIL},        {RETURN_NO_CHANGE, VERSION_NO_CHANGE},
              {RETURN_LATE, VERSION_LATE},      {RETURN_RECEIPT, VERSION_RECEIPT}};
  static const int counts[] = {RETURN_TOTAL, RETURN_HUBEI, RETURN_AWAY, RETURN_RETURNED_TODAY,
                               RETURN_PRESENT};
  const bool late = before && rec_i64(before, VERSION_LATE) != 0;
  c->transition = kind_transition(&daily_return_kind, !before ? S("withdraw")
                                                      : late  ? S("submit_late")
                                                              : S("submit"));
  for (size_t i = 0; i < ARRAY_LEN(same); i++)
    change_set(c, same[i].row, before ? before->v[same[i].version] : V_NULL);
  if (!before) {
    change_set(c, RETURN_VERSION, V_I64(0));
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) change_set(c, counts[i], V_NULL);
    return run(tx, c, e);
  }
  /* how and when the day was answered is of the first time */
  change_set(c, RETURN_CHANNEL, row->v[RETURN_CHANNEL]);
  change_set(c, RETURN_SUBMITTED_AT, row->v[RETURN_SUBMITTED_AT]);
  const int x = counts_of(u, row, rec_text(before, VERSION_VALUES), c, e);
  return x < 0 ? x : run(tx, c, e);
}

/* Nobody would be asked for what is missing of an enterprise that has closed or gone since. */
static int still_there(struct tx *tx, const struct import_undoing *u, const struct record *row,
                       struct err *e) {
  const struct uuid id = rec_uuid(row, RETURN_ENTERPRISE);
  struct record *of;
  const int x = record_load(tx, u->a, &enterprise_kind, u->viewer->op, &id, &of, e);
  if (x < 0) return x;
  const bool there = !of->retired && !str_is(of->state, "closed") &&
                     rec_unit(of, ENTERPRISE_UNIT) == rec_unit(row, RETURN_UNIT);
  return there ? 0 : err_set(e, E_CONFLICT, "the enterprise has closed or moved since");
}

/* One version back: the one before it holds again, or the return is missing. */
static int undo(struct tx *tx, const struct import_undoing *u, struct err *e) {
  struct record *version, *row, *before;
  bool locked = false;
  int x = record_load(tx, u->a, &return_version_kind, u->viewer->op, &u->id, &version, e);
  if (x < 0) return x;
  if (version->rev != u->rev) return err_set(e, E_CONFLICT, "changed since");
  const struct uuid of = rec_uuid(version, VERSION_RETURN);
  const int64_t number = rec_i64(version, VERSION_NUMBER);
  x = record_load(tx, u->a, &daily_return_kind, u->viewer->op, &of, &row, e);
  if (x < 0) return x;
  if (!viewer_may(u->viewer, right_by_name(S("daily_return.create")), rec_unit(row, RETURN_UNIT)))
    return err_set(e, E_FORBIDDEN, "the right to take returns is missing there");
  struct change *c = inner(u, &return_version_kind, CHANGE_UPDATE, &u->id);
  change_set(c, VERSION_WITHDRAWN, V_I64(1));
  if (rec_i64(version, VERSION_BESIDE)) return run(tx, c, e);
  /* corrected, sent back or accepted since: it stays */
  const bool newest = rec_i64(row, RETURN_VERSION) == number;
  const bool as_taken = str_is(row->state, "submitted") || str_is(row->state, "late");
  x = return_locked(tx, u->viewer, row, &locked, e);
  if (x < 0) return x;
  if (!newest || !as_taken || locked) return err_set(e, E_CONFLICT, "changed since");
  x = version_before(tx, u, &of, number, &before, e);
  if (x >= 0 && !before) x = still_there(tx, u, row, e);
  if (x >= 0) x = run(tx, c, e);
  return x < 0 ? x : back_to(tx, u, row, before, e);
}

static const struct import_plan versions_plan = {.kind = &return_version_kind, .undo = undo};
static const struct import_plan returns_plan = {.kind = &daily_return_kind,
                                                .right = "daily_return.create"};
const struct import_plan *const return_imports[] = {&versions_plan, &returns_plan, NULL};
