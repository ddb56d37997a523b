#include "store/writer.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/timeutil.h"
#include "store/store_impl.h"
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum {
  BULK_COMMANDS = 512,    /* bulk commands taken for one commit; those not begun go back */
  BULK_IDLE_US = 50000,   /* no further one is begun after this, when all was quiet for a while, */
  BULK_BUDGET_US = 10000, /* … after this, when there were others lately, */
  BULK_WAITED_US = 3000,  /* … and after this, when others wait */
  QUIET_US = 1000000,
  BULK_SHARE = 3,       /* while others wait, they get this many times what bulk had */
  ONE_BY_ONE = 4,       /* a failed lot of so few is run singly */
  RETRIES = 60,         /* serialisation failures of one batch before it is given up */
  RETRIES_TOGETHER = 3, /* … and before its commands are tried one at a time */
  BACKOFF_MAX_US = 20000,
};

struct queue {
  struct cmd *first, *last;
};

struct writer_lane {
  struct writer *w;
  size_t index;
  pthread_t thread;
  bool started, stop;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  struct queue queues[CMD_PRIORITIES_];
  _Atomic size_t urgent; /* waiting at the gate's and the normal priority */
  struct tx *tx;
  void *parts[TX_PARTS];
  struct cmd **batch;
  int64_t urgent_us, bulk_us; /* spent on others since the last bulk commit, and on that one */
  int64_t urgent_at_us;       /* when others last were at work */
  uint64_t dice;
};

struct writer {
  struct store *store;
  const struct tx_part *parts[TX_PARTS];
  size_t n_parts, max_commands, n_lanes;
  struct writer_lane *lanes;
  _Atomic int64_t queued, commits, commands, failed, retried, last_commit_us, busy_refused;
};

/* ---- the queues ---- */

static void push(struct queue *q, struct cmd *c) {
  c->next = NULL;
  *(q->first ? &q->last->next : &q->first) = c;
  q->last = c;
}

static void push_front(struct queue *q, struct cmd *c) {
  c->next = q->first;
  q->first = c;
  if (!q->last || !c->next) q->last = c;
}

static struct cmd *pop(struct queue *q) {
  struct cmd *c = q->first;
  if (!c) return NULL;
  q->first = c->next;
  if (!q->first) q->last = NULL;
  c->next = NULL;
  return c;
}

/* Key 0 is the first lane's: what must be in order with everything else. */
static struct writer_lane *lane_of(struct writer *w, uint64_t key) {
  return &w->lanes[key ? hash64(&key, sizeof key) % w->n_lanes : 0];
}

int writer_submit(struct writer *w, struct cmd *c, struct err *e) {
  struct writer_lane *l = lane_of(w, c->lane_key);
  int64_t limit = c->priority == CMD_BULK ? LIMIT_WRITER_QUEUE / 2 : LIMIT_WRITER_QUEUE;
  c->result = 0;
  c->err = (struct err){0};
  if (atomic_fetch_add(&w->queued, 1) >= limit) {
    atomic_fetch_sub(&w->queued, 1);
    atomic_fetch_add(&w->busy_refused, 1);
    return err_set(e, E_BUSY, "too many commands wait");
  }
  pthread_mutex_lock(&l->lock);
  bool stopped = l->stop;
  if (!stopped) {
    push(&l->queues[c->priority], c);
    if (c->priority != CMD_BULK) atomic_fetch_add(&l->urgent, 1);
    pthread_cond_signal(&l->wake);
  }
  pthread_mutex_unlock(&l->lock);
  if (!stopped) return 0;
  atomic_fetch_sub(&w->queued, 1);
  return err_set(e, E_UNAVAILABLE, "the writer is stopping");
}

/* Gate and normal commands share a commit. Bulk has commits of its own, so that nobody waits for
 * a sync with an import in it; while others wait it gets a share of the time only. */
static size_t take(struct writer_lane *l, bool *ret_bulk) {
  size_t n = 0, max = l->w->max_commands;
  bool bulk = l->queues[CMD_BULK].first != NULL;
  bool urgent = l->queues[CMD_GATE].first || l->queues[CMD_NORMAL].first;
  if (bulk && urgent) bulk = l->urgent_us > BULK_SHARE * l->bulk_us;
  if (bulk) {
    while (n < BULK_COMMANDS && n < max && l->queues[CMD_BULK].first)
      l->batch[n++] = pop(&l->queues[CMD_BULK]);
  } else {
    for (int p = CMD_GATE; p <= CMD_NORMAL; p++)
      while (n < max && l->queues[p].first) l->batch[n++] = pop(&l->queues[p]);
    atomic_fetch_sub(&l->urgent, n);
  }
  atomic_fetch_sub(&l->w->queued, (int64_t)n);
  *ret_bulk = bulk;
  return n;
}

