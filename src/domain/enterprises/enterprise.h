/* The enterprise's file (企业): one for each, and what its records of other kinds share. What
 * changes the day's totals is written as a resumption_step. Tables are static; hooks run inside the
 * transaction of their change. */
#ifndef DOMAIN_ENTERPRISES_ENTERPRISE_H
#define DOMAIN_ENTERPRISES_ENTERPRISE_H

#include "core/module.h"

enum {
  ENTERPRISE_NAME,
  ENTERPRISE_CREDIT_CODE,
  ENTERPRISE_UNIT,
  ENTERPRISE_BUILDING,
  ENTERPRISE_ROOM,
  ENTERPRISE_REGISTERED_ADDRESS,
  ENTERPRISE_ADDRESS,
  ENTERPRISE_AREA,
  ENTERPRISE_INDUSTRY,
  ENTERPRISE_HEADCOUNT,
  ENTERPRISE_CONTACT,
  ENTERPRISE_PHONE,
  ENTERPRISE_CALLER,
  ENTERPRISE_UNION,
  ENTERPRISE_REGISTERED_ON,
  ENTERPRISE_PLANNED_ON,
  ENTERPRISE_RESUMED_ON,
  ENTERPRISE_GUIDED_ON,
  ENTERPRISE_CLOSED_ON,
  ENTERPRISE_EFFECTIVE_ON,
  ENTERPRISE_LINK_SERIAL,
  ENTERPRISE_NOTE,
  ENTERPRISE_SHORT_NAMES,
  ENTERPRISE_FIELDS_
};
extern const struct kind enterprise_kind;

/* What hangs on an enterprise names it in its field 0 and stands where it stands, field 1. */
#define OF_ENTERPRISE(number, ...)                                                                 \
  {                                                                                                \
    .no = (number), .name = "enterprise", .type = FT_REF, .ref = "enterprise",                     \
    .flags = FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_INDEX __VA_ARGS__, .zh = "企业",          \
    .en = "Enterprise"                                                                             \
  }
#define ITS_UNIT(number)                                                                           \
  {                                                                                                \
    .no = (number), .name = "unit", .type = FT_UNIT, .flags = FF_SYSTEM | FF_SCOPE | FF_FILTER,    \
    .zh = "所在街道（社区）", .en = "Place"                                                        \
  }
apply_fn of_enterprise_apply;

/* POST hazards/:id/register {…the enterprise's fields}: gaps.c */
int gap_register(struct rq *rq, struct err *e);

#endif
