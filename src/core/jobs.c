#include "core/job_inner.h"
#include "core/operation.h"
#include "base/log.h"
#include <assert.h>
#include <stdlib.h>

/* Several servers on one PostgreSQL database: whoever holds this row runs the jobs. It lapses by
 * itself; the clocks of the servers must agree to within LEASE_MS. */
static const struct table_def tables[] = {
    {.name = "job_lease",
     .columns = "name text PRIMARY KEY, holder uuid NOT NULL, until_ms i64 NOT NULL"},
};
__attribute__((constructor)) static void declare_tables(void) {
  schema_add_tables(tables, ARRAY_LEN(tables));
}

#define LEASE_MS     (30 * MS_SECOND)
#define LEASE_ASK_MS (10 * MS_SECOND)

struct entry {
  const struct job *job;
  int64_t due_ms; /* monotonic */
  bool woken;
  struct job_stats stats;
  struct job_state *states; /* one for each operation met; only the first may be added meanwhile */
};

struct jobs {
  struct app *app;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  struct entry entries[JOBS_MAX];
  size_t n;
  struct uuid holder;
  _Atomic bool leading;
  int64_t lease_asked_ms; /* monotonic; of the thread that runs */
  bool started;
  _Atomic bool stop;
};

QUERY(q_lease,
      "INSERT INTO job_lease (name, holder, until_ms) VALUES ($1, $2, $3) "
      "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms "
      "WHERE job_lease.holder = excluded.holder OR job_lease.until_ms < $4");
QUERY(q_lease_end, "DELETE FROM job_lease WHERE name = $1 AND holder = $2");

struct lease {
  struct uuid holder;
  int64_t now_ms;
  bool got;
};

static int lease_take(struct tx *tx, void *arg, struct err *e) {
  struct lease *l = arg;
  int64_t changed = 0;
  int r =
      tx_exec(tx, &q_lease,
              P(V_TEXTZ("jobs"), V_UUID(l->holder), V_I64(l->now_ms + LEASE_MS), V_I64(l->now_ms)),
              &changed, e);
  l->got = changed > 0;
  return r;
}
static int lease_end(struct tx *tx, void *arg, struct err *e) {
  struct lease *l = arg;
  return tx_exec(tx, &q_lease_end, P(V_TEXTZ("jobs"), V_UUID(l->holder)), NULL, e);
}
static const struct cmd_class lease_take_cmd = {.name = "job_lease", .run = lease_take};
static const struct cmd_class lease_end_cmd = {.name = "job_lease_end", .run = lease_end};

/* A database in a folder has one server. */
static bool alone(const struct jobs *j) {
  return store_engine(j->app->store) == ENGINE_SQLITE;
}

static void ask_for_lease(struct jobs *j) {
  if (alone(j)) return;
  const int64_t now = monotonic_ms();
  if (j->lease_asked_ms && now - j->lease_asked_ms < LEASE_ASK_MS) return;
  struct lease l = {.holder = j->holder, .now_ms = machine_now_ms()};
  struct err e = {0};
  int r = writer_run(j->app->writer, &lease_take_cmd, &l, CMD_NORMAL, &e);
  if (r < 0) log_err(LOG_WARN, "job_lease_not_asked", &e);
  const bool before = atomic_exchange(&j->leading, r == 0 && l.got);
  if (r == 0 && l.got != before) log_info("job_lease", "held=%d", l.got);
  j->lease_asked_ms = now;
}

/* ---- running ---- */

static void note(struct jobs *j, struct entry *en, int r, int64_t took_us) {
  assert(r <= 0 && took_us >= 0);
  pthread_mutex_lock(&j->lock);
  struct job_stats *s = &en->stats;
  s->runs++;
  s->last_us = took_us;
  if (took_us > s->max_us) s->max_us = took_us;
  if (r < 0)
    s->failures++;
  else
    s->last_ok_ms = machine_now_ms();
  pthread_mutex_unlock(&j->lock);
}

static struct job_state *state_of(struct jobs *j, struct entry *en, int64_t op) {
  for (struct job_state *st = en->states; st; st = st->next)
    if (st->op == op) return st;
  struct job_state *st = job_state_make(en->job->name, op, &j->stop);
  if (!st) return NULL;
  pthread_mutex_lock(&j->lock);
  st->next = en->states;
  en->states = st;
  pthread_mutex_unlock(&j->lock);
  return st;
}

int job_by_hand(struct app *app, struct arena *a, int64_t op,
                int (*run)(struct job_run *run, struct err *e), struct err *e) {
  struct job_run jr = {.app = app, .a = a};
  int r = app_system_viewer(app, a, op, &jr.viewer, e);
  return r < 0 ? r : run(&jr, e);
}