static void put_back(struct writer_lane *l, struct cmd **cmds, size_t n) {
  if (n == 0) return;
  pthread_mutex_lock(&l->lock);
  while (n > 0) push_front(&l->queues[CMD_BULK], cmds[--n]);
  pthread_mutex_unlock(&l->lock);
}

/* ---- parts ---- */

struct marks {
  size_t part[TX_PARTS], hooks;
};

static void mark(struct writer_lane *l, struct marks *m) {
  for (size_t i = 0; i < l->w->n_parts; i++)
    if (l->w->parts[i]->mark) m->part[i] = l->w->parts[i]->mark(l->parts[i]);
  m->hooks = tx_hooks(l->tx);
}

static void rewind_to(struct writer_lane *l, const struct marks *m) {
  for (size_t i = 0; i < l->w->n_parts; i++)
    if (l->w->parts[i]->rewind) l->w->parts[i]->rewind(l->parts[i], m->part[i]);
  tx_hooks_rewind(l->tx, m->hooks);
}

static int flush(struct writer_lane *l, struct err *e) {
  for (size_t i = 0; i < l->w->n_parts; i++) {
    const struct tx_part *p = l->w->parts[i];
    int r = p->flush ? p->flush(l->tx, l->parts[i], e) : 0;
    if (r < 0) return r;
  }
  return arena_failed(tx_arena(l->tx)) ? err_set(e, E_NOMEM, "memory of the transaction") : 0;
}

static void finish(struct writer_lane *l, bool committed) {
  for (size_t i = 0; i < l->w->n_parts; i++)
    if (l->w->parts[i]->finish) l->w->parts[i]->finish(l->parts[i], committed);
  tx_callbacks(l->tx, committed);
}

/* ---- running ---- */

static void result(struct cmd *c, int r, const struct err *e) {
  c->result = r;
  if (e && r < 0) c->err = *e;
  if (r < 0 && c->err.code == 0) err_set_at(&c->err, -r, "", NULL, 0, __FILE__, __LINE__);
}

/* What cannot be put right by undoing the command alone: the whole transaction goes. */
static int beyond_repair(struct writer_lane *l, int r, struct err *e) {
  if (r == -E_RETRY) return r;
  if (arena_failed(tx_arena(l->tx)) || tx_hooks_failed(l->tx))
    return err_set(e, E_NOMEM, "memory of the transaction");
  if (tx_doomed(l->tx)) return r < 0 ? r : err_set(e, E_BUG, "the transaction went away");
  return 0;
}

/* 0: c->result says how it went; -code: the transaction is lost. */
static int run_one(struct writer_lane *l, struct cmd *c, struct err *e) {
  struct marks m = {.hooks = 0};
  struct err mine = {0};
  mark(l, &m);
  int lost = tx_savepoint(l->tx, e);
  if (lost < 0) return lost;
  int r = c->cls->run(l->tx, c->arg, &mine);
  if (r > 0) r = err_field(&mine, E_BUG, "a command returned a positive number", c->cls->name);
  if (r == 0 && tx_stumbled(l->tx))
    r = err_field(&mine, E_BUG, "a command went on after a failed statement", c->cls->name);
  if (r < 0 && mine.code == 0) err_field(&mine, -r, "a command failed", c->cls->name);
  *e = mine;
  if ((lost = beyond_repair(l, r, e)) < 0) return lost;
  result(c, r, &mine);
  if (r == 0) return tx_release(l->tx, e);
  rewind_to(l, &m);
  return tx_undo(l->tx, e);
}

static int run_together(struct writer_lane *l, struct cmd **cmds, size_t n, bool *ret_undone,
                        struct err *e) {
  struct marks m = {.hooks = 0};
  mark(l, &m);
  int lost = tx_savepoint(l->tx, e);
  if (lost < 0) return lost;
  *ret_undone = false;
  int r = cmds[0]->cls->run_many(l->tx, cmds, n, e);
  if ((lost = beyond_repair(l, r, e)) < 0) return lost;
  if (r == 0 && !tx_stumbled(l->tx)) return tx_release(l->tx, e);
  for (size_t i = 0; i < n; i++) result(cmds[i], 0, NULL);
  rewind_to(l, &m);
  *ret_undone = true;
  return tx_undo(l->tx, e);
}

static size_t same_class(struct cmd **cmds, size_t n, size_t most) {
  size_t k = 1;
  while (k < n && k < most && cmds[k]->cls == cmds[0]->cls) k++;
  return k;
}

static int64_t bulk_budget(struct writer_lane *l, int64_t now) {
  if (atomic_load(&l->urgent)) return BULK_WAITED_US;
  return now - l->urgent_at_us < QUIET_US ? BULK_BUDGET_US : BULK_IDLE_US;
}

