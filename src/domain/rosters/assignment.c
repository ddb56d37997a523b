#include "base/limits.h"
#include "core/operation.h"
#include "domain/rosters/rosters.h"

/* Assignments (排班): who is to stand on which shift, and what became of it. */

const struct alarm_type alarm_no_show = {.no = 2,
                                         .code = "no_show",
                                         .zh = "{subject} 未按时到岗（{value}）",
                                         .en = "{subject} did not come to the post ({value})",
                                         .owner_role = "lead",
                                         .escalate_ms = 60 * MS_MINUTE,
                                         .severity = 2};

static const struct choice excuses[] = {{"leave", "请假", "leave"},
                                        {"temperature", "体温异常", "temperature"},
                                        {"replaced", "换班替岗", "replaced"},
                                        {"other", "其他", "other"},
                                        {0}};
static const struct field assignment_fields[ASSIGNMENT_FIELDS_] = {
    [ASSIGNMENT_SHIFT] = {1, "shift", FT_REF,
                          FF_HOLDS | FF_DEVICE | FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_TITLE,
                          .ref = "shift", .zh = "班次", .en = "Shift"},
    [ASSIGNMENT_RESPONDER] = {2, "responder", FT_REF,
                              FF_HOLDS | FF_DEVICE | FF_DEVICE_TITLE | FF_REQUIRED | FF_IMMUTABLE |
                                  FF_FILTER | FF_TITLE,
                              .ref = "responder", .zh = "人员", .en = "Responder"},
    [ASSIGNMENT_UNIT] = {3, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "所属单位",
                         .en = "Unit"},
    [ASSIGNMENT_POST] = {4, "post", FT_REF, FF_DEVICE | FF_SYSTEM | FF_FILTER, .ref = "post",
                         .zh = "值勤点", .en = "Post"},
    [ASSIGNMENT_DATE] = {5, "date", FT_DATE, FF_DEVICE | FF_SYSTEM | FF_FILTER | FF_SORT | FF_INDEX,
                         .zh = "日期", .en = "Date"},
    [ASSIGNMENT_STARTS_AT] = {6, "starts_at", FT_MOMENT,
                              FF_DEVICE | FF_SYSTEM | FF_FILTER | FF_SORT | FF_INDEX,
                              .zh = "开始时间", .en = "Starts at"},
    [ASSIGNMENT_ENDS_AT] = {7, "ends_at", FT_MOMENT, FF_DEVICE | FF_SYSTEM, .zh = "结束时间",
                            .en = "Ends at"},
    [ASSIGNMENT_LEAD] = {8, "lead", FT_BOOL, FF_DEVICE, .initial = "0", .zh = "带班",
                         .en = "Shift lead"},
    [ASSIGNMENT_SIGNED_IN_AT] = {9, "signed_in_at", FT_MOMENT, FF_DEVICE | FF_SYSTEM,
                                 .zh = "签到时间", .en = "Signed in at"},
    [ASSIGNMENT_SIGNED_OUT_AT] = {10, "signed_out_at", FT_MOMENT, FF_DEVICE | FF_SYSTEM,
                                  .zh = "签退时间", .en = "Signed out at"},
    [ASSIGNMENT_EXCUSE] = {11, "excuse", FT_ENUM, FF_FILTER, .choices = excuses, .zh = "未到岗原因",
                           .en = "Excuse"},
    [ASSIGNMENT_HEARD_AT] = {12, "heard_at", FT_MOMENT, FF_SYSTEM, .zh = "最近联系",
                             .en = "Last heard from"},
    [ASSIGNMENT_DECISION] = {13, "decision", FT_TEXT, .max = 200, .zh = "超规则决定",
                             .en = "Decision to break a rule",
                             .zh_help = "如连续工作超过规定，写明决定人和理由",
                             .en_help = "who decided, and why"},
};
static const struct state assignment_states[] = {{"due", "应到（未联系上）", "Due, not heard from"},
                                                 {"present", "在岗", "Present"},
                                                 {"late", "迟到", "Late"},
                                                 {"excused", "请假或体温异常", "Excused"},
                                                 {"absent", "缺勤", "Absent"},
                                                 {"cancelled", "已取消", "Cancelled"},
                                                 {0}};
static const struct transition assignment_transitions[] = {
    {"excuse", "请假", "Excuse", "due absent", "excused", .needs = "excuse"},
    {"mark_absent", "记缺勤", "Mark absent", .from = "due", .to = "absent"},
    {"unmark", "撤销缺勤或请假", "Take back", "absent excused", "due", .flags = TR_REASON},
    {"cancel", "撤下", "Take off", .from = "due absent excused", .to = "cancelled"},
    /* what a sign-in does; no role holds the right, only the sign-in's own rule acts */
    {"arrive", "签到", "Arrive", "due absent", "present", .right = "assignment.by_sign_in",
     .takes = "signed_in_at heard_at"},
    {"arrive_late", "迟到", "Arrive late", "due absent", "late", .right = "assignment.by_sign_in",
     .takes = "signed_in_at heard_at"},
    {"keep_off", "体温异常", "Keep off", "due absent", "excused", .right = "assignment.by_sign_in",
     .takes = "excuse heard_at"},
    {0}};
