#include "api/api.h"
#include "core/operation.h"
#include "core/settings.h"
#include "core/snapshots.h"
#include "http/http.h"
#include "http_client.h"
#include "product_fixture.h"

/* Two processes on one database (here: two of struct app): what one changes, the other refuses
 * nothing for, at once, and sees without being asked within a second. */

#define AT(hour, minute) (INT64_C(1588867200000) + ((hour)*60 + (minute)) * MS_MINUTE) /* 8 May */

struct other {
  struct product p;
};
static void other_done(struct other *o) {
  o->p.app = app_close(o->p.app);
  arena_free(o->p.a);
}

static int other_open(struct product *p, struct other *o) {
  struct app_options opt = {.keys = p->keys};
  if (p->place.schema[0])
    opt.database = p->place.where;
  else
    opt.data = p->place.where;
  o->p = (struct product){.a = arena_create(LIMIT_ARENA_JOB)};
  int r = app_open(&opt, &o->p.app, &p->e);
  if (r < 0) return r;
  r = product_at(&o->p, AT(9, 0));
  if (r < 0) p->e = o->p.e;
  return r;
}

#define TWO(p, o)                                                                                  \
  PRODUCT(p, AT(9, 0));                                                                            \
  CHECK_OK(product_units(&p), &p.e);                                                               \
  _cleanup_(other_done) struct other o = {0};                                                      \
  CHECK_OK(other_open(&p, &o), &p.e)

static int event(struct product *p, const struct uuid *post, int temperature) {
  struct change *c = product_make(p, &gate_event_kind, CHANGE_CREATE);
  change_set(c, GATE_POST, V_UUID(*post));
  change_set(c, GATE_DIRECTION, V_TEXTZ("in"));
  change_set(c, GATE_WHO_KIND, V_TEXTZ("visitor"));
  change_set(c, GATE_WHO, V_TEXTZ("试访"));
  change_set(c, GATE_OUTCOME, V_TEXTZ("admitted"));
  change_set(c, GATE_TEMPERATURE, V_I64(temperature));
  return product_do(p, c);
}

TEST_BOTH(a_post_that_another_process_made_is_known) {
  TWO(p, o);
  struct uuid post, nowhere;
  CHECK_OK(product_gate(&o.p, product_unit(&o.p, "110102013001"), "东门", &post), &o.p.e);
  CHECK_OK(event(&p, &post, 366), &p.e);
  /* closed there, it still takes what comes here for a moment, and no longer */
  struct change *c = product_make(&o.p, &post_kind, CHANGE_ACTION);
  c->id = post;
  c->transition = kind_transition(&post_kind, S("close"));
  c->reason = S("试");
  CHECK_OK(product_do(&o.p, c), &o.p.e);
  CHECK(snapshots_look(p.app));
  CHECK(event(&p, &post, 366) == -E_INVALID);
  CHECK(!snapshots_look(p.app));
  nowhere = idgen_next(&p.app->ids, p.v->now_ms);
  CHECK(event(&p, &nowhere, 366) == -E_INVALID);
}

TEST_BOTH(many_events_at_once_are_looked_at_anew_together) {
  enum { N = 6 };
  TWO(p, o);
  struct uuid post;
  struct cmd cmds[N];
  CHECK_OK(product_gate(&o.p, product_unit(&o.p, "110102013001"), "东门", &post), &o.p.e);
  for (int i = 0; i < N; i++) {
    struct change *c = product_make(&p, &gate_event_kind, CHANGE_CREATE);
    change_set(c, GATE_POST, V_UUID(post));
    change_set(c, GATE_DIRECTION, V_TEXTZ("in"));
    change_set(c, GATE_WHO_KIND, V_TEXTZ("visitor"));
    change_set(c, GATE_WHO, V_TEXTZ("试访"));
    change_set(c, GATE_OUTCOME, V_TEXTZ("admitted"));
    change_set(c, GATE_TEMPERATURE, V_I64(366));
    CHECK_OK(change_ready(c, &p.e), &p.e);
    cmds[i] = (struct cmd){.cls = &event_cmd, .arg = c, .priority = CMD_GATE};
  }
  writer_run_all(p.app->writer, cmds, N);
  for (int i = 0; i < N; i++) CHECK_OK(cmds[i].result, &cmds[i].err);
}

