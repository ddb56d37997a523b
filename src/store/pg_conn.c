#include "store/pg_impl.h"
#include "base/log.h"
#include "base/timeutil.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
  const char *name, *sql;
} controls[PG_CONTROL_N_] = {
    [PG_BEGIN] = {"sw_begin", NULL}, /* differs between readers and writers */
    [PG_COMMIT] = {"sw_commit", "COMMIT"},
    [PG_ROLLBACK] = {"sw_rollback", "ROLLBACK"},
    [PG_SAVEPOINT] = {"sw_savepoint", "SAVEPOINT c"},
    [PG_RELEASE] = {"sw_release", "RELEASE c"},
    [PG_UNDO] = {"sw_undo", "ROLLBACK TO c"},
};

/* ---- errors ---- */

static const struct {
  const char *state; /* a prefix; the longer ones come first */
  int code;
} states[] = {
    {"23505", E_EXISTS},
    {"40001", E_RETRY},
    {"40P01", E_RETRY},
    {"53100", E_DISK_FULL},
    {"53200", E_NOMEM},
    {"53", E_UNAVAILABLE},
    {"57014", E_TIMEOUT},
    {"57", E_UNAVAILABLE},
    {"55P03", E_BUSY},
    {"58030", E_IO},
    {"58", E_IO},
    {"XX001", E_IO},
    {"XX002", E_IO},
    {"08", E_UNAVAILABLE},
    {"28", E_UNAVAILABLE},
    {"3D000", E_UNAVAILABLE},
    {"25P03", E_UNAVAILABLE},
    {"22021", E_INVALID},
    {"22P05", E_INVALID},
    {"54000", E_TOO_LARGE},
    {"0A000", E_RETRY},
};

int pg_err(const PGconn *pg, const PGresult *res, const char *what, struct err *e) {
  const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
  if (!state) {
    bool bad = !pg || PQstatus(pg) == CONNECTION_BAD;
    if (bad) return err_set(e, E_UNAVAILABLE, what);
    return err_field(e, E_BUG, what, PQerrorMessage(pg));
  }
  int code = E_BUG;
  for (size_t i = 0; i < ARRAY_LEN(states) && code == E_BUG; i++)
    if (str_starts(str_from(state), str_from(states[i].state))) code = states[i].code;
  const char *constraint = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
  const char *primary = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
  /* only a plan made before a change of schema is cured by another try */
  if (strcmp(state, "0A000") == 0 && (!primary || !strstr(primary, "cached plan"))) code = E_BUG;
  /* errors of data quote the value, which may be a person's: their number says enough */
  bool quotes = str_starts(str_from(state), S("22")) || str_starts(str_from(state), S("P0"));
  return err_set_at(e, code, what,
                    constraint ? constraint
                    : quotes   ? state
                               : primary,
                    0, __FILE__, __LINE__);
}

int pg_lost(struct pg_conn *c, const char *what, struct err *e) {
  c->lost = true;
  return err_set(e, E_UNAVAILABLE, what);
}

static bool bad(const struct pg_conn *c) {
  return c->lost || PQstatus(c->pg) == CONNECTION_BAD;
}

/* ---- rounds ---- */

static int send_control(struct pg_conn *c, enum pg_control k, struct err *e) {
  if (!PQsendQueryPrepared(c->pg, controls[k].name, 0, NULL, NULL, NULL, 0))
    return pg_lost(c, "the server is gone", e);
  c->expect++;
  return 0;
}

int pg_ready(struct pg_conn *c, struct err *e) {
  if (c->stream) pg_keep_rows(c->stream);
  if (bad(c)) return pg_lost(c, "the connection to the server was lost", e);
  for (size_t i = 0; i < c->n_wait; i++) {
    int r = send_control(c, c->wait[i], e);
    if (r < 0) return r;
  }
  c->n_wait = 0;
  return 0;
}

