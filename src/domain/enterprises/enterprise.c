#include "core/links.h"
#include "domain/enterprises/enterprise.h"
#include "domain/enterprises/resumption_step.h"

/* The enterprise's file. What changes the day's totals (put on the register, planned, resumed,
 * moved, closed) is written as a step with its day, and the figures come from the steps: so a rate
 * of a past day stays what it was, whatever becomes of the enterprise. */

/* GB/T 4754-2017, sections A to T. */
static const struct choice industries[] = {
    {"A", "农、林、牧、渔业", "agriculture, forestry, fishing"},
    {"B", "采矿业", "mining"},
    {"C", "制造业", "manufacturing"},
    {"D", "电力、热力、燃气及水", "electricity, heat, gas, water"},
    {"E", "建筑业", "construction"},
    {"F", "批发和零售业", "wholesale and retail"},
    {"G", "交通运输、仓储和邮政业", "transport, storage, post"},
    {"H", "住宿和餐饮业", "accommodation and catering"},
    {"I", "信息传输、软件和信息技术", "information technology"},
    {"J", "金融业", "finance"},
    {"K", "房地产业", "real estate"},
    {"L", "租赁和商务服务业", "leasing and business services"},
    {"M", "科学研究和技术服务业", "research and technical services"},
    {"N", "水利、环境和公共设施", "water, environment, public facilities"},
    {"O", "居民服务、修理和其他服务", "household and repair services"},
    {"P", "教育", "education"},
    {"Q", "卫生和社会工作", "health and social work"},
    {"R", "文化、体育和娱乐业", "culture, sport, entertainment"},
    {"S", "公共管理、社会保障", "public administration"},
    {"T", "国际组织", "international organisations"},
    {0}};
static const struct choice unions[] = {{"own", "已建工会", "own union"},
                                       {"joint", "联合工会", "in a joint union"},
                                       {"none", "未建工会", "none"},
                                       {0}};
