#include "api/api_internal.h"
#include "core/operation.h"
#include "core/snapshots.h"
#include "http/pages.h"
#include <assert.h>

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
    sc->over = !op.open;
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
    auth_device_heard(rq->app->auth, &d->id, rq->now_ms);
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
  int r = rq->session ? 0 : auth_session(rq->app->auth, rq->a, token, &rq->session, e);
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

/* Who asks is then found on a reader's thread: a loop touches memory only. */
static bool reads_to_identify(struct rq *rq) {
  if (credential(rq, S("Device ")).n || !str_empty(http_header(rq->http, "X-Device"))) return true;
  const struct str bearer = credential(rq, S("Bearer "));
  const struct str token = bearer.p ? bearer : http_cookie(rq->http, "sw_session");
  return token.n && auth_session_reads(rq->app->auth, rq->a, token, &rq->session);
}

static int body_parse(struct rq *rq, struct err *e) {
  struct str body = http_body(rq->http);
  if (rq->route->flags & ROUTE_UNTYPED || body.n == 0) return 0;
  struct str type = http_header(rq->http, "Content-Type");
  if (type.p && type.n && !str_starts(type, S("application/json")))
    return err_set(e, E_UNSUPPORTED, "the body must be application/json");
  return json_read(rq->a, body, &rq->body, e);
}

static void run_route(struct rq *rq, void *arg) {
  struct err e = {0};
  (void)arg;
  /* it may have waited for its turn too long */
  int r = rq->suspended && read_limit_ended(&rq->limit)
              ? err_set(&e, E_TIMEOUT, "no reader was free")
              : 0;
  if (r >= 0 && rq->route->answer) {
    rq_finish(rq, rq->route->answer);
    return;
  }
  if (r >= 0) r = rq->route->handle(rq, &e);
  if (r < 0) api_failed(rq, &e);
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
  if (rq->route->runs == RUNS_READER || rq->route->runs == RUNS_WORKER)
    return api_queue(rq, api_share(rq), run_route, NULL, e);
  run_route(rq, NULL);
  return 0;
}

static void serve_read(struct rq *rq, void *arg) {
  struct err e = {0};
  (void)arg;
  if (serve(rq, &e) < 0) api_failed(rq, &e);
}

/* Before a request is refused on what is kept in memory (units, operations, posts, grants …): has
 * another process changed any of that, it begins anew, once. Nothing of it has been done. */
bool api_begins_anew(struct rq *rq, const struct err *err) {
  static const int refusals[] = {E_NOT_FOUND, E_FORBIDDEN, E_INVALID,       E_GONE,
                                 E_STATE,     E_CONFLICT,  E_DEVICE_REVOKED};
  struct err e = {0};
  bool refused = false;
  for (size_t i = 0; i < ARRAY_LEN(refusals); i++) refused |= err->code == refusals[i];
  if (!refused || rq->again || !rq->route || rq->route->runs == RUNS_WORKER) return false;
  if (!snapshots_look(rq->app)) return false;
  *rq = (struct rq){.app = rq->app,
                    .http = rq->http,
                    .a = rq->a,
                    .route = rq->route,
                    .now_ms = rq->now_ms,
                    .zh = rq->zh,
                    .suspended = rq->suspended,
                    .limit = rq->limit,
                    .again = true,
                    .params = {rq->params[0], rq->params[1], rq->params[2], rq->params[3]}};
  static_assert(RQ_PARAMS == 4, "all of them are kept");
  problems_init(&rq->problems, rq->a);
  if (serve(rq, &e) < 0) rq_problem(rq, &e, &rq->problems);
  return true;
}

static void request_over(void *api) {
  atomic_fetch_sub(&((struct api *)api)->held, 1);
}

static void handle(void *arg, struct http_request *http) {
  struct app *app = arg;
  struct arena *a = http_arena(http);
  struct rq *rq = arena_new(a, struct rq);
  struct err e = {0};
  bool known;
  *rq = (struct rq){.app = app, .http = http, .a = a, .now_ms = clock_now_ms(&app->clock)};
  atomic_fetch_add(&app->api->held, 1);
  arena_defer(a, request_over, app->api);
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
    r = reads_to_identify(rq) ? api_queue(rq, SHARE_READS, serve_read, NULL, &e) : serve(rq, &e);
  }
  if (r < 0) api_failed(rq, &e);
}

int api_start(struct app *app, const char *listen, struct err *e) {
  app->api = api_create(app);
  if (!app->api) return err_set(e, E_NOMEM, "no memory for the API");
  int r = api_pool_start(app->api, e);
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
  app->stopping = true;
  app->http = http_stop(app->http, 5000);
  app->api = api_free(app->api);
}
