#include "notify/alarms.h"
#include "api/platform_module.h"
#include "core/settings.h"

/* ---- GET alarm-types: alarms themselves are records with the generic routes ---- */

int alarm_types_get(struct rq *rq, struct jw *w, struct err *e) {
  (void)rq, (void)e;
  jw_object(w);
  jw_karray(w, "items");
  for (size_t i = 0; alarm_type_at(i); i++) {
    const struct alarm_type *t = alarm_type_at(i);
    jw_object(w);
    jw_kstrz(w, "code", t->code);
    jw_kstrz(w, "zh", t->zh);
    jw_kstrz(w, "en", t->en);
    jw_ki64(w, "severity", t->severity);
    jw_kstrz(w, "owner_role", t->owner_role);
    jw_ki64(w, "escalate_minutes", t->escalate_ms / MS_MINUTE);
    jw_end(w);
  }
  jw_end(w);
  jw_end(w);
  return 0;
}

/* ---- settings ---- */

int settings_get(struct rq *rq, struct jw *w, struct err *e) {
  jw_object(w);
  jw_k(w, "items");
  int r = settings_json(rq->app, rq->viewer->op, w, e);
  jw_end(w);
  return r;
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
  return r < 0 ? r : rq_do(rq, &setting_change_cmd, c, CMD_NORMAL, settings_get, e);
}