static const char *const assignment_indexes[] = {"responder, starts_at", "unit, date", NULL};
static const struct frozen assignment_frozen[] = {{"cancelled", "*", NULL}, {0}};
static const struct screen assignment_screen = {
    .columns = "responder post date starts_at signed_in_at signed_out_at lead excuse",
    .sort = "-date",
    .good = "present",
    .wait = "due late",
    .bad = "absent"};
static const struct deadline assignment_deadlines[] = {
    {1, "starts_at", .after = "late_grace_minutes", .states = "due absent", .alarm = "no_show",
     .news_ms = 12 * MS_HOUR},
    {0}};
/* Once the shift is over there is nothing left to come to. */
static const struct owner assignment_owner = {
    .responder = "responder", .states = "due", .due = "starts_at", .until = "ends_at"};
static const struct count assignment_counts[] = {
    {&ind_due, .from = "date", .where = "state=due,present,late,excused,absent"},
    {&ind_present, .from = "date", .where = "state=present"},
    {&ind_late, .from = "date", .where = "state=late"},
    {&ind_excused, .from = "date", .where = "state=excused"},
    {&ind_absent, .from = "date", .where = "state=absent"},
    {&ind_unheard, .from = "date", .at = "starts_at", .where = "state=due"},
    {&ind_upcoming, .from = "date", .where = "state=due"},
    {&ind_upcoming, .from = "date", .at = "starts_at", .where = "state=due", .takes = true},
    {0}};

QUERY(q_shift_row, "SELECT unit, post, date, starts_at, ends_at, state, retired, "
                   "coalesce(cover, 0) FROM shift WHERE id = $1");
QUERY(q_assignment_overlap,
      "SELECT s.date, s.start, s.end_at, p.name FROM assignment a JOIN shift s ON s.id = a.shift "
      "JOIN post p ON p.id = a.post WHERE a.responder = $1 AND a.retired = 0 "
      "AND a.state <> 'cancelled' AND a.starts_at < $3 AND a.ends_at > $2 AND a.id <> $4 LIMIT 1");
/* What he stands that day beside this; round the clock is exempt. */
QUERY(q_minutes_on,
      "SELECT CAST(coalesce(sum(a.ends_at - a.starts_at), 0) / 60000 AS BIGINT) FROM assignment a "
      "JOIN shift s ON s.id = a.shift WHERE a.responder = $1 AND a.date = $2 AND a.retired = 0 "
      "AND a.state NOT IN ('cancelled', 'excused') AND a.id <> $3 AND coalesce(s.cover, 0) = 0");
QUERY(q_days_on, "SELECT DISTINCT date FROM assignment WHERE responder = $1 AND date < $2 "
                 "AND retired = 0 AND state NOT IN ('cancelled', 'excused') "
                 "ORDER BY date DESC");
QUERY(q_deployed_on, "SELECT count(*) FROM deployment d WHERE d.responder = $1 AND d.retired = 0 "
                     "AND d.state IN ('planned', 'reported', 'released') "
                     "AND (d.released_on IS NULL OR d.released_on >= $2) "
                     "AND coalesce(d.reported_on, d.planned_from, $2) <= $2");

