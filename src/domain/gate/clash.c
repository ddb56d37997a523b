#include "domain/gate/clash.h"
#include "notify/alarms.h"

static const struct choice types[] = {{"double_use", "同证异地使用", "used at two gates"},
                                      {"second_exit", "一户多次外出", "second exit"},
                                      {"revoked_used", "作废后使用", "used after it was voided"},
                                      {"clock_wrong", "手机时钟不准", "wrong clock"},
                                      {"overdue", "外出超时未归", "not back in time"},
                                      {0}};
static const struct choice outcomes[] = {
    {"mistake", "操作失误", "a mistake"},
    {"misuse", "违规使用", "misuse"},
    {"explained", "情况属实，已说明", "explained"},
    {"other", "其他", "other"},
    {"late_data", "后到的登记已说明", "explained by what arrived later"},
    {"returned", "已返回", "came back"},
    {0}};

static const struct field fields[CLASH_FIELDS_] = {
    [CLASH_TYPE] = {1, "type", FT_ENUM, FF_SYSTEM | FF_REQUIRED | FF_FILTER | FF_TITLE,
                    .choices = types, .zh = "类别", .en = "Type"},
    [CLASH_UNIT] = {2, "unit", FT_UNIT, FF_SYSTEM | FF_REQUIRED | FF_SCOPE | FF_FILTER,
                    .zh = "社区", .en = "Community"},
    [CLASH_POST] = {3, "post", FT_REF, FF_SYSTEM | FF_FILTER, .ref = "post", .zh = "卡口",
                    .en = "Gate"},
    [CLASH_PASS] = {4, "pass", FT_REF, FF_SYSTEM | FF_FILTER | FF_TITLE, .ref = "pass",
                    .zh = "出入证", .en = "Pass"},
    [CLASH_HOUSEHOLD] = {5, "household", FT_REF, FF_SYSTEM | FF_FILTER, .ref = "household",
                         .zh = "户", .en = "Household"},
    [CLASH_FIRST_EVENT] = {6, "first_event", FT_REF, FF_SYSTEM, .ref = "gate_event", .zh = "前一次",
                           .en = "First passage"},
    [CLASH_SECOND_EVENT] = {7, "second_event", FT_REF, FF_SYSTEM, .ref = "gate_event",
                            .zh = "后一次", .en = "Second passage"},
    [CLASH_FIRST_AT] = {8, "first_at", FT_MOMENT, FF_SYSTEM, .zh = "前一次时间", .en = "First at"},
    [CLASH_SECOND_AT] = {9, "second_at", FT_MOMENT, FF_SYSTEM, .zh = "后一次时间",
                         .en = "Second at"},
    [CLASH_DEVICE] = {10, "device", FT_UUID, FF_SYSTEM | FF_FILTER, .zh = "设备", .en = "Device"},
    [CLASH_DETAIL] = {11, "detail", FT_TEXT, FF_SYSTEM, .max = 200, .zh = "说明", .en = "Detail"},
    [CLASH_DAY] = {12, "day", FT_DATE, FF_SYSTEM | FF_REQUIRED | FF_FILTER | FF_SORT | FF_TITLE,
                   .zh = "日期", .en = "Day"},
    [CLASH_FOUND_AT] = {13, "found_at", FT_MOMENT, FF_SYSTEM | FF_FILTER | FF_SORT | FF_INDEX,
                        .zh = "发现时间", .en = "Found at"},
    [CLASH_CAUSE] = {14, "cause", FT_TEXT, FF_SYSTEM | FF_REQUIRED | FF_NO_IMPORT, .max = 120,
                     .zh = "起因标识", .en = "Cause"},
    [CLASH_OUTCOME] = {15, "outcome", FT_ENUM, FF_SYSTEM | FF_FILTER, .choices = outcomes,
                       .zh = "核实结果", .en = "What it was"},
    [CLASH_NOTE] = {16, "note", FT_TEXT, FF_SYSTEM, .max = 200, .zh = "核实情况", .en = "Note"},
};

static const struct state states[] = {{"open", "待核实", "Open"},
                                      {"resolved", "已核实", "Resolved"},
                                      {"cleared", "已自行消除", "Cleared by itself"},
                                      {0}};
/* `clear` and `again` are the job's: nobody is granted clash.follow. */
static const struct transition transitions[] = {
    {"resolve", "核实处理", "Resolve", "open", "resolved", .right = "clash.resolve",
     .needs = "outcome note"},
    {"reopen", "重新核实", "Look at it again", "resolved", "open", .right = "clash.resolve",
     .flags = TR_REASON},
    {"clear", "自行消除", "Clear", "open", "cleared", .right = "clash.follow"},
    {"again", "再次出现", "There again", "cleared", "open", .right = "clash.follow"},
    {0}};

INDICATOR_ROW(ind_clashes, 29, "gate.clashes", IND_FLOW, "events", "卡口冲突", "Clashes at gates",
              "当日发生、同步后发现的卡口冲突（已自行消除的不计）",
              "Clashes of the day found after synchronising; those that cleared themselves "
              "are not counted",
              "clash");

/* So long the community has before its alarm goes up; to look into it is due by then. */
#define CLASH_TERM_MS (4 * MS_HOUR)
#define CLASH_ALARM(id, number, name, zh_text, en_text, sev)                                       \
  const struct alarm_type id = {.no = (number),                                                    \
                                .code = (name),                                                    \
                                .zh = (zh_text),                                                   \
                                .en = (en_text),                                                   \
                                .owner_role = "lead",                                              \
                                .escalate_ms = CLASH_TERM_MS,                                      \
                                .severity = (sev)}
