#include "store/writer.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/timeutil.h"
#include "store/store_impl.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <assert.h>

enum {
  BULK_COMMANDS = 512,   /* bulk commands taken for one commit; those not begun go back */
  BULK_IDLE_US = 50000,  /* alone, none is begun after this where all was quiet for a while, */
  BULK_ALONE_US = 10000, /* … after this where others wrote lately; and none once others wait */
  BULK_PART = 5,         /* in a commit of others, bulk gets one part in so many of their time */
  BULK_DEBT_US = 100000, /* what a long command took too much is made up for, up to this */
  BULK_REST = 16,        /* one commit in so many goes without, to tell what one without costs */
  BULK_WAIT_US = 100000, /* bulk waits for a commit to share for as long as the last one took, but
                            no longer than this */
  QUIET_US = 1000000,
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
  struct cmd **batch;    /* max_commands of others, then BULK_COMMANDS of bulk */
  int64_t urgent_at_us;  /* when the last commit with others in it ended, */
  int64_t urgent_us;     /* … how long it took, */
  int64_t close_us;      /* what the parts and the sync of one without bulk take; 0: not known */
  int64_t shared;        /* commits of others for which bulk waited */
  int64_t credit_us;     /* what bulk may still take in this commit; below 0: what it owes */
  int64_t bulk_until_us; /* when the bulk command that runs should come to its end */
  bool bulk_alone;
  bool looked; /* in this transaction, whether what is in memory is behind */
  uint64_t dice;
};

/* What is run under one commit: others first, then bulk, as far as its time goes. */
struct batch {
  struct cmd **urgent, **bulk;
  size_t n_urgent, n_bulk;
  size_t begun;        /* of bulk; those behind have no result and go back to the queue */
  struct cmd *dry_run; /* of bulk, of a class that is undone; then there is no other of bulk */
};

struct writer {
  struct store *store;
  const struct tx_part *parts[TX_PARTS];
  size_t n_parts, max_commands, n_lanes;
  int64_t (*now_us)(void);
  bool (*behind)(struct tx *tx, void *arg);
  void *behind_arg;
  struct writer_lane *lanes;
  _Atomic int64_t queued, commits, commands, failed, retried, last_commit_us, busy_refused;
  _Atomic int64_t bulk_shared, bulk_alone;
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
  assert(c->cls && c->cls->run && c->done && c->priority < CMD_PRIORITIES_);
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

/* How long bulk goes on waiting for somebody whose commit it can share; 0: it goes alone. While
 * others come one after the other a commit of its own would make the next ones wait for a sync. */
static int64_t shared_commit_wait_us(const struct writer_lane *l) {
  if (l->stop || l->urgent_at_us == 0) return 0;
  int64_t wait = l->urgent_us < BULK_WAIT_US ? l->urgent_us : BULK_WAIT_US;
  assert(wait <= BULK_WAIT_US);
  int64_t left = l->urgent_at_us + wait - l->w->now_us();
  return left > 0 ? left : 0;
}

static bool undone_next(const struct writer_lane *l) {
  const struct cmd *c = l->queues[CMD_BULK].first;
  return c && c->cls->undone;
}

/* False: nothing is to be done. `alone`: bulk has waited long enough for others. */
static bool take(struct writer_lane *l, bool alone, struct batch *b) {
  size_t max = l->w->max_commands;
  *b = (struct batch){.urgent = l->batch, .bulk = l->batch + max};
  for (int p = CMD_GATE; p <= CMD_NORMAL; p++)
    while (b->n_urgent < max && l->queues[p].first) b->urgent[b->n_urgent++] = pop(&l->queues[p]);
  if (b->n_urgent == 0 && !alone) return false;
  if (undone_next(l)) b->dry_run = pop(&l->queues[CMD_BULK]);
  while (!b->dry_run && b->n_bulk < BULK_COMMANDS && b->n_bulk < max && l->queues[CMD_BULK].first &&
         !undone_next(l))
    b->bulk[b->n_bulk++] = pop(&l->queues[CMD_BULK]);
  const size_t n = b->n_urgent + b->n_bulk + (b->dry_run ? 1 : 0);
  atomic_fetch_sub(&l->urgent, b->n_urgent);
  atomic_fetch_sub(&l->w->queued, (int64_t)n);
  assert(b->n_urgent <= max && b->n_bulk <= max);
  return n > 0;
}

/* True: the time is up. */
static bool sleep_us(struct writer_lane *l, int64_t us) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  int64_t ns = (int64_t)at.tv_nsec + us * 1000;
  at.tv_sec += (time_t)(ns / 1000000000);
  at.tv_nsec = (long)(ns % 1000000000);
  return pthread_cond_timedwait(&l->wake, &l->lock, &at) == ETIMEDOUT;
}

