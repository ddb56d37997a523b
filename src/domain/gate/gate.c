#include "domain/gate/gate.h"
#include "core/operation.h"
#include "core/settings.h"
#include "domain/gate/reverse.h"
#include "core/verify.h"
#include "domain/gate/clash.h"
#include "domain/gate/handover.h"
#include "domain/gate/household_page.h"
#include "domain/gate/pass_api.h"
#include "domain/gate/reverse.h"
#include "domain/gate/visitor.h"
#include "domain/gate/watch.h"
#include "domain/rosters/rosters.h"

static const struct choice directions[] = {{"in", "进", "in"}, {"out", "出", "out"}, {0}};
static const struct choice who_kinds[] = {
    {"resident", "居民", "resident"},   {"visitor", "访客", "visitor"},
    {"courier", "快递外卖", "courier"}, {"worker", "工作人员", "worker"},
    {"other", "其他", "other"},         {0}};
static const struct choice outcomes[] = {
    {"admitted", "放行", "admitted"},
    {"remeasured", "复测后放行", "admitted after re-measuring"},
    {"refused", "劝返", "refused"},
    {"fever_clinic", "转发热门诊", "sent to the fever clinic"},
    {0}};

static const struct choice hows[] = {{"free", "手工登记", "by hand"},
                                     {"scan", "扫码", "scanned"},
                                     {"photo", "照片识码", "read off a photo"},
                                     {"number", "输入证号", "number typed"},
                                     {"reverse", "居民扫码", "scanned by the resident"},
                                     {0}};