static const struct field enterprise_fields[ENTERPRISE_FIELDS_] = {
    [ENTERPRISE_NAME] = {1, "name", FT_TEXT,
                         FF_REQUIRED | FF_TITLE | FF_SEARCH | FF_SORT | FF_INDEX | FF_FILTER,
                         .min = 2, .max = 80, .zh = "企业名称", .en = "Enterprise",
                         .headers = "单位名称|名称"},
    [ENTERPRISE_CREDIT_CODE] = {2, "credit_code", FT_CREDIT_CODE, FF_KEY | FF_SEARCH | FF_FILTER,
                                .zh = "统一社会信用代码", .en = "Credit code",
                                .headers = "信用代码|社会信用代码|组织机构代码",
                                .zh_help = "18位；校验位对不上时会提示，但可以保存",
                                .en_help = "18 characters; a wrong check digit is said, not "
                                           "refused"},
    [ENTERPRISE_UNIT] = {3, "unit", FT_UNIT, FF_HOLDS | FF_REQUIRED | FF_SCOPE | FF_FILTER,
                         .zh = "所在街道（社区）", .en = "Place",
                         .headers = "所属街道|街道|社区|单位编码"},
    [ENTERPRISE_BUILDING] = {4, "building", FT_REF, FF_FILTER | FF_INDEX, .ref = "building",
                             .zh = "楼宇（园区）", .en = "Building or park",
                             .headers = "楼宇|园区|楼宇名称|写字楼",
                             .zh_help = "已登记的楼宇名称；没有的先登记",
                             .en_help = "the name of a building on the register"},
    [ENTERPRISE_ROOM] = {5, "room", FT_TEXT, .max = 40, .zh = "房号", .en = "Room",
                         .headers = "楼层房号"},
    [ENTERPRISE_REGISTERED_ADDRESS] = {6, "registered_address", FT_TEXT, .max = 120,
                                       .zh = "注册地址", .en = "Registered address"},
    [ENTERPRISE_ADDRESS] = {7, "address", FT_TEXT, .max = 120, .zh = "经营地址",
                            .en = "Business address", .headers = "地址|办公地址"},
    [ENTERPRISE_AREA] = {8, "area_m2", FT_INT, .min = 0, .max = 10000000,
                         .zh = "经营面积（平方米）", .en = "Floor area (m²)"},
    [ENTERPRISE_INDUSTRY] = {9, "industry", FT_ENUM, FF_FILTER, .choices = industries,
                             .zh = "所属行业", .en = "Industry", .headers = "行业"},
    [ENTERPRISE_HEADCOUNT] = {10, "headcount", FT_INT, FF_SORT, .min = 0, .max = 1000000,
                              .zh = "职工总数", .en = "Staff", .headers = "职工人数|员工总数|人数"},
    [ENTERPRISE_CONTACT] = {11, "contact", FT_TEXT, FF_PERSONAL, .max = 40, .mask = MASK_NAME,
                            .zh = "联系人", .en = "Contact"},
    [ENTERPRISE_PHONE] = {12, "phone", FT_PHONE, FF_SEALED, .mask = MASK_PHONE, .zh = "联系电话",
                          .en = "Phone", .headers = "电话|手机"},
    [ENTERPRISE_CALLER] = {13, "caller", FT_REF, FF_FILTER, .ref = "responder",
                           .zh = "联络人（打电话的人）", .en = "Caller"},
    [ENTERPRISE_UNION] = {14, "union_status", FT_ENUM, FF_FILTER, .choices = unions,
                          .zh = "建会情况", .en = "Union"},
    [ENTERPRISE_REGISTERED_ON] = {15, "registered_on", FT_DATE, FF_IMMUTABLE | FF_FILTER,
                                  .zh = "纳入台账日期", .en = "On the register since"},
    [ENTERPRISE_PLANNED_ON] = {16, "planned_on", FT_DATE, FF_SHARED | FF_FILTER | FF_SORT,
                               .zh = "拟复工日期", .en = "Planned opening",
                               .headers = "计划开工日期|计划复工日期"},
    [ENTERPRISE_RESUMED_ON] = {17, "resumed_on", FT_DATE, FF_AT_CREATION | FF_FILTER | FF_SORT,
                               .zh = "实际复工日期", .en = "Resumed on",
                               .headers = "复工日期|实际开工日期"},
    [ENTERPRISE_GUIDED_ON] = {18, "guided_on", FT_DATE, FF_SYSTEM | FF_FILTER, .zh = "首次指导日期",
                              .en = "First guided on"},
    [ENTERPRISE_CLOSED_ON] = {19, "closed_on", FT_DATE, FF_NO_IMPORT | FF_FILTER,
                              .zh = "注销（迁出）日期", .en = "Closed or gone on"},
    [ENTERPRISE_EFFECTIVE_ON] = {20, "effective_on", FT_DATE, FF_SHARED | FF_NO_IMPORT,
                                 .zh = "变更生效日", .en = "Change takes effect"},
    [ENTERPRISE_LINK_SERIAL] = {21, "link_serial", FT_INT, FF_SYSTEM, .zh = "填报链接序号",
                                .en = "Link serial", .initial = "1"},
    [ENTERPRISE_NOTE] = {22, "note", FT_LONGTEXT, .max = 500, .zh = "备注", .en = "Note"},
    [ENTERPRISE_SHORT_NAMES] = {23, "short_names", FT_TAGS, FF_ALIAS, .max = 120,
                                .zh = "简称（别名）", .en = "Short names", .headers = "简称|别名",
                                .zh_help = "接龙、表格里常用的叫法，用逗号分开",
                                .en_help = "as people write it in chats and sheets, by commas"},
};

/* ---- what must hold, and its steps ---- */

static void check(const struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps) {
  (void)old;
  not_in_future(c, rec, ENTERPRISE_REGISTERED_ON, ps);
  not_in_future(c, rec, ENTERPRISE_RESUMED_ON, ps);
  not_in_future(c, rec, ENTERPRISE_CLOSED_ON, ps);
  not_in_future(c, rec, ENTERPRISE_EFFECTIVE_ON, ps);
  dates_in_order(rec, ENTERPRISE_REGISTERED_ON, ENTERPRISE_RESUMED_ON, ps);
  dates_in_order(rec, ENTERPRISE_REGISTERED_ON, ENTERPRISE_CLOSED_ON, ps);
}

