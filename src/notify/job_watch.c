#include "notify/job_watch.h"
#include "notify/alarms.h"
#include "core/operation.h"

const struct alarm_type alarm_job = {.no = 70,
                                     .code = "job.failing",
                                     .zh = "后台作业{subject}有处理失败：{value}",
                                     .en = "Background job {subject} fails: {value}",
                                     .owner_role = "city_duty",
                                     .escalate_ms = 0,
                                     .severity = 2};

struct watching {
  struct job_run *run;
  struct job_failing failing[2 * JOBS_MAX];
  size_t n;
  struct job_stats stats[JOBS_MAX];
  size_t n_stats;
};

static const struct job_failing *failing(const struct watching *w, const char *name) {
  for (size_t i = 0; i < w->n; i++)
    if (strcmp(w->failing[i].name, name) == 0) return &w->failing[i];
  return NULL;
}

static int say_run(struct tx *tx, void *arg, struct err *e) {
  struct watching *w = arg;
  const struct viewer *v = w->run->viewer;
  struct registry *en = &w->run->app->registry;
  struct arena *a = w->run->a;
  int r = 0;
  for (size_t i = 0; i < w->n_stats && r >= 0; i++) {
    const struct str name = str_from(w->stats[i].name);
    const struct job_failing *f = failing(w, w->stats[i].name);
    if (!f) {
      const struct alarm well = {.type = &alarm_job, .cause = name};
      r = alarm_clear_as(tx, en, v, a, &well, e);
      continue;
    }
    const struct alarm al = {
        .type = &alarm_job,
        .op = v->op,
        .unit = unit_root(v->tree),
        .subject = name,
        .value = f->rows ? arena_printf(a, "%lld × %s", (long long)f->rows, err_name(f->code))
                         : str_from(err_name(f->code)),
        .cause = name};
    r = alarm_raise_as(tx, en, v, a, &al, NULL, NULL, e);
  }
  return r;
}
static const struct cmd_class say_cmd = {.name = "jobs_watch", .run = say_run};

int jobs_watch(struct job_run *run, struct err *e) {
  struct watching *w = arena_new(run->a, struct watching);
  struct jobs *jobs = run->app->jobs;
  int64_t ops[OPERATIONS_MAX];

  if (!jobs || !unit_root(run->viewer->tree)) return 0;
  w->run = run;
  w->n = jobs_failing(jobs, run->viewer->op, w->failing, JOBS_MAX);
  if (operations_open(run->app, ops) && ops[0] == run->viewer->op)
    w->n += jobs_failing(jobs, 0, w->failing + w->n, JOBS_MAX);
  w->n_stats = jobs_stats(jobs, w->stats, JOBS_MAX);
  return writer_run(run->app->writer, &say_cmd, w, CMD_NORMAL, e);
}
