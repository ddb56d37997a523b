#include "app/platform.h"
#include "app/alarms.h"
#include "app/figures.h"
#include "app/jobs.h"
#include "app/operation.h"
#include "app/outbox.h"
#include "app/platform_routes.h"
#include "app/quarantine.h"
#include "app/settings.h"
#include "app/topics.h"
#include "base/log.h"

#define RECEIPTS_KEPT_MS (8 * MS_DAY) /* a phone works for seven days without a network */
enum { PURGE_ROWS = 2000, PURGE_ROUNDS = 25 };

/* ---- jobs ---- */

QUERY(q_receipts_purge, "DELETE FROM receipt WHERE id IN "
                        "(SELECT id FROM receipt WHERE at_ms < $1 ORDER BY at_ms LIMIT 2000)");

struct purge {
  int64_t before_ms, gone;
};
static int purge_run(struct tx *tx, void *arg, struct err *e) {
  struct purge *p = arg;
  return tx_exec(tx, &q_receipts_purge, P(V_I64(p->before_ms)), &p->gone, e);
}
static const struct cmd_class purge_cmd = {.name = "receipts_purge", .run = purge_run};

/* A few at a time: what remains goes in the next run. */
static int purge_receipts(struct app *app, struct arena *a, struct err *e) {
  struct purge p = {.before_ms = clock_now_ms(&app->clock) - RECEIPTS_KEPT_MS};
  (void)a;
  for (int i = 0; i < PURGE_ROUNDS; i++) {
    int r = writer_run(app->writer, &purge_cmd, &p, CMD_BULK, e);
    if (r < 0 || p.gone < PURGE_ROWS) return r;
  }
  return 0;
}

static int housekeeping(struct app *app, struct arena *a, struct err *e) {
  (void)a;
  return auth_housekeeping(app->auth, e);
}

/* What another server or the command line has changed: a sum over revisions moves with every
 * change of these few and small tables. */
QUERY(q_seen_units, "SELECT CAST(count(*) + coalesce(sum(rev), 0) * 1000003 AS BIGINT) FROM unit");
QUERY(q_seen_operations,
      "SELECT CAST(count(*) + coalesce(sum(rev), 0) * 1000003 AS BIGINT) FROM operation");
QUERY(q_seen_rules,
      "SELECT CAST(count(*) + coalesce(sum(rev), 0) * 1000003 AS BIGINT) FROM policy_rule");
QUERY(q_seen_settings,
      "SELECT CAST(count(*) + coalesce(sum(at_ms), 0) * 31 AS BIGINT) FROM setting");

static void reload_settings(struct app *app) {
  struct err e = {0};
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = store_read(app->store, &tx, &e);
  if (r == 0) r = settings_load(app->settings, tx, &e);
  if (r < 0) log_err(LOG_WARN, "settings_not_reloaded", &e);
}

static int refresh_caches(struct app *app, struct arena *a, struct err *e) {
  static const struct {
    const struct query *q;
    void (*reload)(struct app *app);
  } caches[] = {{&q_seen_units, app_tree_changed},
                {&q_seen_operations, operations_changed},
                {&q_seen_rules, operations_changed},
                {&q_seen_settings, reload_settings}};
  (void)a;
  for (size_t i = 0; i < ARRAY_LEN(caches); i++) {
    int64_t seen = 0;
    {
      _cleanup_(tx_endp) struct tx *tx = NULL;
      int r = store_read(app->store, &tx, e);
      if (r == 0) r = tx_i64(tx, caches[i].q, P_NONE, &seen, e);
      if (r < 0) return r;
    }
    if (seen == app->seen[i]) continue;
    app->seen[i] = seen;
    caches[i].reload(app);
  }
  return 0;
}

static int start(struct app *app, struct err *e) {
  return app->read_only ? 0 : figures_count_new(app, e);
}

static const struct job jobs[] = {
    {.name = "caches", .every_ms = 3 * MS_SECOND, .run = refresh_caches, .flags = JOB_EACH},
    {.name = "alarms", .every_ms = 15 * MS_SECOND, .run = alarms_escalate},
    {.name = "outbox", .every_ms = 5 * MS_SECOND, .run = outbox_run},
    {.name = "outbox_watch", .every_ms = MS_MINUTE, .run = outbox_watch},
    {.name = "receipts", .every_ms = MS_HOUR, .run = purge_receipts},
    {.name = "sessions", .every_ms = MS_MINUTE, .run = housekeeping, .flags = JOB_EACH},
    {0}};

/* ---- settings, rights ---- */

