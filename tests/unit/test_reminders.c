#include "core/jobs.h"
#include "domain/daily_returns/chase_note.h"
#include "domain/daily_returns/returns.h"
#include "domain/enterprises/contact.h"
#include "product_fixture.h"
#include "service_fixture.h"

/* A day of reminders by the test's clock: who is missing is told and nobody else, what is queued
 * for one who reports is withdrawn, and at the hour the names go one level up. */

#define AT(hour, minute) (INT64_C(1588867200000) + ((hour)*60 + (minute)) * MS_MINUTE) /* 8 May */
#define DAY              18390

struct case_ {
  struct product *p;
  struct uuid template, e[5];
};

static int set(struct product *p, const char *name, const char *json) {
  json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
  struct problems ps;
  problems_init(&ps, p->a);
  struct setting_change c = {
      .app = p->app, .viewer = p->v, .op = p->v->op, .setting = setting_by_name(str_from(name))};
  int r = c.setting && setting_parse(&c, value, &ps) && !problems_any(&ps) ? 0 : -E_INVALID;
  if (r == 0) r = writer_run(p->app->writer, &setting_change_cmd, &c, CMD_NORMAL, &p->e);
  json_decref(value);
  return r;
}

static int act(struct product *p, const struct kind *k, const struct uuid *id, const char *action) {
  struct change *c = product_make(p, k, CHANGE_ACTION);
  c->id = *id;
  c->transition = kind_transition(k, str_from(action));
  return product_do(p, c);
}

static int make_template(struct case_ *t) {
  struct product *p = t->p;
  struct change *c = product_make(p, &return_template_kind, CHANGE_CREATE);
  t->template = c->id;
  change_set(c, TEMPLATE_RETURN_CODE, V_TEXTZ("trial"));
  change_set(c, TEMPLATE_RETURN_VERSION, V_I64(1));
  change_set(c, TEMPLATE_RETURN_NAME, V_TEXTZ("防疫日报"));
  change_set(c, TEMPLATE_RETURN_NAME_EN, V_TEXTZ("Daily return"));
  change_set(c, TEMPLATE_RETURN_UNIT, V_I64(product_unit(p, "110102000000")));
  change_set(c, TEMPLATE_RETURN_FROM, V_TEXTZ("2020-05-01"));
  change_set(c, TEMPLATE_RETURN_DEADLINE, V_I64(16 * 60));
  change_set(c, TEMPLATE_RETURN_CUTOFF, V_I64(15 * 60));
  change_set(c, TEMPLATE_RETURN_WEEKDAYS, V_TEXTZ("1234567"));
  int r = product_do(p, c);
  if (r < 0) return r;
  c = product_make(p, &template_field_kind, CHANGE_CREATE);
  change_set(c, TFIELD_TEMPLATE, V_UUID(t->template));
  change_set(c, TFIELD_CODE, V_TEXTZ("fever"));
  change_set(c, TFIELD_ORDER, V_I64(1));
  change_set(c, TFIELD_ZH, V_TEXTZ("新发热人数"));
  change_set(c, TFIELD_EN, V_TEXTZ("New fevers"));
  change_set(c, TFIELD_DEFINITION, V_TEXTZ("当日新增"));
  change_set(c, TFIELD_DEFINITION_EN, V_TEXTZ("of the day"));
  r = product_do(p, c);
  return r < 0 ? r : act(p, &return_template_kind, &t->template, "publish");
}

static int make_enterprise(struct case_ *t, int i, const char *name, const char *unit,
                           const char *phone) {
  struct change *c = product_make(t->p, &enterprise_kind, CHANGE_CREATE);
  t->e[i] = c->id;
  change_set(c, ENTERPRISE_NAME, V_TEXTZ(name));
  change_set(c, ENTERPRISE_UNIT, V_I64(product_unit(t->p, unit)));
  change_set(c, ENTERPRISE_REGISTERED_ON, V_TEXTZ("2020-05-01"));
  if (phone) change_set(c, ENTERPRISE_PHONE, V_TEXTZ(phone));
  return product_do(t->p, c);
}

static int make_contact(struct case_ *t, int i, const char *role, const char *phone,
                        const char *email, const char *remind, const char *language) {
  struct change *c = product_make(t->p, &enterprise_contact_kind, CHANGE_CREATE);
  change_set(c, CONTACT_ENTERPRISE, V_UUID(t->e[i]));
  change_set(c, CONTACT_ROLE, V_TEXTZ(role));
  change_set(c, CONTACT_NAME, V_TEXTZ("试联系"));
  if (phone) change_set(c, CONTACT_PHONE, V_TEXTZ(phone));
  if (email) change_set(c, CONTACT_EMAIL, V_TEXTZ(email));
  if (remind) change_set(c, CONTACT_REMIND, V_TEXTZ(remind));
  if (language) change_set(c, CONTACT_LANGUAGE, V_TEXTZ(language));
  return product_do(t->p, c);
}

