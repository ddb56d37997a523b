/* Work, as the rows declare it: whose field it is, what stands still. */
#include "kind/engine.h"
#include "kind_fixture.h"

#define ALL   "gap.read gap.create gap.update gap.retire"
#define FOUND "\"what\":\"消火栓被挡\",\"unit\":\"110102001001\",\"owner\":\"物业\""

TEST_BOTH(an_actions_fields_are_its_own) {
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, DISTRICT_A, ALL);
  struct change *c = world_do(&w, &u, &gap_kind, CHANGE_CREATE, NULL, NULL,
                              "{" FOUND ",\"fixed_on\":\"2020-02-10\"}", &r);
  CHECK_STR(world_problems(&w, c), "by_action@fixed_on");
  c = world_do(&w, &u, &gap_kind, CHANGE_CREATE, NULL, NULL,
               "{" FOUND ",\"source\":\"巡查\",\"fixed_on\":null}", &r);
  CHECK_OK(r, &w.e);
  const struct uuid id = c->id;
  c = world_do(&w, &u, &gap_kind, CHANGE_UPDATE, &id, NULL,
               "{\"fixed_on\":\"2020-02-10\",\"source\":\"热线\"}", &r);
  CHECK_STR(world_problems(&w, c), "by_action@source by_action@fixed_on");
  CHECK_EQ_I64(r, -E_INVALID);
  /* what stands there already may be sent along, and what is shared is anybody's */
  c = world_do(&w, &u, &gap_kind, CHANGE_UPDATE, &id, NULL,
               "{\"source\":\"巡查\",\"owner\":\"居委会\"}", &r);
  CHECK_OK(r, &w.e);
  c = world_do(&w, &u, &gap_kind, CHANGE_ACTION, &id, "fix",
               "{\"fixed_on\":\"2020-02-10\",\"source\":\"热线\"}", &r);
  CHECK_OK(r, &w.e);
  CHECK(rec_is(c->result, GAP_SOURCE, "热线") && rec_is(c->result, GAP_FIXED_ON, "2020-02-10"));
}

TEST_BOTH(what_is_settled_stands_still) {
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, DISTRICT_A, ALL), v = world_user(&w, 2, DISTRICT_A, ALL);
  struct change *c = world_do(&w, &u, &gap_kind, CHANGE_CREATE, NULL, NULL, "{" FOUND "}", &r);
  CHECK_OK(r, &w.e);
  const struct uuid id = c->id;
  world_do(&w, &u, &gap_kind, CHANGE_ACTION, &id, "fix", "{\"fixed_on\":\"2020-02-10\"}", &r);
  CHECK_OK(r, &w.e);
  c = world_do(&w, &u, &gap_kind, CHANGE_UPDATE, &id, NULL,
               "{\"what\":\"别的事\",\"owner\":\"甲\"}", &r);
  CHECK_STR(world_problems(&w, c), "frozen@what");
  world_do(&w, &v, &gap_kind, CHANGE_ACTION, &id, "verify", "{}", &r);
  CHECK_OK(r, &w.e);
  c = world_do(&w, &u, &gap_kind, CHANGE_UPDATE, &id, NULL,
               "{\"what\":\"别的事\",\"owner\":\"甲\",\"unit\":\"110102001002\"}", &r);
  CHECK_STR(world_problems(&w, c), "frozen@what frozen@unit frozen@owner");
  CHECK_EQ_I64(r, -E_INVALID);
  /* code that knows what it does goes through */
  c = change_make(w.a, &w.en, &w.system, &gap_kind, CHANGE_UPDATE);
  c->id = id;
  c->internal = true;
  change_set(c, GAP_OWNER, V_TEXTZ("乙"));
  r = change_do(c, &w.e);
  CHECK_OK(r, &w.e);
  CHECK(rec_is(c->result, GAP_OWNER, "乙"));
}

