#include "app_fixture.h"

static const struct alarm_type hot = {.no = 1,
                                      .code = "test.hot",
                                      .zh = "{subject}体温{value}",
                                      .en = "{subject} has {value}",
                                      .owner_role = "coordinator",
                                      .escalate_ms = 10 * MS_MINUTE,
                                      .severity = 3};
static const struct alarm_type quiet = {
    .no = 2, .code = "test.quiet", .zh = "静", .en = "Quiet", .severity = 1};
static const struct alarm_type *const types[] = {&hot, &quiet, NULL};
static const struct module test_module = {.name = "test",
                                          .zh = "测试",
                                          .en = "Test",
                                          .kinds = fx_kinds,
                                          .indicators = fx_indicators,
                                          .alarms = types};
const struct module *const modules[] = {LAYER_MODULES, &test_module, NULL};

struct doing {
  struct app_fixture *x;
  struct alarm alarm;
  bool clear, fail;
  struct uuid id;
  bool new;
};

static int do_it(struct tx *tx, void *arg, struct err *e) {
  struct doing *d = arg;
  struct app *app = &d->x->app;
  int r = d->clear ? alarm_clear_as(tx, &app->registry, d->x->system, d->x->a, &d->alarm, e)
                   : alarm_raise_as(tx, &app->registry, d->x->system, d->x->a, &d->alarm, &d->id,
                                    &d->new, e);
  return r == 0 && d->fail ? err_set(e, E_CONFLICT, "this one was meant to fail") : r;
}
static const struct cmd_class do_cmd = {.name = "do", .run = do_it};

static int go(struct doing *d) {
  return writer_run(d->x->app.writer, &do_cmd, d, CMD_NORMAL, &d->x->e);
}

static struct record *load(struct app_fixture *x, const struct uuid *id) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct record *rec = NULL;
  if (store_read(x->app.store, &tx, &x->e) < 0) return NULL;
  return record_load(tx, x->a, &alarm_kind, 1, id, &rec, &x->e) == 0 ? rec : NULL;
}

static int act(struct app_fixture *x, const struct uuid *id, const char *action, const char *note) {
  struct change *c = change_make(x->a, &x->app.registry, x->system, &alarm_kind, CHANGE_ACTION);
  c->internal = true;
  c->id = *id;
  c->transition = kind_transition(&alarm_kind, str_from(action));
  change_set(c, ALARM_NOTE, V_TEXTZ(note));
  return change_do(c, &x->e);
}

/* An account with one role at a unit. */
static int grant(struct app_fixture *x, const char *login, const char *role, int unit) {
  struct change *c = change_make(x->a, &x->app.registry, x->system, &account_kind, CHANGE_CREATE);
  c->internal = true;
  change_set(c, ACCOUNT_LOGIN, V_TEXTZ(login));
  change_set(c, ACCOUNT_NAME, V_TEXTZ("测试员"));
  change_set(c, ACCOUNT_UNIT, V_I64(unit));
  int r = change_do(c, &x->e);
  if (r < 0) return r;
  const struct uuid account = c->id;
  c = change_make(x->a, &x->app.registry, x->system, &role_grant_kind, CHANGE_CREATE);
  c->internal = true;
  change_set(c, GRANT_ACCOUNT, V_UUID(account));
  change_set(c, GRANT_ROLE, V_TEXTZ(role));
  change_set(c, GRANT_UNIT, V_I64(unit));
  return change_do(c, &x->e);
}

TEST_BOTH(once_for_one_cause) {
  APP(x);
  struct doing d = {
      .x = &x,
      .alarm = {
          .type = &hot, .unit = 11, .cause = S("a"), .subject = S("张三"), .value = S("38.1")}};
  CHECK_OK(go(&d), &x.e);
  CHECK(d.new);
  const struct uuid first = d.id;
  CHECK_OK(go(&d), &x.e);
  CHECK(!d.new &&uuid_eq(&d.id, &first));
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM alarm"), 1);
  CHECK_OK(act(&x, &first, "acknowledge", "正在处理"), &x.e);
  CHECK_OK(go(&d), &x.e); /* acknowledged is still open */
  CHECK(!d.new);
  CHECK_OK(act(&x, &first, "close", "已处理"), &x.e);
  CHECK(act(&x, &first, "close", "again") == -E_STATE);
  CHECK_OK(go(&d), &x.e); /* the cause stands, and a person has said that he knows */
  CHECK(!d.new &&uuid_eq(&d.id, &first));
  d.clear = true;
  CHECK_OK(go(&d), &x.e);
  d.clear = false;
  CHECK_OK(go(&d), &x.e); /* it was gone meanwhile */
  CHECK(d.new && !uuid_eq(&d.id, &first));
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM alarm"), 2);
  struct record *rec = load(&x, &first);
  CHECK(rec && str_is(rec->state, "closed") && rec_null(rec, ALARM_OPEN_CAUSE));
  CHECK(!rec_null(rec, ALARM_CLOSED_AT) && rec_is(rec, ALARM_NOTE, "已处理"));
  struct str text = alarm_text(x.a, rec, true);
  CHECK_MEM(text.p, text.n, "张三体温38.1", strlen("张三体温38.1"));
  text = alarm_text(x.a, rec, false);
  CHECK_MEM(text.p, text.n, "张三 has 38.1", strlen("张三 has 38.1"));
}

