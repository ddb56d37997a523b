#include "app/alarms.h"
#include "app/platform_routes.h"
#include "app/settings.h"

/* ---- GET alarm-types: alarms themselves are records with the generic routes ---- */

int alarm_types_get(struct rq *rq, struct err *e) {
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  (void)e;
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "items");
  jw_array(&w);
  for (size_t i = 0; alarm_type_at(i); i++) {
    const struct alarm_type *t = alarm_type_at(i);
    jw_object(&w);
    jw_k(&w, "code");
    jw_strz(&w, t->code);
    jw_k(&w, "zh");
    jw_strz(&w, t->zh);
    jw_k(&w, "en");
    jw_strz(&w, t->en);
    jw_k(&w, "severity");
    jw_i64(&w, t->severity);
    jw_k(&w, "owner_role");
    jw_strz(&w, t->owner_role);
    jw_k(&w, "escalate_minutes");
    jw_i64(&w, t->escalate_ms / MS_MINUTE);
    jw_end(&w);
  }
  jw_end(&w);
  jw_end(&w);
  rq_json(rq, 200, &b);
  return 0;
}

/* ---- settings ---- */

static int settings_answer(struct rq *rq, struct err *e) {
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "items");
  int r = settings_json(rq->app, rq->viewer->op, &w, e);
  jw_end(&w);
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  rq_json(rq, 200, &b);
  return 0;
}

int settings_get(struct rq *rq, struct err *e) {
  return settings_answer(rq, e);
}

static void setting_changed(struct rq *rq, void *arg) {
  struct err e = {0};
  (void)arg;
  if (settings_answer(rq, &e) < 0) rq_problem(rq, &e, NULL);
}

int setting_patch(struct rq *rq, struct err *e) {
  struct setting_change *c = arena_new(rq->a, struct setting_change);
  const json_t *value = json_object_get(rq->body, "value");
  *c = (struct setting_change){.app = rq->app,
                               .viewer = rq->viewer,
                               .setting = setting_by_name(rq->params[0]),
                               .op = rq->viewer->op};
  if (!c->setting) return err_set(e, E_NOT_FOUND, "no such setting");
  if (c->setting->per_operation && !c->op) return err_set(e, E_NOT_FOUND, "no operation is open");
  if (!value)
    problem_add(&rq->problems, PROBLEM_required, S("value"));
  else
    (void)setting_parse(c, value, &rq->problems);
  int r = rq_check(rq, e);
  return r < 0 ? r : rq_commit(rq, &setting_change_cmd, c, CMD_NORMAL, setting_changed, e);
}