TEST_BOTH(an_action_has_its_own_rule) {
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, DISTRICT_A, ALL);
  struct change *c = world_do(&w, &u, &gap_kind, CHANGE_CREATE, NULL, NULL,
                              "{\"what\":\"hopeless\",\"unit\":\"110102001001\"}", &r);
  CHECK_OK(r, &w.e);
  const struct uuid id = c->id;
  c = world_do(&w, &u, &gap_kind, CHANGE_UPDATE, &id, NULL, "{\"owner\":\"甲\"}", &r);
  CHECK_OK(r, &w.e);
  c = world_do(&w, &u, &gap_kind, CHANGE_ACTION, &id, "fix", "{\"fixed_on\":\"2020-02-10\"}", &r);
  CHECK_STR(world_problems(&w, c), "rule@what");
}

TEST_BOTH(what_others_hang_on_is_not_retired) {
  WORLD(w);
  int r;
  char body[200], id_text[UUID_TEXT];
  struct viewer u = world_user(&w, 1, DISTRICT_A, ALL " post.read post.create post.retire"),
                v = world_user(&w, 2, DISTRICT_A, ALL);
  struct change *c = world_do(&w, &u, &post_kind, CHANGE_CREATE, NULL, NULL,
                              "{\"name\":\"东门\",\"unit\":\"110102001001\"}", &r);
  CHECK_OK(r, &w.e);
  const struct uuid post = c->id;
  uuid_format(&post, id_text);
  snprintf(body, sizeof body, "{" FOUND ",\"post\":\"%s\"}", id_text);
  c = world_do(&w, &u, &gap_kind, CHANGE_CREATE, NULL, NULL, body, &r);
  CHECK_OK(r, &w.e);
  const struct uuid gap = c->id;
  c = world_do(&w, &u, &post_kind, CHANGE_RETIRE, &post, NULL, "{}", &r);
  CHECK_STR(world_problems(&w, c), "held@");
  CHECK(str_is(c->problems.first->other, "盲点1：消火栓被挡"));
  CHECK(str_is(c->problems.first->limit, "Gap 1: 消火栓被挡"));
  /* the program's own changes are asked as well */
  c = change_make(w.a, &w.en, &w.system, &post_kind, CHANGE_RETIRE);
  c->id = post;
  c->internal = true;
  CHECK_EQ_I64(change_do(c, &w.e), -E_INVALID);
  world_do(&w, &u, &gap_kind, CHANGE_ACTION, &gap, "fix", "{\"fixed_on\":\"2020-02-10\"}", &r);
  CHECK_OK(r, &w.e);
  world_do(&w, &v, &gap_kind, CHANGE_ACTION, &gap, "verify", "{}", &r);
  CHECK_OK(r, &w.e);
  /* over, it holds nothing */
  world_do(&w, &u, &post_kind, CHANGE_RETIRE, &post, NULL, "{}", &r);
  CHECK_OK(r, &w.e);
}

static void account(struct world *w, const struct viewer *v) {
  struct change *c = change_make(w->a, &w->en, &w->system, &account_kind, CHANGE_CREATE);
  c->id = v->user;
  c->internal = true;
  change_set(c, ACCOUNT_PERSON, V_UUID(v->responder));
  int r = change_do(c, &w->e);
  CHECK_OK(r, &w->e);
}

