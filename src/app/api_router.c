#include "app/api_internal.h"
#include "base/log.h"
#include <stdlib.h>

static size_t split(struct str path, struct str out[ROUTE_SEGMENTS]) {
  size_t n = 0;
  if (str_starts(path, S("/"))) path = str_sub(path, 1, path.n);
  while (path.p && n < ROUTE_SEGMENTS) out[n++] = str_split(&path, '/');
  return path.p ? ROUTE_SEGMENTS + 1 : n;
}

static void add(struct api *api, const struct route *r) {
  if (api->n_routes == LIMIT_ROUTES) {
    log_error("route_table_full", "pattern=%s", r->pattern);
    abort();
  }
  struct compiled_route *c = &api->routes[api->n_routes++];
  c->route = r;
  c->n = split(str_from(r->pattern), c->segments);
}

static void add_all(struct api *api, const struct route *r) {
  for (; r && r->pattern; r++) add(api, r);
}

struct api *api_create(struct app *app) {
  struct api *api = calloc(1, sizeof *api);
  if (!api) return NULL;
  api->app = app;
  api->last = &api->first;
  pthread_mutex_init(&api->lock, NULL);
  pthread_cond_init(&api->wake, NULL);
  add_all(api, core_routes);
  for (const struct module *const *m = modules; *m; m++) add_all(api, (*m)->routes);
  add_all(api, kind_routes);
  return api;
}

struct api *api_free(struct api *api) {
  if (!api) return NULL;
  if (api->running) {
    pthread_mutex_lock(&api->lock);
    api->stopping = true;
    pthread_cond_signal(&api->wake);
    pthread_mutex_unlock(&api->lock);
    pthread_join(api->answerer, NULL);
  }
  pthread_mutex_destroy(&api->lock);
  pthread_cond_destroy(&api->wake);
  free(api);
  return NULL;
}

void api_each_route(void (*fn)(const struct route *r, void *arg), void *arg) {
  for (const struct route *r = core_routes; r->pattern; r++) fn(r, arg);
  for (const struct module *const *m = modules; *m; m++)
    for (const struct route *r = (*m)->routes; r && r->pattern; r++) fn(r, arg);
  for (const struct route *r = kind_routes; r->pattern; r++) fn(r, arg);
}

static bool matches(const struct compiled_route *c, const struct str *seg, size_t n) {
  if (c->n != n) return false;
  for (size_t i = 0; i < n; i++) {
    if (c->segments[i].n && c->segments[i].p[0] == ':') {
      if (seg[i].n == 0) return false;
      continue;
    }
    if (!str_eq(c->segments[i], seg[i])) return false;
  }
  return true;
}

const struct compiled_route *api_match(const struct api *api, int method, struct str path,
                                       struct str params[RQ_PARAMS], bool *ret_path_known) {
  struct str seg[ROUTE_SEGMENTS];
  size_t n = split(path, seg);
  *ret_path_known = false;
  if (n > ROUTE_SEGMENTS) return NULL;
  for (size_t i = 0; i < api->n_routes; i++) {
    const struct compiled_route *c = &api->routes[i];
    if (!matches(c, seg, n)) continue;
    *ret_path_known = true;
    if (c->route->method != method) continue;
    size_t p = 0;
    for (size_t k = 0; k < n && p < RQ_PARAMS; k++)
      if (c->segments[k].n && c->segments[k].p[0] == ':') params[p++] = seg[k];
    return c;
  }
  return NULL;
}

/* ---- the answering thread ---- */

static void *answer_loop(void *arg) {
  struct api *api = arg;
  pthread_mutex_lock(&api->lock);
  for (;;) {
    while (!api->first && !api->stopping) pthread_cond_wait(&api->wake, &api->lock);
    struct answer *an = api->first;
    if (!an) break;
    api->first = an->next;
    if (!api->first) api->last = &api->first;
    pthread_mutex_unlock(&api->lock);
    an->fn(an->rq, an->arg);
    pthread_mutex_lock(&api->lock);
  }
  pthread_mutex_unlock(&api->lock);
  return NULL;
}

int api_answerer_start(struct api *api, struct err *e) {
  int r = pthread_create(&api->answerer, NULL, answer_loop, api);
  if (r) return err_sys(e, E_UNAVAILABLE, "no thread for answers", r);
  api->running = true;
  return 0;
}

void api_answer_later(struct rq *rq, void (*fn)(struct rq *, void *), void *arg) {
  struct api *api = rq->app->api;
  struct answer *an = arena_new(rq->a, struct answer);
  *an = (struct answer){.rq = rq, .fn = fn, .arg = arg};
  pthread_mutex_lock(&api->lock);
  *api->last = an;
  api->last = &an->next;
  pthread_cond_signal(&api->wake);
  pthread_mutex_unlock(&api->lock);
}
