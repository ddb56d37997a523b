#include "domain/hazards/hazards.h"
#include "api/api.h"
#include "domain/enterprises/enterprise.h"

/* An enterprise that somebody found and nobody had on the register: put there and its gap fixed in
 * one transaction, so that neither stands without the other. */

QUERY(q_same_name, "SELECT e.id FROM enterprise e WHERE e.op = $1 AND e.retired = 0 "
                   "AND e.state <> 'closed' AND e.name = $2 AND e.unit = $3 LIMIT 1");

struct registering {
  struct rq *rq;
  struct change *enterprise, *fix;
};

static int same_name(struct tx *tx, struct registering *g, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  const struct change *in = g->enterprise;
  int r = cur_open(tx, &q_same_name,
                   P(V_I64(in->op), in->v[ENTERPRISE_NAME], in->v[ENTERPRISE_UNIT]), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r != 1) return r;
  problem_rule(&g->rq->problems, S("name"), S("台账上已有同名企业，请用“整改完成”并选择它"),
               S("it stands on the register under this name: mark the gap as fixed and choose it"));
  return rq_check(g->rq, e);
}

static int register_run(struct tx *tx, void *arg, struct err *e) {
  struct registering *g = arg;
  problems_init(&g->rq->problems, g->rq->a);
  int r = same_name(tx, g, e);
  if (r < 0) return r;
  r = change_run(tx, g->enterprise, e);
  g->rq->problems = g->enterprise->problems;
  if (r < 0) return r;
  r = change_run(tx, g->fix, e);
  if (r < 0) g->rq->problems = g->fix->problems;
  return r;
}
static const struct cmd_class register_cmd = {.name = "gap_register", .run = register_run};

static int register_answer(struct rq *rq, struct jw *w, struct err *e) {
  (void)e;
  const struct registering *g = rq->work;
  jw_object(w);
  jw_kuuid(w, "enterprise", &g->enterprise->result->id);
  jw_kuuid(w, "gap", &g->fix->result->id);
  jw_kstr(w, "state", g->fix->result->state);
  if (g->enterprise->problems.warnings) {
    jw_k(w, "warnings");
    problems_write(w, &g->enterprise->problems);
  }
  jw_end(w);
  rq->status = 201;
  return 0;
}

/* What the gap knows already is not asked again; the body may say otherwise. */
static void from_gap(struct rq *rq, const struct record *gap) {
  char id[UUID_TEXT];
  const struct unit_row *u = unit_by_no(rq->viewer->tree, rec_unit(gap, HAZARD_UNIT));
  const struct str name = rec_text(gap, HAZARD_NAME);
  if (!json_object_get(rq->body, "name") && name.n)
    json_object_set_new(rq->body, "name", json_stringn(name.p, name.n));
  if (!json_object_get(rq->body, "unit") && u)
    json_object_set_new(rq->body, "unit", json_stringn(u->code.p, u->code.n));
  if (json_object_get(rq->body, "building") || rec_null(gap, HAZARD_BUILDING)) return;
  const struct uuid building = rec_uuid(gap, HAZARD_BUILDING);
  uuid_format(&building, id);
  json_object_set_new(rq->body, "building", json_string(id));
}

static struct change *making(struct rq *rq, const struct kind *k, enum change_verb verb) {
  struct change *c = change_make(rq->a, &rq->app->registry, rq->viewer, k, verb);
  c->at_ms = rq->now_ms;
  c->source = "api";
  return c;
}

static int parse_both(struct rq *rq, struct registering *g, const struct record *gap,
                      struct err *e) {
  char id[UUID_TEXT], today[DAY_TEXT];
  json_t *body = NULL;
  from_gap(rq, gap);
  int r = change_parse(g->enterprise, rq->body, (struct str){NULL, 0}, e);
  if (r >= 0) r = change_ready(g->enterprise, e);
  if (r < 0) {
    rq->problems = g->enterprise->problems;
    return r;
  }
  uuid_format(&g->enterprise->id, id);
  day_format(rq->viewer->today, today);
  g->fix->id = gap->id;
  r = json_read(rq->a,
                arena_printf(rq->a, "{\"fixed_on\":\"%s\",\"enterprise\":\"%s\"}", today, id),
                &body, e);
  if (r >= 0) r = change_parse(g->fix, body, S("fix"), e);
  if (r >= 0) r = change_ready(g->fix, e);
  if (r < 0) rq->problems = g->fix->problems;
  return r;
}

/* POST hazards/:id/register {…the enterprise's fields} */
int gap_register(struct rq *rq, struct err *e) {
  struct registering *g = arena_new(rq->a, struct registering);
  struct record *gap;
  struct uuid id;
  if (uuid_parse(rq->params[0], &id) < 0) return err_set(e, E_NOT_FOUND, "no such gap");
  int r = rq->body ? 0 : json_read(rq->a, S("{}"), &rq->body, e);
  if (r < 0) return r;
  if (!json_is_object(rq->body)) return err_set(e, E_MALFORMED, "the body must be an object");
  {
    _cleanup_(tx_endp) struct tx *tx = NULL;
    r = rq_read(rq, &tx, e);
    if (r >= 0) r = record_get(tx, rq->a, rq->viewer, &hazard_kind, &id, &gap, e);
    if (r < 0) return r;
  }
  if (!rec_is(gap, HAZARD_KIND, "unregistered")) {
    problem_rule(&rq->problems, S("kind"), S("不是未登记企业的盲点"),
                 S("the gap is not about an enterprise off the register"));
    return rq_check(rq, e);
  }
  *g = (struct registering){.rq = rq,
                            .enterprise = making(rq, &enterprise_kind, CHANGE_CREATE),
                            .fix = making(rq, &hazard_kind, CHANGE_ACTION)};
  r = parse_both(rq, g, gap, e);
  return r < 0 ? r : rq_do(rq, &register_cmd, g, CMD_NORMAL, register_answer, e);
}
