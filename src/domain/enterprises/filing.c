#include "domain/enterprises/filing.h"

/* Filing under the checklist of the day, then the check on the spot by two. */

static const struct choice meals[] = {{"staggered", "食堂错峰", "canteen, staggered"},
                                      {"boxed", "分餐配送", "boxed, brought"},
                                      {"own", "自带", "brought from home"},
                                      {"outside", "外出就餐", "outside"},
                                      {"none", "不在单位用餐", "none at work"},
                                      {0}};
static const struct choice work_modes[] = {{"on_site", "现场办公", "on site"},
                                           {"shifts", "错时轮班", "in shifts"},
                                           {"from_home", "居家为主", "mostly from home"},
                                           {0}};
static const struct field filing_fields[FILING_FIELDS_] = {
    [FILING_ENTERPRISE] = {1, "enterprise", FT_REF,
                           FF_HOLDS | FF_REQUIRED | FF_IMMUTABLE | FF_FILTER | FF_INDEX | FF_TITLE,
                           .ref = "enterprise", .zh = "企业", .en = "Enterprise"},
    [FILING_UNIT] = ITS_UNIT(2),
    [FILING_CHECKLIST] = {3, "checklist", FT_REF, FF_SHARED | FF_FILTER, .ref = "checklist",
                          .zh = "复工条件清单", .en = "Checklist",
                          .zh_help = "备案当日在当地有效的一版；不填则由系统选",
                          .en_help = "one in force there on the day of filing; chosen unless "
                                     "given"},
    [FILING_PLANNED_ON] = {4, "planned_on", FT_DATE,
                           FF_SHARED | FF_REQUIRED | FF_SORT | FF_INDEX | FF_TITLE,
                           .zh = "拟复工日期", .en = "Planned opening"},
    [FILING_FIRST_BATCH] = {5, "first_batch", FT_INT, FF_SHARED, .max = 1000000,
                            .zh = "首批返岗人数", .en = "People in the first batch"},
    [FILING_ANSWERS] = {6, "answers", FT_JSON, FF_SHARED, .max = 8000, .zh = "条件落实情况",
                        .en = "Answers", .zh_help = "条目代码 → 是否做到、数值或文字",
                        .en_help = "item code → true, false, a number or words"},
    [FILING_FILED_ON] = {7, "filed_on", FT_DATE, FF_SYSTEM | FF_SORT, .zh = "备案日期",
                         .en = "Filed on"},
    [FILING_CHECKED_ON] = {8, "checked_on", FT_DATE, FF_SYSTEM, .zh = "核查日期",
                           .en = "Checked on"},
    [FILING_FINDINGS] = {9, "findings", FT_LONGTEXT, .max = 500, .zh = "核查情况",
                         .en = "Findings on the spot"},
    [FILING_DECIDED_ON] = {10, "decided_on", FT_DATE, FF_SYSTEM, .zh = "批复日期",
                           .en = "Decided on"},
    [FILING_NOTE] = {11, "note", FT_LONGTEXT, FF_SHARED, .max = 500, .zh = "备注", .en = "Note"},
    [FILING_ATTENDANCE] = {12, "attendance", FT_DECIMAL, FF_SHARED, .scale = 1, .max = 1000,
                           .zh = "到岗率（%）", .en = "Attendance (%)",
                           .zh_help = "首批到岗人数 ÷ 职工总数",
                           .en_help = "people at work at first, of all staff"},
    [FILING_AREA] = {13, "area_per_person", FT_DECIMAL, FF_SHARED, .scale = 2, .max = 100000,
                     .zh = "人均面积（平方米）", .en = "Area per person (m²)",
                     .zh_help = "办公面积 ÷ 同时在岗人数",
                     .en_help = "office area, by those present at the same time"},
    [FILING_SPACING] = {14, "spacing", FT_DECIMAL, FF_SHARED, .scale = 2, .max = 10000,
                        .zh = "工位间距（米）", .en = "Spacing of work places (m)",
                        .zh_help = "相邻工位最近处", .en_help = "where neighbours sit closest"},
    [FILING_STOCK] = {15, "stock_days", FT_INT, FF_SHARED, .max = 999, .zh = "防疫物资可用天数",
                      .en = "Days for which supplies last",
                      .zh_help = "口罩、消毒剂等按首批人数计，取最少的一种",
                      .en_help = "for the first batch; of masks, disinfectant …, the scarcest"},
    [FILING_MEALS] = {16, "meals", FT_ENUM, FF_SHARED, .choices = meals, .zh = "用餐方式",
                      .en = "Meals"},
    [FILING_MODE] = {17, "work_mode", FT_ENUM, FF_SHARED, .choices = work_modes, .zh = "办公方式",
                     .en = "Way of working"},
    [FILING_RETURNED_FOR] = {18, "returned_for", FT_LONGTEXT, FF_SYSTEM, .max = 500,
                             .zh = "退回原因", .en = "Returned for"},
    [FILING_FOUND] = {19, "found", FT_JSON, FF_SYSTEM, .max = 20000, .zh = "逐项核查",
                      .en = "Found, by condition", .zh_help = "条目代码 → 是否相符、说明",
                      .en_help = "item code → {agrees, remark}"},
    [FILING_FIRST] = {20, "first_checker", FT_REF, FF_SYSTEM, .ref = "account", .zh = "第一核查人",
                      .en = "First checker"},
    [FILING_SECOND] = {21, "second_checker", FT_REF, FF_SYSTEM, .ref = "account",
                       .zh = "第二核查人", .en = "Second checker"},
    [FILING_SECOND_FINDINGS] = {22, "second_findings", FT_LONGTEXT, FF_SYSTEM, .max = 500,
                                .zh = "第二人意见", .en = "What the second says"},
};

