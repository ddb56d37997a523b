/* Where one who is missing can be reached, by the rows of the contacts: at most two. Addresses are
 * opened in memory and lie in the arena given; inside the transaction of the message. */
#ifndef DOMAIN_DAILY_RETURNS_REACH_H
#define DOMAIN_DAILY_RETURNS_REACH_H

#include "domain/daily_returns/daily_return.h"

enum { REACH_MAX = 2 };
struct reach {
  struct str to; /* "sms:138…", "smtp:…" */
  enum message_language language;
};
/* None where the setting says that nobody is told. */
_must_check_ int reach_of(struct tx *tx, struct app *app, struct arena *a,
                          const struct record *enterprise, int32_t day, struct reach out[REACH_MAX],
                          size_t *ret_n, struct err *e);

#endif
