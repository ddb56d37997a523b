#include "core/operation.h"
#include "domain/rosters/rosters.h"
#include "domain/units/units.h"

/* Deployments (派驻): who serves where, in one place at a time. */

static const struct choice routes[] = {{"organised", "单位组织下沉", "organised"},
                                       {"dual_checkin", "双报到", "dual check-in"},
                                       {"volunteer", "志愿", "volunteer"},
                                       {0}};
static const struct choice release_reasons[] = {
    {"rotation", "轮换", "rotation"}, {"end", "任务结束", "task ended"},
    {"illness", "生病", "illness"},   {"recalled", "单位召回", "recalled by employer"},
    {"family", "家庭原因", "family"}, {"retired", "退休", "retired"},
    {"other", "其他", "other"},       {0}};
static const struct choice duties[] = {
    {"gate", "值守", "gate duty"},
    {"screening", "排查", "screening"},
    {"disinfection", "消毒", "disinfection"},
    {"errands", "代购", "errands"},
    {"publicity", "宣传", "publicity"},
    {"building_head", "楼长", "building head"},
    {"visits", "走访", "visits"},
    {"patrol", "巡逻", "patrol"},
    {"supplies", "物资搬运", "carrying supplies"},
    {"employers", "联系单位物业", "employers and property managers"},
    {"other", "其他", "other"},
    {0}};
static const struct field deployment_fields[DEPLOYMENT_FIELDS_] = {
    [DEPLOYMENT_RESPONDER] = {1, "responder", FT_REF,
                              FF_HOLDS | FF_REQUIRED | FF_IMMUTABLE | FF_TITLE | FF_FILTER,
                              .ref = "responder", .zh = "人员", .en = "Responder"},
    [DEPLOYMENT_UNIT] = {2, "unit", FT_UNIT,
                         FF_HOLDS | FF_REQUIRED | FF_SCOPE | FF_FILTER | FF_IMMUTABLE,
                         .zh = "接收单位", .en = "Receiving unit", .headers = "报到社区|派驻社区"},
    [DEPLOYMENT_SENDER] = {3, "sender", FT_UNIT, FF_SCOPE | FF_FILTER | FF_IMMUTABLE,
                           .zh = "派出单位", .en = "Sending unit", .zh_help = "不填即为工作单位",
                           .en_help = "the employer where not given"},
    [DEPLOYMENT_ROUTE] = {4, "route", FT_ENUM, FF_REQUIRED | FF_FILTER, .choices = routes,
                          .zh = "报到方式", .en = "Route"},
    [DEPLOYMENT_BATCH] = {5, "batch", FT_REF, FF_FILTER, .ref = "batch", .zh = "批次",
                          .en = "Batch"},
    [DEPLOYMENT_PAIRING] = {6, "pairing", FT_REF, FF_FILTER, .ref = "pairing", .zh = "对口支援",
                            .en = "Pairing"},
    [DEPLOYMENT_SLIP] = {7, "slip_no", FT_TEXT, FF_SHARED | FF_SEARCH | FF_SORT, .max = 40,
                         .zh = "报到单编号", .en = "Report slip"},
    [DEPLOYMENT_TEAM] = {8, "team", FT_TEXT, FF_SHARED | FF_FILTER | FF_SORT, .max = 40,
                         .zh = "小组", .en = "Group"},
    [DEPLOYMENT_DUTIES] = {9, "duties", FT_TAGS, FF_SHARED, .choices = duties, .zh = "任务",
                           .en = "Duties"},
    [DEPLOYMENT_PLANNED_FROM] = {10, "planned_from", FT_DATE, FF_SORT | FF_FILTER, .zh = "计划开始",
                                 .en = "Planned from"},
    [DEPLOYMENT_PLANNED_TO] = {11, "planned_to", FT_DATE, .zh = "计划结束", .en = "Planned to"},
    [DEPLOYMENT_REPORTED_ON] = {12, "reported_on", FT_DATE, FF_SORT | FF_FILTER | FF_INDEX,
                                .zh = "报到日期", .en = "Reported on"},
    [DEPLOYMENT_RELEASED_ON] = {13, "released_on", FT_DATE, FF_SORT | FF_FILTER, .zh = "离岗日期",
                                .en = "Released on"},
    [DEPLOYMENT_RELEASE_REASON] = {14, "release_reason", FT_ENUM, FF_FILTER,
                                   .choices = release_reasons, .zh = "离岗原因",
                                   .en = "Release reason"},
    [DEPLOYMENT_FEEDBACK] = {15, "feedback", FT_LONGTEXT, .max = 1000, .zh = "社区评价",
                             .en = "Community's feedback"},
    [DEPLOYMENT_FEEDBACK_ON] = {16, "feedback_on", FT_DATE, .zh = "反馈单位日期",
                                .en = "Feedback given on"},
    [DEPLOYMENT_REMARK] = {17, "remark", FT_LONGTEXT, FF_SHARED, .max = 500, .zh = "备注",
                           .en = "Remark"},
};
static const struct state deployment_states[] = {{"planned", "待报到", "Planned"},
                                                 {"reported", "在岗", "Reported"},
                                                 {"released", "已离岗", "Released"},
                                                 {"cancelled", "已取消", "Cancelled"},
                                                 {0}};
