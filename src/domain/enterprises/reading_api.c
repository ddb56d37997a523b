#include "base/limits.h"
#include "domain/enterprises/returns_api.h"
#include "domain/enterprises/taking.h"

/* Over HTTP: what came by chat or mail is shown row by row, then the rows that somebody has looked
 * at are taken. Each on a thread of its own, since a register of fifty thousand names is read for
 * it. */

enum { READING_ARENA = MIB(256) };

struct reading_work {
  struct str text, template_code, channel, filename;
  json_t *rows;
  int32_t day;
  bool sheet, dry;
};

/* ---- what is asked ---- */

static struct str text_member(struct rq *rq, const char *name, size_t most) {
  const json_t *j = json_object_get(rq->body, name);
  const struct str s = str_trim(json_str(j));
  if (!j || json_is_null(j)) return (struct str){NULL, 0};
  if (!json_is_string(j)) {
    problem_text(&rq->problems, PROBLEM_wrong_type, str_from(name), S("text"), (struct str){0},
                 S("文字"));
    return (struct str){NULL, 0};
  }
  if (s.n > most) problem_limit(&rq->problems, PROBLEM_too_long, str_from(name), (int64_t)most);
  return s;
}

static void take_day(struct rq *rq, struct str text, int32_t *ret_day) {
  *ret_day = rq->viewer->today;
  if (text.n && day_parse(text, ret_day) < 0)
    problem_add(&rq->problems, PROBLEM_bad_date, S("day"));
}

static int body_is_object(struct rq *rq, struct err *e) {
  return json_is_object(rq->body) ? 0 : err_set(e, E_MALFORMED, "the body must be an object");
}

/* ---- rows that somebody has looked at ---- */

static bool flag(const json_t *of, const char *name) {
  return json_is_true(json_object_get(of, name));
}

static void take_row(struct reading *r, json_t *from) {
  struct reading_row *row = &r->rows[r->n++];
  struct uuid id = {{0}};
  const struct str given = json_str(json_object_get(from, "enterprise"));
  const json_t *n = json_object_get(from, "n"), *number = json_object_get(from, "number");
  json_t *values = json_object_get(from, "values");
  *row =
      (struct reading_row){.n = json_is_integer(n) ? json_integer_value(n) : (int64_t)r->n,
                           .number = json_is_integer(number) ? json_integer_value(number) : 0,
                           .values = json_is_object(values) ? values : NULL,
                           .nil = flag(from, "nil"),
                           .no_change = flag(from, "no_change"),
                           .looked = flag(from, "looked"),
                           .again = flag(from, "again"),
                           .text = reading_shown(r, json_str(json_object_get(from, "text")), 400),
                           .name = reading_shown(r, json_str(json_object_get(from, "name")), 200),
                           .note = reading_shown(r, json_str(json_object_get(from, "note")), 300)};
  problems_init(&row->cells, r->a);
  if (!json_is_object(from)) {
    problem_text(&row->cells, PROBLEM_wrong_type, S("row"), S("an object"), (struct str){0},
                 S("对象"));
    return;
  }
  if (row->nil && row->no_change)
    problem_text(&row->cells, PROBLEM_rule, S("nil"), (struct str){0},
                 S("零报告与无变化只能选一个 / nil or no change, not both"), (struct str){0});
  if (given.n && uuid_parse(given, &id) == 0) row->enterprise = names_by_id(&r->names, &id);
  if (row->enterprise) {
    row->matches = (struct name_matches){.by = NAME_CODE, .found = {row->enterprise}, .n = 1};
    return;
  }
  problem_text(&row->cells, given.n ? PROBLEM_not_found : PROBLEM_required, S("enterprise"),
               (struct str){0}, given, (struct str){0});
}

static void take_rows(struct reading *r, json_t *rows) {
  json_t *row;
  size_t i;
  json_array_foreach(rows, i, row) take_row(r, row);
}

/* ---- the work ---- */

static void answer(struct rq *rq, struct reading *r, const struct taken *t) {
  struct buf b = BUF_INIT(MIB(32));
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  if (t) {
    jw_k(&w, "import");
    if (uuid_is_nil(&t->import))
      jw_null(&w);
    else
      jw_uuid(&w, &t->import);
    jw_k(&w, "taken");
    jw_i64(&w, t->taken);
    jw_k(&w, "again");
    jw_i64(&w, t->again);
    jw_k(&w, "refused");
    jw_i64(&w, t->refused);
  }
  reading_write_members(&w, r);
  jw_end(&w);
  rq_json(rq, 200, &b);
}

