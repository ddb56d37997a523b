#include "store/store.h"
#include "store/writer.h"
#include "store_fixture.h"

/* PostgreSQL's connections are lost: by a restart, an administrator, a network. What was idle is
 * replaced unseen; what was at work answers E_UNAVAILABLE once, and goes on afterwards. */

static const struct migration list[] = {
    {1, "lines", "CREATE TABLE lines (id INTEGER PRIMARY KEY) STRICT",
     "CREATE TABLE lines (id BIGINT PRIMARY KEY)"},
};
QUERY2(q_pid, "SELECT 0", "SELECT pg_backend_pid()");
QUERY(q_insert, "INSERT INTO lines (id) VALUES ($1)");
QUERY(q_lines, "SELECT count(*) FROM lines");

struct job {
  int64_t id, pid;
  struct store *killer; /* kills the command's own connection half-way */
};

/* Through another connection; how many there were to put out. */
static int kill_once(struct store *by, int64_t pid, int64_t *ret_n, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = store_read(by, &tx, e);
  if (r == 0)
    r = cur_open_sql(tx,
                     S("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_get_activity(NULL)"
                       " WHERE pid = CAST($1 AS BIGINT)"),
                     P(V_I64(pid)), &c, e);
  if (r == 0) r = cur_next(c, e);
  if (r < 0) return r;
  *ret_n = cur_i64(c, 0);
  return 0;
}

/* Waits until it is gone; each look is a transaction, as the server shows one state to each. */
static int terminate(struct store *by, int64_t pid, struct err *e) {
  int64_t n = 1;
  for (int i = 0; i < 500; i++) {
    int r = kill_once(by, pid, &n, e);
    if (r < 0 || n == 0) return r;
    usleep(10000);
  }
  return err_set(e, E_TIMEOUT, "the backend did not end");
}

static int job_run(struct tx *tx, void *arg, struct err *e) {
  struct job *j = arg;
  int r = tx_i64(tx, &q_pid, P_NONE, &j->pid, e);
  if (r == 0 && j->killer) {
    r = tx_exec(tx, &q_insert, P(V_I64(j->id + 1000)), NULL, e);
    if (r == 0) r = terminate(j->killer, j->pid, e);
    j->killer = NULL;
  }
  return r < 0 ? r : tx_exec(tx, &q_insert, P(V_I64(j->id)), NULL, e);
}
static const struct cmd_class job_class = {.name = "job", .run = job_run};

static int read_once(struct store *s, int64_t *ret_pid, int64_t *ret_lines, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(s, &tx, e);
  if (r == 0) r = tx_i64(tx, &q_pid, P_NONE, ret_pid, e);
  return r < 0 ? r : tx_i64(tx, &q_lines, P_NONE, ret_lines, e);
}

TEST(lost_connections_are_replaced_postgres) {
  _cleanup_(fixture_done) struct fixture f = {0}, g = {0};
  struct writer *w = NULL;
  struct err e = {0};
  int64_t pid = 0, again = 0, lines = 0;
  if (!fixture_pg_url()) SKIP("PG_URL is not set");
  CHECK(fixture_open(&f, ENGINE_POSTGRES));
  CHECK(fixture_open(&g, ENGINE_POSTGRES));
  CHECK_OK(store_migrate(f.store, list, 1, NULL, &e), &e);
  /* an idle reader */
  CHECK_OK(read_once(f.store, &pid, &lines, &e), &e);
  CHECK_OK(terminate(g.store, pid, &e), &e);
  CHECK_OK(read_once(f.store, &again, &lines, &e), &e);
  CHECK(again != pid);
  /* an idle writer */
  CHECK_OK(writer_start(f.store, NULL, &w, &e), &e);
  struct job j = {.id = 1};
  int first = writer_run(w, &job_class, &j, CMD_NORMAL, &e);
  pid = j.pid;
  j.id = 2;
  int killed = terminate(g.store, pid, &e);
  int second = writer_run(w, &job_class, &j, CMD_NORMAL, &e);
  /* one at work: nothing of it stays, and the next goes through */
  struct job k = {.id = 3, .killer = g.store}, l = {.id = 4};
  struct err at_work = {0};
  int third = writer_run(w, &job_class, &k, CMD_NORMAL, &at_work);
  int fourth = writer_run(w, &job_class, &l, CMD_NORMAL, &e);
  writer_stop(w);
  CHECK_OK(first, &e);
  CHECK_OK(killed, &e);
  CHECK_OK(second, &e);
  CHECK(j.pid != pid);
  CHECK_EQ_I64(third, -E_UNAVAILABLE);
  CHECK_OK(fourth, &e);
  CHECK_OK(read_once(f.store, &pid, &lines, &e), &e);
  CHECK_EQ_I64(lines, 3);
}

TEST(a_reader_at_work_is_told_postgres) {
  _cleanup_(fixture_done) struct fixture f = {0}, g = {0};
  struct err e = {0};
  int64_t pid = 0, n = 0;
  if (!fixture_pg_url()) SKIP("PG_URL is not set");
  CHECK(fixture_open(&f, ENGINE_POSTGRES));
  CHECK(fixture_open(&g, ENGINE_POSTGRES));
  CHECK_OK(store_migrate(f.store, list, 1, NULL, &e), &e);
  struct tx *tx = NULL;
  CHECK_OK(store_read(f.store, &tx, &e), &e);
  int had = tx_i64(tx, &q_pid, P_NONE, &pid, &e);
  int killed = terminate(g.store, pid, &e);
  int told = tx_i64(tx, &q_lines, P_NONE, &n, &e);
  tx_end(tx);
  CHECK_EQ_I64(had, 0);
  CHECK_EQ_I64(killed, 0);
  CHECK_EQ_I64(told, -E_UNAVAILABLE);
  CHECK_OK(read_once(f.store, &pid, &n, &e), &e);
}
