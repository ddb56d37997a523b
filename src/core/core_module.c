#include "core/core_module.h"
#include "base/log.h"
#include "core/jobs.h"
#include "core/operation.h"
#include "core/settings.h"
#include "core/verify.h"

/* A phone that lay in a drawer hands in what it holds, and must not be counted twice. */
#define RECEIPTS_KEPT_MS (60 * MS_DAY)
enum { PURGE_ROWS = 2000, PURGE_ROUNDS = 25 };

/* ---- jobs ---- */

QUERY(
    q_receipts_purge,
    "DELETE FROM receipt WHERE id IN "
    "(SELECT id FROM receipt WHERE at_ms < $1 ORDER BY at_ms LIMIT 2000)"); /* limit: asked again */

struct purge {
  int64_t before_ms, gone;
};
static int purge_run(struct tx *tx, void *arg, struct err *e) {
  struct purge *p = arg;
  return tx_exec(tx, &q_receipts_purge, P(V_I64(p->before_ms)), &p->gone, e);
}
static const struct cmd_class purge_cmd = {.name = "receipts_purge", .run = purge_run};

/* A few at a time: what remains goes in the next run. */
static int purge_receipts(struct job_run *run, struct err *e) {
  struct app *app = run->app;
  struct purge p = {.before_ms = clock_now_ms(&app->clock) - RECEIPTS_KEPT_MS};
  for (int i = 0; i < PURGE_ROUNDS; i++) {
    int r = writer_run(app->writer, &purge_cmd, &p, CMD_BULK, e);
    if (r < 0 || p.gone < PURGE_ROWS) return r;
  }
  return 0;
}

/* ---- snapshots ---- */

/* Sessions are kept by auth, which says itself whose are stale. */
static bool sessions_moved(struct app *app, struct tx *tx) {
  return auth_look(app->auth, tx);
}
static const struct snapshot_type sessions_snapshot = {.name = "sessions", .moved = sessions_moved};
static const struct snapshot_type *const snapshots[] = {
    &tree_snapshot, &operations_snapshot, &settings_snapshot, &sessions_snapshot, NULL};

static const struct job jobs[] = {{"receipts", MS_HOUR, purge_receipts, 0}, {0}};

/* ---- settings, rights ---- */

static const struct setting settings[] = {
    {"public_url", SETTING_TEXT, .max = 200, .zh = "本系统对外地址（https://…），用于消息中的链接",
     .en = "Public address of this installation, for links in messages"},
    {0}};

static const char *const rights[] = {"setting.manage", "metrics.see", NULL};
static const struct role_grant grants[] = {{"sysadmin", "setting.manage metrics.see"}, {0}};

const struct module core_module = {MODULE("core", "基础", "Core"),
                                   .jobs = jobs,
                                   .grants = grants,
                                   .rights = rights,
                                   .settings = settings,
                                   .snapshots = snapshots,
                                   .declare = settings_init,
                                   .checks = core_checks};
