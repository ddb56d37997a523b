#include "domain/gate/household_page.h"
#include "core/operation.h"
#include "domain/gate/clash.h"
#include "domain/gate/handover_page.h"
#include "domain/gate/passes.h"
#include "domain/gate/visitor.h"

/* The gate's part of a household's page: its passes, who went out with them and who came back, its
 * visitors of the day, and what has not been cleared up. */

/* The last passage of each of the household's passes in the last days. */
QUERY(q_household_passages,
      "SELECT p.id, p.number, p.class, e.direction, e.happened_at, o.name FROM pass p "
      "JOIN gate_event e ON e.pass = p.id JOIN post o ON o.id = e.post "
      "WHERE p.household = $1 AND p.op = $2 AND e.happened_at >= $3 AND e.corrects IS NULL "
      "AND e.outcome IN ('admitted', 'remeasured') "
      "AND NOT EXISTS (SELECT 1 FROM gate_event k WHERE k.corrects = e.id) "
      "AND NOT EXISTS (SELECT 1 FROM gate_event f WHERE f.pass = p.id AND f.corrects IS NULL "
      "AND f.outcome IN ('admitted', 'remeasured') AND (f.happened_at > e.happened_at "
      "OR (f.happened_at = e.happened_at AND f.id > e.id)) "
      "AND NOT EXISTS (SELECT 1 FROM gate_event k WHERE k.corrects = f.id)) "
      "ORDER BY e.happened_at DESC");

static int whereabouts(struct rq *rq, struct tx *tx, const struct record *subject, struct jw *w,
                       struct err *e) {
  const struct viewer *v = rq->viewer;
  const int64_t allowed = policy(rq->app, v->op, "pass_household_minutes", v->today);
  char at[MOMENT_TEXT];
  _cleanup_(cur_donep) struct cur *cur = NULL;
  jw_karray(w, "items");
  int r = cur_open(tx, &q_household_passages,
                   P(V_UUID(subject->id), V_I64(v->op), V_I64(rq->now_ms - 3 * MS_DAY)), &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1) {
    const struct uuid pass = cur_uuid(cur, 0);
    const bool out = str_is(cur_text(cur, 3), "out");
    const int64_t minutes = (rq->now_ms - cur_i64(cur, 4)) / MS_MINUTE;
    moment_format(cur_i64(cur, 4), v->zone, at);
    jw_object(w);
    jw_kobject(w, "pass");
    jw_kuuid(w, "id", &pass);
    jw_kstr(w, "number", cur_text(cur, 1));
    jw_kstr(w, "class", cur_text(cur, 2));
    jw_end(w);
    jw_kstrz(w, "direction", out ? "out" : "in");
    jw_kstrz(w, "at", at);
    jw_kstr(w, "post", cur_text(cur, 5));
    jw_ki64(w, "minutes", minutes);
    jw_kbool(w, "overdue",
             out && str_is(cur_text(cur, 2), "household") && allowed > 0 && minutes > allowed);
    jw_end(w);
  }
  jw_end(w);
  return r < 0 ? r : 0;
}

const struct page_section gate_sections[] = {
    {"households", "passes", "出入证", "Passes", 30, "pass.read", "passes", .by = "household"},
    {"households", "whereabouts", "出入情况", "Out and back", 31, "gate_event.read", NULL,
     .write = whereabouts},
    {"households", "visitors", "今日访客", "Today's visitors", 32, "visitor.read", "visitors",
     .by = "household", .where = "day=today"},
    {"households", "clashes", "待核实冲突", "Clashes to resolve", 33, "clash.read", "clashes",
     .by = "household", .where = "state=open"},
    {"handovers", "handover", "交接", "Handed over", 10, "handover.read", NULL,
     .write = handover_section},
    {"handovers", "inside", "交接时在内访客", "Visitors inside then", 20, "visitor.read",
     "visitors", .write = handover_inside_section},
    {0}};
