#include "notify/channel_config.h"
#include "notify/topics.h"
#include "app_fixture.h"
#include "service_fixture.h"
#include <sodium.h>

/* The channels that call another service: robots and the gateway for text messages, against a
 * service of a few lines on the loopback. */

static bool wanted_now = true;
static int is_wanted(struct app *app, struct tx *tx, int64_t op, const struct uuid *subject,
                     bool *ret_wanted, struct err *e) {
  (void)app, (void)tx, (void)op, (void)subject, (void)e;
  *ret_wanted = wanted_now;
  return 0;
}
static const struct message_topic plain = {
    .code = "plain",
    .zh = "通知",
    .en = "Notice",
    .args = "name link",
    .in_zh = {.subject = "{name}的通知",
              .body = "请{name}打开 {link}\n",
              .brief = "{name}：{link}"},
    .in_en = {.subject = "Notice to {name}", .body = "{name}, open {link}\n"}};
static const struct message_topic gathered = {
    .code = "gathered",
    .zh = "汇总",
    .en = "Gathered",
    .args = "name link",
    .window_ms = 10 * MS_MINUTE,
    .in_zh = {.subject = "{name}未报", .body = "{name} {link}\n", .brief = "{name}未报。"},
    .in_en = {.subject = "{name} is missing", .body = "{name} {link}\n"}};
static const struct message_topic passing = {.code = "passing",
                                             .zh = "过时不候",
                                             .en = "Passing",
                                             .args = "name link",
                                             .wanted = is_wanted,
                                             .in_zh = {.subject = "{name}", .body = "{name}\n"},
                                             .in_en = {.subject = "{name}", .body = "{name}\n"}};
static const struct message_topic *const topics[] = {&plain, &gathered, &passing, NULL};
static const struct module test_module = {.name = "test",
                                          .zh = "测试",
                                          .en = "Test",
                                          .kinds = fx_kinds,
                                          .indicators = fx_indicators,
                                          .topics = topics};
const struct module *const modules[] = {LAYER_MODULES, &test_module, NULL};

/* ---- around it ---- */

static int set(struct app_fixture *x, const char *name, const char *json) {
  json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
  struct problems ps;
  problems_init(&ps, x->a);
  struct setting_change c = {
      .app = &x->app, .viewer = x->system, .op = 1, .setting = setting_by_name(str_from(name))};
  int r = c.setting && setting_parse(&c, value, &ps) && !problems_any(&ps) ? 0 : -E_INVALID;
  if (r == 0) r = writer_run(x->app.writer, &setting_change_cmd, &c, CMD_NORMAL, &x->e);
  json_decref(value);
  return r;
}

struct saying {
  struct app_fixture *x;
  struct message m;
};
static int say_run(struct tx *tx, void *arg, struct err *e) {
  struct saying *s = arg;
  return message_say(tx, &s->x->app, s->x->system, s->x->a, &s->m, e);
}
static const struct cmd_class say_cmd = {.name = "say", .run = say_run};

static int say_to(struct app_fixture *x, const struct message_topic *t, const char *to,
                  const char *name, enum message_language language) {
  struct message_arg args[] = {
      {"name", str_from(name)}, {"link", S("https://x.example/e/\"a\"?b=1&c=2")}, {0}};
  struct saying s = {
      .x = x,
      .m = {
          .topic = t, .to = str_from(to), .language = language, .args = args, .op = 1, .unit = 11}};
  return writer_run(x->app.writer, &say_cmd, &s, CMD_NORMAL, &x->e);
}

static int64_t in_state(struct app_fixture *x, const char *state) {
  char sql[128];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM outbox_message WHERE state = '%s'", state);
  return fx_count(x, sql);
}
static int64_t error_is(struct app_fixture *x, const char *words) {
  char sql[160];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM outbox_message WHERE last_error = '%s'", words);
  return fx_count(x, sql);
}

static struct str member(struct app_fixture *x, const char *body, const char *a, const char *b) {
  json_t *root;
  if (json_read(x->a, str_from(body), &root, &x->e) < 0) return S("unreadable");
  const json_t *at = json_object_get(root, a);
  return json_str(b ? json_object_get(at, b) : at);
}
#define CHECK_IS(got, wanted)                                                                      \
  do {                                                                                             \
    const struct str got_ = (got);                                                                 \
    CHECK_MEM(got_.p, got_.n, (wanted), strlen(wanted));                                           \
  } while (0)

