#include "domain/daily_returns/clerk.h"
#include "domain/daily_returns/daily_returns.h"
#include "api/page.h"
#include "base/limits.h"
#include "output/xlsx_write.h"
#include "domain/daily_returns/buildings.h"
#include "domain/daily_returns/chase_note.h"
#include "domain/daily_returns/consolidation.h"
#include "domain/daily_returns/prefill.h"
#include "domain/daily_returns/remind.h"
#include "domain/daily_returns/return_version.h"
#include "domain/daily_returns/returns_api.h"
#include "domain/daily_returns/sent_back.h"
#include "domain/daily_returns/staff_line.h"
#include "domain/daily_returns/return_intake.h"

static const struct kind *const kinds[] = {&daily_return_kind,  &return_version_kind,
                                           &staff_line_kind,    &chase_note_kind,
                                           &consolidation_kind, NULL};
static const struct indicator *const indicators[] = {
    &ind_daily_due,  &ind_daily_submitted, &ind_daily_missing, &ind_daily_nil,
    &ind_daily_late, &ind_daily_phone,     &ind_daily_qq,      &ind_daily_wechat,
    &ind_daily_mail, &ind_daily_link,      &ind_staff_total,   &ind_staff_hubei,
    &ind_staff_away, &ind_staff_returned,  &ind_staff_present, NULL};
static const char *const rights[] = {"return_template.publish",
                                     "daily_return.by_system",
                                     "daily_return.review",
                                     "consolidation.check",
                                     "consolidation.accept",
                                     "consolidation.lock",
                                     NULL};

#define READ "daily_return.read staff_line.read chase_note.read consolidation.read "
#define OFFICE                                                                                     \
  "staff_line.create staff_line.update staff_line.reveal chase_note.create daily_return.create "   \
  "daily_return.review consolidation.create consolidation.check "
static const struct role_grant grants[] = {
    {"auditor", READ},
    {"city_duty", READ OFFICE "consolidation.accept consolidation.lock daily_return.export"},
    {"district_duty", READ OFFICE "consolidation.accept consolidation.lock daily_return.export"},
    {"coordinator", READ OFFICE "consolidation.accept consolidation.lock daily_return.export"},
    {"lead", READ "chase_note.create daily_return.create "},
    {"viewer", READ},
    {0}};

static const struct alarm_type *const alarms[] = {&alarm_returns_missing, NULL};
static const struct message_topic *const topics[] = {&topic_return_reminder, &topic_returns_missing,
                                                     &topic_return_sent_back, NULL};

static int due_list(struct rq *rq, struct jw *w, struct err *e) {
  return duty_list(rq, &returns_duty, w, e);
}

