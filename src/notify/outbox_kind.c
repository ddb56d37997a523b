#include "notify/topics.h"

static const struct choice channel_words[] = {{"default", "默认渠道", "the usual one"},
                                              {"smtp", "邮件", "Mail"},
                                              {"sms", "短信", "Text message"},
                                              {"wecom", "企业微信", "WeCom"},
                                              {"dingtalk", "钉钉", "DingTalk"},
                                              {"feishu", "飞书", "Feishu"},
                                              {"sink", "文件（演练）", "Files (drills)"},
                                              {0}};
static const struct choice error_words[] = {
    {"not_needed", "已报送，不必再发", "Reported meanwhile: not needed any more"}, {0}};
static const struct field fields[] = {
    [OUT_CHANNEL] = {1, "channel", FT_TEXT, FF_REQUIRED | FF_SYSTEM | FF_FILTER, .max = 20,
                     .words = channel_words, .zh = "渠道", .en = "Channel"},
    [OUT_TOPIC] = {2, "topic", FT_TEXT, FF_REQUIRED | FF_SYSTEM | FF_FILTER | FF_TITLE, .max = 40,
                   .words = topic_words, .zh = "类别", .en = "Topic"},
    [OUT_RECIPIENT] = {3, "recipient", FT_TEXT, FF_REQUIRED | FF_SYSTEM | FF_SEALED | FF_LOOKUP,
                       .max = 200, .mask = MASK_TAIL, .zh = "收件人", .en = "Recipient"},
    [OUT_SUBJECT] = {4, "subject", FT_TEXT, FF_REQUIRED | FF_SYSTEM | FF_SEALED, .max = 200,
                     .mask = MASK_ALL, .zh = "标题", .en = "Subject"},
    [OUT_BODY] = {5, "body", FT_LONGTEXT, FF_REQUIRED | FF_SYSTEM | FF_SEALED,
                  .max = LIMIT_TEXT_LONG, .mask = MASK_ALL, .zh = "内容", .en = "Body"},
    [OUT_UNIT] = {6, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "单位", .en = "Unit"},
    [OUT_SUBJECT_KIND] = {7, "subject_kind", FT_TEXT, FF_SYSTEM, .max = 40, .zh = "起因种类",
                          .en = "Kind of cause"},
    [OUT_SUBJECT_ID] = {8, "subject_id", FT_UUID, FF_SYSTEM, .zh = "起因记录", .en = "Cause"},
    [OUT_DIGEST] = {9, "digest_window", FT_INT, FF_SYSTEM, .zh = "合并窗口（秒）",
                    .en = "Digest window (s)"},
    [OUT_ATTEMPTS] = {10, "attempts", FT_INT, FF_SYSTEM | FF_SORT, .zh = "尝试次数",
                      .en = "Attempts"},
    [OUT_NEXT_AT] = {11, "next_at", FT_MOMENT, FF_SYSTEM | FF_SORT | FF_INDEX, .zh = "下次发送",
                     .en = "Next attempt"},
    [OUT_SENT_AT] = {12, "sent_at", FT_MOMENT, FF_SYSTEM | FF_FILTER | FF_SORT, .zh = "发出时间",
                     .en = "Sent at"},
    [OUT_SENT_WITH] = {13, "sent_with", FT_UUID, FF_SYSTEM, .zh = "并入", .en = "Sent with"},
    [OUT_GAVE_UP_AT] = {14, "gave_up_at", FT_MOMENT, FF_SYSTEM, .zh = "放弃时间",
                        .en = "Given up at"},
    [OUT_LAST_ERROR] = {15, "last_error", FT_TEXT, FF_SYSTEM | FF_FILTER, .max = 60,
                        .words = error_words, .zh = "最近错误", .en = "Last error"},
};

static const struct state states[] = {{"queued", "待发", "Queued"},
                                      {"sent", "已发", "Sent"},
                                      {"dead", "未能发出", "Not deliverable"},
                                      {"cancelled", "已取消", "Cancelled"},
                                      {0}};

static const struct transition transitions[] = {
    {"retry", "重发", "Retry", "dead", "queued", .right = "outbox_message.retry"},
    {"cancel", "取消", "Cancel", "queued dead", "cancelled", .right = "outbox_message.retry"},
    {0}};

/* The sender writes facts (sent, given up); the state follows from them. */
static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  (void)tx;
  (void)ps;
  (void)e;
  if (!old) return 0;
  if (c->verb == CHANGE_ACTION && str_is(rec->state, "queued")) {
    rec_set(rec, OUT_ATTEMPTS, V_I64(0));
    rec_set(rec, OUT_NEXT_AT, V_I64(c->at_ms));
    rec_set(rec, OUT_GAVE_UP_AT, V_NULL);
  } else if (c->verb == CHANGE_UPDATE) {
    if (!rec_null(rec, OUT_SENT_AT)) rec->state = S("sent");
    if (!rec_null(rec, OUT_GAVE_UP_AT)) rec->state = S("dead");
  }
  return 0;
}

static const char *const indexes[] = {"state, next_at", "subject_id", NULL};

static const struct screen outbox_screen = {
    .columns = "topic channel recipient attempts next_at sent_at last_error",
    .sort = "-next_at",
    .quick = "state channel topic",
    .good = "sent",
    .wait = "queued",
    .bad = "dead"};
const struct kind outbox_kind = {
    KIND(81, "outbox_message", "outbox-messages", "外发消息", "Outgoing message", fields),
    .screen = &outbox_screen,
    .flags = KF_NO_RETIRE,
    .states = states,
    .transitions = transitions,
    .indexes = indexes,
    .apply = apply};