PGresult *pg_result(struct pg_conn *c) {
  while (c->base.limit && !c->cancelled) {
    if (read_limit_ended(c->base.limit)) {
      char why[256];
      PGcancel *cancel = PQgetCancel(c->pg);
      c->cancelled = true;
      if (cancel) (void)PQcancel(cancel, why, sizeof why);
      PQfreeCancel(cancel);
    }
    if (bad(c) || !PQisBusy(c->pg)) break;
    struct pollfd fd = {.fd = PQsocket(c->pg), .events = POLLIN};
    (void)poll(&fd, 1, STORE_LEFT_MS);
    if (fd.revents && !PQconsumeInput(c->pg)) break; /* PQgetResult() says why */
  }
  return PQgetResult(c->pg);
}

int pg_one(struct pg_conn *c, const char *what, PGresult **ret_res, struct err *e) {
  PGresult *res = pg_result(c);
  if (!res) return pg_lost(c, "the server's answer ended early", e);
  int r = 0;
  switch (PQresultStatus(res)) {
  case PGRES_COMMAND_OK:
  case PGRES_TUPLES_OK:
    break;
  case PGRES_PIPELINE_ABORTED:
    r = err_set(e, E_BUG, "a statement before this one failed");
    break;
  case PGRES_FATAL_ERROR:
  case PGRES_BAD_RESPONSE:
  case PGRES_NONFATAL_ERROR:
    r = pg_err(c->pg, res, what, e);
    break;
  case PGRES_EMPTY_QUERY:
  case PGRES_COPY_OUT:
  case PGRES_COPY_IN:
  case PGRES_COPY_BOTH:
  case PGRES_SINGLE_TUPLE:
  case PGRES_PIPELINE_SYNC:
    r = err_set(e, E_BUG, "an answer out of turn");
    break;
  }
  if (bad(c)) {
    PQclear(res);
    c->lost = true;
    return r < 0 && err_class(r) == ERR_ENVIRONMENT ? r : pg_lost(c, "the server went away", e);
  }
  PGresult *end = PQgetResult(c->pg); /* NULL ends a statement's results */
  PQclear(end);
  if (r < 0 || !ret_res) {
    PQclear(res);
    return r;
  }
  *ret_res = res;
  return 0;
}

/* The result of a late statement: nobody looks at it but here. */
static int late_result(struct pg_conn *c, bool one_row, struct err *e) {
  PGresult *res = NULL;
  int r = pg_one(c, "a statement sent with the next", &res, e);
  if (r == 0 && one_row && strcmp(PQcmdTuples(res), "1") != 0)
    r = err_set(e, E_RETRY, "the row changed under the command");
  PQclear(res);
  /* seen only now, when its command may have ended: all are run again, and then look first */
  if (r == -E_EXISTS) r = err_set(e, E_RETRY, "a unique value came meanwhile");
  return r;
}

int pg_round(struct pg_conn *c, struct err *e) {
  size_t expect = c->expect;
  const uint64_t late = c->late, one = c->one;
  int first = 0;
  c->expect = 0;
  c->late = c->one = 0;
  if (!PQpipelineSync(c->pg)) return pg_lost(c, "the server is gone", e);
  for (size_t i = 0; i < expect; i++) {
    struct err mine = {0};
    const bool is_late = late >> i & 1;
    int r = is_late ? late_result(c, one >> i & 1, &mine)
                    : pg_one(c, "transaction control", NULL, &mine);
    if (r < 0 && first == 0) {
      c->aborted = c->aborted || is_late;
      first = r;
      if (e) *e = mine;
    }
    if (c->lost) return first;
  }
  if (first < 0) pg_drain(c);
  return first;
}

void pg_drain(struct pg_conn *c) {
  int nulls = 0;
  while (!bad(c) && nulls < 2) {
    PGresult *res = PQgetResult(c->pg);
    bool sync = res && PQresultStatus(res) == PGRES_PIPELINE_SYNC;
    nulls = res ? 0 : nulls + 1;
    PQclear(res);
    if (sync) return;
  }
  c->lost = true;
}

