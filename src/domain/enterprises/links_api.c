#include "app/limiter.h"
#include "app/settings.h"
#include "auth/audit.h"
#include "base/limits.h"
#include "domain/enterprises/returns_api.h"
#include "output/qr.h"

/* The clerk's side: no account, one link. Whoever holds it acts for that enterprise alone, through
 * the system's viewer with the source "link" in the audit. */

/* ---- how often ---- */

enum { CALLERS = 16384 };
static struct limiter *limits; /* made at start, before threads; locks itself */

int links_start(struct app *app, struct err *e) {
  (void)app;
  return limits ? 0 : limiter_open(CALLERS, &limits, e);
}

void links_stop(struct app *app) {
  (void)app;
  limits = limiter_close(limits);
}

static int not_too_often(struct rq *rq, char what, struct str who, const char *setting,
                         struct err *e) {
  const struct str caller = arena_printf(rq->a, "%c" STR_FMT, what, STR_ARG(who));
  const int wait = limiter_take(limits, caller, setting_i64(rq->app, 0, setting), monotonic_ms());
  return wait ? err_sys(e, E_RATE, "too many requests by link", wait) : 0;
}

/* A whole office building may stand behind one address, and everybody behind a terminator on this
 * machine that does not say for whom it asks: that one is not limited. */
static int address_may(struct rq *rq, struct err *e) {
  const struct str peer = rq_peer(rq);
  if (str_starts(peer, S("127.")) || str_is(peer, "::1")) return 0;
  return not_too_often(rq, 'a', peer, "returns.address_per_minute", e);
}

static int link_may(struct rq *rq, const struct link *l, struct err *e) {
  const struct str id = {(const char *)l->enterprise.b, sizeof l->enterprise.b};
  char hex[2 * sizeof l->enterprise.b + 1];
  hex_encode(id.p, id.n, hex);
  return not_too_often(rq, 'l', str_from(hex), "returns.link_per_minute", e);
}

/* ---- who it is ---- */

QUERY(q_link_enterprise, "SELECT op, link_serial, state, retired FROM enterprise WHERE id = $1");

struct clerk {
  struct link link;
  struct viewer *viewer;
};

static int link_valid(struct rq *rq, struct clerk *c, int64_t *ret_op, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = rq_read(rq, &tx, e);
  if (r >= 0) r = cur_open(tx, &q_link_enterprise, P(V_UUID(c->link.enterprise)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r < 0) return r;
  if (r == 0) return err_set(e, E_NOT_FOUND, "no such link");
  if (cur_i64(cur, 1) != c->link.serial || str_is(cur_text(cur, 2), "closed") || cur_i64(cur, 3))
    return err_set(e, E_GONE, "this link is not valid any more: ask for a new one");
  *ret_op = cur_i64(cur, 0);
  return 0;
}

static int clerk_of(struct rq *rq, struct clerk *c, struct err *e) {
  int64_t op = 0;
  int r = address_may(rq, e);
  if (r >= 0) r = link_read(rq->app, rq->params[0], &c->link, e);
  if (r >= 0) r = link_may(rq, &c->link, e);
  if (r >= 0) r = link_valid(rq, c, &op, e);
  if (r >= 0) r = app_system_viewer(rq->app, rq->a, op, &c->viewer, e);
  if (r < 0) return r;
  c->viewer->zh = rq->zh;
  if (c->viewer->today > c->link.last_day)
    return err_set(e, E_GONE, "this link has expired: ask for a new one");
  return 0;
}

static int clerk_day(struct rq *rq, const struct clerk *c, int32_t *ret_day, struct err *e) {
  const struct str day = rq_arg(rq, "date");
  *ret_day = c->viewer->today;
  if (day.n && day_parse(day, ret_day) < 0) problem_add(&rq->problems, PROBLEM_bad_date, S("date"));
  return rq_check(rq, e);
}

int link_form(struct rq *rq, struct err *e) {
  struct clerk c;
  struct form_query q = {0};
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  int r = clerk_of(rq, &c, e);
  if (r >= 0) r = clerk_day(rq, &c, &q.day, e);
  if (r < 0) return r;
  q.enterprise = c.link.enterprise;
  jw_init(&w, &b);
  r = form_write(rq, c.viewer, &q, &w, e);
  if (r < 0) {
    buf_done(&b);
    return r;
  }
  http_add_header(rq->http, "Cache-Control", S("no-store"));
  rq_json(rq, 200, &b);
  return 0;
}

int link_submit(struct rq *rq, struct err *e) {
  struct submission *s = arena_new(rq->a, struct submission);
  struct clerk *c = arena_new(rq->a, struct clerk);
  int r = clerk_of(rq, c, e);
  if (r < 0) return r;
  if (!json_is_object(rq->body)) return err_set(e, E_MALFORMED, "the body must be an object");
  static const char *const not_his[] = {"enterprise", "channel", "taker", "reminder_given",
                                        "prevention"};
  for (size_t i = 0; i < ARRAY_LEN(not_his); i++)
    if (json_object_get(rq->body, not_his[i]))
      problem_add(&rq->problems, PROBLEM_read_only, str_from(not_his[i]));
  submission_from(rq, c->viewer, s);
  s->source = "link";
  s->by_link = true;
  s->enterprise = c->link.enterprise;
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
  if (l->c->verb == CHANGE_UPDATE) {
    struct record *old;
    int r = record_load(tx, l->c->a, &staff_line_kind, l->c->op, &l->c->id, &old, e);
    if (r < 0 && r != -E_NOROW) return r;
    const struct uuid whose = r < 0 ? (struct uuid){{0}} : rec_uuid(old, LINE_ENTERPRISE);
    if (!uuid_eq(&whose, &l->enterprise)) return err_set(e, E_NOT_FOUND, "no such line");
  }
  int r = change_run(tx, l->c, e);
  l->rq->problems = l->c->problems;
  return r;
}
static const struct cmd_class line_cmd = {.name = "staff_line_by_link", .run = line_run};

static void line_answer(struct rq *rq, void *arg) {
  const struct line_write *l = arg;
  struct buf b = BUF_INIT(KIB(1));
  struct jw w;
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "id");
  jw_uuid(&w, &l->c->result->id);
  jw_k(&w, "rev");
  jw_i64(&w, l->c->result->rev);
  jw_end(&w);
  rq_json(rq, l->c->verb == CHANGE_CREATE ? 201 : 200, &b);
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
  l->enterprise = c->link.enterprise;
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
  r = change_parse(l->c, rq->body, (struct str){NULL, 0}, e);
  if (r >= 0) r = change_ready(l->c, e);
  if (r < 0) {
    rq->problems = l->c->problems;
    return r;
  }
  return rq_commit(rq, &line_cmd, l, CMD_NORMAL, line_answer, e);
}

