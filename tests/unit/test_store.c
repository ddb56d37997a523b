#include "base/timeutil.h"
#include "store/store.h"
#include "store_fixture.h"

static const struct migration migrations[] = {
    {1, "things",
     "CREATE TABLE things (id BLOB NOT NULL PRIMARY KEY, n INTEGER NOT NULL, t TEXT, b BLOB, f "
     "REAL,"
     " UNIQUE (n)) STRICT;"
     "CREATE UNIQUE INDEX things_text ON things (t) WHERE t IS NOT NULL;"
     "CREATE TABLE parts (thing BLOB NOT NULL REFERENCES things (id), k INTEGER NOT NULL"
     " CHECK (k > 0), PRIMARY KEY (thing, k)) STRICT;",
     "CREATE TABLE things (id UUID NOT NULL PRIMARY KEY, n BIGINT NOT NULL, t TEXT COLLATE \"C\","
     " b BYTEA, f FLOAT8, UNIQUE (n));"
     "CREATE UNIQUE INDEX things_text ON things (t) WHERE t IS NOT NULL;"
     "CREATE TABLE parts (thing UUID NOT NULL REFERENCES things (id), k BIGINT NOT NULL"
     " CHECK (k > 0), PRIMARY KEY (thing, k));"},
};

QUERY(q_insert, "INSERT INTO things (id, n, t, b, f) VALUES ($1, $2, $3, $4, $5)");
QUERY(q_all, "SELECT id, n, t, b, f FROM things ORDER BY n");
QUERY(q_part, "INSERT INTO parts (thing, k) VALUES ($1, $2)");
QUERY(q_count, "SELECT count(*) FROM things");
/* the same parameter twice, and out of order */
QUERY(q_twice, "SELECT n FROM things WHERE n > $2 AND n < $1 AND n <> $2 ORDER BY n");
QUERY(q_none, "SELECT n FROM things WHERE n = $1");
QUERY(q_bump, "UPDATE things SET n = n + 100 WHERE n >= $1");

struct call {
  int (*run)(struct tx *tx, struct err *e);
};
static int call_run(struct tx *tx, void *arg, struct err *e) {
  return ((struct call *)arg)->run(tx, e);
}
static const struct cmd_class call_class = {.name = "call", .run = call_run};

static int write_once(struct fixture *f, int (*run)(struct tx *, struct err *), struct err *e) {
  struct writer *w = NULL;
  struct call c = {run};
  *e = (struct err){0};
  int r = writer_start(f->store, NULL, &w, e);
  if (r == 0) r = writer_run(w, &call_class, &c, CMD_NORMAL, e);
  writer_stop(w);
  return r;
}

static struct uuid id_of(int n) {
  struct uuid u = {{0}};
  u.b[15] = (uint8_t)n;
  u.b[0] = 0xff;
  return u;
}

static int insert_values(struct tx *tx, struct err *e) {
  struct uuid a = id_of(1), b = id_of(2), c = id_of(3);
  int r = tx_exec(tx, &q_insert,
                  P(V_UUID(a), V_I64(INT64_MIN), V_TEXTZ("石头社区'\"\\"), V_BLOB(S("\0\1\xff\0")),
                    V_F64(36.5)),
                  NULL, e);
  if (r == 0) r = tx_exec(tx, &q_insert, P(V_UUID(b), V_I64(0), V_NULL, V_NULL, V_NULL), NULL, e);
  if (r == 0)
    r = tx_exec(tx, &q_insert,
                P(V_UUID(c), V_I64(INT64_MAX), V_TEXT(S("")), V_BLOB(S("")), V_F64(-0.0)), NULL, e);
  return r;
}

