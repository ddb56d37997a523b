#include "domain/rosters/roster_api.h"
#include "domain/units/units.h"

static const struct kind *const kinds[] = {
    &responder_kind,      &batch_kind, &pairing_kind,    &deployment_kind, &post_kind,
    &shift_template_kind, &shift_kind, &assignment_kind, &sign_in_kind,    NULL};
static const struct indicator *const indicators[] = {
    &ind_seconded,     &ind_seconded_dual, &ind_seconded_other,
    &ind_received,     &ind_due,           &ind_present,
    &ind_late,         &ind_excused,       &ind_absent,
    &ind_unheard,      &ind_upcoming,      &ind_batches,
    &ind_person_times, &ind_planned,       &ind_subdistricts,
    &ind_communities,  &ind_agencies,      NULL};
static const struct alarm_type *const alarms[] = {&alarm_sign_in_hot, &alarm_no_show, NULL};
static const char *const rights[] = {
    "sign_in.on_behalf", "roster.read",           "photo.read", "figures.read",
    "deployment.report", "assignment.by_sign_in", NULL};

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

static const struct shape shapes[] = {
    {"PolicyValues", "*:number"},
    {"DayRights", "sign_in:bool on_behalf:bool gate:bool"},
    {"MyDay",
     "now:moment today:date user:User operation:OperationHead|null may:DayRights "
     "policy:PolicyValues assignments:Assignment[] gates:Post[] gates_more:bool todo:Todo"},
    {"DeviceDay",
     "...DeviceFacts today:date operation:OperationHead|null policy?:PolicyValues "
     "policies?:{*:PolicyValues} posts:Post[] shifts:Shift[] assignments:Assignment[]"},
    {0}};

const struct module rosters_module = {MODULE("rosters", "下沉与值守", "Deployment and rosters"),
                                      .kinds = kinds,
                                      .tables = photo_tables,
                                      .indicators = indicators,
                                      .routes = roster_routes,
                                      .shapes = shapes,
                                      .jobs = roster_jobs,
                                      .alarms = alarms,
                                      .grants = grants,
                                      .rights = rights,
                                      .snapshots = roster_snapshots,
                                      .start = silent_start};
