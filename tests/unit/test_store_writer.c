#include "base/limits.h"
#include "store/store.h"
#include "store/writer.h"
#include "store_fixture.h"
#include <pthread.h>
#include <stdatomic.h>

static const struct migration list[] = {
    {1, "all",
     "CREATE TABLE lines (id INTEGER PRIMARY KEY, who INTEGER NOT NULL) STRICT;"
     "CREATE TABLE sums (k INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT",
     "CREATE TABLE lines (id BIGINT PRIMARY KEY, who BIGINT NOT NULL);"
     "CREATE TABLE sums (k BIGINT PRIMARY KEY, n BIGINT NOT NULL)"},
};
QUERY(q_line, "INSERT INTO lines (id, who) VALUES ($1, $2)");
QUERY(q_lines, "SELECT count(*) FROM lines");
QUERY(q_has, "SELECT count(*) FROM lines WHERE id = $1");
QUERY(q_sum_all, "SELECT CAST(sum(n) AS BIGINT) FROM sums");
QUERY(q_sum_read, "SELECT n FROM sums WHERE k = $1");
QUERY(q_sum_set,
      "INSERT INTO sums (k, n) VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET n = excluded.n");
QUERY(q_sum_add, "INSERT INTO sums AS s (k, n) VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET "
                 "n = s.n + excluded.n");

static int number(struct store *s, const struct query *q, const struct val *p, size_t n,
                  int64_t *ret_n) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct err e;
  int r = store_read(s, &tx, &e);
  return r < 0 ? r : tx_i64(tx, q, p, n, ret_n, &e);
}
#define CHECK_NUMBER(store_, q_, want_)                                                            \
  do {                                                                                             \
    int64_t got_n_ = -1;                                                                           \
    CHECK_EQ_I64(number(store_, q_, P_NONE, &got_n_), 0);                                          \
    CHECK_EQ_I64(got_n_, want_);                                                                   \
  } while (0)

/* ---- a part that sums, as the figures do; a clock that only commands and it move ---- */

struct sum {
  int64_t log[64 * 1024];
  size_t n;
  int flushed, committed, undone;
  int64_t close_us, row_us; /* what a flush costs on the clock that only commands move */
};
static _Atomic int64_t fake_us;
static int64_t fake_now(void) {
  return atomic_load(&fake_us);
}

static void *sum_create(size_t lane, void *arg) {
  (void)lane;
  return arg;
}
static size_t sum_mark(void *part) {
  return ((struct sum *)part)->n;
}
static void sum_rewind(void *part, size_t mark) {
  ((struct sum *)part)->n = mark;
  ((struct sum *)part)->undone++;
}
static int sum_flush(struct tx *tx, void *part, struct err *e) {
  struct sum *s = part;
  int64_t total = 0;
  for (size_t i = 0; i < s->n; i++) total += s->log[i];
  s->flushed++;
  atomic_fetch_add(&fake_us, s->close_us + (int64_t)s->n * s->row_us);
  /* what a command left in it makes the flush impossible */
  for (size_t i = 0; i < s->n; i++)
    if (s->log[i] == -666) return err_set(e, E_BUG, "a part that cannot be written");
  return s->n ? tx_exec(tx, &q_sum_add, P(V_I64(0), V_I64(total)), NULL, e) : 0;
}
static void sum_finish(void *part, bool committed) {
  struct sum *s = part;
  if (committed) s->committed++;
  s->n = 0;
}

/* ---- commands ---- */

struct line {
  struct cmd cmd;
  int64_t id, who, add;
  int fail; /* after everything was written */
  _Atomic int *callbacks;
  _Atomic int *dones;
  _Atomic int *order;
  int place;
  bool swallow;
  int64_t costs_us; /* on the clock that only commands move */
};

static void count_up(void *arg) {
  atomic_fetch_add(((struct line *)arg)->callbacks, 1);
}

static int line_run(struct tx *tx, void *arg, struct err *e) {
  struct line *l = arg;
  struct sum *s = tx_part(tx, 0);
  if (l->order) l->place = atomic_fetch_add(l->order, 1);
  if (s && l->add) s->log[s->n++] = l->add;
  /* the same thing twice is done once */
  for (int i = 0; l->callbacks && i < 2; i++) tx_on_commit(tx, count_up, l);
  int r = tx_exec(tx, &q_line, P(V_I64(l->id), V_I64(l->who)), NULL, e);
  atomic_fetch_add(&fake_us, l->costs_us);
  if (l->swallow) return 0;
  return r < 0 || !l->fail ? r : err_set(e, l->fail, "on purpose");
}
static const struct cmd_class line_class = {.name = "line", .run = line_run};

