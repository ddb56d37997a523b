#include "store/backup.h"
#include "store/migrate.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGES_PER_STEP = 1024 };

static void db_closep(sqlite3 **db) {
  sqlite3_close_v2(*db);
}
static void st_donep(sqlite3_stmt **st) {
  sqlite3_finalize(*st);
}

static int run(sqlite3 *db, const char *sql, struct err *e) {
  int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
  return rc == SQLITE_OK ? 0 : sqlite_err(db, rc, "writing the backup", e);
}

static int open_file(const char *file, sqlite3 **ret_db, struct err *e) {
  int rc = sqlite3_open_v2(file, ret_db,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
  if (rc != SQLITE_OK) return sqlite_err(*ret_db, rc, "the backup file cannot be made", e);
  sqlite3_extended_result_codes(*ret_db, 1);
  /* Synced once at the end; until then the file is nobody's. */
  return run(*ret_db, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF", e);
}

/* ---- from SQLite: page by page, as of one moment ---- */

static int copy_pages(struct tx *tx, sqlite3 *to, struct err *e) {
  sqlite3 *from = sqlite_handle(tx);
  int64_t ignored;
  /* Reading something takes the snapshot: without it each commit would start the copy anew. */
  int r = shape_count(tx, S("sqlite_schema"), &ignored, e);
  if (r < 0) return r;
  sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
  if (!b) return sqlite_err(to, sqlite3_extended_errcode(to), "the copy cannot be begun", e);
  int rc;
  while ((rc = sqlite3_backup_step(b, PAGES_PER_STEP)) == SQLITE_OK) {
  }
  int end = sqlite3_backup_finish(b);
  if (rc != SQLITE_DONE || end != SQLITE_OK)
    return sqlite_err(to, rc != SQLITE_DONE ? rc : end, "copying pages", e);
  return run(to, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF", e);
}

/* ---- from PostgreSQL: row by row, as of one moment ---- */

static const char *sqlite_type(enum val_type t) {
  switch (t) {
  case VAL_I64:
    return "INTEGER";
  case VAL_F64:
    return "REAL";
  case VAL_TEXT:
    return "TEXT";
  case VAL_BLOB:
  case VAL_UUID:
  case VAL_NULL:
    return "BLOB";
  }
  return "BLOB";
}

static int bind_column(sqlite3_stmt *st, const struct cur *c, size_t i, enum val_type type) {
  int at = (int)i + 1;
  if (cur_null(c, i)) return sqlite3_bind_null(st, at);
  switch (type) {
  case VAL_I64:
    return sqlite3_bind_int64(st, at, cur_i64(c, i));
  case VAL_F64:
    return sqlite3_bind_double(st, at, cur_f64(c, i));
  case VAL_TEXT: {
    struct str s = cur_text(c, i);
    return sqlite3_bind_text64(st, at, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8);
  }
  case VAL_BLOB:
  case VAL_UUID:
  case VAL_NULL: {
    struct str s = cur_blob(c, i);
    if (!s.n) return sqlite3_bind_zeroblob(st, at, 0);
    return sqlite3_bind_blob64(st, at, s.p, s.n, SQLITE_STATIC);
  }
  }
  return SQLITE_MISUSE;
}

static int copy_rows(struct cur *c, const struct table_shape *t, sqlite3 *to, const char *insert,
                     int64_t *ret_n, struct err *e) {
  _cleanup_(st_donep) sqlite3_stmt *st = NULL;
  int64_t rows = 0;
  int r = 0;
  int rc = sqlite3_prepare_v2(to, insert, -1, &st, NULL);
  if (rc != SQLITE_OK) return sqlite_err(to, rc, "writing the backup", e);
  while ((r = cur_next(c, e)) == 1) {
    for (size_t i = 0; i < t->n && rc == SQLITE_OK; i++)
      rc = bind_column(st, c, i, t->columns[i].type);
    if (rc == SQLITE_OK) rc = sqlite3_step(st);
    if (rc != SQLITE_DONE) return sqlite_err(to, rc, "writing the backup", e);
    rc = sqlite3_reset(st);
    rows++;
  }
  *ret_n = rows;
  return r;
}

static int copy_table(struct tx *tx, struct arena *a, struct str name, sqlite3 *to, struct err *e) {
  _cleanup_(buf_done) struct buf create = BUF_INIT(LIMIT_SQL_TEXT),
                                 select = BUF_INIT(LIMIT_SQL_TEXT),
                                 insert = BUF_INIT(LIMIT_SQL_TEXT);
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct table_shape t;
  int64_t expected = 0, copied = 0;
  int r = shape_of(tx, a, name, &t, e);
  if (r == 0) r = shape_count(tx, name, &expected, e);
  if (r < 0) return r;
  buf_lit(&create, "CREATE TABLE ");
  sql_name(&create, name);
  buf_lit(&select, "SELECT ");
  shape_names(&select, &t);
  buf_lit(&select, " FROM ");
  sql_name(&select, name);
  buf_lit(&insert, "INSERT INTO ");
  sql_name(&insert, name);
  for (size_t i = 0; i < t.n; i++) {
    buf_str_add(&create, str_from(i ? ", " : " ("));
    sql_name(&create, t.columns[i].name);
    buf_printf(&create, " %s", sqlite_type(t.columns[i].type));
    buf_str_add(&insert, str_from(i ? ",?" : " VALUES (?"));
  }
  buf_lit(&create, ") STRICT");
  buf_lit(&insert, ")");
  if (!buf_z(&create) || !buf_ok(&select) || !buf_z(&insert))
    return err_set(e, E_NOMEM, "no memory for the backup");
  r = run(to, create.p, e);
  if (r == 0) r = cur_open_sql(tx, buf_str(&select), P_NONE, &c, e);
  if (r == 0) r = copy_rows(c, &t, to, insert.p, &copied, e);
  if (r == 0 && copied != expected)
    r = err_field(e, E_IO, "the number of copied rows is wrong", t.name.p);
  return r;
}

static int copy_tables(struct tx *tx, struct arena *a, sqlite3 *to, struct err *e) {
  struct str *names;
  size_t n;
  int r = shape_tables(tx, a, &names, &n, e);
  if (r == 0) r = run(to, "BEGIN", e);
  for (size_t i = 0; i < n && r == 0; i++) r = copy_table(tx, a, names[i], to, e);
  return r < 0 ? r : run(to, "COMMIT", e);
}

/* ---- the file ---- */

static int put_info(sqlite3 *db, const char *key, const char *name, int64_t value, struct err *e) {
  _cleanup_(st_donep) sqlite3_stmt *st = NULL;
  int rc = sqlite3_prepare_v2(db, "INSERT INTO backup_info VALUES (?1 || ?2, ?3)", -1, &st, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
  if (rc == SQLITE_OK) rc = sqlite3_bind_text(st, 2, name, -1, SQLITE_STATIC);
  if (rc == SQLITE_OK) rc = sqlite3_bind_int64(st, 3, value);
  if (rc == SQLITE_OK) rc = sqlite3_step(st);
  return rc == SQLITE_DONE ? 0 : sqlite_err(db, rc, "writing the backup", e);
}

static int put_all_info(struct tx *tx, struct arena *a, sqlite3 *db, struct err *e) {
  char setting[80];
  struct str *names;
  size_t n = 0;
  int version = 0, unfinished = 0;
  snprintf(setting, sizeof setting, "PRAGMA application_id=%d", BACKUP_APPLICATION_ID);
  int r = migrate_version(tx, &version, e);
  if (r == 0) r = migrate_unfinished(tx, &unfinished, e);
  if (r == 0 && unfinished)
    r = err_sys(e, E_PRECONDITION, "an upgrade is half done: start the server first", unfinished);
  if (r == 0) r = run(db, setting, e);
  if (r == 0)
    r = run(db, "BEGIN; CREATE TABLE backup_info (key TEXT PRIMARY KEY, value INTEGER) STRICT", e);
  if (r == 0) r = shape_tables(tx, a, &names, &n, e);
  for (size_t i = 0; i < n && r == 0; i++) {
    int64_t rows = 0;
    r = shape_count(tx, names[i], &rows, e);
    if (r == 0) r = put_info(db, "rows:", arena_strz(a, names[i]), rows, e);
  }
  if (r == 0) r = put_info(db, "version", "", version, e);
  if (r == 0) r = put_info(db, "engine", "", tx_engine(tx), e);
  if (r == 0) r = put_info(db, "format", "", BACKUP_FORMAT, e);
  return r < 0 ? r : run(db, "COMMIT", e);
}

static int write_file(struct store *s, const char *file, struct err *e) {
  _cleanup_(db_closep) sqlite3 *db = NULL;
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  struct tx *tx = NULL;
  if (!a) return err_set(e, E_NOMEM, "no memory for the backup");
  int r = open_file(file, &db, e);
  if (r == 0) r = store_read_snapshot(s, &tx, e);
  if (r == 0) r = s->engine == ENGINE_SQLITE ? copy_pages(tx, db, e) : copy_tables(tx, a, db, e);
  if (r == 0) r = put_all_info(tx, a, db, e);
  tx_end_snapshot(tx);
  return r;
}

static int sync_path(const char *path, int flags, struct err *e) {
  int fd = open(path, flags | O_CLOEXEC);
  if (fd < 0) return err_sys(e, E_IO, "the backup cannot be opened to be synced", errno);
  int r = fsync(fd) < 0 ? err_sys(e, errno == ENOSPC ? E_DISK_FULL : E_IO,
                                  "the backup cannot be synced", errno)
                        : 0;
  close(fd);
  return r;
}

static int put_in_place(const char *part, const char *file, struct err *e) {
  int r = sync_path(part, O_RDWR, e);
  if (r < 0) return r;
  if (rename(part, file) < 0) return err_sys(e, E_IO, "the backup cannot be given its name", errno);
  char *copy = strdup(file);
  if (!copy) return err_set(e, E_NOMEM, "no memory for a name");
  r = sync_path(dirname(copy), O_RDONLY | O_DIRECTORY, e);
  free(copy);
  if (r < 0) unlink(file); /* it might not be there after a power cut: then better not at all */
  return r;
}

int store_backup(struct store *s, const char *file, struct err *e) {
  char *part = NULL;
  struct stat st;
  /* the rename would put a file where a device or a folder was */
  if (lstat(file, &st) == 0 && !S_ISREG(st.st_mode))
    return err_field(e, E_INVALID, "this name belongs to something that is not a file", file);
  if (asprintf(&part, "%s.part-%d", file, (int)getpid()) < 0)
    return err_set(e, E_NOMEM, "no memory for a name");
  /* Made by us, so that nobody but the owner may read it at any moment. */
  int fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  int r = 0;
  if (fd < 0)
    r = err_sys(e, errno == ENOSPC ? E_DISK_FULL : E_IO, "the backup file cannot be made", errno);
  else
    close(fd);
  if (r == 0) r = write_file(s, part, e);
  if (r == 0) r = put_in_place(part, file, e);
  if (r < 0 && fd >= 0) unlink(part);
  free(part);
  return r;
}
