#include "notify/alarms.h"
#include "notify/job_watch.h"
#include "core/operation.h"
#include "app_fixture.h"

static int fast_runs, slow_runs, each_runs, fails;
static int fast(struct job_run *run, struct err *e) {
  (void)run, (void)e;
  __atomic_add_fetch(&fast_runs, 1, __ATOMIC_SEQ_CST);
  return 0;
}
static int slow(struct job_run *run, struct err *e) {
  (void)run, (void)e;
  __atomic_add_fetch(&slow_runs, 1, __ATOMIC_SEQ_CST);
  return 0;
}
static int each(struct job_run *run, struct err *e) {
  (void)run, (void)e;
  __atomic_add_fetch(&each_runs, 1, __ATOMIC_SEQ_CST);
  return 0;
}
static int failing(struct job_run *run, struct err *e) {
  (void)run;
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
const struct module *const modules[] = {LAYER_MODULES, &test_module, NULL};
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

/* ---- rows ---- */

QUERY(q_rows, "SELECT n, words FROM job_trial WHERE n > $1 ORDER BY n LIMIT $2");
QUERY(q_done, "INSERT INTO job_trial_done (n, op) VALUES ($1, $2) ON CONFLICT DO NOTHING");

static int64_t bad[2]; /* rows that fail */
static int64_t walk_ms, row_sleep_us;
static int row(struct tx *tx, struct job_row *row_, struct err *e) {
  const int64_t n = row_->v[0].i;
  if (!str_is(row_->v[1].s, "w")) return err_set(e, E_BUG, "another column");
  if (row_sleep_us) usleep((useconds_t)row_sleep_us);
  int r = tx_exec(tx, &q_done, P(V_I64(n), V_I64(row_->run->viewer->op)), NULL, e);
  if (r == 0 && (n == bad[0] || n == bad[1])) return err_set(e, E_INVALID, "a row meant to fail");
  return r;
}
static int walk(struct job_run *run, struct err *e) {
  const struct job_walk w = {
      .name = "walk", .q = &q_rows, .columns = "it", .row = row, .ms = walk_ms};
  return job_each(run, &w, P_NONE, e);
}
static int breaks_in_one(struct job_run *run, struct err *e) {
  return run->viewer->op == 1 ? err_set(e, E_STATE, "this operation is meant to fail")
                              : walk(run, e);
}
static const struct job row_jobs[] = {{"rows", MS_HOUR, walk, JOB_PER_OPERATION},
                                      {"watch", MS_HOUR, jobs_watch, JOB_PER_OPERATION},
                                      {0}};
static const struct job breaking_jobs[] = {{"breaks", MS_HOUR, breaks_in_one, JOB_PER_OPERATION},
                                           {0}};
static const struct module row_module = {.name = "rows", .jobs = row_jobs},
                           breaking_module = {.name = "breaks", .jobs = breaking_jobs};
static const struct module *const rows_list[] = {&row_module, NULL}, *const breaking_list[] = {
                                                                         &breaking_module, NULL};

static int make_rows(struct app_fixture *x, int n) {
  char sql[200];
  snprintf(sql, sizeof sql,
           "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d) "
           "INSERT INTO job_trial SELECT i, 'w' FROM s",
           n);
  bad[0] = bad[1] = walk_ms = row_sleep_us = 0;
  int r = fx_script(x, "CREATE TABLE job_trial (n BIGINT PRIMARY KEY, words TEXT);"
                       "CREATE TABLE job_trial_done (n BIGINT, op BIGINT, PRIMARY KEY (n, op))");
  return r < 0 ? r : fx_script(x, sql);
}

#define DONE(x, op) fx_count(&(x), "SELECT count(*) FROM job_trial_done WHERE op = " op)
#define ALARMS(x, state)                                                                           \
  fx_count(&(x), "SELECT count(*) FROM alarm WHERE code = 'job.failing' AND state " state)

TEST_BOTH(a_row_that_fails_stops_no_other_and_is_said_once) {
  APP(x);
  struct job_stats s[JOBS_MAX];
  CHECK_OK(make_rows(&x, 250), &x.e);
  CHECK_OK(jobs_create(&x.app, rows_list, &x.app.jobs, &x.e), &x.e);
  bad[0] = 3;
  bad[1] = 207;
  for (int i = 0; i < 2; i++) CHECK_OK(jobs_run_due(x.app.jobs, true, &x.e), &x.e);
  CHECK_EQ_I64(DONE(x, "1"), 248); /* what a failed row had written is undone */
  CHECK_EQ_I64(jobs_stats(x.app.jobs, s, JOBS_MAX), 2);
  CHECK_EQ_I64(s[0].rows, 500);
  CHECK_EQ_I64(s[0].rows_failed, 4);
  CHECK_EQ_I64(s[0].rows_failing, 2);
  CHECK(s[0].failing && s[0].failures == 0);
  CHECK_EQ_I64(ALARMS(x, "= 'open'"), 1);
  /* one works again, the other is gone */
  bad[0] = 0;
  CHECK_OK(fx_script(&x, "DELETE FROM job_trial WHERE n = 207"), &x.e);
  CHECK_OK(jobs_run_due(x.app.jobs, true, &x.e), &x.e);
  CHECK_EQ_I64(DONE(x, "1"), 249);
  jobs_stats(x.app.jobs, s, JOBS_MAX);
  CHECK(!s[0].failing && s[0].rows_failing == 0);
  CHECK_EQ_I64(ALARMS(x, "= 'open'"), 0);
  CHECK_EQ_I64(ALARMS(x, "= 'closed'"), 1);
}

TEST_BOTH(by_hand_the_first_row_s_error_is_returned_after_all_had_their_turn) {
  APP(x);
  CHECK_OK(make_rows(&x, 120), &x.e);
  bad[0] = 1;
  CHECK(job_by_hand(&x.app, x.a, 1, walk, &x.e) == -E_INVALID);
  CHECK_EQ_I64(DONE(x, "1"), 119);
}

TEST_BOTH(a_walk_cut_short_goes_on_where_it_was_and_begins_anew) {
  APP(x);
  CHECK_OK(make_rows(&x, 250), &x.e);
  CHECK_OK(jobs_create(&x.app, rows_list, &x.app.jobs, &x.e), &x.e);
  walk_ms = 1;
  row_sleep_us = 50;
  bad[0] = 5;
  static const int64_t after[] = {99, 199, 249, 249};
  for (size_t i = 0; i < ARRAY_LEN(after); i++) {
    CHECK_OK(jobs_run_due(x.app.jobs, true, &x.e), &x.e);
    CHECK_EQ_I64(DONE(x, "1"), after[i]);
    CHECK_EQ_I64(ALARMS(x, "= 'open'"), 1); /* also while the walk is elsewhere */
  }
}

TEST_BOTH(every_open_operation_has_its_turn) {
  APP(x);
  CHECK_OK(make_rows(&x, 3), &x.e);
  CHECK_OK(fx_operations(&x, 2), &x.e);
  CHECK_OK(jobs_create(&x.app, rows_list, &x.app.jobs, &x.e), &x.e);
  CHECK_OK(jobs_run_due(x.app.jobs, true, &x.e), &x.e);
  CHECK(DONE(x, "1") == 3 && DONE(x, "2") == 3);
}

TEST_BOTH(an_operation_that_fails_stops_no_other) {
  APP(x);
  struct job_failing now[2];
  CHECK_OK(make_rows(&x, 3), &x.e);
  CHECK_OK(fx_operations(&x, 2), &x.e);
  CHECK_OK(jobs_create(&x.app, breaking_list, &x.app.jobs, &x.e), &x.e);
  CHECK(jobs_run_due(x.app.jobs, true, &x.e) == -E_STATE);
  CHECK_EQ_I64(DONE(x, "2"), 3);
  CHECK_EQ_I64(jobs_failing(x.app.jobs, 1, now, 2), 1);
  CHECK(now[0].rows == 0 && now[0].code == E_STATE);
  CHECK_EQ_I64(jobs_failing(x.app.jobs, 2, now, 2), 0);
}
