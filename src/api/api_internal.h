/* What the parts of the API share among themselves: the table of routes, and the threads that
 * read and write answers so that neither the loops nor the writer's own thread do. Owned by
 * struct api; read-only once the server runs, but for the queues, which lock themselves. */
#ifndef API_API_INTERNAL_H
#define API_API_INTERNAL_H

#include "api/api.h"
#include <stdatomic.h>
#include "store/writer.h"

enum { ROUTE_SEGMENTS = 8 };
struct compiled_route {
  const struct route *route;
  struct str segments[ROUTE_SEGMENTS]; /* ":name" as written */
  size_t n;
};

/* Threads that work on requests beside the loops, in shares that do not wait for each other. */
enum share {
  SHARE_ANSWERS, /* what is written after a commit */
  SHARE_POSTS,   /* what a command is made from, where that reads: a batch */
  SHARE_READS,
  SHARE_WIDE,   /* city-wide reading */
  SHARE_WORKER, /* files */
  SHARES_
};
enum { SHARE_THREADS = 3 };

struct waiting {
  struct waiting *next;
  struct rq *rq;
  void (*fn)(struct rq *rq, void *arg);
  void *arg;
};

struct share_state {
  pthread_mutex_t lock;
  pthread_cond_t wake;
  struct waiting *first, **last;
  size_t n_waiting, n_running, n_threads;
  pthread_t threads[SHARE_THREADS];
  const struct share_row *row;
  bool stopping;
  _Atomic int64_t served, refused;
};

struct api {
  struct app *app;
  struct compiled_route routes[LIMIT_ROUTES];
  size_t n_routes;
  struct share_state shares[SHARES_];
  _Atomic int64_t held;  /* requests that somebody still works on */
  _Atomic int64_t ended; /* readings that took too long, or that nobody waited for any more */
  char listen[96];
};

/* Runs fn(rq, arg) on a thread of the share; the rq stays suspended until fn replies. -E_BUSY where
 * too many wait; never from SHARE_ANSWERS, whose queue the writer's bounds. */
_must_check_ int api_queue(struct rq *rq, enum share share, void (*fn)(struct rq *, void *),
                           void *arg, struct err *e);
void api_answer_later(struct rq *rq, void (*fn)(struct rq *, void *), void *arg);
/* An error on the way, with the problems that were found; or the request begins anew. */
void api_failed(struct rq *rq, const struct err *e);
bool api_begins_anew(struct rq *rq, const struct err *err);
enum { READ_MS = 20 * MS_SECOND };
/* Does it go over more than a subdistrict? And the share for a reading. */
bool api_city_wide(struct rq *rq);
enum share api_share(struct rq *rq);
void api_pool_metrics(struct buf *out, struct api *api);
struct api *api_create(struct app *app);
struct api *api_free(struct api *api);
_must_check_ int api_pool_start(struct api *api, struct err *e);
/* Waits for all that is under way, then joins the threads. */
void api_pool_stop(struct api *api);
const struct compiled_route *api_match(const struct api *api, int method, struct str path,
                                       struct str params[RQ_PARAMS], bool *ret_path_known);

/* Does an area answer this address itself, with more than the kind's change? */
bool api_own_route(const struct api *api, int method, struct str path);
int bulk_post(struct rq *rq, struct err *e); /* bulk.c */

/* Generic routes of every kind; matched after all others. Ends with {0}. */
extern const struct route kind_routes[]; /* kinds.c */
#endif