static const struct field fields[GATE_FIELDS_] = {
    [GATE_UNIT] = {1, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "社区",
                   .en = "Community"},
    [GATE_POST] = {2, "post", FT_REF, FF_DEVICE | FF_REQUIRED | FF_FILTER, .ref = "post",
                   .zh = "卡口", .en = "Gate"},
    [GATE_DIRECTION] = {3, "direction", FT_ENUM, FF_DEVICE | FF_REQUIRED | FF_FILTER | FF_TITLE,
                        .choices = directions, .zh = "进出", .en = "In or out"},
    [GATE_WHO_KIND] = {4, "who_kind", FT_ENUM, FF_DEVICE | FF_FILTER, .choices = who_kinds,
                       .initial = "resident", .zh = "人员类别", .en = "Who"},
    [GATE_WHO] = {5, "who", FT_TEXT, FF_SEARCH | FF_PERSONAL | FF_TITLE, .max = 40,
                  .mask = MASK_NAME, .zh = "姓名", .en = "Name"},
    [GATE_DOOR] = {6, "door", FT_TEXT, FF_SEARCH | FF_FILTER, .max = 40, .zh = "楼门",
                   .en = "Building and door"},
    [GATE_VEHICLE] = {7, "vehicle", FT_TEXT, FF_SEARCH | FF_PERSONAL, .max = 12, .mask = MASK_TAIL,
                      .zh = "车牌", .en = "Plate"},
    [GATE_TEMPERATURE] = {8, "temperature", FT_TEMP, FF_FILTER, .zh = "体温", .en = "Temperature"},
    [GATE_FIRST_TEMPERATURE] = {9, "first_temperature", FT_TEMP, .zh = "首次体温",
                                .en = "First reading"},
    [GATE_OUTCOME] = {10, "outcome", FT_ENUM, FF_DEVICE | FF_REQUIRED | FF_FILTER,
                      .choices = outcomes, .zh = "处置", .en = "Outcome"},
    [GATE_REASON] = {11, "reason", FT_TEXT, .max = 100, .zh = "事由", .en = "Reason"},
    [GATE_DEVICE_AT] = {12, "device_at", FT_MOMENT, FF_DEVICE, .zh = "手机时间",
                        .en = "Device time"},
    [GATE_DAY] = {13, "day", FT_DATE, FF_DEVICE | FF_SYSTEM | FF_FILTER, .zh = "日期", .en = "Day"},
    [GATE_ABNORMAL] = {14, "abnormal", FT_BOOL, FF_DEVICE | FF_SYSTEM | FF_FILTER, .zh = "体温异常",
                       .en = "Abnormal"},
    [GATE_CORRECTS] = {15, "corrects", FT_REF, FF_DEVICE, .ref = "gate_event", .zh = "更正哪一条",
                       .en = "Takes back"},
    [GATE_PASS] = {16, "pass", FT_REF, FF_DEVICE | FF_FILTER | FF_UNCHECKED_REF, .ref = "pass",
                   .zh = "出入证", .en = "Pass"},
    [GATE_HOUSEHOLD] = {17, "household", FT_REF,
                        FF_DEVICE | FF_SYSTEM | FF_FILTER | FF_UNCHECKED_REF, .ref = "household",
                        .zh = "住户", .en = "Household"},
    [GATE_VISITOR] = {18, "visitor", FT_REF, FF_DEVICE | FF_FILTER | FF_UNCHECKED_REF,
                      .ref = "visitor", .zh = "访客", .en = "Visitor"},
    [GATE_HOW] = {19, "how", FT_ENUM, FF_DEVICE | FF_FILTER, .choices = hows, .initial = "free",
                  .zh = "登记方式", .en = "How"},
    [GATE_VERDICT] = {20, "verdict", FT_ENUM, FF_DEVICE | FF_FILTER, .choices = gate_verdicts,
                      .zh = "验证结果", .en = "Verdict shown", .zh_help = "值守手机当时显示的结果",
                      .en_help = "as the phone showed it then"},
    [GATE_DEVICE] = {21, "device", FT_UUID, FF_SYSTEM | FF_FILTER, .zh = "手机", .en = "Phone"},
    [GATE_DEVICE_SEQ] = {22, "device_seq", FT_INT, FF_SYSTEM, .zh = "手机内序号",
                         .en = "Number on the phone"},
    [GATE_OFFLINE] = {23, "offline", FT_BOOL, FF_FILTER, .zh = "断网时登记",
                      .en = "Written offline"},
    [GATE_CLOCK_OFFSET] = {24, "clock_offset", FT_INT, FF_SYSTEM, .zh = "手机钟差（毫秒）",
                           .en = "Server's clock less the phone's (ms)"},
    [GATE_HAPPENED_AT] = {25, "happened_at", FT_MOMENT, FF_DEVICE | FF_SYSTEM | FF_FILTER | FF_SORT,
                          .zh = "发生时间", .en = "Happened at"},
    [GATE_MASK_WORN] = {26, "mask_worn", FT_BOOL, FF_FILTER, .zh = "戴口罩", .en = "Mask worn"},
    [GATE_SKIPPED_TEMPERATURE] = {27, "skipped_temperature", FT_BOOL, .zh = "按规定未测温",
                                  .en = "Not measured, by policy"},
    [GATE_PASS_SERIAL] = {.no = 28,
                          .name = "pass_serial",
                          .type = FT_INT,
                          .min = 1,
                          .max = INT64_C(9007199254740991), /* whole numbers of a phone */
                          .zh = "证内编号",
                          .en = "Serial in the code",
                          .zh_help = "手机名单里还没有这张证时填写，由系统找到出入证",
                          .en_help = "of a pass that the phone's list did not have yet"},
    [GATE_CLOCK_DOUBTFUL] = {29, "clock_doubtful", FT_BOOL, FF_SYSTEM | FF_FILTER, .zh = "时钟存疑",
                             .en = "Clock doubtful"},
};

static INDICATOR_ROW(ind_in, 20, "gate.in", IND_FLOW, "events", "进入人次", "Entries",
                     "当日放行进入的人次（已扣除更正）",
                     "Admitted entries of the day, corrections taken off", "gate_event");
static INDICATOR_ROW(ind_out, 21, "gate.out", IND_FLOW, "events", "外出人次", "Exits",
                     "当日放行外出的人次（已扣除更正）",
                     "Admitted exits of the day, corrections taken off", "gate_event");
static INDICATOR_ROW(ind_abnormal, 22, "gate.abnormal", IND_FLOW, "events", "体温异常",
                     "Abnormal temperatures", "任一次测温达到当日阈值的人次",
                     "Events with a reading at or above the day's threshold", "gate_event");
static INDICATOR_ROW(ind_refused, 23, "gate.refused", IND_FLOW, "events", "劝返", "Refused",
                     "劝返或转发热门诊的人次", "Refused, or sent to the fever clinic",
                     "gate_event");
static INDICATOR_ROW(ind_vehicles, 24, "gate.vehicles", IND_FLOW, "events", "车辆", "Vehicles",
                     "当日放行的车辆进出次数", "Admitted passages with a vehicle", "gate_event");
