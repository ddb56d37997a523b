#include "intake/reading_api.h"
#include "base/limits.h"
#include "intake/taking.h"

/* Over HTTP: what came by chat or mail is shown row by row, then the rows that somebody has looked
 * at are taken. Each on a thread of its own, since a register of fifty thousand names is read for
 * it. */

enum { READING_ARENA = MIB(256) };

struct reading_work {
  const struct intake *area;
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
  const struct str given = json_str(json_object_get(from, r->area->subject));
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
                           .saw = json_object_get(from, "stands"),
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
    problem_rule(&row->cells, S("nil"), S("零报告与无变化只能选一个"),
                 S("nil or no change, not both"));
  if (given.n && uuid_parse(given, &id) == 0) row->subject = names_by_id(&r->names, &id);
  if (row->subject) {
    row->matches = (struct name_matches){.by = NAME_CODE, .found = {row->subject}, .n = 1};
    return;
  }
  problem_text(&row->cells, given.n ? PROBLEM_not_found : PROBLEM_required,
               str_from(r->area->subject), (struct str){0}, given, (struct str){0});
}

static void take_rows(struct reading *r, json_t *rows) {
  json_t *row;
  size_t i;
  json_array_foreach(rows, i, row) take_row(r, row);
}

/* ---- the work ---- */

static void answer(struct jw *w, struct reading *r, const struct taken *t) {
  jw_object(w);
  if (t) {
    jw_kuuid(w, "import", uuid_is_nil(&t->import) ? NULL : &t->import);
    jw_ki64(w, "taken", t->taken);
    jw_ki64(w, "again", t->again);
    jw_ki64(w, "refused", t->refused);
  }
  reading_write_members(w, r);
  jw_end(w);
}

static void release(void *a) {
  arena_free(a);
}

static int run_reading(struct rq *rq, const struct reading_work *work, struct jw *w,
                       struct err *e) {
  struct arena *a = arena_create(READING_ARENA);
  _cleanup_(reading_endp) struct reading r = {.set = NULL};
  struct taken taken;
  const bool taking = work->rows && !work->dry;
  if (a) arena_defer(rq->a, release, a); /* what was found wrong lies in it */
  int x =
      a ? reading_begin(rq->app, a, rq->viewer, work->area, work->template_code, work->day, &r, e)
        : err_set(e, E_NOMEM, "no memory for a reading");
  if (x >= 0 && work->rows)
    take_rows(&r, work->rows);
  else if (x >= 0)
    x = work->sheet ? reading_sheet(&r, http_body(rq->http), e) : reading_relay(&r, work->text, e);
  if (x >= 0) x = reading_check(&r, e);
  if (x >= 0 && taking) x = taking_run(&r, work->channel, work->filename, &taken, e);
  if (x >= 0)
    answer(w, &r, taking ? &taken : NULL);
  else if (r.problems.a)
    rq->problems = r.problems;
  return x;
}

static struct reading_work *work_of(struct rq *rq, const struct intake *area) {
  struct reading_work *w = arena_new(rq->a, struct reading_work);
  w->area = area;
  w->template_code = text_member(rq, "template", 40);
  take_day(rq, text_member(rq, "day", 10), &w->day);
  return w;
}

/* POST …/paste {"text","day"?,"template"?} */
int intake_paste(struct rq *rq, const struct intake *area, struct jw *w, struct err *e) {
  int r = body_is_object(rq, e);
  if (r < 0) return r;
  struct reading_work *work = work_of(rq, area);
  const json_t *text = json_object_get(rq->body, "text");
  work->text = json_str(text);
  if (!json_is_string(text) || !str_trim(work->text).n)
    problem_add(&rq->problems, PROBLEM_required, S("text"));
  r = rq_check(rq, e);
  return r < 0 ? r : run_reading(rq, work, w, e);
}

/* POST …/sheet?date=&template=, the body is the file. */
int intake_sheet(struct rq *rq, const struct intake *area, struct jw *w, struct err *e) {
  struct reading_work *work = arena_new(rq->a, struct reading_work);
  work->area = area;
  work->sheet = true;
  work->template_code = rq_arg(rq, "template");
  take_day(rq, rq_arg(rq, "date"), &work->day);
  const int r = rq_check(rq, e);
  return r < 0 ? r : run_reading(rq, work, w, e);
}

static void take_channel(struct rq *rq, const char *channels, struct str *ret_channel) {
  *ret_channel = text_member(rq, "channel", 20);
  if (word_in(channels, *ret_channel)) return;
  if (ret_channel->n)
    problem_text(&rq->problems, PROBLEM_not_in_list, S("channel"), (struct str){0}, *ret_channel,
                 (struct str){0});
  else
    problem_add(&rq->problems, PROBLEM_required, S("channel"));
}

/* POST …/take {"channel","rows":[{subject,"values","stands"?,…}],"dry"?} */
int intake_take(struct rq *rq, const struct intake *area, struct jw *w, struct err *e) {
  int r = body_is_object(rq, e);
  if (r < 0) return r;
  struct reading_work *work = work_of(rq, area);
  work->dry = flag(rq->body, "dry");
  work->rows = json_object_get(rq->body, "rows");
  work->filename = text_member(rq, "filename", 600);
  take_channel(rq, area->channels, &work->channel);
  if (!json_is_array(work->rows) || json_array_size(work->rows) == 0)
    problem_add(&rq->problems, PROBLEM_required, S("rows"));
  else if (json_array_size(work->rows) > READING_ROWS)
    problem_limit(&rq->problems, PROBLEM_too_many, S("rows"), READING_ROWS);
  r = rq_check(rq, e);
  return r < 0 ? r : run_reading(rq, work, w, e);
}

/* GET …/forms?date= */
int intake_forms(struct rq *rq, const struct intake *area, struct jw *w, struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  const struct return_form *forms[TEMPLATES_MAX];
  int32_t day;
  const int r = rq_day(rq, "date", &day, e);
  if (r < 0) return r;
  const size_t n = reading_forms(set, rq->viewer, area->right, day, forms, TEMPLATES_MAX);
  jw_object(w);
  jw_karray(w, "items");
  for (size_t i = 0; i < n; i++) {
    jw_object(w);
    jw_kstr(w, "code", forms[i]->code);
    jw_ki64(w, "version", forms[i]->version);
    jw_kstr(w, "name", forms[i]->name);
    jw_kstr(w, "name_en", forms[i]->name_en);
    jw_end(w);
  }
  jw_end(w);
  jw_end(w);
  return 0;
}