/* Sends what waits by itself. */
int pg_settle(struct pg_conn *c, struct err *e) {
  int r = pg_ready(c, e);
  if (r < 0 || c->expect == 0) return r;
  r = pg_round(c, e);
  if (r == 0) pg_drain(c);
  return r;
}

static int defer(struct pg_conn *c, enum pg_control k, struct err *e) {
  int r = 0;
  if (c->n_wait == PG_CONTROLS) r = pg_settle(c, e);
  if (r == 0) c->wait[c->n_wait++] = k;
  return r;
}

/* ---- connecting ---- */

static void quiet(void *arg, const PGresult *res) {
  (void)arg, (void)res;
}

static int simple(PGconn *pg, const char *sql, const char *what, struct err *e) {
  PGresult *res = PQexec(pg, sql);
  ExecStatusType st = PQresultStatus(res);
  int r = st == PGRES_COMMAND_OK || st == PGRES_TUPLES_OK ? 0 : pg_err(pg, res, what, e);
  PQclear(res);
  return r;
}

static int session(struct pg_conn *c, struct err *e) {
  if (PQserverVersion(c->pg) < PG_OLDEST)
    return err_sys(e, E_INVALID, "PostgreSQL 14 or later is needed", PQserverVersion(c->pg));
  int r = simple(c->pg,
                 "SET TIME ZONE 'UTC'; SET client_min_messages = warning;"
                 "SELECT set_config('synchronous_commit', 'on', false)"
                 " WHERE current_setting('synchronous_commit') = 'off'",
                 "the session's settings", e);
  if (r == 0 && c->base.writer)
    r = simple(c->pg, "SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '120s'",
               "the session's settings", e);
  if (r == 0 && c->base.timed) {
    char sql[64];
    snprintf(sql, sizeof sql, "SET statement_timeout = %lld", (long long)c->base.store->read_ms);
    r = simple(c->pg, sql, "the session's settings", e);
  }
  for (int k = 0; r == 0 && k < PG_CONTROL_N_; k++) {
    const char *sql = controls[k].sql;
    if (!sql)
      sql = c->base.writer ? "BEGIN ISOLATION LEVEL SERIALIZABLE"
                           : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    PGresult *res = PQprepare(c->pg, controls[k].name, sql, 0, NULL);
    if (PQresultStatus(res) != PGRES_COMMAND_OK) r = pg_err(c->pg, res, "transaction control", e);
    PQclear(res);
  }
  if (r == 0 && !PQenterPipelineMode(c->pg)) r = err_set(e, E_BUG, "no pipeline mode");
  return r;
}

static PGconn *open_connection(const char *where) {
  /* What stands before the URL is a default that the URL may change. */
  const char *const names[] = {"connect_timeout",
                               "tcp_user_timeout",
                               "keepalives_idle",
                               "fallback_application_name",
                               "dbname",
                               "client_encoding",
                               NULL};
  const char *const values[] = {"5", "20000", "30", "shouwang", where, "UTF8", NULL};
  PGconn *pg = PQconnectdbParams(names, values, 1);
  if (pg) PQsetNoticeReceiver(pg, quiet, NULL);
  return pg;
}

static int open_session(struct pg_conn *c, struct err *e) {
  c->pg = open_connection(c->base.store->where);
  if (!c->pg) return err_set(e, E_NOMEM, "no memory for a connection");
  c->lost = PQstatus(c->pg) != CONNECTION_OK;
  if (c->lost)
    return err_field(e, E_UNAVAILABLE, "no connection to PostgreSQL", PQerrorMessage(c->pg));
  return session(c, e);
}

static void close_session(struct pg_conn *c) {
  prep_clear(&c->cache);
  PQfinish(c->pg);
  c->pg = NULL;
  c->n_gone = 0;
  c->expect = 0;
  c->late = c->one = 0;
  c->in_tx = false;
  c->lost = true;
}

