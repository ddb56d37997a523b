#include "base/limits.h"
#include "store/store.h"
#include "store_fixture.h"

#define BOTH(sql) sql, sql

static const struct migration list[] = {
    {1, "units", BOTH("CREATE TABLE units (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)")},
    {2, "posts",
     BOTH("CREATE TABLE posts (id BIGINT NOT NULL PRIMARY KEY, unit BIGINT NOT NULL "
          "REFERENCES units (id)); CREATE INDEX posts_unit ON posts (unit)")},
    {3, "posts.name", BOTH("ALTER TABLE posts ADD COLUMN name TEXT")},
};
static const struct migration broken[] = {
    {1, "units", BOTH("CREATE TABLE units (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)")},
    {2, "broken", BOTH("CREATE TABLE half (id BIGINT); CREATE TABLE units (again BIGINT)")},
};
static const struct migration changed[] = {
    {1, "units", BOTH("CREATE TABLE units (id BIGINT NOT NULL PRIMARY KEY, nom TEXT NOT NULL)")},
    {2, "posts", BOTH("SELECT 1")},
    {3, "posts.name", BOTH("SELECT 1")},
};
static const struct migration gap[] = {
    {1, "a", BOTH("SELECT 1")},
    {3, "b", BOTH("SELECT 1")},
};
/* the same as `list` in the end, written down otherwise */
static const struct migration at_once[] = {
    {1, "all",
     BOTH("CREATE TABLE   posts\n(name TEXT, unit BIGINT NOT NULL REFERENCES units (id),\n"
          " id BIGINT NOT NULL PRIMARY KEY)")},
};

TEST_BOTH(migrations_run_once) {
  struct err e;
  int n = -1, version = -1;
  CHECK_OK(store_version(f->store, &version, &e), &e);
  CHECK_EQ_I64(version, 0);
  CHECK_OK(store_migrate(f->store, list, 2, &n, &e), &e);
  CHECK_EQ_I64(n, 2);
  CHECK_OK(store_migrate(f->store, list, 3, &n, &e), &e);
  CHECK_EQ_I64(n, 1);
  CHECK_OK(store_migrate(f->store, list, 3, &n, &e), &e);
  CHECK_EQ_I64(n, 0);
  CHECK_OK(store_version(f->store, &version, &e), &e);
  CHECK_EQ_I64(version, 3);
  CHECK_EQ_I64(store_migrate(f->store, list, 2, &n, &e), -E_PRECONDITION);
}

TEST_BOTH(a_failing_migration_leaves_nothing) {
  struct err e;
  int n = -1, version = -1;
  CHECK_EQ_I64(store_migrate(f->store, broken, 2, &n, &e), -E_BUG);
  CHECK_OK(store_version(f->store, &version, &e), &e);
  CHECK_EQ_I64(version, 1);
  _cleanup_(buf_done) struct buf dump = BUF_INIT(MIB(1));
  CHECK_OK(store_schema_dump(f->store, &dump, &e), &e);
  CHECK_EQ_I64(str_find(buf_str(&dump), S("half")), (size_t)-1);
  /* and the store goes on */
  CHECK_OK(store_migrate(f->store, list, 3, &n, &e), &e);
  CHECK_EQ_I64(n, 2);
}

TEST_BOTH(released_migrations_are_frozen) {
  struct err e;
  CHECK_OK(store_migrate(f->store, list, 2, NULL, &e), &e);
  CHECK_EQ_I64(store_migrate(f->store, changed, 3, NULL, &e), -E_PRECONDITION);
  CHECK_STR(e.field, "units");
  CHECK_EQ_I64(store_migrate(f->store, gap, 2, NULL, &e), -E_BUG);
}

static size_t line_of(struct str dump, const char *line) {
  return str_find(dump, str_from(line));
}

TEST_BOTH(the_dump_is_canonical) {
  struct err e;
  CHECK_OK(store_migrate(f->store, list, 3, NULL, &e), &e);
  _cleanup_(buf_done) struct buf a = BUF_INIT(MIB(1)), b = BUF_INIT(MIB(1));
  CHECK_OK(store_schema_dump(f->store, &a, &e), &e);
  CHECK(line_of(buf_str(&a), "table posts\n") != (size_t)-1);
  CHECK(line_of(buf_str(&a), "table units\n") != (size_t)-1);
  CHECK(line_of(buf_str(&a), "posts_unit") != (size_t)-1);
  CHECK(line_of(buf_str(&a), "schema_migrations") == (size_t)-1);
  CHECK(line_of(buf_str(&a), "column name") < line_of(buf_str(&a), "column unit"));
  /* columns in another order, text spaced otherwise: the same dump of that table */
  _cleanup_(fixture_done) struct fixture g = {0};
  CHECK(fixture_open(&g, store_engine(f->store)));
  CHECK_OK(store_migrate(g.store, broken, 1, NULL, &e), &e);
  struct migration again[] = {broken[0],
                              {2, "all", at_once[0].sqlite, at_once[0].postgres},
                              {3, "index", BOTH("CREATE INDEX posts_unit\n  ON posts (unit)")}};
  CHECK_OK(store_migrate(g.store, again, 3, NULL, &e), &e);
  CHECK_OK(store_schema_dump(g.store, &b, &e), &e);
  CHECK_MEM(a.p, a.n, b.p, b.n);
  /* and a difference shows */
  struct migration more[] = {again[0],
                             again[1],
                             again[2],
                             {4, "x", BOTH("CREATE UNIQUE INDEX posts_name ON posts (name)")}};
  CHECK_OK(store_migrate(g.store, more, 4, NULL, &e), &e);
  buf_clear(&b);
  CHECK_OK(store_schema_dump(g.store, &b, &e), &e);
  CHECK(!str_eq(buf_str(&a), buf_str(&b)));
}

