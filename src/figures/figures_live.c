#include "figures/figures_inner.h"
#include "base/log.h"
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Who watches is kept per (operation, unit): a unit is read once however many look at it. The
 * writer only marks what has changed, under a lock that is never held for longer than a look-up;
 * one thread reads and pushes. A watch is freed by that thread alone, so that it may work on one
 * without a lock; the list of its subscribers is guarded by subs_lock, everything else by lock. */

enum { BUCKETS = 1024, MASK_WORDS = LIMIT_INDICATORS / 64, ROUND_WATCHES = 256 };
#define PUSH_EVERY_MS  MS_SECOND
#define STREAM_LIFE_MS (10 * MS_MINUTE) /* then the client connects anew, and rights with it */

struct watch;
struct subscriber {
  struct subscriber *next;
  struct figures_live *live;
  struct watch *watch;
  struct http_stream *stream;
  uint64_t may[MASK_WORDS]; /* by place of the indicator */
  int64_t until_ms;
  bool fresh; /* has got nothing yet */
};

struct watch {
  struct watch *next;
  int64_t op;
  int32_t unit;
  struct uuid id;
  char code[40];
  const struct zone *zone;
  bool dirty, fresh; /* under lock */
  int64_t pushed_ms;
  int32_t day;
  int minute; /* at which it was read: another may have something come */
  bool known; /* values hold what was pushed last */
  int64_t *values;
  struct subscriber *subs; /* under subs_lock */
};

struct figures_live {
  struct figures *f;
  pthread_t thread;
  pthread_mutex_t lock, subs_lock;
  pthread_cond_t wake;
  struct watch *buckets[BUCKETS];
  size_t n_watches;
  bool stop, started;
  int64_t event_no;
};

static size_t bucket(int64_t op, int32_t unit) {
  uint64_t h = ((uint64_t)op << 32 ^ (uint32_t)unit) * UINT64_C(0x9e3779b97f4a7c15);
  return (size_t)(h >> 54) % BUCKETS;
}

static struct watch *find(const struct figures_live *l, int64_t op, int32_t unit) {
  struct watch *w = l->buckets[bucket(op, unit)];
  while (w && (w->op != op || w->unit != unit)) w = w->next;
  return w;
}

void figures_live_changed(struct figures *f, int64_t op, const int32_t *units, size_t n) {
  struct figures_live *l = f->live;
  bool any = false;
  pthread_mutex_lock(&l->lock);
  for (size_t i = 0; i < n && l->n_watches; i++) {
    struct watch *w = find(l, op, units[i]);
    if (!w || w->dirty) continue;
    w->dirty = any = true;
  }
  if (any) pthread_cond_signal(&l->wake);
  pthread_mutex_unlock(&l->lock);
}

static void changed(void *arg, int64_t op, const int32_t *units, size_t n) {
  figures_live_changed(arg, op, units, n);
}

/* ---- the thread -------------------------------------------------------------------------------
 */

static struct figures_now now_there(const struct figures_live *l, const struct watch *w) {
  const struct figure_query q = {.now_ms = clock_now_ms(&l->f->app->clock), .zone = w->zone};
  return figures_now(&q);
}

/* Takes what is due, at most max; *ret_wait_ms gets the time until something else will be. */
static size_t take_due(struct figures_live *l, struct watch **out, size_t max,
                       int64_t *ret_wait_ms) {
  const int64_t now = monotonic_ms();
  size_t n = 0;
  *ret_wait_ms = l->n_watches ? PUSH_EVERY_MS : -1;
  for (size_t b = 0; b < BUCKETS && n < max; b++) {
    for (struct watch *w = l->buckets[b]; w && n < max; w = w->next) {
      const struct figures_now there = now_there(l, w);
      if (w->known && (w->day != there.day || w->minute != there.minute)) w->dirty = true;
      if (!w->dirty && !w->fresh) continue;
      const int64_t wait = w->pushed_ms + PUSH_EVERY_MS - now;
      if (wait > 0 && !w->fresh) {
        if (wait < *ret_wait_ms) *ret_wait_ms = wait;
        continue;
      }
      w->dirty = w->fresh = false;
      w->pushed_ms = now;
      out[n++] = w;
    }
  }
  if (n == max) *ret_wait_ms = 0;
  return n;
}

static void event_json(struct buf *b, const struct watch *w, const int64_t *values,
                       const bool *only, const uint64_t *may, bool *ret_any) {
  struct jw j;
  char day[DAY_TEXT];
  *ret_any = false;
  buf_clear(b);
  jw_init(&j, b);
  jw_object(&j);
  jw_kstrz(&j, "unit", w->code);
  jw_k(&j, "date");
  day_format(w->day, day);
  jw_strz(&j, day);
  jw_kobject(&j, "figures");
  for (size_t i = 0; i < indicators_count(); i++) {
    if ((only && !only[i]) || !(may[i / 64] >> (i % 64) & 1u)) continue;
    jw_key(&j, str_from(indicator_at(i)->code));
    jw_i64(&j, values[i]);
    *ret_any = true;
  }
  jw_end(&j);
  jw_end(&j);
}

