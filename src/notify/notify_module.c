#include "notify/notify_module.h"
#include "core/jobs.h"
#include "core/settings.h"
#include "notify/alarms.h"
#include "notify/deadlines.h"
#include "notify/job_watch.h"
#include "notify/outbox.h"
#include "notify/owner_remind.h"
#include "notify/topics.h"

static int declare(const struct module *const *list, struct err *e) {
  int r = alarms_init(list, e);
  return r < 0 ? r : topics_init(list, e);
}

static int open(struct app *app, struct err *e) {
  int r = alarms_open(app, &app->alarms, e);
  return r < 0 ? r : outbox_open(app, &app->outbox, e);
}

static void close(struct app *app) {
  app->outbox = outbox_close(app->outbox);
  app->alarms = alarms_close(app->alarms);
}

static const struct job jobs[] = {{"alarms", 15 * MS_SECOND, alarms_escalate, JOB_PER_OPERATION},
                                  {"deadlines", 15 * MS_SECOND, deadlines_run, JOB_PER_OPERATION},
                                  {"owners", MS_MINUTE, owners_remind, JOB_PER_OPERATION},
                                  {"outbox", 5 * MS_SECOND, outbox_run, 0},
                                  {"outbox_watch", MS_MINUTE, outbox_watch, JOB_PER_OPERATION},
                                  {"jobs_watch", 30 * MS_SECOND, jobs_watch, JOB_PER_OPERATION},
                                  {0}};

static const struct setting settings[] = {
    {"alarm.mail_to", SETTING_TEXT, .per_operation = true, .max = 1000,
     .zh = "报警发给（逗号分隔；邮箱，或 sms:手机号、wecom:名称、dingtalk:名称、feishu:名称）",
     .en = "Alarms are sent to (comma-separated: mail addresses, sms:NUMBER, wecom:NAME, "
           "dingtalk:NAME, feishu:NAME)"},
    {"alarm.mail_severity", SETTING_INT, .per_operation = true, .initial = 3, .min = 1, .max = 3,
     .zh = "报警达到此级别即发出", .en = "Alarms are sent from this severity on"},
    {"todo.remind_minutes", SETTING_INT, .per_operation = true, .initial = 0, .min = 0, .max = 2880,
     .measure = "minutes", .zh = "到期前多久短信提醒责任人（0不提醒；按日到期的当天早上提醒）",
     .en = "Owners get a text message before work is due (0: none; what is due on a day, that "
           "morning)"},
    {"outbox.channel", SETTING_TEXT, .initial_text = "smtp",
     .allowed = "smtp sms wecom dingtalk feishu sink", .zh = "默认外发渠道",
     .en = "Channel of outgoing messages"},
    {"outbox.smtp_url", SETTING_TEXT, .zh = "邮件服务器（smtp://主机:端口）",
     .en = "Mail relay (smtp://host:port)"},
    {"outbox.from", SETTING_TEXT, .zh = "发件地址", .en = "Sender's address"},
    {"outbox.tls", SETTING_INT, .initial = 2, .min = 0, .max = 2,
     .zh = "邮件加密：0不用 1尽量 2必须",
     .en = "TLS towards the relay: 0 none, 1 where offered, 2 required"},
    {"outbox.language", SETTING_TEXT, .per_operation = true, .initial_text = "both",
     .allowed = "zh en both", .zh = "外发消息的语言（zh、en、both）",
     .en = "Language of outgoing messages"},
    {"outbox.timeout_seconds", SETTING_INT, .initial = 10, .min = 1, .max = 60,
     .measure = "seconds", .zh = "机器人、短信网关应答时限",
     .en = "Robots and gateways must answer within"},
    {"outbox.stuck_minutes", SETTING_INT, .initial = 30, .min = 1, .max = 1440,
     .measure = "minutes", .zh = "消息多久发不出去即报警", .en = "An alarm when messages wait for"},
    {"outbox.robot_prefix", SETTING_TEXT, .initial_text = "【守望】", .max = 20,
     .zh = "群机器人消息的开头（可作关键词）", .en = "Robots' messages begin with"},
    {"outbox.sms_url", SETTING_TEXT, .max = 500,
     .zh = "短信网关地址（可含 {to} {text} {secret.名称}）",
     .en = "Gateway for text messages ({to}, {text}, {secret.NAME})"},
    {"outbox.sms_body", SETTING_TEXT, .max = 1000,
     .zh = "短信网关请求内容（JSON 或表单；空为 GET）",
     .en = "Body sent to the gateway (JSON or a form; empty: GET)"},
    {"outbox.sms_header", SETTING_TEXT, .max = 300,
     .zh = "短信网关请求头（如 Authorization: Bearer {secret.sms}）",
     .en = "One header for the gateway"},
    {"outbox.sms_success", SETTING_TEXT, .max = 200,
     .zh = "短信网关成功判据（如 code=0；无等号则为应答含有的文字）",
     .en = "The gateway's answer says success when (code=0, or a text in it)"},
    {"outbox.sms_refused", SETTING_TEXT, .max = 200,
     .zh = "短信网关拒收、不必重试的判据（如 code=22,33）",
     .en = "The gateway's answer says never when"},
    {"outbox.sms_sign", SETTING_TEXT, .max = 20, .zh = "短信签名（不含【】；网关自己加则留空）",
     .en = "Signature before a text message"},
    {0}};

#define LEADS "alarm.read alarm.names alarm.acknowledge alarm.close outbox_message.read"
static const struct role_grant grants[] = {{"city_duty", LEADS " alarm.export"},
                                           {"district_duty", LEADS " alarm.export"},
                                           {"coordinator", LEADS},
                                           {"lead", LEADS},
                                           {"secondee", "alarm.read"},
                                           {"sysadmin", "outbox_message.read outbox_message.retry"},
                                           {0}};

static const char *const rights[] = {"alarm.acknowledge", "alarm.close", "outbox_message.retry",
                                     NULL};

static const struct kind *const kinds[] = {&alarm_kind, &outbox_kind, NULL};
static const struct alarm_type *const alarms[] = {&alarm_outbox, &alarm_job, NULL};

const struct message_topic topic_test = {
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
static const struct message_topic *const topics[] = {&topic_alarm, &topic_work_due, &topic_test,
                                                     NULL};

const struct module notify_module = {.name = "notify",
                                     .file = __FILE__,
                                     .zh = "报警与消息",
                                     .en = "Alarms and messages",
                                     .kinds = kinds,
                                     .jobs = jobs,
                                     .alarms = alarms,
                                     .rights = rights,
                                     .grants = grants,
                                     .settings = settings,
                                     .topics = topics,
                                     .declare = declare,
                                     .open = open,
                                     .close = close};
