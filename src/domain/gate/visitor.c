#include "domain/gate/visitor.h"
#include "app/operation.h"
#include "domain/gate/moment.h"
#include "domain/rosters/rosters.h"

static const struct choice sexes[] = {{"female", "女", "female"}, {"male", "男", "male"}, {0}};
static const struct choice outcomes[] = {
    {"admitted", "放行", "admitted"}, {"refused", "劝返", "refused"}, {0}};

static const struct field fields[VISITOR_FIELDS_] = {
    [VISITOR_UNIT] = {.no = 1,
                      .name = "unit",
                      .type = FT_UNIT,
                      .flags = FF_SYSTEM | FF_SCOPE | FF_FILTER,
                      .zh = "社区",
                      .en = "Community"},
    [VISITOR_POST] = {.no = 2,
                      .name = "post",
                      .type = FT_REF,
                      .ref = "post",
                      .flags = FF_DEVICE | FF_FILTER,
                      .zh = "卡口",
                      .en = "Gate",
                      .zh_help = "填了卡口即表示人已到门口",
                      .en_help = "with a gate the visitor stands there already"},
    [VISITOR_HOUSEHOLD] = {.no = 3,
                           .name = "household",
                           .type = FT_REF,
                           .ref = "household",
                           .flags = FF_DEVICE | FF_FILTER | FF_INDEX,
                           .zh = "被访户",
                           .en = "Host household"},
    [VISITOR_NAME] = {.no = 4,
                      .name = "name",
                      .type = FT_TEXT,
                      .max = 40,
                      .flags = FF_DEVICE | FF_REQUIRED | FF_PERSONAL | FF_TITLE | FF_SEARCH,
                      .mask = MASK_NAME,
                      .zh = "姓名",
                      .en = "Name"},
    [VISITOR_SEX] =
        {.no = 5, .name = "sex", .type = FT_ENUM, .choices = sexes, .zh = "性别", .en = "Sex"},
    [VISITOR_PHONE] = {.no = 6,
                       .name = "phone",
                       .type = FT_PHONE,
                       .flags = FF_SEALED | FF_LOOKUP | FF_FILTER,
                       .mask = MASK_PHONE,
                       .zh = "电话",
                       .en = "Phone"},
    [VISITOR_CITIZEN_ID] = {.no = 7,
                            .name = "citizen_id",
                            .type = FT_CITIZEN_ID,
                            .flags = FF_SEALED | FF_LOOKUP | FF_FILTER,
                            .mask = MASK_ID,
                            .zh = "身份证号",
                            .en = "ID number"},
    [VISITOR_PLATE] = {.no = 8,
                       .name = "plate",
                       .type = FT_TEXT,
                       .max = 12,
                       .flags = FF_DEVICE | FF_PERSONAL,
                       .mask = MASK_TAIL,
                       .zh = "车牌",
                       .en = "Plate"},
    [VISITOR_PARTY] = {.no = 9,
                       .name = "party",
                       .type = FT_INT,
                       .min = 1,
                       .max = 60,
                       .initial = "1",
                       .flags = FF_DEVICE,
                       .zh = "人数",
                       .en = "People"},
    [VISITOR_FROM] = {.no = 10,
                      .name = "from_where",
                      .type = FT_TEXT,
                      .max = 100,
                      .zh = "从何处来",
                      .en = "Comes from"},
    [VISITOR_BEEN_EPIDEMIC] = {.no = 11,
                               .name = "been_epidemic",
                               .type = FT_BOOL,
                               .flags = FF_FILTER,
                               .zh = "14天内到过疫情地区",
                               .en = "In an epidemic area within 14 days"},
    [VISITOR_CLOSE_CONTACT] = {.no = 12,
                               .name = "close_contact",
                               .type = FT_BOOL,
                               .flags = FF_FILTER,
                               .zh = "接触过确诊或疑似病例",
                               .en = "Contact with a case"},
    [VISITOR_SYMPTOMS] = {.no = 13,
                          .name = "symptoms",
                          .type = FT_BOOL,
                          .flags = FF_FILTER,
                          .zh = "有发热咳嗽等症状",
                          .en = "Fever, cough or other symptoms"},
    [VISITOR_REASON] =
        {.no = 14, .name = "reason", .type = FT_TEXT, .max = 100, .zh = "事由", .en = "Reason"},
    [VISITOR_RELATION] = {.no = 15,
                          .name = "relation",
                          .type = FT_TEXT,
                          .max = 40,
                          .zh = "与户主关系",
                          .en = "Relation to the host"},
    [VISITOR_TEMPERATURE] = {.no = 16,
                             .name = "temperature",
                             .type = FT_TEMP,
                             .flags = FF_FILTER,
                             .zh = "体温",
                             .en = "Temperature"},
    [VISITOR_OUTCOME] = {.no = 17,
                         .name = "outcome",
                         .type = FT_ENUM,
                         .choices = outcomes,
                         .zh = "处置",
                         .en = "Outcome",
                         .zh_help = "人在门口时填写",
                         .en_help = "where he stands at the gate"},
    [VISITOR_DAY] = {.no = 18,
                     .name = "day",
                     .type = FT_DATE,
                     .flags = FF_DEVICE | FF_FILTER | FF_SORT,
                     .zh = "来访日期",
                     .en = "Day of the visit"},
    [VISITOR_ARRIVED_AT] = {.no = 19,
                            .name = "arrived_at",
                            .type = FT_MOMENT,
                            .flags = FF_DEVICE | FF_SYSTEM | FF_FILTER | FF_SORT,
                            .zh = "进入时间",
                            .en = "Arrived at"},
    [VISITOR_LEFT_AT] = {.no = 20,
                         .name = "left_at",
                         .type = FT_MOMENT,
                         .flags = FF_SYSTEM | FF_FILTER | FF_SORT,
                         .zh = "离开时间",
                         .en = "Left at"},
    [VISITOR_DEVICE_AT] =
        {.no = 21, .name = "device_at", .type = FT_MOMENT, .zh = "手机时间", .en = "Device time"},
    [VISITOR_REMARK] =
        {.no = 22, .name = "remark", .type = FT_TEXT, .max = 200, .zh = "备注", .en = "Remark"},
};