void pg_disconnect(struct conn *base) {
  struct pg_conn *c = (struct pg_conn *)base;
  if (!c) return;
  close_session(c);
  while (c->free_curs) {
    struct pg_cur *next = c->free_curs->next;
    free(c->free_curs->kept);
    free(c->free_curs);
    c->free_curs = next;
  }
  free(c);
}

int pg_connect(struct store *s, const struct conn *as, struct conn **ret_conn, struct err *e) {
  struct pg_conn *c = calloc(1, sizeof *c);
  if (!c) return err_set(e, E_NOMEM, "no memory for a connection");
  (void)s;
  c->base = *as;
  prep_init(&c->cache, pg_prep_drop, c);
  int r = open_session(c, e);
  if (r < 0) {
    pg_disconnect(&c->base);
    return r;
  }
  *ret_conn = &c->base;
  return 0;
}

static int reconnect(struct pg_conn *c, struct err *e) {
  close_session(c);
  return open_session(c, e);
}

struct pg_fresh pg_fresh(const struct pg_conn *c) {
  struct pg_fresh f = {.n = 0};
  if (c->n_wait == 0 || c->wait[0] != PG_BEGIN) return f;
  memcpy(f.wait, c->wait, sizeof f.wait);
  f.n = c->n_wait;
  return f;
}

bool pg_again(struct pg_conn *c, const struct pg_fresh *before) {
  if (before->n == 0 || !c->lost || reconnect(c, NULL) < 0) return false;
  memcpy(c->wait, before->wait, sizeof c->wait);
  c->n_wait = before->n;
  c->in_tx = true;
  return true;
}

/* ---- transactions ---- */

static int deallocate(struct pg_conn *c, struct err *e) {
  for (size_t i = 0; i < c->n_gone; i++) {
    char sql[40];
    snprintf(sql, sizeof sql, "DEALLOCATE %s", c->gone[i]);
    if (!PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, 0))
      return pg_lost(c, "the server is gone", e);
    c->expect++;
  }
  c->n_gone = 0;
  int r = pg_round(c, e);
  if (r == 0) pg_drain(c);
  return r;
}

int pg_tx_begin(struct conn *base, struct err *e) {
  struct pg_conn *c = (struct pg_conn *)base;
  int r = 0;
  c->n_wait = 0;
  c->aborted = false;
  if (bad(c)) r = reconnect(c, e);
  if (r == 0 && c->n_gone > PG_GONE / 2) r = deallocate(c, e);
  if (r < 0) return r;
  c->wait[c->n_wait++] = PG_BEGIN;
  c->in_tx = true;
  return 0;
}

int pg_tx_commit(struct conn *base, struct err *e) {
  struct pg_conn *c = (struct pg_conn *)base;
  PGresult *res = NULL;
  if (pg_fresh(c).n) { /* nothing was done */
    c->n_wait = 0;
    c->in_tx = false;
    return 0;
  }
  int r = pg_ready(c, e);
  if (r == 0 && !PQsendQueryPrepared(c->pg, controls[PG_COMMIT].name, 0, NULL, NULL, NULL, 0))
    r = pg_lost(c, "the server is gone", e);
  if (r == 0) r = pg_round(c, e);
  if (r == 0) {
    r = pg_one(c, "commit", &res, e);
    if (!c->lost) pg_drain(c);
  }
  c->in_tx = false;
  /* COMMIT of a transaction that had failed answers ROLLBACK, and is no error to the server. */
  if (r == 0 && strcmp(PQcmdStatus(res), "COMMIT") != 0)
    r = err_set(e, E_BUG, "the transaction had failed before its commit");
  PQclear(res);
  if (r < 0 && !c->lost && PQtransactionStatus(c->pg) != PQTRANS_IDLE) pg_tx_rollback(base);
  return r;
}

