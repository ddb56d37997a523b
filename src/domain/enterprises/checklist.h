/* Checklists by date: the conditions for going back to work that a unit issues for its branch. Once
 * somebody has filed under one it is not changed, but that a condition is asked no longer. Static
 * tables; hooks run inside the transaction of their change. */
#ifndef DOMAIN_ENTERPRISES_CHECKLIST_H
#define DOMAIN_ENTERPRISES_CHECKLIST_H

#include "core/module.h"

enum {
  CHECKLIST_CODE,
  CHECKLIST_NAME,
  CHECKLIST_NAME_EN,
  CHECKLIST_UNIT,
  CHECKLIST_FROM,
  CHECKLIST_TO,
  CHECKLIST_SOURCE,
  CHECKLIST_FIELDS_
};
enum {
  CITEM_CHECKLIST,
  CITEM_UNIT,
  CITEM_CODE,
  CITEM_PLACE,
  CITEM_ZH,
  CITEM_EN,
  CITEM_TYPE,
  CITEM_LEAST,
  CITEM_MOST,
  CITEM_REQUIRED,
  CITEM_DEFINITION,
  CITEM_DEFINITION_EN,
  CITEM_SOURCE,
  CITEM_TO,
  CITEM_FIELDS_
};
extern const struct kind checklist_kind, checklist_item_kind;

enum { CHECKLISTS_IN_FORCE = 16, CHECKLIST_ITEMS = 100 };
/* Those in force at that place that day, one of each code: the nearest issuer's, and of his the
 * newest. The first is the one that counts where nobody chooses. */
_must_check_ int checklists_in_force(struct tx *tx, int64_t op, int32_t unit, struct val day,
                                     struct uuid *out, size_t *ret_n, struct err *e);

#endif
