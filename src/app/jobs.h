/* Background work: one thread that runs the modules' job rows, each bounded by its own arena and
 * its own good manners. The cadence follows the monotonic clock, so that a drill's or the
 * demonstration's clock never starves a job; what a job regards as "now" is app->clock. Where
 * several servers share one PostgreSQL database, the rows without JOB_EACH run on the one that
 * holds the lease. An error is logged when it first appears or changes, not each time. */
#ifndef APP_JOBS_H
#define APP_JOBS_H

#include "app/app.h"

enum { JOBS_MAX = 64 };

struct jobs;
/* Jobs of all modules; a name used twice is E_BUG. */
_must_check_ int jobs_start(struct app *app, const struct module *const *list,
                            struct jobs **ret_jobs, struct err *e);
/* Ends after the run under way. */
struct jobs *jobs_stop(struct jobs *j);
/* Runs every job that is due now, on the caller's thread; for tests and the command line. `all`
 * runs those not due as well. Not beside a running thread. */
_must_check_ int jobs_run_due(struct jobs *j, bool all, struct err *e);
/* The same structure without a thread. */
_must_check_ int jobs_create(struct app *app, const struct module *const *list,
                             struct jobs **ret_jobs, struct err *e);
/* The next run of that job comes at once (a message was queued, say). Any thread; not waiting. */
void jobs_wake(struct jobs *j, const char *name);

struct job_stats {
  const char *name;
  int64_t runs, failures, last_us, max_us, last_ok_ms; /* last_ok_ms by the machine's clock */
  bool failing;
};
size_t jobs_stats(struct jobs *j, struct job_stats *out, size_t max);
/* Does this process hold the lease (always, on SQLite)? */
bool jobs_leading(const struct jobs *j);

#endif