static int many_calls;
static int line_many(struct tx *tx, struct cmd **cmds, size_t n, struct err *e) {
  static const enum val_type types[] = {VAL_I64, VAL_I64};
  static const struct bulk bulk = {"lines", "lines", "id, who", types, 2, NULL};
  struct val *rows = arena_array(tx_arena(tx), struct val, n * 2);
  if (!rows) return err_set(e, E_NOMEM, "rows");
  many_calls++;
  for (size_t i = 0; i < n; i++) {
    struct line *l = cmds[i]->arg;
    if (l->callbacks) tx_on_commit(tx, count_up, l);
    rows[2 * i] = V_I64(l->id);
    rows[2 * i + 1] = V_I64(l->who);
  }
  return tx_bulk(tx, &bulk, rows, n, e);
}
static const struct cmd_class many_class = {.name = "many", .run = line_run, .run_many = line_many};

static void line_done(struct cmd *c) {
  struct line *l = c->arg;
  if (l->dones) atomic_fetch_add(l->dones, 1);
}

static int submit(struct writer *w, struct line *l, const struct cmd_class *cls,
                  enum cmd_priority p) {
  struct err e;
  l->cmd = (struct cmd){.cls = cls, .arg = l, .priority = p, .done = line_done};
  return writer_submit(w, &l->cmd, &e);
}

/* Holds the writer so that what is submitted meanwhile lies in the queue. */
struct gate {
  pthread_mutex_t lock;
  pthread_cond_t cond;
  bool entered, open;
};
static int gate_run(struct tx *tx, void *arg, struct err *e) {
  struct gate *g = arg;
  (void)tx, (void)e;
  pthread_mutex_lock(&g->lock);
  g->entered = true;
  pthread_cond_broadcast(&g->cond);
  while (!g->open) pthread_cond_wait(&g->cond, &g->lock);
  pthread_mutex_unlock(&g->lock);
  return 0;
}
static const struct cmd_class gate_class = {.name = "gate", .run = gate_run};
static void gate_done(struct cmd *c) {
  (void)c;
}

