/* Contacts of an enterprise: who is who there, by dates, and how a reminder reaches them. Phone and
 * address are sealed. Static tables; hooks run inside the transaction of their change. */
#ifndef DOMAIN_ENTERPRISES_CONTACT_H
#define DOMAIN_ENTERPRISES_CONTACT_H

#include "domain/enterprises/enterprise.h"

enum {
  CONTACT_ENTERPRISE,
  CONTACT_UNIT,
  CONTACT_ROLE,
  CONTACT_NAME,
  CONTACT_PHONE,
  CONTACT_FROM,
  CONTACT_TO,
  CONTACT_NOTE,
  CONTACT_EMAIL,
  CONTACT_REMIND,
  CONTACT_LANGUAGE,
  CONTACT_FIELDS_
};
extern const struct kind enterprise_contact_kind;

#endif