static const struct route routes[] = {
    {HTTP_GET, "/api/v1/enterprises/due", "daily_return.read", .answer = due_list,
     .zh = "应报企业（默认未报）",
     .en = "who is due that day, by name; the missing ones unless told otherwise",
     .query = "unit? date?:date status? template? building? caller? channel? q? after? limit?:int "
              "sort? count?",
     .gives = "items:DueReturn[] next:text|null total?:int"},
    {HTTP_GET, "/api/v1/enterprises/:id/return", "daily_return.read", .answer = return_form_get,
     .zh = "一家企业当日的表", .en = "one enterprise's form of a day, prefilled",
     .query = "date?:date template?", .gives = "...ReturnPage lines:StaffLine[]"},
    {HTTP_POST, "/api/v1/enterprises/:id/link", "enterprise.link", .handle = enterprise_link,
     .zh = "企业填报链接", .en = "the link by which an enterprise reports without an account",
     .takes = "", .gives = "ClerkLink"},
    {HTTP_POST, "/api/v1/enterprises/letters", "enterprise.link", .runs = RUNS_WORKER,
     .time_ms = 2 * MS_MINUTE, .answer = enterprise_letters, .zh = "填报码通知单",
     .en = "letters or sheets of codes with enterprises' links",
     .takes = "ids?:id[] building?:id unit? form?:'letter'|'sheet'",
     .gives = "file:application/pdf"},
    {HTTP_POST, "/api/v1/daily-returns", "daily_return.create", .handle = return_post, .zh = "代报",
     .en = "a return taken by telephone, mail or chat",
     .takes = "...ReturnGiven enterprise:id channel? taker?:id reminder_given?:bool prevention?",
     .gives = "ReturnTaken"},
    {HTTP_GET, "/api/v1/return-templates/burden", "daily_return.read", .answer = burden_get,
     .zh = "填报负担：当日要填多少格", .en = "how many boxes are to be filled by hand that day",
     .query = "unit date?:date", .gives = "Burden"},
    {HTTP_GET, "/api/v1/consolidations/beside", "daily_return.read", .answer = after_lock_get,
     .zh = "锁定之后报来的", .en = "what arrived after the day was locked, by enterprise",
     .query = "unit? date?:date template? after? limit?:int",
     .gives = "day:date total:int items:LateReturn[] next:id|null"},
    {HTTP_GET, "/api/v1/enterprises/rates", "enterprise.read", .answer = rates_get,
     .zh = "复工率：企业、楼宇、职工",
     .en = "rates of enterprises, buildings and staff back at work", .query = "unit date?:date",
     .gives = "day:date enterprises:Rate buildings:Rate staff:StaffRate"},
    {HTTP_GET, "/api/v1/enterprises/buildings", "enterprise.read", .answer = buildings_get,
     .zh = "楼宇（园区）：复工、报送、盲点、双楼长",
     .en = "buildings and parks: who is back, who has reported, gaps, both heads",
     .query = "unit date?:date after? limit?:int", .gives = "day:date items:House[] next:id|null"},
    {HTTP_GET, "/api/v1/daily-returns/forms", "daily_return.create", .flags = ROUTE_SHORT,
     .answer = return_forms, .zh = "当日的报表",
     .en = "the forms in force that day where you take returns", .query = "date?:date",
     .gives = "items:FormName[]"},
    {HTTP_POST, "/api/v1/daily-returns/paste", "daily_return.create",
     .body_limit = LIMIT_BODY_IMPORT, .runs = RUNS_WORKER, .time_ms = 2 * MS_MINUTE,
     .answer = return_paste, .zh = "接龙预览",
     .en = "a chat relay read row by row; nothing is kept", .takes = "text day?:date template?",
     .gives = "Reading"},
    {HTTP_POST, "/api/v1/daily-returns/sheet", "daily_return.create", .flags = ROUTE_UNTYPED,
     .body_limit = LIMIT_BODY_IMPORT, .runs = RUNS_WORKER, .time_ms = 2 * MS_MINUTE,
     .answer = return_sheet, .zh = "日报表格预览",
     .en = "a sheet of returns that came by mail, read row by row; nothing is kept",
     .query = "date?:date template?", .takes = "file:" XLSX_TYPE " text/csv", .gives = "Reading"},
    {HTTP_POST, "/api/v1/daily-returns/take", "daily_return.create",
     .body_limit = LIMIT_BODY_IMPORT, .runs = RUNS_WORKER, .time_ms = 2 * MS_MINUTE,
     .answer = return_take, .zh = "成批代报",
     .en = "takes the rows that somebody has looked at; `dry` only judges them again",
     .takes = "day?:date template? channel rows:TakenRow[] dry?:bool filename?",
     .gives = "...Reading import?:id|null taken?:int again?:int refused?:int"},
    {HTTP_GET, "/api/v1/returns/:token", NULL, .flags = ROUTE_PUBLIC, .answer = link_form,
     .zh = "企业自填：表", .en = "the clerk's form, by link", .query = "date?:date",
     .gives = "...ReturnPage lines:OwnLine[]"},
    {HTTP_POST, "/api/v1/returns/:token", NULL, .flags = ROUTE_PUBLIC, .handle = link_submit,
     .zh = "企业自填：报送", .en = "the clerk's return, by link", .takes = "ReturnGiven",
     .gives = "ReturnTaken"},
    {HTTP_POST, "/api/v1/returns/:token/lines", NULL, .flags = ROUTE_PUBLIC,
     .handle = link_line_add, .zh = "企业自填：增加人员", .en = "a further staff line, by link",
     .takes = "OwnLineGiven", .gives = "id:id rev:int"},
    {HTTP_PATCH, "/api/v1/returns/:token/lines/:id", NULL, .flags = ROUTE_PUBLIC,
     .handle = link_line_change, .zh = "企业自填：更新人员", .en = "a staff line, by link",
     .takes = "OwnLineGiven", .gives = "id:id rev:int"},
    {0}};

