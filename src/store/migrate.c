#include "store/migrate.h"
#include "base/log.h"
#include <stdio.h>
#include <assert.h>

/* Not QUERY()s: they run before there is a schema to prepare them against. */
static const char create_table[] =
    "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER NOT NULL PRIMARY KEY, "
    "name TEXT NOT NULL, digest TEXT NOT NULL)";
static const char has_table_sqlite[] =
    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'";
static const char has_table_postgres[] =
    "SELECT count(*) FROM pg_catalog.pg_class WHERE relnamespace = "
    "to_regnamespace(quote_ident(current_schema())) AND relname = 'schema_migrations'";

static void digest_of(const struct tx *tx, const struct migration *m, char out[17]) {
  const char *sql = tx_engine(tx) == ENGINE_SQLITE ? m->sqlite : m->postgres;
  uint64_t h = hash64(sql, strlen(sql));
  snprintf(out, 17, "%016llx", (unsigned long long)h);
}

static int one_number(struct tx *tx, struct str sql, int64_t *ret_n, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open_sql(tx, sql, P_NONE, &c, e);
  if (r == 0) r = cur_next(c, e);
  if (r < 0) return r;
  *ret_n = r == 1 ? cur_i64(c, 0) : 0;
  return 0;
}

int migrate_version(struct tx *tx, int *ret_number, struct err *e) {
  int64_t there, number;
  struct str has = str_from(tx_engine(tx) == ENGINE_SQLITE ? has_table_sqlite : has_table_postgres);
  int r = one_number(tx, has, &there, e);
  if (r < 0) return r;
  if (!there) {
    *ret_number = 0;
    return 0;
  }
  r = one_number(tx, S("SELECT max(number) FROM schema_migrations"), &number, e);
  if (r == 0) *ret_number = (int)number;
  return r;
}

/* The row of a C step under way has its migration's number with a minus, and for a name where to go
 * on: readers of the version and older programs see the migration itself. */
int migrate_unfinished(struct tx *tx, int *ret_number, struct err *e) {
  int64_t number = 0;
  int version = 0;
  int r = migrate_version(tx, &version, e);
  *ret_number = 0;
  if (r < 0 || version == 0) return r;
  r = one_number(tx, S("SELECT coalesce(min(number), 0) FROM schema_migrations"), &number, e);
  if (r == 0 && number < 0) *ret_number = (int)-number;
  return r;
}

int migrate_check_list(const struct migration *list, size_t n, struct err *e) {
  for (size_t i = 0; i < n; i++)
    if (list[i].number != (int)i + 1 || !list[i].sqlite || !list[i].postgres)
      return err_field(e, E_BUG, "migrations are not numbered 1, 2, 3…", list[i].name);
  return 0;
}

/* A released migration that reads differently now would leave two kinds of database behind. */
static int check_frozen(struct tx *tx, const struct migration *list, int version, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open_sql(tx, S("SELECT number, digest FROM schema_migrations ORDER BY number"),
                       P_NONE, &c, e);
  while (r == 0 && (r = cur_next(c, e)) == 1) {
    int64_t number = cur_i64(c, 0);
    char digest[17];
    r = 0;
    if (number < 1 || number > version) continue;
    digest_of(tx, &list[number - 1], digest);
    if (!str_is(cur_text(c, 1), digest))
      return err_field(e, E_PRECONDITION, "a migration was changed after it ran here",
                       list[number - 1].name);
  }
  return r;
}

int migrate_one(struct tx *tx, const struct migration *m, struct err *e) {
  assert(m->number > 0 && tx_writable(tx));
  char digest[17];
  digest_of(tx, m, digest);
  int r = tx_script(tx, S(create_table), e);
  if (r == 0)
    r = tx_script(tx, str_from(tx_engine(tx) == ENGINE_SQLITE ? m->sqlite : m->postgres), e);
  if (r == 0)
    r = tx_exec_sql(tx,
                    S("INSERT INTO schema_migrations (number, name, digest) VALUES ($1, $2, $3)"),
                    P(V_I64(m->number), V_TEXTZ(m->name), V_TEXTZ(digest)), NULL, e);
  return r;
}

/* Held by the connection, not by a transaction: one that waited for it within its own transaction
 * would go on with the view of the database that it had before. */
static int lock(struct tx *tx, const char *sql, struct err *e) {
  int64_t ignored;
  if (tx_engine(tx) == ENGINE_SQLITE) return 0; /* BEGIN IMMEDIATE is the lock */
  int r = tx_begin(tx, e);
  if (r < 0) return r;
  r = one_number(tx, str_from(sql), &ignored, e);
  if (r == 0)
    r = tx_commit(tx, e);
  else
    tx_rollback(tx);
  return r;
}

