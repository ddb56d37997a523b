#include "store/sqlite_impl.h"
#include "base/log.h"
#include "base/timeutil.h"
#include "store/bulk.h"
#include <stdlib.h>
#include <assert.h>

static struct sqlite_conn *of(struct conn *c) {
  return (struct sqlite_conn *)c;
}

struct sqlite3 *sqlite_handle(struct tx *tx) {
  return of(tx->conn)->db;
}

/* ---- transactions ---- */

static int run_fixed(struct sqlite_conn *c, sqlite3_stmt *st, const char *what, struct err *e) {
  int rc = sqlite3_step(st);
  int r = rc == SQLITE_DONE ? 0 : sqlite_err(c->db, rc, what, e);
  sqlite3_reset(st);
  return r;
}

static int begin(struct conn *base, struct err *e) {
  struct sqlite_conn *c = of(base);
  int r = run_fixed(c, c->begin, "begin", e);
  c->in_tx = r == 0;
  return r;
}

static int commit(struct conn *base, struct err *e) {
  struct sqlite_conn *c = of(base);
  int r = run_fixed(c, c->commit, "commit", e);
  /* A commit that failed may leave the transaction open (SQLITE_BUSY) or not (SQLITE_FULL). */
  if (r < 0 && !sqlite3_get_autocommit(c->db)) run_fixed(c, c->rollback, "rollback", NULL);
  c->in_tx = false;
  return r;
}

static void rollback(struct conn *base) {
  struct sqlite_conn *c = of(base);
  c->in_tx = false;
  if (sqlite3_get_autocommit(c->db)) return;
  struct err e;
  if (run_fixed(c, c->rollback, "rollback", &e) < 0) log_err(LOG_ERROR, "store", &e);
}

static int savepoint(struct conn *c, struct err *e) {
  return run_fixed(of(c), of(c)->savepoint, "savepoint", e);
}
static int release(struct conn *c, struct err *e) {
  return run_fixed(of(c), of(c)->release, "release", e);
}
static int undo(struct conn *c, struct err *e) {
  int r = run_fixed(of(c), of(c)->undo, "undo", e);
  return r < 0 ? r : release(c, e);
}

/* A full disk or an I/O error makes SQLite roll the whole transaction back by itself. */
static bool aborted(struct conn *base) {
  struct sqlite_conn *c = of(base);
  return c->in_tx && sqlite3_get_autocommit(c->db);
}

/* ---- statements ---- */

void sqlite_prep_drop(struct prep *p, void *arg) {
  struct sqlite_prep *sp = (struct sqlite_prep *)p;
  (void)arg;
  sqlite3_finalize(sp->stmt);
  free(sp);
}

static bool blank(const char *p, const char *end) {
  for (; p < end; p++)
    if (*p != ' ' && *p != '\n' && *p != '\t' && *p != ';') return false;
  return true;
}

/* $2 is a name to SQLite, numbered by first appearance: find where each stands, and refuse gaps. */
static int map_params(struct sqlite_prep *p, const struct ask *a, struct err *e) {
  p->n_params = sqlite3_bind_parameter_count(p->stmt);
  if (p->n_params > LIMIT_PARAMS) return err_field(e, E_BUG, "too many parameters", ask_name(a));
  for (int i = 0; i < p->n_params; i++) {
    char name[8] = {'$'};
    int n = i + 1;
    name[1] = (char)(n < 10 ? '0' + n : '0' + n / 10);
    if (n >= 10) name[2] = (char)('0' + n % 10);
    int at = sqlite3_bind_parameter_index(p->stmt, name);
    if (at == 0) return err_field(e, E_BUG, "parameters are not $1..$n", ask_name(a));
    p->index[i] = (uint8_t)at;
  }
  return 0;
}

static int prepare(struct sqlite_conn *c, const struct ask *a, struct sqlite_prep **ret_prep,
                   struct err *e) {
  struct sqlite_prep *p = calloc(1, sizeof *p);
  const char *tail = NULL;
  if (!p) return err_set(e, E_NOMEM, "no memory for a statement");
  int rc = sqlite3_prepare_v3(c->db, a->text.p, (int)a->text.n, SQLITE_PREPARE_PERSISTENT, &p->stmt,
                              &tail);
  int r = 0;
  if (rc != SQLITE_OK) {
    r = sqlite_err(c->db, rc, ask_name(a), e);
    /* the statement's own text is at fault, whatever SQLite calls it */
    if (rc == SQLITE_ERROR)
      log_error("store", "query=\"%s\" what=\"%s\"", ask_name(a), sqlite3_errmsg(c->db));
  } else if (!p->stmt || !blank(tail, a->text.p + a->text.n)) {
    r = err_field(e, E_BUG, "a query is exactly one statement", ask_name(a));
  } else {
    p->reads = sqlite3_stmt_readonly(p->stmt);
    r = map_params(p, a, e);
  }
  if (r < 0) {
    sqlite_prep_drop(&p->base, NULL);
    return r;
  }
  *ret_prep = p;
  return 0;
}