/* Five that owe the return: one with a clerk, one by mail in English, one that wants none, one with
 * the telephone of its file, one that nobody can reach. */
static int make_case(struct case_ *t) {
  struct product *p = t->p;
  int r = product_units(p);
  if (r >= 0) r = make_template(t);
  if (r >= 0) r = make_enterprise(t, 0, "甲公司", "110102013001", "13800000009");
  if (r >= 0) r = make_contact(t, 0, "legal_person", "13800000008", NULL, NULL, NULL);
  if (r >= 0) r = make_contact(t, 0, "clerk", "13800000001", NULL, NULL, NULL);
  if (r >= 0) r = make_enterprise(t, 1, "乙公司", "110102013001", "13800000009");
  if (r >= 0) r = make_contact(t, 1, "union_chair", "13800000002", "b@example.org", "mail", "en");
  if (r >= 0) r = make_contact(t, 1, "clerk", "13800000008", NULL, NULL, NULL);
  if (r >= 0) r = make_enterprise(t, 2, "丙公司", "110102013001", "13800000009");
  if (r >= 0) r = make_contact(t, 2, "clerk", "13800000003", NULL, "none", NULL);
  if (r >= 0) r = make_enterprise(t, 3, "丁公司", "110102013002", "13800000004");
  if (r >= 0) r = make_enterprise(t, 4, "戊公司", "110102013001", "01063000000");
  struct job_run by_hand = {.app = p->app, .a = p->a, .viewer = p->v};
  if (r >= 0) r = duty_open_day(&by_hand, &returns_duty, DAY, &p->e);
  if (r >= 0 && product_count(p, "SELECT count(*) FROM daily_return") != 5) return -E_BUG;
  if (r >= 0) r = set(p, "returns.remind_by", "\"any\"");
  return r < 0 ? r : set(p, "public_url", "\"https://sw.example.cn/\"");
}

static int round_at(struct case_ *t, int64_t at) {
  int r = product_at(t->p, at);
  return r < 0 ? r : job_by_hand(t->p->app, t->p->a, t->p->v->op, duties_tell, &t->p->e);
}
static int send_at(struct case_ *t, int64_t at) {
  int r = product_at(t->p, at);
  return r < 0 ? r : job_by_hand(t->p->app, t->p->a, 0, outbox_run, &t->p->e);
}

static int report(struct case_ *t, int i, int64_t at) {
  int r = product_at(t->p, at);
  struct submission *s = arena_new(t->p->a, struct submission);
  json_t *values = json_pack("{s:i}", "fever", 0);
  *s = (struct submission){.app = t->p->app,
                           .a = t->p->a,
                           .viewer = t->p->v,
                           .source = "test",
                           .enterprise = t->e[i],
                           .template_code = S("trial"),
                           .day = DAY,
                           .at_ms = at,
                           .channel = S("phone"),
                           .values = values,
                           .reminder = -1};
  if (r >= 0) r = writer_run(t->p->app->writer, &submission_cmd, s, CMD_NORMAL, &t->p->e);
  for (const struct problem *pr = s->problems.first; r < 0 && pr; pr = pr->next)
    printf("# " STR_FMT "\n", STR_ARG(pr->field));
  json_decref(values);
  return r;
}

#define COUNT(sql) product_count(&p, "SELECT count(*) FROM " sql)
#define REMINDERS  "outbox_message WHERE topic = 'return_reminder'"

