#include "api/api.h"
#include "base/limits.h"
#include "duties/duties_inner.h"

/* What is due on a day, by name: each with its subject, the last note, and what went out to it. */

struct asking {
  struct rq *rq;
  const struct duty_row *row;
  struct list_query lq;
};

static int ask(struct asking *q, struct err *e) {
  struct rq *rq = q->rq;
  const struct duty *d = q->row->d;
  struct type_ctx c = rq_types(rq);
  const struct str status = rq_arg(rq, "status");
  char right[80], owed[200];
  int32_t day, unit;
  snprintf(right, sizeof right, "%s.read", d->kind->name);
  snprintf(owed, sizeof owed, "%s", d->owed);
  for (char *p = owed; *p; p++)
    if (*p == ' ') *p = ',';
  int r = rq_unit(rq, "unit", right, &unit, e);
  if (r >= 0) r = rq_day(rq, "date", &day, e);
  if (r < 0) return r;
  q->lq = (struct list_query){.limit = LIMIT_PAGE_DEFAULT, .unit = unit, .n_filters = 1};
  q->lq.filters[0] =
      (struct list_filter){.by = list_field(q->row->day), .text = day_val(rq->a, day).s};
  list_parse(&q->lq, rq->viewer, d->kind, S("filter[state]"),
             status.n ? status : arena_dup(rq->a, str_from(owed)), &c);
  for (struct str rest = str_from(d->asks); rest.p;) {
    struct str word = str_split(&rest, ' ');
    const struct str arg = str_split(&word, '=');
    const struct str said = rq_arg(rq, arena_strz(rq->a, arg));
    if (said.n)
      list_parse(&q->lq, rq->viewer, d->kind,
                 word.p ? arena_printf(rq->a, "filter[" STR_FMT "]", STR_ARG(word)) : arg, said,
                 &c);
  }
  list_check(&q->lq, rq->viewer, d->kind, &c);
  return rq_check(rq, e);
}

/* ---- what has gone out ---- */

QUERY(q_duty_tried, "SELECT count(*), coalesce(max(at_ms), 0) FROM duty_reminder "
                    "WHERE record = $1 AND slot < 100"); /* SLOT_OWN */
QUERY(q_duty_went,
      "SELECT state FROM outbox_message WHERE subject_id = $1 "
      "AND topic = $2 AND retired = 0 ORDER BY id DESC LIMIT 6"); /* limit: the last round */

/* How the last of its messages fares; "dead" where any was given up. */
static int fares(struct tx *tx, struct arena *a, const struct duty *d, const struct uuid *record,
                 struct str *ret, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  *ret = S("unreachable");
  int r = cur_open(tx, &q_duty_went, P(V_UUID(*record), V_TEXTZ(d->topic->code)), &c, e);
  for (bool first = true; r >= 0 && (r = cur_next(c, e)) == 1; first = false)
    if (first || str_is(cur_text(c, 0), "dead")) *ret = arena_dup(a, cur_text(c, 0));
  return r < 0 ? r : 0;
}

static int write_reminders(struct asking *q, struct jw *w, const struct record *rec,
                           struct err *e) {
  struct rq *rq = q->rq;
  char at[MOMENT_TEXT];
  int64_t n = 0, at_ms = 0;
  struct str state;
  {
    _cleanup_(cur_donep) struct cur *c = NULL;
    int r = cur_open(rq->tx, &q_duty_tried, P(V_UUID(rec->id)), &c, e);
    if (r >= 0) r = cur_next(c, e);
    if (r < 0) return r;
    n = cur_i64(c, 0);
    at_ms = cur_i64(c, 1);
  }
  jw_k(w, "reminders");
  if (!n) {
    jw_null(w);
    return 0;
  }
  int r = fares(rq->tx, rq->a, q->row->d, &rec->id, &state, e);
  moment_format(at_ms, rq->viewer->zone, at);
  jw_object(w);
  jw_ki64(w, "n", n);
  jw_kstrz(w, "at", at);
  jw_kstr(w, "state", state);
  jw_end(w);
  return r;
}

/* ---- the list ---- */

static int last_note(struct asking *q, const struct record *rec, struct record **ret,
                     struct err *e) {
  struct rq *rq = q->rq;
  struct cur *c = NULL;
  struct uuid id = {{0}};
  *ret = NULL;
  int r = cur_open(rq->tx, &q->row->q[DQ_NOTE],
                   P(V_I64(rq->viewer->op), rec->v[q->row->of], rec->v[q->row->day]), &c, e);
  if (r >= 0 && (r = cur_next(c, e)) == 1) id = cur_uuid(c, 0);
  c = cur_done(c);
  if (r < 0 || uuid_is_nil(&id)) return r < 0 ? r : 0;
  return record_load(rq->tx, rq->a, q->row->d->note->kind, rq->viewer->op, &id, ret, e);
}

static int write_one(struct asking *q, struct emit *em, struct jw *w, struct record *rec,
                     struct record *subject, struct err *e) {
  const struct duty *d = q->row->d;
  struct record *note = NULL;
  int r = d->note ? last_note(q, rec, &note, e) : 0;
  if (r < 0) return r;
  jw_object(w);
  jw_key(w, str_from(d->key));
  r = emit_record(em, w, rec, e);
  jw_key(w, str_from(d->of));
  if (r >= 0 && subject) r = emit_record(em, w, subject, e);
  if (!subject) jw_null(w);
  if (d->note) jw_key(w, str_from(d->note->key));
  if (note && r >= 0) r = emit_record(em, w, note, e);
  if (d->note && !note) jw_null(w);
  if (r >= 0 && d->topic) r = write_reminders(q, w, rec, e);
  jw_end(w);
  return r;
}

int duty_list(struct rq *rq, const struct duty *d, struct jw *w, struct err *e) {
  struct asking q = {.rq = rq, .row = duty_row_of(d)};
  struct list_page page = {.total = -1};
  int r = ask(&q, e);
  if (r >= 0)
    r = record_list(rq->tx, rq->a, &rq->app->registry, rq->viewer, d->kind, &q.lq, &page, e);
  if (r < 0) return r;
  struct uuid *ids = arena_array(rq->a, struct uuid, page.n + 1);
  struct record **subjects = arena_array(rq->a, struct record *, page.n + 1);
  if (!ids || !subjects) return err_set(e, E_NOMEM, "no memory for a list");
  for (size_t i = 0; i < page.n; i++) {
    ids[i] = rec_uuid(page.items[i], q.row->of);
    subjects[i] = NULL;
  }
  r = records_by_ids(rq->tx, rq->a, d->subject, rq->viewer->op, ids, page.n, subjects, e);
  struct emit em = {.tx = rq->tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  if (r >= 0) r = emit_prefetch(&em, page.items, page.n, e);
  jw_object(w);
  jw_karray(w, "items");
  for (size_t i = 0; i < page.n && r >= 0; i++)
    r = write_one(&q, &em, w, page.items[i], subjects[i], e);
  jw_end(w);
  jw_kstr(w, "next", page.next);
  if (page.total >= 0) {
    jw_ki64(w, "total", page.total);
  }
  jw_end(w);
  return r;
}