/* ---- a migration's C step ---- */

static const struct migration counted[] = {
    {1, "numbers",
     BOTH("CREATE TABLE numbers (n BIGINT NOT NULL PRIMARY KEY, half BIGINT);"
          "INSERT INTO numbers (n) VALUES (2), (4), (6), (8), (10)")},
    {2, "halves", BOTH("CREATE TABLE halves (n BIGINT NOT NULL PRIMARY KEY)")},
    {3, "after", BOTH("INSERT INTO halves SELECT half FROM numbers WHERE half IS NOT NULL")},
};
struct halving {
  int calls, fails_at; /* the call that is killed; 0: none */
  bool stuck;
  char last[MIGRATION_AFTER_MAX];
};

/* One number a slice. */
static int halve(struct tx *tx, void *arg, struct str after, struct buf *ret_after, struct err *e) {
  struct halving *h = arg;
  int64_t from = 0, next = 0;
  snprintf(h->last, sizeof h->last, STR_FMT, STR_ARG(after));
  if (++h->calls == h->fails_at) return err_set(e, E_UNAVAILABLE, "killed");
  if (h->stuck) return 1;
  if (after.n && parse_i64(after, 0, INT64_MAX, &from) < 0) return err_set(e, E_BUG, "the key");
  {
    _cleanup_(cur_donep) struct cur *c = NULL;
    int r = cur_open_sql(tx, S("SELECT coalesce(min(n), 0) FROM numbers WHERE n > $1"),
                         P(V_I64(from)), &c, e);
    if (r == 0) r = cur_next(c, e);
    if (r < 0) return r;
    next = cur_i64(c, 0);
  }
  if (next == 0) return 0;
  buf_printf(ret_after, "%lld", (long long)next);
  int r = tx_exec_sql(tx, S("UPDATE numbers SET half = coalesce(half, 0) + n / 2 WHERE n = $1"),
                      P(V_I64(next)), NULL, e);
  return r < 0 ? r : 1;
}
static const struct migration_code halving_code[] = {{2, halve}, {0}};

static int64_t asked(struct fixture *f, const char *sql) {
  struct err e;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = store_read(f->store, &tx, &e);
  if (r == 0) r = cur_open_sql(tx, str_from(sql), P_NONE, &c, &e);
  if (r == 0) r = cur_next(c, &e);
  return r == 1 ? cur_i64(c, 0) : -1;
}

TEST_BOTH(a_c_step_runs_between_the_sql_of_its_migration_and_of_the_next) {
  struct err e;
  struct halving h = {0};
  int n = -1;
  CHECK_OK(store_migrate_with(f->store, counted, 3, halving_code, &h, &n, &e), &e);
  CHECK_EQ_I64(n, 3);
  CHECK_EQ_I64(h.calls, 6);
  CHECK_EQ_I64(asked(f, "SELECT CAST(sum(n) AS BIGINT) FROM halves"), 15);
  CHECK_EQ_I64(asked(f, "SELECT count(*) FROM schema_migrations"), 3);
  CHECK_OK(store_migrate_with(f->store, counted, 3, halving_code, &h, &n, &e), &e);
  CHECK_EQ_I64(h.calls, 6);
}

TEST_BOTH(a_c_step_that_was_killed_goes_on_where_it_was) {
  struct err e;
  struct halving h = {.fails_at = 4};
  char file[1100];
  int version = 0;
  CHECK_EQ_I64(store_migrate_with(f->store, counted, 3, halving_code, &h, NULL, &e),
               -E_UNAVAILABLE);
  CHECK_STR(h.last, "6");
  CHECK_OK(store_version(f->store, &version, &e), &e);
  CHECK_EQ_I64(version, 2);
  /* half done, it is neither copied away nor taken over by whoever lacks the code */
  snprintf(file, sizeof file, "%s/half-%d", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp",
           (int)getpid());
  CHECK_EQ_I64(store_backup(f->store, file, &e), -E_PRECONDITION);
  CHECK(access(file, F_OK) != 0);
  CHECK_EQ_I64(store_migrate(f->store, counted, 3, NULL, &e), -E_BUG);
  h = (struct halving){0};
  CHECK_OK(store_migrate_with(f->store, counted, 3, halving_code, &h, NULL, &e), &e);
  CHECK_EQ_I64(h.calls, 3);
  CHECK_EQ_I64(asked(f, "SELECT CAST(sum(half) AS BIGINT) FROM numbers"), 15);
  CHECK_EQ_I64(asked(f, "SELECT count(*) FROM halves"), 5);
}

TEST_BOTH(a_c_step_that_does_not_get_on_is_stopped) {
  struct err e;
  struct halving h = {.stuck = true};
  CHECK_EQ_I64(store_migrate_with(f->store, counted, 3, halving_code, &h, NULL, &e), -E_BUG);
  CHECK_EQ_I64(h.calls, 1);
}