static const struct setting settings[] = {
    {.name = "alarm.mail_to",
     .type = SETTING_TEXT,
     .per_operation = true,
     .max = 1000,
     .zh = "报警发给（逗号分隔；邮箱，或 sms:手机号、wecom:名称、dingtalk:名称、feishu:名称）",
     .en = "Alarms are sent to (comma-separated: mail addresses, sms:NUMBER, wecom:NAME, "
           "dingtalk:NAME, feishu:NAME)"},
    {.name = "alarm.mail_severity",
     .type = SETTING_INT,
     .per_operation = true,
     .initial = 3,
     .min = 1,
     .max = 3,
     .zh = "报警达到此级别即发出",
     .en = "Alarms are sent from this severity on"},
    {.name = "sync.first_events_hours",
     .type = SETTING_INT,
     .initial = 72,
     .min = 1,
     .max = 720,
     .measure = "hours",
     .zh = "手机首次同步带上多久以内的记录",
     .en = "A phone's first pull goes back so far"},
    {.name = "sync.silent_minutes",
     .type = SETTING_INT,
     .initial = 30,
     .min = 1,
     .max = 1440,
     .measure = "minutes",
     .zh = "卡口手机多久未同步即提示",
     .en = "A gate's phone is silent after"},
    {.name = "outbox.channel",
     .type = SETTING_TEXT,
     .initial_text = "smtp",
     .allowed = "smtp sms wecom dingtalk feishu sink",
     .zh = "默认外发渠道",
     .en = "Channel of outgoing messages"},
    {.name = "outbox.smtp_url",
     .type = SETTING_TEXT,
     .zh = "邮件服务器（smtp://主机:端口）",
     .en = "Mail relay (smtp://host:port)"},
    {.name = "outbox.from", .type = SETTING_TEXT, .zh = "发件地址", .en = "Sender's address"},
    {.name = "outbox.tls",
     .type = SETTING_INT,
     .initial = 2,
     .min = 0,
     .max = 2,
     .zh = "邮件加密：0不用 1尽量 2必须",
     .en = "TLS towards the relay: 0 none, 1 where offered, 2 required"},
    {.name = "outbox.language",
     .type = SETTING_TEXT,
     .per_operation = true,
     .initial_text = "both",
     .allowed = "zh en both",
     .zh = "外发消息的语言（zh、en、both）",
     .en = "Language of outgoing messages"},
    {.name = "outbox.timeout_seconds",
     .type = SETTING_INT,
     .initial = 10,
     .min = 1,
     .max = 60,
     .measure = "seconds",
     .zh = "机器人、短信网关应答时限",
     .en = "Robots and gateways must answer within"},
    {.name = "outbox.stuck_minutes",
     .type = SETTING_INT,
     .initial = 30,
     .min = 1,
     .max = 1440,
     .measure = "minutes",
     .zh = "消息多久发不出去即报警",
     .en = "An alarm when messages wait for"},
    {.name = "outbox.robot_prefix",
     .type = SETTING_TEXT,
     .initial_text = "【守望】",
     .max = 20,
     .zh = "群机器人消息的开头（可作关键词）",
     .en = "Robots' messages begin with"},
    {.name = "outbox.sms_url",
     .type = SETTING_TEXT,
     .max = 500,
     .zh = "短信网关地址（可含 {to} {text} {secret.名称}）",
     .en = "Gateway for text messages ({to}, {text}, {secret.NAME})"},
    {.name = "outbox.sms_body",
     .type = SETTING_TEXT,
     .max = 1000,
     .zh = "短信网关请求内容（JSON 或表单；空为 GET）",
     .en = "Body sent to the gateway (JSON or a form; empty: GET)"},
    {.name = "outbox.sms_header",
     .type = SETTING_TEXT,
     .max = 300,
     .zh = "短信网关请求头（如 Authorization: Bearer {secret.sms}）",
     .en = "One header for the gateway"},
    {.name = "outbox.sms_success",
     .type = SETTING_TEXT,
     .max = 200,
     .zh = "短信网关成功判据（如 code=0；无等号则为应答含有的文字）",
     .en = "The gateway's answer says success when (code=0, or a text in it)"},
    {.name = "outbox.sms_refused",
     .type = SETTING_TEXT,
     .max = 200,
     .zh = "短信网关拒收、不必重试的判据（如 code=22,33）",
     .en = "The gateway's answer says never when"},
    {.name = "outbox.sms_sign",
     .type = SETTING_TEXT,
     .max = 20,
     .zh = "短信签名（不含【】；网关自己加则留空）",
     .en = "Signature before a text message"},
    {.name = "public_url",
     .type = SETTING_TEXT,
     .max = 200,
     .zh = "本系统对外地址（https://…），用于消息中的链接",
     .en = "Public address of this installation, for links in messages"},
    {0}};

static const char *const rights[] = {"figure.read", "change.read", "setting.manage", "metrics.see",
                                     NULL};