/* False: the lane is to end, and nothing is left. */
static bool wait_for_work(struct writer_lane *l, struct batch *b) {
  bool found, waited = false;
  pthread_mutex_lock(&l->lock);
  for (;;) {
    const int64_t left = waited ? 0 : shared_commit_wait_us(l);
    found = take(l, left == 0, b);
    if (found || l->stop) break;
    waited = false;
    if (left > 0 && l->queues[CMD_BULK].first)
      waited = sleep_us(l, left);
    else
      pthread_cond_wait(&l->wake, &l->lock);
  }
  assert(found || l->stop);
  pthread_mutex_unlock(&l->lock);
  return found;
}

static void put_back(struct writer_lane *l, struct batch *b) {
  size_t n = b->n_bulk;
  if (n == b->begun) return;
  assert(b->begun < n);
  atomic_fetch_add(&l->w->queued, (int64_t)(n - b->begun));
  pthread_mutex_lock(&l->lock);
  while (n > b->begun) push_front(&l->queues[CMD_BULK], b->bulk[--n]);
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
  assert(m->hooks <= tx_hooks(l->tx));
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
  assert(r <= 0);
  c->result = r;
  if (e && r < 0) c->err = *e;
  if (r < 0 && c->err.code == 0) err_set_at(&c->err, -r, "", NULL, 0, __FILE__, __LINE__);
}

/* What cannot be put right by undoing the command alone: the whole transaction goes. */
static int transaction_lost(struct writer_lane *l, int r, struct err *e) {
  if (r == -E_RETRY) return r;
  if (arena_failed(tx_arena(l->tx)) || tx_hooks_failed(l->tx))
    return err_set(e, E_NOMEM, "memory of the transaction");
  if (tx_aborted(l->tx)) return r < 0 ? r : err_set(e, E_BUG, "the transaction went away");
  return 0;
}

bool tx_behind(struct tx *tx) {
  struct writer_lane *l = tx->writer;
  if (!l || !l->w->behind || l->looked || tx_statement_failed(tx)) return false;
  l->looked = true;
  return l->w->behind(tx, l->w->behind_arg);
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
  if (r == 0 && tx_statement_failed(l->tx))
    r = err_field(&mine, E_BUG, "a command went on after a failed statement", c->cls->name);
  if (r < 0 && err_class(r) == ERR_CALLER && tx_behind(l->tx))
    r = err_field(&mine, E_RETRY, "what is in memory was behind", c->cls->name);
  if (r < 0 && mine.code == 0) err_field(&mine, -r, "a command failed", c->cls->name);
  *e = mine;
  if ((lost = transaction_lost(l, r, e)) < 0) return lost;
  result(c, r, &mine);
  if (r == 0) return tx_release(l->tx, e);
  rewind_to(l, &m);
  return tx_undo(l->tx, e);
}

static int run_together(struct writer_lane *l, struct cmd **cmds, size_t n, bool *ret_undone,
                        struct err *e) {
  struct marks m = {.hooks = 0};
  mark(l, &m);
  assert(n > 1 && cmds[0]->cls->run_many);
  int lost = tx_savepoint(l->tx, e);
  if (lost < 0) return lost;
  *ret_undone = false;
  int r = cmds[0]->cls->run_many(l->tx, cmds, n, e);
  if ((lost = transaction_lost(l, r, e)) < 0) return lost;
  if (r == 0 && !tx_statement_failed(l->tx)) return tx_release(l->tx, e);
  for (size_t i = 0; i < n; i++) result(cmds[i], 0, NULL);
  rewind_to(l, &m);
  *ret_undone = true;
  return tx_undo(l->tx, e);
}