static INDICATOR_ROW(ind_inside, 25, "gate.inside", IND_STATE, "events", "进出差", "Inside",
                     "累计进入减外出，当日结束时", "Entries less exits so far, at the day's end",
                     "gate_event");

/* A correction repeats what it takes back and counts the other way. */
#define PASSED "outcome=admitted,remeasured"
#define HOURLY .hour = "happened_at"
#define STEPS  .group = "household visitor"
#define GATE_COUNT(i, condition, ...)                                                              \
  { .ind = &(i), .from = "day", .undo = "corrects", .where = (condition), __VA_ARGS__ }
static const struct count counts[] = {
    GATE_COUNT(ind_in, "direction=in&" PASSED, HOURLY),
    GATE_COUNT(ind_out, "direction=out&" PASSED, HOURLY),
    GATE_COUNT(ind_abnormal, "abnormal=true", HOURLY),
    GATE_COUNT(ind_refused, "outcome=!admitted,remeasured", HOURLY),
    GATE_COUNT(ind_vehicles, "vehicle=!null&" PASSED, HOURLY),
    GATE_COUNT(ind_inside, "direction=in&" PASSED, STEPS),
    GATE_COUNT(ind_inside, "direction=out&" PASSED, STEPS, .takes = true),
    {0}};

const struct indicator *const gate_by_hour[GATE_BY_HOUR_] = {&ind_in, &ind_out, &ind_refused,
                                                             &ind_abnormal, &ind_vehicles};

static const char *const indexes[] = {"unit, day",
                                      "corrects WHERE corrects IS NOT NULL UNIQUE",
                                      "pass, happened_at WHERE pass IS NOT NULL",
                                      "household, happened_at WHERE household IS NOT NULL",
                                      "visitor WHERE visitor IS NOT NULL",
                                      NULL};

static const struct screen gate_event_screen = {
    .columns = "happened_at direction who who_kind household door "
               "temperature outcome how verdict post vehicle",
    .sort = "-happened_at",
    .quick = "post direction outcome how verdict who_kind abnormal clock_doubtful",
    .link = "happened_at"};
const struct kind gate_event_kind = {.no = 40,
                                     .name = "gate_event",
                                     .plural = "gate-events",
                                     .zh = "进出登记",
                                     .en = "Gate event",
                                     .screen = &gate_event_screen,
                                     .flags = KF_EVENT | KF_SYNC,
                                     FIELDS(fields),
                                     .indexes = indexes,
                                     .prepare = gate_prepare,
                                     .check = gate_check,
                                     .apply = gate_apply,
                                     .counts = counts};

/* The civil day follows from the moment and is decided once. */
static int64_t when(const struct change *c, struct record *rec, int32_t *ret_day) {
  char text[DAY_TEXT];
  const int64_t at = change_judged(c, rec, GATE_DEVICE_AT, GATE_CLOCK_DOUBTFUL);
  *ret_day = zone_day(c->viewer->zone, at, NULL);
  day_format(*ret_day, text);
  rec_set(rec, GATE_DAY, V_TEXT(arena_dup(c->a, (struct str){text, 10})));
  rec_set(rec, GATE_HAPPENED_AT, V_I64(at));
  return at;
}

static void who_wrote(const struct change *c, struct record *rec) {
  if (uuid_is_nil(&c->device)) return;
  rec_set(rec, GATE_DEVICE, V_UUID(c->device));
  rec_set(rec, GATE_CLOCK_OFFSET, V_I64(c->clock_offset_ms));
  if (c->device_seq) rec_set(rec, GATE_DEVICE_SEQ, V_I64(c->device_seq));
}

/* ---- what events name: passes and visitors ---- */

QUERY(q_gate_pass, "SELECT op, household FROM pass WHERE id = $1");
QUERY(q_gate_visitor, "SELECT op, household FROM visitor WHERE id = $1");

static const struct named {
  const struct kind *kind;
  const struct query *one;
  int field, household; /* of the event; of what it names */
} nameds[] = {{&visitor_kind, &q_gate_visitor, GATE_VISITOR, VISITOR_HOUSEHOLD},
              {&pass_kind, &q_gate_pass, GATE_PASS, PASS_HOUSEHOLD}};

