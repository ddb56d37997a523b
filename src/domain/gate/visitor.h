/* Visitors (访客): who comes to whom, answers three questions at the gate, is measured, and leaves
 * again. Registered beforehand by the desk (expected), or at the gate by the worker who looks at
 * him: a visitor made with a post stands there already and is inside at once, or refused. Tables
 * are static; the hooks run inside transactions. */
#ifndef DOMAIN_GATE_VISITOR_H
#define DOMAIN_GATE_VISITOR_H

#include "core/module.h"

enum {
  VISITOR_UNIT,
  VISITOR_POST,
  VISITOR_HOUSEHOLD,
  VISITOR_NAME,
  VISITOR_SEX,
  VISITOR_PHONE,
  VISITOR_CITIZEN_ID,
  VISITOR_PLATE,
  VISITOR_PARTY,
  VISITOR_FROM,
  VISITOR_BEEN_EPIDEMIC,
  VISITOR_CLOSE_CONTACT,
  VISITOR_SYMPTOMS,
  VISITOR_REASON,
  VISITOR_RELATION,
  VISITOR_TEMPERATURE,
  VISITOR_OUTCOME,
  VISITOR_DAY,
  VISITOR_ARRIVED_AT,
  VISITOR_LEFT_AT,
  VISITOR_DEVICE_AT,
  VISITOR_REMARK,
  VISITOR_CLOCK_DOUBTFUL,
  VISITOR_FIELDS_
};

extern const struct kind visitor_kind;
extern const struct alarm_type alarm_visitor_inside;
extern const struct indicator ind_visitors, ind_visitors_refused;

#endif