/* *ret_own: not in the cache, because the cached one is under another cursor. */
static int statement(struct sqlite_conn *c, const struct ask *a, struct sqlite_prep **ret_prep,
                     bool *ret_own, struct err *e) {
  struct prep *found = a->q ? prep_find(&c->cache, a->q) : prep_find_text(&c->cache, a->text);
  *ret_own = found && found->used;
  if (found && !found->used) {
    *ret_prep = (struct sqlite_prep *)found;
    return 0;
  }
  struct sqlite_prep *p = NULL;
  int r = prepare(c, a, &p, e);
  if (r == 0 && !*ret_own) r = prep_put(&c->cache, &p->base, a->q, a->text, e);
  if (r == 0) *ret_prep = p;
  return r;
}

static int bind_one(sqlite3_stmt *st, int at, const struct val *v, sqlite3_destructor_type keep) {
  assert(at > 0); /* SQLite counts from one */
  switch (v->t) {
  case VAL_NULL:
    return sqlite3_bind_null(st, at);
  case VAL_I64:
    return sqlite3_bind_int64(st, at, v->i);
  case VAL_F64:
    return sqlite3_bind_double(st, at, v->f);
  case VAL_TEXT:
    return v->s.p ? sqlite3_bind_text64(st, at, v->s.p, v->s.n, keep, SQLITE_UTF8)
                  : sqlite3_bind_null(st, at);
  case VAL_BLOB:
    if (v->s.p && !v->s.n) return sqlite3_bind_zeroblob(st, at, 0);
    return sqlite3_bind_blob64(st, at, v->s.p, v->s.n, keep);
  case VAL_UUID:
    return sqlite3_bind_blob(st, at, v->u.b, 16, keep);
  }
  return SQLITE_MISUSE;
}

static int bind_all(struct sqlite_conn *c, struct sqlite_prep *p, const struct ask *a,
                    const struct val *params, size_t n, sqlite3_destructor_type keep,
                    struct err *e) {
  if ((size_t)p->n_params != n)
    return err_field(e, E_BUG, "the number of parameters differs from the query's", ask_name(a));
  for (size_t i = 0; i < n; i++) {
    int rc = bind_one(p->stmt, p->index[i], &params[i], keep);
    if (rc != SQLITE_OK) return sqlite_err(c->db, rc, ask_name(a), e);
  }
  return 0;
}

/* What was bound is borrowed from the caller: nothing of it stays behind. */
static void put_back(struct sqlite_prep *p, bool own) {
  if (own) {
    sqlite_prep_drop(&p->base, NULL);
    return;
  }
  sqlite3_reset(p->stmt);
  sqlite3_clear_bindings(p->stmt);
}

static int exec(struct conn *base, const struct ask *a, const struct val *params, size_t n,
                int64_t *ret_changed, struct err *e) {
  struct sqlite_conn *c = of(base);
  struct sqlite_prep *p = NULL;
  bool own = false;
  int rc;
  int r = statement(c, a, &p, &own, e);
  if (!p) return r;
  if ((r = bind_all(c, p, a, params, n, SQLITE_STATIC, e)) == 0) {
    while ((rc = sqlite3_step(p->stmt)) == SQLITE_ROW) {
    }
    if (rc != SQLITE_DONE)
      r = sqlite_err(c->db, rc, ask_name(a), e);
    else if (ret_changed)
      *ret_changed = p->reads ? 0 : sqlite3_changes64(c->db);
  }
  put_back(p, own);
  return r;
}

static int script(struct conn *base, struct str sql, struct err *e) {
  struct sqlite_conn *c = of(base);
  const char *p = sql.p, *end = sql.p + sql.n;
  while (p < end) {
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(c->db, p, (int)(end - p), &st, &p);
    if (rc == SQLITE_OK && !st) continue; /* a comment */
    while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) rc = SQLITE_OK;
    int r = rc == SQLITE_DONE ? 0 : sqlite_err(c->db, rc, "a statement of a script", e);
    sqlite3_finalize(st);
    if (r < 0) return r;
  }
  return 0;
}

/* ---- bulk ---- */

static int bulk_statement(struct sqlite_conn *c, const struct bulk *b,
                          struct sqlite_prep **ret_prep, struct err *e) {
  struct prep *found = prep_find(&c->cache, b);
  if (found) {
    *ret_prep = (struct sqlite_prep *)found;
    return 0;
  }
  _cleanup_(buf_done) struct buf sql = BUF_INIT(LIMIT_SQL_TEXT);
  bulk_values_sql(&sql, b);
  if (!buf_ok(&sql)) return err_field(e, E_BUG, "a bulk statement too long", b->name);
  struct sqlite_prep *p = calloc(1, sizeof *p);
  if (!p) return err_set(e, E_NOMEM, "no memory for a statement");
  int rc = sqlite3_prepare_v3(c->db, sql.p, (int)sql.n, SQLITE_PREPARE_PERSISTENT, &p->stmt, NULL);
  if (rc != SQLITE_OK) {
    int r = sqlite_err(c->db, rc, b->name, e);
    sqlite_prep_drop(&p->base, NULL);
    return r;
  }
  int r = prep_put(&c->cache, &p->base, b, (struct str){NULL, 0}, e);
  if (r == 0) *ret_prep = p;
  return r;
}

