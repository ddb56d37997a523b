/* The reminder to whoever a record names as its owner (`struct owner` with a responder): a text
 * message before what is due is due, once for each time that it is to be done by. The rows are made
 * once at start and read-only afterwards; texts live in the arena of the job's batch. */
#ifndef NOTIFY_OWNER_REMIND_H
#define NOTIFY_OWNER_REMIND_H

#include "notify/topics.h"

/* Every kind's owner row that names a responder and a time. After kinds_init. */
_must_check_ int owners_init(struct err *e);
/* The job, for each open operation. What is due on a day is said that morning, what is due at a
 * moment the setting's minutes before; nothing with the setting at 0. */
struct job_run;
_must_check_ int owners_remind(struct job_run *run, struct err *e);

extern const struct message_topic topic_work_due;

#endif
