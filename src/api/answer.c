#include "api/api_internal.h"
#include "base/log.h"
#include <assert.h>
#include <stdio.h>

/* ---- the one place that ends a request ---- */

static void reply_json(struct rq *rq, int status, const char *type, struct buf *b) {
  http_reply(rq->http, status, type, buf_str(b), HTTP_COPY);
}

void rq_problem(struct rq *rq, const struct err *e, const struct problems *ps) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  if (e->code == E_TIMEOUT) atomic_fetch_add(&rq->app->api->ended, 1);
  if (err_class(e->code) == ERR_BUG || err_class(e->code) == ERR_ENVIRONMENT)
    log_err(LOG_ERROR, "request_failed", e);
  if (err_http(e->code) == 503 || e->code == E_RATE) {
    char wait[16];
    snprintf(wait, sizeof wait, "%d", e->code == E_RATE && e->sys > 0 ? e->sys : 2);
    http_add_header(rq->http, "Retry-After", arena_dup(rq->a, str_from(wait)));
  }
  jw_init(&w, &b);
  problem_document(&w, e, ps);
  reply_json(rq, err_http(e->code), "application/problem+json; charset=utf-8", &b);
}

void api_failed(struct rq *rq, const struct err *e) {
  const bool begun = rq->done || rq->answer; /* what it asked for, or a part of it */
  if (begun || !api_begins_anew(rq, e)) rq_problem(rq, e, &rq->problems);
}

void rq_finish(struct rq *rq, route_answer *answer) {
  const bool on_worker = rq->route->runs == RUNS_WORKER;
  _cleanup_(buf_done) struct buf b = BUF_INIT(on_worker ? LIMIT_WORKER_OUT : LIMIT_JSON_OUT);
  struct err e = {0};
  struct jw w;
  assert(!rq->tx);
  jw_init(&w, &b);
  int r = rq->suspended && !on_worker ? rq_read(rq, &rq->tx, &e) : 0;
  if (r >= 0) r = answer(rq, &w, &e);
  tx_endp(&rq->tx);
  /* a command that is durable is answered as done */
  if (r >= 0 && !rq->done) r = rq_check(rq, &e);
  if (r >= 0 && (!buf_ok(&b) || arena_failed(rq->a)))
    r = err_set(&e, buf_ok(&b) ? E_NOMEM : E_TOO_LARGE, "the answer is too large");
  const int status = rq->status ? rq->status : 200;
  if (r < 0)
    api_failed(rq, &e);
  else if (status == 204 || status == 304)
    http_reply(rq->http, status, "text/plain", S(""), HTTP_BORROWED);
  else
    reply_json(rq, status, rq->type ? rq->type : "application/json; charset=utf-8", &b);
}

static void finish(struct rq *rq, void *arg) {
  (void)arg;
  rq_finish(rq, rq->answer);
}

void rq_finish_later(struct rq *rq, route_answer *answer) {
  rq->answer = answer;
  api_answer_later(rq, finish, NULL);
}

