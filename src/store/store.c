#include "store/store_impl.h"
#include "store/writer.h"
#include "base/log.h"
#include "base/timeutil.h"
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <assert.h>

static bool is_postgres(const char *where) {
  struct str w = str_from(where);
  return str_starts(w, S("postgresql://")) || str_starts(w, S("postgres://"));
}

static char *dup_or_null(const char *z) {
  return z ? strdup(z) : NULL;
}

int store_open(const struct store_options *o, struct store **ret_store, struct err *e) {
  if (!o->where || !*o->where) return err_set(e, E_INVALID, "no place for the database is named");
  _cleanup_(store_closep) struct store *s = calloc(1, sizeof *s);
  if (!s) return err_set(e, E_NOMEM, "no memory for the store");
  pthread_condattr_t attr;
  pthread_mutex_init(&s->lock, NULL);
  pthread_mutex_init(&s->watch_lock, NULL);
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_cond_init(&s->returned, &attr);
  pthread_condattr_destroy(&attr);
  s->engine = is_postgres(o->where) ? ENGINE_POSTGRES : ENGINE_SQLITE;
  s->ops = s->engine == ENGINE_SQLITE ? &sqlite_ops : &postgres_ops;
  s->where = strdup(o->where);
  s->shown = strdup(o->where);
  s->vfs = dup_or_null(o->vfs);
  s->read_only = o->read_only;
  s->read_ms = o->read_ms;
  s->max_readers = o->readers ? o->readers : STORE_READERS;
  s->n_lanes = s->engine == ENGINE_SQLITE || !o->lanes ? 1 : o->lanes;
  s->lanes = calloc(s->n_lanes, sizeof(struct tx *));
  if (!s->where || !s->shown || (o->vfs && !s->vfs) || !s->lanes)
    return err_set(e, E_NOMEM, "no memory for the store");
  int r = s->ops->open(s, o->create && !o->read_only, e);
  if (r < 0) return r;
  *ret_store = s;
  s = NULL;
  return 0;
}

static void tx_free(struct tx *tx) {
  if (!tx) return;
  if (tx->conn) tx->store->ops->disconnect(tx->conn);
  arena_free(tx->arena);
  free(tx->hooks);
  free(tx);
}

struct store *store_close(struct store *s) {
  if (!s) return NULL;
  size_t idle = 0;
  while (s->idle) {
    struct tx *tx = s->idle;
    s->idle = tx->next;
    tx_free(tx);
    idle++;
  }
  if (idle != s->readers)
    log_error("store", "what=\"closed with %zu readers out\"", s->readers - idle);
  for (size_t i = 0; s->lanes && i < s->n_lanes; i++) tx_free(s->lanes[i]);
  if (s->ops && s->engine_data) s->ops->close(s);
  pthread_mutex_destroy(&s->lock);
  pthread_mutex_destroy(&s->watch_lock);
  pthread_cond_destroy(&s->returned);
  free(s->lanes);
  free(s->where);
  free(s->shown);
  free(s->vfs);
  free(s);
  return NULL;
}

enum engine store_engine(const struct store *s) {
  return s->engine;
}
size_t store_lanes(const struct store *s) {
  return s->n_lanes;
}
enum purpose { FOR_WRITING, FOR_READING, FOR_LONG_READING };

static int tx_make(struct store *s, enum purpose purpose, struct tx **ret_tx, struct err *e) {
  const struct conn as = {.store = s,
                          .writer = purpose == FOR_WRITING,
                          .timed = purpose == FOR_READING && s->read_ms > 0};
  struct tx *tx = calloc(1, sizeof *tx);
  if (!tx) return err_set(e, E_NOMEM, "no memory for a connection");
  tx->store = s;
  tx->writable = as.writer;
  tx->arena = arena_create(as.writer ? LIMIT_ARENA_JOB : LIMIT_ARENA_REQUEST);
  int r = tx->arena ? s->ops->connect(s, &as, &tx->conn, e)
                    : err_set(e, E_NOMEM, "no memory for a connection");
  if (r < 0) {
    tx_free(tx);
    return r;
  }
  *ret_tx = tx;
  return 0;
}

