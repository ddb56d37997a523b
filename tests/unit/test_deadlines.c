#include "core/jobs.h"
/* A hazard's life beside the clock: its alarm, raised once for each date, ended with its cause. */
#include "auth/accounts.h"
#include "notify/alarms.h"
#include "notify/deadlines.h"
#include "domain/enterprises/checklist.h"
#include "domain/enterprises/enterprises.h"
#include "domain/enterprises/filing.h"
#include "domain/hazards/hazards.h"
#include "product_fixture.h"

#define MAY_8_NOON INT64_C(1588910400000) /* 2020-05-08 12:00 in Beijing */
#define AT(day, minute)                                                                            \
  (MAY_8_NOON + (int64_t)((day)-8) * MS_DAY + (int64_t)((minute)-12 * 60) * MS_MINUTE)

static int unit_no(struct product *p, const char *code) {
  return unit_by_code(p->v->tree, str_from(code))->no;
}

static int add_gap(struct product *p, const char *due, struct uuid *ret_id) {
  struct change *c = product_make(p, &hazard_kind, CHANGE_CREATE);
  change_set(c, HAZARD_UNIT, V_I64(unit_no(p, "110102013001")));
  change_set(c, HAZARD_KIND, V_TEXTZ("spacing"));
  change_set(c, HAZARD_TEXT, V_TEXTZ("通道堵塞"));
  change_set(c, HAZARD_FOUND_ON, V_TEXTZ("2020-05-08"));
  change_set(c, HAZARD_DUE_ON, V_TEXTZ(due));
  change_set(c, HAZARD_OWNER, V_TEXTZ("甲"));
  *ret_id = c->id;
  return product_do(p, c);
}

static int put_off(struct product *p, const struct uuid *id, const char *due) {
  struct change *c = product_make(p, &hazard_kind, CHANGE_UPDATE);
  c->id = *id;
  change_set(c, HAZARD_DUE_ON, V_TEXTZ(due));
  return product_do(p, c);
}

static int fixed(struct product *p, const struct uuid *id, const char *on) {
  struct change *c = product_make(p, &hazard_kind, CHANGE_ACTION);
  c->id = *id;
  c->transition = kind_transition(&hazard_kind, S("fix"));
  change_set(c, HAZARD_FIXED_ON, V_TEXTZ(on));
  return product_do(p, c);
}

static int retired(struct product *p, const struct uuid *id, bool restore) {
  struct change *c = product_make(p, &hazard_kind, restore ? CHANGE_RESTORE : CHANGE_RETIRE);
  c->id = *id;
  return product_do(p, c);
}

/* Both jobs, at that time. */
static int tick(struct product *p, int64_t now_ms) {
  int r = product_at(p, now_ms);
  if (r >= 0) r = job_by_hand(p->app, p->a, p->v->op, deadlines_run, &p->e);
  return r < 0 ? r : job_by_hand(p->app, p->a, p->v->op, alarms_escalate, &p->e);
}

static int64_t alarms(struct product *p, const char *state) {
  char sql[160];
  snprintf(sql, sizeof sql,
           "SELECT count(*) FROM alarm WHERE code = 'hazard.overdue' AND state = '%s'", state);
  return product_count(p, sql);
}

static struct record *latest(struct product *p) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct list_query lq = {.descending = true, .limit = 1};
  struct list_page page;
  if (store_read(p->app->store, &tx, &p->e) < 0) return NULL;
  if (record_list(tx, p->a, &p->app->registry, p->v, &alarm_kind, &lq, &page, &p->e) < 0)
    return NULL;
  return page.n ? page.items[0] : NULL;
}

static int close_by_hand(struct product *p) {
  struct record *alarm = latest(p);
  struct change *c = product_make(p, &alarm_kind, CHANGE_ACTION);
  c->id = alarm->id;
  c->transition = kind_transition(&alarm_kind, S("close"));
  return product_do(p, c);
}

#define OPENED(p)                                                                                  \
  PRODUCT(p, MAY_8_NOON);                                                                          \
  CHECK_OK(product_units(&p), &p.e)

