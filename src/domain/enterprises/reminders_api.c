#include "domain/enterprises/remind.h"

/* What has gone out to whom, where somebody looks: beside each row of the chase list, and on the
 * enterprise's page. */

enum { MESSAGES = 6, PAGE_MESSAGES = 30, PAGE_DAYS = 14 };

QUERY(q_tried, "SELECT count(*), coalesce(max(at_ms), 0) FROM return_reminder "
               "WHERE daily_return = $1 AND slot < 100"); /* SLOT_SENT_BACK */
QUERY(q_went, "SELECT state FROM outbox_message WHERE subject_id = $1 "
              "AND topic = 'return_reminder' AND retired = 0 ORDER BY id DESC LIMIT 6");

struct went {
  int64_t n, at_ms;
  char state[16]; /* of the last; "dead" where any was given up */
};

static int tried(struct tx *tx, const struct uuid *row, struct went *w, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_tried, P(V_UUID(*row)), &c, e);
  if (r >= 0) r = cur_next(c, e);
  if (r == 1) {
    w->n = cur_i64(c, 0);
    w->at_ms = cur_i64(c, 1);
  }
  return r < 0 ? r : 0;
}

static void keep(struct went *w, struct str state) {
  const size_t n = state.n < sizeof w->state ? state.n : sizeof w->state - 1;
  memcpy(w->state, state.p, n);
  w->state[n] = 0;
}

static int became(struct tx *tx, const struct uuid *row, struct went *w, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_went, P(V_UUID(*row)), &c, e);
  keep(w, S("unreachable"));
  for (bool first = true; r >= 0 && (r = cur_next(c, e)) == 1; first = false)
    if (first || str_is(cur_text(c, 0), "dead")) keep(w, cur_text(c, 0));
  return r < 0 ? r : 0;
}

int reminders_write(struct rq *rq, struct tx *tx, const struct record *row, struct jw *w,
                    struct err *e) {
  struct went went = {0};
  char at[MOMENT_TEXT];
  int r = tried(tx, &row->id, &went, e);
  if (r >= 0 && went.n) r = became(tx, &row->id, &went, e);
  if (r < 0) return r;
  jw_k(w, "reminders");
  if (!went.n) {
    jw_null(w);
    return 0;
  }
  moment_format(went.at_ms, rq->viewer->zone, at);
  jw_object(w);
  jw_k(w, "n");
  jw_i64(w, went.n);
  jw_k(w, "at");
  jw_strz(w, at);
  jw_k(w, "state");
  jw_strz(w, went.state);
  jw_end(w);
  return 0;
}

/* ---- the section of an enterprise's page ---- */

QUERY(q_page_messages,
      "SELECT m.id FROM daily_return d JOIN outbox_message m ON m.subject_id = d.id "
      "WHERE d.op = $1 AND d.enterprise = $2 AND d.day >= $3 AND d.retired = 0 AND m.op = $1 AND "
      "m.retired = 0 "
      "ORDER BY m.id DESC LIMIT 30");

int messages_section(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                     struct err *e) {
  struct uuid ids[PAGE_MESSAGES];
  struct record *found[PAGE_MESSAGES] = {0}, *shown[PAGE_MESSAGES];
  char since[DAY_TEXT];
  size_t n = 0, n_shown = 0;
  day_format(rq->viewer->today - PAGE_DAYS + 1, since);
  {
    _cleanup_(cur_donep) struct cur *c = NULL;
    int r = cur_open(tx, &q_page_messages,
                     P(V_I64(rq->viewer->op), V_UUID(enterprise->id), V_TEXTZ(since)), &c, e);
    while (r >= 0 && (r = cur_next(c, e)) == 1 && n < PAGE_MESSAGES) ids[n++] = cur_uuid(c, 0);
    if (r < 0) return r;
  }
  int r = n ? records_by_ids(tx, rq->a, &outbox_kind, rq->viewer->op, ids, n, found, e) : 0;
  for (size_t i = 0; i < n && r >= 0; i++)
    if (found[i] && record_visible(rq->viewer, found[i])) shown[n_shown++] = found[i];
  if (r >= 0) r = page_items(rq, tx, w, shown, n_shown, e);
  jw_k(w, "more");
  jw_bool(w, n == PAGE_MESSAGES);
  return r;
}
