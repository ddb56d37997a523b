#include "domain/daily_returns/returns_api.h"
#include "api/page.h"

/* The section of an enterprise's page: what went out to it. */

enum { PAGE_MESSAGES = 30, PAGE_DAYS = 14 };

QUERY(q_page_messages,
      "SELECT m.id FROM daily_return d JOIN outbox_message m ON m.subject_id = d.id "
      "WHERE d.op = $1 AND d.enterprise = $2 AND d.day >= $3 AND d.retired = 0 AND m.op = $1 AND "
      "m.retired = 0 "
      "ORDER BY m.id DESC LIMIT 31"); /* limit: more */

int messages_section(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                     struct err *e) {
  struct record *found[PAGE_MESSAGES];
  size_t n = 0, n_shown = 0;
  bool more = false;
  int r = records_found(tx, rq->a, &outbox_kind, rq->viewer->op, &q_page_messages,
                        P(V_I64(rq->viewer->op), V_UUID(enterprise->id),
                          day_val(rq->a, rq->viewer->today - PAGE_DAYS + 1)),
                        found, PAGE_MESSAGES, &n, &more, e);
  for (size_t i = 0; i < n && r >= 0; i++)
    if (record_visible(rq->viewer, found[i])) found[n_shown++] = found[i];
  if (r >= 0) r = page_items(rq, tx, w, found, n_shown, e);
  jw_kbool(w, "more", more);
  return r;
}
