#include "domain/enterprises/enterprises.h"
#include "api/page.h"
#include "domain/enterprises/contact.h"
#include "domain/enterprises/filing.h"
#include "domain/enterprises/guidance.h"
#include "domain/enterprises/responsibilities.h"
#include "domain/enterprises/resumption_step.h"
#include "domain/enterprises/shipped.h"

static const struct kind *const kinds[] = {
    &enterprise_kind, &enterprise_contact_kind, &resumption_step_kind,
    &checklist_kind,  &checklist_item_kind,     &filing_kind,
    &guidance_kind,   &responsibility_kind,     NULL};
static const struct indicator *const indicators[] = {
    &ind_ent_total, &ind_ent_planned, &ind_ent_guided, &ind_ent_resumed, &ind_ent_permille, NULL};
static const struct alarm_type *const alarms[] = {&alarm_filing_unchecked, &alarm_filing_undecided,
                                                  NULL};
static const char *const rights[] = {"enterprise.link", "filing.file", "filing.check",
                                     "filing.accept", NULL};

#define READ                                                                                       \
  "enterprise.read enterprise_contact.read resumption_step.read checklist.read filing.read "       \
  "guidance.read responsibility.read "
#define NAMES "enterprise.names enterprise_contact.names "
#define OFFICE                                                                                     \
  "enterprise.* -enterprise.retire enterprise_contact.* filing.create filing.update filing.file "  \
  "filing.check guidance.* responsibility.* "
static const struct role_grant grants[] = {
    {"auditor", READ},
    {"city_duty", READ NAMES OFFICE "enterprise.retire checklist.* filing.accept "},
    {"district_duty", READ NAMES OFFICE "enterprise.retire checklist.* filing.accept "},
    {"coordinator", READ NAMES OFFICE "filing.accept "},
    {"lead", READ NAMES},
    {"viewer", READ},
    {0}};

static const struct route routes[] = {
    {HTTP_GET, "/api/v1/enterprises/unanswered", "responsibility.read", .answer = unanswered_get,
     .zh = "四方责任有空缺的企业", .en = "enterprises where one of the four parties is empty",
     .query = "unit date?:date party? q? after? limit?:int", .gives = "Unanswered"},
    {HTTP_POST, "/api/v1/hazards/:id/register", "enterprise.create", .handle = gap_register,
     .zh = "将盲点企业纳入台账",
     .en = "puts the enterprise found on the register, which fixes the gap",
     .takes = "EnterpriseChange", .gives = "enterprise:id gap:id state warnings?:FieldProblem[]"},
    {HTTP_POST, "/api/v1/prevention-gaps/:id/register", "enterprise.create", .handle = gap_register,
     .zh = "将盲点企业纳入台账",
     .en = "puts the enterprise found on the register, which fixes the gap",
     .takes = "EnterpriseChange", .gives = "enterprise:id gap:id state warnings?:FieldProblem[]"},
    {HTTP_GET, "/api/v1/filings/form", "filing.read", .answer = filing_form_get,
     .zh = "复工备案的表", .en = "the checklists in force for an enterprise, and its open filing",
     .query = "enterprise:id date?:date", .gives = "FilingForm"},
    {HTTP_GET, "/api/v1/shipped", "return_template.read", .flags = ROUTE_SHORT,
     .answer = shipped_list_get, .zh = "随产品提供的模板与清单",
     .en = "templates and checklists that come along", .gives = "items:Shipped[]"},
    {HTTP_POST, "/api/v1/shipped/:code/take", "return_template.create", .handle = shipped_take_post,
     .zh = "取用随产品提供的模板或清单",
     .en = "puts a shipped template or checklist into the operation",
     .takes = "unit valid_from?:date parameters?:object publish?:bool", .gives = "id:id kind"},
    {0}};

static const struct shape shapes[] = {
    {"Unanswered",
     "day:date counts:{enterprises:int unanswered:int locality:int department:int employer:int "
     "individual:int} items:{enterprise:Enterprise "
     "empty:('locality'|'department'|'employer'|'individual')[]}[] next:id|null"},
    {"FilingForm", "day:date enterprise:Enterprise open:Filing|null choices:{checklist:Checklist "
                   "items:ChecklistItem[] more:bool}[]"},
    {"Shipped", "code kind name_zh name_en source_zh source_en valid_from:text|null fields:int "
                "boxes:int checks:int parameters:{...Label name what_zh what_en}[]|null"},
    {0}};

static const struct page_section sections[] = {
    {"enterprises", "contacts", "联系人", "Contacts", 10, "enterprise_contact.read",
     "enterprise-contacts", .by = "enterprise"},
    {"enterprises", "gaps", "防控盲点", "Gaps in prevention", 40, "hazard.read", "hazards",
     .by = "enterprise", .sort = "-found_on"},
    {"enterprises", "steps", "复工进程", "Steps back to work", 50, "resumption_step.read",
     "resumption-steps", .by = "enterprise", .sort = "-day"},
    {"enterprises", "filings", "复工备案", "Filings", 60, "filing.read", "filings",
     .by = "enterprise", .sort = "-planned_on"},
    {"enterprises", "guidance", "复工指导", "Guidance given", 70, "guidance.read", "guidances",
     .by = "enterprise", .sort = "-day"},
    {"enterprises", "responsibilities", "四方责任", "Who answers for what", 80,
     "responsibility.read", "responsibilities", .write = parties_section},
    {"buildings", "gaps", "防控盲点", "Gaps in prevention", 15, "hazard.read", "hazards",
     .by = "building", .sort = "-found_on"},
    {0}};

const struct module enterprises_module = {MODULE("enterprises", "企业", "Enterprises"),
                                          .kinds = kinds,
                                          .indicators = indicators,
                                          .alarms = alarms,
                                          .routes = routes,
                                          .shapes = shapes,
                                          .grants = grants,
                                          .rights = rights,
                                          .sections = sections};