/* Subscribers of one unit mostly have the same rights: the text made last is used again. */
static void push_all(struct figures_live *l, struct watch *w, const int64_t *values,
                     const bool *changed_only) {
  struct buf text = BUF_INIT(KIB(64));
  const uint64_t *made_for = NULL;
  bool made_full = false, any = false;
  const int64_t now = monotonic_ms();
  char id[24];
  snprintf(id, sizeof id, "%lld", (long long)++l->event_no);
  pthread_mutex_lock(&l->subs_lock);
  for (struct subscriber *s = w->subs; s; s = s->next) {
    const bool full = s->fresh;
    if (!made_for || made_full != full || memcmp(made_for, s->may, sizeof s->may) != 0) {
      event_json(&text, w, values, full ? NULL : changed_only, s->may, &any);
      made_for = s->may;
      made_full = full;
    }
    s->fresh = false;
    if ((any || full) && buf_ok(&text) &&
        http_stream_push(s->stream, "figures", buf_str(&text), str_from(id)) == 0)
      atomic_fetch_add(&l->f->pushes, 1);
    if (now > s->until_ms) {
      s->until_ms = INT64_MAX;
      http_stream_end(s->stream);
    }
  }
  pthread_mutex_unlock(&l->subs_lock);
  buf_done(&text);
}

static int serve_watch(struct figures_live *l, struct watch *w, struct tx *tx, int64_t *values,
                       struct err *e) {
  bool only[LIMIT_INDICATORS] = {false};
  const size_t n = indicators_count();
  struct figure_query q = {.op = w->op,
                           .unit = w->unit,
                           .from = INT32_MIN,
                           .as_known = INT32_MAX,
                           .now_ms = clock_now_ms(&l->f->app->clock),
                           .zone = w->zone};
  const struct figures_now there = figures_now(&q);
  const int32_t day = q.day = there.day;
  int r = figures_read(tx, &q, values, e);
  if (r < 0) return r;
  const bool all = !w->known || w->day != day;
  for (size_t i = 0; i < n; i++) only[i] = all || values[i] != w->values[i];
  memcpy(w->values, values, n * sizeof *values);
  w->known = true;
  w->day = day;
  w->minute = there.minute;
  push_all(l, w, values, only);
  return 0;
}

/* One snapshot for the whole round; what could not be read stays due. */
static void serve_round(struct figures_live *l, struct watch **list, size_t n, int64_t *values) {
  struct err e = {0};
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(l->f->app->store, &tx, &e);
  for (size_t i = 0; i < n; i++) {
    if (r == 0) r = serve_watch(l, list[i], tx, values, &e);
    if (r == 0) continue;
    pthread_mutex_lock(&l->lock);
    list[i]->dirty = true;
    pthread_mutex_unlock(&l->lock);
  }
  if (r < 0) log_err(LOG_WARN, "live_figures_not_read", &e);
}

/* Watches that nobody looks at any more. */
static void reap(struct figures_live *l) {
  pthread_mutex_lock(&l->subs_lock);
  pthread_mutex_lock(&l->lock);
  for (size_t b = 0; b < BUCKETS; b++) {
    for (struct watch **at = &l->buckets[b]; *at;) {
      struct watch *w = *at;
      if (w->subs) {
        at = &w->next;
        continue;
      }
      *at = w->next;
      assert(l->n_watches > 0);
      l->n_watches--;
      free(w->values);
      free(w);
    }
  }
  pthread_mutex_unlock(&l->lock);
  pthread_mutex_unlock(&l->subs_lock);
}

static void wait_for(struct figures_live *l, int64_t ms) {
  if (ms < 0) {
    pthread_cond_wait(&l->wake, &l->lock);
    return;
  }
  int64_t until = monotonic_ms() + ms;
  const struct timespec t = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
  pthread_cond_timedwait(&l->wake, &l->lock, &t);
}

static void *live_loop(void *arg) {
  struct figures_live *l = arg;
  struct watch *list[ROUND_WATCHES];
  int64_t *values = calloc(indicators_count() + 1, sizeof *values);
  int64_t reaped = monotonic_ms(), wait = 0;
  pthread_mutex_lock(&l->lock);
  while (!l->stop && values) {
    size_t n = take_due(l, list, ROUND_WATCHES, &wait);
    if (n == 0 && monotonic_ms() - reaped < 5 * MS_SECOND) {
      wait_for(l, wait);
      continue;
    }
    pthread_mutex_unlock(&l->lock);
    if (n) serve_round(l, list, n, values);
    if (monotonic_ms() - reaped >= 5 * MS_SECOND) {
      reap(l);
      reaped = monotonic_ms();
    }
    pthread_mutex_lock(&l->lock);
  }
  pthread_mutex_unlock(&l->lock);
  free(values);
  return NULL;
}

