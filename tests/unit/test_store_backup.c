#include "base/limits.h"
#include "store/store.h"
#include "store_fixture.h"
#include <pthread.h>
#include <sys/stat.h>

static const struct migration list[] = {
    {1, "all",
     "CREATE TABLE units (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES units (id),"
     " name TEXT NOT NULL) STRICT;"
     "CREATE TABLE events (id BLOB NOT NULL PRIMARY KEY, unit INTEGER NOT NULL"
     " REFERENCES units (id), t TEXT, b BLOB, f REAL) STRICT;"
     "CREATE TABLE counted (n INTEGER NOT NULL) STRICT;"
     "INSERT INTO counted VALUES (0);"
     "CREATE TRIGGER units_counted AFTER INSERT ON units BEGIN UPDATE counted SET n = n + 1; END;",
     "CREATE TABLE units (id BIGINT PRIMARY KEY, parent BIGINT REFERENCES units (id),"
     " name TEXT COLLATE \"C\" NOT NULL);"
     "CREATE TABLE events (id UUID NOT NULL PRIMARY KEY, unit BIGINT NOT NULL"
     " REFERENCES units (id), t TEXT COLLATE \"C\", b BYTEA, f FLOAT8);"
     "CREATE TABLE counted (n BIGINT NOT NULL);"
     "INSERT INTO counted VALUES (0);"
     "CREATE FUNCTION units_count() RETURNS trigger LANGUAGE plpgsql AS"
     " 'BEGIN UPDATE counted SET n = n + 1; RETURN NULL; END';"
     "CREATE TRIGGER units_counted AFTER INSERT ON units FOR EACH ROW"
     " EXECUTE FUNCTION units_count();"},
    {2, "later", "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT",
     "CREATE TABLE later (id BIGINT PRIMARY KEY)"},
};

QUERY(q_unit, "INSERT INTO units (id, parent, name) VALUES ($1, $2, $3)");
QUERY(q_adopt, "UPDATE units SET parent = 3000 WHERE id = 1");
QUERY(q_event, "INSERT INTO events (id, unit, t, b, f) VALUES ($1, $2, $3, $4, $5)");
QUERY(q_units, "SELECT id, parent, name FROM units ORDER BY id");
QUERY(q_events, "SELECT id, unit, t, b, f FROM events ORDER BY id");
QUERY(q_counted, "SELECT n FROM counted");
QUERY(q_events_n, "SELECT count(*) FROM events");

enum { UNITS = 3000, EVENTS = 1200 };

static struct uuid event_id(int64_t i) {
  struct uuid u = {{0}};
  for (int k = 0; k < 8; k++) u.b[k] = (uint8_t)(i >> (56 - 8 * k));
  return u;
}

static int event(struct tx *tx, int64_t i, struct err *e) {
  static const char bytes[] = "\0\1\2\xfe\xff";
  return tx_exec(
      tx, &q_event,
      P(V_UUID(event_id(i)), V_I64(1 + i % UNITS), i % 3 ? V_TEXTZ("出入 37.3℃") : V_NULL,
        i % 5 ? V_BLOB(((struct str){bytes, (size_t)(i % 6)})) : V_NULL, V_F64((double)i / 7)),
      NULL, e);
}

static int fill(struct tx *tx, void *arg, struct err *e) {
  (void)arg;
  int r = 0;
  for (int64_t i = 1; i <= UNITS && r == 0; i++)
    r = tx_exec(tx, &q_unit, P(V_I64(i), i > 1 ? V_I64(i / 2) : V_NULL, V_TEXTZ("社区")), NULL, e);
  /* a reference to a row that comes much later in the copy */
  if (r == 0) r = tx_exec(tx, &q_adopt, P_NONE, NULL, e);
  for (int64_t i = 0; i < EVENTS && r == 0; i++) r = event(tx, i, e);
  return r;
}
static const struct cmd_class fill_class = {.name = "fill", .run = fill};

static int one_event(struct tx *tx, void *arg, struct err *e) {
  return event(tx, *(int64_t *)arg, e);
}
static const struct cmd_class event_class = {.name = "event", .run = one_event};

static int content(struct store *s, const struct query *q, struct buf *out, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = store_read(s, &tx, e);
  if (r == 0) r = cur_open(tx, q, P_NONE, &c, e);
  while (r == 0 && (r = cur_next(c, e)) == 1) {
    for (size_t i = 0; i < cur_columns(c); i++) {
      struct str b = cur_blob(c, i);
      if (cur_null(c, i)) buf_lit(out, "NULL");
      /* numbers are compared as numbers, their bytes differ between the engines */
      if (q == &q_units ? i < 2 : i == 1)
        buf_i64(out, cur_i64(c, i));
      else if (q == &q_events && i == 4)
        buf_printf(out, "%a", cur_f64(c, i));
      else
        buf_str_add(out, b);
      buf_char(out, '|');
    }
    r = 0;
  }
  return r;
}