TEST_BOTH(only_the_missing_and_until_they_report) {
  _cleanup_(service_done) struct service s = {0};
  char book[100], url[100];
  CHECK(service_open(&s));
  snprintf(book, sizeof book, "allow http://127.0.0.1:%d\n", s.port);
  BOOK(book);
  PRODUCT(p, AT(9, 0));
  struct case_ t = {.p = &p};
  CHECK_OK(make_case(&t), &p.e);
  snprintf(url, sizeof url, "\"http://127.0.0.1:%d/\"", s.port);
  CHECK_OK(set(&p, "outbox.sms_url", url), &p.e);
  CHECK_OK(set(&p, "outbox.sms_body", "\"{\\\"to\\\":\\\"{to}\\\",\\\"text\\\":\\\"{text}\\\"}\""),
           &p.e);
  CHECK_OK(set(&p, "outbox.sms_success", "\"fine\""), &p.e);
  answers(&s, 200, "fine");
  /* two hours before the deadline, and not earlier */
  CHECK_OK(round_at(&t, AT(13, 59)), &p.e);
  CHECK_EQ_I64(COUNT("outbox_message"), 0);
  CHECK_OK(round_at(&t, AT(14, 0)), &p.e);
  CHECK_EQ_I64(COUNT(REMINDERS), 3);
  CHECK_EQ_I64(COUNT(REMINDERS " AND channel = 'sms'"), 2);
  CHECK_EQ_I64(COUNT(REMINDERS " AND channel = 'smtp'"), 1);
  CHECK_EQ_I64(COUNT("duty_reminder"), 5); /* two of them could not be reached */
  CHECK_EQ_I64(COUNT("duty_reminder WHERE messages = 0"), 2);
  CHECK_OK(round_at(&t, AT(14, 1)), &p.e);
  CHECK_EQ_I64(COUNT(REMINDERS), 3);
  /* who reports while it is queued gets none */
  CHECK_OK(report(&t, 0, AT(14, 2)), &p.e);
  CHECK_OK(send_at(&t, AT(14, 5)), &p.e);
  CHECK_EQ_I64(s.calls, 1);
  CHECK(strstr(s.body, "\"to\":\"13800000004\""));
  CHECK(strstr(s.body, "丁公司5月8日的防疫日报还没有报，16:00截止。请打开 "
                       "https://sw.example.cn/e/"));
  CHECK_EQ_I64(COUNT(REMINDERS " AND state = 'cancelled' AND last_error = 'not_needed'"), 1);
  CHECK_EQ_I64(COUNT(REMINDERS " AND state = 'sent'"), 1);
  /* a promise holds the second one back until its hour */
  struct change *c = product_make(&p, &chase_note_kind, CHANGE_CREATE);
  change_set(c, CHASE_ENTERPRISE, V_UUID(t.e[3]));
  change_set(c, CHASE_DAY, V_TEXTZ("2020-05-08"));
  change_set(c, CHASE_OUTCOME, V_TEXTZ("promised"));
  change_set(c, CHASE_PROMISE_AT, V_I64(AT(15, 45)));
  CHECK_OK(product_do(&p, c), &p.e);
  CHECK_OK(round_at(&t, AT(15, 30)), &p.e);
  CHECK_EQ_I64(COUNT(REMINDERS), 4);
  CHECK_OK(round_at(&t, AT(15, 46)), &p.e);
  CHECK_EQ_I64(COUNT(REMINDERS), 5);
  /* two a day, then no more; a third is said otherwise */
  CHECK_OK(set(&p, "returns.remind_after_minutes", "60"), &p.e);
  CHECK_OK(round_at(&t, AT(17, 0)), &p.e);
  CHECK_EQ_I64(COUNT(REMINDERS), 5);
  CHECK_OK(set(&p, "returns.remind_most", "3"), &p.e);
  CHECK_OK(round_at(&t, AT(17, 1)), &p.e);
  CHECK_EQ_I64(COUNT(REMINDERS), 7);
  CHECK_OK(send_at(&t, AT(17, 5)), &p.e);
  CHECK(strstr(s.body, "已过16:00时限，仍可补报"));
  /* neither a telephone nor an address lies open */
  CHECK_EQ_I64(COUNT("history WHERE changes LIKE '%13800000004%' OR changes LIKE '%b@example%'"),
               0);
}

TEST_BOTH(not_at_night_not_when_stale_and_not_the_day_after) {
  PRODUCT(p, AT(9, 0));
  struct case_ t = {.p = &p};
  CHECK_OK(make_case(&t), &p.e);
  CHECK_OK(set(&p, "returns.remind_from_hour", "15"), &p.e);
  CHECK_OK(round_at(&t, AT(14, 30)), &p.e);
  CHECK_EQ_I64(COUNT("duty_reminder"), 0);
  CHECK_OK(set(&p, "returns.remind_from_hour", "8"), &p.e);
  CHECK_OK(set(&p, "returns.remind_by", "\"none\""), &p.e);
  CHECK_OK(round_at(&t, AT(14, 30)), &p.e);
  CHECK_EQ_I64(COUNT("duty_reminder"), 0);
  CHECK_OK(set(&p, "returns.remind_by", "\"sms\""), &p.e);
  CHECK_OK(round_at(&t, AT(17, 31)), &p.e); /* the last hour was 15:30 */
  CHECK_EQ_I64(COUNT("duty_reminder"), 0);
  CHECK_OK(round_at(&t, AT(17, 29)), &p.e);
  CHECK_EQ_I64(COUNT(REMINDERS " AND channel = 'sms'"), 3);
  CHECK_EQ_I64(COUNT(REMINDERS " AND channel = 'smtp'"), 0); /* by text message only */
  /* nothing could be sent until the next noon: it is no news any more */
  CHECK_OK(send_at(&t, AT(24 + 12, 0)), &p.e);
  CHECK_EQ_I64(COUNT(REMINDERS " AND state = 'cancelled'"), 3);
}

