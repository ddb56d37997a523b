#include "domain/enterprises/enterprise.h"
#include "domain/enterprises/resumption_step.h"
#include "product_fixture.h"

/* What a phone wrote while it had no network counts from the day on which it was written, not from
 * that of its arrival. */

#define MAY_8_NOON INT64_C(1588910400000)

static struct change *from_phone(struct product *p, const struct kind *k, enum change_verb verb,
                                 int64_t written_ms) {
  struct change *c = product_make(p, k, verb);
  c->device = c->id = idgen_next(&p->app->ids, p->v->now_ms);
  c->written_ms = written_ms;
  return c;
}

TEST_BOTH(a_step_counts_from_the_day_on_which_it_was_written) {
  PRODUCT(p, MAY_8_NOON - 10 * MS_DAY);
  CHECK_OK(product_units(&p), &p.e);
  struct change *c = product_make(&p, &enterprise_kind, CHANGE_CREATE);
  const struct uuid id = c->id;
  change_set(c, ENTERPRISE_NAME, V_TEXTZ("试甲商贸"));
  change_set(c, ENTERPRISE_UNIT, V_I64(product_unit(&p, "110102013001")));
  change_set(c, ENTERPRISE_RESUMED_ON, V_TEXTZ("2020-04-28"));
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_OK(product_at(&p, MAY_8_NOON), &p.e);
  c = from_phone(&p, &enterprise_kind, CHANGE_ACTION, MAY_8_NOON - 2 * MS_DAY);
  c->id = id;
  c->transition = kind_transition(&enterprise_kind, S("suspend"));
  c->reason = S("停业");
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM resumption_step WHERE step = 'suspended' "
                                 "AND day = '2020-05-06'"),
               1);
  /* a moment that makes no sense is that of its arrival */
  c = from_phone(&p, &enterprise_kind, CHANGE_ACTION, MAY_8_NOON + MS_DAY);
  c->id = id;
  c->transition = kind_transition(&enterprise_kind, S("restart"));
  c->reason = S("恢复");
  change_set(c, ENTERPRISE_RESUMED_ON, V_TEXTZ("2020-05-08"));
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM resumption_step WHERE step = 'resumed' "
                                 "AND day = '2020-05-08'"),
               1);
}

TEST_BOTH(a_household_is_there_from_the_day_on_which_it_was_written) {
  PRODUCT(p, MAY_8_NOON);
  CHECK_OK(product_units(&p), &p.e);
  struct change *c = product_make(&p, &building_kind, CHANGE_CREATE);
  const struct uuid building = c->id;
  change_set(c, BUILDING_CODE, V_TEXTZ("1"));
  change_set(c, BUILDING_NAME, V_TEXTZ("试1号楼"));
  change_set(c, BUILDING_UNIT, V_I64(product_unit(&p, "110102013001")));
  CHECK_OK(product_do(&p, c), &p.e);
  c = from_phone(&p, &household_kind, CHANGE_CREATE, MAY_8_NOON - 3 * MS_DAY);
  change_set(c, HOUSEHOLD_BUILDING, V_UUID(building));
  change_set(c, HOUSEHOLD_DOOR, V_TEXTZ("101"));
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_EQ_I64(product_count(&p, "SELECT count(*) FROM household WHERE since = '2020-05-05'"), 1);
}
