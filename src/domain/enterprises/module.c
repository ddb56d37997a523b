#include "domain/enterprises/remind.h"
#include "domain/enterprises/returns_api.h"
#include "domain/enterprises/taking.h"

#define INDICATOR(id, number, name, how, what, zh_name, en_name, zh_def, en_def, k, f)             \
  const struct indicator id = {.no = (number),                                                     \
                               .code = (name),                                                     \
                               .zh = (zh_name),                                                    \
                               .en = (en_name),                                                    \
                               .zh_definition = (zh_def),                                          \
                               .en_definition = (en_def),                                          \
                               .measure = (what),                                                  \
                               .type = (how),                                                      \
                               .kind = (k),                                                        \
                               .filter = (f),                                                      \
                               .date_field = "day"}

#define STEPS "resumption_step"
INDICATOR(ind_ent_total, 50, "enterprises.total", IND_STATE, "enterprises", "企业总数",
          "Enterprises", "当日结束时在台账上的企业（已注销、迁出的不计）",
          "On the register at the day's end, those closed or gone left out", STEPS, "");
INDICATOR(ind_ent_planned, 51, "enterprises.planned", IND_STATE, "enterprises", "计划复工",
          "Opening planned", "当日结束时已登记计划、备案或核查，尚未复工的企业",
          "Planned, filed or checked at the day's end, and not resumed yet", STEPS,
          "to_state=planned,filed,checked");
INDICATOR(ind_ent_guided, 52, "enterprises.guided", IND_STATE, "enterprises", "已指导", "Guided",
          "当日结束时至少得到过一次复工指导的企业", "Guided at least once by the day's end", STEPS,
          "guided=true");
INDICATOR(ind_ent_resumed, 53, "enterprises.resumed", IND_STATE, "enterprises", "已复工", "Resumed",
          "当日结束时已复工、未暂停的企业", "Resumed and not suspended at the day's end", STEPS,
          "to_state=resumed");

static int64_t permille(const int64_t *values, const struct indicator *self) {
  const int64_t total = values[ind_ent_total.no], resumed = values[ind_ent_resumed.no];
  (void)self;
  return total > 0 ? (resumed * 2000 + total) / (2 * total) : 0;
}
const struct indicator ind_ent_permille = {
    .no = 54,
    .code = "enterprises.resumption_permille",
    .zh = "企业复工率",
    .en = "Resumption rate",
    .zh_definition = "当日结束时 已复工 ÷ 企业总数，千分比，四舍五入；分母随当日台账",
    .en_definition = "Resumed in total at the day's end, permille, rounded half up; the "
                     "denominator is that day's register",
    .measure = "permille",
    .type = IND_DERIVED,
    .kind = STEPS,
    .filter = "",
    .date_field = "day",
    .derive = permille};

#define RETURNS "daily_return"
#define SENT    "state=submitted,late,returned,accepted"
INDICATOR(ind_daily_due, 55, "daily.due", IND_FLOW, "returns", "应报", "Due",
          "按模板当日应报的企业 = 已报 + 未报",
          "Due by their template that day = submitted + missing", RETURNS,
          "state=missing,draft,submitted,late,returned,accepted");
INDICATOR(ind_daily_submitted, 56, "daily.submitted", IND_FLOW, "returns", "已报", "Submitted",
          "已报送（含迟报、零报告、退回更正和已审核）",
          "Submitted, late ones, nil ones, returned and accepted ones included", RETURNS, SENT);
INDICATOR(ind_daily_missing, 57, "daily.missing", IND_FLOW, "returns", "未报", "Missing",
          "应报而未报（草稿不算已报）", "Due and not submitted; a draft is not", RETURNS,
          "state=missing,draft");
INDICATOR(ind_daily_nil, 58, "daily.nil", IND_FLOW, "returns", "零报告", "Nil", "已报中的零报告",
          "Nil returns among those submitted", RETURNS, SENT "&nil=true");
INDICATOR(ind_daily_late, 59, "daily.late", IND_FLOW, "returns", "迟报", "Late",
          "已报中超过报送时限的", "Those submitted after the deadline", RETURNS, SENT "&late=true");
INDICATOR(ind_daily_phone, 60, "daily.by_phone", IND_FLOW, "returns", "电话报送", "By telephone",
          "已报中经电话报送的", "Submitted by telephone", RETURNS, SENT "&channel=phone");
INDICATOR(ind_daily_qq, 61, "daily.by_qq", IND_FLOW, "returns", "QQ报送", "By QQ",
          "已报中经QQ报送的", "Submitted by QQ", RETURNS, SENT "&channel=qq");
INDICATOR(ind_daily_wechat, 62, "daily.by_wechat", IND_FLOW, "returns", "微信报送", "By WeChat",
          "已报中经微信报送的", "Submitted by WeChat", RETURNS, SENT "&channel=wechat");
INDICATOR(ind_daily_mail, 63, "daily.by_mail", IND_FLOW, "returns", "邮件报送", "By mail",
          "已报中经邮件报送的", "Submitted by mail", RETURNS, SENT "&channel=mail");
INDICATOR(ind_daily_link, 64, "daily.by_link", IND_FLOW, "returns", "链接自报", "By link",
          "已报中由企业经链接自报的", "Submitted by the enterprise's own link", RETURNS,
          SENT "&channel=link");