static int bulk(struct conn *base, const struct bulk *b, const struct val *rows, size_t n,
                struct err *e) {
  struct sqlite_conn *c = of(base);
  struct sqlite_prep *p = NULL;
  int r = bulk_statement(c, b, &p, e);
  if (!p) return r;
  for (; n > 0 && r == 0; n--, rows += b->n_columns) {
    int rc = SQLITE_OK;
    for (size_t i = 0; i < b->n_columns && rc == SQLITE_OK; i++)
      rc = bind_one(p->stmt, (int)i + 1, &rows[i], SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_step(p->stmt);
    if (rc != SQLITE_DONE) r = sqlite_err(c->db, rc, b->name, e);
    sqlite3_reset(p->stmt);
  }
  sqlite3_clear_bindings(p->stmt); /* they are the caller's */
  return r;
}

/* ---- cursors ---- */

static struct sqlite_cur *cur_make(struct sqlite_conn *c) {
  struct sqlite_cur *cur = c->free_curs;
  if (!cur) return calloc(1, sizeof *cur);
  c->free_curs = cur->next;
  memset(cur, 0, sizeof *cur);
  return cur;
}

static void cur_recycle(struct sqlite_conn *c, struct sqlite_cur *cur) {
  cur->next = c->free_curs;
  c->free_curs = cur;
}

static int open_cur(struct conn *base, const struct ask *a, const struct val *params, size_t n,
                    struct cur **ret_cur, struct err *e) {
  struct sqlite_conn *c = of(base);
  struct sqlite_prep *p = NULL;
  bool own = false;
  int r = statement(c, a, &p, &own, e);
  if (!p) return r;
  /* Copied: the cursor outlives the call. */
  r = bind_all(c, p, a, params, n, SQLITE_TRANSIENT, e);
  if (r == 0 && !p->reads && !c->base.writer)
    r = err_field(e, E_BUG, "a write in a read transaction", ask_name(a));
  struct sqlite_cur *cur = r == 0 ? cur_make(c) : NULL;
  if (!cur) {
    if (r == 0) r = err_set(e, E_NOMEM, "no memory for a cursor");
    put_back(p, own);
    return r;
  }
  cur->conn = c;
  cur->prep = p;
  cur->own = own;
  p->base.used++;
  cur->base.columns = (size_t)sqlite3_column_count(p->stmt);
  *ret_cur = &cur->base;
  return 0;
}

static sqlite3_stmt *st_of(const struct cur *c) {
  return ((const struct sqlite_cur *)c)->prep->stmt;
}

static int next(struct cur *base, struct err *e) {
  struct sqlite_cur *cur = (struct sqlite_cur *)base;
  base->row = false;
  if (cur->ended) return 0;
  if (cur->conn->base.timed) cur->conn->step_ms = monotonic_ms();
  int rc = sqlite3_step(cur->prep->stmt);
  if (rc == SQLITE_ROW) {
    base->row = true;
    return 1;
  }
  cur->ended = true; /* stepping on would start it again */
  return rc == SQLITE_DONE ? 0 : sqlite_err(cur->conn->db, rc, "reading a row", e);
}

static bool null(const struct cur *c, size_t col) {
  return sqlite3_column_type(st_of(c), (int)col) == SQLITE_NULL;
}
static int64_t i64(const struct cur *c, size_t col) {
  return sqlite3_column_int64(st_of(c), (int)col);
}
static double f64(const struct cur *c, size_t col) {
  return sqlite3_column_double(st_of(c), (int)col);
}
static struct str text(const struct cur *c, size_t col) {
  const char *p = (const char *)sqlite3_column_text(st_of(c), (int)col);
  return (struct str){p, p ? (size_t)sqlite3_column_bytes(st_of(c), (int)col) : 0};
}
static struct str blob(const struct cur *c, size_t col) {
  const char *p = sqlite3_column_blob(st_of(c), (int)col);
  if (!p) return null(c, col) ? (struct str){NULL, 0} : (struct str){"", 0};
  return (struct str){p, (size_t)sqlite3_column_bytes(st_of(c), (int)col)};
}

static void done(struct cur *base) {
  struct sqlite_cur *cur = (struct sqlite_cur *)base;
  cur->prep->base.used--;
  put_back(cur->prep, cur->own);
  cur_recycle(cur->conn, cur);
}

static void forget(struct conn *c) {
  prep_clear(&of(c)->cache);
}

const struct engine_ops sqlite_ops = {
    .open = sqlite_store_open,
    .close = sqlite_store_close,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .savepoint = savepoint,
    .release = release,
    .undo = undo,
    .aborted = aborted,
    .exec = exec,
    .script = script,
    .bulk = bulk,
    .open_cur = open_cur,
    .next = next,
    .null = null,
    .i64 = i64,
    .f64 = f64,
    .text = text,
    .blob = blob,
    .done = done,
    .forget = forget,
    .changed = sqlite_changed,
};
