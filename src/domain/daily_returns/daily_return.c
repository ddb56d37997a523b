#include "domain/daily_returns/daily_return.h"
#include "domain/daily_returns/sent_back.h"

const struct choice return_channels[] = {{"phone", "电话", "telephone"}, {"qq", "QQ", "QQ"},
                                         {"wechat", "微信", "WeChat"},   {"mail", "邮件", "mail"},
                                         {"link", "链接", "link"},       {0}};
const struct choice return_preventions[] = {{"good", "到位", "sound"},
                                            {"partly", "部分到位", "partly"},
                                            {"gap", "有盲点", "with a gap"},
                                            {0}};

#define THE_DAY(number)                                                                            \
  {                                                                                                \
    .no = (number), .name = "day", .type = FT_DATE,                                                \
    .flags = FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_SORT, .zh = "日期", .en = "Day"           \
  }
#define COUNT(number, its_name, zh_name, en_name)                                                  \
  {                                                                                                \
    .no = (number), .name = (its_name), .type = FT_INT, .flags = FF_SYSTEM | FF_SORT,              \
    .zh = (zh_name), .en = (en_name)                                                               \
  }

static const struct field return_fields[RETURN_FIELDS_] = {
    [RETURN_ENTERPRISE] = OF_ENTERPRISE(1, | FF_FOLLOWS),
    [RETURN_UNIT] = ITS_UNIT(2),
    [RETURN_TEMPLATE] = {3, "template", FT_REF, FF_REQUIRED | FF_FILTER, .ref = "return_template",
                         .zh = "模板", .en = "Template"},
    [RETURN_CODE] = {4, "template_code", FT_TEXT, FF_REQUIRED | FF_IMMUTABLE | FF_FILTER, .max = 40,
                     .zh = "报表", .en = "Return"},
    [RETURN_DAY] = THE_DAY(5),
    [RETURN_NAME] = {6, "name", FT_TEXT, FF_SYSTEM | FF_TITLE | FF_SEARCH | FF_SORT, .max = 80,
                     .zh = "企业名称", .en = "Enterprise's name"},
    [RETURN_VERSION] = COUNT(7, "version", "版次", "Version"),
    [RETURN_CHANNEL] = {8, "channel", FT_ENUM, FF_FILTER, .choices = return_channels,
                        .zh = "报送渠道", .en = "Channel"},
    [RETURN_TAKER] = {9, "taker", FT_REF, FF_FILTER, .ref = "responder", .zh = "记录人",
                      .en = "Taken by"},
    [RETURN_VALUES] = {10, "content", FT_JSON, .max = 6000, .zh = "填报内容", .en = "Values"},
    [RETURN_NIL] = {11, "nil", FT_BOOL, FF_FILTER, .zh = "零报告", .en = "Nil return"},
    [RETURN_NO_CHANGE] = {12, "no_change", FT_BOOL, FF_FILTER, .zh = "与前一日相同",
                          .en = "No change"},
    [RETURN_LATE] = {13, "late", FT_BOOL, FF_SYSTEM | FF_FILTER, .zh = "迟报", .en = "Late"},
    [RETURN_RECEIPT] = {14, "receipt", FT_TEXT, FF_SYSTEM | FF_SEARCH, .max = 24, .zh = "回执号",
                        .en = "Receipt"},
    [RETURN_SUBMITTED_AT] = {15, "submitted_at", FT_MOMENT, FF_SYSTEM | FF_SORT, .zh = "报送时间",
                             .en = "Submitted at"},
    [RETURN_REMINDER] = {16, "reminder_given", FT_BOOL, FF_FILTER, .zh = "已提醒防疫要求",
                         .en = "Reminder given"},
    [RETURN_PREVENTION] = {17, "prevention", FT_ENUM, FF_FILTER, .choices = return_preventions,
                           .zh = "企业工会防疫工作", .en = "The union's prevention work"},
    [RETURN_PREVENTION_NOTE] = {18, "note", FT_TEXT, .max = 300, .zh = "困难与诉求、说明",
                                .en = "Difficulties and notes"},
    [RETURN_TOTAL] = COUNT(19, "staff_total", "职工总数", "Staff"),
    [RETURN_HUBEI] = COUNT(20, "staff_hubei", "湖北籍职工", "Of Hubei origin"),
    [RETURN_AWAY] = COUNT(21, "staff_away", "离京未返", "Away"),
    [RETURN_RETURNED_TODAY] = COUNT(22, "staff_returned_today", "当日返京", "Back that day"),
    [RETURN_PRESENT] = COUNT(23, "staff_present", "到岗", "At work"),
    [RETURN_BUILDING] = {24, "building", FT_REF, FF_SYSTEM | FF_FILTER, .ref = "building",
                         .zh = "楼宇（园区）", .en = "Building or park"},
    [RETURN_CALLER] = {25, "caller", FT_REF, FF_SYSTEM | FF_FILTER, .ref = "responder",
                       .zh = "联络人", .en = "Caller"},
    [RETURN_REASON] = {26, "returned_for", FT_TEXT, FF_SYSTEM, .max = 200, .zh = "退回原因",
                       .en = "Returned because"},
};
static const struct state return_states[] = {{"missing", "未报", "Missing"},
                                             {"draft", "草稿", "Draft"},
                                             {"submitted", "已报", "Submitted"},
                                             {"late", "迟报", "Late"},
                                             {"returned", "退回更正", "Returned for correction"},
                                             {"accepted", "已审核", "Accepted"},
                                             {"exempt", "免报", "Not due any more"},
                                             {0}};