static void rule(struct problems *ps, const char *field, struct str zh, struct str en) {
  filing_refused(ps, str_from(field), zh, en);
}

/* ---- filing ---- */

static int pick_checklist(struct tx *tx, struct change *c, struct record *rec, struct problems *ps,
                          struct err *e) {
  struct uuid in_force[CHECKLISTS_IN_FORCE], said = rec_uuid(rec, FILING_CHECKLIST);
  size_t n;
  int r = checklists_in_force(tx, c->op, rec_unit(rec, FILING_UNIT), day_val(c->a, change_day(c)),
                              in_force, &n, e);
  if (r < 0) return r;
  if (!n) {
    rule(ps, "checklist", S("当日没有有效的复工条件清单"),
         S("no checklist is in force on this day"));
    return 0;
  }
  if (rec_null(rec, FILING_CHECKLIST)) {
    rec_set(rec, FILING_CHECKLIST, V_UUID(in_force[0]));
    return 0;
  }
  for (size_t i = 0; i < n; i++)
    if (uuid_eq(&in_force[i], &said)) return 0;
  rule(ps, "checklist", S("这一版清单今天在当地无效，请按有效的一版填写"),
       S("not in force there today: answer the one that is"));
  return 0;
}

QUERY(q_other_filings, "SELECT count(*) FROM filing WHERE enterprise = $1 AND id <> $2 AND "
                       "retired = 0 AND state IN ('filed','first_check','checked')");

static int one_at_a_time(struct tx *tx, const struct record *rec, struct problems *ps,
                         struct err *e) {
  int64_t others = 0;
  int r = tx_i64(tx, &q_other_filings, P(V_UUID(rec_uuid(rec, FILING_ENTERPRISE)), V_UUID(rec->id)),
                 &others, e);
  if (r >= 0 && others)
    rule(ps, "enterprise", S("该企业已有一份备案在核查或待批复"),
         S("another filing of it waits for its check or decision"));
  return r;
}

static int files(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  (void)old;
  int r = one_at_a_time(tx, rec, ps, e);
  if (r >= 0) r = pick_checklist(tx, c, rec, ps, e);
  if (r < 0 || rec_null(rec, FILING_CHECKLIST)) return r;
  return filing_answers_ok(tx, c, rec, ps, e);
}

/* ---- the check on the spot ---- */

/* Null for the program itself, which is nobody's account. */
static struct val whoever(const struct change *c) {
  return uuid_is_nil(&c->viewer->user) ? V_NULL : V_UUID(c->viewer->user);
}

static int found_by_first(struct tx *tx, struct change *c, const struct record *old,
                          struct record *rec, struct problems *ps, struct err *e) {
  (void)old;
  return filing_found_ok(tx, c, rec, ps, e);
}