/* Runs commands until the end, or (bulk) until the budget is spent; *ret_ran says how many. A lot
 * that failed is tried in halves: one bad command among thousands costs a dozen statements. */
static int run_all(struct writer_lane *l, struct cmd **cmds, size_t n, bool bulk, size_t *ret_ran,
                   struct err *e) {
  int64_t start = monotonic_us();
  size_t i = 0, most = SIZE_MAX;
  while (i < n) {
    size_t k = cmds[i]->cls->run_many && !bulk ? same_class(cmds + i, n - i, most) : 1;
    bool undone = k == 1;
    int r = k > 1 ? run_together(l, cmds + i, k, &undone, e) : 0;
    most = SIZE_MAX;
    if (r == 0 && undone && k > ONE_BY_ONE) {
      most = k / 2;
      continue;
    }
    for (size_t j = 0; undone && j < k && r == 0; j++) r = run_one(l, cmds[i + j], e);
    if (r < 0) return r;
    i += k;
    if (bulk && monotonic_us() - start > bulk_budget(l, start)) break;
  }
  *ret_ran = i;
  return 0;
}

static bool any_good(struct cmd **cmds, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (cmds[i]->result == 0) return true;
  return false;
}

/* One transaction over the commands. 0: each has its result, and the good ones are durable. */
static int transaction(struct writer_lane *l, struct cmd **cmds, size_t n, bool bulk,
                       size_t *ret_ran, struct err *e) {
  size_t ran = 0;
  for (size_t i = 0; i < n; i++) {
    cmds[i]->result = 0;
    cmds[i]->err = (struct err){0};
  }
  int r = tx_begin(l->tx, e);
  if (r < 0) return r;
  r = run_all(l, cmds, n, bulk, &ran, e);
  bool good = r == 0 && any_good(cmds, ran);
  if (good) r = flush(l, e);
  if (good && r == 0) {
    int64_t start = monotonic_us();
    r = tx_commit(l->tx, e);
    atomic_store(&l->w->last_commit_us, monotonic_us() - start);
    if (r == 0) atomic_fetch_add(&l->w->commits, 1);
  } else {
    tx_rollback(l->tx);
  }
  finish(l, good && r == 0);
  tx_reset(l->tx);
  if (r == 0) *ret_ran = ran;
  return r;
}

static void back_off(struct writer_lane *l, int attempt) {
  int64_t most = INT64_C(500) << (attempt < 6 ? attempt : 6);
  if (most > BACKOFF_MAX_US) most = BACKOFF_MAX_US;
  l->dice = l->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  usleep((useconds_t)((l->dice >> 33) % (uint64_t)most));
}

static bool environment(int r) {
  return err_class(r) == ERR_ENVIRONMENT && r != -E_NOMEM && r != -E_TIMEOUT;
}

/* Gives every command that it counts in *ret_ran a result. */
static void run_batch(struct writer_lane *l, struct cmd **cmds, size_t n, bool bulk,
                      size_t *ret_ran) {
  struct err e = {0};
  int r;
  for (int attempt = 1;; attempt++) {
    r = transaction(l, cmds, n, bulk, ret_ran, &e);
    if (r != -E_RETRY || attempt >= RETRIES || (n > 1 && attempt >= RETRIES_TOGETHER)) break;
    atomic_fetch_add(&l->w->retried, 1);
    back_off(l, attempt);
  }
  if (r == 0) return;
  *ret_ran = n;
  if (n > 1 && !environment(r)) {
    /* One of them spoils it for all: in halves, down to the one that gets what it deserves. */
    size_t half = n / 2, all;
    run_batch(l, cmds, half, false, &all);
    run_batch(l, cmds + half, n - half, false, &all);
    return;
  }
  if (r == -E_RETRY) r = err_set(&e, E_BUSY, "given up after many serialisation failures");
  for (size_t i = 0; i < n; i++) result(cmds[i], r, &e);
}

static void *lane_main(void *arg) {
  struct writer_lane *l = arg;
  for (;;) {
    bool bulk;
    pthread_mutex_lock(&l->lock);
    size_t n;
    while ((n = take(l, &bulk)) == 0 && !l->stop) pthread_cond_wait(&l->wake, &l->lock);
    pthread_mutex_unlock(&l->lock);
    if (n == 0) return NULL;
    int64_t start = monotonic_us(), spent;
    size_t ran;
    run_batch(l, l->batch, n, bulk, &ran);
    if (bulk) {
      atomic_fetch_add(&l->w->queued, (int64_t)(n - ran));
      put_back(l, l->batch + ran, n - ran);
    }
    spent = monotonic_us() - start;
    if (bulk) {
      l->bulk_us = spent;
      l->urgent_us = 0;
    } else {
      l->urgent_us += spent;
      l->urgent_at_us = start + spent;
    }
    int64_t failed = 0;
    for (size_t i = 0; i < ran; i++) failed += l->batch[i]->result < 0;
    atomic_fetch_add(&l->w->commands, (int64_t)ran);
    atomic_fetch_add(&l->w->failed, failed);
    for (size_t i = 0; i < ran; i++) l->batch[i]->done(l->batch[i]);
  }
}