TEST_BOTH(names_go_one_level_up_and_come_down_when_all_have_reported) {
  PRODUCT(p, AT(9, 0));
  struct case_ t = {.p = &p};
  CHECK_OK(make_case(&t), &p.e);
  CHECK_OK(set(&p, "returns.escalate_to", "\"duty@example.org, wecom:duty\""), &p.e);
  CHECK_OK(set(&p, "returns.remind_by", "\"none\""), &p.e);
  CHECK_OK(report(&t, 0, AT(15, 0)), &p.e);
  CHECK_OK(round_at(&t, AT(16, 59)), &p.e);
  CHECK_EQ_I64(COUNT("alarm"), 0);
  CHECK_OK(round_at(&t, AT(17, 0)), &p.e);
  CHECK_OK(round_at(&t, AT(17, 1)), &p.e);
  CHECK_EQ_I64(COUNT("alarm WHERE code = 'returns.missing' AND state = 'open'"), 2);
  CHECK_EQ_I64(
      COUNT("alarm WHERE value = '3家：丙公司、乙公司、戊公司' OR value = "
            "'3家：丙公司、戊公司、乙公司' OR value = '3家：乙公司、丙公司、戊公司' OR "
            "value = '3家：乙公司、戊公司、丙公司' OR value = '3家：戊公司、乙公司、丙公司' "
            "OR value = '3家：戊公司、丙公司、乙公司'"),
      1);
  CHECK_EQ_I64(COUNT("alarm WHERE value = '1家：丁公司' AND subject = '防疫日报'"), 1);
  CHECK_EQ_I64(COUNT("outbox_message WHERE topic = 'returns_missing'"), 4);
  CHECK_EQ_I64(COUNT("outbox_message WHERE topic = 'returns_missing' AND channel = 'wecom'"), 2);
  /* late as it is, the last one reports */
  CHECK_OK(report(&t, 3, AT(18, 0)), &p.e);
  CHECK_EQ_I64(COUNT("alarm WHERE state = 'closed' AND value = '1家：丁公司'"), 1);
  CHECK_EQ_I64(COUNT("alarm WHERE state = 'open'"), 1);
  /* a person closes the other: it does not come back that day */
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct uuid id;
  CHECK_OK(store_read(p.app->store, &tx, &p.e), &p.e);
  {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    CHECK_OK(cur_open_sql(tx, S("SELECT id FROM alarm WHERE state = 'open'"), NULL, 0, &cur, &p.e),
             &p.e);
    CHECK(cur_next(cur, &p.e) == 1);
    id = cur_uuid(cur, 0);
  }
  tx_endp(&tx);
  CHECK_OK(act(&p, &alarm_kind, &id, "close"), &p.e);
  CHECK_OK(round_at(&t, AT(19, 0)), &p.e);
  CHECK_EQ_I64(COUNT("alarm"), 2);
}

#define SENT_BACK "outbox_message WHERE topic = 'return_sent_back'"

/* The row of enterprise i. */
static int row_of(struct case_ *t, int i, struct uuid *ret) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = store_read(t->p->app->store, &tx, &t->p->e);
  if (r >= 0)
    r = cur_open_sql(tx, S("SELECT id FROM daily_return WHERE enterprise = $1"), P(V_UUID(t->e[i])),
                     &cur, &t->p->e);
  if (r >= 0) r = cur_next(cur, &t->p->e);
  if (r == 1) *ret = cur_uuid(cur, 0);
  return r == 1 ? 0 : -E_NOROW;
}

static int send_back(struct case_ *t, int i, int64_t at, const char *why) {
  struct uuid row;
  int r = product_at(t->p, at);
  if (r >= 0) r = row_of(t, i, &row);
  if (r < 0) return r;
  struct change *c = product_make(t->p, &daily_return_kind, CHANGE_ACTION);
  c->id = row;
  c->transition = kind_transition(&daily_return_kind, S("send_back"));
  c->reason = str_from(why);
  return product_do(t->p, c);
}