TEST_BOTH(a_date_is_over_at_the_end_of_its_day_and_said_once) {
  struct uuid id;
  OPENED(p);
  CHECK_OK(add_gap(&p, "2020-05-09", &id), &p.e);
  CHECK_OK(tick(&p, AT(9, 23 * 60 + 59)), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 0);
  CHECK_OK(tick(&p, AT(10, 0)), &p.e);
  CHECK_OK(tick(&p, AT(10, 1)), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 1);
  struct record *alarm = latest(&p);
  CHECK(alarm && rec_is(alarm, ALARM_VALUE, "2020-05-09"));
  CHECK(rec_is(alarm, ALARM_SUBJECT_KIND, "hazard"));
  CHECK_OK(fixed(&p, &id, "2020-05-10"), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 0);
  CHECK_EQ_I64(alarms(&p, "closed"), 1);
  CHECK_OK(tick(&p, AT(11, 0)), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 0);
}

TEST_BOTH(another_date_ends_it_and_is_over_in_its_turn) {
  struct uuid id;
  OPENED(p);
  CHECK_OK(add_gap(&p, "2020-05-09", &id), &p.e);
  CHECK_OK(tick(&p, AT(10, 60)), &p.e);
  CHECK_OK(put_off(&p, &id, "2020-05-12"), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 0);
  CHECK_OK(tick(&p, AT(12, 60)), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 0);
  CHECK_OK(tick(&p, AT(13, 60)), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 1);
  CHECK_EQ_I64(alarms(&p, "closed"), 1);
}

/* Whoever has to see to it now is told, and whoever had to is not shown it any longer. */
TEST_BOTH(at_another_place_it_is_said_there) {
  struct uuid id;
  OPENED(p);
  CHECK_OK(add_gap(&p, "2020-05-09", &id), &p.e);
  CHECK_OK(tick(&p, AT(10, 60)), &p.e);
  struct change *c = product_make(&p, &hazard_kind, CHANGE_UPDATE);
  c->id = id;
  change_set(c, HAZARD_UNIT, V_I64(unit_no(&p, "110102000000")));
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 0);
  CHECK_OK(tick(&p, AT(10, 61)), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 1);
  struct record *alarm = latest(&p);
  CHECK(alarm && rec_unit(alarm, ALARM_UNIT) == unit_no(&p, "110102000000"));
}

TEST_BOTH(closed_by_a_person_it_stays_closed_until_the_date_changes) {
  struct uuid id;
  OPENED(p);
  CHECK_OK(add_gap(&p, "2020-05-09", &id), &p.e);
  CHECK_OK(tick(&p, AT(10, 60)), &p.e);
  CHECK_OK(close_by_hand(&p), &p.e);
  CHECK_OK(tick(&p, AT(10, 61)), &p.e);
  CHECK_OK(tick(&p, AT(20, 0)), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 0);
  CHECK_OK(put_off(&p, &id, "2020-05-21"), &p.e);
  CHECK_OK(tick(&p, AT(22, 0)), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 1);
  CHECK_EQ_I64(alarms(&p, "closed"), 1);
}

TEST_BOTH(what_is_retired_rouses_nobody) {
  struct uuid id;
  OPENED(p);
  CHECK_OK(add_gap(&p, "2020-05-09", &id), &p.e);
  CHECK_OK(tick(&p, AT(10, 60)), &p.e);
  CHECK_OK(retired(&p, &id, false), &p.e);
  CHECK_OK(tick(&p, AT(11, 60)), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 0);
  CHECK_EQ_I64(alarms(&p, "closed"), 1);
  CHECK_OK(retired(&p, &id, true), &p.e); /* it was a mistake: the cause is there again */
  CHECK_OK(tick(&p, AT(11, 61)), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 1);
}