/* ---- readers ---- */

static struct timespec deadline(int64_t in_ms) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  t.tv_sec += in_ms / 1000;
  t.tv_nsec += in_ms % 1000 * 1000000;
  if (t.tv_nsec >= 1000000000) {
    t.tv_sec++;
    t.tv_nsec -= 1000000000;
  }
  return t;
}

/* An idle reader, or NULL where the caller may make one (it is counted then). */
static int reader_take(struct store *s, struct tx **ret_tx, struct err *e) {
  struct timespec until = deadline(STORE_READ_WAIT_MS);
  int r = 0;
  pthread_mutex_lock(&s->lock);
  while (!s->idle && s->readers >= s->max_readers && r == 0)
    if (pthread_cond_timedwait(&s->returned, &s->lock, &until) == ETIMEDOUT && !s->idle &&
        s->readers >= s->max_readers)
      r = err_set(e, E_BUSY, "all read connections are in use");
  if (r == 0) {
    *ret_tx = s->idle;
    if (s->idle)
      s->idle = s->idle->next;
    else
      s->readers++;
  }
  pthread_mutex_unlock(&s->lock);
  return r;
}

/* NULL: one that could not be made, or is thrown away. */
static void reader_return(struct store *s, struct tx *tx) {
  pthread_mutex_lock(&s->lock);
  if (tx) {
    tx->next = s->idle;
    s->idle = tx;
  } else {
    assert(s->readers > 0);
    s->readers--;
  }
  pthread_cond_signal(&s->returned);
  pthread_mutex_unlock(&s->lock);
}

int store_read(struct store *s, struct tx **ret_tx, struct err *e) {
  return store_read_limited(s, NULL, ret_tx, e);
}

int store_read_limited(struct store *s, struct read_limit *l, struct tx **ret_tx, struct err *e) {
  struct tx *tx = NULL;
  int r = reader_take(s, &tx, e);
  if (r < 0) return r;
  if (!tx && (r = tx_make(s, FOR_READING, &tx, e)) < 0) {
    reader_return(s, NULL);
    return r;
  }
  if ((r = tx_begin(tx, e)) < 0) {
    reader_return(s, tx);
    return r;
  }
  tx->conn->limit = l;
  *ret_tx = tx;
  return 0;
}

void tx_end(struct tx *tx) {
  if (!tx) return;
  if (tx->cursors)
    log_error("store", "what=\"read transaction ended under %u cursors\"", tx->cursors);
  tx->conn->limit = NULL; /* whoever asked may have gone: nothing waits under it any more */
  tx->store->ops->rollback(tx->conn);
  tx_callbacks(tx, false);
  tx_reset(tx);
  reader_return(tx->store, tx);
}

int store_read_snapshot(struct store *s, struct tx **ret_tx, struct err *e) {
  struct tx *tx = NULL;
  int r = tx_make(s, FOR_LONG_READING, &tx, e);
  if (r < 0) return r;
  if ((r = tx_begin(tx, e)) < 0) {
    tx_free(tx);
    return r;
  }
  *ret_tx = tx;
  return 0;
}

void tx_end_snapshot(struct tx *tx) {
  if (!tx) return;
  tx->store->ops->rollback(tx->conn);
  tx_free(tx);
}

/* ---- the transaction ---- */

/* One thread from begin to end: sharing a connection corrupts what it is doing, so stop at once. */
static void check_owner(const struct tx *tx) {
  if (pthread_equal(tx->owner, pthread_self())) return;
  log_error("store", "what=\"a transaction was used from a thread that did not begin it\"");
  abort();
}

static int must_write(const struct tx *tx, struct err *e) {
  return tx->writable ? 0 : err_set(e, E_BUG, "a write in a read transaction");
}

