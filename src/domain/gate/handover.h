/* Shift handovers (交接班): what one crew tells the next, confirmed by both on one phone, also
 * without network, and arriving later as one record that nobody changes. Who confirmed is proved
 * by each one's author token, looked at on arrival and never kept; at the desk the signed-in
 * person hands over and the other one's confirmation may be missing, which the record says.
 * Tables are static; the hook runs inside transactions. */
#ifndef DOMAIN_GATE_HANDOVER_H
#define DOMAIN_GATE_HANDOVER_H

#include "core/module.h"

enum {
  HANDOVER_UNIT,
  HANDOVER_POST,
  HANDOVER_DAY,
  HANDOVER_OUTGOING,
  HANDOVER_INCOMING,
  HANDOVER_SHIFT,
  HANDOVER_INSIDE,
  HANDOVER_OVERDUE,
  HANDOVER_IN_HAND,
  HANDOVER_KEYS,
  HANDOVER_STOCK,
  HANDOVER_REMARKS,
  HANDOVER_OUTGOING_AT,
  HANDOVER_INCOMING_AT,
  HANDOVER_DEVICE_AT,
  HANDOVER_PAPER,
  HANDOVER_CONFIRMED,
  HANDOVER_OUTGOING_BY,
  HANDOVER_INCOMING_BY,
  HANDOVER_OUTGOING_PROOF,
  HANDOVER_INCOMING_PROOF,
  HANDOVER_CLOCK_DOUBTFUL,
  HANDOVER_FIELDS_
};

extern const struct kind handover_kind;

#endif