/* One run, for one operation where op is not 0. */
static int run_one(struct jobs *j, struct entry *en, int64_t op, struct err *e) {
  assert(!(en->job->flags & JOB_PER_OPERATION) == (op == 0));
  struct arena *a = arena_create(LIMIT_ARENA_JOB);
  struct job_run jr = {.app = j->app, .a = a, .state = state_of(j, en, op)};
  if (!a || !jr.state) {
    arena_free(a);
    return err_set(e, E_NOMEM, "no memory for a job");
  }
  struct err mine = {0};
  job_run_begins(jr.state);
  int r = app_system_viewer(j->app, a, op, &jr.viewer, &mine);
  if (r >= 0) r = en->job->run(&jr, &mine);
  if (r >= 0 && arena_failed(a)) r = err_set(&mine, E_NOMEM, "a job needs too much memory");
  if (r < 0 && mine.code == 0) err_field(&mine, -r, "a job failed", en->job->name);
  arena_free(a);
  if (job_run_ends(jr.state, r < 0 ? r : 0, &mine)) jobs_wake(j, en->job->name);
  if (r < 0 && e) *e = mine;
  return r < 0 ? r : 0;
}

/* An operation that fails does not keep the others from their turn; what failed in one that was
 * closed since is nobody's business any more. */
static int run_entry(struct jobs *j, struct entry *en, struct err *e) {
  const int64_t start = monotonic_us();
  int first = 0;
  if (en->job->flags & JOB_PER_OPERATION) {
    int64_t ops[OPERATIONS_MAX];
    const size_t n = operations_open(j->app, ops);
    for (struct job_state *st = en->states; st; st = st->next) {
      bool open = false;
      for (size_t i = 0; i < n && !open; i++) open = ops[i] == st->op;
      if (open) continue;
      job_run_begins(st);
      (void)job_run_ends(st, 0, NULL);
    }
    for (size_t i = 0; i < n && !atomic_load(&j->stop); i++) {
      int r = run_one(j, en, ops[i], first == 0 ? e : NULL);
      if (first == 0) first = r;
    }
  } else {
    first = run_one(j, en, 0, e);
  }
  note(j, en, first, monotonic_us() - start);
  return first;
}

/* Under the lock: an entry that is due, with its next time set; NULL and the wait where none is. */
static struct entry *take_due(struct jobs *j, bool all, int64_t *ret_wait_ms) {
  const int64_t now = monotonic_ms();
  int64_t wait = LEASE_ASK_MS;
  struct entry *due = NULL;
  for (size_t i = 0; i < j->n; i++) {
    struct entry *en = &j->entries[i];
    const int64_t in = en->woken || all ? 0 : en->due_ms - now;
    if (in <= 0 && (!due || en->due_ms < due->due_ms)) due = en;
    if (in < wait) wait = in;
  }
  if (due) {
    due->woken = false;
    due->due_ms = now + due->job->every_ms;
  }
  *ret_wait_ms = wait;
  return due;
}

static bool mine(const struct jobs *j, const struct entry *en) {
  return en->job->flags & JOB_EACH || jobs_leading(j);
}

static void *jobs_loop(void *arg) {
  struct jobs *j = arg;
  pthread_mutex_lock(&j->lock);
  while (!atomic_load(&j->stop)) {
    int64_t wait = 0;
    pthread_mutex_unlock(&j->lock);
    ask_for_lease(j);
    pthread_mutex_lock(&j->lock);
    struct entry *en = atomic_load(&j->stop) ? NULL : take_due(j, false, &wait);
    if (en) {
      pthread_mutex_unlock(&j->lock);
      if (mine(j, en)) (void)!run_entry(j, en, NULL);
      pthread_mutex_lock(&j->lock);
      continue;
    }
    if (atomic_load(&j->stop)) break;
    const int64_t until = monotonic_ms() + wait;
    const struct timespec t = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
    pthread_cond_timedwait(&j->wake, &j->lock, &t);
  }
  pthread_mutex_unlock(&j->lock);
  return NULL;
}

int jobs_run_due(struct jobs *j, bool all, struct err *e) {
  int first = 0;
  ask_for_lease(j);
  for (size_t i = 0; i < j->n; i++) {
    struct entry *en = &j->entries[i];
    const int64_t now = monotonic_ms();
    if (!all && !en->woken && en->due_ms > now) continue;
    en->woken = false;
    en->due_ms = now + en->job->every_ms;
    if (!mine(j, en)) continue;
    int r = run_entry(j, en, first == 0 ? e : NULL);
    if (first == 0) first = r;
  }
  return first;
}

