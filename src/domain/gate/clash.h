/* Clashes (冲突): what gates without network could not prevent. Two of them cannot hold a rule
 * together, so what they missed is found when their events arrive, in the order in which things
 * happened, and shown to a person with both sides; nothing is merged silently.
 *
 * A clash is a function of the events as they are known: a late event may make one, or explain one
 * away (it clears itself then, unless a person has dealt with it). Found by a job that follows each
 * community's change numbers (clash_follow.c), off the hot path. Tables are static; the job's
 * functions run on the jobs' thread and write through the writer. */
#ifndef DOMAIN_GATE_CLASH_H
#define DOMAIN_GATE_CLASH_H

#include "core/app.h"
#include "core/module.h"

enum {
  CLASH_TYPE,
  CLASH_UNIT,
  CLASH_POST,
  CLASH_PASS,
  CLASH_HOUSEHOLD,
  CLASH_FIRST_EVENT,
  CLASH_SECOND_EVENT,
  CLASH_FIRST_AT,
  CLASH_SECOND_AT,
  CLASH_DEVICE,
  CLASH_DETAIL,
  CLASH_DAY,
  CLASH_FOUND_AT,
  CLASH_CAUSE,
  CLASH_OUTCOME,
  CLASH_NOTE,
  CLASH_FIELDS_
};
extern const struct kind clash_kind;
extern const struct indicator ind_clashes;
extern const struct alarm_type alarm_double_use, alarm_second_exit, alarm_revoked_used,
    alarm_clock_wrong, alarm_overdue;
/* Where the job stands in each community, and who is out with a household's pass. */
extern const struct table_def clash_tables[3];

/* The jobs. One looks at what has arrived since its last run; the other, for an operation, raises
 * once each household pass that is out for longer than allowed. */
struct job_run;
_must_check_ int clash_follow(struct job_run *run, struct err *e);
_must_check_ int clash_overdue(struct job_run *run, struct err *e);
struct verify;
_must_check_ int clash_verify(struct verify *v, struct err *e);

#endif
