#include "figures/figures_module.h"
#include "core/verify.h"
#include "core/settings.h"
#include "figures/figures_inner.h"
#include "core/jobs.h"

static int open(struct app *app, struct err *e) {
  int r = figures_open(app, &app->figures, e);
  if (r < 0) return r;
  app->registry.observers[app->registry.n_observers++] =
      (struct change_observer){.changed = figures_changed, .arg = app->figures};
  return 0;
}

static void close(struct app *app) {
  app->figures = figures_close(app->figures);
}

static int start(struct app *app, struct err *e) {
  return app->read_only ? 0 : figures_count_new(app, e);
}

static int check_figures(struct verify *v, struct err *e) {
  int64_t checked = 0, wrong = 0;
  int r = figures_verify(v->app, v->tx, v->out, &checked, &wrong, e);
  v->checked += checked;
  v->wrong += wrong;
  return r;
}
static const struct verify_check checks[] = {
    {"figures", "指标", "figures, recomputed from the records", check_figures}, {0}};

/* Above the leaves, what commits have left to be added there. */
static int roll_up(struct job_run *run, struct err *e) {
  int64_t behind = 0;
  do {
    {
      _cleanup_(tx_endp) struct tx *tx = NULL;
      int r = store_read(run->app->store, &tx, e);
      if (r >= 0) r = figures_behind(tx, &behind, e);
      if (r < 0 || behind == 0) return r;
    }
    int r = writer_run(run->app->writer, &figures_roll_cmd, run->app->figures, CMD_NORMAL, e);
    if (r < 0) return r;
  } while (behind > ROLL_COMMITS);
  return 0;
}
static const struct job jobs[] = {{"figures_roll_up", MS_SECOND, roll_up, 0}, {0}};
static const struct setting settings[] = {
    {"figures.roll_up_after_commit", SETTING_BOOL, .max = 1,
     .zh = "统计数在提交之后逐级汇总（多台服务器时）",
     .en = "Figures are rolled up after the commit (several servers)"},
    {0}};
static const char *const rights[] = {"figure.read", NULL};
static const struct role_grant grants[] = {
    {"city_duty", "figure.read"},   {"district_duty", "figure.read"},
    {"coordinator", "figure.read"}, {"lead", "figure.read"},
    {"secondee", "figure.read"},    {"store", "figure.read"},
    {"books", "figure.read"},       {0}};

const struct module figures_module = {MODULE("figures", "指标", "Figures"),
                                      .grants = grants,
                                      .rights = rights,
                                      .jobs = jobs,
                                      .settings = settings,
                                      .checks = checks,
                                      .declare = indicators_init,
                                      .part = &figures_part,
                                      .part_place = PART_FIGURES,
                                      .open = open,
                                      .close = close,
                                      .start = start};
