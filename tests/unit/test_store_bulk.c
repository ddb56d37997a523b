#include "base/limits.h"
#include "store/store.h"
#include "store/writer.h"
#include "store_fixture.h"

static const struct migration list[] = {
    {1, "all",
     "CREATE TABLE wide (id BLOB NOT NULL PRIMARY KEY, n INTEGER, t TEXT, b BLOB, f REAL) STRICT;"
     "CREATE TABLE sums (k INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT",
     "CREATE TABLE wide (id UUID NOT NULL PRIMARY KEY, n BIGINT, t TEXT COLLATE \"C\", b BYTEA,"
     " f FLOAT8); CREATE TABLE sums (k BIGINT PRIMARY KEY, n INTEGER NOT NULL)"},
};
static const enum val_type wide_types[] = {VAL_UUID, VAL_I64, VAL_TEXT, VAL_BLOB, VAL_F64};
static const struct bulk wide = {"wide", "wide", "id, n, t, b, f", wide_types, 5, NULL};
static const enum val_type sum_types[] = {VAL_I64, VAL_I64};
static const struct bulk sums = {"sums", "sums AS s",
                                 "k, n", sum_types,
                                 2,      "ON CONFLICT (k) DO UPDATE SET n = s.n + excluded.n"};
static const struct bulk once = {"once",    "sums", "k, n",
                                 sum_types, 2,      "ON CONFLICT (k) DO NOTHING"};
static const struct bulk plain = {"plain", "sums", "k, n", sum_types, 2, NULL};

QUERY(q_wide, "SELECT id, n, t, b, f FROM wide ORDER BY id");
QUERY(q_wide_n, "SELECT count(*) FROM wide");
QUERY(q_sums, "SELECT k, n FROM sums ORDER BY k");

static int call(struct tx *tx, void *arg, struct err *e) {
  int (*fn)(struct tx *, struct err *) = *(int (**)(struct tx *, struct err *))arg;
  return fn(tx, e);
}
static const struct cmd_class call_class = {.name = "call", .run = call};
static int write_once(struct fixture *f, int (*fn)(struct tx *, struct err *), struct err *e) {
  struct writer *w = NULL;
  int r = writer_start(f->store, NULL, &w, e);
  if (r == 0) r = writer_run(w, &call_class, &fn, CMD_NORMAL, e);
  writer_stop(w);
  return r;
}

enum { ROWS = 5003 }; /* chunks of every size, and a rest */
static char text[40];

static struct uuid id_of(int i) {
  struct uuid u = {{0}};
  u.b[0] = (uint8_t)(i >> 8);
  u.b[1] = (uint8_t)i;
  return u;
}

static int fill(struct tx *tx, struct err *e) {
  struct val *rows = calloc(ROWS * 5, sizeof *rows);
  memset(text, 'x', sizeof text);
  for (int i = 0; i < ROWS; i++) {
    struct val *v = &rows[i * 5];
    v[0] = V_UUID(id_of(i));
    v[1] = i % 7 ? V_I64((int64_t)i * -1000000007) : V_NULL;
    v[2] = i % 5 ? V_TEXT(((struct str){text, (size_t)i % sizeof text})) : V_NULL;
    v[3] = i % 3 ? V_BLOB(((struct str){text, (size_t)(i + 1) % sizeof text})) : V_NULL;
    v[4] = i % 2 ? V_F64(i * 0.5) : V_NULL;
  }
  int r = tx_bulk(tx, &wide, rows, ROWS, e);
  free(rows);
  return r;
}