/* Whatever became of it, it is taken as the phone found it; what never was is refused. */
static void name_household(const struct named *nm, struct change *c, struct record *rec, bool found,
                           struct val household) {
  char id[UUID_TEXT];
  const struct uuid named = rec_uuid(rec, nm->field);
  if (found) {
    if (household.t != VAL_NULL) rec_set(rec, GATE_HOUSEHOLD, household);
    return;
  }
  uuid_format(&named, id);
  problem_text(&c->problems, PROBLEM_not_found, str_from(gate_event_kind.fields[nm->field].name),
               (struct str){0}, str_from(id), (struct str){0});
}

/* One by one where a look-up is a call, not a round trip. */
static int find_each(struct tx *tx, const struct named *nm, struct change *const *cs,
                     struct record *const *recs, size_t n, struct err *e) {
  for (size_t i = 0; i < n; i++) {
    if (rec_null(recs[i], nm->field)) continue;
    _cleanup_(cur_donep) struct cur *cur = NULL;
    int r = cur_open(tx, nm->one, P(recs[i]->v[nm->field]), &cur, e);
    if (r < 0 || (r = cur_next(cur, e)) < 0) return r;
    const bool found = r == 1 && cur_i64(cur, 0) == cs[i]->op;
    name_household(nm, cs[i], recs[i], found,
                   found && !cur_null(cur, 1) ? V_UUID(cur_uuid(cur, 1)) : V_NULL);
  }
  return 0;
}

static int find_together(struct tx *tx, const struct named *nm, struct change *const *cs,
                         struct record *const *recs, size_t n, struct err *e) {
  size_t m = 0;
  for (size_t i = 0; i < n; i++) m += !rec_null(recs[i], nm->field);
  if (m == 0) return 0;
  struct arena *a = tx_arena(tx);
  struct uuid *ids = arena_array(a, struct uuid, m);
  struct record **found = arena_array(a, struct record *, m);
  if (!ids || !found || arena_failed(a)) return err_set(e, E_NOMEM, "no memory for events");
  for (size_t i = 0, at = 0; i < n; i++)
    if (!rec_null(recs[i], nm->field)) ids[at++] = rec_uuid(recs[i], nm->field);
  int r = records_by_ids(tx, a, nm->kind, 0, ids, m, found, e);
  for (size_t i = 0, at = 0; i < n && r >= 0; i++) {
    if (rec_null(recs[i], nm->field)) continue;
    const struct record *to = found[at++];
    const bool good = to && to->op == cs[i]->op;
    name_household(nm, cs[i], recs[i], good, good ? to->v[nm->household] : V_NULL);
  }
  return r;
}

QUERY(q_gate_pass_by_serial, "SELECT id FROM pass WHERE op = $1 AND serial = $2");

/* A pass that was too new for the phone's list: it knew what the signature proves, and no id. Rare,
 * so one by one. One that is not here either leaves the event without a pass. */
static int find_unlisted(struct tx *tx, struct change *const *cs, struct record *const *recs,
                         size_t n, struct err *e) {
  for (size_t i = 0; i < n; i++) {
    if (rec_null(recs[i], GATE_PASS_SERIAL) || !rec_null(recs[i], GATE_PASS)) continue;
    _cleanup_(cur_donep) struct cur *cur = NULL;
    int r = cur_open(tx, &q_gate_pass_by_serial, P(V_I64(cs[i]->op), recs[i]->v[GATE_PASS_SERIAL]),
                     &cur, e);
    if (r >= 0) r = cur_next(cur, e);
    if (r < 0) return r;
    if (r == 1) rec_set(recs[i], GATE_PASS, V_UUID(cur_uuid(cur, 0)));
  }
  return 0;
}

/* Once for a run, and nothing for events by free entry. */
int gate_prepare(struct tx *tx, struct change *const *cs, struct record *const *recs, size_t n,
                 struct err *e) {
  const bool near = tx_engine(tx) == ENGINE_SQLITE;
  int r = find_unlisted(tx, cs, recs, n, e);
  for (size_t i = 0; i < ARRAY_LEN(nameds) && r >= 0; i++)
    r = (near ? find_each : find_together)(tx, &nameds[i], cs, recs, n, e);
  return r;
}