/* ---- subscribing ------------------------------------------------------------------------------
 */

static void closed(void *arg) {
  struct subscriber *s = arg;
  struct figures_live *l = s->live;
  pthread_mutex_lock(&l->subs_lock);
  struct subscriber **at = &s->watch->subs;
  while (*at && *at != s) at = &(*at)->next;
  if (*at) *at = s->next;
  pthread_mutex_unlock(&l->subs_lock);
  atomic_fetch_sub(&l->f->streams, 1);
  free(s);
}

/* The watch of a unit, made where there is none. Called with subs_lock held, so that it is not
 * reaped before the subscriber stands in its list. */
static struct watch *watch_of(struct figures_live *l, const struct viewer *v,
                              const struct unit_row *u) {
  pthread_mutex_lock(&l->lock);
  struct watch *w = find(l, v->op, u->no);
  if (!w && (w = calloc(1, sizeof *w))) {
    w->values = calloc(indicators_count() + 1, sizeof *w->values);
    if (!w->values) {
      free(w);
      w = NULL;
    }
  }
  if (w && !w->zone) {
    w->op = v->op;
    w->unit = u->no;
    w->id = u->id;
    w->zone = v->zone;
    memcpy(w->code, u->code.p, u->code.n < sizeof w->code ? u->code.n : sizeof w->code - 1);
    struct watch **head = &l->buckets[bucket(w->op, w->unit)];
    w->next = *head;
    *head = w;
    l->n_watches++;
  }
  pthread_mutex_unlock(&l->lock);
  return w;
}

int figures_subscribe(struct figures *f, struct http_request *rq, const struct viewer *v,
                      int32_t unit, struct err *e) {
  struct figures_live *l = f->live;
  const struct unit_row *u = unit_by_no(v->tree, unit);
  if (!u || !v->zone) return err_set(e, E_NOT_FOUND, "no such unit");
  const int64_t op = v->op; /* once the stream is open the request may be over, and v with it */
  struct subscriber *s = calloc(1, sizeof *s);
  if (!s) return err_set(e, E_NOMEM, "no memory for a stream");
  s->live = l;
  s->fresh = true;
  s->until_ms = monotonic_ms() + STREAM_LIFE_MS;
  for (size_t i = 0; i < indicators_count(); i++)
    if (indicator_readable(v, indicator_at(i), unit)) s->may[i / 64] |= UINT64_C(1) << (i % 64);
  pthread_mutex_lock(&l->subs_lock);
  struct watch *w = watch_of(l, v, u);
  int r = w ? 0 : err_set(e, E_NOMEM, "no memory for a stream");
  s->watch = w;
  if (r == 0) r = http_stream_open(rq, &s->stream, closed, s, e);
  if (r == 0) {
    s->next = w->subs;
    w->subs = s;
    atomic_fetch_add(&f->streams, 1);
  }
  pthread_mutex_unlock(&l->subs_lock);
  if (r < 0) {
    free(s);
    return r;
  }
  pthread_mutex_lock(&l->lock);
  struct watch *again = find(l, op, unit);
  if (again) again->fresh = true;
  pthread_cond_signal(&l->wake);
  pthread_mutex_unlock(&l->lock);
  return 0;
}

/* ---- start and stop ---------------------------------------------------------------------------
 */

int figures_live_start(struct figures *f, struct err *e) {
  struct figures_live *l = calloc(1, sizeof *l);
  if (!l) return err_set(e, E_NOMEM, "no memory for live figures");
  l->f = f;
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&l->wake, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_mutex_init(&l->lock, NULL);
  pthread_mutex_init(&l->subs_lock, NULL);
  f->live = l;
  figures_listen(f, changed, f);
  int r = pthread_create(&l->thread, NULL, live_loop, l);
  l->started = r == 0;
  if (r == 0) return 0;
  figures_live_stop(f);
  return err_sys(e, E_UNAVAILABLE, "no thread for live figures", r);
}

/* The streams are closed before: the server has stopped. */
void figures_live_stop(struct figures *f) {
  struct figures_live *l = f->live;
  if (!l) return;
  pthread_mutex_lock(&l->lock);
  l->stop = true;
  pthread_cond_signal(&l->wake);
  pthread_mutex_unlock(&l->lock);
  if (l->started) pthread_join(l->thread, NULL);
  reap(l);
  pthread_cond_destroy(&l->wake);
  pthread_mutex_destroy(&l->lock);
  pthread_mutex_destroy(&l->subs_lock);
  free(l);
  f->live = NULL;
}
