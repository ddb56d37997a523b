#include "app/api_internal.h"
#include "app/operation.h"
#include "base/log.h"
#include "http/pages.h"
#include <stdio.h>

/* ---- answering ---- */

void rq_json(struct rq *rq, int status, struct buf *b) {
  if (!buf_ok(b) || arena_failed(rq->a)) {
    struct err e;
    err_set(&e, buf_ok(b) ? E_NOMEM : E_TOO_LARGE, "the answer is too large");
    buf_done(b);
    rq_problem(rq, &e, NULL);
    return;
  }
  http_reply(rq->http, status, "application/json; charset=utf-8", buf_str(b), HTTP_COPY);
  buf_done(b);
}

void rq_empty(struct rq *rq, int status) {
  http_reply(rq->http, status, "text/plain", S(""), HTTP_BORROWED);
}

void rq_problem(struct rq *rq, const struct err *e, const struct problems *ps) {
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  if (err_class(e->code) == ERR_BUG || err_class(e->code) == ERR_ENVIRONMENT)
    log_err(LOG_ERROR, "request_failed", e);
  if (err_http(e->code) == 503 || e->code == E_RATE) {
    char wait[16];
    snprintf(wait, sizeof wait, "%d", e->code == E_RATE && e->sys > 0 ? e->sys : 2);
    http_add_header(rq->http, "Retry-After", arena_dup(rq->a, str_from(wait)));
  }
  jw_init(&w, &b);
  problem_document(&w, e, ps);
  http_reply(rq->http, err_http(e->code), "application/problem+json; charset=utf-8", buf_str(&b),
             HTTP_COPY);
  buf_done(&b);
}

int rq_check(struct rq *rq, struct err *e) {
  if (!problems_any(&rq->problems)) return 0;
  return err_set(e, E_INVALID, "the input has problems");
}

