/* Residents (居民): compound → building → household → resident, and who looks after a building.
 * Where something lies is said once, at the top: what hangs below takes its unit and its compound
 * from there. Tables are static; the functions run inside transactions or requests. */
#ifndef DOMAIN_RESIDENTS_RESIDENTS_H
#define DOMAIN_RESIDENTS_RESIDENTS_H

#include "core/module.h"

enum {
  COMPOUND_UNIT,
  COMPOUND_NAME,
  COMPOUND_ESTATE,
  COMPOUND_ADDRESS,
  COMPOUND_NOTE,
  COMPOUND_FIELDS_
};
enum {
  BUILDING_COMPOUND,
  BUILDING_UNIT,
  BUILDING_NAME,
  BUILDING_CODE,
  BUILDING_KIND,
  BUILDING_FLOORS,
  BUILDING_STAIRWELLS,
  BUILDING_MANAGER,
  BUILDING_NOTE,
  BUILDING_FIELDS_
};
enum {
  HEAD_BUILDING,
  HEAD_UNIT,
  HEAD_STAIRWELL,
  HEAD_RESPONDER,
  HEAD_NAME,
  HEAD_PHONE,
  HEAD_STARTS,
  HEAD_ENDS,
  HEAD_NOTE,
  HEAD_SIDE,
  HEAD_FIELDS_
};
enum {
  HOUSEHOLD_BUILDING,
  HOUSEHOLD_COMPOUND,
  HOUSEHOLD_UNIT,
  HOUSEHOLD_STAIRWELL,
  HOUSEHOLD_DOOR,
  HOUSEHOLD_CODE,
  HOUSEHOLD_TENURE,
  HOUSEHOLD_OCCUPIED,
  HOUSEHOLD_NOTE,
  HOUSEHOLD_SINCE,
  HOUSEHOLD_FIELDS_
};
enum {
  RESIDENT_HOUSEHOLD,
  RESIDENT_COMPOUND,
  RESIDENT_UNIT,
  RESIDENT_NAME,
  RESIDENT_SEX,
  RESIDENT_BIRTH,
  RESIDENT_CITIZEN_ID,
  RESIDENT_PHONE,
  RESIDENT_RELATION,
  RESIDENT_LIVING,
  RESIDENT_NO_PHONE,
  RESIDENT_CARE,
  RESIDENT_EMPLOYER,
  RESIDENT_HUKOU,
  RESIDENT_SINCE,
  RESIDENT_LEFT_ON,
  RESIDENT_FIELDS_
};

extern const struct kind compound_kind, building_kind, building_head_kind, household_kind,
    resident_kind;
extern const struct indicator ind_households, ind_living;
extern const struct module residents_module;

/* What people call a place, brought to one form: "15号楼", "１５楼" and "15" are "15"; "B座" is
 * "B". What is nothing but such a word stays as it is. In the arena. */
struct str place_normal(struct arena *a, struct str text);
/* The same of a field, in place; empty where nothing is left. */
void place_normal_field(struct record *rec, int field, struct problems *ps);
/* "15-2-301", or "15-301" where there is no stairwell. */
struct str household_code(struct arena *a, struct str building, struct str stairwell,
                          struct str door);

#endif