static void roll_back(struct pg_conn *c) {
  if (c->stream) pg_skip_rows(c->stream);
  bool fresh = pg_fresh(c).n > 0;
  c->n_wait = 0;
  c->in_tx = false;
  if (fresh || bad(c)) return;
  /* behind a failure in the same round a ROLLBACK would be skipped */
  if (c->expect && pg_settle(c, NULL) < 0 && bad(c)) return;
  if (PQtransactionStatus(c->pg) == PQTRANS_IDLE) return;
  c->wait[c->n_wait++] = PG_ROLLBACK;
  struct err e;
  if (pg_settle(c, &e) < 0 && !c->lost) log_err(LOG_ERROR, "store", &e);
  c->n_wait = 0;
}

void pg_tx_rollback(struct conn *base) {
  struct pg_conn *c = (struct pg_conn *)base;
  if (c->cancelled) {
    /* the cancellation may still be on its way, and would hit who comes next */
    c->n_wait = 0;
    c->stream = NULL;
    close_session(c);
    c->cancelled = false;
    return;
  }
  roll_back(c);
}

int pg_tx_savepoint(struct conn *c, struct err *e) {
  return defer((struct pg_conn *)c, PG_SAVEPOINT, e);
}

/* A savepoint that was never sent had nothing in it. */
static bool unsent(struct pg_conn *c) {
  if (c->n_wait == 0 || c->wait[c->n_wait - 1] != PG_SAVEPOINT) return false;
  c->n_wait--;
  return true;
}

int pg_tx_release(struct conn *base, struct err *e) {
  struct pg_conn *c = (struct pg_conn *)base;
  if (c->stream) pg_keep_rows(c->stream);
  return unsent(c) ? 0 : defer(c, PG_RELEASE, e);
}

int pg_tx_undo(struct conn *base, struct err *e) {
  struct pg_conn *c = (struct pg_conn *)base;
  if (c->stream) pg_keep_rows(c->stream);
  if (unsent(c)) return 0;
  int r = c->expect ? pg_settle(c, e) : 0; /* as in a rollback; what fails there dooms all */
  if (r == 0) r = defer(c, PG_UNDO, e);
  return r < 0 ? r : defer(c, PG_RELEASE, e);
}

bool pg_tx_aborted(struct conn *base) {
  struct pg_conn *c = (struct pg_conn *)base;
  return bad(c) || c->aborted;
}

int pg_script(struct conn *base, struct str sql, struct err *e) {
  struct pg_conn *c = (struct pg_conn *)base;
  _cleanup_(buf_done) struct buf z = BUF_INIT(sql.n + 1);
  buf_str_add(&z, sql);
  if (!buf_z(&z)) return err_set(e, E_NOMEM, "no memory for a script");
  struct pg_fresh fresh = pg_fresh(c);
  int r = pg_settle(c, e);
  if (r < 0 && pg_again(c, &fresh)) r = pg_settle(c, e);
  if (r < 0) return r;
  /* Several statements at once go by the simple protocol, which a pipeline does not have. */
  if (!PQexitPipelineMode(c->pg)) return pg_lost(c, "the pipeline cannot be left", e);
  r = simple(c->pg, z.p, "a statement of a script", e);
  if (bad(c)) return pg_lost(c, "the server went away", e);
  if (!PQenterPipelineMode(c->pg)) return pg_lost(c, "the pipeline cannot be entered", e);
  return r;
}

/* ---- the store ---- */

/* What pg_changed() looks at: no transaction that writes can end without changing this. */
#define SNAPSHOT_SQL "SELECT pg_current_snapshot()::text"

enum { WATCH_AGAIN_MS = 2000 };

struct pg_store {
  PGconn *watch;
  char snapshot[256];
};

static int first_text(PGconn *pg, const char *sql, char *out, size_t size, struct err *e) {
  PGresult *res = PQexec(pg, sql);
  int r = 0;
  if (PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) != 1)
    r = pg_err(pg, res, "looking at the server", e);
  else
    snprintf(out, size, "%s", PQgetvalue(res, 0, 0));
  PQclear(res);
  return r;
}

