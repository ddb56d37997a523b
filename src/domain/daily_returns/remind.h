/* What returns say of themselves as a duty: the words of reminders and of the list of who is
 * missing, and the link that goes with them. Static; what is made lies in the arena given. */
#ifndef DOMAIN_DAILY_RETURNS_REMIND_H
#define DOMAIN_DAILY_RETURNS_REMIND_H

#include "domain/daily_returns/daily_return.h"

extern const struct message_topic topic_return_reminder, topic_returns_missing;
extern const struct alarm_type alarm_returns_missing;

/* The enterprise's own page; empty where the public address is not set. */
struct str remind_link(struct app *app, struct arena *a, const struct viewer *v,
                       const struct record *enterprise);

#endif
