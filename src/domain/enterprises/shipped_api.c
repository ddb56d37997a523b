#include "app/api.h"
#include "base/limits.h"
#include "domain/enterprises/shipped.h"

/* GET shipped */
int shipped_list_get(struct rq *rq, struct err *e) {
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  jw_init(&w, &b);
  int r = shipped_list(rq->a, &w, e);
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  rq_json(rq, 200, &b);
  return 0;
}

static struct str text_of(struct rq *rq, const char *name, bool required) {
  const json_t *j = json_object_get(rq->body, name);
  if (j && !json_is_null(j) && !json_is_string(j)) {
    problem_text(&rq->problems, PROBLEM_wrong_type, str_from(name), S("text"), (struct str){0},
                 S("文字"));
    return (struct str){NULL, 0};
  }
  const struct str s = str_trim(json_str(j));
  if (required && !s.n) problem_add(&rq->problems, PROBLEM_required, str_from(name));
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

static void taking_answer(struct rq *rq, void *arg) {
  const struct taking *t = arg;
  struct buf b = BUF_INIT(KIB(4));
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "id");
  jw_uuid(&w, &t->s->id);
  jw_k(&w, "kind");
  jw_strz(&w, t->s->kind->plural);
  jw_end(&w);
  rq_json(rq, 201, &b);
}

/* POST shipped/:code/take {"unit","valid_from","parameters","publish"} */
int shipped_take_post(struct rq *rq, struct err *e) {
  static const char *const keys[] = {"unit", "valid_from", "parameters", "publish"};
  struct shipped *s = arena_new(rq->a, struct shipped);
  const char *key;
  json_t *value;
  if (!json_is_object(rq->body)) return err_set(e, E_MALFORMED, "the body must be an object");
  json_object_foreach(rq->body, key, value) {
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) known |= strcmp(key, keys[i]) == 0;
    if (!known)
      problem_add(&rq->problems, PROBLEM_unknown_field, arena_printf(rq->a, "%.60s", key));
  }
  *s = (struct shipped){.app = rq->app,
                        .a = rq->a,
                        .viewer = rq->viewer,
                        .source = "api",
                        .code = rq->params[0],
                        .unit = text_of(rq, "unit", true),
                        .from = text_of(rq, "valid_from", false),
                        .publish = json_is_true(json_object_get(rq->body, "publish"))};
  json_t *parameters = json_object_get(rq->body, "parameters");
  if (parameters && !json_is_null(parameters) && !json_is_object(parameters))
    problem_text(&rq->problems, PROBLEM_wrong_type, S("parameters"), S("an object"),
                 (struct str){0}, S("对象"));
  else if (json_is_object(parameters))
    s->parameters = parameters;
  int r = rq_check(rq, e);
  if (r < 0) return r;
  r = shipped_read(s, e);
  rq->problems = s->problems;
  if (r < 0) return r;
  struct taking *t = arena_new(rq->a, struct taking);
  *t = (struct taking){.rq = rq, .s = s};
  return rq_commit(rq, &taking_cmd, t, CMD_NORMAL, taking_answer, e);
}
