/* Consolidation (汇总): a level checks its day, a second person accepts it, and it is locked with
 * the figures as they stand. Static tables; hooks run inside the transaction of their change. */
#ifndef DOMAIN_DAILY_RETURNS_CONSOLIDATION_H
#define DOMAIN_DAILY_RETURNS_CONSOLIDATION_H

#include "domain/daily_returns/daily_return.h"

enum {
  LOCK_UNIT,
  LOCK_CODE,
  LOCK_DAY,
  LOCK_TOTALS,
  LOCK_LOCKED_AT,
  LOCK_NOTE,
  LOCK_DUE_AT,
  LOCK_LATE,
  LOCK_FIELDS_
};
extern const struct kind consolidation_kind;

/* Has a level above locked the figures of this return's day? */
_must_check_ int return_locked(struct tx *tx, const struct viewer *v, const struct record *row,
                               bool *ret_locked, struct err *e);

#endif
