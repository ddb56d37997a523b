#include "base/limits.h"
#include "domain/enterprises/filing.h"
#include "api/page.h"

/* What an enterprise would file under on a day, so that a form can be made of it. */

QUERY(q_open_filing, "SELECT id FROM filing WHERE enterprise = $1 AND retired = 0 AND state IN "
                     "('draft','returned','filed','first_check','checked') "
                     "ORDER BY created_ms DESC, id DESC LIMIT 1");

static int write_choice(struct rq *rq, struct tx *tx, struct emit *em, struct jw *w,
                        const struct uuid *id, struct err *e) {
  struct record *checklist;
  int r = record_load(tx, rq->a, &checklist_kind, rq->viewer->op, id, &checklist, e);
  if (r < 0) return r;
  jw_object(w);
  jw_k(w, "checklist");
  r = emit_record(em, w, checklist, e);
  if (r >= 0)
    r = page_list(rq, tx, w, &checklist_item_kind, "checklist", id, NULL, "place", CHECKLIST_ITEMS,
                  e);
  jw_end(w);
  return r;
}

/* The newest that is not decided: an enterprise answers for one at a time. */
static int write_open(struct rq *rq, struct tx *tx, struct emit *em, struct jw *w,
                      const struct record *enterprise, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  struct record *filing;
  int r = cur_open(tx, &q_open_filing, P(V_UUID(enterprise->id)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r < 0) return r;
  jw_k(w, "open");
  if (r == 0) {
    jw_null(w);
    return 0;
  }
  const struct uuid id = cur_uuid(cur, 0);
  r = record_load(tx, rq->a, &filing_kind, rq->viewer->op, &id, &filing, e);
  return r < 0 ? r : emit_record(em, w, filing, e);
}

static int write_form(struct rq *rq, struct tx *tx, struct jw *w, struct record *enterprise,
                      int32_t day, struct err *e) {
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  struct uuid in_force[CHECKLISTS_IN_FORCE];
  char text[DAY_TEXT];
  size_t n;
  day_format(day, text);
  int r = checklists_in_force(tx, rq->viewer->op, record_unit(enterprise),
                              V_TEXT(arena_dup(rq->a, (struct str){text, 10})), in_force, &n, e);
  if (r < 0) return r;
  jw_object(w);
  jw_kstrz(w, "day", text);
  jw_k(w, "enterprise");
  r = emit_record(&em, w, enterprise, e);
  if (r >= 0) r = write_open(rq, tx, &em, w, enterprise, e);
  jw_karray(w, "choices");
  for (size_t i = 0; i < n && r >= 0; i++) r = write_choice(rq, tx, &em, w, &in_force[i], e);
  jw_end(w);
  jw_end(w);
  return r;
}

static int which_enterprise(struct rq *rq, struct uuid *ret_id) {
  const struct str text = rq_arg(rq, "enterprise");
  if (!text.n)
    problem_add(&rq->problems, PROBLEM_required, S("enterprise"));
  else if (uuid_parse(text, ret_id) < 0)
    problem_text(&rq->problems, PROBLEM_bad_format, S("enterprise"), S("UUID"), (struct str){0},
                 (struct str){0});
  return 0;
}

int filing_form_get(struct rq *rq, struct jw *w, struct err *e) {
  struct uuid id = {{0}};
  struct record *enterprise;
  int32_t day;
  int r = which_enterprise(rq, &id);
  if (r >= 0) r = rq_day(rq, "date", &day, e);
  if (r >= 0) r = rq_check(rq, e);
  if (r >= 0) r = record_get(rq->tx, rq->a, rq->viewer, &enterprise_kind, &id, &enterprise, e);
  if (r < 0) return r;
  if (!viewer_may(rq->viewer, right_by_name(S("filing.read")), record_unit(enterprise)))
    return err_field(e, E_NOT_FOUND, "no such record, or not for this reader", "enterprise");
  r = write_form(rq, rq->tx, w, enterprise, day, e);
  if (r >= 0 && !jw_ok(w)) r = err_set(e, E_TOO_LARGE, "the form is too large");
  return r;
}