static void run_reading(struct rq *rq, void *arg) {
  const struct reading_work *work = arg;
  _cleanup_(arena_freep) struct arena *a = arena_create(READING_ARENA);
  _cleanup_(reading_endp) struct reading r = {.set = NULL};
  struct taken taken;
  struct err e = {0};
  const bool taking = work->rows && !work->dry;
  int x = a ? reading_begin(rq->app, a, rq->viewer, work->template_code, work->day, &r, &e)
            : err_set(&e, E_NOMEM, "no memory for a reading");
  if (x >= 0 && work->rows)
    take_rows(&r, work->rows);
  else if (x >= 0)
    x = work->sheet ? reading_sheet(&r, http_body(rq->http), &e)
                    : reading_relay(&r, work->text, &e);
  if (x >= 0) x = reading_check(&r, &e);
  if (x >= 0 && taking) x = taking_run(&r, work->channel, work->filename, &taken, &e);
  if (x < 0)
    rq_problem(rq, &e, r.problems.a ? &r.problems : NULL);
  else
    answer(rq, &r, taking ? &taken : NULL);
}

static struct reading_work *work_of(struct rq *rq) {
  struct reading_work *w = arena_new(rq->a, struct reading_work);
  w->template_code = text_member(rq, "template", 40);
  take_day(rq, text_member(rq, "day", 10), &w->day);
  return w;
}

/* POST daily-returns/paste {"text","day"?,"template"?} */
int return_paste(struct rq *rq, struct err *e) {
  int r = body_is_object(rq, e);
  if (r < 0) return r;
  struct reading_work *w = work_of(rq);
  const json_t *text = json_object_get(rq->body, "text");
  w->text = json_str(text);
  if (!json_is_string(text) || !str_trim(w->text).n)
    problem_add(&rq->problems, PROBLEM_required, S("text"));
  r = rq_check(rq, e);
  return r < 0 ? r : rq_apart(rq, run_reading, w, e);
}

/* POST daily-returns/sheet?day=&template=, the body is the file. */
int return_sheet(struct rq *rq, struct err *e) {
  struct reading_work *w = arena_new(rq->a, struct reading_work);
  w->sheet = true;
  w->template_code = rq_arg(rq, "template");
  take_day(rq, rq_arg(rq, "day"), &w->day);
  const int r = rq_check(rq, e);
  return r < 0 ? r : rq_apart(rq, run_reading, w, e);
}

static void take_channel(struct rq *rq, struct str *ret_channel) {
  static const char *const by_hand[] = {"phone", "qq", "wechat", "mail"};
  *ret_channel = text_member(rq, "channel", 20);
  for (size_t i = 0; i < ARRAY_LEN(by_hand); i++)
    if (str_is(*ret_channel, by_hand[i])) return;
  if (ret_channel->n)
    problem_text(&rq->problems, PROBLEM_not_in_list, S("channel"), (struct str){0}, *ret_channel,
                 (struct str){0});
  else
    problem_add(&rq->problems, PROBLEM_required, S("channel"));
}

/* POST daily-returns/take {"channel","rows":[{"enterprise","values",…}],"dry"?} */
int return_take(struct rq *rq, struct err *e) {
  int r = body_is_object(rq, e);
  if (r < 0) return r;
  struct reading_work *w = work_of(rq);
  w->dry = flag(rq->body, "dry");
  w->rows = json_object_get(rq->body, "rows");
  w->filename = text_member(rq, "filename", 600);
  take_channel(rq, &w->channel);
  if (!json_is_array(w->rows) || json_array_size(w->rows) == 0)
    problem_add(&rq->problems, PROBLEM_required, S("rows"));
  else if (json_array_size(w->rows) > READING_ROWS)
    problem_limit(&rq->problems, PROBLEM_too_many, S("rows"), READING_ROWS);
  r = rq_check(rq, e);
  return r < 0 ? r : rq_apart(rq, run_reading, w, e);
}

/* GET daily-returns/forms?date= */
int return_forms(struct rq *rq, struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  const struct return_form *forms[TEMPLATES_MAX];
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  int32_t day;
  const int r = rq_day(rq, "date", &day, e);
  if (r < 0) return r;
  const size_t n = reading_forms(set, rq->viewer, day, forms, TEMPLATES_MAX);
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "items");
  jw_array(&w);
  for (size_t i = 0; i < n; i++) {
    jw_object(&w);
    jw_k(&w, "code");
    jw_str(&w, forms[i]->code);
    jw_k(&w, "version");
    jw_i64(&w, forms[i]->version);
    jw_k(&w, "name");
    jw_str(&w, forms[i]->name);
    jw_k(&w, "name_en");
    jw_str(&w, forms[i]->name_en);
    jw_end(&w);
  }
  jw_end(&w);
  jw_end(&w);
  rq_json(rq, 200, &b);
  return 0;
}