int store_claim(struct store *s, size_t lane, struct tx **ret_tx, struct err *e) {
  if (s->read_only) return err_set(e, E_PRECONDITION, "the store was opened for reading only");
  if (lane >= s->n_lanes) return err_set(e, E_BUG, "no such lane");
  int r = 0;
  pthread_mutex_lock(&s->lock);
  struct tx *tx = s->lanes[lane];
  if (tx && tx->claimed) r = err_set(e, E_BUSY, "somebody else writes already");
  if (r == 0 && !tx && (r = tx_make(s, FOR_WRITING, &tx, e)) == 0) s->lanes[lane] = tx;
  if (r == 0) {
    assert(tx->writable && !tx->claimed);
    tx->claimed = true;
    tx->lane = lane;
    *ret_tx = tx;
  }
  pthread_mutex_unlock(&s->lock);
  return r;
}

void store_unclaim(struct tx *tx) {
  if (!tx) return;
  assert(tx->claimed);
  pthread_mutex_lock(&tx->store->lock);
  tx->claimed = false;
  tx->parts = NULL;
  tx->writer = NULL;
  pthread_mutex_unlock(&tx->store->lock);
}

int tx_begin(struct tx *tx, struct err *e) {
  tx->owner = pthread_self();
  tx->cursors = 0;
  tx->statement_failed = false;
  return tx->store->ops->begin(tx->conn, e);
}

int tx_commit(struct tx *tx, struct err *e) {
  assert(tx->writable);
  check_owner(tx);
  int r = tx->store->ops->commit(tx->conn, e);
  if (r == 0) atomic_fetch_add(&tx->store->generation, 1);
  return r;
}

void tx_rollback(struct tx *tx) {
  check_owner(tx);
  tx->store->ops->rollback(tx->conn);
}

void tx_callbacks(struct tx *tx, bool committed) {
  size_t n = tx->n_hooks;
  tx->n_hooks = 0;
  tx->hooks_failed = false;
  for (size_t i = 0; committed && i < n; i++) tx->hooks[i].fn(tx->hooks[i].arg);
}

void tx_reset(struct tx *tx) {
  arena_reset(tx->arena);
}

int tx_savepoint(struct tx *tx, struct err *e) {
  check_owner(tx);
  return tx->store->ops->savepoint(tx->conn, e);
}
int tx_release(struct tx *tx, struct err *e) {
  return tx->store->ops->release(tx->conn, e);
}
int tx_undo(struct tx *tx, struct err *e) {
  tx->statement_failed = false;
  return tx->store->ops->undo(tx->conn, e);
}
bool tx_aborted(struct tx *tx) {
  return tx->store->ops->aborted(tx->conn);
}
bool tx_statement_failed(const struct tx *tx) {
  return tx->statement_failed;
}
size_t tx_hooks(const struct tx *tx) {
  return tx->n_hooks;
}
void tx_hooks_rewind(struct tx *tx, size_t n) {
  assert(n <= tx->n_hooks);
  tx->n_hooks = n;
}
bool tx_hooks_failed(const struct tx *tx) {
  return tx->hooks_failed;
}
void tx_forget(struct tx *tx) {
  tx->store->ops->forget(tx->conn);
}

enum engine tx_engine(const struct tx *tx) {
  return tx->store->engine;
}
bool tx_writable(const struct tx *tx) {
  return tx->writable;
}
size_t tx_lane(const struct tx *tx) {
  return tx->lane;
}
struct arena *tx_arena(struct tx *tx) {
  return tx->arena;
}

void tx_on_commit(struct tx *tx, void (*fn)(void *arg), void *arg) {
  assert(fn && tx->writable);
  check_owner(tx);
  /* an import changes a thousand units under one commit: the cache is read once */
  for (size_t i = 0; i < tx->n_hooks; i++)
    if (tx->hooks[i].fn == fn && tx->hooks[i].arg == arg) return;
  if (tx->n_hooks == tx->cap_hooks) {
    size_t cap = tx->cap_hooks ? tx->cap_hooks * 2 : 64;
    struct on_commit *hooks = reallocarray(tx->hooks, cap, sizeof *hooks);
    if (!hooks) {
      tx->hooks_failed = true; /* the writer fails the command: a cache must not stay stale */
      return;
    }
    tx->hooks = hooks;
    tx->cap_hooks = cap;
  }
  tx->hooks[tx->n_hooks++] = (struct on_commit){fn, arg};
}

