/* What store.c shares with the two engines: connections, the vtable that separates them, and the
 * cache of prepared statements. Only src/store/ includes this. A `struct conn` and everything
 * reached from it belongs to the `struct tx` around it and is used by one thread at a time. */
#ifndef STORE_STORE_IMPL_H
#define STORE_STORE_IMPL_H

#include "base/limits.h"
#include "store/store.h"
#include <pthread.h>
#include <stdatomic.h>

enum {
  STORE_READERS = 4,
  STORE_READ_WAIT_MS = 5000,
  STORE_TEXT_STATEMENTS = 64, /* prepared statements kept by text, per connection */
};
#define LIMIT_BULK_BYTES    MIB(64) /* parameters of one bulk statement */
#define STORE_LEFT_MS       250     /* a reader's client is looked after so often */
#define STORE_GENERATION_MS 20      /* other processes' commits are looked for at most this often */

/* ---- prepared statements ---- */

/* Embedded first in the engine's own struct. Static queries are found by address and stay for
 * good; texts made at run time are found by content, and the longest unused makes room. */
struct prep {
  const void *key; /* struct query or struct bulk; NULL: by text */
  struct str text; /* owned where key is NULL */
  uint64_t hash;
  struct prep *chain;
  struct prep *older, *newer;
  unsigned used; /* cursors standing on it: not to be evicted */
};

struct prep_cache {
  struct prep **slots;
  size_t n_slots, n;
  struct prep *oldest, *newest; /* by text only */
  size_t n_text, max_text;
  void (*drop)(struct prep *p, void *arg);
  void *arg;
};
void prep_init(struct prep_cache *c, void (*drop)(struct prep *, void *), void *arg);
void prep_clear(struct prep_cache *c);
struct prep *prep_find(struct prep_cache *c, const void *key);
struct prep *prep_find_text(struct prep_cache *c, struct str text);
/* Takes the entry over: on failure it is dropped too. */
_must_check_ int prep_put(struct prep_cache *c, struct prep *p, const void *key, struct str text,
                          struct err *e);
void prep_remove(struct prep_cache *c, struct prep *p);

/* ---- connections ---- */

/* A statement as asked for: a registered query, or text. */
struct ask {
  const struct query *q;
  struct str text; /* the text for this engine, in both cases */
};

struct conn {
  struct store *store;
  bool writer, timed;       /* timed: a reader of the pool, under store_options.read_ms */
  struct read_limit *limit; /* of the transaction under way; NULL: none */
};

struct engine_ops {
  /* Checks the place and makes it where asked; connections come later. */
  int (*open)(struct store *s, bool create, struct err *e);
  void (*close)(struct store *s);
  int (*connect)(struct store *s, const struct conn *as, struct conn **ret_conn, struct err *e);
  void (*disconnect)(struct conn *c);
  int (*begin)(struct conn *c, struct err *e);
  int (*commit)(struct conn *c, struct err *e);
  void (*rollback)(struct conn *c); /* also ends a read transaction */
  int (*savepoint)(struct conn *c, struct err *e);
  int (*release)(struct conn *c, struct err *e);
  int (*undo)(struct conn *c, struct err *e); /* back to the savepoint, which is gone then */
  /* The transaction is lost as a whole: nothing but rollback() may follow. */
  bool (*aborted)(struct conn *c);
  int (*exec)(struct conn *c, const struct ask *a, const struct val *params, size_t n,
              int64_t *ret_changed, struct err *e);
  int (*script)(struct conn *c, struct str sql, struct err *e);
  int (*bulk)(struct conn *c, const struct bulk *b, const struct val *rows, size_t n,
              struct err *e);
  /* NULL: as exec and bulk. */
  int (*exec_later)(struct conn *c, const struct ask *a, const struct val *params, size_t n,
                    bool one_row, struct err *e);
  int (*bulk_later)(struct conn *c, const struct bulk *b, const struct val *rows, size_t n,
                    struct err *e);
  int (*open_cur)(struct conn *c, const struct ask *a, const struct val *params, size_t n,
                  struct cur **ret_cur, struct err *e);
  int (*next)(struct cur *c, struct err *e);
  bool (*null)(const struct cur *c, size_t col);
  int64_t (*i64)(const struct cur *c, size_t col);
  double (*f64)(const struct cur *c, size_t col);
  struct str (*text)(const struct cur *c, size_t col);
  struct str (*blob)(const struct cur *c, size_t col);
  void (*done)(struct cur *c);
  /* Forget prepared statements (after a change of schema). */
  void (*forget)(struct conn *c);
  int (*analyze)(struct store *s, struct err *e); /* NULL: nothing to do */
  /* Compares with what other processes committed; true: something did. */
  bool (*changed)(struct store *s);
};
extern const struct engine_ops sqlite_ops, postgres_ops;

