/* One interface to two engines: SQLite (one data folder) and PostgreSQL (a connection string).
 * A `struct store` owns the connections; a `struct tx` is a transaction on one of them, and used
 * by one thread from begin to end. Text and blobs read from a cursor are borrowed until the next
 * row; parameters are borrowed during the call only.
 *
 * SQL is static text in a `struct query` beside the function that uses it, registered by QUERY()
 * so that one test prepares every query on both engines. Parameters are $1..$n. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"

enum engine { ENGINE_SQLITE, ENGINE_POSTGRES };

enum val_type { VAL_NULL, VAL_I64, VAL_TEXT, VAL_BLOB, VAL_UUID, VAL_F64 };

struct val {
  enum val_type t;
  union {
    int64_t i;
    double f;
    struct str s;
    struct uuid u;
  };
};
#define V_NULL    ((struct val){.t = VAL_NULL})
#define V_I64(x)  ((struct val){.t = VAL_I64, .i = (x)})
#define V_F64(x)  ((struct val){.t = VAL_F64, .f = (x)})
#define V_UUID(x) ((struct val){.t = VAL_UUID, .u = (x)})
static inline struct val val_bytes(enum val_type t, struct str s) {
  return s.p ? (struct val){.t = t, .s = s} : (struct val){.t = VAL_NULL};
}
/* variadic, as a compound literal may hold commas */
#define V_TEXT(...) val_bytes(VAL_TEXT, (__VA_ARGS__))
#define V_BLOB(...) val_bytes(VAL_BLOB, (__VA_ARGS__))
#define V_TEXTZ(z)  V_TEXT(str_from(z))
/* The parameter list of a call: tx_exec(tx, &q, P(V_I64(1), V_TEXT(s)), …) */
#define P(...)                                                                                     \
  (const struct val[]){__VA_ARGS__}, sizeof((const struct val[]){__VA_ARGS__}) / sizeof(struct val)
#define P_NONE NULL, 0

struct query {
  const char *name;
  const char *sql;
  const char *pg; /* only where one text cannot serve both; NULL: the same */
};

