#include "core/migrations.h"
#include "base/limits.h"
#include "store/store.h"
#include "store/writer.h"
#include "store_fixture.h"

/* Every registered query of the program, prepared on both engines against the schema that the
 * migrations make: a column misspelt or a form that one engine lacks is found here, and not by a
 * user of that engine. */

enum { MOST = 2000 };

struct all {
  const struct query *list[MOST];
  size_t n;
};

static void collect(const struct query *q, void *arg) {
  struct all *a = arg;
  if (a->n < MOST) a->list[a->n++] = q;
}

/* With more parameters than any query has, a statement is prepared and then refused for that
 * alone: nothing is executed. */
static int prepare(struct tx *tx, void *arg, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct val v[LIMIT_PARAMS];
  memset(v, 0, sizeof v);
  return cur_open(tx, arg, v, LIMIT_PARAMS, &c, e);
}
static const struct cmd_class prepare_class = {.name = "prepare", .run = prepare};

static bool is_sound(struct writer *w, const struct query *q) {
  struct err e = {0};
  int r = writer_run(w, &prepare_class, (void *)(uintptr_t)q, CMD_NORMAL, &e);
  if (r == -E_BUG && e.what && strstr(e.what, "number of parameters")) return true;
  printf("# %s: %s: %s\n#   %s\n", q->name, e.what ? e.what : "?", e.field, q->sql);
  return false;
}

TEST_BOTH(every_query_is_accepted) {
  struct all a = {.n = 0};
  struct writer *w = NULL;
  size_t bad = 0;
  CHECK_OK(store_migrate(f->store, migrations, n_migrations, NULL, &f->e), &f->e);
  CHECK_OK(writer_start(f->store, NULL, &w, &f->e), &f->e);
  query_each(collect, &a);
  for (size_t i = 0; i < a.n; i++) bad += !is_sound(w, a.list[i]);
  writer_stop(w);
  printf("# %zu queries\n", a.n);
  CHECK(a.n > 50 && a.n < MOST);
  CHECK_EQ_I64(bad, 0);
}

/* The check itself must see what is wrong. */
TEST_BOTH(a_wrong_query_is_seen) {
  static const struct query wrong = {"wrong", "SELECT nowhere FROM history", NULL};
  static const struct query uncast = {"uncast", "SELECT sum(rev) FROM history", NULL};
  static const struct query gap = {"gap", "SELECT rev FROM history WHERE kind = $2", NULL};
  struct writer *w = NULL;
  CHECK_OK(store_migrate(f->store, migrations, n_migrations, NULL, &f->e), &f->e);
  CHECK_OK(writer_start(f->store, NULL, &w, &f->e), &f->e);
  bool seen = !is_sound(w, &wrong);
  bool hole = !is_sound(w, &gap);
  bool cast = store_engine(f->store) == ENGINE_SQLITE || !is_sound(w, &uncast);
  writer_stop(w);
  CHECK(seen);
  CHECK(hole);
  CHECK(cast);
}