static int number(struct store *s, const struct query *q, int64_t *ret_n, struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(s, &tx, e);
  return r < 0 ? r : tx_i64(tx, q, P_NONE, ret_n, e);
}

static void backup_path(char *out, size_t n, const struct fixture *dir) {
  snprintf(out, n, "%s/copy.backup", dir->where);
}

static void across(enum engine from, enum engine to) {
  _cleanup_(fixture_done) struct fixture a = {0}, b = {0}, dir = {0};
  struct err e;
  char file[1200], sql[16];
  struct writer *w = NULL;
  if ((from == ENGINE_POSTGRES || to == ENGINE_POSTGRES) && !fixture_pg_url())
    SKIP("PG_URL is not set");
  (void)sql;
  CHECK(fixture_place(&dir, ENGINE_SQLITE));
  CHECK(fixture_open(&a, from));
  CHECK(fixture_open(&b, to));
  CHECK_OK(store_migrate(a.store, list, 1, NULL, &e), &e);
  CHECK_OK(writer_start(a.store, NULL, &w, &e), &e);
  int filled = writer_run(w, &fill_class, NULL, CMD_NORMAL, &e);
  writer_stop(w);
  CHECK_OK(filled, &e);
  backup_path(file, sizeof file, &dir);
  CHECK_OK(store_backup(a.store, file, &e), &e);
  struct stat st;
  CHECK(stat(file, &st) == 0);
  CHECK_EQ_I64(st.st_mode & 0777, 0600);
  /* the list knows more than the backup: the backup's version is what comes back */
  CHECK_OK(store_restore(b.store, file, list, 2, &e), &e);
  int version = 0;
  CHECK_OK(store_version(b.store, &version, &e), &e);
  CHECK_EQ_I64(version, 1);
  _cleanup_(buf_done) struct buf one = BUF_INIT(MIB(4)), two = BUF_INIT(MIB(4));
  CHECK_OK(content(a.store, &q_units, &one, &e), &e);
  CHECK_OK(content(b.store, &q_units, &two, &e), &e);
  CHECK(one.n > 0 && str_eq(buf_str(&one), buf_str(&two)));
  buf_clear(&one), buf_clear(&two);
  CHECK_OK(content(a.store, &q_events, &one, &e), &e);
  CHECK_OK(content(b.store, &q_events, &two, &e), &e);
  CHECK(one.n > 0 && str_eq(buf_str(&one), buf_str(&two)));
  /* triggers did not count the copied rows again */
  int64_t counted = 0;
  CHECK_OK(number(b.store, &q_counted, &counted, &e), &e);
  CHECK_EQ_I64(counted, UNITS);
  /* and work afterwards, as do the foreign keys and the schema */
  CHECK_OK(store_migrate(b.store, list, 2, NULL, &e), &e);
  _cleanup_(fixture_done) struct fixture fresh = {0};
  CHECK(fixture_open(&fresh, to));
  CHECK_OK(store_migrate(fresh.store, list, 2, NULL, &e), &e);
  buf_clear(&one), buf_clear(&two);
  CHECK_OK(store_schema_dump(b.store, &one, &e), &e);
  CHECK_OK(store_schema_dump(fresh.store, &two, &e), &e);
  CHECK_MEM(one.p, one.n, two.p, two.n);
  int64_t orphan = INT64_C(5000000);
  CHECK_OK(writer_start(b.store, NULL, &w, &e), &e);
  int added = writer_run(w, &event_class, &orphan, CMD_NORMAL, &e);
  writer_stop(w);
  CHECK_OK(added, &e);
  /* never over something */
  CHECK_EQ_I64(store_restore(b.store, file, list, 2, &e), -E_PRECONDITION);
  CHECK_EQ_I64(store_restore(fresh.store, file, list, 2, &e), -E_PRECONDITION);
}

TEST(backup_sqlite_to_sqlite) {
  across(ENGINE_SQLITE, ENGINE_SQLITE);
}
TEST(backup_sqlite_to_postgres) {
  across(ENGINE_SQLITE, ENGINE_POSTGRES);
}
TEST(backup_postgres_to_sqlite) {
  across(ENGINE_POSTGRES, ENGINE_SQLITE);
}
TEST(backup_postgres_to_postgres) {
  across(ENGINE_POSTGRES, ENGINE_POSTGRES);
}

