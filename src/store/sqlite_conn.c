#include "store/sqlite_impl.h"
#include "base/log.h"
#include "base/timeutil.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- errors ---- */

static bool same_columns(sqlite3 *db, const char *index, struct str wanted, struct str table) {
  _cleanup_(buf_done) struct buf list = BUF_INIT(KIB(8));
  sqlite3_stmt *st = NULL;
  if (sqlite3_prepare_v2(db, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno", -1, &st,
                         NULL) != SQLITE_OK)
    return false;
  sqlite3_bind_text(st, 1, index, -1, SQLITE_STATIC);
  while (sqlite3_step(st) == SQLITE_ROW) {
    const char *column = (const char *)sqlite3_column_text(st, 0);
    if (list.n) buf_lit(&list, ", ");
    buf_str_add(&list, table);
    buf_char(&list, '.');
    buf_str_add(&list, str_from(column));
  }
  sqlite3_finalize(st);
  return buf_ok(&list) && str_eq(buf_str(&list), wanted);
}

/* SQLite names the columns ("t.a, t.b"), PostgreSQL the constraint: callers want the latter on
 * both. An index made by SQLite itself gets the name that PostgreSQL would have given it. */
static void constraint_name(sqlite3 *db, const char *message, char out[64]) {
  struct str m = str_from(message);
  size_t colon = str_find(m, S("failed: "));
  if (colon == (size_t)-1) return;
  struct str columns = str_sub(m, colon + 8, m.n);
  snprintf(out, 64, STR_FMT, STR_ARG(columns));
  if (str_starts(columns, S("index '"))) {
    snprintf(out, 64, STR_FMT, STR_ARG(str_sub(columns, 7, columns.n - 8)));
    return;
  }
  size_t dot = str_find_char(columns, '.');
  if (dot == (size_t)-1) return;
  struct str table = str_sub(columns, 0, dot);
  sqlite3_stmt *st = NULL;
  if (sqlite3_prepare_v2(db, "SELECT name, origin FROM pragma_index_list(?1) WHERE \"unique\"", -1,
                         &st, NULL) != SQLITE_OK)
    return;
  sqlite3_bind_text(st, 1, table.p, (int)table.n, SQLITE_STATIC);
  bool found = false;
  while (!found && sqlite3_step(st) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(st, 0);
    const char *origin = (const char *)sqlite3_column_text(st, 1);
    if (!same_columns(db, name, columns, table)) continue;
    found = true;
    if (origin[0] == 'c') {
      snprintf(out, 64, "%s", name);
    } else if (origin[0] == 'p') {
      snprintf(out, 64, STR_FMT "_pkey", STR_ARG(table));
    } else {
      size_t n = (size_t)snprintf(out, 64, STR_FMT, STR_ARG(table));
      for (struct str rest = columns; rest.p && n < 64;) {
        struct str one = str_trim(str_split(&rest, ','));
        one = str_sub(one, table.n + 1, one.n);
        n += (size_t)snprintf(out + n, 64 - n, "_" STR_FMT, STR_ARG(one));
      }
      if (n < 64) snprintf(out + n, 64 - n, "_key");
    }
  }
  sqlite3_finalize(st);
  /* the table's own integer key has no index */
  if (!found && str_find_char(columns, ',') == (size_t)-1)
    snprintf(out, 64, STR_FMT "_pkey", STR_ARG(table));
}

static bool unique_violation(int rc) {
  return rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
         rc == SQLITE_CONSTRAINT_ROWID;
}

static int code_of(sqlite3 *db, int rc) {
  switch (rc & 0xff) {
  case SQLITE_CONSTRAINT:
    return unique_violation(rc) ? E_EXISTS : E_BUG;
  case SQLITE_FULL:
    return E_DISK_FULL;
  case SQLITE_IOERR: {
    int sys = db ? sqlite3_system_errno(db) : 0;
    if (rc == SQLITE_IOERR_NOMEM) return E_NOMEM;
    return sys == ENOSPC || sys == EDQUOT ? E_DISK_FULL : E_IO;
  }
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return E_IO;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return E_BUSY;
  case SQLITE_NOMEM:
    return E_NOMEM;
  case SQLITE_CANTOPEN:
  case SQLITE_READONLY:
  case SQLITE_PERM:
    return E_UNAVAILABLE;
  case SQLITE_INTERRUPT:
    return E_TIMEOUT;
  case SQLITE_TOOBIG:
    return E_TOO_LARGE;
  default:
    return E_BUG;
  }
}