static int gate_submit(struct writer *w, struct gate *g, struct cmd *c) {
  struct err e;
  *g = (struct gate){.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
  *c = (struct cmd){.cls = &gate_class, .arg = g, .done = gate_done};
  return writer_submit(w, c, &e);
}
static void gate_wait(struct gate *g) {
  pthread_mutex_lock(&g->lock);
  while (!g->entered) pthread_cond_wait(&g->cond, &g->lock);
  pthread_mutex_unlock(&g->lock);
}
static int gate_close(struct writer *w, struct gate *g, struct cmd *c) {
  int r = gate_submit(w, g, c);
  if (r == 0) gate_wait(g);
  return r;
}
static void gate_open(struct gate *g) {
  pthread_mutex_lock(&g->lock);
  g->open = true;
  pthread_cond_broadcast(&g->cond);
  pthread_mutex_unlock(&g->lock);
}

struct bench {
  struct writer *w;
  struct sum *sum;
  struct tx_part part;
  int64_t (*now_us)(void);
};
static void bench_done(struct bench *b) {
  b->w = writer_stop(b->w);
  free(b->sum);
}
static int bench_start(struct bench *b, struct fixture *f) {
  b->sum = calloc(1, sizeof *b->sum);
  b->part = (struct tx_part){.name = "sum",
                             .create = sum_create,
                             .mark = sum_mark,
                             .rewind = sum_rewind,
                             .flush = sum_flush,
                             .finish = sum_finish,
                             .arg = b->sum};
  struct writer_options o = {.parts = {&b->part}, .now_us = b->now_us};
  int r = store_migrate(f->store, list, 1, NULL, &f->e);
  return r < 0 ? r : writer_start(f->store, &o, &b->w, &f->e);
}

TEST_BOTH(a_failing_command_is_undone_alone) {
  _cleanup_(bench_done) struct bench b = {0};
  struct gate g;
  struct cmd held;
  _Atomic int callbacks = 0, dones = 0;
  struct line l[30] = {0};
  CHECK_OK(bench_start(&b, f), &f->e);
  CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
  for (int i = 0; i < 30; i++) {
    l[i] = (struct line){.id = i, .who = 1, .add = 1, .callbacks = &callbacks, .dones = &dones};
    if (i % 3 == 1) l[i].fail = E_CONFLICT;
    if (i % 10 == 8) l[i].id = 0; /* exists */
    CHECK_EQ_I64(submit(b.w, &l[i], &line_class, CMD_NORMAL), 0);
  }
  gate_open(&g);
  b.w = writer_stop(b.w);
  int64_t good = 0;
  for (int i = 0; i < 30; i++) {
    int want = i % 10 == 8 ? -E_EXISTS : i % 3 == 1 ? -E_CONFLICT : 0;
    CHECK_EQ_I64(l[i].cmd.result, want);
    if (want) CHECK_EQ_I64(l[i].cmd.err.code, -want);
    good += want == 0;
  }
  CHECK_EQ_I64(dones, 30);
  CHECK_EQ_I64(callbacks, good);
  CHECK_NUMBER(f->store, &q_lines, good);
  CHECK_NUMBER(f->store, &q_sum_all, good);
  CHECK_EQ_I64(b.sum->undone, 30 - good);
}

TEST_BOTH(what_waits_shares_a_commit) {
  _cleanup_(bench_done) struct bench b = {0};
  struct gate g;
  struct cmd held;
  enum { N = 500 };
  struct line *l = calloc(N, sizeof *l);
  struct writer_stats before, after;
  CHECK_OK(bench_start(&b, f), &f->e);
  CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
  writer_stats(b.w, &before);
  for (int i = 0; i < N; i++) {
    l[i] = (struct line){.id = i, .who = 1};
    CHECK_EQ_I64(submit(b.w, &l[i], &line_class, CMD_GATE), 0);
  }
  gate_open(&g);
  /* the last in the queue: all before it are through */
  struct line last = {.id = N};
  CHECK_OK(writer_run(b.w, &line_class, &last, CMD_NORMAL, &f->e), &f->e);
  writer_stats(b.w, &after);
  CHECK(after.commits - before.commits <= 3);
  CHECK_EQ_I64(after.commands - before.commands, N + 2);
  CHECK_EQ_I64(after.queued, 0);
  CHECK_NUMBER(f->store, &q_lines, N + 1);
  free(l);
}

/* ---- bulk, by a clock that only commands move ---- */

static int bulk_bench_start(struct bench *b, struct fixture *f) {
  atomic_store(&fake_us, 1000000000);
  b->now_us = fake_now;
  return bench_start(b, f);
}

static struct writer_stats settled(struct writer *w, int64_t commands) {
  struct writer_stats st;
  do {
    usleep(200);
    writer_stats(w, &st);
  } while (st.commands < commands);
  return st;
}

/* A fifth of the others' time in the others' own commit; the rest follows when nobody else comes.
 */
TEST_BOTH(the_gate_comes_first_and_bulk_shares_its_commit) {
  _cleanup_(bench_done) struct bench b = {0};
  struct gate g;
  struct cmd held;
  enum { N = 20 };
  struct line *l = calloc(3 * N, sizeof *l);
  _Atomic int order = 0;
  CHECK_OK(bulk_bench_start(&b, f), &f->e);
  CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
  for (int i = 0; i < 3 * N; i++) {
    enum cmd_priority p = i % 3 == 0 ? CMD_BULK : i % 3 == 1 ? CMD_NORMAL : CMD_GATE;
    l[i] = (struct line){.id = i, .who = 1, .order = &order, .costs_us = 1000};
    CHECK_EQ_I64(submit(b.w, &l[i], &line_class, p), 0);
  }
  gate_open(&g);
  const struct writer_stats st = settled(b.w, 3 * N + 1);
  b.w = writer_stop(b.w);
  int gate_last = 0, normal_first = 3 * N, normal_last = 0, bulk_first = 3 * N;
  for (int i = 0; i < 3 * N; i++) {
    const int at = l[i].place;
    CHECK_EQ_I64(l[i].cmd.result, 0);
    if (i % 3 == 2 && at > gate_last) gate_last = at;
    if (i % 3 == 1 && at < normal_first) normal_first = at;
    if (i % 3 == 1 && at > normal_last) normal_last = at;
    if (i % 3 == 0 && at < bulk_first) bulk_first = at;
  }
  CHECK(gate_last < normal_first);
  CHECK(normal_last < bulk_first);
  /* each kind keeps its order */
  for (int i = 3; i < 3 * N; i++) CHECK(l[i].place > l[i - 3].place);
  /* 40 ms of others, so 8 of bulk with them; alone ten in 10 ms, then the last two */
  CHECK_EQ_I64(st.bulk_shared, 8);
  CHECK_EQ_I64(st.bulk_alone, N - 8);
  CHECK_EQ_I64(st.commits, 1 + 1 + 2);
  free(l);
}

/* What one of bulk took too much, the commits after it are without bulk for. */
TEST_BOTH(bulk_owes_what_it_took_too_much) {
  _cleanup_(bench_done) struct bench b = {0};
  enum { ROUNDS = 12 };
  struct gate g[ROUNDS + 2];
  struct cmd held[ROUNDS + 2];
  struct line bulk[3] = {0};
  int64_t shared[ROUNDS + 1];
  CHECK_OK(bulk_bench_start(&b, f), &f->e);
  CHECK_EQ_I64(gate_close(b.w, &g[0], &held[0]), 0);
  for (int i = 0; i < 3; i++) {
    bulk[i] = (struct line){.id = i, .costs_us = i == 0 ? 10000 : 1000};
    CHECK_EQ_I64(submit(b.w, &bulk[i], &line_class, CMD_BULK), 0);
  }
  for (int i = 0; i <= ROUNDS; i++) {
    struct writer_stats st;
    /* the next one waits before this one's commit begins */
    CHECK_EQ_I64(gate_submit(b.w, &g[i + 1], &held[i + 1]), 0);
    atomic_fetch_add(&fake_us, 5000);
    gate_open(&g[i]);
    gate_wait(&g[i + 1]);
    writer_stats(b.w, &st);
    shared[i] = st.bulk_shared;
  }
  gate_open(&g[ROUNDS + 1]);
  b.w = writer_stop(b.w);
  CHECK_EQ_I64(shared[0], 0);
  for (int i = 1; i <= 10; i++) CHECK_EQ_I64(shared[i], 1);
  CHECK_EQ_I64(shared[11], 2);
  CHECK_EQ_I64(shared[12], 3);
  CHECK_NUMBER(f->store, &q_lines, 3);
}

/* A row of bulk takes 1 ms and makes the commit 3 ms longer; others take 5 ms and 1 ms to be
 * closed, so that a fifth of theirs pays for a row in every third or fourth commit. */
TEST_BOTH(bulk_pays_for_what_it_adds_to_a_commit) {
  _cleanup_(bench_done) struct bench b = {0};
  enum { ROUNDS = 14, FEW = ROUNDS * 1200 / 4000 };
  struct gate g[ROUNDS + 1];
  struct cmd held[ROUNDS + 1];
  struct line bulk[ROUNDS] = {0}, first = {.id = 100};
  struct writer_stats st;
  CHECK_OK(bulk_bench_start(&b, f), &f->e);
  b.sum->close_us = 1000;
  b.sum->row_us = 3000;
  /* what a commit without bulk costs is known */
  CHECK_OK(writer_run(b.w, &line_class, &first, CMD_NORMAL, &f->e), &f->e);
  CHECK_EQ_I64(gate_close(b.w, &g[0], &held[0]), 0);
  for (int i = 0; i < ROUNDS; i++) {
    bulk[i] = (struct line){.id = i, .add = 1, .costs_us = 1000};
    CHECK_EQ_I64(submit(b.w, &bulk[i], &line_class, CMD_BULK), 0);
  }
  for (int i = 0; i < ROUNDS; i++) {
    CHECK_EQ_I64(gate_submit(b.w, &g[i + 1], &held[i + 1]), 0);
    atomic_fetch_add(&fake_us, 5000);
    gate_open(&g[i]);
    gate_wait(&g[i + 1]);
  }
  writer_stats(b.w, &st);
  CHECK(st.bulk_shared >= FEW - 1 && st.bulk_shared <= FEW + 1);
  gate_open(&g[ROUNDS]);
  b.w = writer_stop(b.w);
  CHECK_NUMBER(f->store, &q_lines, ROUNDS + 1);
}

static const struct cmd_class look_class = {.name = "look", .run = line_run, .undone = true};

/* One that only looks is in nobody's commit, leaves nothing, and takes its time behind the others.
 */
TEST_BOTH(bulk_that_is_undone_shares_no_commit) {
  _cleanup_(bench_done) struct bench b = {0};
  struct gate g;
  struct cmd held;
  _Atomic int order = 0, callbacks = 0;
  struct line l[4] = {0};
  CHECK_OK(bulk_bench_start(&b, f), &f->e);
  CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
  for (int i = 0; i < 4; i++) {
    const bool looks = i == 1;
    l[i] = (struct line){.id = i,
                         .add = 1,
                         .order = &order,
                         .callbacks = &callbacks,
                         .costs_us = 1000,
                         .fail = looks ? E_PRECONDITION : 0};
    CHECK_EQ_I64(
        submit(b.w, &l[i], looks ? &look_class : &line_class, i % 2 ? CMD_BULK : CMD_NORMAL), 0);
  }
  atomic_fetch_add(&fake_us, 20000);
  gate_open(&g);
  b.w = writer_stop(b.w);
  for (int i = 0; i < 4; i++) CHECK_EQ_I64(l[i].cmd.result, i == 1 ? -E_PRECONDITION : 0);
  CHECK(l[1].place > l[2].place && l[3].place > l[1].place);
  CHECK_EQ_I64(callbacks, 3);
  /* the gate's own commit had written nothing else; then the others', then the last of bulk's */
  CHECK_EQ_I64(b.sum->committed, 3);
  CHECK_EQ_I64(b.sum->flushed, 3);
  CHECK_NUMBER(f->store, &q_lines, 3);
  CHECK_NUMBER(f->store, &q_sum_all, 3);
}

struct rows {
  struct cmd cmd;
  int n, most;
};
static int rows_run(struct tx *tx, void *arg, struct err *e) {
  struct rows *r = arg;
  (void)e;
  for (r->n = 0; r->n < r->most && !tx_hurry(tx); r->n++) atomic_fetch_add(&fake_us, 1000);
  return 0;
}
static const struct cmd_class rows_class = {.name = "rows", .run = rows_run};

TEST_BOTH(a_long_bulk_command_is_told_when_to_end) {
  _cleanup_(bench_done) struct bench b = {0};
  struct gate g;
  struct cmd held;
  struct rows alone = {.most = 1000}, shared = {.most = 1000}, urgent = {.most = 1000};
  CHECK_OK(bulk_bench_start(&b, f), &f->e);
  CHECK_OK(writer_run(b.w, &rows_class, &alone, CMD_BULK, &f->e), &f->e);
  CHECK_EQ_I64(alone.n, 50);
  /* others are never told */
  CHECK_OK(writer_run(b.w, &rows_class, &urgent, CMD_NORMAL, &f->e), &f->e);
  CHECK_EQ_I64(urgent.n, 1000);
  CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
  struct line l = {.id = 1, .costs_us = 35000};
  CHECK_EQ_I64(submit(b.w, &l, &line_class, CMD_GATE), 0);
  shared.cmd =
      (struct cmd){.cls = &rows_class, .arg = &shared, .priority = CMD_BULK, .done = gate_done};
  CHECK_EQ_I64(writer_submit(b.w, &shared.cmd, &f->e), 0);
  gate_open(&g);
  b.w = writer_stop(b.w);
  CHECK_EQ_I64(shared.n, 7);
}

/* A row of an import that cannot be written costs the gate one more commit and nothing else. */
TEST_BOTH(bulk_that_spoils_a_commit_is_tried_apart) {
  _cleanup_(bench_done) struct bench b = {0};
  struct gate g;
  struct cmd held;
  _Atomic int callbacks = 0, dones = 0;
  struct line l[12] = {0};
  CHECK_OK(bulk_bench_start(&b, f), &f->e);
  CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
  for (int i = 0; i < 12; i++) {
    l[i] = (struct line){.id = i,
                         .add = i == 7 ? -666 : 1,
                         .callbacks = &callbacks,
                         .dones = &dones,
                         .costs_us = 1000};
    CHECK_EQ_I64(submit(b.w, &l[i], &line_class, i < 6 ? CMD_GATE : CMD_BULK), 0);
  }
  atomic_fetch_add(&fake_us, 10000);
  gate_open(&g);
  b.w = writer_stop(b.w);
  for (int i = 0; i < 12; i++) CHECK_EQ_I64(l[i].cmd.result, i == 7 ? -E_BUG : 0);
  CHECK_EQ_I64(dones, 12);
  CHECK_EQ_I64(callbacks, 11);
  CHECK_NUMBER(f->store, &q_lines, 11);
  CHECK_NUMBER(f->store, &q_sum_all, 11);
}

TEST_BOTH(the_queue_is_bounded) {
  _cleanup_(bench_done) struct bench b = {0};
  struct gate g;
  struct cmd held;
  size_t n = LIMIT_WRITER_QUEUE;
  struct line *l = calloc(n + 2, sizeof *l);
  _Atomic int dones = 0;
  CHECK_OK(bench_start(&b, f), &f->e);
  CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
  for (size_t i = 0; i < n; i++) {
    l[i] = (struct line){.id = (int64_t)i, .fail = E_STATE, .dones = &dones};
    CHECK_EQ_I64(submit(b.w, &l[i], &many_class, CMD_NORMAL), 0);
    if (i + 1 == n / 2) CHECK_EQ_I64(submit(b.w, &l[n], &line_class, CMD_BULK), -E_BUSY);
  }
  CHECK_EQ_I64(submit(b.w, &l[n], &line_class, CMD_GATE), -E_BUSY);
  struct writer_stats st;
  writer_stats(b.w, &st);
  CHECK_EQ_I64(st.busy_refused, 2);
  CHECK_EQ_I64(st.queued, n);
  gate_open(&g);
  b.w = writer_stop(b.w);
  CHECK_EQ_I64(dones, n);
  free(l);
}

TEST_BOTH(a_run_of_one_class_goes_together) {
  _cleanup_(bench_done) struct bench b = {0};
  struct gate g;
  struct cmd held;
  _Atomic int callbacks = 0;
  struct line l[101] = {0};
  CHECK_OK(bench_start(&b, f), &f->e);
  many_calls = 0;
  CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
  for (int i = 0; i < 100; i++) {
    l[i] = (struct line){.id = i, .callbacks = &callbacks};
    CHECK_EQ_I64(submit(b.w, &l[i], &many_class, CMD_GATE), 0);
  }
  gate_open(&g);
  l[100] = (struct line){.id = 1000};
  CHECK_OK(writer_run(b.w, &line_class, &l[100], CMD_NORMAL, &f->e), &f->e);
  CHECK_EQ_I64(many_calls, 1);
  CHECK_EQ_I64(callbacks, 100);
  CHECK_NUMBER(f->store, &q_lines, 101);
  /* one that cannot be written: the lot is undone, and each gets its own answer */
  CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
  for (int i = 0; i < 100; i++) {
    l[i] = (struct line){.id = i == 57 ? 3 : 2000 + i, .callbacks = &callbacks};
    CHECK_EQ_I64(submit(b.w, &l[i], &many_class, CMD_GATE), 0);
  }
  gate_open(&g);
  b.w = writer_stop(b.w);
  CHECK(many_calls > 2 && many_calls < 14); /* in halves, not one by one */
  for (int i = 0; i < 100; i++) CHECK_EQ_I64(l[i].cmd.result, i == 57 ? -E_EXISTS : 0);
  CHECK_EQ_I64(callbacks, 199);
  CHECK_NUMBER(f->store, &q_lines, 200);
}

TEST_BOTH(a_part_that_cannot_be_written_names_its_command) {
  _cleanup_(bench_done) struct bench b = {0};
  struct gate g;
  struct cmd held;
  _Atomic int callbacks = 0;
  struct line l[9] = {0};
  CHECK_OK(bench_start(&b, f), &f->e);
  CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
  for (int i = 0; i < 9; i++) {
    l[i] = (struct line){.id = i, .add = i == 4 ? -666 : 1, .callbacks = &callbacks};
    CHECK_EQ_I64(submit(b.w, &l[i], &line_class, CMD_NORMAL), 0);
  }
  gate_open(&g);
  b.w = writer_stop(b.w);
  for (int i = 0; i < 9; i++) CHECK_EQ_I64(l[i].cmd.result, i == 4 ? -E_BUG : 0);
  CHECK_EQ_I64(callbacks, 8);
  CHECK_NUMBER(f->store, &q_lines, 8);
  CHECK_NUMBER(f->store, &q_sum_all, 8);
}

/* A statement that travels with the next one, and whose failure is seen there or at the end. */
static int late_run(struct tx *tx, void *arg, struct err *e) {
  struct line *l = arg;
  int64_t n;
  if (l->callbacks) tx_on_commit(tx, count_up, l);
  /* who is missing: the database refuses it */
  int r = tx_exec_later(tx, &q_line, P(V_I64(l->id), l->fail ? V_NULL : V_I64(l->who)), false, e);
  return r < 0 || !l->swallow ? r : tx_i64(tx, &q_lines, P_NONE, &n, e);
}
static const struct cmd_class late_class = {.name = "late", .run = late_run};

static int late_undone_run(struct tx *tx, void *arg, struct err *e) {
  struct line *l = arg;
  int r = tx_exec_later(tx, &q_line, P(V_I64(l->id), V_I64(l->who)), false, e);
  return r < 0 ? r : err_set(e, E_CONFLICT, "on purpose");
}
static const struct cmd_class late_undone_class = {.name = "late_undone", .run = late_undone_run};

TEST_BOTH(a_late_failure_finds_its_command) {
  _cleanup_(bench_done) struct bench b = {0};
  struct gate g;
  struct cmd held;
  _Atomic int callbacks = 0;
  CHECK_OK(bench_start(&b, f), &f->e);
  for (int round = 0; round < 3; round++) {
    struct line l[60] = {0};
    CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
    for (int i = 0; i < 60; i++) {
      /* the last of all, one in the middle, or one that reads in between */
      const bool bad = i == (round == 0 ? 59 : 31);
      l[i] = (struct line){.id = 100 * round + i,
                           .who = 1,
                           .callbacks = &callbacks,
                           .fail = bad ? E_BUG : 0,
                           .swallow = round == 2 && i % 2};
      CHECK_EQ_I64(submit(b.w, &l[i], &late_class, CMD_NORMAL), 0);
    }
    gate_open(&g);
    struct line last = {.id = 100 * round + 99, .who = 1};
    CHECK_OK(writer_run(b.w, &line_class, &last, CMD_NORMAL, &f->e), &f->e);
    for (int i = 0; i < 60; i++)
      CHECK_EQ_I64(l[i].cmd.result, i == (round == 0 ? 59 : 31) ? -E_BUG : 0);
    CHECK_EQ_I64(callbacks, 59 * (round + 1));
    CHECK_NUMBER(f->store, &q_lines, 60 * (round + 1));
  }
}

/* One command that undoes what it sent late, between others that keep theirs. */
TEST_BOTH(a_late_statement_is_undone_with_its_command) {
  _cleanup_(bench_done) struct bench b = {0};
  struct gate g;
  struct cmd held;
  struct line l[9] = {0};
  CHECK_OK(bench_start(&b, f), &f->e);
  CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
  for (int i = 0; i < 9; i++) {
    l[i] = (struct line){.id = i, .who = 1, .fail = i % 3 == 1 ? E_CONFLICT : 0};
    CHECK_EQ_I64(submit(b.w, &l[i], i % 3 == 1 ? &late_undone_class : &late_class, CMD_NORMAL), 0);
  }
  gate_open(&g);
  b.w = writer_stop(b.w);
  for (int i = 0; i < 9; i++) CHECK_EQ_I64(l[i].cmd.result, i % 3 == 1 ? -E_CONFLICT : 0);
  CHECK_NUMBER(f->store, &q_lines, 6);
}

TEST_BOTH(going_on_after_a_failed_statement_is_a_bug) {
  _cleanup_(bench_done) struct bench b = {0};
  struct line first = {.id = 1}, second = {.id = 1, .swallow = true}, third = {.id = 2};
  CHECK_OK(bench_start(&b, f), &f->e);
  CHECK_OK(writer_run(b.w, &line_class, &first, CMD_NORMAL, &f->e), &f->e);
  CHECK_EQ_I64(writer_run(b.w, &line_class, &second, CMD_NORMAL, &f->e), -E_BUG);
  CHECK_OK(writer_run(b.w, &line_class, &third, CMD_NORMAL, &f->e), &f->e);
}

/* ---- memory runs out at every allocation in turn ---- */

struct hungry {
  struct line line;
  uint64_t fail_at;
};
static int hungry_run(struct tx *tx, void *arg, struct err *e) {
  struct hungry *h = arg;
  struct arena *a = tx_arena(tx);
  arena_fail_at(a, h->fail_at);
  for (int i = 0; i < 5; i++) {
    struct str s = arena_printf(a, "%d", i);
    (void)s;
  }
  return line_run(tx, &h->line, e);
}
static const struct cmd_class hungry_class = {.name = "hungry", .run = hungry_run};

TEST_BOTH(no_memory_fails_one_command_only) {
  _cleanup_(bench_done) struct bench b = {0};
  struct gate g;
  struct cmd held;
  CHECK_OK(bench_start(&b, f), &f->e);
  for (uint64_t at = 1; at <= 6; at++) {
    struct hungry h[3];
    CHECK_EQ_I64(gate_close(b.w, &g, &held), 0);
    for (int i = 0; i < 3; i++) {
      h[i] = (struct hungry){.line = {.id = (int64_t)(10 * at) + i, .add = 1},
                             .fail_at = i == 1 ? at : 0};
      h[i].line.cmd = (struct cmd){
          .cls = &hungry_class, .arg = &h[i], .priority = CMD_NORMAL, .done = gate_done};
      CHECK_EQ_I64(writer_submit(b.w, &h[i].line.cmd, &f->e), 0);
    }
    gate_open(&g);
    struct line last = {.id = (int64_t)(10 * at) + 5};
    CHECK_OK(writer_run(b.w, &line_class, &last, CMD_NORMAL, &f->e), &f->e);
    CHECK_EQ_I64(h[0].line.cmd.result, 0);
    CHECK_EQ_I64(h[1].line.cmd.result, at <= 5 ? -E_NOMEM : 0);
    CHECK_EQ_I64(h[2].line.cmd.result, 0);
  }
  CHECK_NUMBER(f->store, &q_lines, 6 * 3 + 1);
  CHECK_NUMBER(f->store, &q_sum_all, 6 * 2 + 1);
}

/* ---- many threads; this is the one for the thread sanitizer ---- */

enum { THREADS = 8, PER_THREAD = 120 };
struct worker {
  struct writer *w;
  struct store *s;
  int64_t from;
  int failed;
};
static void *worker_main(void *arg) {
  struct worker *k = arg;
  struct err e;
  for (int64_t i = 0; i < PER_THREAD && k->failed == 0; i++) {
    struct line l = {.id = k->from + i, .add = 1};
    int r = writer_run(k->w, i % 3 ? &line_class : &many_class, &l,
                       i % 7 == 6 ? CMD_BULK
                       : i % 2    ? CMD_GATE
                                  : CMD_NORMAL,
                       &e);
    int64_t there = 0;
    if (r == 0 && number(k->s, &q_has, P(V_I64(l.id)), &there) == 0 && there != 1) r = -E_NOROW;
    if (r < 0) k->failed = r;
    struct writer_stats st;
    writer_stats(k->w, &st);
    store_generation(k->s);
  }
  return NULL;
}

TEST_BOTH(many_threads_write_and_read_back) {
  _cleanup_(bench_done) struct bench b = {0};
  struct worker k[THREADS];
  pthread_t t[THREADS];
  CHECK_OK(bench_start(&b, f), &f->e);
  for (int i = 0; i < THREADS; i++) {
    k[i] = (struct worker){.w = b.w, .s = f->store, .from = i * 1000};
    CHECK(pthread_create(&t[i], NULL, worker_main, &k[i]) == 0);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(t[i], NULL);
  for (int i = 0; i < THREADS; i++) CHECK_EQ_I64(k[i].failed, 0);
  CHECK_NUMBER(f->store, &q_lines, THREADS * PER_THREAD);
}

/* ---- serialisation failures ---- */

struct bump {
  int64_t key;
};
/* reads, waits, writes what it read plus one: lost updates show in the sum */
static int bump_run(struct tx *tx, void *arg, struct err *e) {
  struct bump *b = arg;
  int64_t n = 0;
  int r = tx_i64(tx, &q_sum_read, P(V_I64(b->key)), &n, e);
  if (r < 0 && r != -E_NOROW) return r;
  usleep(500);
  return tx_exec(tx, &q_sum_set, P(V_I64(b->key), V_I64(n + 1)), NULL, e);
}
static const struct cmd_class bump_class = {.name = "bump", .run = bump_run};

struct bumper {
  struct writer *w;
  int failed;
};
static void *bumper_main(void *arg) {
  struct bumper *k = arg;
  for (int i = 0; i < 40 && k->failed == 0; i++) {
    struct bump b = {7};
    struct err e;
    k->failed = writer_run(k->w, &bump_class, &b, CMD_NORMAL, &e);
  }
  return NULL;
}

TEST_BOTH(two_writers_lose_no_update) {
  _cleanup_(bench_done) struct bench a = {0}, b = {0};
  _cleanup_(store_closep) struct store *second = NULL;
  CHECK_OK(bench_start(&a, f), &f->e);
  struct fixture other = *f;
  CHECK_OK(fixture_open_with(&other, NULL), &other.e);
  second = other.store;
  CHECK_OK(writer_start(second, NULL, &b.w, &f->e), &f->e);
  struct bumper k[2] = {{.w = a.w}, {.w = b.w}};
  pthread_t t[2];
  for (int i = 0; i < 2; i++) CHECK(pthread_create(&t[i], NULL, bumper_main, &k[i]) == 0);
  for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);
  for (int i = 0; i < 2; i++) CHECK_EQ_I64(k[i].failed, 0);
  CHECK_NUMBER(f->store, &q_sum_all, 80);
  bench_done(&b);
  b = (struct bench){0};
}

TEST(lanes_keep_the_order_of_a_key_postgres) {
  _cleanup_(fixture_done) struct fixture f = {0};
  if (!fixture_pg_url()) SKIP("PG_URL is not set");
  struct store_options o = {.lanes = 3};
  struct writer *w = NULL;
  struct err e;
  enum { N = 300 };
  static struct line l[N];
  _Atomic int order = 0;
  CHECK(fixture_place(&f, ENGINE_POSTGRES));
  CHECK_OK(fixture_open_with(&f, &o), &f.e);
  CHECK_EQ_I64(store_lanes(f.store), 3);
  CHECK_OK(store_migrate(f.store, list, 1, NULL, &e), &e);
  CHECK_OK(writer_start(f.store, NULL, &w, &e), &e);
  for (int i = 0; i < N; i++) {
    l[i] = (struct line){.id = i, .order = &order};
    l[i].cmd = (struct cmd){.cls = &line_class,
                            .arg = &l[i],
                            .priority = CMD_GATE,
                            .lane_key = (uint64_t)(i % 10),
                            .done = line_done};
    CHECK_EQ_I64(writer_submit(w, &l[i].cmd, &e), 0);
  }
  w = writer_stop(w);
  for (int i = 0; i < N; i++) CHECK_EQ_I64(l[i].cmd.result, 0);
  for (int i = 10; i < N; i++) CHECK(l[i].place > l[i - 10].place);
  CHECK_NUMBER(f.store, &q_lines, N);
}

/* ---- one writer at a time ---- */

TEST_BOTH(a_second_writer_of_a_store_is_refused) {
  _cleanup_(bench_done) struct bench b = {0};
  struct writer *w = NULL;
  struct err e;
  CHECK_OK(bench_start(&b, f), &f->e);
  CHECK_EQ_I64(writer_start(f->store, NULL, &w, &e), -E_BUSY);
  CHECK_EQ_I64(store_migrate(f->store, list, 1, NULL, &e), -E_BUSY);
  b.w = writer_stop(b.w);
  CHECK_OK(store_migrate(f->store, list, 1, NULL, &e), &e);
}