struct cur {
  const struct engine_ops *ops;
  struct tx *tx;
  size_t columns;
  bool row; /* a row stands ready */
};

struct on_commit {
  void (*fn)(void *arg);
  void *arg;
};

struct writer_lane;

struct tx {
  struct store *store;
  struct conn *conn;
  struct arena *arena;
  struct tx *next; /* idle readers */
  struct on_commit *hooks;
  size_t n_hooks, cap_hooks;
  bool hooks_failed;
  /* A statement failed since the savepoint. PostgreSQL refuses whatever follows; SQLite would not,
     and is held to the same, so that what works on one works on the other. */
  bool statement_failed;
  bool writable, claimed;
  unsigned cursors;
  size_t lane;
  pthread_t owner;
  void *const *parts; /* the writer's, by their place in its options */
  struct writer_lane *writer;
};

struct store {
  enum engine engine;
  const struct engine_ops *ops;
  char *where; /* as given: may hold a password */
  char *shown; /* without */
  char *vfs;
  bool read_only;
  int64_t read_ms;
  pthread_mutex_t lock;
  pthread_cond_t returned;
  struct tx *idle;
  size_t readers, max_readers; /* made, and allowed */
  struct tx **lanes;           /* write transactions; made when first claimed */
  size_t n_lanes;
  _Atomic uint64_t generation;
  pthread_mutex_t watch_lock;
  int64_t watched_ms;
  void *engine_data;
};

/* ---- write transactions: the writer, migrations and restore ---- */

/* Takes a lane for the calling thread until store_unclaim(); E_BUSY when somebody has it. The
 * thread that begins a transaction on it must be the one that uses it. */
_must_check_ int store_claim(struct store *s, size_t lane, struct tx **ret_tx, struct err *e);
void store_unclaim(struct tx *tx);
_must_check_ int tx_begin(struct tx *tx, struct err *e);
/* Durable after 0. Callbacks are not run: tx_ran() does. */
_must_check_ int tx_commit(struct tx *tx, struct err *e);
void tx_rollback(struct tx *tx);
/* Runs (committed) or forgets the callbacks, and gives the transaction's memory back. */
void tx_callbacks(struct tx *tx, bool committed);
void tx_reset(struct tx *tx);
_must_check_ int tx_savepoint(struct tx *tx, struct err *e);
_must_check_ int tx_release(struct tx *tx, struct err *e);
_must_check_ int tx_undo(struct tx *tx, struct err *e);
bool tx_aborted(struct tx *tx);
bool tx_statement_failed(const struct tx *tx);
size_t tx_hooks(const struct tx *tx);
void tx_hooks_rewind(struct tx *tx, size_t n);
bool tx_hooks_failed(const struct tx *tx);
void tx_forget(struct tx *tx);

/* A connection of its own beside the pool, for long work (backup) that must not starve readers. */
_must_check_ int store_read_snapshot(struct store *s, struct tx **ret_tx, struct err *e);
void tx_end_snapshot(struct tx *tx);

/* ---- pieces shared within src/store/ ---- */

const char *ask_name(const struct ask *a);
void sql_words(struct buf *out, struct str sql); /* white space folded, comments kept */

/* sqlite.c, for backup and restore */
struct sqlite3;
struct sqlite3 *sqlite_handle(struct tx *tx);
int sqlite_err(struct sqlite3 *db, int rc, const char *what, struct err *e);
/* postgres.c, the same */

#endif
