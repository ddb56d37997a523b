#include "base/limits.h"
#include "domain/rosters/rosters.h"

/* Shift templates (班次模板), from which the days of a post are made. */

static const struct choice weekdays[] = {{"1", "周一", "Monday"},    {"2", "周二", "Tuesday"},
                                         {"3", "周三", "Wednesday"}, {"4", "周四", "Thursday"},
                                         {"5", "周五", "Friday"},    {"6", "周六", "Saturday"},
                                         {"7", "周日", "Sunday"},    {0}};
static const struct field template_fields[TEMPLATE_FIELDS_] = {
    [TEMPLATE_POST] = {1, "post", FT_REF, FF_REQUIRED | FF_IMMUTABLE | FF_FILTER, .ref = "post",
                       .zh = "值勤点", .en = "Post"},
    [TEMPLATE_UNIT] = {2, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "所属单位",
                       .en = "Unit"},
    [TEMPLATE_NAME] = {3, "name", FT_TEXT, FF_REQUIRED | FF_TITLE, .max = 30, .zh = "班次名称",
                       .en = "Name"},
    [TEMPLATE_START] = {4, "start", FT_MINUTE, FF_REQUIRED, .zh = "上岗", .en = "Start"},
    [TEMPLATE_END] = {5, "end_at", FT_MINUTE, FF_REQUIRED, .zh = "下岗", .en = "End",
                      .zh_help = "早于上岗时间即为次日",
                      .en_help = "before the start: on the next day"},
    [TEMPLATE_REQUIRED] = {6, "required", FT_INT, FF_REQUIRED, .min = 1, .max = 200,
                           .zh = "应到人数", .en = "Required"},
    [TEMPLATE_WEEKDAYS] = {7, "weekdays", FT_TAGS, .choices = weekdays, .zh = "星期",
                           .en = "Weekdays", .zh_help = "不填即每天", .en_help = "none: every day"},
    [TEMPLATE_FROM] = {8, "valid_from", FT_DATE, .zh = "自", .en = "From"},
    [TEMPLATE_TO] = {9, "valid_to", FT_DATE, .zh = "至", .en = "To"},
    [TEMPLATE_COVER] = {10, "cover", FT_BOOL, .zh = "24小时值守", .en = "Round the clock",
                        .zh_help = "上下岗同一时刻，计24小时；不受单日时长限制，仍须安排休息",
                        .en_help = "from one hour to the same hour: counts 24 h; exempt from the "
                                   "longest duty a day, not from rest"},
};

static void template_check(const struct change *c, const struct record *old, struct record *rec,
                           struct problems *ps) {
  (void)c, (void)old;
  if (!rec_null(rec, TEMPLATE_FROM) && !rec_null(rec, TEMPLATE_TO) &&
      rec_day(rec, TEMPLATE_TO) < rec_day(rec, TEMPLATE_FROM))
    problem_add(ps, PROBLEM_dates_reversed, S("valid_to"));
  if (!rec_null(rec, TEMPLATE_START) && !rec_null(rec, TEMPLATE_END))
    shift_span(ps, rec_i64(rec, TEMPLATE_START), rec_i64(rec, TEMPLATE_END),
               rec_i64(rec, TEMPLATE_COVER));
}

static int template_apply(struct tx *tx, struct change *c, const struct record *old,
                          struct record *rec, struct problems *ps, struct err *e) {
  (void)old;
  return unit_from_post(tx, c, rec, TEMPLATE_POST, TEMPLATE_UNIT, ps, e);
}

const struct kind shift_template_kind = {.no = 25,
                                         .name = "shift_template",
                                         .plural = "shift-templates",
                                         .zh = "班次模板",
                                         .en = "Shift template",
                                         FIELDS(template_fields),
                                         .check = template_check,
                                         .apply = template_apply};
