/* Reminders: who is missing is told at set hours before and after the deadline, and nobody else;
 * what is queued for somebody who meanwhile reports is withdrawn by the outbox's own question
 * (topic_return_reminder.wanted). At a set hour the unit's coordinator learns the names of those
 * missing. That a reminder went out is a row of return_reminder, so none goes twice. Jobs run on
 * their own thread; all memory is the job's. */
#ifndef DOMAIN_ENTERPRISES_REMIND_H
#define DOMAIN_ENTERPRISES_REMIND_H

#include "app/alarms.h"
#include "app/settings.h"
#include "app/topics.h"
#include "domain/enterprises/returns.h"

extern const struct table_def reminder_tables[3];
extern const struct message_topic topic_return_reminder, topic_returns_missing,
    topic_return_sent_back;
extern const struct alarm_type alarm_returns_missing;
extern const struct setting return_settings[]; /* return_settings.c */
_must_check_ int returns_remind(struct app *app, struct arena *a, struct err *e);

/* Where one who is missing can be reached, by his contacts' own rows: at most two. */
enum { REACH_MAX = 2 };
struct reach {
  struct str to; /* "sms:138…", "smtp:…" */
  enum message_language language;
};
enum reach_by { REACH_ANY, REACH_SMS, REACH_MAIL };
_must_check_ int reach_of(struct tx *tx, struct registry *en, struct arena *a,
                          const struct record *enterprise, int32_t day, enum reach_by by,
                          struct reach out[REACH_MAX], size_t *ret_n, struct err *e);

/* How the missing are told; false: not at all. */
bool remind_by(struct app *app, int64_t op, struct arena *a, enum reach_by *ret_by);
/* The enterprise's own page; empty where the public address is not set. */
struct str remind_link(struct app *app, struct arena *a, const struct viewer *v,
                       const struct record *enterprise);

/* In return_reminder: that version N was sent back is slot SLOT_SENT_BACK + N. */
enum { SLOT_SENT_BACK = 100 };

/* One round for one operation at the viewer's moment; remind.c's job calls it for each. */
_must_check_ int remind_round(struct app *app, struct arena *a, const struct viewer *v,
                              struct err *e);

/* Into an open object: "reminders", what has gone out for a row that is due, or null. */
_must_check_ int reminders_write(struct rq *rq, struct tx *tx, const struct record *row,
                                 struct jw *w, struct err *e);

/* The section of an enterprise's page: what went out to it. */
int messages_section(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                     struct err *e);

/* escalate.c */
_must_check_ int returns_escalate(struct app *app, struct arena *a, const struct viewer *v,
                                  const struct return_form *f, int32_t day, struct err *e);
_must_check_ int returns_settle(struct app *app, struct arena *a, const struct viewer *v,
                                struct err *e);

#endif
