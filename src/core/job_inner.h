/* What jobs.c and job_rows.c share: the memory of one job for one operation. Made and changed by
 * the jobs' thread; `lock` is for those who look from elsewhere. */
#ifndef CORE_JOB_INNER_H
#define CORE_JOB_INNER_H

#include "core/jobs.h"
#include <stdatomic.h>

struct job_state {
  struct job_state *next;
  const char *job;
  int64_t op;
  pthread_mutex_t lock;
  struct failing *failing;
  struct place *places;      /* of walks that were cut short */
  int64_t rows, rows_failed; /* since the start */
  int64_t n_failing;         /* rows, also those that are not kept by name */
  uint32_t pass;             /* counts the runs that saw all rows */
  int64_t nameless;          /* rows that failed in this pass and found no place in `failing` */
  bool cut, failed;          /* in this run: a walk was cut short; a row failed */
  const _Atomic bool *stop;  /* the jobs are to end */
};

struct job_state *job_state_make(const char *job, int64_t op, const _Atomic bool *stop);
struct job_state *job_state_free(struct job_state *st);
void job_run_begins(struct job_state *st);
/* Notes how it went as a whole, and forgets rows that were not seen to fail again. True: another
 * run should come at once. */
bool job_run_ends(struct job_state *st, int r, const struct err *e);
/* The rows that fail now; 0 with *ret_code: the run as a whole. -1: nothing fails. */
/* Adds its rows to the job's. */
void job_state_count(struct job_state *st, struct job_stats *s);
int64_t job_state_failing(struct job_state *st, int *ret_code);

#endif