static const struct shape shapes[] = {
    {"ReturnValues", "*:int|text|bool|null"},
    {"ReturnField",
     "...Label code definition_zh definition_en group_zh:text|null "
     "group_en:text|null type:'count'|'text'|'bool'|'date'|'choice' "
     "source:'typed'|'staff_lines'|'enterprise'|'formula' key:text|null required:bool carries:bool "
     "max?:int choices?:text[] value:int|text|bool|null"},
    {"ReturnCheck", "...Label level:'hard'|'soft' left operator:'eq'|'le'|'ge' right"},
    {"ReturnForm", "template version:int name name_en:text|null note:text|null deadline:moment "
                   "cutoff:moment levels:{*:moment} fields:ReturnField[] checks:ReturnCheck[] "
                   "yesterday:ReturnValues|null before:bool return:DailyReturn|null"},
    {"ReturnPage", "enterprise:Enterprise day:date now:moment forms:ReturnForm[]"},
    {"OwnLineGiven", "rev?:int id?:id name? hubei?:text|null left_on?:date|null place?:text|null "
                     "back_on?:date|null isolating_until?:date|null at_work_on?:date|null "
                     "plan_back_on?:date|null ended_on?:date|null note?:text|null"},
    {"OwnLine",
     "id:id rev:int name:text|null hubei:text|null left_on:date|null place:text|null "
     "back_on:date|null isolating_until:date|null at_work_on:date|null plan_back_on:date|null"},
    {"ReturnGiven", "id?:id template? day?:date values?:object nil?:bool no_change?:bool "
                    "draft?:bool note? dry?:bool"},
    {"ReturnTaken", "id:id receipt:text|null version:int late:bool beside:bool replayed?:bool "
                    "values:ReturnValues|null warnings?:FieldProblem[]"},
    {"DueReturn",
     "return:DailyReturn enterprise:Enterprise|null chase:ChaseNote|null "
     "reminders:{n:int at:moment state:'queued'|'sent'|'dead'|'cancelled'|'unreachable'}|null"},
    {"ClerkLink", "token path url valid_to:date svg"},
    {"Burden",
     "day:date enterprises:int due:int boxes:int one_tap:int templates:{id:id template version:int "
     "name name_en:text|null typed:int counted:int optional:int known:int summed:int due:int "
     "boxes:int one_tap:int}[] callers:{caller:Ref|null due:int boxes:int}[]"},
    {"LateReturn", "id:id return:id enterprise:Ref template number:int receipt:text|null "
                   "channel:text|null at:moment"},
    {"Rate", "part:int of:int permille:int|null"},
    {"StaffRate", "...Rate returns:int silent:int"},
    {"House", "building:Building resumed:Rate returns:{due:int missing:int} gaps:{open:int "
              "overdue:int} heads:{property:BuildingHead|null community:BuildingHead|null}"},
    {"FormName", "code version:int name name_en:text|null"},
    {"NamedEnterprise", "id:id name address:text|null"},
    {"ReadRow",
     "n:int number:int text:text|null name:text|null "
     "status:'nothing'|'unknown'|'several'|'repeated'|'taken'|'same'|'wrong'|'check'|'ready' "
     "enterprise:NamedEnterprise|null "
     "by:text|null candidates:NamedEnterprise[] values:ReturnValues filled:ReturnValues|null "
     "stands:ReturnValues|null nil:bool no_change:bool ditto:bool correction:bool note:text|null "
     "unclear:text[] rest:text[] inferred:text[] repeated_by:int|null receipt? version?:int "
     "late?:bool beside?:bool problems:FieldProblem[]"},
    {"Reading",
     "day:date template fields:{...Label code type:'count'|'other' formula:bool}[] "
     "counts:{nothing:int unknown:int several:int repeated:int taken:int same:int wrong:int "
     "check:int ready:int} heading_lines:int more:bool rows:ReadRow[] totals:{row:int label "
     "column says:int sum:int differs:int}[] problems:FieldProblem[]"},
    {"TakenRow", "enterprise:id|null n?:int number?:int values?:object stands?:object|null text? "
                 "name? note? nil?:bool no_change?:bool looked?:bool again?:bool"},
    {0}};

static const struct page_section sections[] = {
    {"enterprises", "returns", "近14天日报", "Returns of the last 14 days", 20, "daily_return.read",
     "daily-returns", .by = "enterprise", .sort = "-day", .where = "day=today-13", .limit = 60},
    {"enterprises", "chase", "催报记录", "Chase notes", 30, "chase_note.read", "chase-notes",
     .by = "enterprise", .sort = "-day"},
    {"enterprises", "messages", "外发消息", "Messages sent", 35, "outbox_message.read",
     "outbox-messages", .write = messages_section},
    {"buildings", "enterprises", "楼内企业", "Enterprises of the building", 18, "enterprise.read",
     "enterprises", .write = building_section},
    {0}};

static const struct duty *const duties[] = {&returns_duty, NULL};

static const struct intake *const intakes[] = {&returns_intake, NULL};
static const struct link_purpose *const links[] = {&clerk_purpose, NULL};

const struct module daily_returns_module = {MODULE("daily_returns", "企业日报", "Daily returns"),
                                            .kinds = kinds,
                                            .indicators = indicators,
                                            .routes = routes,
                                            .shapes = shapes,
                                            .duties = duties,
                                            .grants = grants,
                                            .rights = rights,
                                            .settings = return_settings,
                                            .imports = return_imports,
                                            .alarms = alarms,
                                            .topics = topics,
                                            .sections = sections,
                                            .facts = return_facts,
                                            .links = links,
                                            .intakes = intakes};
