#include "notify/owner_remind.h"
#include "core/jobs.h"
#include "core/settings.h"
#include "domain/hazards/hazards.h"
#include "domain/rosters/rosters.h"
#include "product_fixture.h"

/* Whoever a record names is told by a text message before it is due: once, and not when it is done.
 */

#define AT(hour, minute) (INT64_C(1588867200000) + ((hour)*60 + (minute)) * MS_MINUTE) /* 8 May */
#define TOLD(more)                                                                                 \
  product_count(&p, "SELECT count(*) FROM outbox_message WHERE topic = 'work_due'" more)

static int set_minutes(struct product *p, int minutes) {
  json_t *value = json_integer(minutes);
  struct problems ps;
  problems_init(&ps, p->a);
  struct setting_change c = {.app = p->app,
                             .viewer = p->v,
                             .op = p->v->op,
                             .setting = setting_by_name(S("todo.remind_minutes"))};
  int r = c.setting && setting_parse(&c, value, &ps) && !problems_any(&ps) ? 0 : -E_INVALID;
  if (r == 0) r = writer_run(p->app->writer, &setting_change_cmd, &c, CMD_NORMAL, &p->e);
  json_decref(value);
  return r;
}

static int responder(struct product *p, const char *phone, struct uuid *ret_id) {
  struct change *c = product_make(p, &responder_kind, CHANGE_CREATE);
  *ret_id = c->id;
  change_set(c, RESPONDER_NAME, V_TEXTZ("试甲"));
  change_set(c, RESPONDER_PHONE, V_TEXTZ(phone));
  change_set(c, RESPONDER_EMPLOYER, V_I64(product_unit(p, "110102013001")));
  change_set(c, RESPONDER_CATEGORY, V_TEXTZ("cadre"));
  return product_do(p, c);
}

static int hazard(struct product *p, const struct uuid *whose, const char *due,
                  struct uuid *ret_id) {
  struct change *c = product_make(p, &hazard_kind, CHANGE_CREATE);
  *ret_id = c->id;
  change_set(c, HAZARD_UNIT, V_I64(product_unit(p, "110102013001")));
  change_set(c, HAZARD_KIND, V_TEXTZ("spacing"));
  change_set(c, HAZARD_TEXT, V_TEXTZ("楼道堆物"));
  change_set(c, HAZARD_FOUND_ON, V_TEXTZ("2020-05-06"));
  change_set(c, HAZARD_OWNER, V_TEXTZ("试甲"));
  change_set(c, HAZARD_DUE_ON, V_TEXTZ(due));
  change_set(c, HAZARD_RESPONDER, V_UUID(*whose));
  return product_do(p, c);
}

static int remind(struct product *p, int64_t at) {
  int r = product_at(p, at);
  return r < 0 ? r : job_by_hand(p->app, p->a, p->v->op, owners_remind, &p->e);
}

TEST_BOTH(what_is_due_today_is_said_in_the_morning_once) {
  PRODUCT(p, AT(7, 0));
  struct uuid who, mute, id, other;
  CHECK_OK(product_units(&p), &p.e);
  CHECK_OK(responder(&p, "13800000001", &who), &p.e);
  CHECK_OK(responder(&p, "01063000000", &mute), &p.e);
  CHECK_OK(hazard(&p, &who, "2020-05-08", &id), &p.e);
  CHECK_OK(hazard(&p, &who, "2020-05-09", &other), &p.e);
  CHECK_OK(hazard(&p, &mute, "2020-05-08", &other), &p.e);
  CHECK_OK(remind(&p, AT(9, 0)), &p.e);
  CHECK_EQ_I64(TOLD(""), 0); /* the setting is at 0 */
  CHECK_OK(set_minutes(&p, 60), &p.e);
  CHECK_OK(remind(&p, AT(7, 30)), &p.e);
  CHECK_EQ_I64(TOLD(""), 0);
  CHECK_OK(remind(&p, AT(9, 0)), &p.e);
  CHECK_OK(remind(&p, AT(10, 0)), &p.e);
  CHECK_EQ_I64(TOLD(" AND channel = 'sms'"), 1);
  CHECK_OK(remind(&p, AT(24 + 9, 0)), &p.e);
  CHECK_EQ_I64(TOLD(""), 2); /* the other one's day has come */
}

TEST_BOTH(a_shift_is_said_before_it_begins_and_not_when_it_is_taken_off) {
  PRODUCT(p, AT(7, 0));
  struct uuid post, who, shift, id;
  bool wanted;
  CHECK_OK(product_units(&p), &p.e);
  CHECK_OK(set_minutes(&p, 60), &p.e);
  CHECK_OK(responder(&p, "13800000001", &who), &p.e);
  CHECK_OK(product_gate(&p, product_unit(&p, "110102013001"), "东门", &post), &p.e);
  struct change *c = product_make(&p, &shift_kind, CHANGE_CREATE);
  shift = c->id;
  change_set(c, SHIFT_POST, V_UUID(post));
  change_set(c, SHIFT_DATE, V_TEXTZ("2020-05-08"));
  change_set(c, SHIFT_START, V_I64(14 * 60));
  change_set(c, SHIFT_END, V_I64(20 * 60));
  change_set(c, SHIFT_REQUIRED, V_I64(1));
  CHECK_OK(product_do(&p, c), &p.e);
  c = product_make(&p, &assignment_kind, CHANGE_CREATE);
  id = c->id;
  change_set(c, ASSIGNMENT_SHIFT, V_UUID(shift));
  change_set(c, ASSIGNMENT_RESPONDER, V_UUID(who));
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_OK(remind(&p, AT(12, 30)), &p.e);
  CHECK_EQ_I64(TOLD(""), 0);
  CHECK_OK(remind(&p, AT(13, 10)), &p.e);
  CHECK_OK(remind(&p, AT(13, 50)), &p.e);
  CHECK_EQ_I64(TOLD(""), 1);
  c = product_make(&p, &assignment_kind, CHANGE_ACTION);
  c->id = id;
  c->transition = kind_transition(&assignment_kind, S("cancel"));
  CHECK_OK(product_do(&p, c), &p.e);
  {
    _cleanup_(tx_endp) struct tx *tx = NULL;
    CHECK_OK(store_read(p.app->store, &tx, &p.e), &p.e);
    CHECK_OK(topic_work_due.wanted(p.app, tx, p.v->op, &id, &wanted, &p.e), &p.e);
    CHECK(!wanted);
  }
  CHECK_OK(remind(&p, AT(13, 55)), &p.e);
  CHECK_EQ_I64(TOLD(""), 1);
}
