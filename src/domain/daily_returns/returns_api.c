#include "domain/daily_returns/returns_api.h"
#include "base/limits.h"

static void enum_of(struct rq *rq, int field, struct str *ret) {
  const struct field *f = &daily_return_kind.fields[field];
  const struct str s = rq_text(rq, f->name, 20);
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
  const struct str day = rq_text(rq, "day", 10);
  *s = (struct submission){.app = rq->app,
                           .a = rq->a,
                           .viewer = v,
                           .source = "api",
                           .template_code = rq_text(rq, "template", 40),
                           .day = v->today,
                           .at_ms = rq->now_ms,
                           .nil = rq_flag(rq, "nil"),
                           .no_change = rq_flag(rq, "no_change"),
                           .draft = rq_flag(rq, "draft"),
                           .dry = rq_flag(rq, "dry"),
                           .reminder = reminder ? rq_flag(rq, "reminder_given") : -1,
                           .note = rq_text(rq, "note", 300)};
  enum_of(rq, RETURN_PREVENTION, &s->prevention);
  (void)rq_uuid(rq, "id", &s->id);
  (void)rq_uuid(rq, "taker", &s->taker);
  if (day.n && day_parse(day, &s->day) < 0) problem_add(&rq->problems, PROBLEM_bad_date, S("day"));
  if (values && json_is_object(values))
    s->values = values;
  else if (values && !json_is_null(values))
    problem_text(&rq->problems, PROBLEM_wrong_type, S("values"), S("an object"), (struct str){0},
                 S("对象"));
  if (s->nil && s->no_change)
    problem_rule(&rq->problems, S("nil"), S("零报告与无变化只能选一个"),
                 S("nil or no change, not both"));
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

static int taking_answer(struct rq *rq, struct jw *w, struct err *e) {
  const struct submission *s = ((const struct taking *)rq->work)->s;
  (void)e;
  rq->status = s->replayed || s->draft || s->dry ? 200 : 201;
  jw_object(w);
  jw_kuuid(w, "id", &s->row);
  jw_kstr(w, "receipt", s->receipt);
  jw_ki64(w, "version", s->number);
  jw_kbool(w, "late", s->late);
  jw_kbool(w, "beside", s->beside);
  if (s->replayed) {
    jw_kbool(w, "replayed", true);
  }
  jw_k(w, "values");
  if (s->result_values.p)
    jw_raw(w, s->result_values);
  else
    jw_null(w);
  if (s->problems.warnings) {
    jw_k(w, "warnings");
    problems_write(w, &s->problems);
  }
  jw_end(w);
  return 0;
}

int submission_commit(struct rq *rq, struct submission *s, struct err *e) {
  struct taking *t = arena_new(rq->a, struct taking);
  *t = (struct taking){.rq = rq, .s = s};
  return rq_do(rq, &taking_cmd, t, CMD_NORMAL, taking_answer, e);
}

/* POST daily-returns: the caller's. */
int return_post(struct rq *rq, struct err *e) {
  struct submission *s = arena_new(rq->a, struct submission);
  int r = rq_body(rq, SUBMISSION_MEMBERS, e);
  if (r < 0) return r;
  submission_from(rq, rq->viewer, s);
  const struct str enterprise = rq_text(rq, "enterprise", 36);
  if (!enterprise.n)
    problem_add(&rq->problems, PROBLEM_required, S("enterprise"));
  else if (uuid_parse(enterprise, &s->enterprise) < 0)
    problem_text(&rq->problems, PROBLEM_not_found, S("enterprise"), (struct str){0}, enterprise,
                 (struct str){0});
  enum_of(rq, RETURN_CHANNEL, &s->channel);
  if (!s->channel.n && !s->draft) problem_add(&rq->problems, PROBLEM_required, S("channel"));
  if (uuid_is_nil(&s->taker)) s->taker = rq->viewer->responder;
  r = rq_check(rq, e);
  return r < 0 ? r : submission_commit(rq, s, e);
}

/* GET enterprises/:id/return?date=&template= */
int return_form_get(struct rq *rq, struct jw *w, struct err *e) {
  struct form_query q = {.code = rq_arg(rq, "template")};
  if (uuid_parse(rq->params[0], &q.enterprise) < 0)
    return err_set(e, E_NOT_FOUND, "no such enterprise");
  int r = rq_day(rq, "date", &q.day, e);
  if (r < 0) return r;
  return form_write(rq, rq->viewer, &q, w, e);
}