int sqlite_err(sqlite3 *db, int rc, const char *what, struct err *e) {
  if (db && (rc & 0xff) == (sqlite3_extended_errcode(db) & 0xff)) rc = sqlite3_extended_errcode(db);
  char name[64] = "";
  int code = code_of(db, rc);
  if (db && code == E_EXISTS) {
    char message[256];
    snprintf(message, sizeof message, "%s", sqlite3_errmsg(db));
    constraint_name(db, message, name);
  } else if (db) {
    snprintf(name, sizeof name, "%s", sqlite3_errmsg(db));
  }
  return err_set_at(e, code, what, name, rc, __FILE__, __LINE__);
}

/* ---- opening ---- */

int sqlite_pragmas(sqlite3 *db, const char *sql, struct err *e) {
  int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
  return rc == SQLITE_OK ? 0 : sqlite_err(db, rc, "a setting of SQLite was refused", e);
}

/* The second wall behind query_only: a reader can neither write nor reach another file. */
static int reader_may(void *arg, int action, const char *a, const char *b, const char *db,
                      const char *trigger) {
  static const char *const looks[] = {"table_info",       "table_xinfo", "table_list",
                                      "index_list",       "index_info",  "index_xinfo",
                                      "foreign_key_list", "data_version"};
  (void)arg, (void)db, (void)trigger;
  switch (action) {
  case SQLITE_SELECT:
  case SQLITE_READ:
  case SQLITE_RECURSIVE:
  case SQLITE_TRANSACTION:
    return SQLITE_OK;
  case SQLITE_FUNCTION:
    return b && strcmp(b, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
  /* SQLite asks this of itself when a table-valued function (json_each, pragma_…) is first met;
     who really tries is stopped by query_only, and the schema table cannot be written anyway. */
  case SQLITE_UPDATE:
    return strcmp(a, "sqlite_master") == 0 ? SQLITE_OK : SQLITE_DENY;
  case SQLITE_PRAGMA:
    for (size_t i = 0; i < ARRAY_LEN(looks); i++)
      if (strcmp(a, looks[i]) == 0) return SQLITE_OK;
    return SQLITE_DENY;
  default:
    return SQLITE_DENY;
  }
}

int sqlite_open_db(struct store *s, bool writer, sqlite3 **ret_db, struct err *e) {
  struct sqlite_store *ss = s->engine_data;
  sqlite3 *db = NULL;
  /* In WAL mode a reader shares the index file with the writer, so it opens it for writing too. */
  int flags = SQLITE_OPEN_NOMUTEX | (s->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  int rc = sqlite3_open_v2(ss->path, &db, flags, s->vfs);
  int r = rc == SQLITE_OK ? 0 : sqlite_err(db, rc, "the database cannot be opened", e);
  if (r == 0) {
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, SQLITE_BUSY_MS);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    if (writer)
      r = sqlite_pragmas(db,
                         "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                         "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384;"
                         "PRAGMA journal_size_limit=67108864;",
                         e);
    else
      r = sqlite_pragmas(
          db, "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096;", e);
  }
  if (r == 0 && !writer) sqlite3_set_authorizer(db, reader_may, NULL);
  if (r < 0) {
    sqlite3_close_v2(db);
    return r;
  }
  *ret_db = db;
  return 0;
}

static int make_file(const char *folder, const char *path, struct err *e) {
  if (mkdir(folder, 0700) < 0 && errno != EEXIST)
    return err_sys(e, E_UNAVAILABLE, "the data folder cannot be made", errno);
  /* Made here, and not by SQLite, so that nobody but the owner reads it; the log files take over
   * its permissions. */
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return err_sys(e, E_UNAVAILABLE, "the database file cannot be made", errno);
  close(fd);
  int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0) return err_sys(e, E_UNAVAILABLE, "the data folder cannot be read", errno);
  int r = fsync(dir) < 0 ? err_sys(e, E_IO, "the data folder cannot be synced", errno) : 0;
  close(dir);
  return r;
}

/* Where shared memory cannot be mapped (a network drive) SQLite quietly stays without its log, and
 * readers would stop the writer. */