static const struct transition deployment_transitions[] = {
    {"report", "报到", "Report", "planned", "reported", .needs = "reported_on",
     .takes = "slip_no team duties", .right = "deployment.report"},
    {"release", "离岗", "Release", "reported", "released", .needs = "released_on release_reason",
     .takes = "remark", .right = "deployment.report", .flags = TR_ONLINE},
    {"feedback", "评价反馈", "Give feedback", "reported released", .needs = "feedback feedback_on",
     .right = "deployment.report"},
    {"cancel", "取消", "Cancel", "planned", "cancelled", .flags = TR_REASON | TR_ONLINE},
    {"correct", "更正", "Correct", "reported released",
     .takes = "reported_on released_on release_reason feedback feedback_on",
     .right = "deployment.report", .flags = TR_CORRECTS | TR_REASON},
    {0}};
static const struct frozen deployment_frozen[] = {
    {"released", "planned_from planned_to", NULL}, {"cancelled", "*", "remark"}, {0}};
static const struct screen deployment_screen = {
    .group = "people",
    .order = 30,
    .zh = "下沉",
    .en = "Deployments",
    .columns = "responder sender unit route batch slip_no reported_on released_on",
    .sort = "-reported_on",
    .good = "reported",
    .wait = "planned"};

/* Counted where they come from, but for those who are there; from the day on which they reported.
 */
#define CAME "state=reported,released"
#define SENT_COUNT(i, of, condition, ...)                                                          \
  {                                                                                                \
    .ind = &(i), .unit = "sender", .from = "reported_on", .where = CAME condition, .member = (of), \
    ##__VA_ARGS__                                                                                  \
  }
#define IN_BATCH "&batch=!null"
#define AREAS    UNIT_LEVEL_COMMUNITY " " UNIT_LEVEL_SUBDISTRICT
static const struct count deployment_counts[] = {
    SENT_COUNT(ind_seconded, "responder", "", .unit_kinds = UNIT_UNION_KINDS),
    SENT_COUNT(ind_seconded_dual, "responder", "&route=dual_checkin",
               .unit_kinds = UNIT_UNION_KINDS),
    SENT_COUNT(ind_seconded_other, "responder", "", .unit_kinds = "!" UNIT_UNION_KINDS),
    {&ind_received, .from = "reported_on", .until = "released_on", .where = CAME},
    SENT_COUNT(ind_batches, "batch", IN_BATCH),
    SENT_COUNT(ind_person_times, NULL, IN_BATCH),
    SENT_COUNT(ind_communities, "unit", IN_BATCH, .member_kinds = UNIT_LEVEL_COMMUNITY),
    SENT_COUNT(ind_subdistricts, "unit", IN_BATCH, .member_kinds = AREAS,
               .member_above = UNIT_LEVEL_SUBDISTRICT),
    SENT_COUNT(ind_agencies, "unit", IN_BATCH, .member_kinds = "!" AREAS),
    {0}};

static void deployment_check(const struct change *c, const struct record *old, struct record *rec,
                             struct problems *ps) {
  (void)old;
  dates_in_order(rec, DEPLOYMENT_PLANNED_FROM, DEPLOYMENT_PLANNED_TO, ps);
  dates_in_order(rec, DEPLOYMENT_REPORTED_ON, DEPLOYMENT_RELEASED_ON, ps);
  not_in_future(c, rec, DEPLOYMENT_REPORTED_ON, ps);
  not_in_future(c, rec, DEPLOYMENT_RELEASED_ON, ps);
}

QUERY(q_deployment_open,
      "SELECT d.id, d.unit FROM deployment d WHERE d.responder = $1 AND d.retired = 0 "
      "AND d.state = 'reported' AND d.id <> $2 LIMIT 1");
