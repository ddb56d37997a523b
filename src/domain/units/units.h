/* Units (单位): the one tree that carries rights, scopes and totals, and operations (行动) with
 * their dated policy rules. The tables are static; the functions run inside transactions. */
#ifndef DOMAIN_UNITS_UNITS_H
#define DOMAIN_UNITS_UNITS_H

#include "core/module.h"

enum {
  UNIT_NO,
  UNIT_CODE,
  UNIT_NAME,
  UNIT_KIND,
  UNIT_PARENT,
  UNIT_PARENT_CODE,
  UNIT_ALIASES,
  UNIT_VALID_FROM,
  UNIT_VALID_TO,
  UNIT_ADDRESS,
  UNIT_PHONE,
  UNIT_EFFECTIVE_ON,
  UNIT_MERGED_INTO,
  UNIT_PATH,
  UNIT_REMARK,
  UNIT_FIELDS_
};
enum {
  OPERATION_NO,
  OPERATION_CODE,
  OPERATION_NAME,
  OPERATION_TIMEZONE,
  OPERATION_BEGINS,
  OPERATION_ENDS,
  OPERATION_REMARK,
  OPERATION_FIELDS_
};
enum { POLICY_OPERATION, POLICY_KEY, POLICY_FROM, POLICY_VALUE, POLICY_SOURCE, POLICY_FIELDS_ };

extern const struct kind unit_kind, operation_kind, policy_rule_kind;
extern const struct module units_module;

/* Kinds of unit that count as union units where figures ask for them. */
#define UNIT_UNION_KINDS "federation union_institution union service_station"
/* Levels of the area tree, for "how many subdistricts". */
#define UNIT_LEVEL_SUBDISTRICT "subdistrict"
#define UNIT_LEVEL_COMMUNITY   "community"

/* Hooks of the tables (unit_rules.c, operations.c). */
void unit_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps);
int unit_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e);
apply_fn unit_move, unit_merge, unit_reopen;
int unit_applied(struct tx *tx, struct change *c, const struct record *old,
                 const struct record *rec, struct err *e);
void operation_check(const struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps);
int operation_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                    struct problems *ps, struct err *e);
int operation_applied(struct tx *tx, struct change *c, const struct record *old,
                      const struct record *rec, struct err *e);
void policy_check(const struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps);
int units_tree_get(struct rq *rq, struct jw *w, struct err *e);

#endif