TEST_BOTH(values_come_back) {
  struct err e;
  int applied = 0;
  CHECK_OK(store_migrate(f->store, migrations, 1, &applied, &f->e), &f->e);
  CHECK_EQ_I64(applied, 1);
  CHECK_OK(write_once(f, insert_values, &e), &e);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  CHECK_OK(store_read(f->store, &tx, &e), &e);
  _cleanup_(cur_donep) struct cur *c = NULL;
  CHECK_OK(cur_open(tx, &q_all, P_NONE, &c, &e), &e);
  CHECK_EQ_I64(cur_columns(c), 5);
  CHECK(cur_null(c, 0));
  CHECK_EQ_I64(cur_next(c, &e), 1);
  struct uuid u = cur_uuid(c, 0), want = id_of(1);
  CHECK(uuid_eq(&u, &want));
  CHECK_EQ_I64(cur_i64(c, 1), INT64_MIN);
  struct str t = cur_text(c, 2), b = cur_blob(c, 3);
  CHECK_MEM(t.p, t.n, "石头社区'\"\\", strlen("石头社区'\"\\"));
  CHECK_MEM(b.p, b.n, "\0\1\xff\0", 4);
  CHECK(cur_f64(c, 4) == 36.5);
  CHECK_EQ_I64(cur_next(c, &e), 1);
  CHECK(cur_null(c, 2) && cur_null(c, 3) && cur_null(c, 4));
  CHECK(cur_text(c, 2).p == NULL && cur_blob(c, 3).p == NULL);
  CHECK_EQ_I64(cur_i64(c, 2), 0);
  CHECK_EQ_I64(cur_next(c, &e), 1);
  CHECK_EQ_I64(cur_i64(c, 1), INT64_MAX);
  CHECK(cur_text(c, 2).p && cur_text(c, 2).n == 0);
  CHECK(cur_blob(c, 3).p && cur_blob(c, 3).n == 0);
  CHECK(!cur_null(c, 2) && !cur_null(c, 3));
  CHECK_EQ_I64(cur_next(c, &e), 0);
  CHECK_EQ_I64(cur_next(c, &e), 0);
  CHECK(cur_null(c, 0));
}

TEST_BOTH(parameters_by_number) {
  struct err e;
  int64_t v = 0;
  CHECK_OK(store_migrate(f->store, migrations, 1, NULL, &f->e), &f->e);
  CHECK_OK(write_once(f, insert_values, &e), &e);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  CHECK_OK(store_read(f->store, &tx, &e), &e);
  CHECK_OK(tx_i64(tx, &q_twice, P(V_I64(1), V_I64(-1)), &v, &e), &e);
  CHECK_EQ_I64(v, 0);
  CHECK_EQ_I64(tx_i64(tx, &q_twice, P(V_I64(1), V_I64(0)), &v, &e), -E_NOROW);
  CHECK_EQ_I64(tx_i64(tx, &q_none, P(V_I64(5)), &v, &e), -E_NOROW);
  CHECK_OK(tx_i64(tx, &q_count, P_NONE, &v, &e), &e);
  CHECK_EQ_I64(v, 3);
  CHECK_EQ_I64(tx_i64(tx, &q_none, P(V_I64(5), V_I64(6)), &v, &e), -E_BUG);
}

TEST_BOTH(readers_cannot_write) {
  struct err e;
  CHECK_OK(store_migrate(f->store, migrations, 1, NULL, &f->e), &f->e);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  CHECK_OK(store_read(f->store, &tx, &e), &e);
  CHECK_EQ_I64(tx_exec(tx, &q_bump, P(V_I64(1)), NULL, &e), -E_BUG);
  tx_endp(&tx);
  CHECK_OK(store_read(f->store, &tx, &e), &e);
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open_sql(tx, S("DELETE FROM things RETURNING n"), P_NONE, &c, &e);
  if (r == 0) r = cur_next(c, &e);
  CHECK_EQ_I64(r, -E_BUG);
}

QUERY2(q_list, "SELECT count(*) FROM things WHERE n IN (SELECT value FROM json_each($1))",
       "SELECT count(*) FROM things WHERE n IN"
       " (SELECT CAST(v AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON)) AS x (v))");