static size_t same_class(struct cmd **cmds, size_t n, size_t most) {
  assert(n && most);
  size_t k = 1;
  while (k < n && k < most && cmds[k]->cls == cmds[0]->cls) k++;
  return k;
}

/* Runs them all. A lot that failed is tried in halves: one bad command among thousands costs a
 * dozen statements. */
static int run_urgent(struct writer_lane *l, struct cmd **cmds, size_t n, struct err *e) {
  size_t i = 0, most = SIZE_MAX;
  while (i < n) {
    size_t k = cmds[i]->cls->run_many ? same_class(cmds + i, n - i, most) : 1;
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
  }
  return 0;
}

/* Others wait, or the time that bulk has in this commit is over. */
static bool hurry(const struct writer_lane *l, int64_t now) {
  return now >= l->bulk_until_us || (l->bulk_alone && atomic_load(&l->urgent));
}

bool tx_hurry(const struct tx *tx) {
  const struct writer_lane *l = tx->writer;
  return l && l->bulk_until_us && hurry(l, l->w->now_us());
}

/* Bulk after others: a part of what their commit takes without it. What one command takes too much,
 * and what a commit takes longer to be closed for it, the next commits go without bulk for. Alone
 * it takes what it can, as long as nobody waits. */
static int64_t bulk_time(struct writer_lane *l, bool alone, int64_t theirs_us, int64_t now) {
  if (alone) {
    l->credit_us = 0;
    return l->urgent_at_us && now - l->urgent_at_us < QUIET_US ? BULK_ALONE_US : BULK_IDLE_US;
  }
  if (l->credit_us > 0) l->credit_us = 0;
  if (l->credit_us < -BULK_DEBT_US) l->credit_us = -BULK_DEBT_US;
  l->credit_us += theirs_us / BULK_PART;
  return l->credit_us;
}

static void bulk_begins(struct writer_lane *l, bool alone, int64_t theirs_us, int64_t now) {
  l->bulk_until_us = now + bulk_time(l, alone, theirs_us, now);
  l->bulk_alone = alone;
}

static void bulk_ends(struct writer_lane *l, int64_t took_us) {
  l->bulk_until_us = 0;
  if (!l->bulk_alone) l->credit_us -= took_us;
}

static int run_bulk(struct writer_lane *l, struct batch *b, int64_t spent, struct err *e) {
  const int64_t start = l->w->now_us();
  const bool alone = b->n_urgent == 0;
  int64_t now = start;
  int r = 0;
  if (!alone && ++l->shared % BULK_REST == 0) return 0;
  bulk_begins(l, alone, spent + l->close_us, start);
  while (b->begun < b->n_bulk && r == 0) {
    if (hurry(l, now) && !(alone && b->begun == 0)) break;
    r = run_one(l, b->bulk[b->begun++], e);
    now = l->w->now_us();
  }
  bulk_ends(l, now - start);
  return r;
}

/* What others' commit took to be closed: without bulk it is what one takes, with bulk the rest is
 * bulk's. Averaged, since a sync now and then takes many times as long as the others. */
static void closed(struct writer_lane *l, const struct batch *b, int64_t took_us) {
  if (b->begun == 0)
    l->close_us = l->close_us ? (3 * l->close_us + took_us) / 4 : took_us;
  else if (l->close_us)
    l->credit_us -= took_us - l->close_us;
}

static void clear(struct cmd **cmds, size_t n) {
  for (size_t i = 0; i < n; i++) {
    cmds[i]->result = 0;
    cmds[i]->err = (struct err){0};
  }
}

static bool any_good(struct cmd **cmds, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (cmds[i]->result == 0) return true;
  return false;
}

static int run_all(struct writer_lane *l, struct batch *b, struct err *e) {
  const int64_t start = l->w->now_us();
  int r = run_urgent(l, b->urgent, b->n_urgent, e);
  return r < 0 || b->n_bulk == 0 ? r : run_bulk(l, b, l->w->now_us() - start, e);
}