TEST_BOTH(sent_back_is_told_until_it_is_corrected) {
  _cleanup_(service_done) struct service s = {0};
  char book[100], url[100];
  CHECK(service_open(&s));
  snprintf(book, sizeof book, "allow http://127.0.0.1:%d\n", s.port);
  BOOK(book);
  PRODUCT(p, AT(9, 0));
  struct case_ t = {.p = &p};
  CHECK_OK(make_case(&t), &p.e);
  snprintf(url, sizeof url, "\"http://127.0.0.1:%d/\"", s.port);
  CHECK_OK(set(&p, "outbox.sms_url", url), &p.e);
  CHECK_OK(set(&p, "outbox.sms_body", "\"{\\\"to\\\":\\\"{to}\\\",\\\"text\\\":\\\"{text}\\\"}\""),
           &p.e);
  CHECK_OK(set(&p, "outbox.sms_success", "\"fine\""), &p.e);
  answers(&s, 200, "fine");
  for (int i = 0; i < 5; i++) CHECK_OK(report(&t, i, AT(9, 30)), &p.e);
  CHECK_OK(send_back(&t, 0, AT(10, 0), "到岗人数请核对"), &p.e);
  CHECK_OK(send_back(&t, 1, AT(10, 0), "please compare"), &p.e); /* by mail, in English */
  CHECK_OK(send_back(&t, 2, AT(10, 0), "请核对"), &p.e);         /* wants none */
  CHECK_EQ_I64(COUNT(SENT_BACK), 2);
  CHECK_EQ_I64(COUNT(SENT_BACK " AND channel = 'smtp'"), 1);
  CHECK_EQ_I64(COUNT("duty_reminder WHERE slot = 101 AND messages = 0"), 1);
  CHECK_OK(send_at(&t, AT(10, 2)), &p.e); /* nothing within the first minutes */
  CHECK_EQ_I64(s.calls, 0);
  CHECK_OK(send_at(&t, AT(10, 4)), &p.e);
  CHECK_EQ_I64(s.calls, 1);
  CHECK(strstr(s.body, "\"to\":\"13800000001\""));
  CHECK(strstr(s.body, "甲公司5月8日的防疫日报被退回更正：到岗人数请核对。请打开 "
                       "https://sw.example.cn/e/"));
  /* corrected before it went out: withdrawn */
  CHECK_OK(report(&t, 0, AT(10, 10)), &p.e);
  CHECK_OK(send_back(&t, 0, AT(10, 11), "还是不对"), &p.e);
  CHECK_EQ_I64(COUNT(SENT_BACK), 3);
  CHECK_OK(report(&t, 0, AT(10, 12)), &p.e);
  CHECK_OK(send_at(&t, AT(10, 20)), &p.e);
  CHECK_EQ_I64(s.calls, 1);
  CHECK_EQ_I64(COUNT(SENT_BACK " AND state = 'cancelled' AND last_error = 'not_needed'"), 1);
  /* two for one return, like reminders; then no more */
  CHECK_OK(send_back(&t, 0, AT(10, 30), "第三次"), &p.e);
  CHECK_EQ_I64(COUNT(SENT_BACK), 3);
  /* late in the evening it waits for the morning, and says which day it is about */
  CHECK_OK(send_back(&t, 3, AT(21, 30), "请补填"), &p.e);
  CHECK_EQ_I64(COUNT(SENT_BACK), 4);
  CHECK_OK(send_at(&t, AT(24 + 7, 59)), &p.e);
  CHECK_EQ_I64(s.calls, 1);
  CHECK_OK(send_at(&t, AT(24 + 8, 0)), &p.e);
  CHECK_EQ_I64(s.calls, 2);
  CHECK(strstr(s.body, "丁公司5月8日的防疫日报被退回更正：请补填。"));
  /* an earlier day's is linked with its day; nobody is told where reminders are off */
  CHECK_OK(report(&t, 3, AT(24 + 9, 0)), &p.e);
  CHECK_OK(send_back(&t, 3, AT(24 + 9, 10), "再补填"), &p.e);
  CHECK_OK(send_at(&t, AT(24 + 9, 20)), &p.e);
  CHECK_EQ_I64(s.calls, 3);
  CHECK(strstr(s.body, "?d=2020-05-08 更正。"));
  CHECK_OK(set(&p, "returns.remind_by", "\"none\""), &p.e);
  CHECK_OK(send_back(&t, 4, AT(24 + 9, 30), "请核对"), &p.e);
  CHECK_EQ_I64(COUNT(SENT_BACK), 5);
}
