/* For unit tests that need a database: a fresh store on each engine. SQLite in a temporary folder,
 * PostgreSQL in a schema of its own within the server of PG_URL (without that variable the
 * PostgreSQL half is skipped). Everything is removed by fixture_done(). One thread. */
#ifndef SHOUWANG_TESTS_UNIT_STORE_FIXTURE_H
#define SHOUWANG_TESTS_UNIT_STORE_FIXTURE_H

#include "harness.h"
#include "store/store.h"
#include "store/writer.h"
#include <stdlib.h>
#include <unistd.h>

struct fixture {
  struct store *store;
  char where[1024];
  char schema[64]; /* PostgreSQL */
  struct err e;
};

static inline const char *fixture_pg_url(void) {
  const char *url = getenv("PG_URL");
  return url && *url ? url : NULL;
}

/* Names a fresh place; nothing is opened yet. */
static inline bool fixture_place(struct fixture *f, enum engine engine) {
  static int count;
  *f = (struct fixture){0};
  if (engine == ENGINE_SQLITE) {
    const char *tmp = getenv("TMPDIR");
    snprintf(f->where, sizeof f->where, "%s/shouwang-test.XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(f->where) != NULL;
  }
  const char *url = fixture_pg_url();
  if (!url) return false;
  snprintf(f->schema, sizeof f->schema, "sw_test_%d_%d", (int)getpid(), ++count);
  int n = snprintf(f->where, sizeof f->where, "%s%coptions=-csearch_path%%3D%s", url,
                   strchr(url, '?') ? '&' : '?', f->schema);
  return n > 0 && (size_t)n < sizeof f->where;
}

static inline int fixture_open_with(struct fixture *f, const struct store_options *more) {
  struct store_options o = more ? *more : (struct store_options){0};
  o.where = f->where;
  o.create = !o.read_only;
  return store_open(&o, &f->store, &f->e);
}

static inline bool fixture_open(struct fixture *f, enum engine engine) {
  return fixture_place(f, engine) && fixture_open_with(f, NULL) == 0;
}

static int fixture_drop_run(struct tx *tx, void *arg, struct err *e) {
  char sql[128];
  snprintf(sql, sizeof sql, "DROP SCHEMA IF EXISTS %s CASCADE", (const char *)arg);
  return tx_script(tx, str_from(sql), e);
}

static inline void fixture_done(struct fixture *f) {
  static const struct cmd_class drop = {.name = "drop", .run = fixture_drop_run};
  if (f->schema[0]) {
    struct writer *w = NULL;
    if (!f->store) fixture_open_with(f, NULL);
    if (f->store && writer_start(f->store, NULL, &w, &f->e) == 0)
      if (writer_run(w, &drop, f->schema, CMD_NORMAL, &f->e) < 0)
        printf("# schema %s was not dropped: %s\n", f->schema, f->e.what);
    writer_stop(w);
  }
  f->store = store_close(f->store);
  if (!f->schema[0] && f->where[0]) {
    char command[1100];
    snprintf(command, sizeof command, "rm -rf '%s'", f->where);
    if (system(command) != 0) printf("# %s was not removed\n", f->where);
  }
  *f = (struct fixture){0};
}

/* The same test on both engines, as <name>_sqlite and <name>_postgres. */
#define TEST_BOTH(name_)                                                                           \
  static void both_##name_(struct fixture *f);                                                     \
  static void on_##name_(enum engine engine) {                                                     \
    _cleanup_(fixture_done) struct fixture f = {0};                                                \
    if (engine == ENGINE_POSTGRES && !fixture_pg_url()) SKIP("PG_URL is not set");                 \
    bool opened = fixture_open(&f, engine);                                                        \
    if (!opened) printf("# %s: %s\n", f.e.what ? f.e.what : "no place", f.e.field);                \
    CHECK(opened);                                                                                 \
    both_##name_(&f);                                                                              \
  }                                                                                                \
  TEST(name_##_sqlite) {                                                                           \
    on_##name_(ENGINE_SQLITE);                                                                     \
  }                                                                                                \
  TEST(name_##_postgres) {                                                                         \
    on_##name_(ENGINE_POSTGRES);                                                                   \
  }                                                                                                \
  static void both_##name_(struct fixture *f)

/* As CHECK, and shows the error. */
#define CHECK_OK(call_, err_)                                                                      \
  do {                                                                                             \
    int harness_r = (call_);                                                                       \
    if (harness_r < 0)                                                                             \
      HARNESS_FAIL("%s: %s %s (%s) sys=%d at %s:%d", #call_, err_name(harness_r),                  \
                   (err_)->what ? (err_)->what : "", (err_)->field, (err_)->sys,                   \
                   (err_)->file ? (err_)->file : "", (err_)->line);                                \
  } while (0)

#endif
