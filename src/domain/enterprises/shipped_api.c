#include "api/api.h"
#include "base/limits.h"
#include "domain/enterprises/shipped.h"

/* GET shipped */
int shipped_list_get(struct rq *rq, struct jw *w, struct err *e) {
  return shipped_list(rq->a, w, e);
}

static struct str needed(struct rq *rq, const char *name) {
  const struct str s = rq_text(rq, name, 40);
  const json_t *j = json_object_get(rq->body, name);
  if (!s.n && (!j || json_is_null(j) || json_is_string(j)))
    problem_add(&rq->problems, PROBLEM_required, str_from(name));
  return s;
}

struct taking {
  struct rq *rq;
  struct shipped *s;
};

static int taking_run(struct tx *tx, void *arg, struct err *e) {
  struct taking *t = arg;
  problems_init(&t->s->problems, t->rq->a);
  int r = shipped_cmd.run(tx, t->s, e);
  t->rq->problems = t->s->problems;
  return r;
}
static const struct cmd_class taking_cmd = {.name = "shipped_take", .run = taking_run};

static int taking_answer(struct rq *rq, struct jw *w, struct err *e) {
  (void)e;
  const struct taking *t = rq->work;
  jw_object(w);
  jw_kuuid(w, "id", &t->s->id);
  jw_kstrz(w, "kind", t->s->kind->plural);
  jw_end(w);
  rq->status = 201;
  return 0;
}

/* POST shipped/:code/take {"unit","valid_from","parameters","publish"} */
int shipped_take_post(struct rq *rq, struct err *e) {
  struct shipped *s = arena_new(rq->a, struct shipped);
  int r = rq_body(rq, "unit valid_from parameters publish", e);
  if (r < 0) return r;
  *s = (struct shipped){.app = rq->app,
                        .a = rq->a,
                        .viewer = rq->viewer,
                        .source = "api",
                        .code = rq->params[0],
                        .unit = needed(rq, "unit"),
                        .from = rq_text(rq, "valid_from", 10),
                        .publish = json_is_true(json_object_get(rq->body, "publish"))};
  json_t *parameters = json_object_get(rq->body, "parameters");
  if (parameters && !json_is_null(parameters) && !json_is_object(parameters))
    problem_text(&rq->problems, PROBLEM_wrong_type, S("parameters"), S("an object"),
                 (struct str){0}, S("对象"));
  else if (json_is_object(parameters))
    s->parameters = parameters;
  r = rq_check(rq, e);
  if (r < 0) return r;
  r = shipped_read(s, e);
  rq->problems = s->problems;
  if (r < 0) return r;
  struct taking *t = arena_new(rq->a, struct taking);
  *t = (struct taking){.rq = rq, .s = s};
  return rq_do(rq, &taking_cmd, t, CMD_NORMAL, taking_answer, e);
}