/* ---- robots ---- */

TEST_BOTH(wecom_is_judged_by_its_number) {
  _cleanup_(service_done) struct service s = {0};
  char book[200];
  CHECK(service_open(&s));
  snprintf(book, sizeof book,
           "# the duty group\nrobot duty wecom http://127.0.0.1:%d/send?key=k1\n", s.port);
  BOOK(book);
  APP(x);
  answers(&s, 200, "{\"errcode\":0,\"errmsg\":\"ok\"}");
  CHECK_OK(say_to(&x, &plain, "wecom:duty", "甲\"公司", SAY_ZH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "sent"), 1);
  CHECK(strstr(s.head, "POST /send?key=k1 "));
  CHECK_IS(member(&x, s.body, "msgtype", NULL), "text");
  CHECK_IS(member(&x, s.body, "text", "content"),
           "【守望】甲\"公司的通知\n请甲\"公司打开 https://x.example/e/\"a\"?b=1&c=2\n");
  /* 200, and yet not taken */
  answers(&s, 200, "{\"errcode\":93000,\"errmsg\":\"invalid webhook url\"}");
  CHECK_OK(say_to(&x, &plain, "wecom:duty", "乙", SAY_BOTH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "queued"), 1);
  CHECK_EQ_I64(error_is(&x, "forbidden 93000"), 1);
  /* a number that nobody knows is no success either, nor an answer without one */
  static const char *const odd[] = {"{\"errcode\":777}", "<html>ok</html>", "{\"errmsg\":\"ok\"}"};
  int64_t now = FX_NOW;
  for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
    answers(&s, 200, odd[i]);
    clock_set_frozen(&x.app.clock, now += MS_HOUR);
    CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
    CHECK_EQ_I64(in_state(&x, "queued"), 1);
  }
  CHECK_EQ_I64(s.calls, 5);
  /* refused for good: dead at once */
  answers(&s, 200, "{\"errcode\":40058}");
  clock_set_frozen(&x.app.clock, now += MS_HOUR);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "dead"), 1);
  CHECK_EQ_I64(error_is(&x, "invalid 40058"), 1);
}

TEST_BOTH(dingtalk_and_feishu_are_signed) {
  _cleanup_(service_done) struct service s = {0};
  char book[400], data[100], want[64], got[200] = "";
  unsigned char mac[32];
  crypto_auth_hmacsha256_state st;
  CHECK(service_open(&s));
  snprintf(book, sizeof book,
           "robot duty dingtalk http://127.0.0.1:%d/robot/send?access_token=t SECabc\n"
           "robot duty feishu http://127.0.0.1:%d/hook/1 s3cret\n",
           s.port, s.port);
  BOOK(book);
  APP(x);
  answers(&s, 200, "{\"errcode\":0}");
  CHECK_OK(say_to(&x, &plain, "dingtalk:duty", "甲", SAY_ZH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "sent"), 1);
  long long at = 0;
  const char *sign = strstr(s.head, "&sign=");
  const char *stamp = strstr(s.head, "&timestamp=");
  CHECK(sign && stamp);
  at = strtoll(stamp + 11, NULL, 10);
  for (size_t i = 0, k = 6; sign[k] != ' ' && i + 1 < sizeof got; i++) { /* un-percent */
    unsigned c = (unsigned char)sign[k];
    if (c == '%') CHECK(sscanf(sign + k + 1, "%2x", &c) == 1);
    k += sign[k] == '%' ? 3 : 1;
    got[i] = (char)c;
    got[i + 1] = 0;
  }
  snprintf(data, sizeof data, "%lld\nSECabc", at);
  crypto_auth_hmacsha256_init(&st, (const unsigned char *)"SECabc", 6);
  crypto_auth_hmacsha256_update(&st, (const unsigned char *)data, strlen(data));
  crypto_auth_hmacsha256_final(&st, mac);
  sodium_bin2base64(want, sizeof want, mac, 32, sodium_base64_VARIANT_ORIGINAL);
  CHECK_STR(got, want);
  CHECK(llabs(at - (long long)machine_now_ms()) < 10 * 60 * 1000LL);

  answers(&s, 200, "{\"code\":0,\"msg\":\"success\",\"data\":{}}");
  CHECK_OK(say_to(&x, &plain, "feishu:duty", "乙", SAY_EN), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "sent"), 2);
  CHECK(strstr(s.head, "POST /hook/1 "));
  CHECK_IS(member(&x, s.body, "content", "text"),
           "【守望】Notice to 乙\n乙, open https://x.example/e/\"a\"?b=1&c=2\n");
  const struct str when = member(&x, s.body, "timestamp", NULL);
  snprintf(data, sizeof data, STR_FMT "\ns3cret", STR_ARG(when));
  crypto_auth_hmacsha256_init(&st, (const unsigned char *)data, strlen(data));
  crypto_auth_hmacsha256_update(&st, (const unsigned char *)"", 0);
  crypto_auth_hmacsha256_final(&st, mac);
  sodium_bin2base64(want, sizeof want, mac, 32, sodium_base64_VARIANT_ORIGINAL);
  CHECK_IS(member(&x, s.body, "sign", NULL), want);
  /* a signature that does not match is ours to mend: it comes again, and nothing is lost */
  answers(&s, 200, "{\"code\":19021,\"msg\":\"sign match fail\"}");
  CHECK_OK(say_to(&x, &plain, "feishu:duty", "丙", SAY_ZH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(error_is(&x, "forbidden 19021"), 1);
  /* what it answered in former times */
  answers(&s, 200, "{\"StatusCode\":0,\"StatusMessage\":\"success\"}");
  clock_set_frozen(&x.app.clock, FX_NOW + MS_HOUR);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "sent"), 3);
  /* the address of a robot is a key: neither it nor the secret comes near the database */
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM history WHERE changes LIKE '%access_token%' OR "
                            "changes LIKE '%SECabc%'"),
               0);
}