static const struct state states[] = {{"expected", "待到访", "Expected"},
                                      {"inside", "在内", "Inside"},
                                      {"left", "已离开", "Left"},
                                      {"refused", "已劝返", "Refused"},
                                      {"withdrawn", "登记有误，已撤销", "Taken back"},
                                      {0}};

/* Whoever works a gate does these; correcting the rest of a visitor is the lead's. */
#define AT_THE_GATE "visitor.create"
#define ANSWERS     "been_epidemic close_contact symptoms from_where"
static const struct transition transitions[] = {
    {.name = "arrive",
     .zh = "放行进入",
     .en = "Let in",
     .from = "expected",
     .to = "inside",
     .right = AT_THE_GATE,
     .needs = "post",
     .takes = "temperature device_at plate party remark " ANSWERS},
    {.name = "leave",
     .zh = "离开",
     .en = "Leaves",
     .from = "inside",
     .to = "left",
     .right = AT_THE_GATE,
     .takes = "device_at remark"},
    {.name = "refuse",
     .zh = "劝返",
     .en = "Refuse",
     .from = "expected inside",
     .to = "refused",
     .right = AT_THE_GATE,
     .takes = "post temperature device_at remark " ANSWERS},
    {.name = "undo_leave",
     .zh = "撤销离开",
     .en = "Take the leaving back",
     .from = "left",
     .to = "inside",
     .right = AT_THE_GATE},
    {.name = "take_back",
     .zh = "撤销登记",
     .en = "Take the entry back",
     .from = "inside refused",
     .to = "withdrawn",
     .right = AT_THE_GATE,
     .takes = "device_at remark"},
    {0}};

#define VISITOR_INDICATOR(id, number, name, zh_name, en_name, zh_def, en_def, f)                   \
  const struct indicator id = {.no = (number),                                                     \
                               .code = (name),                                                     \
                               .zh = (zh_name),                                                    \
                               .en = (en_name),                                                    \
                               .zh_definition = (zh_def),                                          \
                               .en_definition = (en_def),                                          \
                               .measure = "people",                                                \
                               .type = IND_FLOW,                                                   \
                               .kind = "visitor",                                                  \
                               .filter = (f),                                                      \
                               .date_field = "day"}
VISITOR_INDICATOR(ind_visitors, 27, "gate.visitors", "访客人数", "Visitors",
                  "当日放行进入的访客人数（同行者计入）",
                  "People let in as visitors on the day, the whole party counted",
                  "state=inside,left");
VISITOR_INDICATOR(ind_visitors_refused, 28, "gate.visitors_refused", "劝返访客", "Visitors refused",
                  "当日劝返的访客人数（同行者计入）",
                  "Visitors turned away on the day, the whole party counted", "state=refused");