static int confirmed_by_second(struct tx *tx, struct change *c, const struct record *old,
                               struct record *rec, struct problems *ps, struct err *e) {
  (void)old;
  const bool passes = str_is(rec->state, "checked");
  struct str text;
  size_t wrong;
  int r = filing_found_wrong(tx, c, rec, &wrong, &text, e);
  if (r < 0) return r;
  if (passes && wrong)
    rule(ps, "found",
         arena_printf(c->a, "第一核查人有%zu项不符，不能确认通过；请确认不通过，或提出意见不一",
                      wrong),
         arena_printf(c->a,
                      "holds %zu that do not agree: confirm that it has not passed, or disagree",
                      wrong));
  if (!passes && !wrong)
    rule(ps, "found", S("第一核查人各项都相符，不能确认不通过；请确认通过，或提出意见不一"),
         S("holds nothing that does not agree: confirm that it has passed, or disagree"));
  if (passes) return 0;
  rec_set(rec, FILING_SECOND, whoever(c));
  rec_set(rec, FILING_CHECKED_ON, day_val(c->a, change_day(c)));
  rec_set(rec, FILING_RETURNED_FOR, V_TEXT(text));
  return 0;
}

/* Begun anew by whoever goes there next; what the second said stays until then. */
static int disagrees(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps, struct err *e) {
  (void)tx, (void)ps, (void)e;
  rec_set(rec, FILING_FILED_ON, old->v[FILING_FILED_ON]);
  rec_set(rec, FILING_SECOND, whoever(c));
  rec_set(rec, FILING_SECOND_FINDINGS, V_TEXT(c->reason));
  return 0;
}

static int decided(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                   struct problems *ps, struct err *e) {
  (void)tx, (void)old, (void)ps, (void)e;
  if (!str_is(rec->state, "accepted")) rec_set(rec, FILING_RETURNED_FOR, V_TEXT(c->reason));
  return 0;
}

/* ---- the enterprise follows its filing, as far as it has not gone further already ---- */

struct follow {
  const char *state;   /* of the filing */
  const char *from[2]; /* of the enterprise */
  const char *action;
};
static const struct follow follows[] = {{"filed", {"open", "planned"}, "file"},
                                        {"checked", {"filed", "filed"}, "check"},
                                        {"returned", {"filed", "checked"}, "plan"},
                                        {"refused", {"filed", "checked"}, "plan"}};

static int applied(struct tx *tx, struct change *c, const struct record *old,
                   const struct record *rec, struct err *e) {
  struct record *enterprise;
  const struct follow *f = NULL;
  const struct uuid id = rec_uuid(rec, FILING_ENTERPRISE);
  if (!old || str_eq(old->state, rec->state)) return 0;
  for (size_t i = 0; i < ARRAY_LEN(follows) && !f; i++)
    if (str_is(rec->state, follows[i].state)) f = &follows[i];
  if (!f) return 0;
  int r = record_load(tx, c->a, &enterprise_kind, c->op, &id, &enterprise, e);
  if (r < 0) return r;
  if (!str_is(enterprise->state, f->from[0]) && !str_is(enterprise->state, f->from[1])) return 0;
  struct change *in = change_make(c->a, c->en, c->viewer, &enterprise_kind, CHANGE_ACTION);
  in->id = id;
  in->transition = kind_transition(&enterprise_kind, str_from(f->action));
  if (!str_is(rec->state, "checked"))
    change_set(in, ENTERPRISE_PLANNED_ON, rec->v[FILING_PLANNED_ON]);
  if (strcmp(f->action, "plan") == 0) in->reason = c->reason.n ? c->reason : S("现场核查不通过");
  return change_within(tx, c, in, e);
}

/* ---- the kind ---- */

static const struct state filing_states[] = {{"draft", "草稿", "Draft"},
                                             {"filed", "已备案", "Filed"},
                                             {"returned", "退回补正", "Returned"},
                                             {"first_check", "一人已核查", "Checked by one"},
                                             {"checked", "两人已核查", "Checked by two"},
                                             {"accepted", "同意复工", "Accepted"},
                                             {"refused", "不同意", "Refused"},
                                             {0}};
/* Filed again, nothing of the check before stands. */
static const struct stamp filing_stamps[] = {
    {"filed", .at = "filed_on",
     .clears = "returned_for found findings first_checker second_checker second_findings "
               "checked_on"},
    {"first_check", .by = "first_checker", .clears = "second_checker second_findings"},
    {"checked", .at = "checked_on", .by = "second_checker"},
    {"accepted refused", .at = "decided_on"},
    {0}};
