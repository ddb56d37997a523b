/* Notes of the calls to enterprises whose return is missing: the outcome, and until when something
 * was promised. Static tables; hooks run inside the transaction of their change. */
#ifndef DOMAIN_DAILY_RETURNS_CHASE_NOTE_H
#define DOMAIN_DAILY_RETURNS_CHASE_NOTE_H

#include "domain/enterprises/enterprise.h"

enum {
  CHASE_ENTERPRISE,
  CHASE_UNIT,
  CHASE_DAY,
  CHASE_OUTCOME,
  CHASE_PROMISE_AT,
  CHASE_NOTE,
  CHASE_BY,
  CHASE_FIELDS_
};
extern const struct kind chase_note_kind;

#endif
