#include "domain/daily_returns/staff_line.h"

static const struct choice yes_no[] = {{"no", "否", "no"}, {"yes", "是", "yes"}, {0}};

static const struct field line_fields[LINE_FIELDS_] = {
    [LINE_ENTERPRISE] = OF_ENTERPRISE(1),
    [LINE_UNIT] = ITS_UNIT(2),
    [LINE_NAME] = {3, "name", FT_TEXT, FF_REQUIRED | FF_SEALED, .min = 1, .max = 40,
                   .mask = MASK_NAME, .zh = "姓名", .en = "Name"},
    [LINE_HUBEI] = {4, "hubei", FT_ENUM, FF_PERSONAL, .choices = yes_no, .mask = MASK_ALL,
                    .zh = "湖北籍（只用于计数）", .en = "Of Hubei origin (only counted)"},
    [LINE_LEFT_ON] = {5, "left_on", FT_DATE, .zh = "离京日期", .en = "Left on"},
    [LINE_WHERE] = {6, "place", FT_TEXT, .max = 60, .zh = "所在地（省市）",
                    .en = "Where (province, city)"},
    [LINE_PLAN_BACK_ON] = {7, "plan_back_on", FT_DATE, FF_SORT, .zh = "计划返京日期",
                           .en = "Plans to return on"},
    [LINE_BACK_ON] = {8, "back_on", FT_DATE, .zh = "返京日期", .en = "Back on"},
    [LINE_ISOLATING_UNTIL] = {9, "isolating_until", FT_DATE, .zh = "观察至",
                              .en = "Observed until"},
    [LINE_AT_WORK_ON] = {10, "at_work_on", FT_DATE, .zh = "返岗日期", .en = "At work since"},
    [LINE_ENDED_ON] = {11, "ended_on", FT_DATE, FF_FILTER, .zh = "结束跟踪日期",
                       .en = "Not followed since"},
    [LINE_NOTE] = {12, "note", FT_TEXT, .max = 200, .zh = "备注", .en = "Note"},
};

static void check(const struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps) {
  static const int after_leaving[] = {LINE_BACK_ON, LINE_PLAN_BACK_ON};
  static const int after_return[] = {LINE_ISOLATING_UNTIL, LINE_AT_WORK_ON};
  (void)old;
  for (size_t i = 0; i < 2; i++) {
    const int a = after_leaving[i], b = after_return[i];
    if (!rec_null(rec, a) && !rec_null(rec, LINE_LEFT_ON) &&
        rec_day(rec, a) < rec_day(rec, LINE_LEFT_ON))
      problem_add(ps, PROBLEM_dates_reversed, str_from(rec->kind->fields[a].name));
    if (!rec_null(rec, b) && !rec_null(rec, LINE_BACK_ON) &&
        rec_day(rec, b) < rec_day(rec, LINE_BACK_ON))
      problem_add(ps, PROBLEM_dates_reversed, str_from(rec->kind->fields[b].name));
  }
  if (!rec_null(rec, LINE_BACK_ON) && rec_day(rec, LINE_BACK_ON) > c->viewer->today)
    problem_add(ps, PROBLEM_in_future, S("back_on"));
}

const struct kind staff_line_kind = {
    KIND(58, "staff_line", "staff-lines", "人员明细", "Staff line", line_fields), .check = check,
    .apply = of_enterprise_apply};