void *tx_part(struct tx *tx, size_t index) {
  assert(index < TX_PARTS);
  return tx->parts && index < TX_PARTS ? tx->parts[index] : NULL;
}

/* ---- statements ---- */

static struct ask ask_query(const struct tx *tx, const struct query *q) {
  const char *sql = tx->store->engine == ENGINE_POSTGRES && q->pg ? q->pg : q->sql;
  return (struct ask){.q = q, .text = str_from(sql)};
}

static int may_run(const struct tx *tx, size_t n, struct err *e) {
  if (tx->statement_failed) return err_set(e, E_BUG, "a statement after one that failed");
  return n <= LIMIT_PARAMS ? 0 : err_set(e, E_BUG, "too many parameters");
}

static int stumble(struct tx *tx, int r) {
  if (r < 0) tx->statement_failed = true;
  return r;
}

static int exec_ask(struct tx *tx, const struct ask *a, const struct val *params, size_t n,
                    int64_t *ret_changed, struct err *e) {
  check_owner(tx);
  assert(params || n == 0);
  int r = may_run(tx, n, e) ?: must_write(tx, e);
  if (r == 0) r = tx->store->ops->exec(tx->conn, a, params, n, ret_changed, e);
  return stumble(tx, r);
}

static int open_ask(struct tx *tx, const struct ask *a, const struct val *params, size_t n,
                    struct cur **ret_cur, struct err *e) {
  struct cur *c = NULL;
  assert(params || n == 0);
  check_owner(tx);
  int r = may_run(tx, n, e);
  if (r == 0) r = tx->store->ops->open_cur(tx->conn, a, params, n, &c, e);
  if (r < 0) return stumble(tx, r);
  c->ops = tx->store->ops;
  c->tx = tx;
  assert(tx->cursors < UINT32_MAX);
  tx->cursors++;
  *ret_cur = c;
  return 0;
}

int tx_exec(struct tx *tx, const struct query *q, const struct val *params, size_t n,
            int64_t *ret_changed, struct err *e) {
  struct ask a = ask_query(tx, q);
  return exec_ask(tx, &a, params, n, ret_changed, e);
}

int tx_exec_later(struct tx *tx, const struct query *q, const struct val *params, size_t n,
                  bool one_row, struct err *e) {
  struct ask a = ask_query(tx, q);
  int64_t changed = 0;
  check_owner(tx);
  int r = may_run(tx, n, e) ?: must_write(tx, e);
  if (r == 0 && tx->store->ops->exec_later)
    return stumble(tx, tx->store->ops->exec_later(tx->conn, &a, params, n, one_row, e));
  if (r == 0) r = tx->store->ops->exec(tx->conn, &a, params, n, &changed, e);
  if (r == 0 && one_row && changed != 1) r = err_set(e, E_RETRY, "the row changed");
  return stumble(tx, r);
}

int tx_exec_sql(struct tx *tx, struct str sql, const struct val *params, size_t n,
                int64_t *ret_changed, struct err *e) {
  struct ask a = {.text = sql};
  if (sql.n > LIMIT_SQL_TEXT) return err_set(e, E_TOO_LARGE, "SQL text too long");
  return exec_ask(tx, &a, params, n, ret_changed, e);
}

int cur_open(struct tx *tx, const struct query *q, const struct val *params, size_t n,
             struct cur **ret_cur, struct err *e) {
  struct ask a = ask_query(tx, q);
  return open_ask(tx, &a, params, n, ret_cur, e);
}

int cur_open_sql(struct tx *tx, struct str sql, const struct val *params, size_t n,
                 struct cur **ret_cur, struct err *e) {
  struct ask a = {.text = sql};
  if (sql.n > LIMIT_SQL_TEXT) return err_set(e, E_TOO_LARGE, "SQL text too long");
  return open_ask(tx, &a, params, n, ret_cur, e);
}