static void record_answer(struct rq *rq, int status, struct record *rec,
                          const struct problems *warnings) {
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  struct err e = {0};
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct emit em = {.en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  jw_init(&w, &b);
  int r = store_read(rq->app->store, &tx, &e);
  em.tx = tx;
  if (r >= 0) r = emit_record(&em, &w, rec, &e);
  if (r < 0) {
    buf_done(&b);
    rq_problem(rq, &e, NULL);
    return;
  }
  if (warnings && warnings->warnings && b.n && b.p[b.n - 1] == '}') {
    struct buf all = BUF_INIT(LIMIT_JSON_OUT);
    buf_add(&all, b.p, b.n - 1);
    buf_lit(&all, ",\"warnings\":");
    jw_init(&w, &all);
    problems_write(&w, warnings);
    buf_char(&all, '}');
    buf_done(&b);
    b = all;
  }
  http_add_header(rq->http, "ETag", arena_printf(rq->a, "\"%lld\"", (long long)rec->rev));
  rq_json(rq, status, &b);
}

void rq_record(struct rq *rq, int status, struct record *rec) {
  record_answer(rq, status, rec, NULL);
}

/* ---- committing ---- */

struct pending {
  struct cmd cmd;
  struct rq *rq;
  void (*answer)(struct rq *, void *);
};

static void answer_error(struct rq *rq, void *arg) {
  struct pending *p = arg;
  rq_problem(rq, &p->cmd.err, &rq->problems);
}

static void pending_done(struct cmd *c) {
  struct pending *p = c->owner;
  if (c->result < 0)
    api_answer_later(p->rq, answer_error, p);
  else
    p->answer(p->rq, c->arg);
}

static int submit(struct pending *p, struct err *e) {
  p->cmd.owner = p;
  /* suspended first: the answer may come before writer_submit returns */
  http_suspend(p->rq->http);
  int r = writer_submit(p->rq->app->writer, &p->cmd, e);
  if (r < 0) {
    rq_problem(p->rq, e, NULL);
  }
  return 0;
}

int rq_commit(struct rq *rq, const struct cmd_class *cls, void *arg, enum cmd_priority priority,
              void (*answer)(struct rq *, void *arg), struct err *e) {
  struct pending *p = arena_new(rq->a, struct pending);
  *p = (struct pending){.cmd = {.cls = cls, .arg = arg, .priority = priority, .done = pending_done},
                        .rq = rq,
                        .answer = answer};
  if (arena_failed(rq->a)) return err_set(e, E_NOMEM, "the request is too large");
  return submit(p, e);
}

/* ---- apart ---- */

enum { APART_THREADS = 3 };
static _Atomic int apart_running;

struct apart {
  struct rq *rq;
  void (*fn)(struct rq *, void *);
  void *arg;
};

static void *apart_thread(void *arg) {
  struct apart *ap = arg;
  ap->fn(ap->rq, ap->arg);
  apart_running--;
  return NULL;
}

int rq_apart(struct rq *rq, void (*fn)(struct rq *, void *), void *arg, struct err *e) {
  pthread_t t;
  pthread_attr_t attr;
  struct apart *ap = arena_new(rq->a, struct apart);
  *ap = (struct apart){rq, fn, arg};
  if (arena_failed(rq->a)) return err_set(e, E_NOMEM, "the request is too large");
  if (++apart_running > APART_THREADS) {
    apart_running--;
    return err_set(e, E_BUSY, "other files are under way");
  }
  pthread_attr_init(&attr);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  http_suspend(rq->http);
  int r = pthread_create(&t, &attr, apart_thread, ap);
  pthread_attr_destroy(&attr);
  if (r == 0) return 0;
  apart_running--;
  struct err own;
  err_sys(&own, E_UNAVAILABLE, "no thread for the file", r);
  rq_problem(rq, &own, NULL);
  return 0;
}

static void answer_change_record(struct rq *rq, void *arg) {
  struct change *c = arg;
  record_answer(rq, c->verb == CHANGE_CREATE ? 201 : 200, c->result, &c->problems);
}

static void answer_conflict(struct rq *rq, struct change *c, const struct err *err) {
  struct buf b = BUF_INIT(LIMIT_JSON_OUT);
  struct jw w;
  struct err e = {0};
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct emit em = {.en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  jw_init(&w, &b);
  problem_document(&w, err, &c->problems);
  if (b.n && b.p[b.n - 1] == '}' && store_read(rq->app->store, &tx, &e) == 0) {
    b.n--;
    buf_lit(&b, ",\"current\":");
    em.tx = tx;
    jw_init(&w, &b);
    if (emit_record(&em, &w, c->current, &e) < 0) buf_lit(&b, "null");
    buf_char(&b, '}');
  }
  http_reply(rq->http, 409, "application/problem+json; charset=utf-8", buf_str(&b), HTTP_COPY);
  buf_done(&b);
}

static void answer_change_error(struct rq *rq, void *arg) {
  struct pending *p = arg;
  struct change *c = p->cmd.arg;
  if (c->current && p->cmd.err.code == E_CONFLICT)
    answer_conflict(rq, c, &p->cmd.err);
  else
    rq_problem(rq, &p->cmd.err, &c->problems);
}

/* An event's answer is a few bytes: it is given at once, on the writer's thread. */
static void answer_event(struct rq *rq, const struct change *c) {
  struct buf b = BUF_INIT(KIB(1));
  struct jw w;
  char at[MOMENT_TEXT];
  jw_init(&w, &b);
  jw_object(&w);
  jw_k(&w, "id");
  jw_uuid(&w, &c->id);
  jw_k(&w, "rev");
  jw_i64(&w, 1);
  jw_k(&w, "seq");
  jw_i64(&w, c->result ? c->result->seq : 0);
  /* sent again, it is answered as the first time */
  moment_format(c->result ? c->result->created_ms : c->at_ms, c->viewer->zone, at);
  jw_k(&w, "created_at");
  jw_strz(&w, at);
  jw_end(&w);
  rq_json(rq, 201, &b);
}

static void change_pending_done(struct cmd *cmd) {
  struct pending *p = cmd->owner;
  struct change *c = cmd->arg;
  if (cmd->result < 0)
    api_answer_later(p->rq, answer_change_error, p);
  else if (c->kind->flags & KF_EVENT)
    answer_event(p->rq, c);
  else
    api_answer_later(p->rq, answer_change_record, c);
}

int rq_change(struct rq *rq, struct change *c, struct err *e) {
  struct pending *p = arena_new(rq->a, struct pending);
  int r = change_ready(c, e);
  if (r < 0) return r;
  int scope = kind_scope_field(c->kind, 0);
  *p = (struct pending){
      .cmd = {.cls = change_cmd_class(c),
              .arg = c,
              .priority = change_priority(c),
              .lane_key = scope >= 0 && c->given[scope] ? (uint64_t)c->v[scope].i : 0,
              .done = change_pending_done},
      .rq = rq};
  if (arena_failed(rq->a)) return err_set(e, E_NOMEM, "the request is too large");
  return submit(p, e);
}

/* ---- reading ---- */

int rq_read(struct rq *rq, struct tx **ret_tx, struct err *e) {
  return store_read(rq->app->store, ret_tx, e);
}

struct str rq_arg(struct rq *rq, const char *name) {
  return http_arg(rq->http, name);
}

int rq_unit(struct rq *rq, const char *arg, const char *right, int32_t *ret_unit, struct err *e) {
  struct str text = rq_arg(rq, arg);
  struct uuid id;
  const struct unit_row *u = NULL;
  right_t need = right_by_name(str_from(right));
  if (!text.p || text.n == 0) {
    /* without one: the root of his own branch */
    int32_t scope[1];
    int n = viewer_scope(rq->viewer, need, scope, 1);
    int32_t no = n == SCOPE_ALL ? unit_root(rq->viewer->tree) : n > 0 ? scope[0] : 0;
    if (!no) return err_field(e, E_NOT_FOUND, "no unit", arg);
    *ret_unit = no;
    return 0;
  }
  if (uuid_parse(text, &id) == 0) u = unit_by_id(rq->viewer->tree, &id);
  if (!u) u = unit_by_code(rq->viewer->tree, text);
  if (!u || !viewer_may(rq->viewer, need, u->no))
    return err_field(e, E_NOT_FOUND, "no such unit in your branch", arg);
  *ret_unit = u->no;
  return 0;
}

int rq_day(struct rq *rq, const char *arg, int32_t *ret_day, struct err *e) {
  struct str text = rq_arg(rq, arg);
  if (!text.p || text.n == 0) {
    *ret_day = rq->viewer->today;
    return 0;
  }
  if (day_parse(text, ret_day) == 0) return 0;
  problem_add(&rq->problems, PROBLEM_bad_date, str_from(arg));
  return rq_check(rq, e);
}

int rq_kind(struct rq *rq, struct str plural, const struct kind **ret_kind, struct err *e) {
  const struct kind *k = kind_by_plural(plural);
  if (!k) return err_set(e, E_NOT_FOUND, "no such kind of record");
  if (!viewer_may(rq->viewer, kind_right(k, VERB_READ), 0))
    return err_field(e, E_FORBIDDEN, "you may not read this kind of record", k->name);
  *ret_kind = k;
  return 0;
}

/* ---- a request's way ---- */

static size_t body_limit(void *arg, enum http_method m, struct str path) {
  struct app *app = arg;
  struct str params[RQ_PARAMS];
  bool known;
  const struct compiled_route *c = api_match(app->api, (int)m, path, params, &known);
  if (!c) return LIMIT_BODY_DEFAULT;
  return c->route->body_limit ? c->route->body_limit : LIMIT_BODY_DEFAULT;
}

static bool unsafe_method(int m) {
  return m != HTTP_GET;
}

static struct str credential(struct rq *rq, struct str scheme) {
  struct str h = http_header(rq->http, "Authorization");
  if (h.p && str_starts(h, scheme)) return str_trim(str_sub(h, scheme.n, h.n));
  return (struct str){NULL, 0};
}

static int find_scope(struct rq *rq, struct err *e) {
  struct unit_tree *tree = app_tree(rq->app);
  arena_defer(rq->a, unit_tree_release, tree);
  struct auth_scope *sc = &rq->scope;
  struct operation op;
  struct str code = http_header(rq->http, "X-Operation");
  int r;
  *sc = (struct auth_scope){.now_ms = rq->now_ms, .tree = tree, .zone = zone_get("Asia/Shanghai")};
  if (code.p && code.n)
    r = operation_by_code(rq->app, code, &op, e);
  else
    r = operation_get(rq->app, 0, &op, NULL) < 0 ? 1 : 0;
  if (r < 0) return r;
  if (r == 0) {
    sc->op = op.no;
    sc->op_id = op.id;
    sc->zone = op.zone;
  }
  sc->today = zone_day(sc->zone, rq->now_ms, NULL);
  return 0;
}

static int look_device(struct rq *rq, struct str token, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(rq->app->store, &tx, e);
  return r < 0 ? r : auth_device_look(rq->app->auth, tx, rq->a, token, &rq->device, e);
}

enum { DEVICE_HEARD_MS = 20 * 1000 };

/* A device by itself: it may what its routes say, at its own unit. */
static int identify_device(struct rq *rq, struct str token, struct err *e) {
  int r = look_device(rq, token, e);
  if (r < 0) return r;
  const struct auth_device_info *d = rq->device;
  if (!(rq->route->flags & ROUTE_DEVICE))
    return err_set(e, E_FORBIDDEN, "a device may not do this by itself");
  if (d->ended && !(rq->route->flags & ROUTE_ENDED_DEVICE))
    return err_set(e, E_DEVICE_REVOKED, "the device was revoked, or not used for long");
  if ((r = find_scope(rq, e)) < 0) return r;
  rq->viewer = auth_device_viewer(rq->a, d, &rq->scope);
  if (!d->ended && rq->now_ms - d->last_seen_ms > DEVICE_HEARD_MS)
    auth_device_heard(rq->app->auth,
                      &(struct auth_device_report){.device = d->id, .at_ms = rq->now_ms});
  return 0;
}

/* Session, operation and viewer. On public routes a missing session is no error. */
static int identify(struct rq *rq, struct err *e) {
  struct str token = credential(rq, S("Device "));
  if (token.p) return identify_device(rq, token, e);
  token = credential(rq, S("Bearer "));
  const bool by_cookie = !token.p;
  if (by_cookie) token = http_cookie(rq->http, "sw_session");
  if (!token.p || token.n == 0) return err_set(e, E_UNAUTHENTICATED, "no session");
  int r = auth_session(rq->app->auth, rq->a, token, &rq->session, e);
  if (r < 0) return r;
  if (by_cookie && unsafe_method((int)http_method(rq->http)) &&
      !auth_csrf_ok(rq->session, http_header(rq->http, "X-CSRF-Token"))) {
    rq->session = NULL;
    return err_set(e, E_FORBIDDEN, "the request lacks its CSRF token");
  }
  rq->zh = rq->session->zh;
  if ((r = find_scope(rq, e)) < 0) return r;
  rq->viewer = auth_viewer(rq->app->auth, rq->a, rq->session, &rq->scope);
  /* From which phone he asks is said beside; a token that is none says nothing. */
  struct err none;
  token = http_header(rq->http, "X-Device");
  if (token.p && token.n) (void)!look_device(rq, token, &none);
  return 0;
}

static int body_parse(struct rq *rq, struct err *e) {
  struct str body = http_body(rq->http);
  if (rq->route->flags & ROUTE_UNTYPED || body.n == 0) return 0;
  struct str type = http_header(rq->http, "Content-Type");
  if (type.p && type.n && !str_starts(type, S("application/json")))
    return err_set(e, E_UNSUPPORTED, "the body must be application/json");
  return json_read(rq->a, body, &rq->body, e);
}

static int serve(struct rq *rq, struct err *e) {
  int r = identify(rq, e);
  const bool open = rq->route->flags & ROUTE_PUBLIC;
  if (r < 0 && !(open && (e->code == E_UNAUTHENTICATED || e->code == E_FORBIDDEN ||
                          e->code == E_DEVICE_REVOKED)))
    return r;
  const bool by_device = !rq->session && rq->device; /* its route's flag is its right */
  if (!open && !by_device && !(rq->route->flags & ROUTE_SIGNED_IN) && rq->route->right &&
      !viewer_may(rq->viewer, right_by_name(str_from(rq->route->right)), 0))
    return err_field(e, E_FORBIDDEN, "you have no right to do this", rq->route->right);
  r = body_parse(rq, e);
  if (r < 0) return r;
  return rq->route->handle(rq, e);
}

static void handle(void *arg, struct http_request *http) {
  struct app *app = arg;
  struct arena *a = http_arena(http);
  struct rq *rq = arena_new(a, struct rq);
  struct err e = {0};
  bool known;
  *rq = (struct rq){.app = app, .http = http, .a = a, .now_ms = clock_now_ms(&app->clock)};
  problems_init(&rq->problems, a);
  struct str language = http_header(http, "Accept-Language");
  rq->zh = !(language.p && str_starts(language, S("en")));
  const struct compiled_route *c =
      api_match(app->api, (int)http_method(http), http_path(http), rq->params, &known);
  int r;
  if (!c && !str_starts(http_path(http), S("/api/")))
    r = pages_serve(&web_pages, http, &e);
  else if (!c)
    r = known ? err_set(&e, E_METHOD, "not with this method")
              : err_set(&e, E_NOT_FOUND, "no such address");
  else {
    rq->route = c->route;
    r = serve(rq, &e);
  }
  if (r < 0) rq_problem(rq, &e, &rq->problems);
}

int api_start(struct app *app, const char *listen, struct err *e) {
  app->api = api_create(app);
  if (!app->api) return err_set(e, E_NOMEM, "no memory for the API");
  int r = api_answerer_start(app->api, e);
  struct http_options o = {.listen = listen,
                           .threads = 2,
                           .max_connections = LIMIT_CONNECTIONS,
                           .body_limit = body_limit,
                           .handle = handle,
                           .arg = app};
  struct http_server *server = NULL;
  if (r >= 0) r = http_start(&o, &server, e);
  app->http = server;
  if (r < 0) app->api = api_free(app->api);
  return r;
}

void api_stop(struct app *app) {
  app->http = http_stop(app->http, 5000);
  app->api = api_free(app->api);
}