void gate_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps) {
  struct app *app = change_app(c);
  struct post_facts post;
  const struct uuid id = rec_uuid(rec, GATE_POST);
  int32_t day;
  (void)old;
  if (rec_null(rec, GATE_POST)) return;
  if (!post_facts(app, &id, &post) || post.op != c->op) {
    problem_add(ps, PROBLEM_not_found, S("post"));
    return;
  }
  const int64_t at = when(c, rec, &day);
  if (!post.gate || !post_open_at(&post, at)) problem_add(ps, PROBLEM_retired, S("post"));
  rec_set(rec, GATE_UNIT, V_I64(post.unit));
  who_wrote(c, rec);
  const int64_t threshold = policy(app, c->op, "temp_threshold", day);
  const int64_t first = rec_i64(rec, GATE_FIRST_TEMPERATURE);
  const int64_t last = rec_i64(rec, GATE_TEMPERATURE);
  rec_set(rec, GATE_ABNORMAL, V_I64(first >= threshold || last >= threshold));
  const bool admitted =
      rec_is(rec, GATE_OUTCOME, "admitted") || rec_is(rec, GATE_OUTCOME, "remeasured");
  /* leaving is nobody's to forbid for a temperature; entering is */
  if (admitted && rec_is(rec, GATE_DIRECTION, "in") && last >= threshold)
    problem_text(
        ps, PROBLEM_too_hot, S("outcome"),
        arena_printf(ps->a, "%lld.%lld", (long long)(threshold / 10), (long long)(threshold % 10)),
        (struct str){0}, (struct str){0});
  if (rec_is(rec, GATE_OUTCOME, "remeasured") && rec_null(rec, GATE_FIRST_TEMPERATURE))
    problem_add(ps, PROBLEM_required, S("first_temperature"));
}

QUERY(q_gate_corrected, "SELECT count(*) FROM gate_event WHERE unit = $1 AND corrects = $2");

/* A correction repeats what it takes back, so that its own row says what it takes off the counts.
 */
int gate_apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
               struct problems *ps, struct err *e) {
  static const int same[] = {GATE_POST,        GATE_DIRECTION,
                             GATE_WHO_KIND,    GATE_WHO,
                             GATE_DOOR,        GATE_VEHICLE,
                             GATE_TEMPERATURE, GATE_FIRST_TEMPERATURE,
                             GATE_OUTCOME,     GATE_DAY,
                             GATE_ABNORMAL,    GATE_PASS,
                             GATE_VISITOR,     GATE_HOUSEHOLD,
                             GATE_HOW,         GATE_VERDICT,
                             GATE_MASK_WORN,   GATE_SKIPPED_TEMPERATURE,
                             GATE_PASS_SERIAL, GATE_HAPPENED_AT};
  struct record *first;
  (void)old;
  if (rec_null(rec, GATE_CORRECTS)) return 0;
  const struct uuid id = rec_uuid(rec, GATE_CORRECTS);
  int r = record_load(tx, c->a, &gate_event_kind, c->op, &id, &first, e);
  if (r == -E_NOROW) return 0;
  if (r < 0) return r;
  if (rec_unit(first, GATE_UNIT) != rec_unit(rec, GATE_UNIT))
    problem_add(ps, PROBLEM_out_of_scope, S("corrects"));
  if (!rec_null(first, GATE_CORRECTS)) problem_add(ps, PROBLEM_read_only, S("corrects"));
  for (size_t i = 0; i < ARRAY_LEN(same); i++) rec_set(rec, same[i], first->v[same[i]]);
  int64_t n = 0;
  r = tx_i64(tx, &q_gate_corrected, P(V_I64(rec_unit(first, GATE_UNIT)), V_UUID(id)), &n, e);
  if (r >= 0 && n) problem_add(ps, PROBLEM_read_only, S("corrects"));
  return r;
}

static const struct kind *const kinds[] = {
    &gate_event_kind, &pass_kind, &visitor_kind, &handover_kind, &pass_key_kind, &clash_kind, NULL};
static const struct indicator *const indicators[] = {
    &ind_in,     &ind_out,      &ind_abnormal,         &ind_refused, &ind_vehicles,
    &ind_inside, &ind_visitors, &ind_visitors_refused, &ind_clashes, NULL};
static const struct alarm_type *const alarms[] = {&alarm_double_use,
                                                  &alarm_second_exit,
                                                  &alarm_revoked_used,
                                                  &alarm_clock_wrong,
                                                  &alarm_overdue,
                                                  &alarm_visitor_inside,
                                                  NULL};
static const struct job jobs[] = {{"gate_clashes", 3 * MS_SECOND, clash_follow, 0},
                                  {"gate_overdue", 3 * MS_SECOND, clash_overdue, JOB_PER_OPERATION},
                                  {0}};