static struct emit emit_of(struct rq *rq) {
  return (struct emit){.tx = rq->tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
}

void rq_file(struct rq *rq, const char *type, struct str name) {
  rq->type = type;
  http_add_header(rq->http, "Content-Disposition",
                  arena_printf(rq->a, "attachment; filename=\"" STR_FMT "\"", STR_ARG(name)));
}

int rq_record(struct rq *rq, struct jw *w, struct record *rec, struct err *e) {
  struct emit em = emit_of(rq);
  http_add_header(rq->http, "ETag", arena_printf(rq->a, "\"%lld\"", (long long)rec->rev));
  return emit_record(&em, w, rec, e);
}

/* A further member of an object that has been closed; its value follows, and then '}'. */
static bool reopen(struct jw *w, const char *member) {
  struct buf *b = w->b;
  if (!buf_ok(b) || !b->n || b->p[b->n - 1] != '}') return false;
  b->n--;
  buf_printf(b, ",\"%s\":", member);
  jw_init(w, b);
  return true;
}

/* ---- committing ---- */

struct pending {
  struct cmd cmd;
  struct rq *rq;
  route_answer *answer;
};

static void answer_done(struct rq *rq, void *arg) {
  const struct pending *p = arg;
  rq->done = true;
  if (p->answer)
    rq_finish(rq, p->answer);
  else
    http_reply(rq->http, 204, "text/plain", S(""), HTTP_BORROWED);
}

static void answer_error(struct rq *rq, void *arg) {
  const struct pending *p = arg;
  api_failed(rq, &p->cmd.err);
}

/* Nothing is written on the writer's thread. */
static void pending_done(struct cmd *c) {
  struct pending *p = c->owner;
  api_answer_later(p->rq, c->result < 0 ? answer_error : answer_done, p);
}

static int submit(struct pending *p, struct err *e) {
  p->cmd.owner = p;
  p->rq->work = p->cmd.arg;
  /* suspended first: the answer may come before writer_submit returns */
  rq_suspend(p->rq);
  if (writer_submit(p->rq->app->writer, &p->cmd, e) < 0) rq_problem(p->rq, e, NULL);
  return 0;
}

int rq_do(struct rq *rq, const struct cmd_class *cls, void *work, enum cmd_priority priority,
          route_answer *answer, struct err *e) {
  struct pending *p = arena_new(rq->a, struct pending);
  *p =
      (struct pending){.cmd = {.cls = cls, .arg = work, .priority = priority, .done = pending_done},
                       .rq = rq,
                       .answer = answer};
  if (arena_failed(rq->a)) return err_set(e, E_NOMEM, "the request is too large");
  return submit(p, e);
}

/* ---- changes ---- */

int rq_parse(struct rq *rq, struct change *c, struct str action, struct err *e) {
  int r = rq->body ? 0 : json_read(rq->a, S("{}"), &rq->body, e);
  if (r < 0) return r;
  if (!json_is_object(rq->body)) return err_set(e, E_MALFORMED, "the body must be an object");
  r = change_parse(c, rq->body, action, e);
  if (r < 0) rq->problems = c->problems;
  return r;
}

static int answer_change(struct rq *rq, struct jw *w, struct err *e) {
  const struct change *c = rq->work;
  rq->status = c->verb == CHANGE_CREATE ? 201 : 200;
  int r = rq_record(rq, w, c->result, e);
  if (r >= 0 && c->problems.warnings && reopen(w, "warnings")) {
    problems_write(w, &c->problems);
    buf_char(w->b, '}');
  }
  return r;
}

void rq_problem_inside(struct jw *w, struct emit *em, const struct err *err,
                       const struct problems *ps, struct record *current) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw inner;
  struct err e;
  jw_init(&inner, &b);
  problem_document(&inner, err, ps);
  const size_t whole = b.n;
  if (current && em->tx && reopen(&inner, "current")) {
    const bool written = emit_record(em, &inner, current, &e) == 0;
    if (!written) b.n = whole - 1;
    buf_char(&b, '}');
  }
  jw_raw(w, buf_str(&b));
  if (!buf_ok(&b)) w->b->failed = true;
}

static int answer_conflict(struct rq *rq, struct jw *w, struct err *e) {
  const struct change *c = rq->work;
  struct emit em = emit_of(rq);
  (void)e;
  rq->status = 409;
  rq->type = "application/problem+json; charset=utf-8";
  rq_problem_inside(w, &em, &rq->err, &c->problems, c->current);
  return 0;
}

static void answer_change_error(struct rq *rq, void *arg) {
  struct pending *p = arg;
  const struct change *c = p->cmd.arg;
  if (c->current && p->cmd.err.code == E_CONFLICT) {
    rq->err = p->cmd.err;
    rq->done = true; /* its problems are the change's own */
    rq_finish(rq, answer_conflict);
  } else if (!api_begins_anew(rq, &p->cmd.err)) {
    rq_problem(rq, &p->cmd.err, &c->problems);
  }
}

/* An event's answer is a few bytes of constant size: it is given at once, on the writer's thread.
 */
static void answer_event(struct rq *rq, const struct change *c) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(KIB(1));
  struct jw w;
  char at[MOMENT_TEXT];
  jw_init(&w, &b);
  jw_object(&w);
  jw_kuuid(&w, "id", &c->id);
  jw_ki64(&w, "rev", 1);
  jw_ki64(&w, "seq", c->result ? c->result->seq : 0);
  /* sent again, it is answered as the first time */
  moment_format(c->result ? c->result->created_ms : c->at_ms, c->viewer->zone, at);
  jw_kstrz(&w, "created_at", at);
  jw_end(&w);
  reply_json(rq, 201, "application/json; charset=utf-8", &b);
}

static void change_pending_done(struct cmd *cmd) {
  struct pending *p = cmd->owner;
  struct change *c = cmd->arg;
  if (cmd->result < 0)
    api_answer_later(p->rq, answer_change_error, p);
  else if (c->kind->flags & KF_EVENT)
    answer_event(p->rq, c);
  else
    api_answer_later(p->rq, answer_done, p);
}

int rq_change(struct rq *rq, struct change *c, struct err *e) {
  struct pending *p = arena_new(rq->a, struct pending);
  int r = change_ready(c, e);
  if (r < 0) return r;
  int scope;
  const bool scoped = kind_scope_field(c->kind, 0, &scope);
  *p = (struct pending){.cmd = {.cls = change_cmd_class(c),
                                .arg = c,
                                .priority = change_priority(c),
                                .lane_key = scoped && c->given[scope] ? (uint64_t)c->v[scope].i : 0,
                                .done = change_pending_done},
                        .rq = rq,
                        .answer = answer_change};
  if (arena_failed(rq->a)) return err_set(e, E_NOMEM, "the request is too large");
  return submit(p, e);
}