TEST_BOTH(a_unit_that_another_process_made_is_known) {
  TWO(p, o);
  struct uuid post;
  struct change *c = product_make(&o.p, &unit_kind, CHANGE_CREATE);
  change_set(c, UNIT_CODE, V_TEXTZ("110102013003"));
  change_set(c, UNIT_NAME, V_TEXTZ("新社区"));
  change_set(c, UNIT_KIND, V_TEXTZ("community"));
  change_set(c, UNIT_PARENT_CODE, V_TEXTZ("110102013000"));
  CHECK_OK(product_do(&o.p, c), &o.p.e);
  CHECK_OK(product_at(&o.p, AT(9, 0)), &o.p.e);
  const int32_t unit = product_unit(&o.p, "110102013003");
  CHECK(unit && !product_unit(&p, "110102013003"));
  CHECK_OK(product_gate(&p, unit, "新门", &post), &p.e); /* its viewer has the former tree */
  CHECK_OK(product_at(&p, AT(9, 0)), &p.e);
  CHECK_EQ_I64(product_unit(&p, "110102013003"), unit);
}

TEST_BOTH(a_rule_that_another_process_set_holds) {
  TWO(p, o);
  struct uuid post;
  struct operation op;
  CHECK_OK(product_gate(&p, product_unit(&p, "110102013001"), "东门", &post), &p.e);
  CHECK(event(&p, &post, 375) == -E_INVALID);
  CHECK_OK(operation_get(o.p.app, 0, &op, &o.p.e), &o.p.e);
  struct change *c = product_make(&o.p, &policy_rule_kind, CHANGE_CREATE);
  change_set(c, POLICY_OPERATION, V_UUID(op.id));
  change_set(c, POLICY_KEY, V_TEXTZ("temp_threshold"));
  change_set(c, POLICY_FROM, V_TEXTZ("2020-01-01"));
  change_set(c, POLICY_VALUE, V_I64(380));
  CHECK_OK(product_do(&o.p, c), &o.p.e);
  CHECK_OK(event(&p, &post, 375), &p.e);
}

TEST_BOTH(an_operation_that_another_process_opened_is_known) {
  TWO(p, o);
  struct operation op;
  struct change *c = product_make(&o.p, &operation_kind, CHANGE_CREATE);
  change_set(c, OPERATION_CODE, V_TEXTZ("second"));
  change_set(c, OPERATION_NAME, V_TEXTZ("第二行动"));
  change_set(c, OPERATION_TIMEZONE, V_TEXTZ("Asia/Shanghai"));
  change_set(c, OPERATION_BEGINS, V_TEXTZ("2020-01-01"));
  CHECK_OK(product_do(&o.p, c), &o.p.e);
  CHECK(operation_by_code(p.app, S("second"), &op, &p.e) == -E_NOT_FOUND);
  CHECK(snapshots_look(p.app));
  CHECK_OK(operation_by_code(p.app, S("second"), &op, &p.e), &p.e);
}

/* Without being asked, within a second. */
TEST_BOTH(what_another_process_changed_is_followed) {
  TWO(p, o);
  struct setting_change c = {.app = o.p.app,
                             .viewer = o.p.v,
                             .setting = setting_by_name(S("gate.clock_wrong_minutes")),
                             .i = 77};
  CHECK_OK(snapshots_watch(p.app->snapshots, &p.e), &p.e);
  CHECK_OK(writer_run(o.p.app->writer, &setting_change_cmd, &c, CMD_NORMAL, &o.p.e), &o.p.e);
  CHECK_EQ_I64(setting_i64(o.p.app, 0, "gate.clock_wrong_minutes"), 77); /* its own: at once */
  for (int i = 0; i < 300 && setting_i64(p.app, 0, "gate.clock_wrong_minutes") != 77; i++)
    usleep(10000);
  CHECK_EQ_I64(setting_i64(p.app, 0, "gate.clock_wrong_minutes"), 77);
}