QUERY(q_last_step, "SELECT day, step FROM resumption_step WHERE enterprise = $1 AND retired = 0 "
                   "ORDER BY day DESC, seq DESC LIMIT 1");

/* The day on which this change counts: the date it carries, else that on which it was written. */
static int32_t step_day(const struct change *c, const struct record *rec) {
  if (c->transition && str_is(rec->state, "resumed") && c->transition->to)
    return rec_null(rec, ENTERPRISE_RESUMED_ON) ? change_day(c)
                                                : rec_day(rec, ENTERPRISE_RESUMED_ON);
  if (c->transition && str_is(rec->state, "closed"))
    return rec_null(rec, ENTERPRISE_CLOSED_ON) ? change_day(c) : rec_day(rec, ENTERPRISE_CLOSED_ON);
  if (c->given[ENTERPRISE_EFFECTIVE_ON] && !rec_null(rec, ENTERPRISE_EFFECTIVE_ON))
    return rec_day(rec, ENTERPRISE_EFFECTIVE_ON);
  return change_day(c);
}

static bool makes_step(const struct change *c, const struct record *old, const struct record *rec) {
  return old &&
         (!str_eq(old->state, rec->state) ||
          rec_unit(old, ENTERPRISE_UNIT) != rec_unit(rec, ENTERPRISE_UNIT) ||
          (rec_null(old, ENTERPRISE_GUIDED_ON) && !rec_null(rec, ENTERPRISE_GUIDED_ON))) &&
         c->kind;
}

