#include "api/link.h"
#include "auth/audit.h"
#include "base/limits.h"
#include "domain/daily_returns/clerk.h"
#include "domain/daily_returns/returns_api.h"
#include "domain/daily_returns/staff_line.h"
#include "output/qr.h"

/* The clerk's side: no account, one link. Whoever holds it sees and writes of that enterprise alone
 * what the purpose says; in the audit it stands in the actor's place, with the source "link". */

struct clerk {
  struct link link;
  struct viewer *viewer;
};

static int clerk_of(struct rq *rq, struct clerk *c, struct err *e) {
  return rq_link(rq, &clerk_purpose, rq->params[0], &c->link, &c->viewer, e);
}

static int clerk_day(struct rq *rq, const struct clerk *c, int32_t *ret_day, struct err *e) {
  const struct str day = rq_arg(rq, "date");
  *ret_day = c->viewer->today;
  if (day.n && day_parse(day, ret_day) < 0) problem_add(&rq->problems, PROBLEM_bad_date, S("date"));
  return rq_check(rq, e);
}

int link_form(struct rq *rq, struct jw *w, struct err *e) {
  struct clerk c;
  struct form_query q = {0};
  int r = clerk_of(rq, &c, e);
  if (r >= 0) r = clerk_day(rq, &c, &q.day, e);
  if (r < 0) return r;
  q.enterprise = c.link.subject;
  r = form_write(rq, c.viewer, &q, w, e);
  if (r < 0) return r;
  http_add_header(rq->http, "Cache-Control", S("no-store"));
  return 0;
}

int link_submit(struct rq *rq, struct err *e) {
  struct submission *s = arena_new(rq->a, struct submission);
  struct clerk *c = arena_new(rq->a, struct clerk);
  int r = clerk_of(rq, c, e);
  if (r < 0) return r;
  if ((r = rq_body(rq, SUBMISSION_MEMBERS, e)) < 0) return r;
  static const char *const not_his[] = {"enterprise", "channel", "taker", "reminder_given",
                                        "prevention"};
  for (size_t i = 0; i < ARRAY_LEN(not_his); i++)
    if (json_object_get(rq->body, not_his[i]))
      problem_add(&rq->problems, PROBLEM_read_only, str_from(not_his[i]));
  submission_from(rq, c->viewer, s);
  s->source = "link";
  s->enterprise = c->link.subject;
  s->channel = S("link");
  r = rq_check(rq, e);
  return r < 0 ? r : submission_commit(rq, s, e);
}

/* ---- staff lines ---- */

struct line_write {
  struct rq *rq;
  struct change *c;
  struct uuid enterprise;
};

static int line_run(struct tx *tx, void *arg, struct err *e) {
  struct line_write *l = arg;
  int r = change_run(tx, l->c, e);
  l->rq->problems = l->c->problems;
  return r;
}
static const struct cmd_class line_cmd = {.name = "staff_line_by_link", .run = line_run};

static int line_answer(struct rq *rq, struct jw *w, struct err *e) {
  const struct line_write *l = rq->work;
  (void)e;
  rq->status = l->c->verb == CHANGE_CREATE ? 201 : 200;
  jw_object(w);
  jw_kuuid(w, "id", &l->c->result->id);
  jw_ki64(w, "rev", l->c->result->rev);
  jw_end(w);
  return 0;
}

static int line_write(struct rq *rq, enum change_verb verb, struct err *e) {
  struct line_write *l = arena_new(rq->a, struct line_write);
  struct clerk *c = arena_new(rq->a, struct clerk);
  int r = clerk_of(rq, c, e);
  if (r < 0) return r;
  if (!json_is_object(rq->body)) return err_set(e, E_MALFORMED, "the body must be an object");
  if (json_object_get(rq->body, "enterprise"))
    problem_add(&rq->problems, PROBLEM_read_only, S("enterprise"));
  if ((r = rq_check(rq, e)) < 0) return r;
  l->rq = rq;
  l->enterprise = c->link.subject;
  l->c = change_make(rq->a, &rq->app->registry, c->viewer, &staff_line_kind, verb);
  l->c->at_ms = rq->now_ms;
  l->c->source = "link";
  if (verb == CHANGE_UPDATE && uuid_parse(rq->params[1], &l->c->id) < 0)
    return err_set(e, E_NOT_FOUND, "no such line");
  if (verb == CHANGE_CREATE) {
    char id[UUID_TEXT];
    uuid_format(&l->enterprise, id);
    json_object_set_new(rq->body, "enterprise", json_string(id));
  }
  r = rq_parse(rq, l->c, (struct str){NULL, 0}, e);
  if (r >= 0) r = change_ready(l->c, e);
  return r < 0 ? r : rq_do(rq, &line_cmd, l, CMD_NORMAL, line_answer, e);
}

int link_line_add(struct rq *rq, struct err *e) {
  return line_write(rq, CHANGE_CREATE, e);
}

int link_line_change(struct rq *rq, struct err *e) {
  return line_write(rq, CHANGE_UPDATE, e);
}

/* ---- the link itself, for those who hand it out ---- */

struct handing {
  struct rq *rq;
  struct record *enterprise;
};

/* Whoever holds it reports for the enterprise: who was given it is in the audit. */
static int hand_run(struct tx *tx, void *arg, struct err *e) {
  const struct handing *h = arg;
  return audit_by(tx, h->rq->viewer, "link_shown", &enterprise_kind, &h->enterprise->id,
                  rec_unit(h->enterprise, ENTERPRISE_UNIT), S("{}"), e);
}
static const struct cmd_class hand_cmd = {.name = "link_shown", .run = hand_run};

static int hand_answer(struct rq *rq, struct jw *w, struct err *e) {
  const struct record *rec = ((const struct handing *)rq->work)->enterprise;
  char text[LINK_TEXT], day[DAY_TEXT];
  struct qr qr;
  _cleanup_(buf_done) struct buf svg = BUF_INIT(KIB(256));
  const struct link l =
      link_for(rq->app, rq->viewer, &clerk_purpose, &rec->id, rec_i64(rec, ENTERPRISE_LINK_SERIAL));
  link_make(rq->app, &clerk_purpose, &l, text);
  day_format(l.last_day, day);
  const struct str url = arena_printf(rq->a, STR_FMT "/e/%s", STR_ARG(rq_link_base(rq)), text);
  int r = qr_encode(url, QR_MEDIUM, &qr, e);
  if (r < 0) return r;
  qr_svg(&qr, 320, &svg);
  jw_object(w);
  jw_kstrz(w, "token", text);
  jw_kstr(w, "path", arena_printf(rq->a, "/e/%s", text));
  jw_kstr(w, "url", url);
  jw_kstrz(w, "valid_to", day);
  jw_kstr(w, "svg", buf_str(&svg));
  jw_end(w);
  return 0;
}

int enterprise_link(struct rq *rq, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct handing *h = arena_new(rq->a, struct handing);
  struct uuid id;
  if (uuid_parse(rq->params[0], &id) < 0) return err_set(e, E_NOT_FOUND, "no such enterprise");
  h->rq = rq;
  int r = rq_read(rq, &tx, e);
  if (r >= 0) r = record_get(tx, rq->a, rq->viewer, &enterprise_kind, &id, &h->enterprise, e);
  if (r < 0) return r;
  if (!viewer_may(rq->viewer, right_by_name(S("enterprise.link")),
                  rec_unit(h->enterprise, ENTERPRISE_UNIT)))
    return err_set(e, E_FORBIDDEN, "the right is missing where the enterprise stands");
  return rq_do(rq, &hand_cmd, h, CMD_NORMAL, hand_answer, e);
}