/* A filing that waits is somebody's from the day on which the enterprise meant to open. */
TEST_BOTH(a_filing_waits_until_it_is_decided) {
  static const char *const of = "SELECT count(*) FROM alarm WHERE code = 'filing.unchecked' AND "
                                "open_cause IS NOT NULL";
  OPENED(p);
  struct change *list = product_make(&p, &checklist_kind, CHANGE_CREATE),
                *shop = product_make(&p, &enterprise_kind, CHANGE_CREATE),
                *filing = product_make(&p, &filing_kind, CHANGE_CREATE);
  change_set(list, CHECKLIST_CODE, V_TEXTZ("back"));
  change_set(list, CHECKLIST_NAME, V_TEXTZ("复工条件"));
  change_set(list, CHECKLIST_UNIT, V_I64(unit_no(&p, "110102000000")));
  change_set(list, CHECKLIST_FROM, V_TEXTZ("2020-05-01"));
  change_set(shop, ENTERPRISE_NAME, V_TEXTZ("试备案商店"));
  change_set(shop, ENTERPRISE_UNIT, V_I64(unit_no(&p, "110102013001")));
  change_set(filing, FILING_ENTERPRISE, V_UUID(shop->id));
  change_set(filing, FILING_PLANNED_ON, V_TEXTZ("2020-05-09"));
  const struct uuid id = filing->id;
  CHECK_OK(product_do(&p, list), &p.e);
  CHECK_OK(product_do(&p, shop), &p.e);
  CHECK_OK(product_do(&p, filing), &p.e);
  CHECK_OK(tick(&p, AT(10, 60)), &p.e);
  CHECK_EQ_I64(product_count(&p, of), 0); /* a draft waits for the enterprise, not for us */
  struct change *c = product_make(&p, &filing_kind, CHANGE_ACTION);
  c->id = id;
  c->transition = kind_transition(&filing_kind, S("file"));
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_OK(tick(&p, AT(10, 61)), &p.e);
  CHECK_EQ_I64(product_count(&p, of), 1);
  c = product_make(&p, &filing_kind, CHANGE_ACTION);
  c->id = id;
  c->transition = kind_transition(&filing_kind, S("refuse"));
  c->reason = S("未达条件");
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_EQ_I64(product_count(&p, of), 0);
}

TEST_BOTH(it_climbs_at_the_hour_up_to_the_district) {
  static const char *const levels[] = {NULL, "110102013000", "110102000000", "110102000000"};
  struct uuid id;
  OPENED(p);
  CHECK_OK(add_gap(&p, "2020-05-09", &id), &p.e);
  CHECK_OK(tick(&p, AT(10, 8 * 60)), &p.e);
  for (int day = 10; day < 13; day++) {
    const char *before = levels[day - 10], *then = levels[day - 9];
    CHECK_OK(tick(&p, AT(day, 9 * 60 - 1)), &p.e);
    CHECK_EQ_I64(rec_unit(latest(&p), ALARM_ESCALATED_TO), before ? unit_no(&p, before) : 0);
    CHECK_OK(tick(&p, AT(day, 9 * 60)), &p.e);
    CHECK_EQ_I64(rec_unit(latest(&p), ALARM_ESCALATED_TO), unit_no(&p, then));
  }
  CHECK_EQ_I64(rec_i64(latest(&p), ALARM_ESCALATIONS), 2);
}

/* ---- whose work it is ---- */

static struct uuid appointed; /* the account that appoint() made last */
static int appoint(struct product *p, const char *login, const char *role, const char *unit) {
  struct change *c = product_make(p, &account_kind, CHANGE_CREATE);
  change_set(c, ACCOUNT_LOGIN, V_TEXTZ(login));
  change_set(c, ACCOUNT_NAME, V_TEXTZ("试任"));
  change_set(c, ACCOUNT_UNIT, V_I64(unit_no(p, unit)));
  const struct uuid account = appointed = c->id;
  int r = product_do(p, c);
  c = product_make(p, &role_grant_kind, CHANGE_CREATE);
  change_set(c, GRANT_ACCOUNT, V_UUID(account));
  change_set(c, GRANT_ROLE, V_TEXTZ(role));
  change_set(c, GRANT_UNIT, V_I64(unit_no(p, unit)));
  return r < 0 ? r : product_do(p, c);
}

/* How many open gaps are the work of whoever has that role at that unit, or is that person. */
static int64_t mine(struct product *p, const char *role, const char *unit, struct uuid person) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct viewer_grant grant = {.unit = unit_no(p, unit), .role = role};
  struct viewer v = *p->v;
  struct list_page page;
  const struct list_query lq = {
      .sort = list_field(HAZARD_DUE_ON), .count = true, .mine = true, .open = true};
  memset(&grant.rights, 0xff, sizeof grant.rights);
  v.system = false;
  v.responder = person;
  v.grants = &grant;
  v.n_grants = 1;
  if (store_read(p->app->store, &tx, &p->e) < 0 ||
      record_list(tx, p->a, &p->app->registry, &v, &hazard_kind, &lq, &page, &p->e) < 0)
    return -1;
  return page.total;
}

