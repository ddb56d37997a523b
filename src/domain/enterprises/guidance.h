/* Guidance on going back to work: on which day, by whom and with which departments an enterprise
 * was advised. Static tables; hooks run inside the transaction of their change. */
#ifndef DOMAIN_ENTERPRISES_GUIDANCE_H
#define DOMAIN_ENTERPRISES_GUIDANCE_H

#include "domain/enterprises/enterprise.h"

enum {
  GUIDANCE_ENTERPRISE,
  GUIDANCE_UNIT,
  GUIDANCE_DAY,
  GUIDANCE_DEPARTMENTS,
  GUIDANCE_DIRECTIVE,
  GUIDANCE_TEXT,
  GUIDANCE_BY,
  GUIDANCE_FIELDS_
};
extern const struct kind guidance_kind;

#endif
