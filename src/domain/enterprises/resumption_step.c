#include "domain/enterprises/resumption_step.h"

#define STEPS "resumption_step"
INDICATOR_ROW(ind_ent_total, 50, "enterprises.total", IND_STATE, "enterprises", "企业总数",
              "Enterprises", "当日结束时在台账上的企业（已注销、迁出的不计）",
              "On the register at the day's end, those closed or gone left out", STEPS);
INDICATOR_ROW(ind_ent_planned, 51, "enterprises.planned", IND_STATE, "enterprises", "计划复工",
              "Opening planned", "当日结束时已登记计划、备案或核查，尚未复工的企业",
              "Planned, filed or checked at the day's end, and not resumed yet", STEPS);
INDICATOR_ROW(ind_ent_guided, 52, "enterprises.guided", IND_STATE, "enterprises", "已指导",
              "Guided", "当日结束时至少得到过一次复工指导的企业",
              "Guided at least once by the day's end", STEPS);
INDICATOR_ROW(ind_ent_resumed, 53, "enterprises.resumed", IND_STATE, "enterprises", "已复工",
              "Resumed", "当日结束时已复工、未暂停的企业",
              "Resumed and not suspended at the day's end", STEPS);

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
    .zh_definition = "当日结束时 已复工 ÷ 企业总数，百分比，保留一位小数；分母随当日台账",
    .en_definition = "Resumed in total at the day's end, in percent to one decimal; the "
                     "denominator is that day's register",
    .measure = "permille",
    .type = IND_DERIVED,
    .kind = STEPS,
    .derive = permille,
    .derived_from = "enterprises.resumed enterprises.total"};

static const struct choice steps[] = {{"registered", "纳入台账", "put on the register"},
                                      {"planned", "计划复工", "opening planned"},
                                      {"filed", "备案", "filed"},
                                      {"checked", "核查", "checked"},
                                      {"guided", "指导", "guided"},
                                      {"resumed", "复工", "resumed"},
                                      {"suspended", "暂停", "suspended"},
                                      {"moved", "迁移", "moved"},
                                      {"closed", "注销或迁出", "closed or gone"},
                                      {"reopened", "重新纳入", "put back"},
                                      {"erased", "误录删除", "entered by mistake"},
                                      {0}};
static const struct field step_fields[STEP_FIELDS_] = {
    [STEP_ENTERPRISE] = OF_ENTERPRISE(1, | FF_FOLLOWS),
    [STEP_UNIT] = ITS_UNIT(2),
    [STEP_FROM_UNIT] = {3, "from_unit", FT_UNIT, FF_SYSTEM, .zh = "原街道（社区）",
                        .en = "Former place"},
    [STEP_STEP] = {4, "step", FT_ENUM, FF_REQUIRED | FF_FILTER | FF_TITLE, .choices = steps,
                   .zh = "步骤", .en = "Step"},
    [STEP_DAY] = {5, "day", FT_DATE, FF_REQUIRED | FF_FILTER | FF_SORT | FF_TITLE, .zh = "日期",
                  .en = "Day"},
    [STEP_FROM_STATE] = {6, "from_state", FT_TEXT, FF_SYSTEM, .max = 20, .zh = "原状态",
                         .en = "Former state"},
    [STEP_TO_STATE] = {7, "to_state", FT_TEXT, FF_SYSTEM | FF_FILTER, .max = 20, .zh = "状态",
                       .en = "State"},
    [STEP_WAS_GUIDED] = {8, "was_guided", FT_BOOL, FF_SYSTEM, .zh = "此前已指导",
                         .en = "Guided before"},
    [STEP_GUIDED] = {9, "guided", FT_BOOL, FF_SYSTEM | FF_FILTER, .zh = "已指导", .en = "Guided"},
    [STEP_REASON] = {10, "reason", FT_TEXT, FF_SYSTEM, .max = 200, .zh = "原因", .en = "Reason"},
};
static const struct screen resumption_step_screen = {.columns = "enterprise day step reason unit",
                                                     .section = "day step reason unit",
                                                     .sort = "-day"};

/* A step takes the enterprise away from where and what it was, and adds it to what it is. */
#define STEP_COUNT(i, before, after)                                                               \
  {.ind = &(i),                                                                                    \
   .unit = "from_unit",                                                                            \
   .from = "day",                                                                                  \
   .where = (before),                                                                              \
   .group = "enterprise",                                                                          \
   .takes = true},                                                                                 \
  {                                                                                                \
    .ind = &(i), .from = "day", .where = (after), .group = "enterprise"                            \
  }
static const struct count step_counts[] = {
    STEP_COUNT(ind_ent_total, "from_state=!closed", "to_state=!closed"),
    STEP_COUNT(ind_ent_planned, "from_state=planned,filed,checked",
               "to_state=planned,filed,checked"),
    STEP_COUNT(ind_ent_resumed, "from_state=resumed", "to_state=resumed"),
    STEP_COUNT(ind_ent_guided, "from_state=!closed&was_guided=true",
               "to_state=!closed&guided=true"),
    {0}};

const struct kind resumption_step_kind = {
    KIND(52, "resumption_step", "resumption-steps", "复工进程", "Resumption step", step_fields),
    .screen = &resumption_step_screen, .flags = KF_NO_API | KF_NO_RETIRE, .counts = step_counts};