static int must_have_log(sqlite3 *db, struct err *e) {
  sqlite3_stmt *st = NULL;
  int rc = sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &st, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_step(st);
  bool wal = rc == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(st, 0), "wal") == 0;
  sqlite3_finalize(st);
  if (rc != SQLITE_ROW) return sqlite_err(db, rc, "the database cannot be read", e);
  return wal ? 0 : err_set(e, E_UNAVAILABLE, "the data folder does not allow SQLite's log (WAL)");
}

/* A savepoint keeps the pages as they were in a journal of its own, which SQLite moves to a
 * temporary file beyond 64 KiB: most commands stay in memory with a little more. Refused, and no
 * matter, where something else in the process opened SQLite before. */
static void configure(void) {
  sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, 8 << 20);
}

int sqlite_store_open(struct store *s, bool create, struct err *e) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, configure);
  if (sqlite3_libversion_number() < SQLITE_OLDEST)
    return err_sys(e, E_INVALID, "SQLite 3.40 or later is needed", sqlite3_libversion_number());
  struct sqlite_store *ss = calloc(1, sizeof *ss);
  if (!ss) return err_set(e, E_NOMEM, "no memory for the store");
  s->engine_data = ss;
  pthread_mutex_init(&ss->lock, NULL);
  pthread_cond_init(&ss->wake, NULL);
  if (asprintf(&ss->path, "%s/" SQLITE_FILE, s->where) < 0) {
    ss->path = NULL;
    return err_set(e, E_NOMEM, "no memory for the store");
  }
  int r = create ? make_file(s->where, ss->path, e) : 0;
  if (r < 0) return r;
  if (access(ss->path, R_OK) < 0)
    return err_sys(e, E_UNAVAILABLE, "there is no database in the folder", errno);
  /* Opened once as the writer does, so that the log mode is set before the first reader comes. */
  sqlite3 *db;
  if ((r = sqlite_open_db(s, !s->read_only, &db, e)) < 0) return r;
  if (!s->read_only) r = must_have_log(db, e);
  if (r == 0) r = sqlite_pragmas(db, "SELECT count(*) FROM sqlite_schema", e);
  sqlite3_close_v2(db);
  return r;
}

void sqlite_store_close(struct store *s) {
  struct sqlite_store *ss = s->engine_data;
  if (ss->keeping) {
    pthread_mutex_lock(&ss->lock);
    ss->stop = true;
    pthread_cond_signal(&ss->wake);
    pthread_mutex_unlock(&ss->lock);
    pthread_join(ss->keeper, NULL);
  }
  sqlite3_finalize(ss->watch_stmt);
  sqlite3_close_v2(ss->watch);
  pthread_mutex_destroy(&ss->lock);
  pthread_cond_destroy(&ss->wake);
  free(ss->path);
  free(ss);
  s->engine_data = NULL;
}

/* ---- the keeper: copies the log into the database beside the writer ---- */

static void *keeper_main(void *arg) {
  struct store *s = arg;
  struct sqlite_store *ss = s->engine_data;
  struct err e = {0};
  sqlite3 *db = NULL;
  bool failing = false;
  if (sqlite_open_db(s, true, &db, &e) < 0) {
    log_err(LOG_WARN, "store", &e); /* the log grows until the next start */
    return NULL;
  }
  sqlite3_wal_autocheckpoint(db, 0);
  pthread_mutex_lock(&ss->lock);
  while (!ss->stop) {
    if (!ss->wanted) {
      pthread_cond_wait(&ss->wake, &ss->lock);
      continue;
    }
    pthread_mutex_unlock(&ss->lock);
    int in_log = 0, copied = 0;
    int rc = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);
    if (rc == SQLITE_OK && copied * 2 > in_log) atomic_store(&ss->finish, true);
    bool failed = rc != SQLITE_OK && rc != SQLITE_BUSY;
    if (failed && !failing) {
      sqlite_err(db, rc, "the log could not be copied into the database", &e);
      log_err(LOG_WARN, "store", &e);
    }
    failing = failed; /* a full disk is told once, not at every commit */
    pthread_mutex_lock(&ss->lock);
    ss->wanted = false;
  }
  pthread_mutex_unlock(&ss->lock);
  sqlite3_close_v2(db);
  return NULL;
}

/* After each commit of the writer. The keeper never catches up with a busy writer, and the log can
 * only start anew when all of it is copied: so the writer copies the little that is left. */