INDICATOR(ind_staff_total, 65, "staff.total", IND_FLOW, "people", "职工总数", "Staff",
          "当日已报企业的职工总数；报表没有问职工数的企业不在其中",
          "Staff of those that submitted; those whose form does not ask for it are not in it",
          RETURNS, SENT);
INDICATOR(ind_staff_hubei, 66, "staff.hubei", IND_FLOW, "people", "湖北籍职工", "Of Hubei origin",
          "当日已报企业的湖北籍职工数；只作计数", "Of Hubei origin, as a count only", RETURNS,
          SENT);
INDICATOR(ind_staff_away, 67, "staff.away", IND_FLOW, "people", "离京未返", "Away",
          "已离京、当日尚未返京的职工", "Left Beijing and not back that day", RETURNS, SENT);
INDICATOR(ind_staff_returned, 68, "staff.returned_today", IND_FLOW, "people", "当日返京",
          "Back that day", "当日回到北京的职工", "Back in Beijing that day", RETURNS, SENT);
INDICATOR(ind_staff_present, 69, "staff.present", IND_FLOW, "people", "到岗", "At work",
          "当日在岗的职工（返岗，不是返京）",
          "At work that day: back at the post, which is not back "
          "in town",
          RETURNS, SENT);

static const struct kind *const kinds[] = {&enterprise_kind,
                                           &enterprise_contact_kind,
                                           &resumption_step_kind,
                                           &return_template_kind,
                                           &template_field_kind,
                                           &template_check_kind,
                                           &template_level_kind,
                                           &daily_return_kind,
                                           &return_version_kind,
                                           &staff_line_kind,
                                           &chase_note_kind,
                                           &consolidation_kind,
                                           &checklist_kind,
                                           &checklist_item_kind,
                                           &filing_kind,
                                           &guidance_kind,
                                           &responsibility_kind,
                                           &prevention_gap_kind,
                                           NULL};
static const struct indicator *const indicators[] = {
    &ind_ent_total,       &ind_ent_planned,   &ind_ent_guided,
    &ind_ent_resumed,     &ind_ent_permille,  &ind_daily_due,
    &ind_daily_submitted, &ind_daily_missing, &ind_daily_nil,
    &ind_daily_late,      &ind_daily_phone,   &ind_daily_qq,
    &ind_daily_wechat,    &ind_daily_mail,    &ind_daily_link,
    &ind_staff_total,     &ind_staff_hubei,   &ind_staff_away,
    &ind_staff_returned,  &ind_staff_present, NULL};
static const char *const rights[] = {"enterprise.link", NULL};
#define READ                                                                                       \
  "enterprise.read enterprise_contact.read resumption_step.read return_template.read "             \
  "daily_return.read staff_line.read chase_note.read consolidation.read "                          \
  "checklist.read filing.read guidance.read responsibility.read prevention_gap.read "
#define NAMES "enterprise.names enterprise_contact.names "
#define OFFICE                                                                                     \
  "enterprise.* -enterprise.retire enterprise_contact.* staff_line.create staff_line.update "      \
  "staff_line.reveal chase_note.create daily_return.create "                                       \
  "daily_return.review "                                                                           \
  "consolidation.create consolidation.check filing.create filing.update filing.file "              \
  "filing.check guidance.* responsibility.* prevention_gap.* "
static const struct role_grant grants[] = {
    {"auditor", READ},
    {"city_duty", READ NAMES OFFICE "enterprise.retire return_template.* checklist.* filing.accept "
                                    "consolidation.accept consolidation.lock "
                                    "daily_return.export"},
    {"district_duty",
     READ NAMES OFFICE "enterprise.retire return_template.* checklist.* filing.accept "
                       "consolidation.accept "
                       "consolidation.lock daily_return.export"},
    {"coordinator", READ NAMES OFFICE "filing.accept return_template.create return_template.update "
                                      "return_template.publish consolidation.accept "
                                      "consolidation.lock daily_return.export"},
    {"lead", READ NAMES "chase_note.create daily_return.create prevention_gap.create "
                        "prevention_gap.update prevention_gap.verify"},
    {"viewer", READ},
    {0}};

static const struct alarm_type *const alarms[] = {&alarm_returns_missing, NULL};
static const struct message_topic *const topics[] = {&topic_return_reminder, &topic_returns_missing,
                                                     &topic_return_sent_back, NULL};

static int start(struct app *app, struct err *e) {
  int r = links_start(app, e);
  return r < 0 ? r : templates_start(app, e);
}

static void stop(struct app *app) {
  templates_stop(app);
  links_stop(app);
}

const struct module enterprises_module = {.name = "enterprises",
                                          .zh = "企业与日报",
                                          .en = "Enterprises and returns",
                                          .kinds = kinds,
                                          .indicators = indicators,
                                          .routes = return_routes,
                                          .jobs = return_jobs,
                                          .grants = grants,
                                          .rights = rights,
                                          .settings = return_settings,
                                          .imports = return_imports,
                                          .tables = reminder_tables,
                                          .alarms = alarms,
                                          .topics = topics,
                                          .sections = enterprises_sections,
                                          .start = start,
                                          .stop = stop};