TEST_BOTH(a_robot_that_wants_fewer_is_left_alone_for_the_round) {
  _cleanup_(service_done) struct service s = {0};
  char book[200];
  CHECK(service_open(&s));
  snprintf(
      book, sizeof book,
      "robot duty dingtalk http://127.0.0.1:%d/a\nrobot other dingtalk http://127.0.0.1:%d/b\n",
      s.port, s.port);
  BOOK(book);
  APP(x);
  answers(&s, 200, "{\"errcode\":130101}");
  for (int i = 0; i < 5; i++) CHECK_OK(say_to(&x, &plain, "dingtalk:duty", "甲", SAY_ZH), &x.e);
  CHECK_OK(say_to(&x, &plain, "dingtalk:other", "甲", SAY_ZH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(s.calls, 2); /* one of each */
  CHECK_EQ_I64(in_state(&x, "queued"), 6);
}

/* ---- trouble on the way ---- */

static int retry_dead(struct app_fixture *x) {
  struct change *c = change_make(x->a, &x->app.registry, x->system, &outbox_kind, CHANGE_ACTION);
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(x->app.store, &tx, &x->e);
  if (r == 0) {
    _cleanup_(cur_donep) struct cur *cur = NULL;
    r = cur_open_sql(tx, S("SELECT id FROM outbox_message WHERE state = 'dead'"), NULL, 0, &cur,
                     &x->e);
    if (r == 0) r = cur_next(cur, &x->e) == 1 ? 0 : -E_NOT_FOUND;
    if (r == 0) c->id = cur_uuid(cur, 0);
  }
  tx_endp(&tx);
  c->transition = kind_transition(&outbox_kind, S("retry"));
  return r == 0 ? change_do(c, &x->e) : r;
}

TEST_BOTH(five_hundred_and_silence_come_again_then_die) {
  _cleanup_(service_done) struct service s = {0};
  char book[200];
  CHECK(service_open(&s));
  snprintf(book, sizeof book, "robot duty wecom http://127.0.0.1:%d/a\n", s.port);
  BOOK(book);
  APP(x);
  CHECK_OK(set(&x, "outbox.timeout_seconds", "1"), &x.e);
  CHECK_OK(say_to(&x, &plain, "wecom:duty", "甲", SAY_ZH), &x.e);
  answers(&s, 200, NULL); /* takes it and says nothing */
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(error_is(&x, "timeout 28"), 1);
  CHECK_EQ_I64(fx_count(&x, "SELECT attempts FROM outbox_message"), 1);
  answers(&s, 503, "busy");
  int64_t now = FX_NOW, gap = 0;
  for (int i = 2; i <= OUTBOX_ATTEMPTS; i++) {
    const int64_t before = gap;
    gap = fx_count(&x, "SELECT next_at FROM outbox_message") - now;
    CHECK(gap > before);
    clock_set_frozen(&x.app.clock, now += gap);
    CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
    CHECK_EQ_I64(fx_count(&x, "SELECT attempts FROM outbox_message"), i);
  }
  CHECK_EQ_I64(in_state(&x, "dead"), 1);
  CHECK_EQ_I64(error_is(&x, "io 503"), 1);
  /* the dead letter is an alarm, which closes when nobody's letter is dead any more */
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_watch, &x.e), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_watch, &x.e), &x.e);
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM alarm WHERE code = 'outbox.failing' AND state = "
                            "'open'"),
               1);
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM alarm"), 1);
  answers(&s, 200, "{\"errcode\":0}");
  CHECK_OK(retry_dead(&x), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "sent"), 1);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_watch, &x.e), &x.e);
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM alarm WHERE state = 'closed'"), 1);
}