static const struct verify_check checks[] = {
    {"clashes", "卡口冲突与在外人员", "clashes at gates, and who is out", clash_verify}, {0}};
static const struct setting settings[] = {
    {.name = "gate.clock_wrong_minutes",
     .type = SETTING_INT,
     .initial = 60,
     .min = 5,
     .max = 1440,
     .measure = "minutes",
     .zh = "手机时钟相差多少分钟算不准",
     .en = "A phone's clock is wrong from this difference on"},
    {.name = "gate.code_per_minute",
     .type = SETTING_INT,
     .initial = 360,
     .min = 0,
     .max = 6000,
     .zh = "每个卡口海报每分钟最多请求次数（0 不限）",
     .en = "Requests a minute by one gate's poster (0: no limit)"},
    {.name = "gate.address_per_minute",
     .type = SETTING_INT,
     .initial = 40,
     .min = 0,
     .max = 6000,
     .zh = "每个网络地址每分钟最多扫卡口海报的请求次数（0 不限）",
     .en = "Requests a minute by gates' posters from one address (0: no limit)"},
    {0}};
static const char *const rights[] = {"pass.print", "clash.follow", "clash.resolve", NULL};
static int device_keys(struct rq *rq, struct tx *tx, struct jw *w, struct err *e) {
  struct pass_public_key keys[PASS_KEYS_MAX];
  size_t n = 0;
  int r = pass_keys_public(tx, rq->viewer->op, keys, &n, e);
  if (r >= 0) pass_keys_write(w, keys, n);
  return r;
}
static const struct device_section device_sections[] = {
    {"pass_keys", device_keys, "PublicKey[]"},
    {"gate_signs", gate_device_signs, "{...GateSigns post:id}[]"},
    {0}};
static const struct shape shapes[] = {
    {"PublicKey", "id:int key"},
    {"PassCode", "code number class valid_from:date valid_to:date svg"},
    {"GateCheck", "verdict:{...Label code} pass:Pass|null last:{direction:'in'|'out' "
                  "happened_at:moment}|null next_day:date|null overdue_minutes:int"},
    {"GateHour", "hour:int in:int out:int refused:int abnormal:int vehicles:int"},
    {"GateInside",
     "allowed_minutes:int households:{pass:{id:id number}|null household:{id:id "
     "code:text|null}|null post:{id:id title}|null since:moment minutes:int overdue:bool}[] "
     "households_more:bool people:int visitors:Visitor[] visitors_more:bool"},
    {"GateSigns", "code signs:{date:date sign:int}[]"},
    {"GatePlace", "gate community now:moment now_ms:int"},
    {"GatePassage", "...GatePlace ...Label direction:'in'|'out' verdict go:bool again:bool "
                    "at:moment|null class:text|null sign:int|null"},
    {0}};

#define GATE_READ  "gate_event.read visitor.read handover.read pass.read pass_key.read clash.read "
#define PASS_ISSUE "pass.names pass.create pass.update pass.reveal pass.export pass.print "
static const struct role_grant grants[] = {
    {"sysadmin", "pass_key.read pass_key.create"},
    {"auditor", GATE_READ},
    {"city_duty", GATE_READ "gate_event.export pass_key.create"},
    {"district_duty", GATE_READ "gate_event.export"},
    {"coordinator",
     GATE_READ PASS_ISSUE "gate_event.export visitor.export clash.resolve clash.export"},
    {"lead", GATE_READ PASS_ISSUE "gate_event.names gate_event.create gate_event.export visitor.* "
                                  "handover.create handover.export clash.resolve clash.export"},
    {"secondee", GATE_READ "gate_event.names gate_event.create visitor.names visitor.create "
                           "handover.create pass.names"},
    {"viewer", "gate_event.read pass.read"},
    {0}};
static const struct link_purpose *const links[] = {&gate_purpose, NULL};
const struct module gate_module = {.name = "gate",
                                   .file = __FILE__,
                                   .zh = "卡口",
                                   .en = "Gate",
                                   .kinds = kinds,
                                   .indicators = indicators,
                                   .routes = gate_routes,
                                   .shapes = shapes,
                                   .device = device_sections,
                                   .sections = gate_sections,
                                   .checks = checks,
                                   .start = watch_start,
                                   .grants = grants,
                                   .tables = clash_tables,
                                   .jobs = jobs,
                                   .alarms = alarms,
                                   .settings = settings,
                                   .links = links,
                                   .rights = rights};