CLASH_ALARM(alarm_double_use, 40, "gate_double_use", "出入证 {subject} 在两处使用：{value}",
            "Pass {subject} was used at two gates: {value}", 2);
CLASH_ALARM(alarm_second_exit, 41, "gate_second_exit", "{subject} 户限期内再次外出：{value}",
            "Household {subject} went out again within its period: {value}", 2);
CLASH_ALARM(alarm_revoked_used, 42, "gate_revoked_used",
            "已作废的出入证 {subject} 仍被放行：{value}",
            "Pass {subject} was admitted although it is void: {value}", 3);
CLASH_ALARM(alarm_clock_wrong, 43, "gate_clock_wrong", "{subject} 的手机时钟不准：{value}",
            "The clock of a phone at {subject} is wrong: {value}", 1);
CLASH_ALARM(alarm_overdue, 44, "gate_overdue", "{subject} 户外出超时未归：{value}",
            "Household {subject} is not back in time: {value}", 2);

static const struct alarm_type *alarm_of(const struct record *r) {
  static const struct {
    const char *type;
    const struct alarm_type *alarm;
  } by_type[] = {{"double_use", &alarm_double_use},
                 {"second_exit", &alarm_second_exit},
                 {"revoked_used", &alarm_revoked_used},
                 {"clock_wrong", &alarm_clock_wrong},
                 {"overdue", &alarm_overdue}};
  for (size_t i = 0; i < ARRAY_LEN(by_type); i++)
    if (rec_is(r, CLASH_TYPE, by_type[i].type)) return by_type[i].alarm;
  return NULL;
}

/* What the job did not find itself, a person cannot say it was. */
static void check(const struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps) {
  (void)old;
  if (c->verb != CHANGE_ACTION || c->internal || !str_is(rec->state, "resolved")) return;
  if (rec_is(rec, CLASH_OUTCOME, "late_data") || rec_is(rec, CLASH_OUTCOME, "returned"))
    problem_text(ps, PROBLEM_not_in_list, S("outcome"), S("mistake, misuse, explained, other"),
                 (struct str){0}, S("操作失误、违规使用、情况属实，已说明、其他"));
}

QUERY(q_clash_subject, "SELECT number FROM pass WHERE id = $1");
QUERY(q_clash_household, "SELECT code FROM household WHERE id = $1");
QUERY(q_clash_post, "SELECT name FROM post WHERE id = $1");

static int name_of(struct tx *tx, const struct query *q, struct uuid id, struct arena *a,
                   struct str *ret, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  *ret = S("");
  if (uuid_is_nil(&id)) return 0;
  int r = cur_open(tx, q, P(V_UUID(id)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r > 0) *ret = arena_dup(a, cur_text(cur, 0));
  return r < 0 ? r : 0;
}

/* Whom or what the lead is told of: a pass by its number, a household by its door, a gate. */
static int subject(struct tx *tx, struct arena *a, const struct record *rec, struct str *ret,
                   struct err *e) {
  if (rec_is(rec, CLASH_TYPE, "clock_wrong"))
    return name_of(tx, &q_clash_post, rec_uuid(rec, CLASH_POST), a, ret, e);
  const bool pass = rec_null(rec, CLASH_HOUSEHOLD) || rec_is(rec, CLASH_TYPE, "double_use") ||
                    rec_is(rec, CLASH_TYPE, "revoked_used");
  return pass ? name_of(tx, &q_clash_subject, rec_uuid(rec, CLASH_PASS), a, ret, e)
              : name_of(tx, &q_clash_household, rec_uuid(rec, CLASH_HOUSEHOLD), a, ret, e);
}

/* The alarm stands as long as the clash is open. */
static int applied(struct tx *tx, struct change *c, const struct record *old,
                   const struct record *rec, struct err *e) {
  const struct alarm_type *type = alarm_of(rec);
  const bool is_open = str_is(rec->state, "open"), was_open = old && str_is(old->state, "open");
  if (!type || is_open == was_open) return 0;
  struct alarm al = {.type = type,
                     .op = c->op,
                     .unit = rec_unit(rec, CLASH_UNIT),
                     .subject_kind = &clash_kind,
                     .subject_id = rec->id,
                     .value = rec_text(rec, CLASH_DETAIL)};
  if (!is_open) return alarm_clear(tx, c, &al, e);
  int r = subject(tx, c->a, rec, &al.subject, e);
  return r < 0 ? r : alarm_raise(tx, c, &al, NULL, NULL, e);
}

static const struct count counts[] = {{&ind_clashes, .from = "day", .where = "state=!cleared"},
                                      {0}};

static const char *const uniques[] = {"cause", NULL};
static const char *const indexes[] = {"unit, state", "pass, first_at WHERE pass IS NOT NULL",
                                      "household, first_at WHERE household IS NOT NULL", NULL};

static const struct screen clash_screen = {.group = "gates",
                                           .order = 20,
                                           .zh = "冲突",
                                           .en = "Clashes",
                                           .columns = "type post pass household found_at outcome",
                                           .sort = "-found_at",
                                           .quick = "type post",
                                           .hide = "cause",
                                           .bad = "open"};
static const struct owner owner = {
    .unit = "unit", .role = "lead", .states = "open", .due = "found_at", .term_ms = CLASH_TERM_MS};

const struct kind clash_kind = {KIND(44, "clash", "clashes", "卡口冲突", "Clash", fields),
                                .screen = &clash_screen,
                                .flags = KF_NO_RETIRE,
                                .states = states,
                                .owner = &owner,
                                .transitions = transitions,
                                .uniques = uniques,
                                .indexes = indexes,
                                .check = check,
                                .applied = applied,
                                .counts = counts};