int link_line_add(struct rq *rq, struct err *e) {
  return line_write(rq, CHANGE_CREATE, e);
}

int link_line_change(struct rq *rq, struct err *e) {
  return line_write(rq, CHANGE_UPDATE, e);
}

/* ---- the link itself, for those who hand it out ---- */

struct str link_base(struct rq *rq) {
  struct str base = setting_text(rq->app, 0, "public_url", rq->a);
  while (base.n && base.p[base.n - 1] == '/') base.n--;
  return base.n ? base : rq_base_url(rq);
}

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

static int write_link(struct rq *rq, const struct record *rec, struct buf *out, struct err *e) {
  char text[LINK_TEXT], day[DAY_TEXT];
  struct qr qr;
  _cleanup_(buf_done) struct buf svg = BUF_INIT(KIB(256));
  struct jw w;
  const struct link l = {.enterprise = rec->id,
                         .serial = rec_i64(rec, ENTERPRISE_LINK_SERIAL),
                         .last_day =
                             rq->viewer->today +
                             (int32_t)setting_i64(rq->app, rq->viewer->op, "returns.link_days")};
  link_make(rq->app, &l, text);
  day_format(l.last_day, day);
  const struct str url = arena_printf(rq->a, STR_FMT "/e/%s", STR_ARG(link_base(rq)), text);
  int r = qr_encode(url, QR_MEDIUM, &qr, e);
  if (r < 0) return r;
  qr_svg(&qr, 320, &svg);
  jw_init(&w, out);
  jw_object(&w);
  jw_k(&w, "token");
  jw_strz(&w, text);
  jw_k(&w, "path");
  jw_str(&w, arena_printf(rq->a, "/e/%s", text));
  jw_k(&w, "url");
  jw_str(&w, url);
  jw_k(&w, "valid_to");
  jw_strz(&w, day);
  jw_k(&w, "svg");
  jw_str(&w, buf_str(&svg));
  jw_end(&w);
  return 0;
}

static void hand_answer(struct rq *rq, void *arg) {
  const struct handing *h = arg;
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct err e = {0};
  if (write_link(rq, h->enterprise, &b, &e) < 0) {
    buf_done(&b);
    rq_problem(rq, &e, NULL);
    return;
  }
  rq_json(rq, 200, &b);
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
  return rq_commit(rq, &hand_cmd, h, CMD_NORMAL, hand_answer, e);
}
