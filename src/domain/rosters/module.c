#include "domain/rosters/roster_api.h"
#include "domain/units/units.h"

#define INDICATOR(id, number, name, how, what, zh_name, en_name, zh_def, en_def, k, f, d, ...)     \
  const struct indicator id = {.no = (number),                                                     \
                               .code = (name),                                                     \
                               .zh = (zh_name),                                                    \
                               .en = (en_name),                                                    \
                               .zh_definition = (zh_def),                                          \
                               .en_definition = (en_def),                                          \
                               .measure = (what),                                                  \
                               .type = (how),                                                      \
                               .kind = (k),                                                        \
                               .filter = (f),                                                      \
                               .date_field = (d),                                                  \
                               ##__VA_ARGS__}

INDICATOR(
    ind_seconded, 1, "people.seconded", IND_DISTINCT, "people", "工会系统下沉人数",
    "People seconded by unions",
    "派出单位为工会的已报到派驻所涉及的不同人数，累计到当日；一人多次只计一次",
    "Distinct people with a reported deployment whose sending unit is a union unit, up to the "
    "date; a person counts once",
    "deployment", "state=reported,released", "reported_on", .unit_field = "sender",
    .unit_kinds = UNIT_UNION_KINDS);
INDICATOR(ind_seconded_dual, 2, "people.seconded_dual", IND_DISTINCT, "people", "其中双报到人数",
          "of these by dual check-in", "其中至少有一次以双报到方式派驻的不同人数",
          "Those with at least one deployment by dual check-in", "deployment",
          "state=reported,released&route=dual_checkin", "reported_on", .unit_field = "sender",
          .unit_kinds = UNIT_UNION_KINDS);
INDICATOR(ind_seconded_other, 3, "people.seconded_other", IND_DISTINCT, "people",
          "其他单位下沉人数", "People seconded by others",
          "派出单位不是工会（委办局、办事处、志愿者组织等）的不同人数",
          "Distinct people sent by units that are not unions", "deployment",
          "state=reported,released", "reported_on", .unit_field = "sender",
          .unit_kinds = "!" UNIT_UNION_KINDS);
INDICATOR(ind_received, 4, "people.received", IND_STATE, "people", "在岗下沉人数",
          "People deployed here", "当日结束时派驻在本单位及下属单位的人数",
          "People deployed to units of the subtree at the day's end", "deployment",
          "state=reported,released", "reported_on");
INDICATOR(ind_due, 5, "people.due", IND_FLOW, "person_times", "应到", "Due",
          "当日排班人次 = 在岗 + 迟到 + 请假或体温异常 + 缺勤 + 未联系上",
          "The day's assignments = present + late + excused + absent + not heard from",
          "assignment", "state=due,present,late,excused,absent", "date");
INDICATOR(ind_present, 6, "people.present", IND_FLOW, "person_times", "按时到岗", "Present",
          "班次开始前已签到", "Signed in by the start of the shift", "assignment", "state=present",
          "date");
INDICATOR(ind_late, 7, "people.late", IND_FLOW, "person_times", "迟到", "Late", "班次开始后签到",
          "Signed in after the start", "assignment", "state=late", "date");
INDICATOR(ind_excused, 8, "people.excused", IND_FLOW, "person_times", "请假或体温异常", "Excused",
          "请假，或体温达到阈值不得上岗", "On leave, or kept off by temperature", "assignment",
          "state=excused", "date");
INDICATOR(ind_absent, 9, "people.absent", IND_FLOW, "person_times", "缺勤", "Absent",
          "已记缺勤，或宽限期后有联系而未签到",
          "Marked absent, or heard from after the grace without signing in", "assignment",
          "state=absent", "date");
INDICATOR(ind_unheard, 10, "people.unheard", IND_FLOW, "person_times", "未联系上", "Not heard from",
          "以上都不是：没有任何消息", "None of these: no word at all", "assignment", "state=due",
          "date");
INDICATOR(ind_batches, 11, "deploy.batches", IND_DISTINCT, "batches", "派出批次", "Batches sent",
          "有人报到的批次数，累计，按派出单位",
          "Batches with reported deployments, cumulative, by sending unit", "deployment",
          "state=reported,released&batch=!null", "reported_on", .unit_field = "sender");
INDICATOR(ind_person_times, 12, "deploy.person_times", IND_STATE, "person_times", "派出人次",
          "Person-times sent", "批次内已报到的派驻次数，累计；与人数不可混用",
          "Reported deployments within batches, cumulative; never to be mixed with people",
          "deployment", "state=reported,released&batch=!null", "reported_on",
          .unit_field = "sender");
INDICATOR(ind_planned, 13, "deploy.planned", IND_STATE, "people", "计划派出人数",
          "Planned strength", "已派出批次的计划人数之和；与实到分开",
          "Planned strength of dispatched batches, summed; apart from the actual", "batch",
          "state=dispatched,closed", "dispatched_on");
INDICATOR(ind_subdistricts, 14, "deploy.subdistricts", IND_DISTINCT, "units", "涉及街道（乡镇）",
          "Subdistricts reached", "批次派驻涉及的不同街道（乡镇、地区）",
          "Distinct subdistricts that received them", "deployment",
          "state=reported,released&batch=!null", "reported_on", .unit_field = "sender");
INDICATOR(ind_communities, 15, "deploy.communities", IND_DISTINCT, "units", "涉及社区（村）",
          "Communities reached", "批次派驻涉及的不同社区（村）",
          "Distinct communities that received them", "deployment",
          "state=reported,released&batch=!null", "reported_on", .unit_field = "sender");
INDICATOR(ind_agencies, 16, "deploy.agencies", IND_DISTINCT, "units", "涉及机关单位",
          "Agencies reached", "批次派驻涉及的其他单位（如卫健委）",
          "Distinct other units that received them (the Health Commission, say)", "deployment",
          "state=reported,released&batch=!null", "reported_on", .unit_field = "sender");

const struct alarm_type alarm_sign_in_hot = {
    .no = 1,
    .code = "sign_in_hot",
    .zh = "{subject} 签到体温 {value}℃，未上岗，请安排替岗",
    .en = "{subject}: {value} °C at sign-in, kept off the post; arrange a replacement",
    .owner_role = "lead",
    .escalate_ms = 30 * MS_MINUTE,
    .severity = 3};
const struct alarm_type alarm_no_show = {.no = 2,
                                         .code = "no_show",
                                         .zh = "{subject} 未按时到岗（{value}）",
                                         .en = "{subject} did not come to the post ({value})",
                                         .owner_role = "lead",
                                         .escalate_ms = 60 * MS_MINUTE,
                                         .severity = 2};

static const struct kind *const kinds[] = {
    &responder_kind,      &batch_kind, &pairing_kind,    &deployment_kind, &post_kind,
    &shift_template_kind, &shift_kind, &assignment_kind, &sign_in_kind,    NULL};
static const struct indicator *const indicators[] = {
    &ind_seconded, &ind_seconded_dual, &ind_seconded_other, &ind_received,
    &ind_due,      &ind_present,       &ind_late,           &ind_excused,
    &ind_absent,   &ind_unheard,       &ind_batches,        &ind_person_times,
    &ind_planned,  &ind_subdistricts,  &ind_communities,    &ind_agencies,
    NULL};
static const struct alarm_type *const alarms[] = {&alarm_sign_in_hot, &alarm_no_show, NULL};
static const char *const rights[] = {"sign_in.on_behalf", "roster.read", "photo.read",
                                     "figures.read", NULL};

#define ROSTER_READ                                                                                \
  "roster.read figures.read responder.read deployment.read batch.read "                            \
  "pairing.read post.read shift_template.read shift.read assignment.read "                         \
  "sign_in.read "
#define NAMES "responder.names "
static const struct role_grant grants[] = {
    {"auditor", ROSTER_READ},
    {"city_duty", ROSTER_READ NAMES
     "responder.* deployment.* -deployment.retire batch.* pairing.* "
     "post.* shift_template.* shift.* assignment.* -assignment.by_sign_in sign_in.*"},
    {"district_duty", ROSTER_READ NAMES "responder.* deployment.* -deployment.retire batch.* "
                                        "pairing.* post.* shift_template.* shift.* assignment.* "
                                        "-assignment.by_sign_in sign_in.*"},
    {"coordinator",
     ROSTER_READ NAMES "responder.create responder.update responder.import "
                       "responder.export responder.reveal deployment.create deployment.update "
                       "deployment.report batch.* pairing.* post.* shift_template.* shift.* "
                       "assignment.* -assignment.by_sign_in sign_in.create sign_in.on_behalf"},
    {"lead", ROSTER_READ NAMES
     "responder.reveal responder.create responder.update "
     "deployment.report post.create post.update post.import shift_template.* shift.* "
     "assignment.* -assignment.by_sign_in sign_in.create sign_in.on_behalf photo.read"},
    {"secondee", "post.read shift.read assignment.read sign_in.create sign_in.read responder.read "
                 "responder.names"},
    {"viewer", ROSTER_READ},
    {0}};

static int start(struct app *app, struct err *e) {
  int r = posts_start(app, e);
  if (r >= 0) r = presence_start(app, e);
  return r < 0 ? r : silent_start(app, e);
}

const struct module rosters_module = {.name = "rosters",
                                      .zh = "下沉与值守",
                                      .en = "Deployment and rosters",
                                      .kinds = kinds,
                                      .tables = photo_tables,
                                      .indicators = indicators,
                                      .routes = roster_routes,
                                      .jobs = roster_jobs,
                                      .alarms = alarms,
                                      .grants = grants,
                                      .rights = rights,
                                      .start = start,
                                      .stop = posts_stop};