TEST_BOTH(a_service_that_is_not_there_kills_nothing) {
  BOOK("robot duty wecom http://127.0.0.1:1/a\n");
  APP(x);
  for (int i = 0; i < 3; i++) CHECK_OK(say_to(&x, &plain, "wecom:duty", "甲", SAY_ZH), &x.e);
  int64_t now = FX_NOW;
  for (int i = 0; i < OUTBOX_ATTEMPTS + 3; i++) {
    CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
    clock_set_frozen(&x.app.clock, now += MS_DAY);
  }
  CHECK_EQ_I64(in_state(&x, "queued"), 3);
}

TEST_BOTH(only_hosts_of_the_file_are_called) {
  _cleanup_(service_done) struct service s = {0};
  char book[200], url[100];
  CHECK(service_open(&s));
  snprintf(book, sizeof book, "allow https://sms.example.cn\nsecret sms k3y\n");
  BOOK(book);
  APP(x);
  snprintf(url, sizeof url, "\"http://127.0.0.1:%d/send\"", s.port);
  CHECK_OK(set(&x, "outbox.sms_url", url), &x.e);
  CHECK_OK(set(&x, "outbox.sms_success", "\"code=0\""), &x.e);
  answers(&s, 200, "{\"code\":0}");
  CHECK_OK(say_to(&x, &plain, "sms:13800000001", "甲", SAY_ZH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(s.calls, 0);
  CHECK_EQ_I64(error_is(&x, "forbidden"), 1);
  CHECK(outbox_lack(x.app.outbox, &outbox_sms));
  /* the file is read again when it has changed */
  snprintf(book, sizeof book, "allow http://127.0.0.1:%d\nsecret sms k3y\n", s.port);
  CHECK(write_book(book, 0600));
  clock_set_frozen(&x.app.clock, FX_NOW + MS_HOUR);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(s.calls, 1);
  CHECK_EQ_I64(in_state(&x, "sent"), 1);
  CHECK(!outbox_lack(x.app.outbox, &outbox_sms));
  /* nor along a redirect */
  answers(&s, 302, "");
  CHECK_OK(say_to(&x, &plain, "sms:13800000001", "甲", SAY_ZH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(s.calls, 2);
  CHECK_EQ_I64(error_is(&x, "forbidden 302"), 1);
}

/* ---- text messages ---- */

TEST_BOTH(a_gateway_is_spoken_to_as_the_settings_say) {
  _cleanup_(service_done) struct service s = {0};
  char book[200], url[200];
  CHECK(service_open(&s));
  snprintf(book, sizeof book, "allow http://127.0.0.1:%d\nsecret sms k 3&y\"\n", s.port);
  BOOK(book);
  APP(x);
  snprintf(url, sizeof url, "\"http://127.0.0.1:%d/send?id={id}\"", s.port);
  CHECK_OK(set(&x, "outbox.sms_url", url), &x.e);
  CHECK_OK(set(&x, "outbox.sms_body",
               "\"{\\\"key\\\":\\\"{secret.sms}\\\",\\\"mobile\\\":\\\"{to}\\\",\\\"text\\\":\\\"{"
               "text}\\\"}\""),
           &x.e);
  CHECK_OK(set(&x, "outbox.sms_header", "\"X-Key: {secret.sms}\""), &x.e);
  CHECK_OK(set(&x, "outbox.sms_success", "\"result.code=0,OK\""), &x.e);
  CHECK_OK(set(&x, "outbox.sms_refused", "\"result.code=22,33\""), &x.e);
  CHECK_OK(set(&x, "outbox.sms_sign", "\"西城街道\""), &x.e);
  answers(&s, 200, "{\"result\":{\"code\":\"OK\"}}");
  CHECK_OK(say_to(&x, &plain, "sms:13800000001", "甲\"公司\"", SAY_BOTH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "sent"), 1);
  CHECK_IS(member(&x, s.body, "key", NULL), "k 3&y\"");
  CHECK_IS(member(&x, s.body, "mobile", NULL), "13800000001");
  CHECK_IS(member(&x, s.body, "text", NULL),
           "【西城街道】甲\"公司\"：https://x.example/e/\"a\"?b=1&c=2");
  CHECK(strstr(s.head, "X-Key: k 3&y\"\r\n"));
  CHECK(strstr(s.head, "Content-Type: application/json"));
  /* as a form */
  CHECK_OK(set(&x, "outbox.sms_body", "\"apikey={secret.sms}&mobile={to}&text={text}\""), &x.e);
  CHECK_OK(say_to(&x, &plain, "sms:13800000001", "乙", SAY_ZH), &x.e);
  answers(&s, 200, "{\"result\":{\"code\":0}}");
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "sent"), 2);
  CHECK(strstr(s.body, "apikey=k%203%26y%22&mobile=13800000001&text=%E3%80%90"));
  CHECK(strstr(s.head, "Content-Type: application/x-www-form-urlencoded"));
  /* the gateway says later, then never */
  answers(&s, 200, "{\"result\":{\"code\":9}}");
  CHECK_OK(say_to(&x, &plain, "sms:13800000001", "丙", SAY_ZH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(error_is(&x, "io 9"), 1);
  answers(&s, 200, "{\"result\":{\"code\":33}}");
  clock_set_frozen(&x.app.clock, FX_NOW + MS_HOUR);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(error_is(&x, "invalid 33"), 1);
  CHECK_EQ_I64(in_state(&x, "dead"), 1);
  /* a landline takes no text message, and no call is made for it */
  const int calls = s.calls;
  CHECK_OK(say_to(&x, &plain, "sms:01063000000", "丁", SAY_ZH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(in_state(&x, "dead"), 2);
  CHECK_EQ_I64(s.calls, calls);
  /* a secret that the file lacks is never sent as the word it stands for */
  CHECK_OK(set(&x, "outbox.sms_body", "\"apikey={secret.other}&mobile={to}\""), &x.e);
  CHECK_OK(say_to(&x, &plain, "sms:13800000001", "戊", SAY_ZH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(s.calls, calls);
}

TEST_BOTH(several_for_one_phone_become_one) {
  _cleanup_(service_done) struct service s = {0};
  char book[100], url[100];
  CHECK(service_open(&s));
  snprintf(book, sizeof book, "allow http://127.0.0.1:%d\n", s.port);
  BOOK(book);
  APP(x);
  snprintf(url, sizeof url, "\"http://127.0.0.1:%d/\"", s.port);
  CHECK_OK(set(&x, "outbox.sms_url", url), &x.e);
  CHECK_OK(set(&x, "outbox.sms_body", "\"text={text}\""), &x.e);
  CHECK_OK(set(&x, "outbox.sms_success", "\"fine\""), &x.e);
  answers(&s, 200, "all is fine");
  static const char *const names[] = {"a", "b", "c"};
  for (size_t i = 0; i < 3; i++)
    CHECK_OK(say_to(&x, &gathered, "sms:13800000001", names[i], SAY_ZH), &x.e);
  CHECK_OK(say_to(&x, &gathered, "sms:13800000002", "d", SAY_ZH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(s.calls, 0); /* the window is open */
  clock_set_frozen(&x.app.clock, FX_NOW + 10 * MS_MINUTE);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(s.calls, 2);
  CHECK_EQ_I64(in_state(&x, "sent"), 4);
  CHECK_EQ_I64(fx_count(&x, "SELECT count(*) FROM outbox_message WHERE sent_with IS NOT NULL"), 3);
}

/* ---- withdrawn ---- */

TEST_BOTH(what_is_not_wanted_any_more_is_withdrawn) {
  _cleanup_(service_done) struct service s = {0};
  char book[100];
  CHECK(service_open(&s));
  snprintf(book, sizeof book, "robot duty wecom http://127.0.0.1:%d/\n", s.port);
  BOOK(book);
  APP(x);
  answers(&s, 503, "later");
  wanted_now = true;
  CHECK_OK(say_to(&x, &passing, "wecom:duty", "甲", SAY_ZH), &x.e);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(s.calls, 1);
  CHECK_EQ_I64(in_state(&x, "queued"), 1);
  wanted_now = false;
  answers(&s, 200, "{\"errcode\":0}");
  clock_set_frozen(&x.app.clock, FX_NOW + MS_HOUR);
  CHECK_OK(job_by_hand(&x.app, x.a, 0, outbox_run, &x.e), &x.e);
  CHECK_EQ_I64(s.calls, 1);
  CHECK_EQ_I64(in_state(&x, "cancelled"), 1);
  CHECK_EQ_I64(error_is(&x, "not_needed"), 1);
  wanted_now = true;
}

/* ---- the file, the words ---- */

TEST(the_channels_file_is_read_strictly) {
  struct err e = {0};
  struct channel_config *b = NULL;
  int line = 0;
  _cleanup_(arena_freep) struct arena *a = arena_create(KIB(64));
  struct str url, secret, names[4];
  CHECK(write_book("robot duty wecom https://qyapi.example/send?key=1\n", 0644));
  CHECK_OK(channel_config_open(book_file, &b, &e), &e);
  CHECK(channel_config_trouble(b, &line) && strstr(channel_config_trouble(b, &line), "chmod 600"));
  CHECK(!channel_config_allows(b, S("https://qyapi.example/x")));
  CHECK(write_book("robot duty wecom https://qyapi.example/send?key=1\n\n  # more\n"
                   "allow HTTPS://Sms.Example.CN\nproxy http://10.0.0.8:3128\n",
                   0600));
  channel_config_refresh(b);
  CHECK(!channel_config_trouble(b, &line));
  CHECK_EQ_I64((int64_t)channel_config_robots(b, "wecom", a, names, 4), 1);
  CHECK_IS(names[0], "duty");
  CHECK_OK(channel_config_robot(b, "wecom", S("duty"), a, &url, &secret, &e), &e);
  CHECK(channel_config_robot(b, "feishu", S("duty"), a, &url, &secret, &e) == -E_NOT_FOUND);
  CHECK_IS(channel_config_proxy(b, a), "http://10.0.0.8:3128");
  CHECK(channel_config_allows(b, S("https://sms.example.cn/any?x=1")));
  CHECK(channel_config_allows(b, S("https://sms.example.cn:443/")));
  CHECK(!channel_config_allows(b, S("https://sms.example.cn:8443/")));
  CHECK(!channel_config_allows(b, S("http://sms.example.cn/")));
  CHECK(!channel_config_allows(b, S("https://sms.example.cn@evil.example/")));
  CHECK(!channel_config_allows(b, S("https://sms.example.cn.evil.example/")));
  CHECK(!channel_config_allows(b, S("file:///etc/passwd")));
  CHECK(!channel_config_allows(b, S("not an address")));
  /* a mistake leaves what was in force, and says where it is */
  static const char *const wrong[] = {"robot duty\n",
                                      "robot x icq https://a.example/\n",
                                      "allow nowhere at all\n",
                                      "secret\n",
                                      "robots duty wecom https://a/\n",
                                      "robot D wecom https://a.example/\n",
                                      "allow ftp://a.example"};
  for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
    char text[200];
    snprintf(text, sizeof text, "# %zu\n%s", i, wrong[i]);
    CHECK(write_book(text, 0600));
    channel_config_refresh(b);
    CHECK(channel_config_trouble(b, &line) != NULL);
    CHECK_EQ_I64(line, 2);
    CHECK(channel_config_allows(b, S("https://sms.example.cn/")));
  }
  channel_config_close(b);
  book_done(NULL);
}

TEST(words_are_filled_in) {
  _cleanup_(arena_freep) struct arena *a = arena_create(KIB(64));
  const struct message_arg args[] = {{"name", S("甲")}, {"n", S("{name}")}, {0}};
  CHECK_IS(message_fill(a, S("{name}：{n}，{x}，{}，{name"), args), "甲：{name}，{x}，{}，{name");
}
