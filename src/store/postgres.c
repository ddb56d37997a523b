#include "store/pg_impl.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>

static struct pg_conn *of(struct conn *c) {
  return (struct pg_conn *)c;
}

/* ---- prepared statements ---- */

void pg_prep_drop(struct prep *p, void *arg) {
  struct pg_conn *c = arg;
  struct pg_prep *pp = (struct pg_prep *)p;
  /* A full list only leaves statements on the server until the connection ends. */
  if (c->pg && c->n_gone < PG_GONE) memcpy(c->gone[c->n_gone++], pp->name, sizeof pp->name);
  free(pp);
}

static int describe(struct pg_prep *p, const PGresult *res, const char *what, struct err *e) {
  p->n_params = PQnparams(res);
  if (p->n_params > LIMIT_PARAMS) return err_field(e, E_BUG, "too many parameters", what);
  for (int i = 0; i < p->n_params; i++) p->params[i] = PQparamtype(res, i);
  p->columns = (size_t)PQnfields(res);
  for (int i = 0; i < PQnfields(res); i++)
    if (!pg_readable(PQftype(res, i))) {
      log_error("store", "query=\"%s\" column=\"%s\" what=\"type %u needs a cast\"", what,
                PQfname(res, i), PQftype(res, i));
      return err_set_at(e, E_BUG, "a column needs a cast to a type that is read", what,
                        (int)PQftype(res, i), __FILE__, __LINE__);
    }
  return 0;
}

int pg_prepare(struct pg_conn *c, const char *what, const char *sql, struct pg_prep **ret_prep,
               struct err *e) {
  struct pg_prep *p = calloc(1, sizeof *p);
  PGresult *res = NULL;
  if (!p) return err_set(e, E_NOMEM, "no memory for a statement");
  snprintf(p->name, sizeof p->name, "s%u", ++c->names);
  int r = pg_ready(c, e);
  if (r == 0 &&
      (!PQsendPrepare(c->pg, p->name, sql, 0, NULL) || !PQsendDescribePrepared(c->pg, p->name)))
    r = pg_lost(c, "the server is gone", e);
  if (r == 0) r = pg_round(c, e);
  if (r == 0) {
    r = pg_one(c, what, NULL, e);
    if (r == -E_BUG) log_error("store", "query=\"%s\" what=\"%s\"", what, e ? e->field : "");
    if (r == 0) r = pg_one(c, what, &res, e);
    if (!c->lost) pg_drain(c);
  }
  if (r == 0) r = describe(p, res, what, e);
  PQclear(res);
  if (r < 0) {
    free(p);
    return r;
  }
  *ret_prep = p;
  return 0;
}

static int statement(struct pg_conn *c, const struct ask *a, struct pg_prep **ret_prep,
                     struct err *e) {
  struct prep *found = a->q ? prep_find(&c->cache, a->q) : prep_find_text(&c->cache, a->text);
  if (found) {
    *ret_prep = (struct pg_prep *)found;
    return 0;
  }
  _cleanup_(buf_done) struct buf z = BUF_INIT(a->text.n + 1);
  buf_str_add(&z, a->text);
  if (!buf_z(&z)) return err_set(e, E_NOMEM, "no memory for a statement");
  struct pg_prep *p = NULL;
  int r = pg_prepare(c, ask_name(a), z.p, &p, e);
  if (r == 0) r = prep_put(&c->cache, &p->base, a->q, a->text, e);
  if (r == 0) *ret_prep = p;
  return r;
}

static int send_call(struct pg_conn *c, const struct pg_prep *p, const struct pg_params *w,
                     struct err *e) {
  int r = pg_ready(c, e);
  if (r < 0) return r;
  if (!PQsendQueryPrepared(c->pg, p->name, p->n_params, w->values, w->lengths, w->formats, 1))
    return pg_lost(c, "the server is gone", e);
  return pg_round(c, e);
}

static int send(struct pg_conn *c, const struct ask *a, const struct val *params, size_t n,
                struct pg_prep **ret_prep, struct err *e) {
  struct pg_prep *p = NULL;
  _cleanup_(pg_params_done) struct pg_params w;
  w.text = BUF_INIT(0); /* the rest is filled as needed */
  int r = statement(c, a, &p, e);
  if (!p) return r;
  if ((size_t)p->n_params != n)
    return err_field(e, E_BUG, "the number of parameters differs from the query's", ask_name(a));
  r = pg_encode(&w, p->params, params, n, ask_name(a), e);
  if (r == 0) r = send_call(c, p, &w, e);
  if (r == 0) *ret_prep = p;
  return r;
}

