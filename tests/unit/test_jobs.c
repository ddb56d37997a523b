#include "app_fixture.h"

static int fast_runs, slow_runs, each_runs, fails;
static int fast(struct app *app, struct arena *a, struct err *e) {
  (void)app, (void)a, (void)e;
  __atomic_add_fetch(&fast_runs, 1, __ATOMIC_SEQ_CST);
  return 0;
}
static int slow(struct app *app, struct arena *a, struct err *e) {
  (void)app, (void)a, (void)e;
  __atomic_add_fetch(&slow_runs, 1, __ATOMIC_SEQ_CST);
  return 0;
}
static int each(struct app *app, struct arena *a, struct err *e) {
  (void)app, (void)a, (void)e;
  __atomic_add_fetch(&each_runs, 1, __ATOMIC_SEQ_CST);
  return 0;
}
static int failing(struct app *app, struct arena *a, struct err *e) {
  (void)app, (void)a;
  __atomic_add_fetch(&fails, 1, __ATOMIC_SEQ_CST);
  return fails > 2 ? 0 : err_set(e, E_UNAVAILABLE, "this one was meant to fail");
}

static const struct job jobs[] = {
    {.name = "fast", .every_ms = 20, .run = fast},
    {.name = "slow", .every_ms = MS_HOUR, .run = slow},
    {.name = "each", .every_ms = MS_HOUR, .run = each, .flags = JOB_EACH},
    {.name = "failing", .every_ms = 30, .run = failing},
    {0}};
static const struct module test_module = {.name = "test",
                                          .zh = "测试",
                                          .en = "Test",
                                          .kinds = fx_kinds,
                                          .indicators = fx_indicators,
                                          .jobs = jobs};
const struct module *const modules[] = {&platform_module, &test_module, NULL};
static const struct module *const only_test[] = {&test_module, NULL};

static int seen(const int *n) {
  return __atomic_load_n(n, __ATOMIC_SEQ_CST);
}
static bool within(const int *n, int at_least, int ms) {
  for (; ms > 0 && seen(n) < at_least; ms -= 5) usleep(5000);
  return seen(n) >= at_least;
}

TEST_BOTH(jobs_keep_their_cadence) {
  APP(x); /* its clock stands still: jobs must not care */
  struct job_stats s[JOBS_MAX];
  fast_runs = slow_runs = each_runs = fails = 0;
  CHECK_OK(jobs_start(&x.app, only_test, &x.app.jobs, &x.e), &x.e);
  CHECK(within(&fast_runs, 5, 3000));
  CHECK(within(&fails, 4, 3000));
  CHECK_EQ_I64(seen(&slow_runs), 0);
  jobs_wake(x.app.jobs, "slow");
  CHECK(within(&slow_runs, 1, 3000));
  CHECK_EQ_I64(jobs_stats(x.app.jobs, s, JOBS_MAX), 4);
  CHECK_STR(s[3].name, "failing");
  CHECK_EQ_I64(s[3].failures, 2);
  CHECK(!s[3].failing && s[3].runs >= 3);
  x.app.jobs = jobs_stop(x.app.jobs);
  const int after = seen(&fast_runs);
  usleep(60000);
  CHECK_EQ_I64(seen(&fast_runs), after);
}

/* Two servers on one PostgreSQL database: the jobs run on one, and go over when it stops. On
 * SQLite there is one server. */
TEST_BOTH(one_server_runs_the_jobs) {
  APP(x);
  struct jobs *one = NULL, *two = NULL;
  slow_runs = each_runs = 0;
  fails = 10;
  CHECK_OK(jobs_create(&x.app, only_test, &one, &x.e), &x.e);
  CHECK_OK(jobs_create(&x.app, only_test, &two, &x.e), &x.e);
  const bool shared = store_engine(x.app.store) == ENGINE_POSTGRES;
  int r = jobs_run_due(one, true, &x.e);
  if (r == 0) r = jobs_run_due(two, true, &x.e);
  const int slow_then = slow_runs, each_then = each_runs;
  const bool led[] = {jobs_leading(one), jobs_leading(two)};
  one = jobs_stop(one);
  struct jobs *three = NULL;
  if (r == 0) r = jobs_create(&x.app, only_test, &three, &x.e);
  if (r == 0) r = jobs_run_due(three, true, &x.e);
  const bool took_over = three && jobs_leading(three);
  jobs_stop(two);
  jobs_stop(three);
  CHECK_OK(r, &x.e);
  CHECK(led[0] && led[1] == !shared);
  CHECK_EQ_I64(slow_then, shared ? 1 : 2);
  CHECK_EQ_I64(each_then, 2);
  CHECK(took_over);
}

TEST_BOTH(names_are_unique) {
  APP(x);
  static const struct module *const twice[] = {&test_module, &test_module, NULL};
  struct jobs *j = NULL;
  CHECK(jobs_create(&x.app, twice, &j, &x.e) == -E_BUG);
  CHECK_STR(x.e.field, "fast");
}

TEST_BOTH(old_receipts_go) {
  APP(x);
  CHECK_OK(fx_script(&x, store_engine(x.app.store) == ENGINE_SQLITE
                             ? "INSERT INTO receipt (id, digest, status, at_ms) VALUES "
                               "(x'00000000000000000000000000000001', x'00', 200, 1), "
                               "(x'00000000000000000000000000000002', x'00', 200, 1588930200000)"
                             : "INSERT INTO receipt (id, digest, status, at_ms) VALUES "
                               "('00000000-0000-0000-0000-000000000001', '\\x00', 200, 1), "
                               "('00000000-0000-0000-0000-000000000002', '\\x00', 200, "
                               "1588930200000)"),
           &x.e);
  const int64_t before = fx_count(&x, "SELECT count(*) FROM receipt");
  CHECK_OK(jobs_create(&x.app, modules, &x.app.jobs, &x.e), &x.e);
  CHECK_OK(jobs_run_due(x.app.jobs, true, &x.e), &x.e);
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM receipt"), before - 1);
}
