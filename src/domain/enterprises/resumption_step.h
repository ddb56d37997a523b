/* Steps back to work: each change of an enterprise that counts, with its day. The figures of a day
 * are counted from them, so a rate of a past day stays what it was. Static tables; written inside
 * the transaction of the enterprise's change. */
#ifndef DOMAIN_ENTERPRISES_RESUMPTION_STEP_H
#define DOMAIN_ENTERPRISES_RESUMPTION_STEP_H

#include "domain/enterprises/enterprise.h"

enum {
  STEP_ENTERPRISE,
  STEP_UNIT,
  STEP_FROM_UNIT,
  STEP_STEP,
  STEP_DAY,
  STEP_FROM_STATE,
  STEP_TO_STATE,
  STEP_WAS_GUIDED,
  STEP_GUIDED,
  STEP_REASON,
  STEP_FIELDS_
};
extern const struct kind resumption_step_kind;
extern const struct indicator ind_ent_total, ind_ent_planned, ind_ent_guided, ind_ent_resumed,
    ind_ent_permille;

#endif