TEST_BOTH(it_is_the_work_of_the_nearest_who_holds_the_role_until_it_names_a_person) {
  static const char *const community = "110102013001", *const subdistrict = "110102013000",
                           *const district = "110102000000";
  const struct uuid nobody = {{0}};
  struct uuid id;
  OPENED(p);
  CHECK_OK(add_gap(&p, "2020-05-09", &id), &p.e);
  CHECK_OK(appoint(&p, "over", "coordinator", district), &p.e);
  CHECK_EQ_I64(mine(&p, "coordinator", district, nobody), 1);
  CHECK_OK(appoint(&p, "near", "coordinator", subdistrict), &p.e);
  CHECK_EQ_I64(mine(&p, "coordinator", district, nobody), 0);
  CHECK_EQ_I64(mine(&p, "coordinator", subdistrict, nobody), 1);
  CHECK_EQ_I64(mine(&p, "lead", community, nobody), 0);
  /* one who cannot sign in any more does nobody's work */
  struct change *c = product_make(&p, &account_kind, CHANGE_ACTION);
  c->id = appointed;
  c->transition = kind_transition(&account_kind, S("disable"));
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_EQ_I64(mine(&p, "coordinator", district, nobody), 1);
  CHECK_OK(tick(&p, AT(10, 60)), &p.e);
  struct record *alarm = latest(&p);
  CHECK(alarm && rec_unit(alarm, ALARM_OWNER_UNIT) == unit_no(&p, district));
  c = product_make(&p, &account_kind, CHANGE_ACTION);
  c->id = appointed;
  c->transition = kind_transition(&account_kind, S("enable"));
  CHECK_OK(product_do(&p, c), &p.e);
  c = product_make(&p, &responder_kind, CHANGE_CREATE);
  change_set(c, RESPONDER_NAME, V_TEXTZ("试办"));
  change_set(c, RESPONDER_PHONE, V_TEXTZ("13900000711"));
  change_set(c, RESPONDER_CATEGORY, V_TEXTZ("community_worker"));
  change_set(c, RESPONDER_EMPLOYER, V_I64(unit_no(&p, community)));
  const struct uuid who = c->id;
  CHECK_OK(product_do(&p, c), &p.e);
  c = product_make(&p, &hazard_kind, CHANGE_UPDATE);
  c->id = id;
  change_set(c, HAZARD_RESPONDER, V_UUID(who));
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_EQ_I64(mine(&p, "coordinator", subdistrict, nobody), 0);
  CHECK_EQ_I64(mine(&p, "lead", community, who), 1);
  /* the person leaves: the work is the role's again */
  c = product_make(&p, &responder_kind, CHANGE_ACTION);
  c->id = who;
  c->transition = kind_transition(&responder_kind, S("deactivate"));
  c->reason = S("离任");
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_EQ_I64(mine(&p, "coordinator", subdistrict, nobody), 1);
  c = product_make(&p, &responder_kind, CHANGE_ACTION);
  c->id = who;
  c->transition = kind_transition(&responder_kind, S("activate"));
  CHECK_OK(product_do(&p, c), &p.e);
  /* what he has put right waits for a second person: the role's, not his */
  CHECK_OK(fixed(&p, &id, "2020-05-08"), &p.e);
  CHECK_EQ_I64(mine(&p, "coordinator", subdistrict, nobody), 1);
  CHECK_EQ_I64(mine(&p, "lead", community, who), 0);
}

/* More than are found at once, and one that cannot be said because its place is gone. */
TEST_BOTH(all_of_them_have_their_turn) {
  struct uuid id;
  OPENED(p);
  for (int i = 0; i < 230; i++) CHECK_OK(add_gap(&p, "2020-05-09", &id), &p.e);
  CHECK_OK(tick(&p, AT(10, 60)), &p.e);
  CHECK_EQ_I64(alarms(&p, "open"), 230);
}