TEST_BOTH(lists_go_as_json) {
  struct err e;
  int64_t n = 0;
  CHECK_OK(store_migrate(f->store, migrations, 1, NULL, &f->e), &f->e);
  CHECK_OK(write_once(f, insert_values, &e), &e);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  CHECK_OK(store_read(f->store, &tx, &e), &e);
  CHECK_OK(tx_i64(tx, &q_list, P(V_TEXTZ("[0,9223372036854775807,5]")), &n, &e), &e);
  CHECK_EQ_I64(n, 2);
}

static int insert_same_number(struct tx *tx, struct err *e) {
  return tx_exec(tx, &q_insert, P(V_UUID(id_of(9)), V_I64(0), V_NULL, V_NULL, V_NULL), NULL, e);
}
static int insert_same_id(struct tx *tx, struct err *e) {
  return tx_exec(tx, &q_insert, P(V_UUID(id_of(1)), V_I64(7), V_NULL, V_NULL, V_NULL), NULL, e);
}
static int insert_same_text(struct tx *tx, struct err *e) {
  return tx_exec(tx, &q_insert, P(V_UUID(id_of(9)), V_I64(7), V_TEXT(S("")), V_NULL, V_NULL), NULL,
                 e);
}
static int insert_no_parent(struct tx *tx, struct err *e) {
  return tx_exec(tx, &q_part, P(V_UUID(id_of(77)), V_I64(1)), NULL, e);
}
static int insert_bad_check(struct tx *tx, struct err *e) {
  return tx_exec(tx, &q_part, P(V_UUID(id_of(1)), V_I64(0)), NULL, e);
}
static int insert_nothing(struct tx *tx, struct err *e) {
  return tx_exec(tx, &q_insert, P(V_UUID(id_of(9)), V_NULL, V_NULL, V_NULL, V_NULL), NULL, e);
}

TEST_BOTH(violations_are_told_apart) {
  struct err e;
  CHECK_OK(store_migrate(f->store, migrations, 1, NULL, &f->e), &f->e);
  CHECK_OK(write_once(f, insert_values, &e), &e);
  CHECK_EQ_I64(write_once(f, insert_same_number, &e), -E_EXISTS);
  CHECK_STR(e.field, "things_n_key");
  CHECK_EQ_I64(write_once(f, insert_same_id, &e), -E_EXISTS);
  CHECK_STR(e.field, "things_pkey");
  CHECK_EQ_I64(write_once(f, insert_same_text, &e), -E_EXISTS);
  CHECK_STR(e.field, "things_text");
  CHECK_EQ_I64(write_once(f, insert_no_parent, &e), -E_BUG);
  CHECK_EQ_I64(write_once(f, insert_bad_check, &e), -E_BUG);
  CHECK_EQ_I64(write_once(f, insert_nothing, &e), -E_BUG);
}

static int change_count(struct tx *tx, struct err *e) {
  int64_t changed = -1;
  int r = tx_exec(tx, &q_bump, P(V_I64(INT64_MAX)), &changed, e);
  /* the sum overflows: both engines must say so rather than wrap (SQLite turns to REAL, which a
     STRICT column refuses) */
  if (r == 0) return err_set(e, E_BUG, "an overflow went through");
  return r;
}
static int change_one(struct tx *tx, struct err *e) {
  int64_t changed = -1;
  int r =
      tx_exec(tx, &q_insert, P(V_UUID(id_of(40)), V_I64(40), V_NULL, V_NULL, V_NULL), &changed, e);
  if (r == 0 && changed != 1) return err_set(e, E_STATE, "one row was inserted");
  if (r == 0) r = tx_exec(tx, &q_bump, P(V_I64(1000)), &changed, e);
  if (r == 0 && changed != 0) return err_set(e, E_STATE, "no row was updated");
  if (r == 0) r = tx_exec(tx, &q_bump, P(V_I64(40)), &changed, e);
  if (r == 0 && changed != 1) return err_set(e, E_STATE, "one row was updated");
  return r;
}

TEST_BOTH(changed_rows_are_counted) {
  struct err e;
  CHECK_OK(store_migrate(f->store, migrations, 1, NULL, &f->e), &f->e);
  CHECK_OK(write_once(f, change_one, &e), &e);
  CHECK_OK(write_once(f, insert_values, &e), &e);
  CHECK_EQ_I64(write_once(f, change_count, &e), -E_BUG);
}

