/* The API on its way: router, sessions, CSRF, rights, problem documents, and the commands that
 * are answered when they are durable. A handler gets a `struct rq`; it replies, or hands a
 * command to the writer (rq_do, rq_change) and returns: the answer follows the commit.
 * All of rq lives in the request's arena. */
#ifndef API_API_H
#define API_API_H

#include "core/app.h"

enum { RQ_PARAMS = 4 };

struct rq {
  struct app *app;
  struct http_request *http;
  struct arena *a;
  const struct route *route;
  struct str params[RQ_PARAMS]; /* the :names of the pattern, in order */
  struct viewer *viewer;        /* NULL on public routes without a session */
  struct auth_session *session; /* NULL likewise, and where a device asks by itself */
  /* Who asks is a device (no session), or said by X-Device from which one he asks. */
  struct auth_device_info *device;
  struct auth_scope scope; /* operation, day, zone and tree of this request */
  json_t *body;            /* parsed unless ROUTE_UNTYPED or absent */
  struct problems problems;
  int64_t now_ms;
  bool zh;
  int status;              /* of the answer; 0: 200. 204 and 304 have no body */
  const char *type;        /* of the answer, static; NULL: JSON */
  struct tx *tx;           /* while an answer is written; NULL on the loop and on a worker */
  void *work;              /* what the handler or its command has made, for the answer */
  struct read_limit limit; /* of its readings */
  route_answer *answer;    /* for rq_finish_later */
  struct err err;          /* what a command was refused with, where its answer says more */
  bool suspended, done;    /* done: its command is durable */
  bool again;              /* it began anew, since what was kept in memory had moved */
};

/* ---- answering --------------------------------------------------------------------------- */
/* The one place that ends a request: opens rq->tx (on a reader's thread), has `answer` write the
 * document, asks for problems, replies, frees. Whatever fails on the way becomes a problem. */
void rq_finish(struct rq *rq, route_answer *answer);
/* For what answers from a thread that is not the readers': suspends the request, once; and later
 * has rq_finish() called on one of theirs. */
void rq_suspend(struct rq *rq);
void rq_finish_later(struct rq *rq, route_answer *answer);
/* The one place that turns an error into a problem document. */
void rq_problem(struct rq *rq, const struct err *e, const struct problems *ps);
/* The same within an answer, with what stands there now (may be NULL) as `current`. */
void rq_problem_inside(struct jw *w, struct emit *em, const struct err *e,
                       const struct problems *ps, struct record *current);
/* With rq->problems in it when there are any: returns -E_INVALID for `return rq_check(rq, e);` */
_must_check_ int rq_check(struct rq *rq, struct err *e);
/* The answer is a file of that type (static), written to w->b; `name` is ASCII. */
void rq_file(struct rq *rq, const char *type, struct str name);
/* A record as the document, with its ETag. */
_must_check_ int rq_record(struct rq *rq, struct jw *w, struct record *rec, struct err *e);

/* ---- committing -------------------------------------------------------------------------- */
/* Queues the command and suspends the request. After the commit the answer is written by
 * rq_finish() on a thread of the readers, never on the writer's, with rq->work as `work`; NULL: an
 * empty 204. What the command refuses is answered with rq->problems. `work` must lie in rq->a. */
_must_check_ int rq_do(struct rq *rq, const struct cmd_class *cls, void *work,
                       enum cmd_priority priority, route_answer *answer, struct err *e);
/* Parses the body into the change; its problems become the request's. */
_must_check_ int rq_parse(struct rq *rq, struct change *c, struct str action, struct err *e);
/* The same for a parsed change: answers 201/200 with the record, 409 with the current one. */
_must_check_ int rq_change(struct rq *rq, struct change *c, struct err *e);

/* ---- members of a body that is no record: problems into rq->problems; body.c ------------- */
/* An object with no other members than these, "id unit note"; else -E_MALFORMED, or a problem. */
_must_check_ int rq_body(struct rq *rq, const char *members, struct err *e);
/* Trimmed; p == NULL where absent. `most` in characters. */
struct str rq_text(struct rq *rq, const char *name, size_t most);
bool rq_flag(struct rq *rq, const char *name);
/* False where it is absent or no UUID. */
bool rq_uuid(struct rq *rq, const char *name, struct uuid *ret_id);

/* ---- reading ----------------------------------------------------------------------------- */
_must_check_ int rq_read(struct rq *rq, struct tx **ret_tx, struct err *e);
/* By its name in the contract ("as-known", "date"); "as_known" and "day" are taken, too. */
struct str rq_arg(struct rq *rq, const char *name);
/* The address of whoever asks, also through our own TLS terminator: for limits. */
struct str rq_peer(struct rq *rq);
/* "https://host" as whoever asks sees it, for links and codes. */
struct str rq_base_url(struct rq *rq);
/* A unit by code or id in the query; asks the right there: -E_NOT_FOUND outside his branch. */
_must_check_ int rq_unit(struct rq *rq, const char *arg, const char *right, int32_t *ret_unit,
                         struct err *e);
/* YYYY-MM-DD; absent: today. */
_must_check_ int rq_day(struct rq *rq, const char *arg, int32_t *ret_day, struct err *e);
/* ?unit=&date=: a branch and a day, as counts ask for them, as parameters of a query; the right is
 * asked there. What else is wrong with the request is said as well. */
struct branch {
  int32_t unit, day;
  struct str day_text;
  struct val op, on, low, high;
};
_must_check_ int rq_branch(struct rq *rq, const char *right, struct branch *ret_branch,
                           struct err *e);
/* ?after=&limit= of lists that are no list of a kind: nil and LIMIT_PAGE_DEFAULT where absent. */
void rq_page(struct rq *rq, struct uuid *ret_after, int64_t *ret_limit);
/* Writes "operation": its head (id, code, name, timezone), left open for more; false where the
 * request is in none, and null was written. */
bool rq_operation_open(struct rq *rq, struct jw *w, struct operation *ret_op);
/* For reading values: problems become the request's. */
struct type_ctx rq_types(struct rq *rq);
/* The body's "filter" {field: text}, "q" and "unit", as a list takes them. */
void rq_filter(struct rq *rq, const struct kind *k, struct list_query *lq);
_must_check_ int rq_kind(struct rq *rq, struct str plural, const struct kind **ret_kind,
                         struct err *e);

/* ---- the server -------------------------------------------------------------------------- */
_must_check_ int api_start(struct app *app, const char *listen, struct err *e);
void api_stop(struct app *app);
/* Every route (modules' and the generic ones), for OpenAPI and tests. */
void api_each_route(void (*fn)(const struct route *r, void *arg), void *arg);

#endif
