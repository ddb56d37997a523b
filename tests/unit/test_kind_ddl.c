/* The tables that kinds print, and the next migration as the difference from what the steps lead
 * to. */
#include "kind_fixture.h"

struct texts {
  struct buf sql[2];
  struct migration m;
};

/* What the kinds print, less these pieces of it. */
static const struct migration *printed(struct texts *t, const char *const without[][2]) {
  for (int e = 0; e < 2; e++) {
    struct buf whole = BUF_INIT(MIB(1));
    schema_sql(&whole, e == 0 ? ENGINE_SQLITE : ENGINE_POSTGRES);
    t->sql[e] = (struct buf)BUF_INIT(MIB(1));
    buf_str_add(&t->sql[e], buf_str(&whole));
    for (size_t i = 0; without[i][0]; i++) {
      struct str all = buf_str(&t->sql[e]), piece = str_from(without[i][e]);
      const size_t at = str_find(all, piece);
      if (at == (size_t)-1) printf("# not printed: %s\n", without[i][e]);
      struct buf less = BUF_INIT(MIB(1));
      buf_str_add(&less, str_sub(all, 0, at));
      buf_str_add(&less, str_sub(all, at + piece.n, all.n));
      buf_done(&t->sql[e]);
      t->sql[e] = less;
    }
    buf_done(&whole);
  }
  t->m = (struct migration){1, "first", buf_z(&t->sql[0]), buf_z(&t->sql[1])};
  return &t->m;
}

static void texts_done(struct texts *t) {
  buf_done(&t->sql[0]);
  buf_done(&t->sql[1]);
}

TEST(tables_are_printed_by_name) {
  struct err e;
  struct buf b = BUF_INIT(MIB(1));
  CHECK_OK(kinds_init(world_kinds, world_rights, &e), &e);
  schema_sql(&b, ENGINE_SQLITE);
  struct str rest = buf_str(&b), last = S("");
  size_t at, n = 0;
  while ((at = str_find(rest, S("CREATE TABLE "))) != (size_t)-1) {
    rest = str_sub(rest, at + 13, rest.n);
    const struct str name = str_sub(rest, 0, str_find(rest, S(" ")));
    CHECK(str_cmp(last, name) < 0);
    last = name;
    n++;
  }
  CHECK(n > 8);
  buf_done(&b);
}

TEST_BOTH(the_next_step_leads_to_what_is_printed) {
  static const char *const without[][2] = {
      {",\n  age INTEGER", ",\n  age BIGINT"},
      {"CREATE INDEX receipt_at ON receipt (at_ms);\n",
       "CREATE INDEX receipt_at ON receipt (at_ms);\n"},
      {"CREATE TABLE unit_seq (\n  unit INTEGER PRIMARY KEY, seq INTEGER NOT NULL\n) STRICT;\n",
       "CREATE TABLE unit_seq (\n  unit BIGINT PRIMARY KEY, seq BIGINT NOT NULL\n);\n"},
      {NULL, NULL}};
  struct err e;
  struct texts t;
  _cleanup_(buf_done) struct buf step = BUF_INIT(MIB(1)), cannot = BUF_INIT(MIB(1)),
                                 led = BUF_INIT(MIB(1)), want = BUF_INIT(MIB(1));
  CHECK_OK(kinds_init(world_kinds, world_rights, &e), &e);
  const struct migration *first = printed(&t, without);
  CHECK_OK(schema_next_step(first, 1, &step, &cannot, &e), &e);
  CHECK_STR(buf_z(&cannot), "");
  const struct str all = buf_str(&step);
  CHECK(str_starts(all, S("-- 0002-NAME.sqlite.sql\n")));
  const size_t cut = str_find(all, S("-- 0002-NAME.postgresql.sql\n"));
  CHECK(cut != (size_t)-1);
  CHECK(str_find(all, S("ADD COLUMN age BIGINT;")) > cut);
  CHECK(str_find(all, S("ADD COLUMN age INTEGER;")) < cut);
  /* both files run on their engine, and then nothing is left to do */
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(1));
  const struct migration list[] = {
      *first,
      {2, "next", arena_strz(a, str_sub(all, 0, cut)), arena_strz(a, str_sub(all, cut, all.n))}};
  CHECK_OK(store_migrate(f->store, list, 2, NULL, &e), &e);
  CHECK_OK(store_schema_dump(f->store, &led, &e), &e);
  struct buf again = BUF_INIT(MIB(1));
  CHECK_OK(schema_next_step(list, 2, &again, &cannot, &e), &e);
  CHECK(str_starts(buf_str(&again), S("-- the steps lead to what the kinds print")));
  CHECK_STR(buf_z(&cannot), "");
  buf_done(&again);
  texts_done(&t);
  _cleanup_(fixture_done) struct fixture g = {0};
  static const char *const nothing[][2] = {{NULL, NULL}};
  CHECK(fixture_open(&g, store_engine(f->store)));
  CHECK_OK(store_migrate(g.store, printed(&t, nothing), 1, NULL, &e), &e);
  CHECK_OK(store_schema_dump(g.store, &want, &e), &e);
  CHECK_MEM(led.p, led.n, want.p, want.n);
  texts_done(&t);
}

/* A column that goes, one that changes, one without a value for what is there, a table that goes.
 */
TEST(what_a_difference_does_not_tell_is_named) {
  static const char *const nothing[][2] = {{NULL, NULL}};
  static const char more[] = "CREATE TABLE gone (a INTEGER) STRICT;\n";
  struct err e;
  struct texts t;
  _cleanup_(buf_done) struct buf step = BUF_INIT(MIB(1)), cannot = BUF_INIT(MIB(1)),
                                 old = BUF_INIT(MIB(1));
  CHECK_OK(kinds_init(world_kinds, world_rights, &e), &e);
  const struct migration *now = printed(&t, nothing);
  struct str rest = str_from(now->sqlite);
  const size_t at = str_find(rest, S(",\n  age INTEGER"));
  CHECK(at != (size_t)-1);
  buf_str_add(&old, str_sub(rest, 0, at));
  buf_lit(&old, ",\n  age TEXT,\n  shoes INTEGER");
  rest = str_sub(rest, at + 15, rest.n);
  const size_t no = str_find(rest, S(",\n  rev INTEGER NOT NULL"));
  CHECK(no != (size_t)-1);
  buf_str_add(&old, str_sub(rest, 0, no));
  buf_str_add(&old, str_sub(rest, no + 24, rest.n));
  buf_lit(&old, more);
  const struct migration first = {1, "first", buf_z(&old), ""};
  CHECK_OK(schema_next_step(&first, 1, &step, &cannot, &e), &e);
  const struct str said = buf_str(&cannot);
  CHECK(str_find(said, S("responder: was dropped: shoes INTEGER\n")) != (size_t)-1);
  CHECK(str_find(said, S("responder: was changed: age INTEGER\n")) != (size_t)-1);
  CHECK(str_find(said, S("responder: rows that are there have no value for it: rev INTEGER")) !=
        (size_t)-1);
  CHECK(str_find(said, S("gone: was dropped: the whole table\n")) != (size_t)-1);
  texts_done(&t);
}
