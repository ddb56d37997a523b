#include "domain/enterprises/returns_api.h"

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
  problem_text(
      &g->rq->problems, PROBLEM_rule, S("name"), (struct str){0},
      S("台账上已有同名企业，请用“整改完成”并选择它 / it stands on the register under this "
        "name: mark the gap as fixed and choose it"),
      (struct str){0});
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

static void register_answer(struct rq *rq, void *arg) {
  const struct registering *g = arg;
  struct buf b = BUF_INIT(KIB(8));
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "enterprise");
  jw_uuid(&w, &g->enterprise->result->id);
  jw_k(&w, "gap");
  jw_uuid(&w, &g->fix->result->id);
  jw_k(&w, "state");
  jw_str(&w, g->fix->result->state);
  if (g->enterprise->problems.warnings) {
    jw_k(&w, "warnings");
    problems_write(&w, &g->enterprise->problems);
  }
  jw_end(&w);
  rq_json(rq, 201, &b);
}

/* What the gap knows already is not asked again; the body may say otherwise. */
static void from_gap(struct rq *rq, const struct record *gap) {
  char id[UUID_TEXT];
  const struct unit_row *u = unit_by_no(rq->viewer->tree, rec_unit(gap, GAP_UNIT));
  const struct str name = rec_text(gap, GAP_NAME);
  if (!json_object_get(rq->body, "name") && name.n)
    json_object_set_new(rq->body, "name", json_stringn(name.p, name.n));
  if (!json_object_get(rq->body, "unit") && u)
    json_object_set_new(rq->body, "unit", json_stringn(u->code.p, u->code.n));
  if (json_object_get(rq->body, "building") || rec_null(gap, GAP_BUILDING)) return;
  const struct uuid building = rec_uuid(gap, GAP_BUILDING);
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

/* POST prevention-gaps/:id/register {…the enterprise's fields} */
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
    if (r >= 0) r = record_get(tx, rq->a, rq->viewer, &prevention_gap_kind, &id, &gap, e);
    if (r < 0) return r;
  }
  if (!rec_is(gap, GAP_KIND, "unregistered")) {
    problem_text(&rq->problems, PROBLEM_rule, S("kind"), (struct str){0},
                 S("不是未登记企业的盲点 / the gap is not about an enterprise off the register"),
                 (struct str){0});
    return rq_check(rq, e);
  }
  *g = (struct registering){.rq = rq,
                            .enterprise = making(rq, &enterprise_kind, CHANGE_CREATE),
                            .fix = making(rq, &prevention_gap_kind, CHANGE_ACTION)};
  r = parse_both(rq, g, gap, e);
  return r < 0 ? r : rq_commit(rq, &register_cmd, g, CMD_NORMAL, register_answer, e);
}
