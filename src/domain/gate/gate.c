#include "domain/gate/gate.h"
#include "app/operation.h"
#include "app/settings.h"
#include "app/verify.h"
#include "domain/gate/clash.h"
#include "domain/gate/handover.h"
#include "domain/gate/household_page.h"
#include "domain/gate/moment.h"
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
    [GATE_UNIT] = {.no = 1,
                   .name = "unit",
                   .type = FT_UNIT,
                   .flags = FF_SYSTEM | FF_SCOPE | FF_FILTER,
                   .zh = "社区",
                   .en = "Community"},
    [GATE_POST] = {.no = 2,
                   .name = "post",
                   .type = FT_REF,
                   .ref = "post",
                   .flags = FF_DEVICE | FF_REQUIRED | FF_FILTER,
                   .zh = "卡口",
                   .en = "Gate"},
    [GATE_DIRECTION] = {.no = 3,
                        .name = "direction",
                        .type = FT_ENUM,
                        .choices = directions,
                        .flags = FF_DEVICE | FF_REQUIRED | FF_FILTER | FF_TITLE,
                        .zh = "进出",
                        .en = "In or out"},
    [GATE_WHO_KIND] = {.no = 4,
                       .name = "who_kind",
                       .type = FT_ENUM,
                       .choices = who_kinds,
                       .initial = "resident",
                       .flags = FF_DEVICE | FF_FILTER,
                       .zh = "人员类别",
                       .en = "Who"},
    [GATE_WHO] = {.no = 5,
                  .name = "who",
                  .type = FT_TEXT,
                  .max = 40,
                  .flags = FF_SEARCH | FF_PERSONAL | FF_TITLE,
                  .mask = MASK_NAME,
                  .zh = "姓名",
                  .en = "Name"},
    [GATE_DOOR] = {.no = 6,
                   .name = "door",
                   .type = FT_TEXT,
                   .max = 40,
                   .flags = FF_SEARCH | FF_FILTER,
                   .zh = "楼门",
                   .en = "Building and door"},
    [GATE_VEHICLE] = {.no = 7,
                      .name = "vehicle",
                      .type = FT_TEXT,
                      .max = 12,
                      .flags = FF_SEARCH | FF_PERSONAL,
                      .mask = MASK_TAIL,
                      .zh = "车牌",
                      .en = "Plate"},
    [GATE_TEMPERATURE] = {.no = 8,
                          .name = "temperature",
                          .type = FT_TEMP,
                          .flags = FF_FILTER,
                          .zh = "体温",
                          .en = "Temperature"},
    [GATE_FIRST_TEMPERATURE] = {.no = 9,
                                .name = "first_temperature",
                                .type = FT_TEMP,
                                .zh = "首次体温",
                                .en = "First reading"},
    [GATE_OUTCOME] = {.no = 10,
                      .name = "outcome",
                      .type = FT_ENUM,
                      .choices = outcomes,
                      .flags = FF_DEVICE | FF_REQUIRED | FF_FILTER,
                      .zh = "处置",
                      .en = "Outcome"},
    [GATE_REASON] =
        {.no = 11, .name = "reason", .type = FT_TEXT, .max = 100, .zh = "事由", .en = "Reason"},
    [GATE_DEVICE_AT] = {.no = 12,
                        .name = "device_at",
                        .type = FT_MOMENT,
                        .flags = FF_DEVICE,
                        .zh = "手机时间",
                        .en = "Device time"},
    [GATE_DAY] = {.no = 13,
                  .name = "day",
                  .type = FT_DATE,
                  .flags = FF_DEVICE | FF_SYSTEM | FF_FILTER,
                  .zh = "日期",
                  .en = "Day"},
    [GATE_ABNORMAL] = {.no = 14,
                       .name = "abnormal",
                       .type = FT_BOOL,
                       .flags = FF_DEVICE | FF_SYSTEM | FF_FILTER,
                       .zh = "体温异常",
                       .en = "Abnormal"},
    [GATE_CORRECTS] = {.no = 15,
                       .name = "corrects",
                       .type = FT_REF,
                       .flags = FF_DEVICE,
                       .ref = "gate_event",
                       .zh = "更正哪一条",
                       .en = "Takes back"},
    [GATE_PASS] = {.no = 16,
                   .name = "pass",
                   .type = FT_REF,
                   .ref = "pass",
                   .flags = FF_DEVICE | FF_FILTER | FF_LOOSE,
                   .zh = "出入证",
                   .en = "Pass"},
    [GATE_HOUSEHOLD] = {.no = 17,
                        .name = "household",
                        .type = FT_REF,
                        .ref = "household",
                        .flags = FF_DEVICE | FF_SYSTEM | FF_FILTER | FF_LOOSE,
                        .zh = "住户",
                        .en = "Household"},
    [GATE_VISITOR] = {.no = 18,
                      .name = "visitor",
                      .type = FT_REF,
                      .ref = "visitor",
                      .flags = FF_DEVICE | FF_FILTER | FF_LOOSE,
                      .zh = "访客",
                      .en = "Visitor"},
    [GATE_HOW] = {.no = 19,
                  .name = "how",
                  .type = FT_ENUM,
                  .choices = hows,
                  .initial = "free",
                  .flags = FF_DEVICE | FF_FILTER,
                  .zh = "登记方式",
                  .en = "How"},
    [GATE_VERDICT] = {.no = 20,
                      .name = "verdict",
                      .type = FT_ENUM,
                      .choices = gate_verdicts,
                      .flags = FF_DEVICE | FF_FILTER,
                      .zh = "验证结果",
                      .en = "Verdict shown",
                      .zh_help = "值守手机当时显示的结果",
                      .en_help = "as the phone showed it then"},
    [GATE_DEVICE] = {.no = 21,
                     .name = "device",
                     .type = FT_UUID,
                     .flags = FF_SYSTEM | FF_FILTER,
                     .zh = "手机",
                     .en = "Phone"},
    [GATE_DEVICE_SEQ] = {.no = 22,
                         .name = "device_seq",
                         .type = FT_INT,
                         .flags = FF_SYSTEM,
                         .zh = "手机内序号",
                         .en = "Number on the phone"},
    [GATE_OFFLINE] = {.no = 23,
                      .name = "offline",
                      .type = FT_BOOL,
                      .flags = FF_FILTER,
                      .zh = "断网时登记",
                      .en = "Written offline"},
    [GATE_CLOCK_OFFSET] = {.no = 24,
                           .name = "clock_offset",
                           .type = FT_INT,
                           .flags = FF_SYSTEM,
                           .zh = "手机钟差（毫秒）",
                           .en = "Server's clock less the phone's (ms)"},
    [GATE_HAPPENED_AT] = {.no = 25,
                          .name = "happened_at",
                          .type = FT_MOMENT,
                          .flags = FF_DEVICE | FF_SYSTEM | FF_FILTER | FF_SORT,
                          .zh = "发生时间",
                          .en = "Happened at"},
    [GATE_MASK_WORN] = {.no = 26,
                        .name = "mask_worn",
                        .type = FT_BOOL,
                        .flags = FF_FILTER,
                        .zh = "戴口罩",
                        .en = "Mask worn"},
    [GATE_SKIPPED_TEMPERATURE] = {.no = 27,
                                  .name = "skipped_temperature",
                                  .type = FT_BOOL,
                                  .zh = "按规定未测温",
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
};

