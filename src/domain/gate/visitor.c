#include "domain/gate/visitor.h"
#include "core/operation.h"
#include "domain/rosters/rosters.h"

static const struct choice sexes[] = {{"female", "女", "female"}, {"male", "男", "male"}, {0}};
static const struct choice outcomes[] = {
    {"admitted", "放行", "admitted"}, {"refused", "劝返", "refused"}, {0}};

static const struct field fields[VISITOR_FIELDS_] = {
    [VISITOR_UNIT] = {1, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "社区",
                      .en = "Community"},
    [VISITOR_POST] = {2, "post", FT_REF, FF_AT_CREATION | FF_DEVICE | FF_FILTER, .ref = "post",
                      .zh = "卡口", .en = "Gate", .zh_help = "填了卡口即表示人已到门口",
                      .en_help = "with a gate the visitor stands there already"},
    [VISITOR_HOUSEHOLD] = {3, "household", FT_REF, FF_DEVICE | FF_FILTER | FF_INDEX,
                           .ref = "household", .zh = "被访户", .en = "Host household"},
    [VISITOR_NAME] = {4, "name", FT_TEXT,
                      FF_DEVICE | FF_REQUIRED | FF_PERSONAL | FF_TITLE | FF_SEARCH, .max = 40,
                      .mask = MASK_NAME, .zh = "姓名", .en = "Name"},
    [VISITOR_SEX] = {5, "sex", FT_ENUM, .choices = sexes, .zh = "性别", .en = "Sex"},
    [VISITOR_PHONE] = {6, "phone", FT_PHONE, FF_SEALED | FF_LOOKUP | FF_FILTER, .mask = MASK_PHONE,
                       .zh = "电话", .en = "Phone"},
    [VISITOR_CITIZEN_ID] = {7, "citizen_id", FT_CITIZEN_ID, FF_SEALED | FF_LOOKUP | FF_FILTER,
                            .mask = MASK_ID, .zh = "身份证号", .en = "ID number"},
    [VISITOR_PLATE] = {8, "plate", FT_TEXT, FF_SHARED | FF_DEVICE | FF_PERSONAL, .max = 12,
                       .mask = MASK_TAIL, .zh = "车牌", .en = "Plate"},
    [VISITOR_PARTY] = {9, "party", FT_INT, FF_SHARED | FF_DEVICE, .min = 1, .max = 60,
                       .initial = "1", .zh = "人数", .en = "People"},
    [VISITOR_FROM] = {10, "from_where", FT_TEXT, FF_SHARED, .max = 100, .zh = "从何处来",
                      .en = "Comes from"},
    [VISITOR_BEEN_EPIDEMIC] = {11, "been_epidemic", FT_BOOL, FF_SHARED | FF_FILTER,
                               .zh = "14天内到过疫情地区",
                               .en = "In an epidemic area within 14 days"},
    [VISITOR_CLOSE_CONTACT] = {12, "close_contact", FT_BOOL, FF_SHARED | FF_FILTER,
                               .zh = "接触过确诊或疑似病例", .en = "Contact with a case"},
    [VISITOR_SYMPTOMS] = {13, "symptoms", FT_BOOL, FF_SHARED | FF_FILTER, .zh = "有发热咳嗽等症状",
                          .en = "Fever, cough or other symptoms"},
    [VISITOR_REASON] = {14, "reason", FT_TEXT, .max = 100, .zh = "事由", .en = "Reason"},
    [VISITOR_RELATION] = {15, "relation", FT_TEXT, .max = 40, .zh = "与户主关系",
                          .en = "Relation to the host"},
    [VISITOR_TEMPERATURE] = {16, "temperature", FT_TEMP, FF_SHARED | FF_FILTER, .zh = "体温",
                             .en = "Temperature"},
    [VISITOR_OUTCOME] = {17, "outcome", FT_ENUM, .choices = outcomes, .zh = "处置", .en = "Outcome",
                         .zh_help = "人在门口时填写", .en_help = "where he stands at the gate"},
    [VISITOR_DAY] = {18, "day", FT_DATE, FF_DEVICE | FF_FILTER | FF_SORT, .zh = "来访日期",
                     .en = "Day of the visit"},
    [VISITOR_ARRIVED_AT] = {19, "arrived_at", FT_MOMENT,
                            FF_DEVICE | FF_SYSTEM | FF_FILTER | FF_SORT | FF_INDEX,
                            .zh = "进入时间", .en = "Arrived at"},
    [VISITOR_LEFT_AT] = {20, "left_at", FT_MOMENT, FF_SYSTEM | FF_FILTER | FF_SORT,
                         .zh = "离开时间", .en = "Left at"},
    [VISITOR_DEVICE_AT] = {21, "device_at", FT_MOMENT, FF_AT_CREATION, .zh = "手机时间",
                           .en = "Device time"},
    [VISITOR_REMARK] = {22, "remark", FT_TEXT, FF_SHARED, .max = 200, .zh = "备注", .en = "Remark"},
    [VISITOR_CLOCK_DOUBTFUL] = {23, "clock_doubtful", FT_BOOL, FF_SYSTEM | FF_FILTER,
                                .zh = "时钟存疑", .en = "Clock doubtful"},
};