/* A cursor over a query within a cursor over the same query, and statements between rows. */
static int nested(struct tx *tx, struct err *e) {
  _cleanup_(cur_donep) struct cur *outer = NULL;
  int r = cur_open(tx, &q_all, P_NONE, &outer, e);
  int rows = 0;
  while (r == 0 && (r = cur_next(outer, e)) == 1) {
    _cleanup_(cur_donep) struct cur *inner = NULL;
    r = cur_open(tx, &q_all, P_NONE, &inner, e);
    while (r == 0 && (r = cur_next(inner, e)) == 1) rows++, r = 0;
    if (r == 0) r = tx_exec(tx, &q_part, P(V_UUID(cur_uuid(outer, 0)), V_I64(rows)), NULL, e);
  }
  return r == 0 && rows != 9 ? err_set(e, E_STATE, "nine rows were expected") : r;
}

TEST_BOTH(cursors_nest) {
  struct err e;
  CHECK_OK(store_migrate(f->store, migrations, 1, NULL, &f->e), &f->e);
  CHECK_OK(write_once(f, insert_values, &e), &e);
  CHECK_OK(write_once(f, nested, &e), &e);
}

TEST_BOTH(a_read_is_one_snapshot) {
  struct err e;
  int64_t before = -1, after = -1;
  CHECK_OK(store_migrate(f->store, migrations, 1, NULL, &f->e), &f->e);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  CHECK_OK(store_read(f->store, &tx, &e), &e);
  CHECK_OK(tx_i64(tx, &q_count, P_NONE, &before, &e), &e);
  CHECK_OK(write_once(f, insert_values, &e), &e);
  CHECK_OK(tx_i64(tx, &q_count, P_NONE, &after, &e), &e);
  CHECK_EQ_I64(before, 0);
  CHECK_EQ_I64(after, 0);
  tx_endp(&tx);
  CHECK_OK(store_read(f->store, &tx, &e), &e);
  CHECK_OK(tx_i64(tx, &q_count, P_NONE, &after, &e), &e);
  CHECK_EQ_I64(after, 3);
}

TEST_BOTH(texts_beyond_the_cache) {
  struct err e;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  CHECK_OK(store_read(f->store, &tx, &e), &e);
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < 200; i++) {
      char sql[64];
      _cleanup_(cur_donep) struct cur *c = NULL;
      snprintf(sql, sizeof sql, "SELECT CAST($1 AS BIGINT) + %d", i);
      CHECK_OK(cur_open_sql(tx, str_from(sql), P(V_I64(1000)), &c, &e), &e);
      CHECK_EQ_I64(cur_next(c, &e), 1);
      CHECK_EQ_I64(cur_i64(c, 0), 1000 + i);
    }
}

static int insert_one(struct tx *tx, struct err *e) {
  return tx_exec(tx, &q_insert, P(V_UUID(id_of(50)), V_I64(50), V_NULL, V_NULL, V_NULL), NULL, e);
}

TEST_BOTH(generation_rises_with_every_commit) {
  struct err e;
  CHECK_OK(store_migrate(f->store, migrations, 1, NULL, &f->e), &f->e);
  uint64_t a = store_generation(f->store);
  CHECK_OK(write_once(f, insert_values, &e), &e);
  uint64_t b = store_generation(f->store);
  CHECK(b > a);
  /* and with those of others */
  struct fixture other = *f;
  other.store = NULL;
  CHECK_OK(fixture_open_with(&other, NULL), &other.e);
  usleep(50000);
  uint64_t c = store_generation(f->store);
  usleep(50000);
  /* PostgreSQL's snapshot is that of the whole server, in which other databases are written too */
  if (store_engine(f->store) == ENGINE_SQLITE) CHECK_EQ_I64(store_generation(f->store), c);
  c = store_generation(f->store);
  CHECK_OK(write_once(&other, insert_one, &e), &e);
  store_close(other.store);
  usleep(50000);
  CHECK(store_generation(f->store) > c);
}

