/* A return that comes back for correction is told to those whom a reminder would reach, in the
 * transaction that sends it back; all in the change's arena. */
#ifndef DOMAIN_DAILY_RETURNS_SENT_BACK_H
#define DOMAIN_DAILY_RETURNS_SENT_BACK_H

#include "domain/daily_returns/daily_return.h"

extern const struct message_topic topic_return_sent_back;
applied_fn return_sent_back;

#endif