static int after_commit(void *arg, sqlite3 *db, const char *name, int pages) {
  struct sqlite_store *ss = arg;
  (void)name;
  if (pages < SQLITE_KEEP_PAGES) return SQLITE_OK;
  if (atomic_exchange(&ss->finish, false)) {
    sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK; /* a failed copy loses nothing: the log still holds it */
  }
  pthread_mutex_lock(&ss->lock);
  if (!ss->wanted) {
    ss->wanted = true;
    pthread_cond_signal(&ss->wake);
  }
  pthread_mutex_unlock(&ss->lock);
  return SQLITE_OK;
}

int sqlite_keep(struct store *s, sqlite3 *writer, struct err *e) {
  struct sqlite_store *ss = s->engine_data;
  if (!ss->keeping) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&ss->keeper, NULL, keeper_main, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) return err_sys(e, E_NOMEM, "no thread for the log", failed);
    ss->keeping = true;
  }
  sqlite3_wal_hook(writer, after_commit, ss);
  return 0;
}

/* ---- other processes ---- */

bool sqlite_changed(struct store *s) {
  struct sqlite_store *ss = s->engine_data;
  if (!ss->watch && sqlite_open_db(s, false, &ss->watch, NULL) < 0) return false;
  if (!ss->watch_stmt &&
      sqlite3_prepare_v3(ss->watch, "PRAGMA data_version", -1, SQLITE_PREPARE_PERSISTENT,
                         &ss->watch_stmt, NULL) != SQLITE_OK)
    return false;
  int64_t version = ss->data_version;
  if (sqlite3_step(ss->watch_stmt) == SQLITE_ROW) version = sqlite3_column_int64(ss->watch_stmt, 0);
  sqlite3_reset(ss->watch_stmt);
  bool changed = version != ss->data_version;
  ss->data_version = version;
  return changed;
}

/* ---- connections ---- */

void sqlite_disconnect(struct conn *base) {
  struct sqlite_conn *c = (struct sqlite_conn *)base;
  if (!c) return;
  sqlite3_stmt *const fixed[] = {c->begin,     c->commit,  c->rollback,
                                 c->savepoint, c->release, c->undo};
  for (size_t i = 0; i < ARRAY_LEN(fixed); i++) sqlite3_finalize(fixed[i]);
  prep_clear(&c->cache);
  while (c->free_curs) {
    struct sqlite_cur *next = c->free_curs->next;
    free(c->free_curs);
    c->free_curs = next;
  }
  sqlite3_close_v2(c->db);
  free(c);
}

/* Asked every few thousand instructions; true ends the statement with SQLITE_INTERRUPT. */
static int too_long(void *arg) {
  const struct sqlite_conn *c = arg;
  if (read_limit_ended(c->base.limit)) return 1;
  return c->base.timed && monotonic_ms() - c->step_ms > c->base.store->read_ms;
}

int sqlite_connect(struct store *s, const struct conn *as, struct conn **ret_conn, struct err *e) {
  bool writer = as->writer;
  struct sqlite_conn *c = calloc(1, sizeof *c);
  if (!c) return err_set(e, E_NOMEM, "no memory for a connection");
  c->base = *as;
  prep_init(&c->cache, sqlite_prep_drop, c);
  const struct {
    const char *sql;
    sqlite3_stmt **to;
  } fixed[] = {
      {writer ? "BEGIN IMMEDIATE" : "BEGIN", &c->begin},
      {"COMMIT", &c->commit},
      {"ROLLBACK", &c->rollback},
      {"SAVEPOINT c", &c->savepoint},
      {"RELEASE c", &c->release},
      {"ROLLBACK TO c", &c->undo},
  };
  int r = sqlite_open_db(s, writer, &c->db, e);
  if (r == 0 && writer) r = sqlite_keep(s, c->db, e);
  if (r == 0 && !writer) sqlite3_progress_handler(c->db, SQLITE_PROGRESS_STEPS, too_long, c);
  for (size_t i = 0; r == 0 && i < (writer ? ARRAY_LEN(fixed) : 3); i++) {
    int rc =
        sqlite3_prepare_v3(c->db, fixed[i].sql, -1, SQLITE_PREPARE_PERSISTENT, fixed[i].to, NULL);
    if (rc != SQLITE_OK) r = sqlite_err(c->db, rc, "a statement of the store", e);
  }
  if (r < 0) {
    sqlite_disconnect(&c->base);
    return r;
  }
  *ret_conn = &c->base;
  return 0;
}
