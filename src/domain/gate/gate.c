#include "domain/gate/gate.h"
#include "app/operation.h"
#include "domain/gate/handover.h"
#include "domain/gate/visitor.h"
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
                  .flags = FF_PERSONAL | FF_TITLE,
                  .mask = MASK_NAME,
                  .zh = "姓名",
                  .en = "Name"},
    [GATE_DOOR] = {.no = 6,
                   .name = "door",
                   .type = FT_TEXT,
                   .max = 40,
                   .flags = FF_FILTER,
                   .zh = "楼门",
                   .en = "Building and door"},
    [GATE_VEHICLE] = {.no = 7,
                      .name = "vehicle",
                      .type = FT_TEXT,
                      .max = 12,
                      .flags = FF_PERSONAL,
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

static const char *const indexes[] = {"unit, day", "corrects WHERE corrects IS NOT NULL", NULL};

const struct kind gate_event_kind = {.no = 40,
                                     .name = "gate_event",
                                     .plural = "gate-events",
                                     .zh = "进出登记",
                                     .en = "Gate event",
                                     .flags = KF_EVENT | KF_SYNC,
                                     FIELDS(fields),
                                     .indexes = indexes,
                                     .check = gate_check,
                                     .apply = gate_apply,
                                     .contribute = gate_contribute};

/* The civil day of an event: the device's own where its clock is near the server's or the event is
 * late because there was no network; never a day that has not begun. */
static int32_t event_day(const struct change *c, const struct record *rec) {
  int64_t at = c->at_ms;
  if (!rec_null(rec, GATE_DEVICE_AT)) {
    const int64_t device = rec_i64(rec, GATE_DEVICE_AT);
    if (device <= at + 5 * MS_MINUTE && device > at - 8 * MS_DAY) at = device < at ? device : at;
  }
  return zone_day(c->viewer->zone, at, NULL);
}

void gate_check(const struct change *c, const struct record *old, struct record *rec,
                struct problems *ps) {
  struct app *app = change_app(c);
  struct post_facts post;
  const struct uuid id = rec_uuid(rec, GATE_POST);
  char text[DAY_TEXT];
  (void)old;
  if (rec_null(rec, GATE_POST)) return;
  if (!post_facts(app, &id, &post) || post.op != c->op) {
    problem_add(ps, PROBLEM_not_found, S("post"));
    return;
  }
  if (!post.gate || !post.open) problem_add(ps, PROBLEM_retired, S("post"));
  rec_set(rec, GATE_UNIT, V_I64(post.unit));
  const int32_t day = event_day(c, rec);
  day_format(day, text);
  rec_set(rec, GATE_DAY, V_TEXT(arena_dup(c->a, (struct str){text, 10})));
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
  static const int same[] = {GATE_POST,    GATE_DIRECTION, GATE_WHO_KIND,    GATE_WHO,
                             GATE_DOOR,    GATE_VEHICLE,   GATE_TEMPERATURE, GATE_FIRST_TEMPERATURE,
                             GATE_OUTCOME, GATE_DAY,       GATE_ABNORMAL};
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

static const struct kind *const kinds[] = {&gate_event_kind, &visitor_kind, &handover_kind, NULL};
static const struct indicator *const indicators[] = {
    &ind_in,     &ind_out,      &ind_abnormal,         &ind_refused, &ind_vehicles,
    &ind_inside, &ind_visitors, &ind_visitors_refused, NULL};
#define GATE_READ "gate_event.read visitor.read handover.read "
static const struct role_grant grants[] = {
    {"auditor", GATE_READ},
    {"city_duty", GATE_READ "gate_event.export"},
    {"district_duty", GATE_READ "gate_event.export"},
    {"coordinator", GATE_READ "gate_event.export visitor.export"},
    {"lead", GATE_READ "gate_event.names gate_event.create gate_event.export visitor.* "
                       "handover.create handover.export"},
    {"secondee", GATE_READ "gate_event.names gate_event.create visitor.names visitor.create "
                           "handover.create"},
    {"viewer", "gate_event.read"},
    {0}};
const struct module gate_module = {.name = "gate",
                                   .zh = "卡口",
                                   .en = "Gate",
                                   .kinds = kinds,
                                   .indicators = indicators,
                                   .grants = grants};