static const struct stamp return_stamps[] = {{.states = "missing", .clears = "submitted_at"},
                                             {.states = "submitted late", .at = "submitted_at"},
                                             {0}};
/* Why it came back stands on the row until it is corrected: the clerk reads it by his link, who has
 * no way to the history. */
static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  (void)tx, (void)ps, (void)e;
  if (!old) rec_set(rec, RETURN_VERSION, V_I64(0));
  if (!old || c->verb != CHANGE_ACTION || str_eq(old->state, rec->state)) return 0;
  rec_set(rec, RETURN_REASON, str_is(rec->state, "returned") ? V_TEXT(c->reason) : V_NULL);
  return 0;
}

static const struct transition return_transitions[] = {
    {"save", "暂存", "Save", "missing draft", "draft", .right = "daily_return.by_system"},
    {"submit", "报送", "Submit", "missing draft submitted late returned accepted", "submitted",
     .right = "daily_return.by_system"},
    {"submit_late", "迟报", "Submit late", "missing draft submitted late returned accepted", "late",
     .right = "daily_return.by_system"},
    {"send_back", "退回更正", "Return for correction", "submitted late accepted", "returned",
     .applied = return_sent_back, .right = "daily_return.review", .flags = TR_REASON | TR_ONLINE},
    {"accept", "审核通过", "Accept", "submitted late", "accepted", .right = "daily_return.review",
     .flags = TR_ONLINE},
    {"withdraw", "撤销报送", "Take back", "submitted late returned accepted", "missing",
     .right = "daily_return.by_system"},
    {"exempt", "免报", "Exempt", "missing draft", "exempt", .right = "daily_return.by_system"},
    {"due_again", "恢复应报", "Due again", "exempt", "missing", .right = "daily_return.by_system"},
    {0}};
static const char *const return_uniques[] = {"enterprise,template_code,day", NULL};
static const char *const return_indexes[] = {"unit, day", "op, day, name, id", NULL};
static const struct screen daily_return_screen = {
    .group = "enterprises",
    .order = 50,
    .zh = "日报",
    .en = "Daily returns",
    .columns = "day name channel taker staff_total staff_present staff_away late receipt",
    .section = "day channel taker staff_total staff_present",
    .sort = "-day",
    .quick = "day channel caller",
    .good = "submitted accepted",
    .wait = "draft late",
    .bad = "missing returned"};

/* ---- what it counts ---- */

#define RETURNS "daily_return"
INDICATOR_ROW(ind_daily_due, 55, "daily.due", IND_FLOW, "returns", "应报", "Due",
              "按模板当日应报的企业 = 已报 + 未报",
              "Due by their template that day = submitted + missing", RETURNS);
INDICATOR_ROW(ind_daily_submitted, 56, "daily.submitted", IND_FLOW, "returns", "已报", "Submitted",
              "已报送（含迟报、零报告、退回更正和已审核）",
              "Submitted, late ones, nil ones, returned and accepted ones included", RETURNS);
INDICATOR_ROW(ind_daily_missing, 57, "daily.missing", IND_FLOW, "returns", "未报", "Missing",
              "应报而未报（草稿不算已报）", "Due and not submitted; a draft is not", RETURNS);
INDICATOR_ROW(ind_daily_nil, 58, "daily.nil", IND_FLOW, "returns", "零报告", "Nil",
              "已报中的零报告", "Nil returns among those submitted", RETURNS);
