/* Staff lines: people of an enterprise who are followed by name (away, back, under observation),
 * from whom the counts of a return are taken. The name is sealed. Static tables; hooks run inside
 * the transaction of their change. */
#ifndef DOMAIN_DAILY_RETURNS_STAFF_LINE_H
#define DOMAIN_DAILY_RETURNS_STAFF_LINE_H

#include "domain/enterprises/enterprise.h"

enum {
  LINE_ENTERPRISE,
  LINE_UNIT,
  LINE_NAME,
  LINE_HUBEI,
  LINE_LEFT_ON,
  LINE_WHERE,
  LINE_PLAN_BACK_ON,
  LINE_BACK_ON,
  LINE_ISOLATING_UNTIL,
  LINE_AT_WORK_ON,
  LINE_ENDED_ON,
  LINE_NOTE,
  LINE_FIELDS_
};
extern const struct kind staff_line_kind;

#endif