int tx_i64(struct tx *tx, const struct query *q, const struct val *params, size_t n, int64_t *ret_v,
           struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, q, params, n, &c, e);
  if (r < 0) return r;
  if ((r = cur_next(c, e)) < 0) return r;
  if (r == 0) return -E_NOROW;
  *ret_v = cur_i64(c, 0);
  return 0;
}

int tx_script(struct tx *tx, struct str sql, struct err *e) {
  check_owner(tx);
  int r = may_run(tx, 0, e) ?: must_write(tx, e);
  if (r == 0) r = tx->store->ops->script(tx->conn, sql, e);
  return stumble(tx, r);
}

static int bulk(struct tx *tx, const struct bulk *b, const struct val *rows, size_t n_rows,
                bool later, struct err *e) {
  check_owner(tx);
  int r = may_run(tx, 0, e) ?: must_write(tx, e);
  if (r < 0 || n_rows == 0) return stumble(tx, r);
  if (b->n_columns == 0 || b->n_columns > LIMIT_COLUMNS)
    return err_field(e, E_BUG, "a bulk insert with no or too many columns", b->name);
  later = later && tx->store->ops->bulk_later;
  return stumble(tx, (later ? tx->store->ops->bulk_later : tx->store->ops->bulk)(tx->conn, b, rows,
                                                                                 n_rows, e));
}

int tx_bulk(struct tx *tx, const struct bulk *b, const struct val *rows, size_t n_rows,
            struct err *e) {
  return bulk(tx, b, rows, n_rows, false, e);
}

int tx_bulk_later(struct tx *tx, const struct bulk *b, const struct val *rows, size_t n_rows,
                  struct err *e) {
  return bulk(tx, b, rows, n_rows, true, e);
}

int cur_next(struct cur *c, struct err *e) {
  check_owner(c->tx);
  return stumble(c->tx, c->ops->next(c, e));
}

size_t cur_columns(const struct cur *c) {
  return c->columns;
}

/* Reading a column that is not there, or no row, gives NULL as SQL would. */
static bool there(const struct cur *c, size_t col) {
  return c->row && col < c->columns;
}
bool cur_null(const struct cur *c, size_t col) {
  return !there(c, col) || c->ops->null(c, col);
}
int64_t cur_i64(const struct cur *c, size_t col) {
  return there(c, col) ? c->ops->i64(c, col) : 0;
}
double cur_f64(const struct cur *c, size_t col) {
  return there(c, col) ? c->ops->f64(c, col) : 0;
}
struct str cur_text(const struct cur *c, size_t col) {
  return there(c, col) ? c->ops->text(c, col) : (struct str){NULL, 0};
}
struct str cur_blob(const struct cur *c, size_t col) {
  return there(c, col) ? c->ops->blob(c, col) : (struct str){NULL, 0};
}
struct uuid cur_uuid(const struct cur *c, size_t col) {
  struct uuid u = {{0}};
  struct str b = cur_blob(c, col);
  if (b.n == sizeof u.b) memcpy(u.b, b.p, sizeof u.b);
  return u;
}

struct cur *cur_done(struct cur *c) {
  if (!c) return NULL;
  if (c->tx->cursors) c->tx->cursors--;
  c->ops->done(c);
  return NULL;
}

int store_analyze(struct store *s, struct err *e) {
  return s->ops->analyze ? s->ops->analyze(s, e) : 0;
}

/* ---- generation ---- */

uint64_t store_generation(struct store *s) {
  /* Whoever comes first looks; the others do not wait for him. */
  if (pthread_mutex_trylock(&s->watch_lock) == 0) {
    int64_t now = monotonic_ms();
    if (now - s->watched_ms >= STORE_GENERATION_MS) {
      s->watched_ms = now;
      if (s->ops->changed(s)) atomic_fetch_add(&s->generation, 1);
    }
    pthread_mutex_unlock(&s->watch_lock);
  }
  return atomic_load(&s->generation);
}
