/* The job that says so when jobs fail: one alarm for each that does, in the operation concerned
 * (those that are of none, in the first open one), cleared when it works again. */
#ifndef NOTIFY_JOB_WATCH_H
#define NOTIFY_JOB_WATCH_H

#include "core/jobs.h"

extern const struct alarm_type alarm_job;
_must_check_ int jobs_watch(struct job_run *run, struct err *e);

#endif