QUERY(q_batch_sender, "SELECT sender, state FROM batch WHERE id = $1");
QUERY(q_responder_employer, "SELECT employer FROM responder WHERE id = $1");

static int batch_fits(struct tx *tx, const struct record *rec, struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  if (rec_null(rec, DEPLOYMENT_BATCH)) return 0;
  int r = cur_open(tx, &q_batch_sender, P(V_UUID(rec_uuid(rec, DEPLOYMENT_BATCH))), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r;
  if (cur_i64(cur, 0) != rec_i64(rec, DEPLOYMENT_SENDER))
    problem_rule(ps, S("batch"), S("批次属于另一派出单位"),
                 S("the batch belongs to another sending unit"));
  if (str_is(cur_text(cur, 1), "cancelled")) problem_add(ps, PROBLEM_retired, S("batch"));
  return 0;
}

static int one_place_at_a_time(struct tx *tx, struct change *c, const struct record *rec,
                               struct problems *ps, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = cur_open(tx, &q_deployment_open,
                   P(V_UUID(rec_uuid(rec, DEPLOYMENT_RESPONDER)), V_UUID(rec->id)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r <= 0) return r;
  const struct unit_row *u = unit_by_no(c->viewer->tree, (int32_t)cur_i64(cur, 1));
  const struct str at = u ? u->name : S("?");
  problem_rule(ps, S("responder"),
               arena_printf(ps->a, "该人员已在“" STR_FMT "”报到，须先办理离岗", STR_ARG(at)),
               arena_printf(ps->a, "has reported at " STR_FMT ": release first", STR_ARG(at)));
  return 0;
}

static int deployment_apply(struct tx *tx, struct change *c, const struct record *old,
                            struct record *rec, struct problems *ps, struct err *e) {
  int r = 0;
  if (!old && rec_null(rec, DEPLOYMENT_SENDER)) {
    int64_t employer = 0;
    r = tx_i64(tx, &q_responder_employer, P(V_UUID(rec_uuid(rec, DEPLOYMENT_RESPONDER))), &employer,
               e);
    if (r == -E_NOROW) return 0; /* said already: the reference does not exist */
    if (r < 0) return r;
    rec_set(rec, DEPLOYMENT_SENDER, V_I64(employer));
  }
  if (!old || c->given[DEPLOYMENT_BATCH]) r = batch_fits(tx, rec, ps, e);
  const bool reports = str_is(rec->state, "reported") && (!old || !str_is(old->state, "reported"));
  if (r >= 0 && reports) {
    r = one_place_at_a_time(tx, c, rec, ps, e);
    if (r >= 0 && rec_null(rec, DEPLOYMENT_SLIP)) {
      /* 报到单: the receiving unit's code, and the record's own end */
      const struct unit_row *u = unit_by_no(c->viewer->tree, rec_unit(rec, DEPLOYMENT_UNIT));
      char id[UUID_TEXT];
      uuid_format(&rec->id, id);
      rec_set(
          rec, DEPLOYMENT_SLIP,
          V_TEXT(arena_printf(c->a, "BD-" STR_FMT "-%.6s", STR_ARG(u ? u->code : S("")), id + 30)));
    }
  }
  return r;
}

/* Where someone serves now is kept with him, so that those he serves may see him. */
static int deployment_applied(struct tx *tx, struct change *c, const struct record *old,
                              const struct record *rec, struct err *e) {
  const bool was = old && str_is(old->state, "reported");
  const bool is = str_is(rec->state, "reported") && !rec->retired;
  if (was == is) return 0;
  struct change *in = change_make(c->a, c->en, c->viewer, &responder_kind, CHANGE_UPDATE);
  in->id = rec_uuid(rec, DEPLOYMENT_RESPONDER);
  change_set(in, RESPONDER_SERVING, is ? V_I64(rec_i64(rec, DEPLOYMENT_UNIT)) : V_NULL);
  return change_within(tx, c, in, e);
}

const struct kind deployment_kind = {
    KIND(23, "deployment", "deployments", "下沉派驻", "Deployment", deployment_fields),
    .screen = &deployment_screen,
    .flags = KF_SYNC,
    .ends = "released cancelled",
    .states = deployment_states,
    .frozen = deployment_frozen,
    .transitions = deployment_transitions,
    .check = deployment_check,
    .apply = deployment_apply,
    .applied = deployment_applied,
    .counts = deployment_counts};