int migrate_lock(struct tx *tx, struct err *e) {
  return lock(tx, "SELECT pg_advisory_lock(2020012311)", e);
}

void migrate_unlock(struct tx *tx) {
  struct err e;
  if (lock(tx, "SELECT pg_advisory_unlock(2020012311)", &e) < 0) log_err(LOG_WARN, "store", &e);
}

/* What one call brings a database to, and how far it is. */
struct way {
  const struct migration *list;
  size_t n;
  const struct migration_code *code;
  void *arg;
  int applied;
  bool more;
};

static const struct migration_code *code_of(const struct way *w, int number) {
  for (const struct migration_code *c = w->code; c && c->number; c++)
    if (c->number == number) return c;
  return NULL;
}

/* One slice of a C step, and where the next one begins. */
static int slice(struct tx *tx, const struct way *w, int number, struct err *e) {
  const struct migration_code *code = code_of(w, number);
  _cleanup_(buf_done) struct buf next = BUF_INIT(MIGRATION_AFTER_MAX);
  struct str after = S("");
  if (!code) return err_sys(e, E_BUG, "a migration was begun whose code is missing", number);
  {
    _cleanup_(cur_donep) struct cur *c = NULL;
    int r = cur_open_sql(tx, S("SELECT name FROM schema_migrations WHERE number = $1"),
                         P(V_I64(-number)), &c, e);
    if (r == 0) r = cur_next(c, e);
    if (r < 0) return r;
    if (r == 1) after = arena_dup(tx_arena(tx), cur_text(c, 0));
  }
  const int r = code->slice(tx, w->arg, after, &next, e);
  if (r < 0) return r;
  if (r == 0)
    return tx_exec_sql(tx, S("DELETE FROM schema_migrations WHERE number = $1"), P(V_I64(-number)),
                       NULL, e);
  if (!buf_ok(&next) || str_eq(buf_str(&next), after))
    return err_sys(e, E_BUG, "a migration's code does not get on", number);
  return tx_exec_sql(tx, S("UPDATE schema_migrations SET name = $2 WHERE number = $1"),
                     P(V_I64(-number), V_TEXT(buf_str(&next))), NULL, e);
}

static int next_migration(struct tx *tx, struct way *w, int version, struct err *e) {
  int r = migrate_one(tx, &w->list[version], e);
  if (r == 0 && code_of(w, version + 1))
    r = tx_exec_sql(tx,
                    S("INSERT INTO schema_migrations (number, name, digest) VALUES ($1, '', '')"),
                    P(V_I64(-(version + 1))), NULL, e);
  if (r == 0) w->applied++;
  return r;
}

/* One step in a transaction of its own: another process may have made it meanwhile, so the version
 * is read again under the lock. w->more is false at the end. */
static int step(struct tx *tx, struct way *w, struct err *e) {
  int version = 0, unfinished = 0;
  int r = tx_begin(tx, e);
  if (r < 0) return r;
  r = migrate_version(tx, &version, e);
  if (r == 0 && version > (int)w->n)
    r = err_sys(e, E_PRECONDITION, "the database is newer than this program", version);
  if (r == 0 && version > 0) r = check_frozen(tx, w->list, version, e);
  if (r == 0) r = migrate_unfinished(tx, &unfinished, e);
  w->more = r == 0 && (unfinished || version < (int)w->n);
  if (w->more) r = unfinished ? slice(tx, w, unfinished, e) : next_migration(tx, w, version, e);
  if (w->more && r == 0)
    r = tx_commit(tx, e);
  else
    tx_rollback(tx);
  tx_callbacks(tx, false);
  tx_reset(tx);
  return r;
}

int store_migrate_with(struct store *s, const struct migration *list, size_t n,
                       const struct migration_code *code, void *arg, int *ret_applied,
                       struct err *e) {
  struct way w = {.list = list, .n = n, .code = code, .arg = arg, .more = true};
  struct tx *tx = NULL;
  int r = migrate_check_list(list, n, e);
  if (r == 0) r = store_claim(s, 0, &tx, e);
  if (r < 0) return r;
  if ((r = migrate_lock(tx, e)) == 0) {
    while (r == 0 && w.more) r = step(tx, &w, e);
    migrate_unlock(tx);
  }
  tx_forget(tx);
  store_unclaim(tx);
  if (r == 0 && ret_applied) *ret_applied = w.applied;
  return r;
}

int store_version(struct store *s, int *ret_number, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(s, &tx, e);
  return r < 0 ? r : migrate_version(tx, ret_number, e);
}
