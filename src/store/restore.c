#include "store/backup.h"
#include "store/migrate.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROWS_AT_ONCE = 500, ROWS_BYTES = 4 * 1024 * 1024 };

static void db_closep(sqlite3 **db) {
  sqlite3_close_v2(*db);
}
static void st_donep(sqlite3_stmt **st) {
  sqlite3_finalize(*st);
}

static int bad_file(struct err *e, const char *what, const char *field) {
  return err_field(e, E_INVALID, what, field);
}

/* ---- the file ---- */

static int number(sqlite3 *db, const char *sql, const char *param, int64_t *ret_v) {
  _cleanup_(st_donep) sqlite3_stmt *st = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK) return -E_INVALID;
  if (param && sqlite3_bind_text(st, 1, param, -1, SQLITE_STATIC) != SQLITE_OK) return -E_INVALID;
  if (sqlite3_step(st) != SQLITE_ROW) return -E_INVALID;
  *ret_v = sqlite3_column_int64(st, 0);
  return 0;
}

static int info(sqlite3 *db, const char *key, int64_t *ret_v) {
  return number(db, "SELECT value FROM backup_info WHERE key = ?1", key, ret_v);
}

static int open_file(const char *file, sqlite3 **ret_db, int64_t *ret_version, struct err *e) {
  int64_t id = 0, format = 0, bad = 1;
  int rc = sqlite3_open_v2(file, ret_db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
  if (rc != SQLITE_OK) return sqlite_err(*ret_db, rc, "the backup cannot be opened", e);
  if (number(*ret_db, "PRAGMA application_id", NULL, &id) < 0 || id != BACKUP_APPLICATION_ID)
    return bad_file(e, "this file is not a backup", "");
  if (number(*ret_db, "SELECT count(*) FROM pragma_quick_check(1) WHERE quick_check <> 'ok'", NULL,
             &bad) < 0 ||
      bad)
    return bad_file(e, "the backup is damaged", "");
  if (info(*ret_db, "format", &format) < 0 || format != BACKUP_FORMAT)
    return bad_file(e, "the backup is of another form", "");
  if (info(*ret_db, "version", ret_version) < 0)
    return bad_file(e, "the backup does not tell its version", "");
  return 0;
}

/* ---- one table ---- */

struct feed {
  struct tx *tx;
  struct arena *a; /* a batch of rows */
  struct bulk bulk;
  struct val *rows;
  size_t n_rows, bytes;
  int64_t copied;
};

static struct val value(sqlite3_stmt *st, int i, enum val_type want, struct feed *f) {
  int have = sqlite3_column_type(st, i);
  if (have == SQLITE_NULL) return V_NULL;
  if (want == VAL_I64 && have == SQLITE_INTEGER) return V_I64(sqlite3_column_int64(st, i));
  if (want == VAL_F64) return V_F64(sqlite3_column_double(st, i));
  const void *p =
      have == SQLITE_TEXT ? (const void *)sqlite3_column_text(st, i) : sqlite3_column_blob(st, i);
  size_t n = (size_t)sqlite3_column_bytes(st, i);
  f->bytes += n;
  if (want == VAL_UUID && n == 16) {
    struct uuid u;
    memcpy(u.b, p, sizeof u.b);
    return V_UUID(u);
  }
  struct str s = arena_dup(f->a, (struct str){p ? p : "", n});
  /* what does not fit its column keeps its own type, and the insert refuses it */
  return have == SQLITE_TEXT ? V_TEXT(s) : V_BLOB(s);
}

static int feed_flush(struct feed *f, struct err *e) {
  if (arena_failed(f->a)) return err_set(e, E_NOMEM, "no memory for the rows of a backup");
  int r = tx_bulk(f->tx, &f->bulk, f->rows, f->n_rows, e);
  f->copied += (int64_t)f->n_rows;
  f->n_rows = f->bytes = 0;
  arena_reset(f->a);
  return r;
}

static int feed_all(struct feed *f, sqlite3_stmt *st, const struct table_shape *t, struct err *e) {
  int rc, r = 0;
  f->rows = calloc(ROWS_AT_ONCE * t->n, sizeof *f->rows);
  if (!f->rows) return err_set(e, E_NOMEM, "no memory for the rows of a backup");
  while (r == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
    for (size_t i = 0; i < t->n; i++)
      f->rows[f->n_rows * t->n + i] = value(st, (int)i, t->columns[i].type, f);
    f->n_rows++;
    if (f->n_rows == ROWS_AT_ONCE || f->bytes > ROWS_BYTES) r = feed_flush(f, e);
  }
  if (r == 0 && rc != SQLITE_DONE)
    r = sqlite_err(sqlite3_db_handle(st), rc, "reading the backup", e);
  if (r == 0) r = feed_flush(f, e);
  free(f->rows);
  return r;
}

static int clear_table(struct tx *tx, struct str name, struct err *e) {
  _cleanup_(buf_done) struct buf sql = BUF_INIT(KIB(1));
  buf_lit(&sql, "DELETE FROM ");
  sql_name(&sql, name);
  return tx_script(tx, buf_str(&sql), e);
}

static int copy_table(struct tx *tx, sqlite3 *db, const struct table_shape *t, struct err *e) {
  _cleanup_(buf_done) struct buf select = BUF_INIT(LIMIT_SQL_TEXT), table = BUF_INIT(KIB(1)),
                                 names = BUF_INIT(LIMIT_SQL_TEXT), key = BUF_INIT(KIB(1));
  _cleanup_(st_donep) sqlite3_stmt *st = NULL;
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_JOB);
  enum val_type types[LIMIT_COLUMNS];
  int64_t expected = 0, columns = 0;
  if (t->n == 0) return bad_file(e, "a table without columns", "");
  if (!a) return err_set(e, E_NOMEM, "no memory for the rows of a backup");
  sql_name(&table, t->name);
  shape_names(&names, t);
  buf_printf(&key, "rows:" STR_FMT, STR_ARG(t->name));
  if (!buf_z(&table) || !buf_z(&names) || !buf_z(&key))
    return err_set(e, E_NOMEM, "no memory for a statement");
  buf_printf(&select, "SELECT %s FROM %s", names.p, table.p);
  if (!buf_z(&select)) return err_set(e, E_NOMEM, "no memory for a statement");
  for (size_t i = 0; i < t->n; i++) types[i] = t->columns[i].type;
  if (info(db, key.p, &expected) < 0) return bad_file(e, "the backup lacks a table", key.p);
  if (number(db, "SELECT count(*) FROM pragma_table_info(?1)", key.p + 5, &columns) < 0 ||
      columns != (int64_t)t->n || sqlite3_prepare_v2(db, select.p, -1, &st, NULL) != SQLITE_OK)
    return bad_file(e, "the backup's table has other columns", key.p);
  struct feed f = {.tx = tx, .a = a};
  f.bulk = (struct bulk){
      .name = "restore", .table = table.p, .columns = names.p, .types = types, .n_columns = t->n};
  int r = clear_table(tx, t->name, e);
  if (r == 0) r = feed_all(&f, st, t, e);
  tx_forget(tx); /* the bulk's address is the key of its statement, and is used again */
  if (r == 0 && f.copied != expected)
    r = bad_file(e, "the backup's table has another number of rows", key.p);
  return r;
}

