#include "api/api_internal.h"
#include "base/log.h"
#include "base/timeutil.h"
#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

/* ---- the shares ---- */

struct share_row {
  const char *name;
  size_t threads, queue; /* that many may wait */
  int nice;              /* the gate's loops and the writer come before readers */
};
static const struct share_row rows[SHARES_] = {
    [SHARE_ANSWERS] = {"answers", 1, SIZE_MAX, 0},
    [SHARE_POSTS] = {"posts", 2, 512, 0}, /* a phone's batch waits for no list */
    [SHARE_READS] = {"reads", 3, 512, 5},
    [SHARE_WIDE] = {"wide", 1, 32, 15},
    [SHARE_WORKER] = {"worker", 3, 3, 10}, /* one is counted a moment longer than its answer */
};

enum { WORKER_MS = 20 * MS_MINUTE, REPLY_SPARE_MS = 10 * MS_SECOND };

/* ---- which share ---- */

static bool over_a_subdistrict(const struct unit_tree *t, const struct unit_row *u, int32_t today) {
  static const char *const most[] = {"subdistrict", "town"};
  if (!unit_has_children(t, u->no)) return false;
  for (size_t i = 0; i < ARRAY_LEN(most); i++)
    if (unit_ancestor_of_kind(t, u->no, today, most[i])) return false;
  return true;
}

/* The unit that is asked for, else the largest of the viewer's own. */
bool api_city_wide(struct rq *rq) {
  const struct viewer *v = rq->viewer;
  const struct str arg = rq_arg(rq, "unit"),
                   text = arg.p ? arg : json_str(json_object_get(rq->body, "unit"));
  const struct unit_row *u = NULL;
  struct uuid id;
  if (!str_empty(rq_arg(rq, "post"))) return false;
  if (text.p && uuid_parse(text, &id) == 0) u = unit_by_id(v->tree, &id);
  if (!u && text.n) u = unit_by_code(v->tree, text);
  if (u) return over_a_subdistrict(v->tree, u, v->today);
  for (size_t i = 0; i < v->n_grants; i++) {
    u = unit_by_no(v->tree, v->grants[i].unit);
    if (!v->grants[i].unit || (u && over_a_subdistrict(v->tree, u, v->today))) return true;
  }
  return v->system;
}

/* A record by its id, and a device's own day, are short whoever asks. */
enum share api_share(struct rq *rq) {
  const struct route *rt = rq->route;
  if (rt->runs == RUNS_WORKER) return SHARE_WORKER;
  if (rt->method != HTTP_GET) return SHARE_POSTS;
  if (rt->flags & ROUTE_SHORT || !rq->viewer || !rq->session ||
      str_find(str_from(rt->pattern), S("/:id")) != (size_t)-1)
    return SHARE_READS;
  return api_city_wide(rq) ? SHARE_WIDE : SHARE_READS;
}

/* ---- a request's time ---- */

static bool nobody_waits(void *arg) {
  const struct rq *rq = arg;
  return http_left(rq->http);
}

void rq_suspend(struct rq *rq) {
  if (rq->suspended) return;
  const struct route *rt = rq->route;
  const int64_t ms = rt->time_ms ? rt->time_ms : rt->runs == RUNS_WORKER ? WORKER_MS : READ_MS;
  /* a reading's own words come before the server's */
  if (rt->runs == RUNS_READER || rt->runs == RUNS_WORKER) {
    http_set_deadline(rq->http, ms + REPLY_SPARE_MS);
    rq->limit =
        (struct read_limit){.until_ms = monotonic_ms() + ms, .left = nobody_waits, .arg = rq};
  }
  rq->suspended = true;
  http_suspend(rq->http);
}

/* ---- the threads ---- */

static void *share_thread(void *arg) {
  struct share_state *s = arg;
  (void)!setpriority(PRIO_PROCESS, 0, s->row->nice); /* of this thread alone, on Linux */
  pthread_mutex_lock(&s->lock);
  for (;;) {
    while (!s->first && !s->stopping) pthread_cond_wait(&s->wake, &s->lock);
    struct waiting *x = s->first;
    if (!x) break;
    s->first = x->next;
    if (!s->first) s->last = &s->first;
    s->n_waiting--;
    s->n_running++;
    pthread_mutex_unlock(&s->lock);
    x->fn(x->rq, x->arg);
    atomic_fetch_add(&s->served, 1);
    pthread_mutex_lock(&s->lock);
    s->n_running--;
  }
  pthread_mutex_unlock(&s->lock);
  return NULL;
}