static const struct transition filing_transitions[] = {
    {"file", "提交备案", "File", "draft returned", "filed", .apply = files, .right = "filing.file",
     .takes = "checklist answers planned_on first_batch attendance area_per_person spacing "
              "stock_days meals work_mode note"},
    {"send_back", "退回补正", "Return", "filed first_check checked", "returned", .apply = decided,
     .right = "filing.check", .flags = TR_REASON | TR_ONLINE},
    /* again where the first has to put his own findings right */
    {"check_first", "现场核查（第一人）", "Check on the spot (first)", "filed first_check",
     "first_check", .apply = found_by_first, .right = "filing.check", .needs = "found",
     .takes = "findings"},
    {"check_second", "第二人确认：通过", "Second confirms: passed", "first_check", "checked",
     .apply = confirmed_by_second, .right = "filing.check", .takes = "second_findings",
     .second_to = "first_check", .flags = TR_SECOND_PERSON},
    {"fail_check", "第二人确认：不通过", "Second confirms: not passed", "first_check", "returned",
     .apply = confirmed_by_second, .right = "filing.check", .takes = "second_findings",
     .second_to = "first_check", .flags = TR_SECOND_PERSON},
    {"disagree", "两人意见不一，重新核查", "The two disagree: check again", "first_check", "filed",
     .apply = disagrees, .right = "filing.check", .second_to = "first_check",
     .flags = TR_SECOND_PERSON | TR_REASON},
    {"accept", "同意复工", "Accept", "checked", "accepted", .apply = decided,
     .right = "filing.accept", .flags = TR_ONLINE},
    {"refuse", "不同意", "Refuse", "filed first_check checked", "refused", .apply = decided,
     .right = "filing.accept", .flags = TR_REASON | TR_ONLINE},
    {0}};
/* what was filed stands still until it is returned */
static const struct frozen filing_frozen[] = {
    {"filed first_check checked accepted refused", "*", "note"}, {0}};
static const struct screen filing_screen = {
    .group = "enterprises",
    .order = 80,
    .columns = "planned_on enterprise first_batch filed_on checked_on unit",
    .sort = "-planned_on",
    .hide = "answers found",
    .offers = "",
    .primary = "file check_second check_first accept",
    .good = "accepted",
    .wait = "draft filed first_check checked",
    .bad = "returned refused"};
static const struct owner filing_owner = {.unit = "unit",
                                          .role = "coordinator",
                                          .states = "filed first_check checked",
                                          .due = "planned_on"};
const struct alarm_type alarm_filing_unchecked = {.no = 71,
                                                  .code = "filing.unchecked",
                                                  .zh = "{subject}：拟于 {value} 复工，尚未核查完",
                                                  .en = "{subject}: meant to open on {value}, and "
                                                        "the check on the spot is not done",
                                                  .owner_role = "coordinator",
                                                  .severity = 2};
const struct alarm_type alarm_filing_undecided = {.no = 72,
                                                  .code = "filing.undecided",
                                                  .zh = "{subject}：拟于 {value} 复工，尚未批复",
                                                  .en = "{subject}: meant to open on {value}, and "
                                                        "nobody has decided",
                                                  .owner_role = "coordinator",
                                                  .severity = 2};
/* Whoever meant to open that day waits for us; what an import brings from long ago does not. */
static const struct deadline filing_deadlines[] = {
    {1, "planned_on", .states = "filed first_check", .alarm = "filing.unchecked",
     .escalate_to = "district", .escalate_at = 9 * 60, .news_ms = 14 * MS_DAY},
    {2, "planned_on", .states = "checked", .alarm = "filing.undecided", .escalate_to = "district",
     .escalate_at = 9 * 60, .news_ms = 14 * MS_DAY},
    {0}};
const struct kind filing_kind = {KIND(63, "filing", "filings", "复工备案", "Filing", filing_fields),
                                 .screen = &filing_screen,
                                 .ends = "accepted refused",
                                 .states = filing_states,
                                 .stamps = filing_stamps,
                                 .frozen = filing_frozen,
                                 .owner = &filing_owner,
                                 .deadlines = filing_deadlines,
                                 .transitions = filing_transitions,
                                 .apply = of_enterprise_apply,
                                 .applied = applied};