static struct val day_val(struct arena *a, int32_t day) {
  char text[DAY_TEXT];
  day_format(day, text);
  return V_TEXT(arena_dup(a, (struct str){text, 10}));
}

/* ---- his place ---- */

QUERY(q_visitor_host, "SELECT unit FROM household WHERE id = $1");

static void at_post(struct change *c, struct record *rec, struct problems *ps) {
  struct post_facts post;
  const struct uuid id = rec_uuid(rec, VISITOR_POST);
  if (!post_facts(change_app(c), &id, &post) || post.op != c->op) return; /* said already */
  if (!post.gate || !post.open) problem_add(ps, PROBLEM_retired, S("post"));
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
  if (any_yes(rec) && rec_null(rec, VISITOR_REMARK)) {
    struct problem *p = problem_warn(ps, PROBLEM_rule, S("remark"));
    p->value = S("访客有流行病学史或症状，请注明放行理由 / answered yes: say why he was let in");
  }
}

static void acts(struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps) {
  const int64_t at =
      gate_moment(c, c->given[VISITOR_DEVICE_AT] ? rec_i64(rec, VISITOR_DEVICE_AT) : 0);
  const struct str name = str_from(c->transition->name);
  if (str_is(name, "arrive")) {
    rec_set(rec, VISITOR_OUTCOME, V_NULL);
    arrives(c, rec, at, true, ps);
  } else if (str_is(name, "leave")) {
    const int64_t came = rec_i64(old, VISITOR_ARRIVED_AT);
    rec_set(rec, VISITOR_LEFT_AT, V_I64(at < came ? came : at));
  } else if (str_is(name, "undo_leave")) {
    rec_set(rec, VISITOR_LEFT_AT, V_NULL);
  } else if (str_is(name, "take_back")) {
    /* nobody stood there: what was typed stays to be read, and counts for nothing */
    rec_set(rec, VISITOR_ARRIVED_AT, V_NULL);
  } else {
    rec_set(rec, VISITOR_DAY, day_val(c->a, zone_day(c->viewer->zone, at, NULL)));
    rec_set(rec, VISITOR_OUTCOME, V_TEXTZ("refused"));
    rec_set(rec, VISITOR_ARRIVED_AT, V_NULL);
  }
}

static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  if (old && c->verb != CHANGE_ACTION && c->verb != CHANGE_UPDATE) return 0;
  int r = place(tx, c, rec, ps, e);
  if (r < 0) return r;
  if (c->verb == CHANGE_ACTION) {
    acts(c, old, rec, ps);
  } else if (!old && !rec_null(rec, VISITOR_POST)) {
    const int64_t device_at = rec_i64(rec, VISITOR_DEVICE_AT);
    arrives(c, rec, gate_moment(c, device_at), rec_is(rec, VISITOR_OUTCOME, "admitted"), ps);
  } else if (!old) {
    rec_set(rec, VISITOR_OUTCOME, V_NULL);
    if (rec_null(rec, VISITOR_DAY)) rec_set(rec, VISITOR_DAY, day_val(c->a, c->viewer->today));
  } else if (rec_day(old, VISITOR_DAY) != rec_day(rec, VISITOR_DAY) &&
             !str_is(old->state, "expected")) {
    problem_add(ps, PROBLEM_read_only, S("day")); /* the day of what has happened */
  }
  return 0;
}

static void contribute(const struct record *r, struct contribs *out) {
  const int64_t people = rec_null(r, VISITOR_PARTY) ? 1 : rec_i64(r, VISITOR_PARTY);
  const bool came = str_is(r->state, "inside") || str_is(r->state, "left");
  if (r->retired || rec_null(r, VISITOR_DAY)) return;
  if (came || str_is(r->state, "refused"))
    contrib_add(out, came ? &ind_visitors : &ind_visitors_refused, rec_unit(r, VISITOR_UNIT),
                rec_day(r, VISITOR_DAY), people);
}

static const char *const indexes[] = {"unit, day", "unit, state", NULL};

const struct kind visitor_kind = {.no = 42,
                                  .name = "visitor",
                                  .plural = "visitors",
                                  .zh = "访客",
                                  .en = "Visitor",
                                  .flags = KF_SYNC,
                                  FIELDS(fields),
                                  .states = states,
                                  .transitions = transitions,
                                  .indexes = indexes,
                                  .device_since = "day",
                                  .apply = apply,
                                  .contribute = contribute};