TEST_BOTH(readers_are_bounded) {
  struct err e;
  struct tx *tx[5] = {0};
  for (int i = 0; i < 4; i++) CHECK_OK(store_read(f->store, &tx[i], &e), &e);
  CHECK_EQ_I64(store_read(f->store, &tx[4], &e), -E_BUSY);
  for (int i = 0; i < 4; i++) tx_endp(&tx[i]);
  CHECK_OK(store_read(f->store, &tx[4], &e), &e);
  tx_endp(&tx[4]);
}

QUERY(q_endless,
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000)"
      " SELECT max(i) FROM n");

QUERY(q_one, "SELECT 1");

static void endless(enum engine engine) {
  _cleanup_(fixture_done) struct fixture f = {0};
  struct store_options o = {.read_ms = 200};
  struct tx *tx = NULL;
  struct err e;
  int64_t v = 0;
  if (engine == ENGINE_POSTGRES && !fixture_pg_url()) SKIP("PG_URL is not set");
  CHECK(fixture_place(&f, engine));
  CHECK_OK(fixture_open_with(&f, &o), &f.e);
  CHECK_OK(store_read(f.store, &tx, &e), &e);
  int r = tx_i64(tx, &q_endless, P_NONE, &v, &e);
  tx_end(tx);
  CHECK_EQ_I64(r, -E_TIMEOUT);
  /* the connection is none the worse for it */
  CHECK_OK(store_version(f.store, &(int){0}, &e), &e);
}
TEST(an_endless_query_is_ended_sqlite) {
  endless(ENGINE_SQLITE);
}
TEST(an_endless_query_is_ended_postgres) {
  endless(ENGINE_POSTGRES);
}

static bool has_left(void *arg) {
  return ++*(int *)arg > 1;
}

/* A reading ends when its time is up, or when whoever asked has left; the next one is unharmed. */
static void ended_early(enum engine engine) {
  _cleanup_(fixture_done) struct fixture f = {0};
  struct tx *tx = NULL;
  struct err e;
  int64_t v = 0;
  int asked = 0;
  if (engine == ENGINE_POSTGRES && !fixture_pg_url()) SKIP("PG_URL is not set");
  CHECK(fixture_open(&f, engine));
  for (int round = 0; round < 2; round++) {
    struct read_limit l = {.until_ms = round ? monotonic_ms() + 100 : 0,
                           .left = round ? NULL : has_left,
                           .arg = &asked};
    CHECK_OK(store_read_limited(f.store, &l, &tx, &e), &e);
    int r = tx_i64(tx, &q_endless, P_NONE, &v, &e);
    CHECK_EQ_I64(r, -E_TIMEOUT);
    CHECK(read_limit_ended(&l));
    CHECK_EQ_I64(tx_i64(tx, &q_one, P_NONE, &v, &e), -E_BUG);
    tx_end(tx);
    CHECK_OK(store_read(f.store, &tx, &e), &e);
    CHECK_OK(tx_i64(tx, &q_one, P_NONE, &v, &e), &e);
    CHECK_EQ_I64(v, 1);
    tx_end(tx);
  }
  CHECK_EQ_I64(asked, 2);
}
TEST(a_reading_ends_with_its_time_or_its_client_sqlite) {
  ended_early(ENGINE_SQLITE);
}
TEST(a_reading_ends_with_its_time_or_its_client_postgres) {
  ended_early(ENGINE_POSTGRES);
}

TEST(absent_places_are_unavailable) {
  struct store *s = NULL;
  struct err e;
  struct store_options o = {.where = "/nonexistent/folder"};
  CHECK_EQ_I64(store_open(&o, &s, &e), -E_UNAVAILABLE);
  o.where = "postgresql://nobody:secret@127.0.0.1:1/none";
  CHECK_EQ_I64(store_open(&o, &s, &e), -E_UNAVAILABLE);
  CHECK(s == NULL);
}