static const struct state states[] = {{"expected", "待到访", "Expected"},
                                      {"inside", "在内", "Inside"},
                                      {"left", "已离开", "Left"},
                                      {"refused", "已劝返", "Refused"},
                                      {"withdrawn", "登记有误，已撤销", "Taken back"},
                                      {0}};

INDICATOR_ROW(ind_visitors, 27, "gate.visitors", IND_FLOW, "people", "访客人数", "Visitors",
              "当日放行进入的访客人数（同行者计入）",
              "People let in as visitors on the day, the whole party counted", "visitor");
INDICATOR_ROW(ind_visitors_refused, 28, "gate.visitors_refused", IND_FLOW, "people", "劝返访客",
              "Visitors refused", "当日劝返的访客人数（同行者计入）",
              "Visitors turned away on the day, the whole party counted", "visitor");

/* ---- his place ---- */

QUERY(q_visitor_host, "SELECT unit FROM household WHERE id = $1");

/* The phone's moment, where this very action brings one. */
static int64_t when(const struct change *c, struct record *rec) {
  return change_judged(c, rec, VISITOR_DEVICE_AT, VISITOR_CLOCK_DOUBTFUL);
}

static void at_post(struct change *c, struct record *rec, struct problems *ps) {
  struct post_facts post;
  const struct uuid id = rec_uuid(rec, VISITOR_POST);
  if (!post_facts(change_app(c), &id, &post) || post.op != c->op) return; /* said already */
  if (!post.gate || !post_open_at(&post, when(c, rec))) problem_add(ps, PROBLEM_retired, S("post"));
  rec_set(rec, VISITOR_UNIT, V_I64(post.unit));
}

/* The community is the gate's and the host's; where both are named they must agree. */
static int place(struct tx *tx, struct change *c, struct record *rec, struct problems *ps,
                 struct err *e) {
  int64_t host = 0;
  if (rec_null(rec, VISITOR_POST) && rec_null(rec, VISITOR_HOUSEHOLD)) {
    problem_add(ps, PROBLEM_required, S("household"));
    return 0;
  }
  if (!rec_null(rec, VISITOR_POST)) at_post(c, rec, ps);
  if (rec_null(rec, VISITOR_HOUSEHOLD)) return 0;
  int r = tx_i64(tx, &q_visitor_host, P(V_UUID(rec_uuid(rec, VISITOR_HOUSEHOLD))), &host, e);
  if (r < 0) return r == -E_NOROW ? 0 : r;
  if (rec_null(rec, VISITOR_POST))
    rec_set(rec, VISITOR_UNIT, V_I64(host));
  else if (rec_unit(rec, VISITOR_UNIT) != host)
    problem_add(ps, PROBLEM_out_of_scope, S("household"));
  return 0;
}

/* ---- his coming and going ---- */

static bool any_yes(const struct record *rec) {
  return rec_i64(rec, VISITOR_BEEN_EPIDEMIC) || rec_i64(rec, VISITOR_CLOSE_CONTACT) ||
         rec_i64(rec, VISITOR_SYMPTOMS);
}

static void settle(struct record *rec, const char *state) {
  rec->state = str_from(state);
}

/* He stands at the gate: in, unless he was turned away, and never when he is hot. */
static void arrives(struct change *c, struct record *rec, int64_t at, bool said_in,
                    struct problems *ps) {
  const int32_t day = zone_day(c->viewer->zone, at, NULL);
  const int64_t threshold = policy(change_app(c), c->op, "temp_threshold", day);
  const bool hot = rec_i64(rec, VISITOR_TEMPERATURE) >= threshold;
  const bool refused = rec_is(rec, VISITOR_OUTCOME, "refused") || (hot && !said_in);
  rec_set(rec, VISITOR_DAY, day_val(c->a, day));
  rec_set(rec, VISITOR_OUTCOME, V_TEXTZ(refused ? "refused" : "admitted"));
  settle(rec, refused ? "refused" : "inside");
  if (refused) return;
  rec_set(rec, VISITOR_ARRIVED_AT, V_I64(at));
  if (hot)
    problem_text(
        ps, PROBLEM_too_hot, S("temperature"),
        arena_printf(ps->a, "%lld.%lld", (long long)(threshold / 10), (long long)(threshold % 10)),
        (struct str){0}, (struct str){0});
  if (any_yes(rec) && rec_null(rec, VISITOR_REMARK))
    problem_rule_warn(ps, S("remark"), S("访客有流行病学史或症状，请注明放行理由"),
                      S("answered yes: say why the visitor was let in"));
}

static int act_arrive(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                      struct problems *ps, struct err *e) {
  (void)tx, (void)old, (void)e;
  rec_set(rec, VISITOR_OUTCOME, V_NULL);
  arrives(c, rec, when(c, rec), true, ps);
  return 0;
}

static int act_leave(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                     struct problems *ps, struct err *e) {
  const int64_t at = when(c, rec), came = rec_i64(old, VISITOR_ARRIVED_AT);
  (void)tx, (void)ps, (void)e;
  rec_set(rec, VISITOR_LEFT_AT, V_I64(at < came ? came : at));
  return 0;
}