bool pg_changed(struct store *s) {
  struct pg_store *ps = s->engine_data;
  char now[sizeof ps->snapshot];
  if (ps->watch && PQstatus(ps->watch) == CONNECTION_BAD) {
    PQfinish(ps->watch);
    ps->watch = NULL;
  }
  if (!ps->watch) ps->watch = open_connection(s->where);
  if (!ps->watch || PQstatus(ps->watch) != CONNECTION_OK) {
    s->watched_ms = monotonic_ms() + WATCH_AGAIN_MS; /* a request must not wait for each attempt */
    return false;
  }
  if (first_text(ps->watch, SNAPSHOT_SQL, now, sizeof now, NULL) < 0) return false;
  if (strcmp(now, ps->snapshot) == 0) return false;
  memcpy(ps->snapshot, now, sizeof now);
  return true;
}

int pg_analyze(struct store *s, struct err *e) {
  PGconn *pg = open_connection(s->where);
  int r = pg && PQstatus(pg) == CONNECTION_OK
              ? simple(pg, "SET client_min_messages = error; ANALYZE", "the statistics", e)
              : err_set(e, E_UNAVAILABLE, "no connection to PostgreSQL");
  PQfinish(pg);
  return r;
}

/* Host, database and user; never the password. */
static char *shown(const char *where) {
  PQconninfoOption *options = PQconninfoParse(where, NULL);
  const char *host = "", *user = "", *db = "", *port = "";
  for (PQconninfoOption *o = options; o && o->keyword; o++) {
    if (!o->val) continue;
    if (strcmp(o->keyword, "host") == 0) host = o->val;
    if (strcmp(o->keyword, "user") == 0) user = o->val;
    if (strcmp(o->keyword, "dbname") == 0) db = o->val;
    if (strcmp(o->keyword, "port") == 0) port = o->val;
  }
  char *out = NULL;
  if (asprintf(&out, "postgresql://%s%s%s%s%s/%s", user, *user ? "@" : "", host, *port ? ":" : "",
               port, db) < 0)
    out = NULL;
  PQconninfoFree(options);
  return out;
}

/* The first schema of the search path, made where it is absent. */
static int make_schema(PGconn *pg, struct err *e) {
  char name[256] = "", sql[600];
  int r = first_text(pg, "SELECT coalesce(current_schema(), '')", name, sizeof name, e);
  if (r < 0 || *name) return r;
  r = first_text(pg,
                 "SELECT trim(both ' \"' FROM split_part(current_setting('search_path'), ',', 1))",
                 name, sizeof name, e);
  if (r < 0) return r;
  char *quoted = PQescapeIdentifier(pg, name, strlen(name));
  if (!quoted) return err_set(e, E_NOMEM, "no memory for a name");
  snprintf(sql, sizeof sql, "CREATE SCHEMA IF NOT EXISTS %s", quoted);
  PQfreemem(quoted);
  return simple(pg, sql, "the schema cannot be made", e);
}

int pg_store_open(struct store *s, bool create, struct err *e) {
  char *text = shown(s->where);
  if (!text) return err_set(e, E_NOMEM, "no memory for the store");
  free(s->shown);
  s->shown = text;
  struct pg_store *ps = calloc(1, sizeof *ps);
  if (!ps) return err_set(e, E_NOMEM, "no memory for the store");
  s->engine_data = ps;
  PGconn *pg = open_connection(s->where);
  int r = 0;
  if (!pg || PQstatus(pg) != CONNECTION_OK)
    r = err_field(e, E_UNAVAILABLE, "no connection to PostgreSQL", pg ? PQerrorMessage(pg) : "");
  else if (PQserverVersion(pg) < PG_OLDEST)
    r = err_sys(e, E_INVALID, "PostgreSQL 14 or later is needed", PQserverVersion(pg));
  else if (create)
    r = make_schema(pg, e);
  PQfinish(pg);
  return r;
}

void pg_store_close(struct store *s) {
  struct pg_store *ps = s->engine_data;
  PQfinish(ps->watch);
  free(ps);
  s->engine_data = NULL;
}
