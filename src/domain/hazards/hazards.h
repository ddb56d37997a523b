/* Hazards (gaps in prevention among them): one kind for whoever finds something that must be put
 * right by a day: enterprises' checks now. Static; rules run where the engine runs them. */
#ifndef DOMAIN_HAZARDS_H
#define DOMAIN_HAZARDS_H

#include "core/app.h"

enum {
  HAZARD_UNIT,
  HAZARD_ENTERPRISE,
  HAZARD_BUILDING,
  HAZARD_NAME,
  HAZARD_KIND,
  HAZARD_TEXT,
  HAZARD_FOUND_ON,
  HAZARD_OWNER,
  HAZARD_DUE_ON,
  HAZARD_FIXED_ON,
  HAZARD_RESPONDER,
  HAZARD_INTERIM,
  HAZARD_FIELDS_
};
extern const struct kind hazard_kind;
extern const struct module hazards_module;

#endif