/* Registers a static query. The pointers sit in a linker section of their own. */
#define QUERY2(id, text, pgtext)                                                                   \
  static const struct query id = {#id, (text), (pgtext)};                                          \
  static const struct query *const id##_registered __attribute__((section("sw_queries"), used)) =  \
      &id
#define QUERY(id, text) QUERY2(id, text, NULL)
/* All registered queries; calls fn for each. */
void query_each(void (*fn)(const struct query *, void *), void *arg);

struct store;
struct tx;

struct store_options {
  const char *where; /* "postgresql://…" or the path of a data folder */
  size_t readers;    /* read connections; 0: 4 */
  size_t lanes;      /* write lanes; SQLite has one; PostgreSQL: 0 means 1 */
  const char *vfs;   /* SQLite VFS by name (tests); NULL: the default */
  bool create;       /* make the folder or schema where absent */
  bool read_only;
  int64_t read_ms; /* a reader's statement that gives no row for so long ends with E_TIMEOUT;
                      0: never. On PostgreSQL the statement as a whole. */
};
/* Errors: E_UNAVAILABLE (no server, no folder), E_INVALID (a version of engine that is too old). */
_must_check_ int store_open(const struct store_options *o, struct store **ret_store, struct err *e);
struct store *store_close(struct store *s);
static inline void store_closep(struct store **s) {
  *s = store_close(*s);
}
enum engine store_engine(const struct store *s);
size_t store_lanes(const struct store *s);

/* A read transaction (one snapshot) on a connection of the pool. Blocks at most 5 s: E_BUSY. */
_must_check_ int store_read(struct store *s, struct tx **ret_tx, struct err *e);

/* What ends a reader's statements before their time: a moment, or the one who asked having left.
 * Owned by the caller until tx_end(); used by the thread that reads and by no other. A statement
 * that is ended so fails with E_TIMEOUT, and every later one of the transaction with it. */
struct read_limit {
  int64_t until_ms;        /* monotonic; 0: none */
  bool (*left)(void *arg); /* asked a few times a second while a statement runs; may be NULL */
  void *arg;
  int64_t asked_ms; /* the store's own: when it was last asked */
};
/* As store_read(), under a limit (NULL: none but store_options.read_ms). */
_must_check_ int store_read_limited(struct store *s, struct read_limit *l, struct tx **ret_tx,
                                    struct err *e);
/* Has it ended? For loops that read many small things. */
bool read_limit_ended(struct read_limit *l);
/* Ends a read transaction and gives the connection back. NULL is accepted. */
void tx_end(struct tx *tx);
static inline void tx_endp(struct tx **tx) {
  tx_end(*tx);
  *tx = NULL;
}

/* A statement that failed ends its transaction (a command: up to its savepoint): whatever follows
 * is refused, and a command that returns 0 all the same is undone. "Try, and see whether it fails"
 * is written ON CONFLICT.
 *
 * Runs a statement; *ret_changed (may be NULL) gets the rows changed. Unique violations are
 * E_EXISTS with the constraint's name in err.field, check and foreign key violations E_BUG,
 * serialisation failures and deadlocks E_RETRY, a full disk E_DISK_FULL. */
_must_check_ int tx_exec(struct tx *tx, const struct query *q, const struct val *params, size_t n,
                         int64_t *ret_changed, struct err *e);
/* Runs a statement whose outcome the command does not ask for. On PostgreSQL it travels with the
 * next one, for which nobody waits twice, and a failure is seen there: then all commands of the
 * transaction are run again, in the end one by one, and the one that fails gets the error, or
 * E_RETRY where a unique value was there already. With `one_row`, a statement that changes none is
 * E_RETRY as well. A command that is run again should use tx_exec() where it has words for that. */
_must_check_ int tx_exec_later(struct tx *tx, const struct query *q, const struct val *params,
                               size_t n, bool one_row, struct err *e);
/* The first column of the first row as an integer; -E_NOROW (err not filled) where none. NULL
 * reads as 0. */
_must_check_ int tx_i64(struct tx *tx, const struct query *q, const struct val *params, size_t n,
                        int64_t *ret_v, struct err *e);

/* Rows one by one. */
struct cur;
_must_check_ int cur_open(struct tx *tx, const struct query *q, const struct val *params, size_t n,
                          struct cur **ret_cur, struct err *e);
/* 1: a row stands ready; 0: the end; -code. */
_must_check_ int cur_next(struct cur *c, struct err *e);
size_t cur_columns(const struct cur *c);
bool cur_null(const struct cur *c, size_t col);
int64_t cur_i64(const struct cur *c, size_t col);
double cur_f64(const struct cur *c, size_t col);
struct str cur_text(const struct cur *c, size_t col); /* p == NULL for NULL */
struct str cur_blob(const struct cur *c, size_t col);
struct uuid cur_uuid(const struct cur *c, size_t col); /* nil for NULL */
struct cur *cur_done(struct cur *c);
static inline void cur_donep(struct cur **c) {
  *c = cur_done(*c);
}

/* SQL made by the kind engine at run time (lists with filters): the text must come from its
 * whitelist. Kept in a bounded cache of prepared statements, by text. */
_must_check_ int cur_open_sql(struct tx *tx, struct str sql, const struct val *params, size_t n,
                              struct cur **ret_cur, struct err *e);
_must_check_ int tx_exec_sql(struct tx *tx, struct str sql, const struct val *params, size_t n,
                             int64_t *ret_changed, struct err *e);
/* One or more statements without parameters (DDL). */
_must_check_ int tx_script(struct tx *tx, struct str sql, struct err *e);

/* Many rows of one shape at once. rows is row-major, n_rows × n_columns. On PostgreSQL one
 * INSERT … SELECT FROM unnest(arrays) per chunk; on SQLite a prepared INSERT per row. With ON
 * CONFLICT DO UPDATE no two rows may have the same key (PostgreSQL refuses it): add them up first.
 */
struct bulk {
  const char *name;
  const char *table;
  const char *columns; /* "unit, seq, id, at_ms" */
  const enum val_type *types;
  size_t n_columns;
  const char *conflict; /* "ON CONFLICT (…) DO UPDATE SET …", or NULL */
};
_must_check_ int tx_bulk(struct tx *tx, const struct bulk *b, const struct val *rows, size_t n_rows,
                         struct err *e);

/* As tx_exec_later(). */
_must_check_ int tx_bulk_later(struct tx *tx, const struct bulk *b, const struct val *rows,
                               size_t n_rows, struct err *e);

enum engine tx_engine(const struct tx *tx);
bool tx_writable(const struct tx *tx);
size_t tx_lane(const struct tx *tx);
/* Memory that lives until this transaction has ended (committed or not) and its callbacks ran.
 * A command that fails leaves its garbage until then. */
struct arena *tx_arena(struct tx *tx);
/* `fn(arg)` on the committing thread after the commit is durable and before the command's answer
 * is given (caches are refreshed there), once per transaction for the same fn and arg. Forgotten
 * where the command is rolled back. */
void tx_on_commit(struct tx *tx, void (*fn)(void *arg), void *arg);

/* Migrations: numbered from 1 without gaps, frozen once released, one transaction each. */
struct migration {
  int number;
  const char *name;
  const char *sqlite, *postgres;
};
/* What a migration does in C, after its SQL: what needs keys, or is too much for one transaction.
 * `slice` is called in a transaction of its own until it returns 0; 1 means that more is to do,
 * from `ret_after` on, which is kept with what it wrote and given back as `after` (empty at first):
 * after a kill the next start goes on there. A backup is refused meanwhile. The table is alone on
 * the store: nobody is served before the end. */
enum { MIGRATION_AFTER_MAX = 200 };
struct migration_code {
  int number; /* of its migration; 0 ends a table */
  int (*slice)(struct tx *tx, void *arg, struct str after, struct buf *ret_after, struct err *e);
};
/* Brings the database to the last number; *ret_applied (may be NULL) gets how many ran. A database
 * with a higher number than the program knows is refused: E_PRECONDITION. `code` may be NULL. */
_must_check_ int store_migrate_with(struct store *s, const struct migration *list, size_t n,
                                    const struct migration_code *code, void *arg, int *ret_applied,
                                    struct err *e);
static inline _must_check_ int store_migrate(struct store *s, const struct migration *list,
                                             size_t n, int *ret_applied, struct err *e) {
  return store_migrate_with(s, list, n, NULL, NULL, ret_applied, e);
}
_must_check_ int store_version(struct store *s, int *ret_number, struct err *e);
/* The schema as text in a canonical order, for the test that migrations and kinds agree. */
_must_check_ int store_schema_dump(struct store *s, struct buf *out, struct err *e);

/* Online, consistent copy of everything into one SQLite file, from either engine (so that a
 * backup also moves an installation from one engine to the other). The file is complete and
 * synced, or absent. */
_must_check_ int store_backup(struct store *s, const char *file, struct err *e);
/* Into an empty store (no table of ours): else E_PRECONDITION. The migrations list recreates the
 * schema at the backup's version first. */
_must_check_ int store_restore(struct store *s, const char *file, const struct migration *list,
                               size_t n, struct err *e);

/* Raised by every commit of this process, and by what other processes commit (SQLite:
 * data_version; PostgreSQL: the generation row): caches compare it. */
uint64_t store_generation(struct store *s);

/* Brings the planner's statistics up to date, after a load that changed most of the tables: until
 * PostgreSQL does it by itself, a minute later, it plans for empty tables. Nothing on SQLite, whose
 * plans rest on no statistics. On a connection of its own; the writer may be at work. */
_must_check_ int store_analyze(struct store *s, struct err *e);

#endif