/* ---- while others write ---- */

struct load {
  struct writer *w;
  _Atomic bool stop;
  int64_t written;
  int failed;
};

static void *write_on(void *arg) {
  struct load *l = arg;
  for (int64_t i = EVENTS; !l->stop; i++) {
    struct err e;
    int r = writer_run(l->w, &event_class, &i, CMD_GATE, &e);
    if (r < 0) {
      l->failed = r;
      return NULL;
    }
    l->written++;
  }
  return NULL;
}

TEST_BOTH(backup_is_online) {
  _cleanup_(fixture_done) struct fixture dir = {0}, b = {0};
  struct err e;
  char file[1200];
  struct writer *w = NULL;
  CHECK(fixture_place(&dir, ENGINE_SQLITE));
  CHECK_OK(store_migrate(f->store, list, 1, NULL, &e), &e);
  CHECK_OK(writer_start(f->store, NULL, &w, &e), &e);
  struct load l = {.w = w};
  int filled = writer_run(w, &fill_class, NULL, CMD_NORMAL, &e);
  pthread_t t;
  int made = pthread_create(&t, NULL, write_on, &l);
  usleep(50000);
  backup_path(file, sizeof file, &dir);
  int r = made == 0 ? store_backup(f->store, file, &e) : -E_BUG;
  l.stop = true;
  if (made == 0) pthread_join(t, NULL);
  writer_stop(w);
  CHECK_OK(filled, &e);
  CHECK_OK(r, &e);
  CHECK_EQ_I64(l.failed, 0);
  CHECK(l.written > 0);
  CHECK(fixture_open(&b, ENGINE_SQLITE));
  CHECK_OK(store_restore(b.store, file, list, 1, &e), &e);
  int64_t n = 0;
  CHECK_OK(number(b.store, &q_events_n, &n, &e), &e);
  CHECK(n >= EVENTS && n <= EVENTS + l.written);
}

/* ---- what is wrong with the file ---- */

static bool damage(const char *file, long at) {
  FILE *fp = fopen(file, "r+");
  if (!fp) return false;
  bool ok = fseek(fp, at, SEEK_SET) == 0 && fwrite("damage damage damage", 1, 20, fp) == 20;
  return fclose(fp) == 0 && ok;
}

TEST(a_bad_backup_is_refused) {
  _cleanup_(fixture_done) struct fixture a = {0}, b = {0}, dir = {0};
  struct err e;
  char file[1200], missing[1300];
  struct writer *w = NULL;
  CHECK(fixture_place(&dir, ENGINE_SQLITE));
  CHECK(fixture_open(&a, ENGINE_SQLITE));
  CHECK(fixture_open(&b, ENGINE_SQLITE));
  CHECK_OK(store_migrate(a.store, list, 2, NULL, &e), &e);
  CHECK_OK(writer_start(a.store, NULL, &w, &e), &e);
  int filled = writer_run(w, &fill_class, NULL, CMD_NORMAL, &e);
  writer_stop(w);
  CHECK_OK(filled, &e);
  backup_path(file, sizeof file, &dir);
  CHECK_OK(store_backup(a.store, file, &e), &e);
  CHECK_EQ_I64(store_restore(b.store, file, list, 1, &e), -E_PRECONDITION);
  snprintf(missing, sizeof missing, "%s.absent", file);
  CHECK(store_restore(b.store, missing, list, 2, &e) < 0);
  /* a database that is no backup */
  snprintf(missing, sizeof missing, "%s/shouwang.db", a.where);
  CHECK_EQ_I64(store_restore(b.store, missing, list, 2, &e), -E_INVALID);
  CHECK(damage(file, 3 * 4096));
  CHECK_EQ_I64(store_restore(b.store, file, list, 2, &e), -E_INVALID);
  /* and nothing of it is left behind */
  int version = -1;
  CHECK_OK(store_version(b.store, &version, &e), &e);
  CHECK_EQ_I64(version, 0);
  CHECK_OK(store_backup(a.store, file, &e), &e);
  CHECK_OK(store_restore(b.store, file, list, 2, &e), &e);
}

TEST(a_failed_backup_leaves_no_file) {
  _cleanup_(fixture_done) struct fixture a = {0};
  struct err e;
  CHECK(fixture_open(&a, ENGINE_SQLITE));
  CHECK_OK(store_migrate(a.store, list, 1, NULL, &e), &e);
  CHECK_EQ_I64(store_backup(a.store, "/nonexistent/folder/copy", &e), -E_IO);
  CHECK_EQ_I64(store_backup(a.store, a.where, &e), -E_INVALID);
}