int pg_call(struct pg_conn *c, const char *what, const struct pg_prep *p, const struct pg_params *w,
            PGresult **ret_res, struct err *e) {
  int r = send_call(c, p, w, e);
  if (r < 0) return r;
  r = pg_one(c, what, ret_res, e);
  if (!c->lost) pg_drain(c);
  return r;
}

int pg_call_later(struct pg_conn *c, const struct pg_prep *p, const struct pg_params *w,
                  bool one_row, struct err *e) {
  int r = c->expect + PG_CONTROLS >= PG_LATE ? pg_settle(c, e) : 0;
  if (r == 0) r = pg_ready(c, e);
  if (r < 0) return r;
  if (!PQsendQueryPrepared(c->pg, p->name, p->n_params, w->values, w->lengths, w->formats, 1))
    return pg_lost(c, "the server is gone", e);
  c->late |= UINT64_C(1) << c->expect;
  if (one_row) c->one |= UINT64_C(1) << c->expect;
  c->expect++;
  return 0;
}

static int exec_once(struct pg_conn *c, const struct ask *a, const struct val *params, size_t n,
                     int64_t *ret_changed, struct err *e) {
  struct pg_prep *p = NULL;
  PGresult *res = NULL;
  int r = send(c, a, params, n, &p, e);
  if (r < 0) return r;
  r = pg_one(c, ask_name(a), &res, e);
  if (!c->lost) pg_drain(c);
  int64_t rows = 0;
  if (r == 0 && ret_changed)
    *ret_changed = parse_i64(str_from(PQcmdTuples(res)), 0, INT64_MAX, &rows) == 0 ? rows : 0;
  PQclear(res);
  return r;
}

/* Where the connection turns out to be gone and nothing was done on it yet, it is done again. */
static int exec(struct conn *base, const struct ask *a, const struct val *params, size_t n,
                int64_t *ret_changed, struct err *e) {
  struct pg_conn *c = of(base);
  struct pg_fresh fresh = pg_fresh(c);
  int r = exec_once(c, a, params, n, ret_changed, e);
  if (r < 0 && pg_again(c, &fresh)) r = exec_once(c, a, params, n, ret_changed, e);
  return r;
}

static int exec_later(struct conn *base, const struct ask *a, const struct val *params, size_t n,
                      bool one_row, struct err *e) {
  struct pg_conn *c = of(base);
  struct pg_prep *p = NULL;
  _cleanup_(pg_params_done) struct pg_params w;
  w.text = BUF_INIT(0);
  if (pg_fresh(c).n) {
    /* the first of a transaction shows whether the connection is still there */
    int64_t changed = 0;
    int r = exec(base, a, params, n, &changed, e);
    return r == 0 && one_row && changed != 1 ? err_set(e, E_RETRY, "the row changed") : r;
  }
  int r = statement(c, a, &p, e);
  if (!p) return r;
  if ((size_t)p->n_params != n)
    return err_field(e, E_BUG, "the number of parameters differs from the query's", ask_name(a));
  r = pg_encode(&w, p->params, params, n, ask_name(a), e);
  return r < 0 ? r : pg_call_later(c, p, &w, one_row, e);
}

/* ---- cursors ---- */

static struct pg_cur *cur_make(struct pg_conn *c) {
  struct pg_cur *cur = c->free_curs;
  if (!cur) return calloc(1, sizeof *cur);
  c->free_curs = cur->next;
  *cur = (struct pg_cur){.kept = cur->kept, .cap_kept = cur->cap_kept};
  return cur;
}

static void cur_recycle(struct pg_conn *c, struct pg_cur *cur) {
  cur->next = c->free_curs;
  c->free_curs = cur;
}

/* The next row on the line: 1 and *ret_row; 0 at the end, or -code: then the line is free. */
static int fetch(struct pg_cur *cur, PGresult **ret_row, struct err *e) {
  struct pg_conn *c = cur->conn;
  PGresult *res = pg_result(c);
  ExecStatusType st = res ? PQresultStatus(res) : PGRES_FATAL_ERROR;
  if (st == PGRES_SINGLE_TUPLE) {
    *ret_row = res;
    return 1;
  }
  int r = 0;
  if (st != PGRES_TUPLES_OK && st != PGRES_COMMAND_OK) r = pg_err(c->pg, res, "reading a row", e);
  PQclear(res);
  c->stream = NULL;
  pg_drain(c);
  return r;
}

void pg_skip_rows(struct pg_cur *cur) {
  PGresult *row = NULL;
  while (fetch(cur, &row, NULL) == 1) PQclear(row);
}