#define GATE_INDICATOR(id, number, name, how, zh_name, en_name, zh_def, en_def, f)                 \
  static const struct indicator id = {.no = (number),                                              \
                                      .code = (name),                                              \
                                      .zh = (zh_name),                                             \
                                      .en = (en_name),                                             \
                                      .zh_definition = (zh_def),                                   \
                                      .en_definition = (en_def),                                   \
                                      .measure = "events",                                         \
                                      .type = (how),                                               \
                                      .kind = "gate_event",                                        \
                                      .filter = (f),                                               \
                                      .date_field = "day"}
GATE_INDICATOR(ind_in, 20, "gate.in", IND_FLOW, "进入人次", "Entries",
               "当日放行进入的人次（已扣除更正）",
               "Admitted entries of the day, corrections taken off",
               "direction=in&outcome=admitted,remeasured");
GATE_INDICATOR(ind_out, 21, "gate.out", IND_FLOW, "外出人次", "Exits",
               "当日放行外出的人次（已扣除更正）",
               "Admitted exits of the day, corrections taken off",
               "direction=out&outcome=admitted,remeasured");
GATE_INDICATOR(ind_abnormal, 22, "gate.abnormal", IND_FLOW, "体温异常", "Abnormal temperatures",
               "任一次测温达到当日阈值的人次",
               "Events with a reading at or above the day's threshold", "abnormal=true");
GATE_INDICATOR(ind_refused, 23, "gate.refused", IND_FLOW, "劝返", "Refused",
               "劝返或转发热门诊的人次", "Refused, or sent to the fever clinic",
               "outcome=refused,fever_clinic");
GATE_INDICATOR(ind_vehicles, 24, "gate.vehicles", IND_FLOW, "车辆", "Vehicles",
               "当日放行的车辆进出次数", "Admitted passages with a vehicle", "");
