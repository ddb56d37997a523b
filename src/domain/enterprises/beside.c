#include "base/limits.h"
#include "domain/enterprises/returns_api.h"

/* What arrived after a day was locked, by the enterprise that sent it: as many as there are, a page
 * at a time, oldest first. */

QUERY(q_beside,
      "SELECT v.id, d.id, d.name, d.enterprise, d.template_code, v.number, v.receipt, v.channel, "
      "v.created_ms FROM return_version v JOIN daily_return d ON d.id = v.daily_return "
      "JOIN unit u ON u.no = v.unit WHERE v.op = $1 AND v.day = $2 AND v.beside = 1 "
      "AND coalesce(v.withdrawn, 0) = 0 AND u.path BETWEEN $3 AND $4 "
      "AND ($5 = '' OR d.template_code = $5) AND v.id > $6 ORDER BY v.id LIMIT $7");
QUERY(q_beside_count,
      "SELECT count(*) FROM return_version v JOIN daily_return d ON d.id = v.daily_return "
      "JOIN unit u ON u.no = v.unit WHERE v.op = $1 AND v.day = $2 AND v.beside = 1 "
      "AND coalesce(v.withdrawn, 0) = 0 AND u.path BETWEEN $3 AND $4 "
      "AND ($5 = '' OR d.template_code = $5)");

struct beside {
  int32_t unit, day;
  struct str template, day_text;
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  struct uuid after;
  int64_t limit;
};

static int beside_query(struct rq *rq, struct beside *q, struct err *e) {
  const struct str after = rq_arg(rq, "after"), limit = rq_arg(rq, "limit");
  char text[DAY_TEXT];
  *q = (struct beside){.template = rq_arg(rq, "template"), .limit = LIMIT_PAGE_DEFAULT};
  int r = rq_unit(rq, "unit", "daily_return.read", &q->unit, e);
  if (r >= 0) r = rq_day(rq, "date", &q->day, e);
  if (r < 0) return r;
  if (!q->template.p) q->template = S("");
  if (after.n && uuid_parse(after, &q->after) < 0)
    problem_text(&rq->problems, PROBLEM_bad_format, S("after"), S("UUID"), (struct str){0}, after);
  if (limit.n && parse_i64(limit, 1, LIMIT_PAGE, &q->limit) < 0)
    problem_limit(&rq->problems, PROBLEM_too_large, S("limit"), LIMIT_PAGE);
  const struct unit_row *u = unit_by_no(rq->viewer->tree, q->unit);
  if (!u) return err_set(e, E_NOT_FOUND, "no such unit");
  unit_path_range(u, q->low, q->high);
  day_format(q->day, text);
  q->day_text = arena_dup(rq->a, str_from(text));
  return rq_check(rq, e);
}

static void write_one(struct rq *rq, struct cur *c, struct jw *w) {
  const struct uuid version = cur_uuid(c, 0), row = cur_uuid(c, 1), enterprise = cur_uuid(c, 3);
  char at[MOMENT_TEXT];
  moment_format(cur_i64(c, 8), rq->viewer->zone, at);
  jw_object(w);
  jw_k(w, "id");
  jw_uuid(w, &version);
  jw_k(w, "return");
  jw_uuid(w, &row);
  jw_k(w, "enterprise");
  jw_object(w);
  jw_k(w, "id");
  jw_uuid(w, &enterprise);
  jw_k(w, "title");
  jw_str(w, cur_text(c, 2));
  jw_end(w);
  jw_k(w, "template");
  jw_str(w, cur_text(c, 4));
  jw_k(w, "number");
  jw_i64(w, cur_i64(c, 5));
  jw_k(w, "receipt");
  jw_str(w, cur_text(c, 6));
  jw_k(w, "channel");
  jw_str(w, cur_text(c, 7));
  jw_k(w, "at");
  jw_strz(w, at);
  jw_end(w);
}

static int write_page(struct rq *rq, struct tx *tx, const struct beside *q, struct jw *w,
                      struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct uuid last = {{0}};
  int64_t n = 0;
  int r = cur_open(tx, &q_beside,
                   P(V_I64(rq->viewer->op), V_TEXT(q->day_text), V_TEXTZ(q->low), V_TEXTZ(q->high),
                     V_TEXT(q->template), V_UUID(q->after), V_I64(q->limit + 1)),
                   &c, e);
  jw_k(w, "items");
  jw_array(w);
  while (r >= 0 && (r = cur_next(c, e)) == 1 && n++ < q->limit) {
    last = cur_uuid(c, 0);
    write_one(rq, c, w);
  }
  jw_end(w);
  jw_k(w, "next");
  if (n > q->limit)
    jw_uuid(w, &last);
  else
    jw_null(w);
  return r < 0 ? r : 0;
}

int beside_get(struct rq *rq, struct err *e) {
  struct beside q;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  int64_t total = 0;
  int r = beside_query(rq, &q, e);
  if (r >= 0) r = rq_read(rq, &tx, e);
  if (r >= 0)
    r = tx_i64(tx, &q_beside_count,
               P(V_I64(rq->viewer->op), V_TEXT(q.day_text), V_TEXTZ(q.low), V_TEXTZ(q.high),
                 V_TEXT(q.template)),
               &total, e);
  if (r < 0) return r;
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "day");
  jw_str(&w, q.day_text);
  jw_k(&w, "total");
  jw_i64(&w, total);
  r = write_page(rq, tx, &q, &w, e);
  jw_end(&w);
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  rq_json(rq, 200, &b);
  return 0;
}