static int act_undo_leave(struct tx *tx, struct change *c, const struct record *old,
                          struct record *rec, struct problems *ps, struct err *e) {
  (void)tx, (void)c, (void)old, (void)ps, (void)e;
  rec_set(rec, VISITOR_LEFT_AT, V_NULL);
  return 0;
}

/* Nobody stood there: what was typed stays to be read, and counts for nothing. */
static int act_take_back(struct tx *tx, struct change *c, const struct record *old,
                         struct record *rec, struct problems *ps, struct err *e) {
  (void)tx, (void)c, (void)old, (void)ps, (void)e;
  rec_set(rec, VISITOR_ARRIVED_AT, V_NULL);
  return 0;
}

static int act_refuse(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                      struct problems *ps, struct err *e) {
  (void)tx, (void)old, (void)ps, (void)e;
  rec_set(rec, VISITOR_DAY, day_val(c->a, zone_day(c->viewer->zone, when(c, rec), NULL)));
  rec_set(rec, VISITOR_OUTCOME, V_TEXTZ("refused"));
  rec_set(rec, VISITOR_ARRIVED_AT, V_NULL);
  return 0;
}

static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  if (old && c->verb != CHANGE_ACTION && c->verb != CHANGE_UPDATE) return 0;
  int r = place(tx, c, rec, ps, e);
  if (r < 0) return r;
  if (c->verb == CHANGE_ACTION) return 0;
  if (!old && !rec_null(rec, VISITOR_POST)) {
    arrives(c, rec, when(c, rec), rec_is(rec, VISITOR_OUTCOME, "admitted"), ps);
  } else if (!old) {
    rec_set(rec, VISITOR_OUTCOME, V_NULL);
    if (rec_null(rec, VISITOR_DAY)) rec_set(rec, VISITOR_DAY, day_val(c->a, change_day(c)));
  } else if (rec_day(old, VISITOR_DAY) != rec_day(rec, VISITOR_DAY) &&
             !str_is(old->state, "expected")) {
    problem_add(ps, PROBLEM_read_only, S("day")); /* the day of what has happened */
  }
  return 0;
}

#define VISITOR_COUNT(i, condition)                                                                \
  { &(i), .from = "day", .where = (condition), .value = "party", .empty = 1 }
static const struct count counts[] = {VISITOR_COUNT(ind_visitors, "state=inside,left"),
                                      VISITOR_COUNT(ind_visitors_refused, "state=refused"),
                                      {0}};

/* Whoever works a gate does these; correcting the rest of a visitor is the lead's. */
#define AT_THE_GATE "visitor.create"
#define ANSWERS     "been_epidemic close_contact symptoms from_where"
static const struct transition transitions[] = {
    {"arrive", "放行进入", "Let in", "expected", "inside", .apply = act_arrive,
     .right = AT_THE_GATE, .needs = "post",
     .takes = "temperature device_at plate party remark " ANSWERS},
    {"leave", "离开", "Leaves", "inside", "left", .apply = act_leave, .right = AT_THE_GATE,
     .takes = "device_at remark"},
    {"refuse", "劝返", "Refuse", "expected inside", "refused", .apply = act_refuse,
     .right = AT_THE_GATE, .takes = "post temperature device_at remark " ANSWERS},
    {"undo_leave", "撤销离开", "Take the leaving back", "left", "inside", .apply = act_undo_leave,
     .right = AT_THE_GATE},
    {"take_back", "撤销登记", "Take the entry back", "inside refused", "withdrawn",
     .apply = act_take_back, .right = AT_THE_GATE, .takes = "device_at remark"},
    {0}};

static const char *const indexes[] = {"unit, day", "unit, state", NULL};

static const struct frozen visitor_frozen[] = {{"withdrawn", "*", NULL}, {0}};
static const struct screen visitor_screen = {
    .group = "gates",
    .order = 30,
    .columns = "name party household post arrived_at left_at temperature reason plate",
    .sort = "-arrived_at",
    .quick = "post household clock_doubtful",
    .good = "inside",
    .wait = "expected",
    .bad = "refused"};
/* Whoever came on a day and has not been signed out when it is over. */
const struct alarm_type alarm_visitor_inside = {.no = 80,
                                                .code = "visitor.inside",
                                                .zh = "{subject}：{value}来访，至今未登记离开",
                                                .en = "{subject} came on {value} and has not left",
                                                .owner_role = "lead",
                                                .severity = 1};
static const struct deadline deadlines[] = {
    {1, "day", .states = "inside", .alarm = "visitor.inside", .news_ms = 3 * MS_DAY}, {0}};
const struct kind visitor_kind = {KIND(42, "visitor", "visitors", "访客", "Visitor", fields),
                                  .screen = &visitor_screen,
                                  .flags = KF_SYNC,
                                  .states = states,
                                  .frozen = visitor_frozen,
                                  .transitions = transitions,
                                  .indexes = indexes,
                                  .device_since = "day",
                                  .deadlines = deadlines,
                                  .apply = apply,
                                  .counts = counts};
