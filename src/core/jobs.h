/* Background work: one thread that runs the modules' job rows, each bounded by its own arena and
 * its own good manners. The cadence follows the monotonic clock, so that a drill's or the
 * demonstration's clock never starves a job; what a job regards as "now" is its viewer's. Where
 * several servers share one PostgreSQL database, the rows without JOB_EACH run on the one that
 * holds the lease.
 *
 * A job that goes over records does so by job_each(): each row is a command in a savepoint of its
 * own, so that one that fails is logged, counted and alarmed once, and the others go on. */
#ifndef CORE_JOBS_H
#define CORE_JOBS_H

#include "core/app.h"

enum { JOBS_MAX = 64 };

struct job_state; /* core/job_rows.c: what one job remembers of one operation */
struct job_run {
  struct app *app;
  struct arena *a; /* of this run */
  /* The system's viewer: of the operation with JOB_PER_OPERATION; else of the only open one, and
   * with op 0 where none or several are open. */
  struct viewer *viewer;
  struct job_state *state; /* NULL: run by hand */
};

/* Rows by their key. The last two parameters of the query are the key behind which it begins and
 * how many rows are wanted: "… AND a.id > $4 ORDER BY a.id LIMIT $5". */
struct job_row {
  struct job_run *run;
  struct arena *a;     /* of this batch of rows */
  const struct val *v; /* the columns, the key first */
  void *arg;
};
struct job_walk {
  const char *name; /* among the walks of this job */
  const struct query *q;
  const char *columns; /* a letter each: u uuid, i number, t text; the first is the key */
  /* One of them. A command of the writer, which may run again and finds what has changed since the
   * row was read; or on the job's own thread, with transactions of its own. */
  int (*row)(struct tx *tx, struct job_row *row, struct err *e);
  int (*on_worker)(struct job_row *row, struct err *e);
  void *arg;
  int64_t part; /* tells walks of one name apart that go over other rows (a day, say) */
  int64_t ms;   /* 0: JOB_WALK_MS */
};
/* Goes over all rows, for JOB_WALK_MS at most: what is left is gone on with in the next run, which
 * comes at once, from the key that was reached. A row that fails is noted and the walk goes on; it
 * ends only with what no row is to blame for (no database, a full disk). By hand there is no limit
 * of time, and the first row's error is returned after all have had their turn. */
#define JOB_WALK_MS (2 * MS_SECOND)
_must_check_ int job_each(struct job_run *run, const struct job_walk *w, const struct val *params,
                          size_t n, struct err *e);

/* So far no row of this run failed, and none is left for the next. */
bool job_run_clean(const struct job_run *run);

struct jobs;
/* Jobs of all modules. */
_must_check_ int jobs_start(struct app *app, const struct module *const *list,
                            struct jobs **ret_jobs, struct err *e);
/* Ends after the rows under way. */
struct jobs *jobs_stop(struct jobs *j);
/* Runs every job that is due now, on the caller's thread; for tests and the command line. `all`
 * runs those not due as well. Not beside a running thread. */
_must_check_ int jobs_run_due(struct jobs *j, bool all, struct err *e);
/* The same structure without a thread. */
_must_check_ int jobs_create(struct app *app, const struct module *const *list,
                             struct jobs **ret_jobs, struct err *e);
/* The next run of that job comes at once (a message was queued, say). Any thread; not waiting. */
void jobs_wake(struct jobs *j, const char *name);
/* One job's function by hand, on the caller's thread; op 0: as without JOB_PER_OPERATION. */
_must_check_ int job_by_hand(struct app *app, struct arena *a, int64_t op,
                             int (*run)(struct job_run *run, struct err *e), struct err *e);

struct job_stats {
  const char *name;
  int64_t runs, failures, last_us, max_us, last_ok_ms; /* last_ok_ms by the machine's clock */
  int64_t rows, rows_failed, rows_failing;             /* since the start; and now */
  bool failing;                                        /* the last run, or rows of it */
};
size_t jobs_stats(struct jobs *j, struct job_stats *out, size_t max);
/* The jobs that fail for the operation now (0: those that are not of one). */
struct job_failing {
  const char *name;
  int64_t rows; /* 0: the run as a whole */
  int code;     /* of the latest */
};
size_t jobs_failing(struct jobs *j, int64_t op, struct job_failing *out, size_t max);
/* Does this process hold the lease (always, on SQLite)? */
bool jobs_leading(const struct jobs *j);

#endif