TEST_BOTH(bulk_rows_come_back) {
  struct err e;
  CHECK_OK(store_migrate(f->store, list, 1, NULL, &e), &e);
  CHECK_OK(write_once(f, fill, &e), &e);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  CHECK_OK(store_read(f->store, &tx, &e), &e);
  CHECK_OK(cur_open(tx, &q_wide, P_NONE, &c, &e), &e);
  for (int i = 0; i < ROWS; i++) {
    CHECK_EQ_I64(cur_next(c, &e), 1);
    struct uuid u = cur_uuid(c, 0), want = id_of(i);
    CHECK(uuid_eq(&u, &want));
    CHECK(cur_null(c, 1) == (i % 7 == 0));
    CHECK_EQ_I64(cur_i64(c, 1), i % 7 ? (int64_t)i * -1000000007 : 0);
    CHECK(cur_null(c, 2) == (i % 5 == 0));
    if (i % 5) CHECK_MEM(cur_text(c, 2).p, cur_text(c, 2).n, text, (size_t)i % sizeof text);
    CHECK(cur_null(c, 3) == (i % 3 == 0));
    if (i % 3) CHECK_MEM(cur_blob(c, 3).p, cur_blob(c, 3).n, text, (size_t)(i + 1) % sizeof text);
    CHECK(cur_null(c, 4) == (i % 2 == 0));
    CHECK(cur_f64(c, 4) == (i % 2 ? i * 0.5 : 0));
  }
  CHECK_EQ_I64(cur_next(c, &e), 0);
}

/* A cursor that is left half-way, while more rows stand in the line, harms nothing. */
TEST_BOTH(a_cursor_may_be_left) {
  struct err e;
  int64_t n = 0;
  CHECK_OK(store_migrate(f->store, list, 1, NULL, &e), &e);
  CHECK_OK(write_once(f, fill, &e), &e);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  CHECK_OK(store_read(f->store, &tx, &e), &e);
  for (int round = 0; round < 3; round++) {
    _cleanup_(cur_donep) struct cur *c = NULL;
    CHECK_OK(cur_open(tx, &q_wide, P_NONE, &c, &e), &e);
    for (int i = 0; i < 10; i++) CHECK_EQ_I64(cur_next(c, &e), 1);
    if (round == 1) CHECK_OK(tx_i64(tx, &q_wide_n, P_NONE, &n, &e), &e);
    if (round == 1) CHECK_EQ_I64(cur_next(c, &e), 1);
    if (round == 1) CHECK_EQ_I64(cur_uuid(c, 0).b[1], 10);
  }
  CHECK_OK(tx_i64(tx, &q_wide_n, P_NONE, &n, &e), &e);
  CHECK_EQ_I64(n, ROWS);
}

static int add_sums(struct tx *tx, struct err *e) {
  struct val rows[40];
  for (int i = 0; i < 20; i++) rows[2 * i] = V_I64(i), rows[2 * i + 1] = V_I64(i * 10);
  int r = tx_bulk(tx, &sums, rows, 20, e);
  for (int i = 0; i < 20; i++) rows[2 * i + 1] = V_I64(1);
  if (r == 0) r = tx_bulk(tx, &sums, rows, 20, e);
  for (int i = 0; i < 20; i++) rows[2 * i] = V_I64(i + 10);
  if (r == 0) r = tx_bulk(tx, &once, rows, 20, e);
  return r < 0 ? r : tx_bulk(tx, &once, rows, 0, e);
}
static int twice(struct tx *tx, struct err *e) {
  struct val rows[40];
  for (int i = 0; i < 20; i++)
    rows[2 * i] = V_I64(i == 19 ? 3 : i + 100), rows[2 * i + 1] = V_I64(0);
  return tx_bulk(tx, &plain, rows, 20, e);
}
static int wrong_type(struct tx *tx, struct err *e) {
  struct val rows[2] = {V_I64(500), V_TEXTZ("one")};
  return tx_bulk(tx, &plain, rows, 1, e);
}

TEST_BOTH(bulk_meets_rows_that_are_there) {
  struct err e;
  CHECK_OK(store_migrate(f->store, list, 1, NULL, &e), &e);
  CHECK_OK(write_once(f, add_sums, &e), &e);
  CHECK_EQ_I64(write_once(f, twice, &e), -E_EXISTS);
  CHECK_STR(e.field, "sums_pkey");
  CHECK_EQ_I64(write_once(f, wrong_type, &e), -E_BUG);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  CHECK_OK(store_read(f->store, &tx, &e), &e);
  CHECK_OK(cur_open(tx, &q_sums, P_NONE, &c, &e), &e);
  for (int i = 0; i < 30; i++) {
    CHECK_EQ_I64(cur_next(c, &e), 1);
    CHECK_EQ_I64(cur_i64(c, 0), i);
    CHECK_EQ_I64(cur_i64(c, 1), i < 20 ? i * 10 + 1 : 1);
  }
  CHECK_EQ_I64(cur_next(c, &e), 0);
}
