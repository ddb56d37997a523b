#include "app/figures.h"
#include "base/limits.h"
#include "domain/enterprises/returns_api.h"

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
    "AND u.path BETWEEN $3 AND $4 AND NOT EXISTS (SELECT 1 FROM resumption_step n WHERE "
    "n.enterprise = s.enterprise AND n.day <= $2 AND (n.day > s.day OR (n.day = s.day AND n.id > "
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
  jw_k(w, "part");
  jw_i64(w, part);
  jw_k(w, "of");
  jw_i64(w, of);
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

static int staff_rate(struct tx *tx, struct rq *rq, struct str day, const char *low,
                      const char *high, struct jw *w, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_staff, P(V_I64(rq->viewer->op), V_TEXT(day), V_TEXTZ(low), V_TEXTZ(high)),
                   &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  rate_open(w, "staff", cur_i64(c, 0), cur_i64(c, 1));
  jw_k(w, "returns");
  jw_i64(w, cur_i64(c, 2));
  jw_k(w, "silent");
  jw_i64(w, cur_i64(c, 3));
  jw_end(w);
  return 0;
}

static int64_t indicator_value(const int64_t *values, const struct indicator *ind) {
  for (size_t i = 0; i < indicators_count(); i++)
    if (indicator_at(i) == ind) return values[i];
  return 0;
}

/* GET enterprises/rates?unit=&date= */
int rates_get(struct rq *rq, struct err *e) {
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX], text[DAY_TEXT];
  struct figure_query q = {.op = rq->viewer->op, .from = INT32_MIN, .as_known = INT32_MAX};
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct buf b = BUF_INIT(KIB(8));
  struct jw w;
  int r = rq_unit(rq, "unit", "enterprise.read", &q.unit, e);
  if (r >= 0) r = rq_day(rq, "date", &q.day, e);
  if (r >= 0) r = rq_check(rq, e);
  if (r >= 0) r = rq_read(rq, &tx, e);
  if (r < 0) return r;
  int64_t *v = arena_array(rq->a, int64_t, indicators_count() + 1);
  const struct unit_row *u = unit_by_no(rq->viewer->tree, q.unit);
  if (!v || !u) return err_set(e, E_NOT_FOUND, "no such unit");
  unit_path_range(u, low, high);
  day_format(q.day, text);
  r = figures_read(tx, &q, v, e);
  if (r >= 0)
    r = cur_open(tx, &q_buildings,
                 P(V_I64(q.op), V_TEXT(arena_dup(rq->a, (struct str){text, 10})), V_TEXTZ(low),
                   V_TEXTZ(high)),
                 &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r < 0) return r;
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "day");
  jw_strz(&w, text);
  rate(&w, "enterprises", indicator_value(v, &ind_ent_resumed), indicator_value(v, &ind_ent_total));
  rate(&w, "buildings", cur_i64(c, 1), cur_i64(c, 0));
  r = staff_rate(tx, rq, arena_dup(rq->a, (struct str){text, 10}), low, high, &w, e);
  jw_end(&w);
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  rq_json(rq, 200, &b);
  return 0;
}
