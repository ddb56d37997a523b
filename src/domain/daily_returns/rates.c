#include "figures/figures.h"
#include "base/limits.h"
#include "domain/daily_returns/returns_api.h"
#include "domain/enterprises/resumption_step.h"

/* Rates of going back to work, each with its numerator and its denominator: of enterprises (from
 * the steps, so a past day keeps its own), of buildings (those in which at least one enterprise was
 * at work, of those in which one was on the register), of staff (at work, of the staff of those
 * that reported both that day: a form that does not ask for one of them is in neither, and said).
 */

/* Where each enterprise stood at the day's end: its last step up to then. */
QUERY(
    q_buildings,
    "SELECT count(DISTINCT e.building), "
    "count(DISTINCT CASE WHEN s.to_state = 'resumed' THEN e.building END) "
    "FROM resumption_step s JOIN enterprise e ON e.id = s.enterprise JOIN unit u ON u.no = s.unit "
    "WHERE s.op = $1 AND s.day <= $2 AND e.building IS NOT NULL AND s.to_state <> 'closed' "
    "AND s.retired = 0 AND u.path BETWEEN $3 AND $4 AND NOT EXISTS (SELECT 1 FROM resumption_step "
    "n WHERE n.retired = 0 AND n.enterprise = s.enterprise AND n.day <= $2 AND (n.day > s.day OR "
    "(n.day = s.day AND n.id > "
    "s.id)))");

/* One whose form asks for neither, or for one alone, would be nobody at work or nobody's staff. */
QUERY(
    q_staff,
    "SELECT CAST(coalesce(sum(CASE WHEN d.staff_total IS NOT NULL THEN d.staff_present END), 0) "
    "AS BIGINT), CAST(coalesce(sum(CASE WHEN d.staff_present IS NOT NULL THEN d.staff_total END), "
    "0) AS BIGINT), count(*), CAST(coalesce(sum(CASE WHEN d.staff_total IS NULL OR "
    "d.staff_present IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) FROM daily_return d "
    "JOIN unit u ON u.no = d.unit WHERE d.op = $1 AND d.day = $2 AND d.retired = 0 "
    "AND d.state IN ('submitted', 'late', 'returned', 'accepted') "
    "AND u.path BETWEEN $3 AND $4");

static void rate_open(struct jw *w, const char *key, int64_t part, int64_t of) {
  jw_key(w, str_from(key));
  jw_object(w);
  jw_ki64(w, "part", part);
  jw_ki64(w, "of", of);
  jw_k(w, "permille");
  if (of > 0)
    jw_i64(w, (part * 2000 + of) / (2 * of));
  else
    jw_null(w);
}

static void rate(struct jw *w, const char *key, int64_t part, int64_t of) {
  rate_open(w, key, part, of);
  jw_end(w);
}

static int staff_rate(struct tx *tx, const struct branch *b, struct jw *w, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_staff, P(b->op, b->on, b->low, b->high), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  rate_open(w, "staff", cur_i64(c, 0), cur_i64(c, 1));
  jw_ki64(w, "returns", cur_i64(c, 2));
  jw_ki64(w, "silent", cur_i64(c, 3));
  jw_end(w);
  return 0;
}

static int64_t indicator_value(const int64_t *values, const struct indicator *ind) {
  for (size_t i = 0; i < indicators_count(); i++)
    if (indicator_at(i) == ind) return values[i];
  return 0;
}

/* GET enterprises/rates?unit=&date= */
int rates_get(struct rq *rq, struct jw *w, struct err *e) {
  struct branch b;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int64_t *v = arena_array(rq->a, int64_t, indicators_count() + 1);
  if (!v) return err_set(e, E_NOMEM, "no memory for figures");
  int r = rq_branch(rq, "enterprise.read", &b, e);
  if (r < 0) return r;
  const struct figure_query q = {
      .op = rq->viewer->op, .unit = b.unit, .day = b.day, .from = INT32_MIN, .as_known = INT32_MAX};
  r = figures_read(rq->tx, &q, v, e);
  if (r >= 0) r = cur_open(rq->tx, &q_buildings, P(b.op, b.on, b.low, b.high), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  jw_object(w);
  jw_kstr(w, "day", b.day_text);
  rate(w, "enterprises", indicator_value(v, &ind_ent_resumed), indicator_value(v, &ind_ent_total));
  rate(w, "buildings", cur_i64(c, 1), cur_i64(c, 0));
  r = staff_rate(rq->tx, &b, w, e);
  jw_end(w);
  return r;
}
