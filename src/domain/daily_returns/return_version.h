/* What was submitted for a daily return, each time: kept as it was, with its receipt number. One
 * that came after the day was locked stands beside the figures. Static tables. */
#ifndef DOMAIN_DAILY_RETURNS_RETURN_VERSION_H
#define DOMAIN_DAILY_RETURNS_RETURN_VERSION_H

#include "domain/daily_returns/daily_return.h"

enum {
  VERSION_RETURN,
  VERSION_UNIT,
  VERSION_NUMBER,
  VERSION_DAY,
  VERSION_CHANNEL,
  VERSION_TAKER,
  VERSION_VALUES,
  VERSION_NIL,
  VERSION_NO_CHANGE,
  VERSION_LATE,
  VERSION_BESIDE,
  VERSION_RECEIPT,
  VERSION_PREVENTION,
  VERSION_NOTE,
  VERSION_WITHDRAWN,
  VERSION_FIELDS_
};
extern const struct kind return_version_kind;

#endif