static int take_shift(struct tx *tx, struct record *rec, bool *ret_cover, struct problems *ps,
                      struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = cur_open(tx, &q_shift_row, P(V_UUID(rec_uuid(rec, ASSIGNMENT_SHIFT))), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r;
  rec_set(rec, ASSIGNMENT_UNIT, V_I64(cur_i64(cur, 0)));
  rec_set(rec, ASSIGNMENT_POST, V_UUID(cur_uuid(cur, 1)));
  rec_set(rec, ASSIGNMENT_DATE, V_TEXT(arena_dup(ps->a, cur_text(cur, 2))));
  rec_set(rec, ASSIGNMENT_STARTS_AT, V_I64(cur_i64(cur, 3)));
  rec_set(rec, ASSIGNMENT_ENDS_AT, V_I64(cur_i64(cur, 4)));
  if (!str_is(cur_text(cur, 5), "open") || cur_i64(cur, 6))
    problem_add(ps, PROBLEM_retired, S("shift"));
  *ret_cover = cur_i64(cur, 7) != 0;
  return 0;
}

static int no_overlap(struct tx *tx, const struct record *rec, struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  char start[6], end[6];
  int r = cur_open(tx, &q_assignment_overlap,
                   P(V_UUID(rec_uuid(rec, ASSIGNMENT_RESPONDER)),
                     V_I64(rec_i64(rec, ASSIGNMENT_STARTS_AT)),
                     V_I64(rec_i64(rec, ASSIGNMENT_ENDS_AT)), V_UUID(rec->id)),
                   &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r;
  minute_format((int)cur_i64(cur, 1), start);
  minute_format((int)cur_i64(cur, 2), end);
  problem_text(ps, PROBLEM_overlap, S("responder"), (struct str){0}, (struct str){0},
               arena_printf(ps->a, STR_FMT " %s–%s " STR_FMT, STR_ARG(cur_text(cur, 0)), start, end,
                            STR_ARG(cur_text(cur, 3))));
  return 0;
}

/* Longer than the rule allows takes a decision, which is written down. */
static int hours_of_day(struct tx *tx, struct change *c, const struct record *rec,
                        struct problems *ps, struct err *e) {
  const int64_t most =
      policy(change_app(c), c->op, "shift_max_hours", rec_day(rec, ASSIGNMENT_DATE));
  int64_t minutes = 0;
  int r = tx_i64(tx, &q_minutes_on,
                 P(rec->v[ASSIGNMENT_RESPONDER], rec->v[ASSIGNMENT_DATE], V_UUID(rec->id)),
                 &minutes, e);
  minutes += (rec_i64(rec, ASSIGNMENT_ENDS_AT) - rec_i64(rec, ASSIGNMENT_STARTS_AT)) / MS_MINUTE;
  if (r < 0 || minutes <= most * 60) return r;
  const long long h = minutes / 60, m = minutes % 60, limit = most;
  const struct str zh = arena_printf(
      c->a, "当日值守共%lld小时%lld分，超过规定的%lld小时，须写明决定人和理由", h, m, limit);
  const struct str en =
      arena_printf(c->a,
                   "%lld h %lld min of duty that day, more than the rule of %lld h: write "
                   "down who decided, and why",
                   h, m, limit);
  if (rec_null(rec, ASSIGNMENT_DECISION))
    problem_rule(ps, S("decision"), zh, en);
  else
    problem_rule_warn(ps, S("decision"), zh, en);
  return 0;
}

/* The days on which he stands without one of rest between, up to this one. */
static int days_without_rest(struct tx *tx, struct change *c, const struct record *rec,
                             struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  const long long most =
      policy(change_app(c), c->op, "shift_max_days", rec_day(rec, ASSIGNMENT_DATE));
  int32_t day = rec_day(rec, ASSIGNMENT_DATE), before;
  long long days = 1;
  int r =
      cur_open(tx, &q_days_on, P(rec->v[ASSIGNMENT_RESPONDER], rec->v[ASSIGNMENT_DATE]), &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1 && day_parse(cur_text(cur, 0), &before) == 0 &&
         before == day - 1) {
    day = before;
    days++;
  }
  if (r < 0 || days <= most) return r < 0 ? r : 0;
  problem_rule_warn(
      ps, S("responder"),
      arena_printf(c->a, "已连续值守%lld天，未安排休息（规定%lld天后休息）", days, most),
      arena_printf(c->a, "%lld days on duty without one of rest (the rule: rest after %lld)", days,
                   most));
  return 0;
}

static int assignment_apply(struct tx *tx, struct change *c, const struct record *old,
                            struct record *rec, struct problems *ps, struct err *e) {
  const bool again = c->verb == CHANGE_RESTORE && !word_in(assignment_kind.ends, rec->state);
  if (old && !again && !(c->transition && str_is(rec->state, "due"))) return 0;
  bool cover = false;
  int r = old && !again ? 0 : take_shift(tx, rec, &cover, ps, e);
  if (r >= 0 && !rec_null(rec, ASSIGNMENT_STARTS_AT)) r = no_overlap(tx, rec, ps, e);
  if (r < 0 || old || rec_null(rec, ASSIGNMENT_STARTS_AT)) return r;
  const bool free = !problems_any(ps);
  if (free && !cover) r = hours_of_day(tx, c, rec, ps, e);
  if (r >= 0 && free) r = days_without_rest(tx, c, rec, ps, e);
  if (r < 0) return r;
  int64_t n = 0;
  r = tx_i64(tx, &q_deployed_on,
             P(V_UUID(rec_uuid(rec, ASSIGNMENT_RESPONDER)), V_TEXT(rec_text(rec, ASSIGNMENT_DATE))),
             &n, e);
  if (r >= 0 && n == 0)
    problem_rule_warn(ps, S("responder"), S("该人员当日没有派驻记录"),
                      S("the person is not deployed on that day"));
  return r;
}

const struct kind assignment_kind = {.no = 27,
                                     .name = "assignment",
                                     .plural = "assignments",
                                     .zh = "排班",
                                     .en = "Assignment",
                                     .screen = &assignment_screen,
                                     .flags = KF_SYNC,
                                     .ends = "cancelled excused absent",
                                     .holds_until = "ends_at",
                                     FIELDS(assignment_fields),
                                     .states = assignment_states,
                                     .deadlines = assignment_deadlines,
                                     .owner = &assignment_owner,
                                     .frozen = assignment_frozen,
                                     .transitions = assignment_transitions,
                                     .indexes = assignment_indexes,
                                     .device_since = "date",
                                     .apply = assignment_apply,
                                     .counts = assignment_counts};