/* ---- requests ---- */

static int person(struct product *p, struct uuid *ret_id) {
  struct change *c = product_make(p, &account_kind, CHANGE_CREATE);
  *ret_id = c->id;
  change_set(c, ACCOUNT_LOGIN, V_TEXTZ("lead"));
  change_set(c, ACCOUNT_NAME, V_TEXTZ("试组长"));
  change_set(c, ACCOUNT_UNIT, V_I64(product_unit(p, "110102013001")));
  int r = product_do(p, c);
  return r < 0 ? r : auth_set_password(p->app->auth, ret_id, S("correct-horse-1"), false, &p->e);
}

static int grant(struct product *p, const struct uuid *account, const char *unit) {
  struct change *c = product_make(p, &role_grant_kind, CHANGE_CREATE);
  change_set(c, GRANT_ACCOUNT, V_UUID(*account));
  change_set(c, GRANT_ROLE, V_TEXTZ("lead"));
  change_set(c, GRANT_UNIT, V_I64(product_unit(p, unit)));
  return product_do(p, c);
}

static int status_of(struct client *c, const char *request) {
  if (!client_send(c, request, strlen(request))) return -1;
  const struct answer a = client_answer(c, false);
  const int status = a.status;
  client_next(c, &a);
  return status;
}

TEST_BOTH(a_request_refused_on_what_has_moved_begins_anew) {
  TWO(p, o);
  struct uuid account;
  char request[600], token[AUTH_TOKEN_TEXT];
  CHECK_OK(person(&p, &account), &p.e);
  CHECK_OK(grant(&p, &account, "110102013001"), &p.e);
  struct auth_task t = {
      .type = AUTH_LOGIN, .a = p.a, .login = S("lead"), .password = S("correct-horse-1")};
  CHECK_OK(auth_run(p.app->auth, &t, &p.e), &p.e);
  memcpy(token, t.token, sizeof token);
  CHECK_OK(api_start(p.app, "127.0.0.1:0", &p.e), &p.e);
  struct client c = client_open(http_port(p.app->http));
  snprintf(request, sizeof request,
           "GET /api/v1/figures?unit=110102013002 HTTP/1.1\r\nHost: x\r\n"
           "Authorization: Bearer %s\r\n\r\n",
           token);
  const int before = status_of(&c, request);
  int r = grant(&o.p, &account, "110102013002");
  const int granted = r < 0 ? 0 : status_of(&c, request); /* the session is in memory here */
  struct change *u = product_make(&o.p, &unit_kind, CHANGE_CREATE);
  change_set(u, UNIT_CODE, V_TEXTZ("110102013003"));
  change_set(u, UNIT_NAME, V_TEXTZ("新社区"));
  change_set(u, UNIT_KIND, V_TEXTZ("community"));
  change_set(u, UNIT_PARENT_CODE, V_TEXTZ("110102013000"));
  if (r >= 0) r = product_do(&o.p, u);
  if (r >= 0) r = product_at(&o.p, AT(9, 0));
  if (r >= 0) r = grant(&o.p, &account, "110102013003");
  char *unit = strstr(request, "110102013002");
  if (unit) unit[11] = '3';
  const int made = r < 0 ? 0 : status_of(&c, request);
  client_done(&c);
  api_stop(p.app);
  CHECK_OK(r, &o.p.e);
  CHECK_EQ_I64(before, 404);
  CHECK_EQ_I64(granted, 200);
  CHECK_EQ_I64(made, 200);
}