TEST_BOTH(goes_with_what_caused_it) {
  APP(x);
  struct doing d = {.x = &x, .fail = true, .alarm = {.type = &hot, .unit = 11, .cause = S("a")}};
  CHECK(go(&d) == -E_CONFLICT);
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM alarm"), 0);
  d.fail = false;
  CHECK_OK(go(&d), &x.e);
  CHECK(d.new);
  /* the same cause under another type is another alarm */
  struct doing other = {.x = &x, .alarm = {.type = &quiet, .unit = 11, .cause = S("a")}};
  CHECK_OK(go(&other), &x.e);
  CHECK(other.new);
  d.clear = true;
  CHECK_OK(go(&d), &x.e);
  CHECK_OK(go(&d), &x.e); /* nothing stands open any more: no error */
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM alarm WHERE state = 'closed'"), 1);
}

TEST_BOTH(escalates_to_the_root_and_no_further) {
  APP(x);
  CHECK_OK(grant(&x, "sub", "coordinator", 5), &x.e);
  struct doing d = {.x = &x, .alarm = {.type = &hot, .unit = 11, .cause = S("a")}};
  struct doing silent = {.x = &x, .alarm = {.type = &quiet, .unit = 11, .cause = S("a")}};
  CHECK_OK(go(&d), &x.e);
  CHECK_OK(go(&silent), &x.e);
  struct record *rec = load(&x, &d.id);
  CHECK(rec);
  CHECK_EQ_I64(rec_unit(rec, ALARM_OWNER_UNIT), 5); /* the community has none: the subdistrict */
  static const int levels[] = {0, 2, 1, 1};         /* after 0, 10, 20, 30 minutes */
  for (int i = 0; i < 4; i++) {
    clock_set_frozen(&x.app.clock, FX_NOW + i * 10 * MS_MINUTE);
    CHECK_OK(job_by_hand(&x.app, x.a, 0, alarms_escalate, &x.e), &x.e);
    CHECK_OK(job_by_hand(&x.app, x.a, 0, alarms_escalate, &x.e), &x.e); /* not twice for one term */
    rec = load(&x, &d.id);
    CHECK(rec);
    CHECK_EQ_I64(rec_unit(rec, ALARM_ESCALATED_TO), levels[i]);
    CHECK_EQ_I64(rec_i64(rec, ALARM_ESCALATIONS), i < 2 ? i : 2);
  }
  CHECK(rec_null(rec, ALARM_DUE_AT));
  /* each step is a change of its own, by the system, and audited */
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM history WHERE kind = 80 AND action = 'update'"),
               2);
  rec = load(&x, &silent.id);
  CHECK(rec && rec_null(rec, ALARM_ESCALATED_TO));
}

TEST_BOTH(acknowledged_is_not_escalated) {
  APP(x);
  struct doing d = {.x = &x, .alarm = {.type = &hot, .unit = 11, .cause = S("a")}};
  CHECK_OK(go(&d), &x.e);
  CHECK_OK(act(&x, &d.id, "acknowledge", "看到了"), &x.e);
  clock_set_frozen(&x.app.clock, FX_NOW + MS_HOUR);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, alarms_escalate, &x.e), &x.e);
  struct record *rec = load(&x, &d.id);
  CHECK(rec && rec_null(rec, ALARM_ESCALATED_TO) && !rec_null(rec, ALARM_ACKNOWLEDGED_AT));
}

static int set_setting(struct app_fixture *x, const char *name, const char *json) {
  json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
  struct problems ps;
  problems_init(&ps, x->a);
  struct setting_change c = {
      .app = &x->app, .viewer = x->system, .op = 1, .setting = setting_by_name(str_from(name))};
  int r = c.setting && setting_parse(&c, value, &ps) && !problems_any(&ps)
              ? writer_run(x->app.writer, &setting_change_cmd, &c, CMD_NORMAL, &x->e)
              : -E_INVALID;
  json_decref(value);
  return r;
}

TEST_BOTH(severe_ones_are_mailed_once) {
  APP(x);
  struct doing d = {.x = &x, .alarm = {.type = &hot, .unit = 11, .cause = S("a")}};
  struct doing mild = {.x = &x, .alarm = {.type = &quiet, .unit = 11, .cause = S("a")}};
  CHECK_OK(go(&d), &x.e);
  CHECK_OK(go(&mild), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, alarms_escalate, &x.e), &x.e);
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM outbox_message"), 0);
  CHECK_OK(set_setting(&x, "alarm.mail_to", "\"a@example.org, b@example.org\""), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, alarms_escalate, &x.e), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, alarms_escalate, &x.e), &x.e);
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM outbox_message WHERE state = 'queued'"), 2);
}

TEST_BOTH(settings_are_checked_and_kept) {
  APP(x);
  CHECK_EQ_I64(setting_i64(&x.app, 1, "alarm.mail_severity"), 3);
  CHECK(set_setting(&x, "alarm.mail_severity", "4") == -E_INVALID);
  CHECK(set_setting(&x, "alarm.mail_severity", "\"2\"") == -E_INVALID);
  CHECK(set_setting(&x, "no.such", "1") == -E_INVALID);
  CHECK_OK(set_setting(&x, "alarm.mail_severity", "2"), &x.e);
  CHECK_EQ_I64(setting_i64(&x.app, 1, "alarm.mail_severity"), 2);
  CHECK_EQ_I64(setting_i64(&x.app, 2, "alarm.mail_severity"), 3); /* of another operation */
  CHECK_OK(set_setting(&x, "outbox.channel", "\"sink\""), &x.e);
  struct str ch = setting_text(&x.app, 7, "outbox.channel", x.a);
  CHECK(str_is(ch, "sink")); /* of the installation: whatever the operation */
  CHECK_OK(set_setting(&x, "outbox.channel", "null"), &x.e);
  ch = setting_text(&x.app, 0, "outbox.channel", x.a);
  CHECK(str_is(ch, "smtp"));
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM setting"), 1);
  CHECK(fx_count(&x, "SELECT count(*) FROM audit WHERE action = 'setting'") == 2);
}
