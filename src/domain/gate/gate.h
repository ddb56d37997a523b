/* The gate (卡口): who went in and out, measured how hot, admitted or not, with what pass. Events
 * are only added; a mistake is corrected by a further event that takes the first one back. An event
 * says what happened at the gate, so what the phone did not know then (a pass revoked meanwhile, or
 * of another community) is no reason to refuse it. Tables are static; checks look at memory only,
 * since this is the hot path; the passes of a run of events are looked up together. */
#ifndef DOMAIN_GATE_GATE_H
#define DOMAIN_GATE_GATE_H

#include "core/module.h"

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
  GATE_PASS,
  GATE_HOUSEHOLD,
  GATE_VISITOR,
  GATE_HOW,
  GATE_VERDICT,
  GATE_DEVICE,
  GATE_DEVICE_SEQ,
  GATE_OFFLINE,
  GATE_CLOCK_OFFSET,
  GATE_HAPPENED_AT,
  GATE_MASK_WORN,
  GATE_SKIPPED_TEMPERATURE,
  GATE_PASS_SERIAL,
  GATE_CLOCK_DOUBTFUL,
  GATE_FIELDS_
};

enum { GATE_BY_HOUR_ = 5 };
extern const struct indicator *const gate_by_hour[GATE_BY_HOUR_]; /* kept by the hour, too */
extern const struct kind gate_event_kind;
extern const struct module gate_module;

int gate_prepare(struct tx *tx, struct change *const *cs, struct record *const *recs, size_t n,
                 struct err *e);
void gate_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps);
int gate_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e);

#endif