INDICATOR_ROW(ind_daily_late, 59, "daily.late", IND_FLOW, "returns", "迟报", "Late",
              "已报中超过报送时限的", "Those submitted after the deadline", RETURNS);
INDICATOR_ROW(ind_daily_phone, 60, "daily.by_phone", IND_FLOW, "returns", "电话报送",
              "By telephone", "已报中经电话报送的", "Submitted by telephone", RETURNS);
INDICATOR_ROW(ind_daily_qq, 61, "daily.by_qq", IND_FLOW, "returns", "QQ报送", "By QQ",
              "已报中经QQ报送的", "Submitted by QQ", RETURNS);
INDICATOR_ROW(ind_daily_wechat, 62, "daily.by_wechat", IND_FLOW, "returns", "微信报送", "By WeChat",
              "已报中经微信报送的", "Submitted by WeChat", RETURNS);
INDICATOR_ROW(ind_daily_mail, 63, "daily.by_mail", IND_FLOW, "returns", "邮件报送", "By mail",
              "已报中经邮件报送的", "Submitted by mail", RETURNS);
INDICATOR_ROW(ind_daily_link, 64, "daily.by_link", IND_FLOW, "returns", "链接自报", "By link",
              "已报中由企业经链接自报的", "Submitted by the enterprise's own link", RETURNS);
INDICATOR_ROW(ind_staff_total, 65, "staff.total", IND_FLOW, "people", "职工总数", "Staff",
              "当日已报企业的职工总数；报表没有问职工数的企业不在其中",
              "Staff of those that submitted; those whose form does not ask for it are not in it",
              RETURNS);
INDICATOR_ROW(ind_staff_hubei, 66, "staff.hubei", IND_FLOW, "people", "湖北籍职工",
              "Of Hubei origin", "当日已报企业的湖北籍职工数；只作计数",
              "Of Hubei origin, as a count only", RETURNS);
INDICATOR_ROW(ind_staff_away, 67, "staff.away", IND_FLOW, "people", "离京未返", "Away",
              "已离京、当日尚未返京的职工", "Left Beijing and not back that day", RETURNS);
INDICATOR_ROW(ind_staff_returned, 68, "staff.returned_today", IND_FLOW, "people", "当日返京",
              "Back that day", "当日回到北京的职工", "Back in Beijing that day", RETURNS);
INDICATOR_ROW(ind_staff_present, 69, "staff.present", IND_FLOW, "people", "到岗", "At work",
              "当日在岗的职工（返岗，不是返京）",
              "At work that day: back at the post, which is not back "
              "in town",
              RETURNS);

#define SENT "state=submitted,late,returned,accepted"
#define RETURN_COUNT(i, where_)                                                                    \
  { &(i), .from = "day", .where = (where_) }
#define STAFF_COUNT(i, number)                                                                     \
  { &(i), .from = "day", .where = SENT, .value = (number) }
static const struct count return_counts[] = {
    RETURN_COUNT(ind_daily_due, "state=!exempt"),
    RETURN_COUNT(ind_daily_missing, "state=missing,draft"),
    RETURN_COUNT(ind_daily_submitted, SENT),
    RETURN_COUNT(ind_daily_nil, SENT "&nil=true"),
    RETURN_COUNT(ind_daily_late, SENT "&late=true"),
    RETURN_COUNT(ind_daily_phone, SENT "&channel=phone"),
    RETURN_COUNT(ind_daily_qq, SENT "&channel=qq"),
    RETURN_COUNT(ind_daily_wechat, SENT "&channel=wechat"),
    RETURN_COUNT(ind_daily_mail, SENT "&channel=mail"),
    RETURN_COUNT(ind_daily_link, SENT "&channel=link"),
    STAFF_COUNT(ind_staff_total, "staff_total"),
    STAFF_COUNT(ind_staff_hubei, "staff_hubei"),
    STAFF_COUNT(ind_staff_away, "staff_away"),
    STAFF_COUNT(ind_staff_returned, "staff_returned_today"),
    STAFF_COUNT(ind_staff_present, "staff_present"),
    {0}};

const struct kind daily_return_kind = {
    KIND(56, "daily_return", "daily-returns", "企业日报", "Daily return", return_fields),
    .screen = &daily_return_screen,
    .flags = KF_NO_API | KF_NO_RETIRE,
    .states = return_states,
    .stamps = return_stamps,
    .transitions = return_transitions,
    .uniques = return_uniques,
    .indexes = return_indexes,
    .apply = apply,
    .counts = return_counts};
