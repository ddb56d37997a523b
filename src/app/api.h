/* The API on its way: router, sessions, CSRF, rights, problem documents, and the commands that
 * are answered when they are durable. A handler gets a `struct rq`; it replies, or hands a
 * command to the writer (rq_commit…) and returns: the answer follows from the writer's thread.
 * All of rq lives in the request's arena. */
#ifndef APP_API_H
#define APP_API_H

#include "app/app.h"

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
};

/* ---- answering --------------------------------------------------------------------------- */
/* Writes `w`'s buffer as JSON. The buffer is released. */
void rq_json(struct rq *rq, int status, struct buf *b);
void rq_empty(struct rq *rq, int status);
/* The one place that turns an error into a problem document. */
void rq_problem(struct rq *rq, const struct err *e, const struct problems *ps);
/* With rq->problems in it when there are any: returns -E_INVALID for `return rq_check(rq, e);` */
_must_check_ int rq_check(struct rq *rq, struct err *e);
void rq_record(struct rq *rq, int status, struct record *rec);

/* ---- committing -------------------------------------------------------------------------- */
/* Queues the command, suspends the request; `answer` is called on the writer's thread after the
 * commit (or with the error) and must reply. The error document is the default where answer is
 * NULL or the result is an error. `arg` must lie in rq->a. */
_must_check_ int rq_commit(struct rq *rq, const struct cmd_class *cls, void *arg,
                           enum cmd_priority priority, void (*answer)(struct rq *, void *arg),
                           struct err *e);
/* For what takes its time (files, pages): fn(rq, arg) on a thread of its own while the request is
 * suspended; it must reply. Only a few at once: -E_BUSY. `arg` must lie in rq->a. */
_must_check_ int rq_apart(struct rq *rq, void (*fn)(struct rq *rq, void *arg), void *arg,
                          struct err *e);
/* The same for a parsed change: answers 201/200 with the record, 409 with the current one. */
_must_check_ int rq_change(struct rq *rq, struct change *c, struct err *e);

/* ---- reading ----------------------------------------------------------------------------- */
_must_check_ int rq_read(struct rq *rq, struct tx **ret_tx, struct err *e);
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
/* Writes "operation": its head (id, code, name, timezone), left open for more; false where the
 * request is in none, and null was written. */
bool rq_operation_open(struct rq *rq, struct jw *w, struct operation *ret_op);
_must_check_ int rq_kind(struct rq *rq, struct str plural, const struct kind **ret_kind,
                         struct err *e);

/* ---- the server -------------------------------------------------------------------------- */
_must_check_ int api_start(struct app *app, const char *listen, struct err *e);
void api_stop(struct app *app);
/* Every route (modules' and the generic ones), for OpenAPI and tests. */
void api_each_route(void (*fn)(const struct route *r, void *arg), void *arg);

#endif