TEST_BOTH(one_person_with_two_accounts_is_no_second_person) {
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, DISTRICT_A, ALL), twin = world_user(&w, 2, DISTRICT_A, ALL),
                other = world_user(&w, 3, DISTRICT_A, ALL);
  struct change *c = change_make(w.a, &w.en, &w.system, &resp_kind, CHANGE_CREATE);
  c->internal = true;
  change_set(c, RESP_NAME, V_TEXTZ("王小明"));
  change_set(c, RESP_UNIT, V_I64(COMM_A1));
  r = change_do(c, &w.e);
  CHECK_OK(r, &w.e);
  u.responder = twin.responder = c->id;
  account(&w, &u);
  account(&w, &twin);
  c = world_do(&w, &u, &gap_kind, CHANGE_CREATE, NULL, NULL, "{" FOUND "}", &r);
  CHECK_OK(r, &w.e);
  const struct uuid id = c->id;
  world_do(&w, &u, &gap_kind, CHANGE_ACTION, &id, "fix", "{\"fixed_on\":\"2020-02-10\"}", &r);
  CHECK_OK(r, &w.e);
  c = world_do(&w, &twin, &gap_kind, CHANGE_ACTION, &id, "verify", "{}", &r);
  CHECK_EQ_I64(r, -E_INVALID);
  CHECK_STR(world_problems(&w, c), "same_person@");
  world_do(&w, &other, &gap_kind, CHANGE_ACTION, &id, "verify", "{}", &r);
  CHECK_OK(r, &w.e);
}

/* What the engine knows of the states: the moment is the phone's own, put right by its clock. */
TEST_BOTH(a_state_stamps_moment_and_person) {
  WORLD(w);
  int r;
  struct viewer u = world_user(&w, 1, DISTRICT_A, ALL), v = world_user(&w, 2, DISTRICT_A, ALL);
  struct change *c = world_do(&w, &u, &gap_kind, CHANGE_CREATE, NULL, NULL, "{" FOUND "}", &r);
  CHECK_OK(r, &w.e);
  const struct uuid id = c->id;
  c = change_make(w.a, &w.en, &u, &gap_kind, CHANGE_ACTION);
  c->id = id;
  c->device = id;
  c->clock_offset_ms = -MS_HOUR;
  c->written_ms = c->at_ms - 5 * MS_HOUR;
  const int64_t fixed = c->at_ms - 6 * MS_HOUR;
  c->transition = kind_transition(&gap_kind, S("fix"));
  change_set(c, GAP_FIXED_ON, V_TEXTZ("2020-02-10"));
  r = change_do(c, &w.e);
  CHECK_OK(r, &w.e);
  CHECK_EQ_I64(rec_i64(c->result, GAP_FIXED_AT), fixed);
  const struct uuid by = rec_uuid(c->result, GAP_FIXED_BY);
  CHECK(uuid_eq(&by, &u.user));
  /* from outside nobody writes it */
  c = world_do(&w, &u, &gap_kind, CHANGE_UPDATE, &id, NULL,
               "{\"fixed_at\":\"2020-02-01T08:00:00+08:00\"}", &r);
  CHECK_STR(world_problems(&w, c), "read_only@fixed_at");
  /* another person in between is not the one that the rule is about */
  c = world_do(&w, &v, &gap_kind, CHANGE_ACTION, &id, "show", "{}", &r);
  CHECK_OK(r, &w.e);
  CHECK(!rec_null(c->result, GAP_SHOWN_ON));
  c = world_do(&w, &u, &gap_kind, CHANGE_ACTION, &id, "verify", "{}", &r);
  CHECK_STR(world_problems(&w, c), "same_person@");
  c = world_do(&w, &v, &gap_kind, CHANGE_ACTION, &id, "reopen", "{}", &r);
  CHECK_OK(r, &w.e);
  CHECK(rec_null(c->result, GAP_FIXED_AT) && rec_null(c->result, GAP_FIXED_BY));
  CHECK(!rec_null(c->result, GAP_SHOWN_ON)); /* nothing is emptied but what the row says */
  c = world_do(&w, &u, &gap_kind, CHANGE_ACTION, &id, "fix", "{\"fixed_on\":\"2020-02-10\"}", &r);
  CHECK_OK(r, &w.e);
  CHECK_EQ_I64(rec_i64(c->result, GAP_FIXED_AT), c->at_ms);
  world_do(&w, &v, &gap_kind, CHANGE_ACTION, &id, "verify", "{}", &r);
  CHECK_OK(r, &w.e);
}