void jobs_wake(struct jobs *j, const char *name) {
  if (!j) return;
  pthread_mutex_lock(&j->lock);
  for (size_t i = 0; i < j->n; i++)
    if (strcmp(j->entries[i].job->name, name) == 0) j->entries[i].woken = true;
  pthread_cond_signal(&j->wake);
  pthread_mutex_unlock(&j->lock);
}

bool jobs_leading(const struct jobs *j) {
  return alone(j) || atomic_load(&j->leading);
}

size_t jobs_stats(struct jobs *j, struct job_stats *out, size_t max) {
  size_t n = 0;
  if (!j) return 0;
  pthread_mutex_lock(&j->lock);
  for (; n < j->n && n < max; n++) {
    out[n] = j->entries[n].stats;
    for (struct job_state *st = j->entries[n].states; st; st = st->next)
      job_state_count(st, &out[n]);
  }
  pthread_mutex_unlock(&j->lock);
  return n;
}

size_t jobs_failing(struct jobs *j, int64_t op, struct job_failing *out, size_t max) {
  size_t n = 0;
  pthread_mutex_lock(&j->lock);
  for (size_t i = 0; i < j->n; i++) {
    for (struct job_state *st = j->entries[i].states; st && n < max; st = st->next) {
      struct job_failing *f = &out[n];
      *f = (struct job_failing){.name = st->job};
      if (st->op == op && (f->rows = job_state_failing(st, &f->code)) >= 0) n++;
    }
  }
  pthread_mutex_unlock(&j->lock);
  return n;
}

/* ---- start and stop ---- */

static int add(struct jobs *j, const struct job *job, struct err *e) {
  assert(job->run && !j->started);
  if (j->n == JOBS_MAX) return err_field(e, E_BUG, "too many jobs", job->name);
  /* Not all at once at start: the first runs are spread over the first seconds. */
  const int64_t first = job->every_ms < 5 * MS_SECOND ? job->every_ms : 5 * MS_SECOND;
  j->entries[j->n++] =
      (struct entry){.job = job, .due_ms = monotonic_ms() + first, .stats = {.name = job->name}};
  return 0;
}

static struct jobs *jobs_free(struct jobs *j) {
  for (size_t i = 0; i < j->n; i++)
    while (j->entries[i].states) {
      struct job_state *st = j->entries[i].states;
      j->entries[i].states = st->next;
      job_state_free(st);
    }
  pthread_cond_destroy(&j->wake);
  pthread_mutex_destroy(&j->lock);
  free(j);
  return NULL;
}

int jobs_create(struct app *app, const struct module *const *list, struct jobs **ret_jobs,
                struct err *e) {
  struct jobs *j = calloc(1, sizeof *j);
  if (!j) return err_set(e, E_NOMEM, "no memory for jobs");
  j->app = app;
  j->holder = idgen_next(&app->ids, machine_now_ms());
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&j->wake, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_mutex_init(&j->lock, NULL);
  int r = 0;
  for (; *list && r == 0; list++)
    for (const struct job *job = (*list)->jobs; job && job->name && r == 0; job++)
      r = add(j, job, e);
  if (r < 0) {
    jobs_free(j);
    return r;
  }
  *ret_jobs = j;
  return 0;
}

int jobs_start(struct app *app, const struct module *const *list, struct jobs **ret_jobs,
               struct err *e) {
  struct jobs *j = NULL;
  int r = jobs_create(app, list, &j, e);
  if (r < 0) return r;
  *ret_jobs = j; /* before the thread, which finds itself there */
  r = pthread_create(&j->thread, NULL, jobs_loop, j);
  if (r) {
    *ret_jobs = jobs_free(j);
    return err_sys(e, E_UNAVAILABLE, "no thread for jobs", r);
  }
  j->started = true;
  return 0;
}

struct jobs *jobs_stop(struct jobs *j) {
  if (!j) return NULL;
  pthread_mutex_lock(&j->lock);
  atomic_store(&j->stop, true);
  pthread_cond_signal(&j->wake);
  pthread_mutex_unlock(&j->lock);
  if (j->started) pthread_join(j->thread, NULL);
  if (!alone(j) && jobs_leading(j)) {
    struct lease l = {.holder = j->holder};
    struct err e = {0};
    if (writer_run(j->app->writer, &lease_end_cmd, &l, CMD_NORMAL, &e) < 0)
      log_err(LOG_INFO, "job_lease_not_ended", &e);
  }
  return jobs_free(j);
}
