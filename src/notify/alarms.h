/* Alarms (fever, no-show, low stock …): one mechanism for all areas. An area declares a type as a
 * table row and calls alarm_raise from an apply hook or a job, within the transaction of what
 * caused it; a cause is raised once while it stands. An alarm is a record of kind `alarm`:
 * acknowledged and closed through its transitions, escalated one level up the tree for each
 * escalate_ms that nobody acknowledges it. Nothing is kept in memory but the types. */
#ifndef NOTIFY_ALARMS_H
#define NOTIFY_ALARMS_H

#include "core/app.h"

enum {
  ALARM_CODE,
  ALARM_UNIT,
  ALARM_ESCALATED_TO,
  ALARM_SEVERITY,
  ALARM_SUBJECT_KIND,
  ALARM_SUBJECT_ID,
  ALARM_SUBJECT,
  ALARM_VALUE,
  ALARM_CAUSE,
  ALARM_OPEN_CAUSE,
  ALARM_OWNER_ROLE,
  ALARM_OWNER_UNIT,
  ALARM_RAISED_AT,
  ALARM_DUE_AT,
  ALARM_ESCALATIONS,
  ALARM_ACKNOWLEDGED_BY,
  ALARM_ACKNOWLEDGED_AT,
  ALARM_CLOSED_AT,
  ALARM_MAILED_AT,
  ALARM_NOTE,
  ALARM_FIELDS_
};
extern const struct kind alarm_kind;

struct alarms;
/* All types of all modules (their rows: rows.c). Before app_open. */
_must_check_ int alarms_init(const struct module *const *list, struct err *e);
const struct alarm_type *alarm_type_by_code(struct str code);
const struct alarm_type *alarm_type_at(size_t i); /* NULL behind the last */
_must_check_ int alarms_open(struct app *app, struct alarms **ret_alarms, struct err *e);
struct alarms *alarms_close(struct alarms *al);

struct alarm {
  const struct alarm_type *type;
  int64_t op;
  int32_t unit;
  /* What it is about: a record, or something else by a name of its own (a channel, say). */
  const struct kind *subject_kind; /* NULL where no record */
  struct uuid subject_id;
  struct str cause;       /* where no record */
  struct str cause_value; /* of a record: what the cause is worth, a date say; may be empty */
  struct str subject;     /* {subject}: a title without personal data beyond a name */
  struct str value;       /* {value} */
  int64_t due_ms;         /* it climbs then; 0: after the type's term */
};
/* Inside a transaction. Who acts, the arena and the time come from `by`, the change that caused
 * it, or from the viewer where there is none (jobs). A cause is (type, record or name, value): it
 * is raised once as long as it stands, also where a person has closed the alarm meanwhile. Another
 * value is another cause: what stood for the earlier one ends. *ret_id (may be NULL) gets the
 * alarm's id, also of the one that was there; *ret_new (may be NULL) says which. */
_must_check_ int alarm_raise(struct tx *tx, struct change *by, const struct alarm *al,
                             struct uuid *ret_id, bool *ret_new, struct err *e);
_must_check_ int alarm_raise_as(struct tx *tx, struct registry *en, const struct viewer *v,
                                struct arena *a, const struct alarm *al, struct uuid *ret_id,
                                bool *ret_new, struct err *e);
/* The cause is gone, whatever its value was: type and record (or cause) are looked at. What is open
 * is closed; what a person closed may be raised again. */
_must_check_ int alarm_clear(struct tx *tx, struct change *by, const struct alarm *al,
                             struct err *e);
_must_check_ int alarm_clear_as(struct tx *tx, struct registry *en, const struct viewer *v,
                                struct arena *a, const struct alarm *al, struct err *e);
/* Does an open alarm stand for the cause? And its {value} as it is now, where it is still open. */
_must_check_ int alarm_stands(struct tx *tx, const struct viewer *v, struct arena *a,
                              const struct alarm *al, bool *ret_stands, struct err *e);
_must_check_ int alarm_revalue_as(struct tx *tx, struct registry *en, const struct viewer *v,
                                  struct arena *a, const struct alarm *al, struct err *e);
/* Clears for a record of any operation; code NULL: whatever stands for it. */
_must_check_ int alarms_end(struct tx *tx, const struct change *by, const struct record *rec,
                            const char *code, struct err *e);
/* The sentence of an alarm, with {subject} and {value} filled in; a person's name is masked, since
 * it goes to wherever the alarm is sent. */
struct str alarm_text(struct arena *a, const struct record *alarm, bool zh);

extern const struct message_topic topic_alarm;

/* The job, for each open operation: whatever was due for escalation goes one level up. */
struct job_run;
_must_check_ int alarms_escalate(struct job_run *run, struct err *e);

#endif