GATE_INDICATOR(ind_inside, 25, "gate.inside", IND_STATE, "进出差", "Inside",
               "累计进入减外出，当日结束时", "Entries less exits so far, at the day's end", "");

static const char *const indexes[] = {"unit, day", "corrects WHERE corrects IS NOT NULL",
                                      "pass, happened_at WHERE pass IS NOT NULL",
                                      "household, happened_at WHERE household IS NOT NULL", NULL};

const struct kind gate_event_kind = {.no = 40,
                                     .name = "gate_event",
                                     .plural = "gate-events",
                                     .zh = "进出登记",
                                     .en = "Gate event",
                                     .flags = KF_EVENT | KF_SYNC,
                                     FIELDS(fields),
                                     .indexes = indexes,
                                     .prepare = gate_prepare,
                                     .check = gate_check,
                                     .apply = gate_apply,
                                     .contribute = gate_contribute};

/* The civil day follows from the moment and is decided once. */
static void when(const struct change *c, struct record *rec, int32_t *ret_day) {
  char text[DAY_TEXT];
  const int64_t at = gate_moment(c, rec_i64(rec, GATE_DEVICE_AT));
  *ret_day = zone_day(c->viewer->zone, at, NULL);
  day_format(*ret_day, text);
  rec_set(rec, GATE_DAY, V_TEXT(arena_dup(c->a, (struct str){text, 10})));
  rec_set(rec, GATE_HAPPENED_AT, V_I64(at));
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
  if (!post.gate || !post.open) problem_add(ps, PROBLEM_retired, S("post"));
  rec_set(rec, GATE_UNIT, V_I64(post.unit));
  when(c, rec, &day);
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

void gate_contribute(const struct record *r, struct contribs *out) {
  const int64_t n = rec_null(r, GATE_CORRECTS) ? 1 : -1;
  const int32_t unit = rec_unit(r, GATE_UNIT), day = rec_day(r, GATE_DAY);
  const bool in = rec_is(r, GATE_DIRECTION, "in");
  const bool admitted =
      rec_is(r, GATE_OUTCOME, "admitted") || rec_is(r, GATE_OUTCOME, "remeasured");
  if (rec_i64(r, GATE_ABNORMAL)) contrib_add(out, &ind_abnormal, unit, day, n);
  if (!admitted) {
    contrib_add(out, &ind_refused, unit, day, n);
    return;
  }
  contrib_add(out, in ? &ind_in : &ind_out, unit, day, n);
  contrib_add(out, &ind_inside, unit, day, in ? n : -n);
  if (!rec_null(r, GATE_VEHICLE)) contrib_add(out, &ind_vehicles, unit, day, n);
}

static const struct kind *const kinds[] = {
    &gate_event_kind, &pass_kind, &visitor_kind, &handover_kind, &pass_key_kind, &clash_kind, NULL};
static const struct indicator *const indicators[] = {
    &ind_in,     &ind_out,      &ind_abnormal,         &ind_refused, &ind_vehicles,
    &ind_inside, &ind_visitors, &ind_visitors_refused, &ind_clashes, NULL};
static const struct alarm_type *const alarms[] = {&alarm_double_use,   &alarm_second_exit,
                                                  &alarm_revoked_used, &alarm_clock_wrong,
                                                  &alarm_overdue,      NULL};
static const struct job jobs[] = {
    {.name = "gate_clashes", .every_ms = 3 * MS_SECOND, .run = clash_job}, {0}};
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
    {0}};
static const char *const rights[] = {"pass.print", "clash.follow", NULL};
static int device_keys(struct rq *rq, struct tx *tx, struct jw *w, struct err *e) {
  struct pass_public_key keys[PASS_KEYS_MAX];
  size_t n = 0;
  int r = pass_keys_public(tx, rq->viewer->op, keys, &n, e);
  if (r >= 0) pass_keys_write(w, keys, n);
  return r;
}
static const struct device_section device_sections[] = {
    {"pass_keys", device_keys}, {"gate_signs", gate_device_signs}, {0}};
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
const struct module gate_module = {.name = "gate",
                                   .zh = "卡口",
                                   .en = "Gate",
                                   .kinds = kinds,
                                   .indicators = indicators,
                                   .routes = gate_routes,
                                   .device = device_sections,
                                   .sections = gate_sections,
                                   .checks = checks,
                                   .start = watch_start,
                                   .grants = grants,
                                   .tables = clash_tables,
                                   .jobs = jobs,
                                   .alarms = alarms,
                                   .settings = settings,
                                   .rights = rights};