void pg_keep_rows(struct pg_cur *cur) {
  PGresult *row = NULL;
  int r;
  while ((r = fetch(cur, &row, &cur->err)) == 1) {
    if (cur->n_kept == cur->cap_kept) {
      size_t cap = cur->cap_kept ? cur->cap_kept * 2 : 16;
      PGresult **kept = reallocarray(cur->kept, cap, sizeof(PGresult *));
      if (!kept) {
        PQclear(row);
        pg_skip_rows(cur);
        r = err_set(&cur->err, E_NOMEM, "no memory for rows");
        break;
      }
      cur->kept = kept;
      cur->cap_kept = cap;
    }
    cur->kept[cur->n_kept++] = row;
  }
  if (r < 0) cur->failed = r;
}

/* The first row is read at once: errors show here, and a connection that is gone. */
static int open_once(struct pg_conn *c, const struct ask *a, const struct val *params, size_t n,
                     struct pg_cur *cur, struct err *e) {
  struct pg_prep *p = NULL;
  int r = send(c, a, params, n, &p, e);
  if (!p) return r;
  cur->conn = c;
  cur->base.columns = p->columns;
  c->stream = cur;
  if (!PQsetSingleRowMode(c->pg)) {
    c->stream = NULL;
    pg_drain(c);
    return err_set(e, E_BUG, "rows cannot be read one by one");
  }
  r = fetch(cur, &cur->first, e);
  return r < 0 ? r : 0;
}

static int open_cur(struct conn *base, const struct ask *a, const struct val *params, size_t n,
                    struct cur **ret_cur, struct err *e) {
  struct pg_conn *c = of(base);
  struct pg_cur *cur = cur_make(c);
  if (!cur) return err_set(e, E_NOMEM, "no memory for a cursor");
  struct pg_fresh fresh = pg_fresh(c);
  int r = open_once(c, a, params, n, cur, e);
  if (r < 0 && pg_again(c, &fresh)) r = open_once(c, a, params, n, cur, e);
  if (r < 0) {
    cur_recycle(c, cur);
    return r;
  }
  *ret_cur = &cur->base;
  return 0;
}

static int next(struct cur *base, struct err *e) {
  struct pg_cur *cur = (struct pg_cur *)base;
  PQclear(cur->row);
  cur->row = NULL;
  base->row = false;
  int r = 1;
  if (cur->first) {
    cur->row = cur->first;
    cur->first = NULL;
  } else if (cur->at_kept < cur->n_kept) {
    cur->row = cur->kept[cur->at_kept++];
  } else if (cur->failed < 0) {
    if (e) *e = cur->err;
    r = cur->failed;
  } else {
    r = cur->conn->stream == cur ? fetch(cur, &cur->row, e) : 0;
  }
  base->row = r == 1;
  return r;
}

static void done(struct cur *base) {
  struct pg_cur *cur = (struct pg_cur *)base;
  if (cur->conn->stream == cur) pg_skip_rows(cur);
  PQclear(cur->row);
  PQclear(cur->first);
  while (cur->at_kept < cur->n_kept) PQclear(cur->kept[cur->at_kept++]);
  cur_recycle(cur->conn, cur);
}

static const PGresult *row_of(const struct cur *c) {
  return ((const struct pg_cur *)c)->row;
}
static bool null(const struct cur *c, size_t col) {
  return PQgetisnull(row_of(c), 0, (int)col);
}
static int64_t i64(const struct cur *c, size_t col) {
  return pg_i64(row_of(c), (int)col);
}
static double f64(const struct cur *c, size_t col) {
  return pg_f64(row_of(c), (int)col);
}
static struct str text(const struct cur *c, size_t col) {
  return pg_text(row_of(c), (int)col);
}

static void forget(struct conn *base) {
  struct pg_conn *c = of(base);
  prep_clear(&c->cache);
}

const struct engine_ops postgres_ops = {
    .open = pg_store_open,
    .close = pg_store_close,
    .connect = pg_connect,
    .disconnect = pg_disconnect,
    .begin = pg_tx_begin,
    .commit = pg_tx_commit,
    .rollback = pg_tx_rollback,
    .savepoint = pg_tx_savepoint,
    .release = pg_tx_release,
    .undo = pg_tx_undo,
    .aborted = pg_tx_aborted,
    .exec = exec,
    .script = pg_script,
    .bulk = pg_bulk,
    .exec_later = exec_later,
    .bulk_later = pg_bulk_later,
    .open_cur = open_cur,
    .next = next,
    .null = null,
    .i64 = i64,
    .f64 = f64,
    .text = text,
    .blob = text,
    .done = done,
    .forget = forget,
    .changed = pg_changed,
    .analyze = pg_analyze,
};