/* Steps follow one another: one that is dated before the last would give a past day two states. */
static int steps_in_order(struct tx *tx, const struct change *c, const struct record *rec,
                          struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int32_t last;
  int r = cur_open(tx, &q_last_step, P(V_UUID(rec->id)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r;
  /* at the date that was given for it */
  const struct str field = c->given[ENTERPRISE_RESUMED_ON]  ? S("resumed_on")
                           : c->given[ENTERPRISE_CLOSED_ON] ? S("closed_on")
                                                            : S("effective_on");
  if (day_parse(cur_text(cur, 0), &last) == 0 && step_day(c, rec) < last)
    problem_rule(ps, field, S("早于上一步的日期"), S("before the day of the step before"));
  return 0;
}

static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  if (old) return makes_step(c, old, rec) ? steps_in_order(tx, c, rec, ps, e) : 0;
  if (rec_null(rec, ENTERPRISE_REGISTERED_ON))
    rec_set(rec, ENTERPRISE_REGISTERED_ON, day_val(c->a, change_day(c)));
  /* a register that is imported says already how far each has come */
  if (!rec_null(rec, ENTERPRISE_RESUMED_ON))
    rec->state = S("resumed");
  else if (!rec_null(rec, ENTERPRISE_PLANNED_ON))
    rec->state = S("planned");
  return 0;
}

static const char *step_name(const struct record *old, const struct record *rec) {
  static const struct {
    const char *to, *step;
  } by_state[] = {{"planned", "planned"}, {"filed", "filed"},         {"checked", "checked"},
                  {"resumed", "resumed"}, {"suspended", "suspended"}, {"closed", "closed"},
                  {"open", "reopened"}};
  if (!old) return "registered";
  if (old->retired) return "reopened";
  if (str_eq(old->state, rec->state))
    return rec_unit(old, ENTERPRISE_UNIT) != rec_unit(rec, ENTERPRISE_UNIT) ? "moved" : "guided";
  for (size_t i = 0; i < ARRAY_LEN(by_state); i++)
    if (str_is(rec->state, by_state[i].to)) return by_state[i].step;
  return "registered";
}

static int write_step(struct tx *tx, struct change *c, const char *name, int32_t day,
                      const struct record *old, const struct record *rec, struct str from,
                      struct str to, struct err *e) {
  struct change *in = change_make(c->a, c->en, c->viewer, &resumption_step_kind, CHANGE_CREATE);
  const bool gone = old && old->retired;
  change_set(in, STEP_ENTERPRISE, V_UUID(rec->id));
  change_set(in, STEP_UNIT, V_I64(rec_unit(rec, ENTERPRISE_UNIT)));
  if (old && !gone) change_set(in, STEP_FROM_UNIT, V_I64(rec_unit(old, ENTERPRISE_UNIT)));
  change_set(in, STEP_STEP, V_TEXTZ(name));
  change_set(in, STEP_DAY, day_val(c->a, day));
  if (!gone && from.p) change_set(in, STEP_FROM_STATE, V_TEXT(from));
  change_set(in, STEP_TO_STATE, V_TEXT(to));
  change_set(in, STEP_WAS_GUIDED, V_I64(old && !gone && !rec_null(old, ENTERPRISE_GUIDED_ON)));
  change_set(in, STEP_GUIDED, V_I64(!rec_null(rec, ENTERPRISE_GUIDED_ON)));
  if (c->reason.n) change_set(in, STEP_REASON, V_TEXT(c->reason));
  return change_within(tx, c, in, e);
}

/* On the register since one day, at work since another: two steps, each on its day. */
static int first_steps(struct tx *tx, struct change *c, const struct record *rec, struct err *e) {
  const bool resumed = str_is(rec->state, "resumed");
  const struct str first = resumed ? S("open") : rec->state;
  int r = write_step(tx, c, "registered", rec_day(rec, ENTERPRISE_REGISTERED_ON), NULL, rec,
                     (struct str){0}, first, e);
  if (r < 0 || !resumed) return r;
  return write_step(tx, c, "resumed", rec_day(rec, ENTERPRISE_RESUMED_ON), rec, rec, first,
                    rec->state, e);
}

/* Steps and returns are retired and restored with their enterprise (FF_FOLLOWS). One that was
 * retired by the first release kept them, and a last step took it away: the next one puts it back.
 */
static int was_erased(struct tx *tx, const struct record *rec, bool *ret_was, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = cur_open(tx, &q_last_step, P(V_UUID(rec->id)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  *ret_was = r == 1 && str_is(cur_text(cur, 1), "erased");
  return r < 0 ? r : 0;
}

static int applied(struct tx *tx, struct change *c, const struct record *old,
                   const struct record *rec, struct err *e) {
  bool step = makes_step(c, old, rec);
  int r = 0;
  if (!old)
    r = first_steps(tx, c, rec, e);
  else if (old->retired)
    r = was_erased(tx, rec, &step, e);
  if (r >= 0 && step)
    r = write_step(tx, c, step_name(old, rec), step_day(c, rec), old, rec, old->state, rec->state,
                   e);
  return r;
}

/* ---- a date that was wrong ---- */

QUERY(q_steps, "SELECT id, day, step FROM resumption_step WHERE enterprise = $1 AND retired = 0 "
               "ORDER BY day, seq");

/* The last step of that name, and the days between which it lies. */
struct dated {
  struct uuid id;
  int32_t before, after; /* 0: none */
};
static int last_named(struct tx *tx, const struct record *rec, struct str name, struct dated *ret,
                      struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int32_t day = 0, before = 0;
  *ret = (struct dated){0};
  int r = cur_open(tx, &q_steps, P(V_UUID(rec->id)), &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) > 0) {
    if (day_parse(cur_text(cur, 1), &day) < 0) continue;
    if (str_eq(cur_text(cur, 2), name))
      *ret = (struct dated){.id = cur_uuid(cur, 0), .before = before};
    else if (!uuid_is_nil(&ret->id) && !ret->after)
      ret->after = day;
    before = day;
  }
  return r < 0 ? r : 0;
}

/* The figures of past days come from the steps: the one of that date moves with it. */
static int moves_step(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                      struct problems *ps, struct err *e) {
  static const struct {
    int field;
    const char *step;
  } dates[] = {{ENTERPRISE_RESUMED_ON, "resumed"}, {ENTERPRISE_CLOSED_ON, "closed"}};
  (void)old;
  for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
    const int f = dates[i].field;
    struct dated d;
    if (!c->given[f]) continue;
    int r = last_named(tx, rec, str_from(dates[i].step), &d, e);
    if (r < 0) return r;
    const int32_t day = rec_day(rec, f);
    const struct str name = str_from(rec->kind->fields[f].name);
    if (day < d.before)
      problem_rule(ps, name, S("早于上一步的日期"), S("before the day of the step before"));
    if (d.after && day >= d.after)
      problem_rule(ps, name, S("不早于下一步的日期"), S("not before the day of the next step"));
    if (problems_any(ps) || uuid_is_nil(&d.id)) continue;
    struct change *in = change_make(c->a, c->en, c->viewer, &resumption_step_kind, CHANGE_UPDATE);
    in->id = d.id;
    change_set(in, STEP_DAY, rec->v[f]);
    if ((r = change_within(tx, c, in, e)) < 0) return r;
  }
  return 0;
}

/* ---- the kind ---- */

static const struct state enterprise_states[] = {{"open", "未计划", "No plan yet"},
                                                 {"planned", "计划复工", "Opening planned"},
                                                 {"filed", "已备案", "Filed"},
                                                 {"checked", "已核查", "Checked on the spot"},
                                                 {"resumed", "已复工", "Resumed"},
                                                 {"suspended", "暂停", "Suspended"},
                                                 {"closed", "注销或迁出", "Closed or gone"},
                                                 {0}};
static const struct transition enterprise_transitions[] = {
    {"plan", "登记计划", "Plan", "open planned filed checked suspended", "planned",
     .needs = "planned_on", .takes = "effective_on"},
    {"file", "备案", "File", "open planned", "filed", .takes = "effective_on planned_on"},
    {"check", "现场核查通过", "Check passed", "filed", "checked", .takes = "effective_on"},
    {"resume", "复工", "Resume", "open planned filed checked", "resumed", .needs = "resumed_on"},
    {"suspend", "暂停", "Suspend", "resumed", "suspended", .takes = "effective_on",
     .flags = TR_REASON},
    {"restart", "恢复开工", "Back at work", "suspended", "resumed", .needs = "resumed_on",
     .flags = TR_REASON},
    {"close", "注销或迁出", "Close", "open planned filed checked resumed suspended", "closed",
     .needs = "closed_on", .flags = TR_REASON | TR_ONLINE | TR_LEAVES},
    {"reopen", "重新纳入", "Put back on the register", "closed", "open", .takes = "effective_on",
     .flags = TR_ONLINE},
    {"renew_link", "更换填报链接", "Renew the link", "open planned filed checked resumed suspended",
     .apply = link_renew, .flags = TR_ONLINE},
    {"correct", "更正", "Correct", "resumed suspended closed", .takes = "resumed_on closed_on",
     .flags = TR_CORRECTS | TR_REASON, .apply = moves_step},
    {0}};
static const char *const enterprise_indexes[] = {"op, unit", NULL};
static const struct screen enterprise_screen = {
    .group = "enterprises",
    .order = 40,
    .columns = "name building room headcount caller industry resumed_on unit",
    .quick = "building caller",
    .hide = "link_serial effective_on",
    .good = "resumed",
    .wait = "planned filed checked",
    .bad = "suspended"};
const struct kind enterprise_kind = {
    KIND(50, "enterprise", "enterprises", "企业", "Enterprise", enterprise_fields),
    .screen = &enterprise_screen,
    .states = enterprise_states,
    .transitions = enterprise_transitions,
    .ends = "closed",
    .indexes = enterprise_indexes,
    .check = check,
    .apply = apply,
    .applied = applied};

/* ---- what hangs on an enterprise ---- */

QUERY(q_enterprise_unit, "SELECT unit, state, retired FROM enterprise WHERE id = $1");

int of_enterprise_apply(struct tx *tx, struct change *c, const struct record *old,
                        struct record *rec, struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  if (old) return 0;
  int r = cur_open(tx, &q_enterprise_unit, P(V_UUID(rec_uuid(rec, 0))), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r; /* said already by the reference's own rule */
  if (str_is(cur_text(cur, 1), "closed") && !c->internal)
    problem_add(ps, PROBLEM_retired, S("enterprise"));
  rec_set(rec, 1, V_I64(cur_i64(cur, 0)));
  return 0;
}
