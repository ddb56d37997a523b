#include "domain/daily_returns/returns_api.h"

/* What arrived after a day was locked, by the enterprise that sent it: as many as there are, a page
 * at a time, oldest first. */

QUERY(q_after_lock,
      "SELECT v.id, d.id, d.name, d.enterprise, d.template_code, v.number, v.receipt, v.channel, "
      "v.created_ms FROM return_version v JOIN daily_return d ON d.id = v.daily_return "
      "JOIN unit u ON u.no = v.unit WHERE v.op = $1 AND v.day = $2 AND v.beside = 1 "
      "AND coalesce(v.withdrawn, 0) = 0 AND u.path BETWEEN $3 AND $4 "
      "AND ($5 = '' OR d.template_code = $5) AND v.id > $6 ORDER BY v.id LIMIT $7");
QUERY(q_after_lock_count,
      "SELECT count(*) FROM return_version v JOIN daily_return d ON d.id = v.daily_return "
      "JOIN unit u ON u.no = v.unit WHERE v.op = $1 AND v.day = $2 AND v.beside = 1 "
      "AND coalesce(v.withdrawn, 0) = 0 AND u.path BETWEEN $3 AND $4 "
      "AND ($5 = '' OR d.template_code = $5)");

struct after_lock {
  struct branch b;
  struct str template;
  struct uuid after;
  int64_t limit;
};

static void write_one(struct rq *rq, struct cur *c, struct jw *w) {
  const struct uuid version = cur_uuid(c, 0), row = cur_uuid(c, 1), enterprise = cur_uuid(c, 3);
  char at[MOMENT_TEXT];
  moment_format(cur_i64(c, 8), rq->viewer->zone, at);
  jw_object(w);
  jw_kuuid(w, "id", &version);
  jw_kuuid(w, "return", &row);
  jw_kobject(w, "enterprise");
  jw_kuuid(w, "id", &enterprise);
  jw_kstr(w, "title", cur_text(c, 2));
  jw_end(w);
  jw_kstr(w, "template", cur_text(c, 4));
  jw_ki64(w, "number", cur_i64(c, 5));
  jw_kstr(w, "receipt", cur_text(c, 6));
  jw_kstr(w, "channel", cur_text(c, 7));
  jw_kstrz(w, "at", at);
  jw_end(w);
}

static int write_page(struct rq *rq, const struct after_lock *q, struct jw *w, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct uuid last = {{0}};
  int64_t n = 0;
  int r = cur_open(rq->tx, &q_after_lock,
                   P(q->b.op, q->b.on, q->b.low, q->b.high, V_TEXT(q->template), V_UUID(q->after),
                     V_I64(q->limit + 1)),
                   &c, e);
  jw_karray(w, "items");
  while (r >= 0 && (r = cur_next(c, e)) == 1 && n++ < q->limit) {
    last = cur_uuid(c, 0);
    write_one(rq, c, w);
  }
  jw_end(w);
  jw_kuuid(w, "next", n > q->limit ? &last : NULL);
  return r < 0 ? r : 0;
}

int after_lock_get(struct rq *rq, struct jw *w, struct err *e) {
  struct after_lock q = {.template = rq_arg(rq, "template")};
  int64_t total = 0;
  if (!q.template.p) q.template = S("");
  rq_page(rq, &q.after, &q.limit);
  int r = rq_branch(rq, "daily_return.read", &q.b, e);
  if (r >= 0)
    r = tx_i64(rq->tx, &q_after_lock_count,
               P(q.b.op, q.b.on, q.b.low, q.b.high, V_TEXT(q.template)), &total, e);
  if (r < 0) return r;
  jw_object(w);
  jw_kstr(w, "day", q.b.day_text);
  jw_ki64(w, "total", total);
  r = write_page(rq, &q, w, e);
  jw_end(w);
  return r;
}
