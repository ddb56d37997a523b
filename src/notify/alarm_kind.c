#include "notify/alarms.h"
#include "auth/accounts.h"

static const struct field fields[] = {
    [ALARM_CODE] = {1, "code", FT_TEXT, FF_REQUIRED | FF_SYSTEM | FF_FILTER | FF_TITLE, .max = 60,
                    .zh = "类别", .en = "Type"},
    [ALARM_UNIT] = {2, "unit", FT_UNIT, FF_REQUIRED | FF_SYSTEM | FF_SCOPE | FF_FILTER,
                    .zh = "单位", .en = "Unit"},
    [ALARM_ESCALATED_TO] = {3, "escalated_to", FT_UNIT, FF_SYSTEM | FF_FILTER, .zh = "已上报至",
                            .en = "Escalated to"},
    [ALARM_SEVERITY] = {4, "severity", FT_INT, FF_REQUIRED | FF_SYSTEM | FF_FILTER | FF_SORT,
                        .min = 1, .max = 3, .zh = "级别", .en = "Severity",
                        .zh_help = "1低 2中 3高", .en_help = "1 low, 2 medium, 3 high"},
    [ALARM_SUBJECT_KIND] = {5, "subject_kind", FT_TEXT, FF_SYSTEM | FF_FILTER, .max = 40,
                            .zh = "涉及记录种类", .en = "Kind of subject"},
    [ALARM_SUBJECT_ID] = {6, "subject_id", FT_UUID, FF_SYSTEM | FF_FILTER, .zh = "涉及记录",
                          .en = "Subject"},
    [ALARM_SUBJECT] = {7, "subject", FT_TEXT, FF_SYSTEM | FF_PERSONAL, .max = 200,
                       .mask = MASK_NAME, .zh = "对象", .en = "Subject's name"},
    [ALARM_VALUE] = {8, "value", FT_TEXT, FF_SYSTEM, .max = 200, .zh = "数值", .en = "Value"},
    [ALARM_CAUSE] = {9, "cause", FT_TEXT, FF_SYSTEM | FF_NO_IMPORT, .max = 200, .zh = "起因标识",
                     .en = "Cause"},
    [ALARM_OPEN_CAUSE] = {10, "open_cause", FT_TEXT, FF_SYSTEM | FF_NO_IMPORT, .max = 300,
                          .zh = "仍在的起因", .en = "Standing cause"},
    [ALARM_OWNER_ROLE] = {11, "owner_role", FT_TEXT, FF_SYSTEM | FF_FILTER, .max = 40,
                          .zh = "责任角色", .en = "Owner's role"},
    [ALARM_OWNER_UNIT] = {12, "owner_unit", FT_UNIT, FF_SYSTEM | FF_FILTER, .zh = "责任单位",
                          .en = "Owner's unit"},
    [ALARM_RAISED_AT] = {13, "raised_at", FT_MOMENT, FF_REQUIRED | FF_SYSTEM | FF_FILTER | FF_SORT,
                         .zh = "报警时间", .en = "Raised at"},
    [ALARM_DUE_AT] = {14, "due_at", FT_MOMENT, FF_SYSTEM | FF_SORT, .zh = "上报时限",
                      .en = "Escalates at"},
    [ALARM_ESCALATIONS] = {15, "escalations", FT_INT, FF_SYSTEM, .initial = "0", .zh = "上报次数",
                           .en = "Escalations"},
    [ALARM_ACKNOWLEDGED_BY] = {16, "acknowledged_by", FT_REF, FF_SYSTEM, .ref = "account",
                               .zh = "确认人", .en = "Acknowledged by"},
    [ALARM_ACKNOWLEDGED_AT] = {17, "acknowledged_at", FT_MOMENT, FF_SYSTEM, .zh = "确认时间",
                               .en = "Acknowledged at"},
    [ALARM_CLOSED_AT] = {18, "closed_at", FT_MOMENT, FF_SYSTEM, .zh = "关闭时间",
                         .en = "Closed at"},
    [ALARM_MAILED_AT] = {19, "mailed_at", FT_MOMENT, FF_SYSTEM, .zh = "通知时间",
                         .en = "Notified at"},
    [ALARM_NOTE] = {20, "note", FT_TEXT, .max = 200, .zh = "处理说明", .en = "Note"},
};

static const struct state states[] = {{"open", "未确认", "Open"},
                                      {"acknowledged", "已确认", "Acknowledged"},
                                      {"closed", "已关闭", "Closed"},
                                      {0}};

static const struct stamp stamps[] = {
    {.states = "acknowledged", .at = "acknowledged_at", .by = "acknowledged_by"},
    {.states = "closed", .at = "closed_at"},
    {0}};
static const struct transition transitions[] = {{"acknowledge", "确认", "Acknowledge", "open",
                                                 "acknowledged", .right = "alarm.acknowledge",
                                                 .takes = "note"},
                                                {"close", "关闭", "Close", "open acknowledged",
                                                 "closed", .right = "alarm.close", .takes = "note"},
                                                {0}};

/* Whoever closes what nobody had taken up takes it up as well. What a person closes keeps its
 * cause, so that it is not raised anew while that stands; whoever ends the cause takes it off. */
static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  (void)tx;
  (void)ps;
  (void)e;
  if (!old || c->verb != CHANGE_ACTION) return 0;
  if (str_is(old->state, "open") && str_is(rec->state, "closed")) {
    if (!uuid_is_nil(&c->viewer->user))
      rec_set(rec, ALARM_ACKNOWLEDGED_BY, V_UUID(c->viewer->user));
    rec_set(rec, ALARM_ACKNOWLEDGED_AT, rec->v[ALARM_CLOSED_AT]);
  }
  rec_set(rec, ALARM_DUE_AT, V_NULL);
  return 0;
}

static const char *const uniques[] = {"open_cause", NULL};
static const char *const indexes[] = {"state, due_at", "state, unit",
                                      "subject_id WHERE open_cause IS NOT NULL", NULL};

static const struct screen alarm_screen = {.group = "overview",
                                           .order = 20,
                                           .hide = "cause open_cause subject_kind subject_id",
                                           .wait = "acknowledged",
                                           .bad = "open"};
const struct kind alarm_kind = {KIND(80, "alarm", "alarms", "报警", "Alarm", fields),
                                .screen = &alarm_screen,
                                .flags = KF_NO_RETIRE,
                                .states = states,
                                .stamps = stamps,
                                .transitions = transitions,
                                .uniques = uniques,
                                .indexes = indexes,
                                .names_of = "subject_kind",
                                .apply = apply};
