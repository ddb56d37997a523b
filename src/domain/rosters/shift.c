#include "base/limits.h"
#include "domain/rosters/rosters.h"

/* Shifts (班次): when a post is to be manned, and by how many. */

static const struct field shift_fields[SHIFT_FIELDS_] = {
    [SHIFT_POST] = {1, "post", FT_REF, .ref = "post",
                    .flags =
                        FF_HOLDS | FF_DEVICE | FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_TITLE,
                    .zh = "值勤点", .en = "Post"},
    [SHIFT_UNIT] = {2, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "所属单位",
                    .en = "Unit"},
    [SHIFT_DATE] = {3, "date", FT_DATE,
                    FF_DEVICE | FF_REQUIRED | FF_FILTER | FF_SORT | FF_TITLE | FF_IMMUTABLE |
                        FF_INDEX,
                    .zh = "日期", .en = "Date"},
    [SHIFT_START] = {4, "start", FT_MINUTE, FF_DEVICE | FF_REQUIRED | FF_TITLE, .zh = "上岗",
                     .en = "Start"},
    [SHIFT_END] = {5, "end_at", FT_MINUTE, FF_DEVICE | FF_REQUIRED | FF_TITLE, .zh = "下岗",
                   .en = "End"},
    [SHIFT_STARTS_AT] = {6, "starts_at", FT_MOMENT, FF_DEVICE | FF_SYSTEM | FF_FILTER | FF_SORT,
                         .zh = "开始时间", .en = "Starts at"},
    [SHIFT_ENDS_AT] = {7, "ends_at", FT_MOMENT, FF_DEVICE | FF_SYSTEM, .zh = "结束时间",
                       .en = "Ends at"},
    [SHIFT_REQUIRED] = {8, "required", FT_INT, FF_DEVICE | FF_REQUIRED, .min = 1, .max = 200,
                        .zh = "应到人数", .en = "Required"},
    [SHIFT_TEMPLATE] = {9, "template", FT_REF, .ref = "shift_template", .zh = "班次模板",
                        .en = "Template"},
    [SHIFT_REMARK] = {10, "remark", FT_TEXT, .zh = "备注", .en = "Remark"},
    [SHIFT_COVER] = {11, "cover", FT_BOOL, FF_FILTER, .zh = "24小时值守", .en = "Round the clock"},
};
static const struct state shift_states[] = {
    {"open", "有效", "Open"}, {"cancelled", "已取消", "Cancelled"}, {0}};
static const struct transition shift_transitions[] = {
    {"cancel", "取消", "Cancel", "open", "cancelled", .flags = TR_LEAVES | TR_REASON | TR_ONLINE},
    {0}};
static const char *const shift_uniques[] = {"post,date,start", NULL};
static const struct frozen shift_frozen[] = {{"cancelled", "*", "remark"}, {0}};
static const struct screen shift_screen = {
    .columns = "post date start end_at required unit", .sort = "-date", .good = "open"};

void shift_span(struct problems *ps, int64_t start, int64_t end, bool cover) {
  const bool whole = start == end || (start == 0 && end == 1440);
  if (start == 1440 || (start == end && !cover))
    problem_add(ps, PROBLEM_dates_reversed, S("end_at"));
  else if (cover && !whole)
    problem_rule(ps, S("end_at"), S("24小时值守的上岗和下岗应为同一时刻"),
                 S("round the clock begins and ends at the same hour"));
}

static void shift_check(const struct change *c, const struct record *old, struct record *rec,
                        struct problems *ps) {
  (void)old;
  if (rec_null(rec, SHIFT_DATE) || rec_null(rec, SHIFT_START) || rec_null(rec, SHIFT_END)) return;
  const int64_t start = rec_i64(rec, SHIFT_START), end = rec_i64(rec, SHIFT_END);
  shift_span(ps, start, end, rec_i64(rec, SHIFT_COVER));
  const int32_t day = rec_day(rec, SHIFT_DATE);
  rec_set(rec, SHIFT_STARTS_AT, V_I64(zone_moment(c->viewer->zone, day, (int)start)));
  /* an end before the start lies on the next day: the night shift, or 24 hours */
  rec_set(rec, SHIFT_ENDS_AT,
          V_I64(zone_moment(c->viewer->zone, end <= start ? day + 1 : day, (int)end)));
}

QUERY(q_shift_assignments,
      "SELECT count(*) FROM assignment WHERE shift = $1 AND retired = 0 AND state <> 'cancelled'");

static int shift_apply(struct tx *tx, struct change *c, const struct record *old,
                       struct record *rec, struct problems *ps, struct err *e) {
  if (!old) return unit_from_post(tx, c, rec, SHIFT_POST, SHIFT_UNIT, ps, e);
  const bool moved = rec_i64(old, SHIFT_STARTS_AT) != rec_i64(rec, SHIFT_STARTS_AT) ||
                     rec_i64(old, SHIFT_ENDS_AT) != rec_i64(rec, SHIFT_ENDS_AT);
  int64_t n = 0;
  if (!moved) return 0;
  int r = tx_i64(tx, &q_shift_assignments, P(V_UUID(rec->id)), &n, e);
  if (r >= 0 && n)
    problem_text(ps, PROBLEM_in_use, S("start"), S("people are assigned to it"), (struct str){0},
                 S("已有人排在此班次"));
  return r;
}

const struct kind shift_kind = {.no = 26,
                                .name = "shift",
                                .plural = "shifts",
                                .zh = "班次",
                                .en = "Shift",
                                .screen = &shift_screen,
                                .flags = KF_SYNC,
                                .ends = "cancelled",
                                .holds_until = "ends_at",
                                FIELDS(shift_fields),
                                .states = shift_states,
                                .frozen = shift_frozen,
                                .transitions = shift_transitions,
                                .uniques = shift_uniques,
                                .device_since = "date",
                                .check = shift_check,
                                .apply = shift_apply};