#define LEADS                                                                                      \
  "figure.read change.read alarm.read alarm.names alarm.acknowledge alarm.close "                  \
  "outbox_message.read"
#define HELD " quarantine.read quarantine.names quarantine.release quarantine.reveal"
static const struct role_grant grants[] = {
    {"city_duty", LEADS HELD " alarm.export"},
    {"district_duty", LEADS HELD " alarm.export"},
    {"coordinator", LEADS HELD},
    {"lead", LEADS HELD},
    {"auditor", "quarantine.read"},
    {"secondee", "figure.read change.read alarm.read alarm.acknowledge"},
    {"store", "figure.read change.read alarm.read alarm.acknowledge"},
    {"books", "figure.read change.read alarm.read"},
    {"sysadmin", "setting.manage metrics.see outbox_message.read outbox_message.retry"},
    {0}};

static const struct kind *const kinds[] = {&alarm_kind, &outbox_kind, &quarantine_kind, NULL};
static const struct alarm_type *const alarms[] = {&alarm_quarantine, &alarm_outbox, NULL};

static const struct message_topic topic_test = {
    .code = "test",
    .zh = "试发",
    .en = "Trial",
    .args = "who at",
    .in_zh = {.subject = "守望试发消息",
              .body = "{who}于{at}从发件箱试发。收到即说明这个渠道可用，不必回复。\n",
              .brief = "守望试发消息，收到即说明短信可用。"},
    .in_en = {.subject = "A trial message of Shouwang",
              .body = "Sent by {who} at {at} from the outbox page. The channel works; do not "
                      "answer.\n",
              .brief = "A trial of Shouwang: text messages work."}};
static const struct message_topic *const topics[] = {&topic_alarm, &topic_test, NULL};

/* ---- routes ---- */

static const struct route routes[] = {
    {HTTP_GET, "/api/v1/figures", "figure.read", 0, 0, figures_get, "指标", "figures of a unit"},
    {HTTP_GET, "/api/v1/figures/children", "figure.read", 0, 0, figures_children, "下级单位指标",
     "figures of the units below"},
    {HTTP_GET, "/api/v1/figures/series", "figure.read", 0, 0, figures_series_get, "逐日指标",
     "one figure day by day"},
    {HTTP_GET, "/api/v1/figures/records", "figure.read", 0, 0, figures_records, "指标明细",
     "the records behind a figure"},
    {HTTP_GET, "/api/v1/figures/stream", "figure.read", ROUTE_STREAM, 0, figures_stream, "实时指标",
     "figures as they change"},
    {HTTP_GET, "/api/v1/indicators", "figure.read", 0, 0, indicators_get, "指标口径",
     "indicators and their definitions"},
    {HTTP_GET, "/api/v1/alarm-types", "alarm.read", 0, 0, alarm_types_get, "报警类别",
     "types of alarm"},
    {HTTP_GET, "/api/v1/settings", "setting.manage", 0, 0, settings_get, "设置", "settings"},
    {HTTP_PATCH, "/api/v1/settings/:name", "setting.manage", 0, 0, setting_patch, "修改设置",
     "change a setting"},
    {HTTP_GET, "/api/v1/outbox/channels", "outbox_message.read", 0, 0, outbox_channels_get,
     "外发渠道", "channels of outgoing messages, and what each lacks"},
    {HTTP_POST, "/api/v1/outbox/test", "outbox_message.retry", 0, 0, outbox_test_post, "试发消息",
     "send a trial message"},
    {HTTP_GET, "/api/v1/changes", "change.read", ROUTE_DEVICE, 0, changes_get, "变更",
     "what a device needs, in commit order"},
    {HTTP_POST, "/api/v1/batch", NULL, ROUTE_SIGNED_IN | ROUTE_DEVICE | ROUTE_ENDED_DEVICE,
     LIMIT_BODY_BATCH, batch_post, "批量提交", "what a phone has queued"},
    {HTTP_GET, "/metrics", NULL, ROUTE_PUBLIC, 0, metrics_get, "运行指标", "metrics"},
    {HTTP_GET, "/healthz", NULL, ROUTE_PUBLIC, 0, healthz_get, "存活", "alive"},
    {HTTP_GET, "/readyz", NULL, ROUTE_PUBLIC, 0, readyz_get, "就绪", "ready to serve"},
    {0}};

const struct module platform_module = {.name = "platform",
                                       .zh = "基础",
                                       .en = "Platform",
                                       .kinds = kinds,
                                       .routes = routes,
                                       .jobs = jobs,
                                       .alarms = alarms,
                                       .grants = grants,
                                       .rights = rights,
                                       .settings = settings,
                                       .topics = topics,
                                       .start = start};
