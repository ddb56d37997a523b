/* The gate (卡口): who went in and out, measured how hot, admitted or not. The first form: people
 * by free entry. Events are only added; a mistake is corrected by a further event that takes the
 * first one back. Tables are static; checks look at memory only, since this is the hot path. */
#ifndef DOMAIN_GATE_GATE_H
#define DOMAIN_GATE_GATE_H

#include "app/module.h"

enum {
  GATE_UNIT,
  GATE_POST,
  GATE_DIRECTION,
  GATE_WHO_KIND,
  GATE_WHO,
  GATE_DOOR,
  GATE_VEHICLE,
  GATE_TEMPERATURE,
  GATE_FIRST_TEMPERATURE,
  GATE_OUTCOME,
  GATE_REASON,
  GATE_DEVICE_AT,
  GATE_DAY,
  GATE_ABNORMAL,
  GATE_CORRECTS,
  GATE_FIELDS_
};

extern const struct kind gate_event_kind;
extern const struct module gate_module;

void gate_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps);
int gate_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e);
void gate_contribute(const struct record *r, struct contribs *out);

#endif