static int put(struct share_state *s, struct waiting *x, struct err *e) {
  pthread_mutex_lock(&s->lock);
  const bool full =
      s->row->queue != SIZE_MAX && s->n_waiting + s->n_running >= s->row->queue + s->row->threads;
  if (!full) {
    *s->last = x;
    s->last = &x->next;
    s->n_waiting++;
    pthread_cond_signal(&s->wake);
  }
  pthread_mutex_unlock(&s->lock);
  if (!full) return 0;
  atomic_fetch_add(&s->refused, 1);
  return err_field(e, E_BUSY, "too many of these are under way", s->row->name);
}

int api_queue(struct rq *rq, enum share share, void (*fn)(struct rq *, void *), void *arg,
              struct err *e) {
  struct waiting *x = arena_new(rq->a, struct waiting);
  *x = (struct waiting){.rq = rq, .fn = fn, .arg = arg};
  if (arena_failed(rq->a)) return err_set(e, E_NOMEM, "the request is too large");
  rq_suspend(rq);
  return put(&rq->app->api->shares[share], x, e);
}

/* An arena that has failed still gives room for this much (arena.h). */
void api_answer_later(struct rq *rq, void (*fn)(struct rq *, void *), void *arg) {
  struct waiting *x = arena_new(rq->a, struct waiting);
  *x = (struct waiting){.rq = rq, .fn = fn, .arg = arg};
  struct err e;
  int r = put(&rq->app->api->shares[SHARE_ANSWERS], x, &e);
  assert(r == 0); /* without a limit: the writer's queue has one */
  (void)r;
}

static int share_start(struct share_state *s, const struct share_row *row, struct err *e) {
  s->row = row;
  s->last = &s->first;
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->wake, NULL);
  for (; s->n_threads < row->threads; s->n_threads++) {
    int r = pthread_create(&s->threads[s->n_threads], NULL, share_thread, s);
    if (r) return err_sys(e, E_UNAVAILABLE, "no thread for readers", r);
  }
  return 0;
}

int api_pool_start(struct api *api, struct err *e) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int r = 0;
  for (size_t i = 0; i < SHARES_ && r >= 0; i++) r = share_start(&api->shares[i], &rows[i], e);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return r;
}

/* Commands of requests that were told 503 still run in the writer, and end here. */
static void wait_for_all(struct api *api) {
  enum { STEP_MS = 5, TELL_MS = 10 * MS_SECOND };
  const struct timespec step = {.tv_nsec = STEP_MS * 1000000};
  int64_t waited = 0;
  while (atomic_load(&api->held)) {
    nanosleep(&step, NULL);
    waited += STEP_MS;
    if (waited % TELL_MS == 0)
      log_warn("api_stop", "what=\"%lld requests are still worked on\"",
               (long long)atomic_load(&api->held));
  }
}

void api_pool_stop(struct api *api) {
  wait_for_all(api);
  for (size_t i = 0; i < SHARES_; i++) {
    struct share_state *s = &api->shares[i];
    if (!s->row) continue;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
    for (size_t k = 0; k < s->n_threads; k++) pthread_join(s->threads[k], NULL);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->wake);
  }
}

/* ---- counters ---- */

void api_pool_metrics(struct buf *out, struct api *api) {
  static const struct {
    const char *name, *type, *help;
  } what[] = {{"readers_waiting", "gauge", "Requests that wait for a reader."},
              {"readers_running", "gauge", "Requests that a reader works on."},
              {"readers_served_total", "counter", "Requests that readers have worked on."},
              {"readers_refused_total", "counter", "Requests refused since too many waited."}};
  for (size_t i = 0; i < ARRAY_LEN(what); i++) {
    buf_printf(out, "# HELP shouwang_%s %s\n# TYPE shouwang_%s %s\n", what[i].name, what[i].help,
               what[i].name, what[i].type);
    for (size_t k = 0; k < SHARES_; k++) {
      struct share_state *s = &api->shares[k];
      pthread_mutex_lock(&s->lock);
      const int64_t v[] = {(int64_t)s->n_waiting, (int64_t)s->n_running, atomic_load(&s->served),
                           atomic_load(&s->refused)};
      pthread_mutex_unlock(&s->lock);
      buf_printf(out, "shouwang_%s{share=\"%s\"} %lld\n", what[i].name, s->row->name,
                 (long long)v[i]);
    }
  }
  buf_printf(out,
             "# HELP shouwang_readings_ended_total Readings ended early: too long, or nobody "
             "waited for them any more.\n# TYPE shouwang_readings_ended_total counter\n"
             "shouwang_readings_ended_total %lld\n",
             (long long)atomic_load(&api->ended));
}
