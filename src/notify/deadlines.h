/* Deadlines of records (`struct deadline` in the kind's table): a job raises the alarm of what is
 * over, an observer of changes ends it when the record moves on. Also the climbing of alarms from
 * unit to unit. The list of rows is made once at start and read-only afterwards; records and texts
 * live in the caller's arena. */
#ifndef NOTIFY_DEADLINES_H
#define NOTIFY_DEADLINES_H

#include "notify/alarms.h"

/* Every kind's rows, checked against the alarm types, policy keys and kinds of unit. */
_must_check_ int deadlines_init(struct err *e);
/* The job, for each open operation. */
struct job_run;
_must_check_ int deadlines_run(struct job_run *run, struct err *e);

/* Observer of changes: ends what stood for a record that moved on, got another date, or is retired
 * (also by a merge). */
_must_check_ int alarms_follow(struct tx *tx, const struct change *c, const struct record *old,
                               const struct record *rec, void *arg, struct err *e);

/* Where an alarm goes when its term is over, and when again; 0 where it goes no further. `units`
 * are the unit at which it stands and those above, nearest first. */
struct climb {
  int32_t up;
  int64_t again_ms;
};
struct climb alarm_climb(const struct record *alarm, const struct viewer *v, const int32_t *units,
                         size_t n);

#endif
