#include "api/api_internal.h"
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
  for (const struct module *const *m = modules; *m; m++) add_all(api, (*m)->routes);
  add_all(api, kind_routes);
  return api;
}

struct api *api_free(struct api *api) {
  if (!api) return NULL;
  api_pool_stop(api);
  free(api);
  return NULL;
}

void api_each_route(void (*fn)(const struct route *r, void *arg), void *arg) {
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

bool api_own_route(const struct api *api, int method, struct str path) {
  struct str params[RQ_PARAMS];
  bool known;
  const struct compiled_route *c = api_match(api, method, path, params, &known);
  if (!c || c->route->flags & ROUTE_BATCH) return false;
  for (const struct route *r = kind_routes; r->pattern; r++)
    if (r == c->route) return false;
  return true;
}
