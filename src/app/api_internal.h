/* What the parts of the API share among themselves: the table of routes, and the thread that
 * writes full answers after a commit so that the writer's own thread never does. Owned by
 * struct api; read-only once the server runs, but for the queue, which locks itself. */
#ifndef APP_API_INTERNAL_H
#define APP_API_INTERNAL_H

#include "app/api.h"
#include "store/writer.h"

enum { ROUTE_SEGMENTS = 8 };
struct compiled_route {
  const struct route *route;
  struct str segments[ROUTE_SEGMENTS]; /* ":name" as written */
  size_t n;
};

struct answer {
  struct answer *next;
  struct rq *rq;
  void (*fn)(struct rq *rq, void *arg);
  void *arg;
};

struct api {
  struct app *app;
  struct compiled_route routes[LIMIT_ROUTES];
  size_t n_routes;
  pthread_t answerer;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  struct answer *first, **last;
  bool stopping, running;
  char listen[96];
};

/* Runs fn on the answering thread. The rq stays suspended until fn replies. */
void api_answer_later(struct rq *rq, void (*fn)(struct rq *, void *), void *arg);
struct api *api_create(struct app *app);
struct api *api_free(struct api *api);
_must_check_ int api_answerer_start(struct api *api, struct err *e);
const struct compiled_route *api_match(const struct api *api, int method, struct str path,
                                       struct str params[RQ_PARAMS], bool *ret_path_known);

/* Generic routes of every kind, and the routes that belong to no area. Ends with {0}. */
extern const struct route kind_routes[];    /* api_kinds.c; matched after all others */
extern const struct route core_routes[];    /* api_core.c */
int api_meta(struct rq *rq, struct err *e); /* api_meta.c */
#endif