/* ---- start and stop ---- */

static int lane_start(struct writer *w, size_t index, struct err *e) {
  struct writer_lane *l = &w->lanes[index];
  l->w = w;
  l->index = index;
  l->dice = (uint64_t)monotonic_us() + index;
  pthread_mutex_init(&l->lock, NULL);
  pthread_cond_init(&l->wake, NULL);
  w->n_lanes = index + 1;
  l->batch = calloc(w->max_commands, sizeof(struct cmd *));
  if (!l->batch) return err_set(e, E_NOMEM, "no memory for the writer");
  int r = store_claim(w->store, index, &l->tx, e);
  if (r < 0) return r;
  for (size_t i = 0; i < w->n_parts; i++) {
    l->parts[i] = w->parts[i]->create ? w->parts[i]->create(index, w->parts[i]->arg) : NULL;
    if (w->parts[i]->create && !l->parts[i])
      return err_field(e, E_NOMEM, "a part of the writer", w->parts[i]->name);
  }
  l->tx->parts = l->parts;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the main thread's */
  int failed = pthread_create(&l->thread, NULL, lane_main, l);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (failed) return err_sys(e, E_NOMEM, "no thread for the writer", failed);
  l->started = true;
  return 0;
}

int writer_start(struct store *s, const struct writer_options *o, struct writer **ret_writer,
                 struct err *e) {
  struct writer *w = calloc(1, sizeof *w);
  if (!w) return err_set(e, E_NOMEM, "no memory for the writer");
  w->store = s;
  w->max_commands = o && o->max_commands ? o->max_commands : LIMIT_COMMIT_COMMANDS;
  for (; o && w->n_parts < TX_PARTS && o->parts[w->n_parts]; w->n_parts++)
    w->parts[w->n_parts] = o->parts[w->n_parts];
  w->lanes = calloc(store_lanes(s), sizeof *w->lanes);
  int r = w->lanes ? 0 : err_set(e, E_NOMEM, "no memory for the writer");
  for (size_t i = 0; r == 0 && i < store_lanes(s); i++) r = lane_start(w, i, e);
  if (r < 0) {
    writer_stop(w);
    return r;
  }
  *ret_writer = w;
  return 0;
}

struct writer *writer_stop(struct writer *w) {
  if (!w) return NULL;
  for (size_t i = 0; i < w->n_lanes; i++) {
    struct writer_lane *l = &w->lanes[i];
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
  }
  for (size_t i = 0; i < w->n_lanes; i++) {
    struct writer_lane *l = &w->lanes[i];
    if (l->started) pthread_join(l->thread, NULL);
    for (size_t k = 0; k < w->n_parts; k++)
      if (l->parts[k] && w->parts[k]->destroy) w->parts[k]->destroy(l->parts[k]);
    store_unclaim(l->tx);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->wake);
    free(l->batch);
  }
  free(w->lanes);
  free(w);
  return NULL;
}

/* ---- submit and wait ---- */

struct waiter {
  pthread_mutex_t lock;
  pthread_cond_t cond;
  bool done;
};

static void wake_waiter(struct cmd *c) {
  struct waiter *wait = c->owner;
  pthread_mutex_lock(&wait->lock);
  wait->done = true;
  pthread_cond_signal(&wait->cond);
  pthread_mutex_unlock(&wait->lock);
}

int writer_run(struct writer *w, const struct cmd_class *cls, void *arg, enum cmd_priority priority,
               struct err *e) {
  struct waiter wait = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
  struct cmd c = {
      .cls = cls, .arg = arg, .priority = priority, .done = wake_waiter, .owner = &wait};
  int r = writer_submit(w, &c, e);
  if (r < 0) return r;
  pthread_mutex_lock(&wait.lock);
  while (!wait.done) pthread_cond_wait(&wait.cond, &wait.lock);
  pthread_mutex_unlock(&wait.lock);
  pthread_mutex_destroy(&wait.lock);
  pthread_cond_destroy(&wait.cond);
  if (c.result < 0 && e) *e = c.err;
  return c.result;
}

void writer_stats(const struct writer *w, struct writer_stats *ret_stats) {
  *ret_stats = (struct writer_stats){
      .queued = atomic_load(&w->queued),
      .commits = atomic_load(&w->commits),
      .commands = atomic_load(&w->commands),
      .failed = atomic_load(&w->failed),
      .retried = atomic_load(&w->retried),
      .last_commit_us = atomic_load(&w->last_commit_us),
      .busy_refused = atomic_load(&w->busy_refused),
  };
}
