/* The SQLite engine's own structures: sqlite_conn.c opens and keeps, sqlite.c runs statements. */
#ifndef STORE_SQLITE_IMPL_H
#define STORE_SQLITE_IMPL_H

#include "store/store_impl.h"
#include <sqlite3.h>

enum {
  SQLITE_OLDEST = 3040000,
  SQLITE_BUSY_MS = 5000,
  /* Pages in the log at which the keeper starts to copy them into the database. */
  SQLITE_KEEP_PAGES = 2000,
  SQLITE_PROGRESS_STEPS = 20000,
};
#define SQLITE_FILE "shouwang.db"

struct sqlite_prep {
  struct prep base;
  sqlite3_stmt *stmt;
  int n_params;
  uint8_t index[LIMIT_PARAMS]; /* SQLite's place of $1, $2, … */
  bool reads;
};

struct sqlite_cur {
  struct cur base;
  struct sqlite_conn *conn;
  struct sqlite_prep *prep; /* cached, or … */
  bool own;                 /* … made for this cursor alone */
  bool ended;
  struct sqlite_cur *next; /* free ones */
};

struct sqlite_conn {
  struct conn base;
  sqlite3 *db;
  sqlite3_stmt *begin, *commit, *rollback, *savepoint, *release, *undo;
  struct prep_cache cache;
  struct sqlite_cur *free_curs;
  bool in_tx;
  int64_t step_ms; /* when the statement at work was last asked for a row */
};

/* What hangs off the store: the keeper's thread and the connection that watches for others. */
struct sqlite_store {
  char *path;
  sqlite3 *watch;
  sqlite3_stmt *watch_stmt;
  int64_t data_version;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  pthread_t keeper;
  bool keeping, stop, wanted;
  _Atomic bool finish; /* the log is nearly copied: the writer copies the rest and it starts anew */
};

int sqlite_open_db(struct store *s, bool writer, sqlite3 **ret_db, struct err *e);
int sqlite_pragmas(sqlite3 *db, const char *sql, struct err *e);
/* The writer's connection: log copying is started from here. */
int sqlite_keep(struct store *s, sqlite3 *writer, struct err *e);

int sqlite_store_open(struct store *s, bool create, struct err *e);
void sqlite_store_close(struct store *s);
int sqlite_connect(struct store *s, const struct conn *as, struct conn **ret_conn, struct err *e);
void sqlite_disconnect(struct conn *base);
bool sqlite_changed(struct store *s);
void sqlite_prep_drop(struct prep *p, void *arg);

#endif