/* ---- constraints out of the way ---- */

static const char postgres_keys[] =
    "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE contype = 'f' AND conparentid = 0"
    " AND connamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
    " ORDER BY 1, 2";

/* Rows come table by table, whatever refers to what: PostgreSQL's foreign keys are taken off and
 * put back (which checks every row), SQLite's are checked at the commit. Triggers rest. */
static int relax(struct tx *tx, const struct str *tables, size_t n, struct buf *undo,
                 struct err *e) {
  _cleanup_(buf_done) struct buf sql = BUF_INIT(MIB(1));
  _cleanup_(cur_donep) struct cur *c = NULL;
  if (tx_engine(tx) == ENGINE_SQLITE) {
    sqlite3_db_config(sqlite_handle(tx), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    return tx_script(tx, S("PRAGMA defer_foreign_keys=ON"), e);
  }
  int r = cur_open_sql(tx, S(postgres_keys), P_NONE, &c, e);
  while (r == 0 && (r = cur_next(c, e)) == 1) {
    struct str table = cur_text(c, 0), key = cur_text(c, 1);
    buf_printf(&sql, "ALTER TABLE " STR_FMT " DROP CONSTRAINT " STR_FMT ";", STR_ARG(table),
               STR_ARG(key));
    buf_printf(undo, "ALTER TABLE " STR_FMT " ADD CONSTRAINT " STR_FMT " " STR_FMT ";",
               STR_ARG(table), STR_ARG(key), STR_ARG(cur_text(c, 2)));
    r = 0;
  }
  for (size_t i = 0; i < n && r == 0; i++) {
    struct buf *const both[] = {&sql, undo};
    for (size_t k = 0; k < 2; k++) {
      buf_lit(both[k], "ALTER TABLE ");
      sql_name(both[k], tables[i]);
      buf_str_add(both[k], k ? S(" ENABLE TRIGGER USER;") : S(" DISABLE TRIGGER USER;"));
    }
  }
  if (r == 0 && (!buf_ok(&sql) || !buf_ok(undo))) r = err_set(e, E_TOO_LARGE, "too many keys");
  return r < 0 ? r : tx_script(tx, buf_str(&sql), e);
}

static const char postgres_sequences[] =
    "DO $$ DECLARE c record; BEGIN FOR c IN SELECT t.oid::regclass AS t, a.attname AS a,"
    " pg_get_serial_sequence(t.oid::regclass::text, a.attname) AS s FROM pg_class t"
    " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " WHERE t.relkind IN ('r', 'p') AND t.relnamespace ="
    " (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
    " LOOP IF c.s IS NOT NULL THEN EXECUTE format("
    "'SELECT setval(%L, coalesce((SELECT max(%I) FROM %s), 0) + 1, false)', c.s, c.a, c.t);"
    " END IF; END LOOP; END $$";

static int tighten(struct tx *tx, const struct buf *undo, struct err *e) {
  if (tx_engine(tx) == ENGINE_SQLITE) return 0;
  int r = tx_script(tx, buf_str(undo), e);
  return r < 0 ? r : tx_script(tx, S(postgres_sequences), e);
}

/* ---- all of it, in one transaction ---- */

static int restore_run(struct tx *tx, sqlite3 *db, const struct migration *list, size_t version,
                       struct arena *a, struct err *e) {
  _cleanup_(buf_done) struct buf undo = BUF_INIT(MIB(1));
  struct str *tables;
  size_t n = 0;
  int there = 0;
  int64_t in_file = 0;
  int r = migrate_version(tx, &there, e);
  if (r == 0) r = shape_tables(tx, a, &tables, &n, e);
  if (r == 0 && (there > 0 || n > 0))
    r = err_set(e, E_PRECONDITION, "a backup is restored into an empty store only");
  for (size_t i = 0; i < version && r == 0; i++) r = migrate_one(tx, &list[i], e);
  if (r == 0) r = shape_tables(tx, a, &tables, &n, e);
  if (r == 0 &&
      number(db, "SELECT count(*) FROM backup_info WHERE key LIKE 'rows:%'", NULL, &in_file) == 0 &&
      in_file != (int64_t)n)
    r = bad_file(e, "the backup has other tables than its version has", "");
  if (r == 0) r = relax(tx, tables, n, &undo, e);
  for (size_t i = 0; i < n && r == 0; i++) {
    struct table_shape t;
    r = shape_of(tx, a, tables[i], &t, e);
    if (r == 0) r = copy_table(tx, db, &t, e);
  }
  return r < 0 ? r : tighten(tx, &undo, e);
}

int store_restore(struct store *s, const char *file, const struct migration *list, size_t n,
                  struct err *e) {
  _cleanup_(db_closep) sqlite3 *db = NULL;
  _cleanup_(arena_freep) struct arena *a = arena_create(LIMIT_ARENA_REQUEST);
  struct tx *tx = NULL;
  int64_t version = 0;
  if (!a) return err_set(e, E_NOMEM, "no memory for the restore");
  int r = migrate_check_list(list, n, e);
  if (r == 0) r = open_file(file, &db, &version, e);
  if (r < 0) return r;
  if (version < 0 || version > (int64_t)n)
    return err_sys(e, E_PRECONDITION, "the backup is newer than this program", (int)version);
  if ((r = store_claim(s, 0, &tx, e)) < 0) return r;
  if ((r = migrate_lock(tx, e)) == 0) {
    if ((r = tx_begin(tx, e)) == 0) {
      r = restore_run(tx, db, list, (size_t)version, a, e);
      if (r == 0)
        r = tx_commit(tx, e);
      else
        tx_rollback(tx);
      tx_callbacks(tx, false);
      tx_reset(tx);
    }
    migrate_unlock(tx);
  }
  if (s->engine == ENGINE_SQLITE)
    sqlite3_db_config(sqlite_handle(tx), SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
  tx_forget(tx);
  store_unclaim(tx);
  return r == 0 ? store_analyze(s, e) : r;
}