static int close_tx(struct writer_lane *l, const struct batch *b, struct err *e) {
  const int64_t start = l->w->now_us();
  int r = flush(l, e);
  if (r < 0) return r;
  const int64_t flushed = l->w->now_us();
  if ((r = tx_commit(l->tx, e)) < 0) return r;
  const int64_t end = l->w->now_us();
  atomic_store(&l->w->last_commit_us, end - flushed);
  atomic_fetch_add(&l->w->commits, 1);
  if (b->n_urgent) {
    closed(l, b, end - start);
    atomic_fetch_add(&l->w->bulk_shared, (int64_t)b->begun);
  } else {
    atomic_fetch_add(&l->w->bulk_alone, (int64_t)b->begun);
  }
  return 0;
}

/* One transaction over the commands. 0: each that was begun has its result, and the good ones are
 * durable. */
static int transaction(struct writer_lane *l, struct batch *b, struct err *e) {
  b->begun = 0;
  l->looked = false;
  clear(b->urgent, b->n_urgent);
  clear(b->bulk, b->n_bulk);
  int r = tx_begin(l->tx, e);
  if (r < 0) return r;
  r = run_all(l, b, e);
  const bool good = r == 0 && (any_good(b->urgent, b->n_urgent) || any_good(b->bulk, b->begun));
  if (good) r = close_tx(l, b, e);
  if (!good || r < 0) tx_rollback(l->tx);
  finish(l, good && r == 0);
  tx_reset(l->tx);
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

static void all_fail(struct cmd **cmds, size_t n, int r, const struct err *e) {
  for (size_t i = 0; i < n; i++) result(cmds[i], r, e);
}

/* Gives every command a result. */
static void run_batch(struct writer_lane *l, struct cmd **cmds, size_t n) {
  struct batch b = {.urgent = cmds, .n_urgent = n};
  struct err e = {0};
  int r;
  for (int attempt = 1;; attempt++) {
    r = transaction(l, &b, &e);
    if (r != -E_RETRY || attempt >= RETRIES || (n > 1 && attempt >= RETRIES_TOGETHER)) break;
    atomic_fetch_add(&l->w->retried, 1);
    back_off(l, attempt);
  }
  if (r == 0) return;
  if (n > 1 && !environment(r)) {
    /* One of them spoils it for all: in halves, down to the one that gets what it deserves. */
    size_t half = n / 2;
    run_batch(l, cmds, half);
    run_batch(l, cmds + half, n - half);
    return;
  }
  if (r == -E_RETRY) r = err_set(&e, E_BUSY, "given up after many serialisation failures");
  all_fail(cmds, n, r, &e);
}

/* Gives every command a result but those of bulk that were not begun. A commit that fails with bulk
 * in it is tried without: nobody at a gate waits for an import to be tried again. */
static void run_shared(struct writer_lane *l, struct batch *b) {
  struct err e = {0};
  if (b->n_bulk == 0) {
    run_batch(l, b->urgent, b->n_urgent);
    return;
  }
  int r = transaction(l, b, &e);
  if (r == 0) return;
  if (environment(r)) {
    b->begun = b->n_bulk;
    all_fail(b->urgent, b->n_urgent, r, &e);
    all_fail(b->bulk, b->n_bulk, r, &e);
    return;
  }
  atomic_fetch_add(&l->w->retried, 1);
  if (b->n_urgent) run_batch(l, b->urgent, b->n_urgent);
  if (b->begun) run_batch(l, b->bulk, b->begun);
}

static void answer(struct writer_lane *l, struct cmd **cmds, size_t n) {
  int64_t failed = 0;
  for (size_t i = 0; i < n; i++) failed += cmds[i]->result < 0;
  atomic_fetch_add(&l->w->commands, (int64_t)n);
  atomic_fetch_add(&l->w->failed, failed);
  assert(failed <= (int64_t)n);
  for (size_t i = 0; i < n; i++) cmds[i]->done(cmds[i]);
}

/* What is undone in any case would still be in the log that a commit syncs, page by page. It gets a
 * transaction of its own without a commit, behind the answers of the others. */
static void run_dry_run(struct writer_lane *l, struct batch *b, int64_t theirs_us) {
  const bool alone = b->n_urgent == 0;
  const int64_t start = l->w->now_us();
  bulk_begins(l, alone, theirs_us, start);
  if (!alone && l->bulk_until_us <= start) {
    bulk_ends(l, 0);
    pthread_mutex_lock(&l->lock);
    push_front(&l->queues[CMD_BULK], b->dry_run);
    pthread_mutex_unlock(&l->lock);
    atomic_fetch_add(&l->w->queued, 1);
    return;
  }
  run_batch(l, &b->dry_run, 1);
  bulk_ends(l, l->w->now_us() - start);
  atomic_fetch_add(alone ? &l->w->bulk_alone : &l->w->bulk_shared, 1);
  answer(l, &b->dry_run, 1);
}

static void *lane_main(void *arg) {
  struct writer_lane *l = arg;
  struct batch b;
  while (wait_for_work(l, &b)) {
    const int64_t start = l->w->now_us();
    if (b.n_urgent + b.n_bulk > 0) run_shared(l, &b);
    put_back(l, &b);
    if (b.n_urgent) {
      l->urgent_at_us = l->w->now_us();
      l->urgent_us = l->urgent_at_us - start;
    }
    answer(l, b.urgent, b.n_urgent);
    answer(l, b.bulk, b.begun);
    if (b.dry_run) run_dry_run(l, &b, l->urgent_us);
  }
  return NULL;
}

/* ---- start and stop ---- */

static int lane_start(struct writer *w, size_t index, struct err *e) {
  struct writer_lane *l = &w->lanes[index];
  l->w = w;
  l->index = index;
  l->dice = (uint64_t)monotonic_us() + index;
  pthread_mutex_init(&l->lock, NULL);
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_cond_init(&l->wake, &attr);
  pthread_condattr_destroy(&attr);
  w->n_lanes = index + 1;
  l->batch = calloc(w->max_commands + BULK_COMMANDS, sizeof(struct cmd *));
  if (!l->batch) return err_set(e, E_NOMEM, "no memory for the writer");
  int r = store_claim(w->store, index, &l->tx, e);
  if (r < 0) return r;
  for (size_t i = 0; i < w->n_parts; i++) {
    l->parts[i] = w->parts[i]->create ? w->parts[i]->create(index, w->parts[i]->arg) : NULL;
    if (w->parts[i]->create && !l->parts[i])
      return err_field(e, E_NOMEM, "a part of the writer", w->parts[i]->name);
  }
  l->tx->parts = l->parts;
  l->tx->writer = l;
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
  w->now_us = o && o->now_us ? o->now_us : monotonic_us;
  if (o) {
    w->behind = o->behind;
    w->behind_arg = o->behind_arg;
  }
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
  size_t left;
};

static void wake_waiter(struct cmd *c) {
  struct waiter *wait = c->owner;
  pthread_mutex_lock(&wait->lock);
  if (--wait->left == 0) pthread_cond_signal(&wait->cond);
  pthread_mutex_unlock(&wait->lock);
}

void writer_run_all(struct writer *w, struct cmd *cmds, size_t n) {
  struct waiter wait = {
      .lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER, .left = n};
  for (size_t i = 0; i < n; i++) {
    cmds[i].done = wake_waiter;
    cmds[i].owner = &wait;
    struct err e = {0};
    int r = writer_submit(w, &cmds[i], &e);
    if (r == 0) continue;
    cmds[i].result = r;
    cmds[i].err = e;
    wake_waiter(&cmds[i]);
  }
  pthread_mutex_lock(&wait.lock);
  while (wait.left) pthread_cond_wait(&wait.cond, &wait.lock);
  pthread_mutex_unlock(&wait.lock);
  pthread_mutex_destroy(&wait.lock);
  pthread_cond_destroy(&wait.cond);
}

int writer_run(struct writer *w, const struct cmd_class *cls, void *arg, enum cmd_priority priority,
               struct err *e) {
  struct cmd c = {.cls = cls, .arg = arg, .priority = priority};
  writer_run_all(w, &c, 1);
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
      .bulk_shared = atomic_load(&w->bulk_shared),
      .bulk_alone = atomic_load(&w->bulk_alone),
  };
}
